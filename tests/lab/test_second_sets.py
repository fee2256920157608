"""How the reps of a session of two sets are counted: when they were told, and as what."""

from builders.observations import a_squat
from builders.pipelines import a_pipeline
from builders.steps import a_rep

from livecoach.core.types import Rep
from livecoach.lab.measure.recognise import IN_TIME_S, REST_S, SetCounts, ToldRep, counts_of, session_of, told_reps
from livecoach.run.coached import steps

TRUE = [(2.0, 3.0), (5.0, 6.0), (8.0, 9.0)]
"""Turn and end of three squats."""


def told(turn_s: float, told_s: float, exercise: str = "squat") -> ToldRep:
    rep: Rep = a_rep(start_s=turn_s - 1.0, turn_s=turn_s, end_s=turn_s + 1.0, exercise=exercise)
    return ToldRep(rep, told_s)


def test_reps_are_in_time_late_under_another_name_or_missing() -> None:
    found = [told(2.1, 3.2), told(5.0, 6.0 + 2 * IN_TIME_S, "lunge")]
    assert counts_of(TRUE, found, "squat") == SetCounts(reps=3, in_time=1, late=1, renamed=1, first=1)


def test_a_first_rep_that_comes_with_the_second_counts_as_told() -> None:
    """Not one that comes with the third."""
    assert counts_of(TRUE, [told(2.0, 6.1), told(5.0, 6.1)], "squat").first == 1
    assert counts_of(TRUE, [told(2.0, 9.1), told(5.0, 9.1)], "squat").first == 0


def test_a_session_is_two_sets_with_standing_between_them() -> None:
    """The reps of both are found where they were, and none in the rest."""
    seen = a_squat(reps=3, fps=15.0)
    reps = [one.rep for one in told_reps(steps(a_pipeline("squat"), seen))]
    joined, begins_s = session_of([seen, seen], reps)
    found = [one.rep.turn_s for one in told_reps(steps(a_pipeline("squat"), joined))]
    expected = [rep.turn_s + begin_s for begin_s in begins_s for rep in reps]
    assert len(found) == 6
    assert max(abs(a - b) for a, b in zip(found, expected, strict=True)) < 0.2
    assert REST_S - 0.2 < begins_s[1] - seen[-1].t_s < REST_S + 0.2
