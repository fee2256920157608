"""A session read for its report: the observations of each rep and the own reps that judged it, in one pass."""

from dataclasses import replace

import pytest
from builders.observations import a_squat
from builders.reports import a_squat_session, of_set, opened, squatted

from livecoach.coaching.set_summary import summarize
from livecoach.documents import OwnRep, PartialRepEvent, SetEndEvent, codec
from livecoach.report import content as gathered_module
from livecoach.report.content import gather
from livecoach.session import layout
from livecoach.types import PartialRep


def test_of_each_rep_there_is_a_second_more_on_both_sides(tmp_path):
    """As far as there is one; what lies between two reps belongs to both."""
    reps = [squatted(1), squatted(2)]
    found = gather(opened(a_squat_session(tmp_path, reps))).reps
    windows = [one.window for one in found]
    assert [(w.observations[0].t_s, w.observations[-1].t_s) for w in windows] == [
        pytest.approx((0.0, 4.2), abs=0.04),
        pytest.approx((3.0, 7.2), abs=0.04),
    ]
    assert [(w.start_s, w.turn_s, w.end_s, w.set_name) for w in windows] == [
        (rep.start_s, rep.turn_s, rep.end_s, "1") for rep in reps
    ]


def test_what_belongs_to_no_rep_is_not_decoded(tmp_path, monkeypatch):
    """An hour is reported in seconds; frames are counted all the same."""
    decoded = []
    seen = a_squat(reps=4)
    session = opened(a_squat_session(tmp_path, [squatted(2)], observations=seen))
    monkeypatch.setattr(
        gathered_module.codec, "decode", lambda payload, real=codec.decode: decoded.append(1) or real(payload)
    )
    found = gather(session)
    assert len(decoded) == len(found.reps[0].window.observations) < len(seen) / 2
    assert found.frames.read == found.frames.with_pose == len(seen)
    assert found.duration_s == pytest.approx(seen[-1].t_s)


def test_own_reps_of_this_session_and_of_another_day(tmp_path):
    """Identified by set and time, as in the events; one that no longer exists is left out."""
    earlier = OwnRep(set="earlier 1", start_s=1.1)
    gone = OwnRep(set="of a day that was forgotten", start_s=2.0)
    told = of_set(squatted(2), own=[squatted(1)])
    told = replace(told, against=(earlier, *told.against, gone))
    session = opened(a_squat_session(tmp_path, [of_set(squatted(1)), told], reference=2))
    first, second = gather(session).reps
    assert first.against == ()
    assert [(kept.set_name, kept.start_s) for kept in second.against] == [("earlier 1", 1.1), ("1", 0.8)]
    assert second.against[1] is first.window


def test_reps_are_numbered_in_their_set(tmp_path):
    """As they were counted aloud."""
    sets = [of_set(squatted(n), set_name="1" if n < 3 else "2") for n in range(1, 5)]
    found = gather(opened(a_squat_session(tmp_path, sets)))
    assert [one.rep.place for one in found.reps] == [(1, 1), (1, 2), (2, 1), (2, 2)]
    assert {index: len(reps) for index, reps in found.sets.items()} == {1: 2, 2: 2}


def test_reps_from_nobody_knows_where_belong_to_the_set_that_was_over_next(tmp_path):
    """Their event has no set; they have no window either."""
    reps = [squatted(n) for n in (1, 2)]
    ends = [SetEndEvent(t_s=rep.end_s + 0.5, summary=summarize(n, [rep], {})) for n, rep in enumerate(reps, 1)]
    events = [of_set(rep, set_name=None, view=None) for rep in reps]
    found = gather(opened(a_squat_session(tmp_path, events, events=ends))).reps
    assert [one.rep.place[0] for one in found] == [1, 2]
    assert [one.window for one in found] == [None, None]


def test_reps_that_were_begun(tmp_path):
    """In their order."""
    partial = PartialRep(start_s=1.0, reason="lost")
    event = PartialRepEvent(t_s=2.0, partial_rep=partial)
    assert gather(opened(a_squat_session(tmp_path, [], events=[event]))).partials == (partial,)


def test_observations_that_are_damaged_in_the_middle(tmp_path):
    """Said once; what is whole is there."""
    folder = a_squat_session(tmp_path, [squatted(1), squatted(2)])
    path = folder / layout.OBSERVATIONS
    content = bytearray(path.read_bytes())
    content[len(content) // 4] ^= 255
    path.write_bytes(content)
    said: list[str] = []
    found = gather(opened(folder, said))
    assert len(said) == 1
    assert "damaged" in said[0]
    assert [len(one.window.observations) > 100 for one in found.reps] == [True, True]


def test_observations_that_are_gone(tmp_path):
    """It is reported, and the reps are there without observations."""
    folder = a_squat_session(tmp_path, [squatted(1)])
    (folder / layout.OBSERVATIONS).unlink()
    said: list[str] = []
    found = gather(opened(folder, said))
    assert found.reps[0].window is None
    assert found.frames.read == 0
    assert len(said) == 1
