"""Personal bests: by load, and none without."""

import pytest
from builders.past_sessions import a_pace, a_past_rep, a_past_session, reps_of
from builders.sessions import at

from livecoach.history.figures import personal_bests
from livecoach.types import SetLog


def at_load(load_kg: float | None, reps, started=None, of_set: int = 1):
    """A session of one set."""
    return a_past_session(started, reps=reps, logs={of_set: SetLog(load_kg=load_kg)})


def bests(sessions, kind):
    return [one for one in personal_bests(sessions) if one.kind == kind]


@pytest.mark.parametrize("logs", [{}, {1: SetLog(rpe=8.0)}, {2: SetLog(load_kg=100.0)}])
def test_sets_without_a_load_have_no_bests(logs):
    """A best with an empty bar beats nothing; an RPE alone, or the load of another set, does not help."""
    assert personal_bests([a_past_session(reps=reps_of("ggg"), logs=logs)]) == ()


def test_heaviest_rep_is_a_good_one():
    """Who bends to lift more has not lifted more."""
    sessions = [at_load(100.0, reps_of("g")), at_load(120.0, reps_of("aa"), at(2026, 3, 9))]
    (found,) = bests(sessions, "heaviest_rep")
    assert (found.value, found.unit, found.rep, found.day) == (100.0, "kg", "1/1", "2026-03-04")


def test_most_reps_are_of_one_set_at_one_load():
    """Each load has its own best, the heaviest first; of equals, the first."""
    days = [at(2026, 3, day) for day in (2, 9, 16)]
    sessions = [at_load(100.0, reps_of("ggg"), days[0]), at_load(60.0, reps_of("ggggg"), days[1])]
    sessions.append(at_load(100.0, reps_of("gga"), days[2]))
    found = bests(sessions, "most_reps")
    assert [(one.load_kg, one.value, one.day) for one in found] == [(100.0, 3, "2026-03-02"), (60.0, 5, "2026-03-09")]


def test_fastest_rep_is_a_good_one_at_its_load():
    """A rep that was cut short is fast too, and a light one is."""
    fast = a_past_rep(number=2, verdict="anomalous", pace=a_pace(speed=3.0))
    slow = a_past_rep(number=3, pace=a_pace(speed=1.2))
    found = bests([at_load(100.0, (a_past_rep(), fast, slow)), at_load(60.0, reps_of("g"))], "fastest_rep")
    assert [(one.load_kg, one.value, one.rep) for one in found] == [(100.0, 1.2, "1/3"), (60.0, 1.0, "1/1")]


def test_metres_and_trunk_lengths_have_a_best_each():
    """They are two things: half a metre a second may be faster than a length a second."""
    metres = a_past_rep(pace=a_pace(speed=0.5, speed_unit="m/s"))
    found = bests([at_load(100.0, (a_past_rep(), metres))], "fastest_rep")
    assert [(one.value, one.unit) for one in found] == [(0.5, "m/s"), (1.0, "torso/s")]


def test_volume_load_is_of_all_sets_whose_load_is_known():
    """Load times reps, over a session."""
    reps = (*reps_of("ggg", 1), *reps_of("ga", 2), *reps_of("g", 3))
    logs = {1: SetLog(load_kg=100.0), 2: SetLog(load_kg=60.0)}
    (found,) = bests([a_past_session(reps=reps, logs=logs)], "most_volume")
    assert (found.value, found.unit, found.load_kg) == (420.0, "kg", None)


def test_nothing_is_best_where_there_was_nothing():
    """No zeroes."""
    assert personal_bests([at_load(100.0, ())]) == ()
