"""Another exercise than the one that was asked for: two reps of it, and it is said."""

from livecoach.counting.exercise_mismatch import APART_S, ExerciseMismatch
from livecoach.counting.lift_filter import ScoredMovement


def a_rep(start_s: float, own: float = 4.0, *, counts: bool = True) -> ScoredMovement:
    return ScoredMovement(start_s=start_s, end_s=start_s + 2.0, own=own, counts=counts)


def like(*moments: tuple[ScoredMovement | None, ScoredMovement | None]) -> list[str | None]:
    """What is said after each pair of movements: of the deadlift that was asked for, and of the squat."""
    mistaken, said = ExerciseMismatch(), []
    for own, other in moments:
        mistaken.step(own, {"squat": other})
        said.append(mistaken.like)
    return said


def test_two_reps_of_another_exercise_are_said():
    """One might be anything."""
    assert like((None, a_rep(0)), (None, a_rep(3))) == [None, "squat"]


def test_the_same_movement_is_looked_at_once():
    """Frames go by between two movements."""
    assert like((None, a_rep(0)), (None, a_rep(0)), (None, a_rep(0))) == [None, None, None]


def test_movements_that_do_not_count_are_no_reps():
    """A lifter who bends between his deadlifts does not squat."""
    assert like((None, a_rep(0, counts=False)), (None, a_rep(3, counts=False))) == [None, None]


def test_the_exercise_that_was_asked_for_is_believed_where_it_is_as_likely():
    """A squat-like deadlift is a deadlift."""
    own = a_rep(1, 3.5)
    assert like((own, a_rep(0)), (own, a_rep(3))) == [None, None]


def test_reps_that_are_much_more_like_another_exercise_are_said_though_they_count():
    """Counter is lenient."""
    own = a_rep(1, 0.5)
    assert like((own, a_rep(0)), (own, a_rep(3))) == [None, "squat"]


def test_reps_far_apart_are_not_in_a_row():
    """Somebody who squats down for a plate, and again a minute later, is not in a set."""
    assert like((None, a_rep(0)), (None, a_rep(2 + APART_S + 1))) == [None, None]


def test_it_is_over_with_two_reps_of_the_exercise_that_was_asked_for():
    """One rep does not take back what two have said: a squat may pass for a deadlift once."""
    squat = a_rep(3)
    said = like((None, a_rep(0)), (None, squat), (a_rep(6), squat), (a_rep(9), squat))
    assert said == [None, "squat", "squat", None]


def test_reps_before_it_do_not_take_it_back():
    """The lifter went on to squat, and then bent down for something."""
    before = [(a_rep(0), None), (a_rep(3), None)]
    said = like(*before, (a_rep(3), a_rep(6)), (a_rep(3), a_rep(9)), (a_rep(12, -3.0, counts=False), a_rep(9)))
    assert said == [None, None, None, "squat", "squat"]


def test_it_is_not_over_while_reps_are_likelier_those_of_the_other_exercise():
    """They count as both."""
    pairs = [(None, a_rep(0)), *((a_rep(t, 1.0), a_rep(t, 4.0)) for t in (3, 6, 9, 12))]
    assert like(*pairs) == [None, *["squat"] * 4]


def test_it_is_not_over_while_reps_are_as_likely_those_of_either():
    """What was said on good grounds is taken back on grounds as good."""
    pairs = [(None, a_rep(0)), (None, a_rep(3)), *((a_rep(t, 4.0), a_rep(t, 3.0)) for t in (6, 9, 12))]
    assert like(*pairs) == [None, *["squat"] * 4]
