"""A target as lifters write it."""

import pytest

from livecoach.coaching.set_progress import parse_target


@pytest.mark.parametrize(
    ("text", "expected"), [("5x5", (5, 5)), ("3 x 12", (3, 12)), ("5×3", (5, 3)), ("10X10", (10, 10)), ("8", (None, 8))]
)
def test_sets_and_reps_are_read(text, expected):
    """Sets before reps, with a cross of any kind; a single number is of reps."""
    assert parse_target(text) == expected


@pytest.mark.parametrize("text", ["", "x", "5x", "x5", "0x5", "5x0", "0", "-3", "5x5x5", "five", "1000", "100x5"])
def test_anything_else_is_refused_with_an_example(text):
    """The error says what is wanted."""
    with pytest.raises(ValueError, match="like 5x5"):
        parse_target(text)
