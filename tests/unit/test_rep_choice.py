"""SESSION:SET/REP: which reps somebody names, and what is said where there are none."""

import pytest
from builders.steps import a_rep
from hypothesis import given
from hypothesis import strategies as st

from livecoach.core.errors import SessionError
from livecoach.core.types import Rep
from livecoach.records.session.rep_choice import (
    LARGEST_NUMBER,
    RepRange,
    parse_choice,
    parse_rep_address,
    parse_reps,
    select_reps,
    selects_whole_sets,
)

NUMBER = st.integers(1, LARGEST_NUMBER)
RANGE = st.tuples(NUMBER, NUMBER).map(sorted)
SPACE = st.sampled_from(["", " "])
REPS = [
    a_rep(index=index, set=of_set, number=number)
    for index, (of_set, number) in enumerate([(1, 1), (1, 2), (1, 3), (2, 1), (2, 2)], 1)
]


@st.composite
def lists(draw: st.DrawFn) -> tuple[str, tuple[RepRange, ...]]:
    """A list as somebody may write it, and what it names."""
    parts, named = [], []
    for of_set, (first, last) in draw(st.lists(st.tuples(NUMBER, RANGE), min_size=1, max_size=5)):
        alone = first == last and draw(st.booleans())
        reps = str(first) if alone else f"{first}{draw(SPACE)}-{draw(SPACE)}{last}"
        parts.append(f"{draw(SPACE)}{of_set}/{reps}{draw(SPACE)}")
        named.append(RepRange(set=of_set, first=first, last=last))
    return ",".join(parts), tuple(named)


@given(written=lists())
def test_a_list_of_reps_is_read_with_its_sets_and_ranges(written):
    text, named = written
    assert parse_reps(text) == named


@given(text=st.text())
def test_any_text_names_reps_or_is_refused_in_a_line(text):
    try:
        named, said = parse_reps(text), ""
    except ValueError as err:
        named, said = (RepRange(set=1),), str(err)
    assert said.isprintable()
    assert all(one.set >= 1 and one.first >= 1 for one in named)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("1-5", "expected reps such as 2/4, 2/1-5 or 2, got '1-5'."),
        ("2/1,3", "'3' doesn't say which set. Write 2/3 for that rep of set 2."),
        ("", "expected reps such as 2/4, 2/1-5 or 2, got ''."),
        ("1/2/3", "expected reps such as 2/4, 2/1-5 or 2, got '1/2/3'."),
        ("²", "expected reps such as 2/4, 2/1-5 or 2, got '²'."),
        ("1/8-5", "1/8-5 runs backwards. Write 1/5-8."),
        ("0", "0: sets and reps are numbered from 1, to 999 at most."),
        ("1/0", "1/0: sets and reps are numbered from 1, to 999 at most."),
        ("1/1-999999999", "1/1-999999999: sets and reps are numbered from 1, to 999 at most."),
    ],
)
def test_an_invalid_list_is_reported(text, said):
    with pytest.raises(ValueError, match=r"\.$") as caught:
        parse_reps(text)
    assert str(caught.value) == said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("1/2-4", "last: there is no rep 1/4; the last rep is 1/3."),
        ("3/1", "last: there is no set 3; the last set is 2."),
        ("9", "last: there is no set 9; the last set is 2."),
    ],
)
def test_reps_that_do_not_exist_are_reported(text, said):
    with pytest.raises(SessionError) as caught:
        select_reps(parse_reps(text), REPS, "last", lambda _: "")
    assert str(caught.value) == said


@given(session=st.text(min_size=1), of_set=st.integers(1, 99), rep=st.integers(1, 999))
def test_a_rep_is_named_by_session_set_and_number(session, of_set, rep):
    found = RepRange(set=of_set, first=rep, last=rep)
    assert parse_rep_address(f"{session}:{of_set}/{rep}") == (session, found)


@pytest.mark.parametrize(
    "text", ["last", "last:", "last:1/", "last:1/2/3", ":1/2", "last:0", "last:1/1,1/2", "last:-1"]
)
def test_a_text_that_names_no_rep_is_refused_with_an_example(text):
    with pytest.raises(ValueError, match=r"1/3|2/4|1/1-5|numbered from 1"):
        parse_rep_address(text)


@pytest.mark.parametrize(
    ("text", "names", "whole"),
    [
        ("last", ["1/1", "1/2", "1/3", "2/1", "2/2"], True),
        ("last@", [], None),
        ("last@anna", ["1/1", "1/2", "1/3", "2/1", "2/2"], True),
        ("last:2", ["2/1", "2/2"], True),
        ("last:2@anna", ["2/1", "2/2"], True),
        ("last:1/2-3,2/1", ["1/2", "1/3", "2/1"], False),
        ("last:", [], None),
        (":2", [], None),
        ("", [], None),
    ],
)
def test_several_reps_are_named_by_session_set_or_numbers(text, names, whole):
    if whole is None:
        with pytest.raises(ValueError, match=r"last:2/3-7"):
            parse_choice(text)
        return
    session, choice = parse_choice(text)
    assert session == "last"
    assert [rep.name for rep in select_reps(choice, REPS, session, lambda _: "anna")] == names
    assert selects_whole_sets(choice) == whole


def test_a_session_of_several_lifters_is_whole_for_a_single_lifter():
    """Who is not named corrects nobody's reps by mistake."""

    def lifter_of(rep: Rep) -> str:
        return "anna" if rep.set == 1 else "ben"

    assert [rep.name for rep in select_reps(parse_choice("last@ben")[1], REPS, "last", lifter_of)] == ["2/1", "2/2"]
    assert parse_choice("last:2@Mu\u0308ller, Ben")[1][0].lifter == "M\u00fcller, Ben"
    with pytest.raises(SessionError, match=r"last: anna, ben have sets in it\. Write last@anna to say whose\."):
        select_reps(parse_choice("last")[1], REPS, "last", lifter_of)
    with pytest.raises(SessionError, match=r"last: cleo has no set\."):
        select_reps(parse_choice("last@cleo")[1], REPS, "last", lifter_of)
