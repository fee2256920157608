"""What is said where no exercise was recognised."""

from livecoach.cli.recognised import guessed_line, unrecognised_line
from livecoach.types import LikelyExercise, Recognition


def test_the_two_likeliest_exercises_are_named():
    """With their probabilities, and what to do."""
    guess = Recognition(
        name="squat",
        probability=0.41,
        alternatives=(
            LikelyExercise(name="romanian_deadlift", probability=0.22),
            LikelyExercise(name="lunge", probability=0.1),
        ),
    )
    assert unrecognised_line(guess) == (
        "no exercise was recognised: most like squat (.41) or romanian deadlift (.22). Give --exercise."
    )


def test_where_nothing_looked_like_an_exercise_none_is_named():
    """An empty room, somebody who walks about."""
    assert unrecognised_line(None) == "no exercise was recognised. Give --exercise."
    assert unrecognised_line(Recognition(name=None, probability=0.9)) == unrecognised_line(None)


def test_what_counted_as_the_likeliest_is_said_with_its_probability():
    """The lifter may know better."""
    assert guessed_line(Recognition(name="romanian_deadlift", probability=0.81), counted=True) == (
        "counted as romanian deadlift (.81), which is likeliest but not sure. Give --exercise if it is another."
    )


def test_what_was_believed_without_a_rep_is_not_called_unknown():
    """A recording of half a rep."""
    assert guessed_line(Recognition(name="bench_press", probability=0.99), counted=False) == (
        "most like bench press (.99), but no rep of it was found. Give --exercise if it is another."
    )
