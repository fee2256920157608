"""Two sessions side by side: which, and what stands of each."""

from collections.abc import Collection, Sequence

import pytest
from builders.depth import a_depth
from builders.past_sessions import a_pace, a_past_rep, a_past_session, reps_of
from builders.reports import Read, a_squat_fault, a_squat_session, squatted, wrong
from builders.sessions import at

from livecoach.core.types import UncheckedFault
from livecoach.pages.history.reading import load_sessions, make_past
from livecoach.pages.history.session_index import load_indexed_parts
from livecoach.pages.report.compare import compare_page
from livecoach.pages.report.session_cards import part_key
from livecoach.records.session.stored import Session

pytestmark = pytest.mark.usefixtures("data_home")


def moved(metres: float, count: int = 3, **changes: object) -> tuple:
    """Reps with this range of motion."""
    return tuple(a_past_rep(pace=a_pace(travel=metres, travel_unit="m"), **changes) for _ in range(count))


def compared(*sessions, one=None, other=None) -> Read:
    parts = make_past(sessions).parts
    return Read(compare_page(parts, lambda _: parts, one, other, "home"))


def chosen(page: Read) -> list[str]:
    """The keys of the left and the right session."""
    return [attributes["value"] for tag, attributes in page.tags if tag == "option" and "selected" in attributes]


def test_range_of_motion_stands_side_by_side_to_one_scale():
    """Of each rep, and its median: the line that a coach looks for."""
    page = compared(a_past_session(at(2026, 3, 1), reps=moved(0.41)), a_past_session(at(2026, 3, 8), reps=moved(0.24)))
    assert "Range of motion 41 cm 24 cm" in page.words
    columns = [float(one["height"]) for tag, one in page.tags if tag == "rect" and one.get("class") == "fill-speed"]
    assert columns[0] * 24 / 41 == pytest.approx(columns[3], abs=0.2)
    assert "Way down 1.0 s 1.0 s" in page.words
    for title in ("Way down of each rep, s", "Way up of each rep, s", "Speed on the way up of each rep, m/s"):
        assert page.words.count(title) == 2


def test_both_pictures_show_the_moment_of_the_fault(sessions):
    """On the way down, in both sessions, where a rep came down too fast; the turn where there is no fault."""
    fast = a_squat_fault("rushed", at_s=0.8, phase="descent", unit="s", measure=0.4, ref=1.2, text="")
    for day, reps in ((1, [squatted(1)]), (8, [wrong(1, fast)]), (9, [squatted(1)])):
        a_squat_session(sessions, reps, started=at(2026, 3, day))
    one, faulty, other = map(part_key, load_indexed_parts())
    pages = [compare_page(load_indexed_parts(), read_parts, one, key, "home") for key in (faulty, other)]
    shown, turned = map(Read, pages)
    assert "show the moment for this fault: went down too fast (way down, where you go down fastest)" in shown.words
    assert "Both pictures show the same moment: bottom" in turned.words
    assert shown.words.count("Set 1, rep 1") == 2
    assert (labels(shown), labels(turned)) == (["the lifter"] * 2, ["the lifter at the turn of a rep"] * 2)
    for higher, lower in zip(heads(shown), heads(turned), strict=True):
        assert higher < lower - 20, "the head is lowest at the bottom"


def read_parts(names: Collection[str]) -> Sequence[Session]:
    """Read the parts of the two sessions that are compared, and of no other session."""
    assert len(names) == 2
    return load_sessions(names).parts


def test_a_session_without_a_rep_is_left_out(sessions):
    """As the newest session or as a wanted session: another session takes its place."""
    for day, reps in ((1, [squatted(1)]), (2, []), (3, [squatted(1)]), (4, [])):
        a_squat_session(sessions, reps, started=at(2026, 3, day))
    old, empty, new, _ = map(part_key, load_indexed_parts())
    for wanted in ((None, None), (empty, new), (None, new)):
        page = compare_page(load_indexed_parts(), lambda names: load_sessions(names).parts, *wanted, "home")
        assert chosen(Read(page)) == [old, new]


def labels(page: Read) -> list[str]:
    """The text alternatives of the pictures."""
    return [one["aria-label"] for tag, one in page.tags if tag == "svg" and one.get("class") == "lifter"]


def heads(page: Read) -> list[float]:
    """How far down the heads in the pictures are."""
    return [float(one["cy"]) for tag, one in page.tags if tag == "circle" and one.get("class") == "head"]


def test_the_charts_of_a_comparison_have_a_scale():
    many = (a_past_session(at(2026, 3, day), reps=moved(0.41, 12)) for day in (1, 8))
    page = compared(*many)
    assert "Range of motion of each rep, cm 40 20 0 rep" in page.words.replace("0 20 40", "40 20 0")


def test_the_newest_session_stands_beside_the_lifters_session_before_it():
    old, other, new = (
        a_past_session(at(2026, 3, day), name=f"s{day}", profile=who)
        for day, who in ((1, "anna"), (5, "ben"), (8, "anna"))
    )
    assert chosen(compared(old, other, new)) == [part_key(old.parts[0]), part_key(new.parts[0])]
    assert chosen(compared(old, other, new, other=part_key(other.parts[0]))) == ["s1/anna/squat", "s5/ben/squat"]
    assert chosen(compared(old, other, new, one="s8/anna/squat", other="s5/ben/squat")) == [
        "s8/anna/squat",
        "s5/ben/squat",
    ]


def test_a_session_is_not_compared_with_itself():
    """If only the left session is chosen, the newest other session stands on the right."""
    sessions = [a_past_session(at(2026, 3, day), name=f"s{day}") for day in (1, 8)]
    old, new = (part_key(session.parts[0]) for session in sessions)
    for left, right in ((new, old), (old, new)):
        assert chosen(compared(*sessions, one=left)) == [left, right]
    assert "There is only one session so far" in compared(sessions[1], one=new).words


def test_a_fault_is_counted_of_the_reps_that_could_show_it():
    """Of reps that hide it or are too close to tell, and of another exercise, nothing is said.

    A missed depth counts as it does elsewhere.
    """
    bad = a_past_rep(verdict="anomalous", faults=("shallow",))
    hidden = tuple(a_past_rep(not_visible=(UncheckedFault(name="shallow", reason="azimuth"),)) for _ in range(2))
    first = a_past_session(at(2026, 3, 1), reps=(bad, *reps_of("gg")))
    for reps, told in ((reps_of("gggg"), "1 of 3 0 of 4"), (hidden, "1 of 3 –")):
        assert f"Not deep enough {told}" in compared(first, a_past_session(at(2026, 3, 8), reps=reps)).words
    high = a_past_session(at(2026, 3, 8), reps=(a_past_rep(standards=(a_depth(9.0, "missed"),)), *reps_of("gg")))
    assert "Not deep enough 1 of 3 1 of 3" in compared(first, high).words
    close = a_past_session(at(2026, 3, 8), reps=(a_past_rep(standards=(a_depth(1.0, "close"),)), *reps_of("gg")))
    assert "Not deep enough 1 of 3 0 of 2" in compared(first, close).words
    curls = a_past_session(at(2026, 3, 8), exercise="curl", reps=(a_past_rep(exercise="curl"),))
    assert "Not deep enough 1 of 3 –" in compared(first, curls).words
