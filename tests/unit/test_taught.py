"""What a reference and its limits learn from somebody who says what a rep was."""

import pytest
from builders.references import a_lifter, a_set_of, another
from hypothesis import given
from hypothesis import strategies as st

from livecoach.judging.own_reference import IN_A_ROW, WIDER, WIDEST, OwnReference, widening

GOOD = (-0.5, 0.5, 0.0, -0.3, 0.3)


def start_s(number: int) -> float:
    return another(number).start_s


def known_by(lifter: OwnReference) -> list[float]:
    """Starts of the reps that judge."""
    reference = lifter.reference(30.0)
    return [] if reference is None else [rep.window.start_s for rep in reference.reps]


def with_reps(*offs: float) -> OwnReference:
    """A lifter who is known by reps of this set that are so far off."""
    lifter = a_lifter()
    a_set_of(lifter, *offs)
    return lifter


def test_a_rep_that_was_bad_leaves_the_reference_at_once():
    """The profile has nothing to forget: it learns at the end of the run."""
    lifter = with_reps(*GOOD)
    effect = lifter.correct(start_s(2), False, alarm=False)
    assert (effect.learned, effect.forgotten, effect.reference) == ((), (), "left")
    assert known_by(lifter) == [start_s(n) for n in (0, 1, 3, 4)]
    assert start_s(2) not in [rep.start_s for rep in lifter.run_over()]


def test_a_rep_that_was_good_enters_the_reference_at_once_and_the_profile_keeps_it_as_chosen():
    """Even one that stands out; it is not learned again at the end."""
    lifter = with_reps(*GOOD, 30.0)
    assert start_s(5) not in known_by(lifter)
    effect = lifter.correct(start_s(5), True, alarm=True)
    assert effect.reference == "entered"
    assert [(rep.start_s, rep.chosen) for rep in effect.learned] == [(start_s(5), True)]
    assert start_s(5) in known_by(lifter)
    assert start_s(5) not in [rep.start_s for rep in lifter.run_over()]


def test_a_good_rep_that_is_called_good_is_kept_and_changes_no_reference():
    """It judges already."""
    effect = with_reps(*GOOD).correct(start_s(1), True, alarm=False)
    assert ([rep.chosen for rep in effect.learned], effect.reference) == ([True], None)


@pytest.mark.parametrize("good", [True, False])
@pytest.mark.parametrize("number", [0, 2, 4])
@pytest.mark.parametrize("over", [True, False])
def test_taking_it_back_restores_the_reference(good, number, over):
    """At the same place, in this set and after it; the profile forgets what it kept of it."""
    lifter = with_reps(*GOOD)
    if over:
        lifter.set_over()
    before = known_by(lifter)
    lifter.correct(start_s(number), good, alarm=False)
    effect = lifter.correct(start_s(number), None, alarm=False)
    assert known_by(lifter) == before
    assert [rep.start_s for rep in effect.forgotten] == ([start_s(number)] if good else [])


def test_a_rep_of_no_run_teaches_nothing():
    """One that was not judged, say."""
    effect = with_reps(*GOOD).correct(1000.0, True, alarm=False)
    assert (effect.learned, effect.forgotten, effect.reference, effect.widened) == ((), (), None, False)


@given(said=st.lists(st.booleans(), max_size=40))
def test_the_limits_widen_by_a_quarter_for_each_three_in_a_row_and_no_further_than_twice(said):
    """Anything else begins a new row."""
    rows = "".join("x" if one else " " for one in said).split(" ")
    expected = min(WIDER ** sum(len(row) // IN_A_ROW for row in rows), WIDEST)
    assert widening(said) == pytest.approx(expected)


def test_the_third_alarm_in_a_row_that_was_good_widens_and_taking_it_back_undoes_that():
    """Said once: of the correction that does it."""
    lifter = a_lifter()
    assert [lifter.correct(float(n), True, alarm=True).widened for n in range(4)] == [False, False, True, False]
    assert lifter.widening == WIDER
    assert not lifter.correct(0.0, None, alarm=True).widened
    assert lifter.widening == WIDER  # three of four still stand in a row
    lifter.correct(1.0, None, alarm=True)
    assert lifter.widening == 1.0


def test_another_correction_in_between_begins_a_new_row():
    """Of a rep that was no alarm, or that was bad."""
    lifter = a_lifter()
    for n, alarm in enumerate([True, True, False, True, True]):
        assert not lifter.correct(float(n), True, alarm=alarm).widened
