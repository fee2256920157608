"""A set before a camera: its frames, its video and its truth."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from builders.synthetic_motion import some_settings
from builders.videos import times_of

from livecoach.core.errors import ConfigError, OutputError
from livecoach.lab.synth.figure.body_mesh import JUDGING, TRAINING
from livecoach.lab.synth.motion.tokens import parse_tokens
from livecoach.lab.synth.synthetic_set import SyntheticSet, draw_kept_frames, make_set, write_video
from livecoach.lab.synth.synthetic_sets import random_settings
from livecoach.records.session.video import open_video

SMALL = some_settings().camera


def a_set(tokens: str = "good", **changed) -> SyntheticSet:
    return make_set(some_settings(tokens, **changed))


@pytest.mark.usefixtures("gl")
def test_a_video_and_its_truth_agree(tmp_path):
    write_video(a_set(lost=0.3, late_s=0.01), tmp_path / "clip.mp4")
    truth = json.loads((tmp_path / "clip.json").read_text())
    assert times_of(tmp_path / "clip.mp4") == pytest.approx(truth["t_s"], abs=2e-5)
    for name in ("frame", "t_s", "landmarks_image", "landmarks_world"):
        assert len(truth[name]) == truth["frames"]
    assert [rep["faults"] for rep in truth["reps"]] == [[]]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["clip.json", "clip.mp4"]


def test_lost_frames_are_left_out_and_the_rest_rises_in_time():
    kept, stamps_s = draw_kept_frames(np.random.default_rng(2), 2000, SMALL.fps, 0.3, 0.02)
    assert (kept[0], kept[-1]) == (0, 1999)
    assert 1 - len(kept) / 2000 == pytest.approx(0.3, abs=0.06)
    assert np.diff(stamps_s).min() > 0.0009
    assert (stamps_s > kept / SMALL.fps - 1e-9).all()


def test_a_set_that_is_drawn_as_a_video_can_be_observed():
    made = a_set(lost=0.2)
    noisy = made.with_noise(np.random.default_rng(1))
    assert len(made.observations) == len(noisy.observations) == len(made.kept_frames)
    assert made.observations[-1].landmarks.tolist() != noisy.observations[-1].landmarks.tolist()
    assert made.reps == noisy.reps


@pytest.mark.parametrize("fps", [11.0, 61.0])
def test_rates_that_no_video_has_are_refused(tmp_path, fps):
    with pytest.raises(ConfigError, match="expected"):
        write_video(a_set(camera=replace(SMALL, fps=fps)), tmp_path / "set.mp4")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("changed", [{"exercise": "curl"}, {"body": "robot"}])
def test_impossible_settings_are_refused(changed):
    with pytest.raises(ConfigError, match=r"There are|It does"):
        a_set(**changed)


@pytest.mark.parametrize("view", [181.0, (-200.0, 0.0), (30.0, -30.0)])
def test_a_view_out_of_range_is_an_error_of_a_single_line(view):
    with pytest.raises(ConfigError, match=r"view .* expected"):
        random_settings(0, "deadlift", parse_tokens("good"), view_deg=view)


def test_random_settings_draw_bodies_and_views_from_the_wanted_ranges():
    drawn = [random_settings(seed, "deadlift", parse_tokens("good"), view_deg=(-30, 60)) for seed in range(60)]
    assert all(settings.body in TRAINING for settings in drawn)
    assert all(-30 <= settings.camera.azimuth_deg <= 60 for settings in drawn)
    assert len({settings.body for settings in drawn}) > 20
    assert random_settings(0, "deadlift", parse_tokens("good"), bodies=JUDGING).body in JUDGING


@pytest.mark.parametrize("name", ["set: 1.mp4", "http:/x.mp4", "set.MP4"])
def test_the_name_of_a_video_may_hold_a_colon_or_capitals(tmp_path, monkeypatch, name):
    """A colon makes no protocol of it, capitals are a suffix too."""
    monkeypatch.chdir(tmp_path)
    with open_video(Path(name), 64, 64, 30) as video:
        video.write(np.zeros((64, 64, 3), np.uint8))
    assert len(times_of(tmp_path / name)) == 1


@pytest.mark.parametrize(
    ("name", "changes", "kind", "message"),
    [
        ("file/clip.mp4", {}, OutputError, "can't be written"),
        ("a.mp4", {"preset": "no"}, OutputError, "can't be written"),
        ("clip.json", {}, ConfigError, "mp4"),  # as the truth is called, which must not take the video's place
        *(("a.mp4", {name: value}, ConfigError, "expected") for name, value in (("width_px", 63), ("height_px", 0))),
    ],
)
def test_a_video_that_cannot_be_written_is_an_error_of_a_single_line(tmp_path, name, changes, kind, message):
    """No part of the video is left. H.264 has no odd sides."""
    (tmp_path / "file").touch()
    settings = {"width_px": 64, "height_px": 64, "fps": 30, **changes}
    with pytest.raises(kind, match=message), open_video(tmp_path / name, **settings):
        pass
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
