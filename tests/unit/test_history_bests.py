"""Personal bests."""

from builders.past_sessions import a_pace, a_past_rep, a_past_session, reps_of
from builders.sessions import at
from hypothesis import given
from hypothesis import strategies as st

from livecoach.history.personal_bests import longest_run, personal_bests

VERDICTS = st.text("ga?", max_size=20)


def best(sessions, kind):
    """The best of a kind; None where there is none."""
    return next((one for one in personal_bests(sessions) if one.kind == kind), None)


@given(verdicts=VERDICTS)
def test_a_row_of_good_reps_is_broken_by_an_alarm_alone(verdicts):
    """What was not judged breaks no row, and does not count in it."""
    rows = verdicts.replace("?", "").split("a")
    assert longest_run(reps_of(verdicts)) == max(map(len, rows))


def test_the_fastest_rep_is_a_good_one():
    """A rep that was cut short is fast too."""
    fast = a_past_rep(number=2, verdict="anomalous", pace=a_pace(speed=3.0))
    slow = a_past_rep(number=3, pace=a_pace(speed=1.2))
    found = best([a_past_session(reps=(a_past_rep(), fast, slow))], "fastest_rep")
    assert (found.value, found.rep) == (1.2, "1/3")


def test_metres_and_trunk_lengths_have_a_best_each():
    """They are two things: half a metre a second may be faster than a length a second."""
    metres = a_past_rep(pace=a_pace(speed=0.5, speed_unit="m/s"))
    found = personal_bests([a_past_session(reps=(a_past_rep(), metres))])
    assert [(one.value, one.unit) for one in found if one.kind == "fastest_rep"] == [(0.5, "m/s"), (1.0, "torso/s")]


def test_of_equals_the_first_one_is_the_best():
    """Only more is a new best."""
    days = [at(2026, 3, 2), at(2026, 3, 9)]
    found = best([a_past_session(day, reps=reps_of("ggg")) for day in days], "most_reps_in_a_set")
    assert (found.value, found.day, found.session) == (3, "2026-03-02", "2026-03-02_18-30-00-squat")


def test_a_clean_set_has_good_reps_only():
    """One that was not judged may have been bad."""
    reps = (*reps_of("gggg?", 1), *reps_of("ggg", 2), *reps_of("ggggga", 3))
    assert best([a_past_session(reps=reps)], "longest_clean_set").value == 3
    assert best([a_past_session(reps=reps)], "most_reps_in_a_set").value == 6


def test_most_reps_in_a_week_are_of_all_its_sessions():
    """From Monday to Sunday."""
    sessions = [a_past_session(at(2026, 3, day), reps=reps_of("g" * 5)) for day in (1, 2, 8, 9)]
    found = best(sessions, "most_reps_in_a_week")
    assert (found.value, found.day, found.session) == (10, "2026-03-02", None)


def test_nothing_is_best_where_there_was_nothing():
    """No row of no good reps."""
    assert personal_bests([a_past_session(reps=())]) == ()
    assert best([a_past_session(reps=reps_of("a?"))], "most_good_in_a_row") is None
