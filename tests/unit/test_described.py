"""All of one session, read through."""

import pytest
from builders.observations import a_squat
from builders.sessions import a_session, some_reps
from builders.steps import a_set_summary

from livecoach.documents import CueEvent, SetEndEvent
from livecoach.session import layout
from livecoach.session.listing import read_overview

CUE = CueEvent(t_s=1.0, kind="good_rep", text="1", why=None, say="1", rep=1)


def test_all_of_a_whole_session(tmp_path):
    """Counted as it is read, and nothing is damaged."""
    folder = a_session(tmp_path, reps=some_reps(2), cues=[CUE], reference=3, video=True)
    found = read_overview(folder)
    assert (found.frames.read, found.frames.with_pose, len(found.reps), found.reference) == (60, 60, 2, 3)
    assert found.duration_s == pytest.approx(59 / 30)
    assert (found.cues, found.damage, found.recording) == ((CUE,), (), False)
    assert {file.name: file.size_bytes for file in found.files}[layout.VIDEO] == found.about.end.video.bytes


def test_a_set_that_went_on_is_told_once(tmp_path):
    """As it was told last."""
    ends = [
        SetEndEvent(t_s=t_s, summary=a_set_summary(index=index, reps=reps))
        for t_s, index, reps in ((1, 1, 3), (2, 1, 5), (3, 2, 4))
    ]
    assert [(one.index, one.reps) for one in read_overview(a_session(tmp_path, events=ends)).sets] == [(1, 5), (2, 4)]


@pytest.mark.parametrize("how", ["gone", "half", "flipped"])
@pytest.mark.parametrize("name", [layout.DOCUMENT, layout.OBSERVATIONS, layout.REPS, layout.CUES, layout.EVENTS])
def test_damage_is_told_and_the_rest_is_read(tmp_path, name, how):
    """Wherever it is; but nothing says how many cues and events there were, when the last ones are cut off."""
    folder = a_session(tmp_path, reps=5, cues=[CUE], observations=a_squat(), reference=1)
    path = folder / name
    content = path.read_bytes()
    middle = len(content) // 2
    if how == "gone":
        path.unlink()
    elif how == "half":
        path.write_bytes(content[:middle])
    else:
        path.write_bytes(content[:middle] + bytes([content[middle] ^ 0xFF]) + content[middle + 1 :])
    found = read_overview(folder)
    assert found.about.exercise == "squat"
    assert bool(found.damage) is (name not in {layout.CUES, layout.EVENTS} or how != "half")
    read = {
        layout.OBSERVATIONS: found.frames.read == len(a_squat()),
        layout.REPS: len(found.reps) == 5,
        layout.CUES: len(found.cues) == 1,
    }
    assert all(whole for other, whole in read.items() if other != name)


def test_a_session_that_is_being_recorded_is_not_damaged(tmp_path):
    """It has no end yet; left behind without one, it was cut off."""
    folder = a_session(tmp_path, cut_off=True)
    assert read_overview(folder).damage == ("the session was cut off; what was written before that is shown",)
    with layout.lock(folder):
        found = read_overview(folder)
    assert (found.recording, found.damage) == (True, ())
