"""The clip of a rep: beside the typical one, as slow as was asked for, for its owner alone."""

from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import pytest
from builders.depth import a_depth
from builders.kept_reps import a_kept_rep
from builders.reports import a_squat_session, of_set, opened, squatted, wrong
from builders.systems import mode_of
from click.testing import CliRunner

from livecoach.cli.pages import clip
from livecoach.core.errors import SessionError
from livecoach.core.language import using_language
from livecoach.core.types import Correction, RepDifference
from livecoach.feedback.depth_line import SHOWN_S
from livecoach.feedback.shapes import NIGHT
from livecoach.pages.report import rep_clip
from livecoach.pages.report.content import read_report_content
from livecoach.pages.report.rep_clip import BAND, rep_caption, share_heading, write_clip
from livecoach.pages.report.report_pictures import clip_moments
from livecoach.pages.report.report_words import measurement_words

FPS = 10.0


@pytest.fixture(autouse=True)
def coarse(monkeypatch: pytest.MonkeyPatch) -> None:
    """A third of a clip's pictures, each of which is drawn and encoded."""
    monkeypatch.setattr(rep_clip, "FPS", FPS)


def clipped(
    folder: Path, number: int = 2, *, speed: float = 1.0, shared: bool = False
) -> tuple[tuple[str | None, bool], list[np.ndarray]]:
    """What a clip of a rep was made of, and its pictures."""
    session, path = opened(folder), folder.parent / "clip.mp4"
    rep = session.corrected_reps[number - 1].rep
    shares: list[float] = []
    made = write_clip(
        session, rep, path, speed=speed, blur_faces=False, shared=shared, progress=lambda _, share: shares.append(share)
    )
    assert shares == sorted(shares)
    assert shares[0] == 0.0  # told before the first picture, which takes longest
    assert mode_of(path) == 0o600
    with av.open(str(path)) as video:
        return made, [frame.to_ndarray(format="bgr24") for frame in video.decode(video=0)]


def test_a_rep_is_shown_beside_the_typical_rep(tmp_path):
    made, pictures = clipped(a_squat_session(tmp_path, [squatted(1), wrong(2)]))
    assert made == ("Set 1, rep 1", False)
    assert len(pictures) == pytest.approx((2.4 + 1.0) * FPS, abs=2)
    height, width = pictures[0].shape[:2]
    left, right = np.hsplit(pictures[0][BAND : height - 60, : width // 2 * 2], 2)
    assert left.std() > 5 < right.std()


def test_a_clip_to_share_is_upright_and_short(tmp_path, monkeypatch):
    """Ten times slower, it would last 25 s. Here it lasts 4 s at most, and for lifters 15."""
    assert rep_clip.SHARED_S == 15.0
    monkeypatch.setattr(rep_clip, "SHARED_S", 4.0)
    made, pictures = clipped(a_squat_session(tmp_path, [squatted(1), wrong(2)]), speed=0.1, shared=True)
    assert made[0] == "Set 1, rep 1"
    assert pictures[0].shape == (1280, 720, 3)
    assert 3.5 * FPS < len(pictures) <= 4 * FPS
    heading, reps = pictures[0][:260], pictures[0][500:900]
    assert heading.std() > 5 < reps.std()
    written = (np.abs(heading.astype(int) - NIGHT) > 60).any(axis=(1, 2))
    starts, ends = (np.flatnonzero(np.diff(written.astype(int)) == way) for way in (1, -1))
    assert len(starts) == 3, "exercise, cue and number stand one under the other"
    assert (starts[1:] - ends[:-1]).min() > 8


@pytest.mark.parametrize("language", ["de", "es"])
def test_a_clip_to_share_has_room_for_a_single_rep_below_a_long_heading(tmp_path, language):
    """Words in other languages are longer; the rep becomes smaller."""
    why = RepDifference(joints=("left_wrist",), phase="ascent", at_s=1.0, text="hands, just after the bottom")
    rep = squatted(1, verdict="anomalous", score=1.4, reference="own", compared_with="2026-11-23", why=why)
    with using_language(language):
        made, pictures = clipped(a_squat_session(tmp_path, [rep]), 1, speed=0.5, shared=True)
    assert made[0] is None
    assert pictures[0].shape == (1280, 720, 3)


def test_a_clip_to_share_says_what_to_do_and_the_number():
    leant = wrong(2)
    assert share_heading(leant, "Squat") == ("Squat", "Stay tall", measurement_words(leant.faults[0]))
    assert share_heading(squatted(1), "Squat") == ("Squat", "Good")


@pytest.mark.parametrize(
    ("options", "blurred"),
    [((), False), (("--blur-faces",), True), (("--share",), True), (("--share", "--show-faces"), False)],
)
def test_a_face_is_shared_only_if_asked_for(tmp_path, monkeypatch, options, blurred):
    """Who shares a clip need not think of it."""
    monkeypatch.setattr(rep_clip, "FPS", 5.0)
    folder = a_squat_session(tmp_path, [squatted(1), wrong(2)], video=True)
    covered = []
    monkeypatch.setattr(
        "livecoach.pages.report.report_pictures.blur_face", lambda picture, seen: covered.append(seen) or picture
    )
    done = CliRunner().invoke(clip, [f"{folder}:1/2", "--speed", "1", "--out", str(tmp_path / "rep.mp4"), *options])
    assert done.exit_code == 0, done.output
    assert bool(covered) is blurred


def test_half_as_fast_takes_twice_as_long():
    rep = a_kept_rep(observations=(), start_s=1.0, turn_s=2.0, end_s=3.0)
    fast, slow = (clip_moments(rep, 50, FPS, 1 / speed) for speed in (1.0, 0.5))
    assert (len(fast), len(slow)) == (20, 40)
    assert [sum(moment.frames for moment in moments if moment.frames > 1) for moments in (fast, slow)] == [FPS, FPS]


def test_the_measured_value_stands_before_the_lifters_correction(tmp_path):
    """It belongs to the verdict, not to the correction."""
    session = opened(a_squat_session(tmp_path, [squatted(1), wrong(2)]))
    entry = read_report_content(session).part_of_exercise("squat").reps[1]
    measured = measurement_words(entry.counted.faults[0])
    assert measured
    entry = replace(entry, rep=replace(entry.counted, correction=Correction(label="bad")))
    assert rep_caption(entry.rep) == ("Set 1, rep 2", f"leant forward: {measured} — you said: bad")


def test_the_line_at_the_knee_is_there_around_the_bottom(tmp_path):
    """For as long as the lifter comes down to it and leaves it, and not where the depth was not measured. Nothing is
    beside a rep without a good one."""
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    made, plain = clipped(a_squat_session(tmp_path / "a", [wrong(1)]), 1)
    _, lined = clipped(a_squat_session(tmp_path / "b", [wrong(1, standards=(a_depth(),))]), 1)
    assert made[0] is None
    changed_px = [(np.abs(a.astype(int) - b) > 60).sum() for a, b in zip(plain, lined, strict=True)]
    differs = np.array(changed_px) > 500  # the encoder changes a few
    shown = np.flatnonzero(differs)
    assert differs[shown[0] : shown[-1] + 1].all()
    assert len(shown) == pytest.approx((2 * SHOWN_S + 1.0) * FPS, abs=1)  # with the pause at the bottom


def test_a_rep_of_an_unknown_view_can_not_be_shown(tmp_path):
    folder = a_squat_session(tmp_path, [of_set(squatted(1), view=None)])
    with pytest.raises(SessionError, match=r":1/1: no observations of it are stored\. Choose another rep"):
        clipped(folder, 1)
    assert not (tmp_path / "clip.mp4").exists()
