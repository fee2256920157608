"""The page: that all of it is there, whatever the session is like, and that it needs nothing else."""

import base64
import re
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest
from builders.depth import a_depth
from builders.observations import a_squat
from builders.reports import Read, a_page, a_squat_fault, a_squat_session, of_set, squatted, wrong
from builders.sessions import contents
from builders.steps import a_pace, a_view

from livecoach.core.config import paths
from livecoach.core.documents import PartialRepEvent, RecordedSource
from livecoach.core.errors import ConfigError
from livecoach.core.language import using_language
from livecoach.core.types import PartialRep, UncheckedFault
from livecoach.feedback.face_blur import blur_face
from livecoach.pages.report import report_pictures as pictures
from livecoach.pages.report.report_page import MARKER, parse_sent_correction
from livecoach.pages.report.report_pictures import Comparisons

PACE = a_pace(concentric_s=0.9, eccentric_s=1.2, speed=0.81, velocity_loss=0.1)


def six():
    """Five good reps and one that leant forward, judged by those before it."""
    good = [squatted(n, score=0.1 * n, pace=PACE) for n in range(1, 6)]
    told = [of_set(rep, own=good[: n - 1] if n > 3 else ()) for n, rep in enumerate(good, 1)]
    return [*told, of_set(wrong(6, reference="own", pace=PACE), own=good)]


@pytest.fixture(scope="module")
def whole(tmp_path_factory) -> Read:
    """Of a session without a video."""
    return Read(a_page(a_squat_session(tmp_path_factory.mktemp("sessions"), six(), profile="Jörg Müller"), clip=True))


@pytest.fixture(scope="module")
def filmed(tmp_path_factory) -> Path:
    """The folder of a session with a video."""
    return a_squat_session(tmp_path_factory.mktemp("filmed"), six(), video=True)


@pytest.fixture(scope="module")
def filmed_page(filmed) -> str:
    before = contents(filmed)
    page = a_page(filmed, clip=True)
    assert contents(filmed) == before, "the session is not written to"
    return page


def decoded(uri: str) -> bytes:
    return base64.b64decode(uri.partition(";base64,")[2])


def test_depth_has_a_column_where_it_was_measured(tmp_path, whole):
    reps = [of_set(squatted(1, pace=PACE, standards=(a_depth(),))), of_set(squatted(2, pace=PACE))]
    page = Read(a_page(a_squat_session(tmp_path, reps)))
    assert "6 cm too high" in page.words
    assert "Depth" in page.words
    assert "Depth" not in whole.words


def test_each_rep_with_something_to_fix_is_shown_beside_the_typical_rep(tmp_path, whole):
    high = squatted(2, pace=PACE, standards=(a_depth(11.0, "missed"),))
    unlike = squatted(3, pace=PACE, verdict="anomalous", score=1.4)
    page = Read(a_page(a_squat_session(tmp_path, [squatted(1, pace=PACE), high, unlike])))
    shown = [name for name in page.having("id") if name.startswith("figure-")]
    assert shown == ["figure-2", "figure-3"]
    assert [name for name in whole.having("id") if name.startswith("figure-")] == ["figure-6"]


def test_the_line_at_the_knee_is_drawn_where_the_depth_was_measured(tmp_path, whole):
    shallow, early = (a_squat_fault("shallow", at_s=at_s, text="") for at_s in (2.0, 1.0))
    drawn, elsewhere = (
        Read(a_page(a_squat_session(tmp_path, [wrong(1, fault, standards=(a_depth(),))], name=name)))
        for name, fault in (("bottom", shallow), ("early", replace(early, name="rushed")))
    )
    lines = [page.having("class").count("knee") for page in (drawn, elsewhere, whole)]
    assert lines == [2, 1, 0]
    assert ["Dashed line: top of the knee." in page.words for page in (drawn, elsewhere, whole)] == [True, True, False]
    assert "6 cm too high" in drawn.words


def test_the_text_about_reps_that_nobody_confirmed_is_translated(tmp_path):
    reps = [squatted(n, reference="none", own_reps=n - 1, pace=PACE) for n in (1, 2, 3)]
    with using_language("de"):
        words = Read(a_page(a_squat_session(tmp_path, reps))).words
    assert "Bis du sie bestätigst, heißen sie" in words
    assert "Until you confirm" not in words


def test_a_report_has_its_parts_in_the_order_that_a_coach_wants(whole):
    assert {"name": "generator", "content": "livecoach report"} in [dict(attributes) for _, attributes in whole.tags]
    assert MARKER == '<meta name="generator" content="livecoach report">'
    heads = ("What to fix first", "Where it shows best", "Rep by rep", "All reps", "What could not be", "The session")
    places = [whole.words.rindex(head) for head in heads]
    assert places == sorted(places)


