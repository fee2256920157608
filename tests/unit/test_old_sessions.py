"""A session of each version of the format that there was is read by this one.

Those in `old_sessions/` are never changed. They are synthetic. Version 1: the clip squat_2.mp4, judged against three
reps of synthetic motion.
"""

import json
import shutil
from contextlib import closing
from pathlib import Path

import pytest
from builders.command import CLIPS

from livecoach.core.documents import SetEndEvent
from livecoach.records.profile import session_of_recording
from livecoach.records.session.amending import move_set
from livecoach.records.session.opening import named_set, open_session
from livecoach.records.session.rep_choice import RepRange
from livecoach.records.session.stored import Session

OLD = Path(__file__).parents[1] / "old_sessions"


@pytest.fixture(scope="module")
def first() -> Session:
    """Nothing of it may be damaged."""
    return open_session(OLD / "2026-11-20_23-50-00-squat", pytest.fail)


def test_version_1_says_what_it_is(first):
    """As it was written."""
    about = first.about
    assert (about.version, about.exercise, about.profile, about.source.name) == (1, "squat", "Anna", "squat_2.mp4")
    assert (about.end.reps, about.end.good, about.end.frames.read, about.end.video.frames) == (2, 2, 208, 208)
    assert not first.cut_off
    assert session_of_recording(CLIPS / "squat_2.mp4", "squat_2.mp4") == about.session, "its clip is known again"


def test_version_1_has_its_reps_and_cues(first):
    """With their verdicts, and what they were judged against."""
    assert [one.rep.verdict for one in first.rep_events] == ["good", "good"]
    assert [one.rep.start_s for one in first.rep_events] == pytest.approx([1.2, 3.2], abs=0.1)
    assert {one.rep.reference for one in first.rep_events} == {"own"}
    assert len(first.rep_events[0].against) == len(first.reference) == 3
    assert first.cues
    assert first.events


@pytest.mark.parametrize("name", ["provisional", "population"])
def test_what_was_judged_by_its_own_set_or_by_nobody_has_no_reference(name, tmp_path):
    """Earlier versions had names of their own for that; such reps are good no more, but alike."""
    folder = shutil.copytree(OLD / "2026-11-20_23-50-00-squat", tmp_path / "2026-11-20_23-50-00-squat")
    for file in (folder / "reps.jsonl", folder / "events.jsonl"):
        file.write_text(file.read_text().replace('"reference": "own"', f'"reference": "{name}"'))
    reps = [one.rep for one in open_session(folder, pytest.fail).rep_events]
    assert [(rep.reference, rep.form) for rep in reps] == [("none", "alike")] * 2


def test_version_1_has_what_was_seen_and_its_pictures(first):
    """Every frame of it."""
    with closing(first.frames(pictures=True)) as frames:
        seen = []
        while (frame := frames.read()) is not None:
            seen.append(frame)
    assert len(seen) == 208
    assert all(frame.picture is not None and frame.picture.shape == (360, 480, 3) for frame in seen)
    assert all(frame.observation is not None and frame.observation.landmarks is not None for frame in seen)


def test_a_set_of_version_1_is_named_and_moved_as_any_other(tmp_path, first, monkeypatch):
    """It has one lifter and one exercise, and knows nothing of parts."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    folder = Path(shutil.copytree(first.folder, tmp_path / first.name))
    old = open_session(folder, pytest.fail)
    assert [event.rep.name for event in old.rep_events] == ["1/1", "1/2"]
    assert named_set(old, RepRange(set=1)).profile == named_set(old, RepRange(set=1, lifter="Anna")).profile == "Anna"
    assert move_set(old, 1, "Bo") == "Anna"
    moved = open_session(folder, pytest.fail)
    assert (moved.profiles, moved.shared) == (("Bo",), False)
    assert [event.rep.name for event in moved.rep_events] == ["1/1", "1/2"]


def test_a_summary_that_says_more_of_the_way_down_is_read_without_it(tmp_path, first):
    """Earlier versions stored what they had noted of it; the note stays as it was said."""
    said = "worth a look, rep 2: 0.4 s down; most of 10 people recorded without a bar: at least 0.8 s"
    descent = {"rep": 2, "down_s": 0.4, "bound_s": 0.8, "longer": False, "people": 10}
    folder = Path(shutil.copytree(first.folder, tmp_path / first.folder.name))
    events = [json.loads(line) for line in (folder / "events.jsonl").read_text().splitlines()]
    for event in events:
        if event["event"] == "set_end":
            event["summary"] |= {"notes": [said], "descent": descent}
    (folder / "events.jsonl").write_text("".join(json.dumps(event) + "\n" for event in events))
    (ended,) = (one for one in open_session(folder, pytest.fail).events if isinstance(one, SetEndEvent))
    assert (ended.summary.reps, ended.summary.notes) == (2, (said,))
