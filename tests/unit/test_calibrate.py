"""`calibrate --reps`: which reps a list of numbers names."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livecoach.cli.arguments import LARGEST, parse_rep_numbers

NUMBER = st.integers(1, LARGEST)
RANGE = st.tuples(NUMBER, NUMBER).map(sorted)
SPACE = st.sampled_from(["", " "])


@st.composite
def lists(draw: st.DrawFn) -> tuple[str, set[int]]:
    """A list as somebody may write it, and what it names."""
    parts, named = [], set()
    for first, last in draw(st.lists(RANGE, min_size=1, max_size=5)):
        alone = first == last and draw(st.booleans())
        parts.append(draw(SPACE) + (str(first) if alone else f"{first}{draw(SPACE)}-{draw(SPACE)}{last}") + draw(SPACE))
        named |= set(range(first, last + 1))
    return ",".join(parts), named


@given(written=lists())
def test_a_list_names_numbers_and_ranges(written):
    """In their order, each once, whatever order they are written in."""
    text, named = written
    assert parse_rep_numbers(text) == tuple(sorted(named))


@given(text=st.text())
def test_any_text_is_a_list_or_is_refused_in_a_line(text):
    """With numbers from 1; the reason can be read."""
    try:
        named, said = parse_rep_numbers(text), ""
    except ValueError as err:
        named, said = (1,), str(err)
    assert said.isprintable()
    assert named[0] >= 1
    assert list(named) == sorted(set(named))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "expected rep numbers such as 1,2,5-8, got ''."),
        ("1,,2", "expected rep numbers such as 1,2,5-8, got ''."),
        ("1;2", "expected rep numbers such as 1,2,5-8, got '1;2'."),
        ("-3", "expected rep numbers such as 1,2,5-8, got '-3'."),
        ("1-", "expected rep numbers such as 1,2,5-8, got '1-'."),
        ("1-2-3", "expected rep numbers such as 1,2,5-8, got '1-2-3'."),
        ("²", "expected rep numbers such as 1,2,5-8, got '²'."),
        ("8-5", "8-5 runs backwards. Write 5-8."),
        ("0", "0: reps are numbered from 1, to 999 at most."),
        ("1-999999999", "1-999999999: reps are numbered from 1, to 999 at most."),
    ],
)
def test_what_is_no_list_is_told(text, said):
    """The part at fault, and what to write."""
    with pytest.raises(ValueError, match=r"\.$") as caught:
        parse_rep_numbers(text)
    assert str(caught.value) == said
