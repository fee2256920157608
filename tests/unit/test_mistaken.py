"""Another exercise than the one that was asked for: two reps of it, and it is said."""

import pytest

from livecoach.form.mistaken import APART_S, Looked, Mistaken


def a_rep(start_s: float, own: float = 4.0, *, counts: bool = True) -> Looked:
    return Looked(start_s=start_s, end_s=start_s + 2.0, own=own, counts=counts)


def like(*moments: tuple[Looked | None, Looked | None]) -> list[str | None]:
    """What is said after each pair of movements: of the deadlift that was asked for, and of the squat."""
    mistaken, said = Mistaken(), []
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
    """Counting is lenient."""
    own = a_rep(1, 0.5)
    assert like((own, a_rep(0)), (own, a_rep(3))) == [None, "squat"]


def test_reps_far_apart_are_not_in_a_row():
    """Somebody who squats down for a plate, and again a minute later, is not in a set."""
    assert like((None, a_rep(0)), (None, a_rep(2 + APART_S + 1))) == [None, None]


def test_it_is_over_with_the_next_rep_of_the_exercise_that_was_asked_for():
    """What was said is taken back."""
    assert like((None, a_rep(0)), (None, a_rep(3)), (a_rep(6), a_rep(3))) == [None, "squat", None]


@pytest.mark.parametrize(("own", "expected"), [(1.0, "squat"), (3.0, None)])
def test_a_rep_looks_like_what_it_is_likelier_to_be(own, expected):
    """Of two exercises that see a rep in the same seconds."""
    mistaken = Mistaken()
    mistaken.step(None, {"squat": a_rep(0, 4.0)})
    assert mistaken.of(1.0, 3.0, own) == expected


def test_a_rep_at_another_time_says_nothing():
    """The squat was before."""
    mistaken = Mistaken()
    mistaken.step(None, {"squat": a_rep(0, 4.0)})
    assert mistaken.of(10.0, 12.0, -5.0) is None
