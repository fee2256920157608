"""What a session is compared with: each difference is one line, matched by when it was."""

from dataclasses import replace
from pathlib import Path

import pytest
from builders.sessions import a_session, some_reps
from builders.steps import a_fault, a_rep

from livecoach.core.documents import CueEvent, RepEvent, WithdrawnEvent
from livecoach.core.types import Rep
from livecoach.records.session.opening import open_session
from livecoach.records.session.stored import Session
from livecoach.run.replay import RunEvents, compare_replay


def a_cue(t_s: float, text: str, latency_ms: float | None = None) -> CueEvent:
    return CueEvent(t_s=t_s, latency_ms=latency_ms, kind="good_rep", text=text, why=None, say=text, rep=1)


@pytest.fixture
def session(tmp_path) -> Session:
    """Of three good reps, with two cues."""
    return open_session(a_session(tmp_path, reps=3, cues=[a_cue(2.0, "1"), a_cue(4.0, "2")]), print)


def replayed(
    *reps: Rep, cues: tuple[CueEvent, ...] = (a_cue(2.0, "1"), a_cue(4.0, "2")), last_t_s: float = 99.0
) -> RunEvents:
    """What a replay of one set brings."""
    numbered = [replace(rep, set=1, number=number, exercise="squat") for number, rep in enumerate(reps, 1)]
    return RunEvents(reps=[RepEvent(t_s=rep.end_s, rep=rep) for rep in numbered], cues=list(cues), last_t_s=last_t_s)


def test_a_replay_tells_its_cues_and_the_reps_that_were_not_withdrawn():
    now = RunEvents()
    first, second = (RepEvent(t_s=rep.end_s, rep=rep) for rep in some_reps(2))
    for event in (first, a_cue(2.5, "1"), second, a_cue(4.5, "2"), WithdrawnEvent(t_s=5.0, reps=(2,))):
        now.add(event)
    assert (now.reps, now.last_t_s) == ([first], 5.0)
    assert [cue.text for cue in now.cues] == ["1", "2"]


def test_a_replay_with_the_same_reps_and_cues_has_no_difference(session):
    cues = (a_cue(2.0, "1", latency_ms=31.0), a_cue(4.0, "2"))
    assert compare_replay(session, replayed(*some_reps(3), cues=cues)) == []


def test_a_changed_verdict_or_number_is_reported_with_the_former_value(session):
    first, second, third = some_reps(3)
    fault = a_fault(at_s=2.5)
    other = replace(second, verdict="anomalous", score=1.31, faults=(fault,))
    assert compare_replay(session, replayed(first, other, replace(third, score=0.4001))) == [
        "set 1, rep 2 at 2.0 s: good (0.40) then, to check (1.31, hips early) now",
        "set 1, rep 3 at 4.0 s: good (0.40) both times; score differs",
    ]


def test_a_rep_more_or_less_is_reported_once(session):
    """Though the numbers of all that follow are others then."""
    first, _, third = some_reps(3)
    found = compare_replay(session, replayed(first, replace(third, index=2)))
    assert found[0] == "set 1, rep 2 at 2.0 s: good (0.40) then, not counted now"
    assert found[1:] == ["set 1, rep 3 at 4.0 s: good (0.40) both times; index, number differ"]
    more = a_rep(index=4, start_s=6.0, turn_s=7.0, end_s=8.0)
    assert compare_replay(session, replayed(*some_reps(3), more)) == ["rep at 6.0 s: not counted then, good (0.40) now"]


def test_cues_are_compared_both_ways(session):
    found = compare_replay(session, replayed(*some_reps(3), cues=(a_cue(2.0, "1"), a_cue(4.0, "hips down"))))
    assert found == ["cue at 4.0 s: “2” then, not now", "cue at 4.0 s: “hips down” now, not then"]


def test_the_last_second_of_a_session_that_was_cut_off_is_left_out(tmp_path: Path):
    """It had no end, and not all of it is there; before that it is as any other."""
    session = open_session(a_session(tmp_path, reps=2, cut_off=True), print)
    first, second = some_reps(2)
    assert compare_replay(session, replayed(first, second, cues=(a_cue(5.0, "2 reps"),), last_t_s=5.0)) == []
    assert compare_replay(session, replayed(first, cues=(), last_t_s=4.5)) == []
    assert compare_replay(session, replayed(first, cues=(), last_t_s=9.0)) == [
        "set 1, rep 2 at 2.0 s: good (0.40) then, not counted now"
    ]