def test_a_report_needs_no_network(filmed_page):
    found = Read(filmed_page)
    loaded = [*found.having("src"), *found.having("href"), *found.having("srcset"), *found.having("xlink:href")]
    assert loaded
    assert all(uri.startswith(("data:", "#")) for uri in loaded)
    assert not re.search(r"https?://|@import|url\(", filmed_page)
    assert any("default-src 'none'" in content for content in found.having("content"))


def test_a_report_has_each_rep_with_its_verdict(whole):
    assert [f"Set 1, rep {n} " in whole.words for n in range(1, 7)] == [True] * 6
    ids = set(whole.having("id"))
    assert {uri[1:] for uri in whole.having("href") if uri.startswith("#")} <= ids
    assert {f"rep-{n}" for n in range(1, 7)} <= ids


def test_drawings_have_text_alternatives(whole):
    drawn = [attributes for tag, attributes in whole.tags if tag in {"svg", "video"}]
    assert drawn
    assert all(one.get("aria-label") or one.get("aria-hidden") == "true" for one in drawn)
    assert ("html", {"lang": "en"}) in whole.tags


def test_a_report_says_that_the_camera_position_is_unknown(tmp_path):
    hidden = tuple(UncheckedFault(name=name, reason="azimuth") for name in ("shallow", "rushed"))
    told = [of_set(squatted(1, not_visible=hidden), set_name=None, view=None)]
    found = Read(a_page(a_squat_session(tmp_path, told)))
    assert "The camera position is unknown" in found.words
    assert "not deep enough" in found.words


BEGUN = PartialRepEvent(t_s=1.0, partial_rep=PartialRep(start_s=0.5, reason="no_return"))
SYNTHETIC = RecordedSource(name="a.obs", width=640, height=480, fps=30.0, live=False, synthetic=True)
UNSEEN = [squatted(n, verdict="unsure", score=None, unsure="out of the picture") for n in (1, 2)]


@pytest.mark.parametrize(
    ("reps", "how", "told"),
    [
        ([], {"events": [BEGUN]}, ("No reps", "at 0:00: not finished: you did not come back", "Put it at 30 to 105°")),
        (
            UNSEEN,
            {},
            (
                "No rep could be judged",
                "Counted, not judged: set 1, reps 1 and 2 (out of the picture). Move the camera back",
            ),
        ),
        ([squatted(1)], {"cut_off": True}, ("Cut off early",)),
        (
            [squatted(1)],
            {"source": SYNTHETIC},
            ("Synthetic lifter: nobody was filmed", "trained on synthetic motion only"),
        ),
    ],
    ids=["no reps", "none was judged", "cut off", "synthetic"],
)
def test_what_is_unusual_about_a_session_is_reported(tmp_path, reps, how, told):
    found = Read(a_page(a_squat_session(tmp_path, reps, **how)))
    assert [words for words in told if words not in found.words] == []
    assert ("Rep by rep" in found.words) == bool(reps)


def test_a_report_describes_and_draws_a_view_from_the_right_in_portrait(tmp_path):
    view = a_view(-40.0)
    seen = [replace(o, width_px=480, height_px=854) for o in a_squat(reps=6, view_deg=-40.0)]
    told = [replace(one, view=view) for one in six()]
    found = Read(a_page(a_squat_session(tmp_path, told, observations=seen)))
    assert "at 40° (±6°) from your front, on your right" in found.words
    boxes = [attributes["viewbox"] for tag, attributes in found.tags if attributes.get("class") == "lifter"]
    assert boxes
    assert all(280 <= int(box.split()[2]) <= 520 and box.endswith(" 400") for box in boxes)


def test_commands_are_named_where_they_find_the_session(tmp_path, monkeypatch):
    for above, finds in ((tmp_path / "mine", True), (tmp_path / "elsewhere", False)):
        above.mkdir()
        monkeypatch.setattr(paths, "sessions_dir", lambda: tmp_path / "mine")
        page = a_page(a_squat_session(above, [squatted(1)]))
        assert ("livecoach sessions correct" in page, "livecoach home" in page) == (finds, finds)


def test_the_key_moment_is_the_same_in_all_parts_of_a_report(whole):
    assert whole.words.count("bottom, where the trunk leans most") == 2
    assert "the clip pauses where the trunk leans most" in whole.words
    at_best, of_rep = (re.findall(r"○ \S+ at (\d\.\d s)", part) for part in whole.words.split("Leant forward: 66°"))
    assert set(at_best[:1]) == set(of_rep)


def test_the_fault_to_fix_first_is_the_fault_that_is_shown(tmp_path):
    lean, depth = a_squat_fault(severity=0.5, at_s=2.0), a_squat_fault("shallow", severity=0.9, at_s=2.0, text="")
    reps = [
        wrong(1, lean, depth),
        wrong(2, replace(lean, severity=0.4, at_s=5.2)),
        wrong(3, replace(lean, severity=0.4)),
    ]
    found = Read(a_page(a_squat_session(tmp_path, reps), clip=True))
    top, _, rest = found.words.partition("The others")
    other, _, cards = rest.partition("Rep by rep")
    lowest = re.compile("where the (hips are lowest|knees are bent most)")
    assert "Worst in set 1, rep 1" in top
    assert "the clip pauses where the trunk leans most" in top
    assert "where the trunk leans most" in cards
    assert "Not deep enough in 1 of 3 reps: “a little deeper”" in other
    assert not lowest.search(top + cards)


def test_fifteen_reps_with_one_fault_are_one_block(tmp_path):
    found = Read(a_page(a_squat_session(tmp_path, [squatted(1), *map(wrong, range(2, 7))])))
    drawn = [attributes["href"] for tag, attributes in found.tags if tag == "use"]
    assert found.having("class").count("thumb") == len(drawn) == 4
    assert {uri[1:] for uri in drawn} <= set(found.having("id"))
    assert not [attributes for tag, attributes in found.tags if tag == "details" and "open" in attributes]
    read, _, folded = found.words.partition("For programmers")
    assert ("False alarms" in read, "False alarms" in folded) == (False, True)
    assert "digest" not in found.words
    assert "least like" not in found.words + " ".join(found.having("aria-label"))


def test_a_thumbnail_shows_the_fault_of_its_block(tmp_path, monkeypatch):
    """Its own figure only where that shows the fault: a missed depth at the bottom, an early fault before it."""
    at_s, draw = {}, Comparisons.draw_thumbnail
    monkeypatch.setattr(Comparisons, "draw_thumbnail", lambda *of: at_s.setdefault(of[1].counted.index, draw(*of)))
    early = [replace(a_squat_fault(at_s=1.0 + 3.2 * n), name="rushed") for n in range(5)]
    high = [{"standards": (a_depth(13.0 - n, "missed"),)} for n in range(5)]
    reps = [squatted(n, **high[n]) if n < 3 else wrong(n, early[n - 1], **high[n]) for n in range(1, 5)]
    page = a_page(a_squat_session(tmp_path, [*reps, squatted(5)]))
    strips = re.findall(r'<ul class="strip">.*?</ul>', page, re.DOTALL)
    assert [re.findall(r'"#(\w+)-(\d)', strip) for strip in strips] == [
        [("rep", "4"), ("figure", "4")],
        [("rep", "2"), ("figure", "2"), ("rep", "3"), ("rep", "4")],
    ]
    assert [figure.cropped.observation.t_s for figure in at_s.values()] == pytest.approx([8.4, 11.6], abs=0.2)


def test_a_clip_shows_both_reps_and_stops_once(whole, tmp_path):
    path = tmp_path / "clip.mp4"
    path.write_bytes(next(decoded(uri) for uri in whole.having("src") if uri.startswith("data:video/mp4")))
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        pictures = [frame.to_ndarray(format="bgr24") for frame in container.decode(stream)]
        assert stream.codec_context.name == "h264"
        assert float(stream.duration * stream.time_base) == pytest.approx(2.4 * 1.5 + 1, abs=0.2)
    same = [bool((np.abs(a.astype(int) - b).max(axis=2) > 60).mean() < 1e-3) for a, b in pairwise(pictures)]
    assert "1" * 12 in "".join("1" if one else "0" for one in same)


def test_a_report_of_a_session_with_a_video_has_stills(filmed_page):
    found = Read(filmed_page)
    stills = [uri for uri in found.having("href") if uri.startswith("data:image/jpeg")]
    assert len(stills) == 4
    assert "handle it like a photo" in found.words


def test_faces_in_a_report_are_blurred_only_when_asked_for(filmed, monkeypatch):
    covered = []

    def counted(picture, seen):
        covered.append(seen.t_s)
        return blur_face(picture, seen)

    monkeypatch.setattr("livecoach.pages.report.report_pictures.blur_face", counted)
    a_page(filmed, clip=True)
    assert not covered
    a_page(filmed, blur_faces=True, clip=True)
    assert len(covered) > 60


def test_after_many_stills_figures_are_drawn(tmp_path, monkeypatch):
    """A long session's page stays a page."""
    monkeypatch.setattr(pictures, "MOST_STILLS", 1)
    reps = [squatted(1), *(wrong(n) for n in range(2, 5))]
    found = Read(a_page(a_squat_session(tmp_path, reps, video=True)))
    stills = [uri for uri in found.having("href") if uri.startswith("data:image/jpeg")]
    assert len(stills) == 2


def test_a_form_that_says_neither_good_nor_bad_is_refused():
    assert parse_sent_correction({"label": "undo"}, "squat") is None
    with pytest.raises(ConfigError, match="'splendid': not one of good, bad, no-rep"):
        parse_sent_correction({"label": "splendid", "fault": ""}, "squat")
