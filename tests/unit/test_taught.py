"""What a reference and its limits learn from somebody who says what a rep was."""

from dataclasses import replace

import pytest
from builders.references import JUDGE, POPULATION, SETTLED, a_good_rep, a_lifter, another, centre
from hypothesis import given
from hypothesis import strategies as st

from livecoach.judging.judge import Judge, Reference
from livecoach.judging.reference_corrections import IN_A_ROW, WIDER, WIDEST, widening
from livecoach.judging.reference_learner import ReferenceLearner
from livecoach.judging.reference_rep import ReferenceRep


def of(number: int, off: float = 0.0) -> ReferenceRep:
    """A rep of this run, as `a_lifter` has it."""
    return ReferenceRep(vector=a_good_rep(off), window=another(number))


def with_reps(count: int) -> tuple[ReferenceLearner, list[ReferenceRep]]:
    """A lifter who is known by some reps of this set, and these."""
    lifter, reps = ReferenceLearner(POPULATION, JUDGE), [of(n, n / 10) for n in range(count)]
    for rep in reps:
        lifter.add(rep.vector, rep.window)
    return lifter, reps


def known_by(lifter: ReferenceLearner) -> list[float]:
    """Starts of the reps that judge."""
    return [kept.start_s for kept in lifter.own(30.0)]


def test_a_rep_that_was_bad_leaves_the_reference_at_once():
    """Whoever reads the profile hears of it, and the next rep is judged without it."""
    lifter, reps = with_reps(6)
    taught = lifter.correct(reps[2], False, of_set=True)
    assert (taught.forgotten, taught.learned, taught.reference) == ((reps[2].window,), (), "left")
    assert known_by(lifter) == [rep.window.start_s for n, rep in enumerate(reps) if n != 2]


def test_a_rep_that_was_good_enters_the_reference_at_once_and_stays():
    """Even one that stands out among the first, which would be left out by itself."""
    lifter, reps = with_reps(3)
    odd = of(3, 9.0)
    taught = lifter.correct(odd, True, of_set=True)
    assert (taught.learned, taught.forgotten, taught.reference) == ((odd.window,), (), "entered")
    lifter.add(a_good_rep(), another(4))
    assert known_by(lifter) == [rep.window.start_s for rep in (*reps, odd)] + [another(4).start_s]


def test_a_rep_that_stands_out_is_left_out_unless_somebody_calls_it_good():
    """The other half of the test above."""
    lifter, _ = with_reps(3)
    lifter.add(a_good_rep(9.0), another(3))
    assert another(3).start_s not in known_by(lifter)


@pytest.mark.parametrize("good", [True, False])
@pytest.mark.parametrize("number", [0, 2, 5])
@pytest.mark.parametrize("over", [True, False])
def test_taking_it_back_restores_the_reference(good, number, over):
    """To the byte, at the same place, in this set and after it."""
    lifter, reps = with_reps(6)
    if over:
        lifter.set_over()
    before, judged_by = centre(lifter), known_by(lifter)
    lifter.correct(reps[number], good, of_set=not over)
    lifter.correct(reps[number], None, of_set=not over)
    assert centre(lifter) == before
    assert known_by(lifter) == judged_by


def test_what_was_kept_of_it_is_kept_again_when_the_correction_is_taken_back():
    """And what was never told as learned is told with the others, in its time."""
    lifter, reps = with_reps(SETTLED)
    lifter.correct(reps[0], False, of_set=True)
    taught = lifter.correct(reps[0], None, of_set=True)
    assert (taught.learned, taught.reference) == ((reps[0].window,), "entered")
    lifter, reps = with_reps(SETTLED - 1)  # none of them told yet
    lifter.correct(reps[0], False, of_set=True)
    assert lifter.correct(reps[0], None, of_set=True).learned == ()
    assert {kept.start_s for kept in lifter.set_over()} == {rep.window.start_s for rep in reps}


def test_a_good_rep_that_was_none_before_is_forgotten_when_that_is_taken_back():
    """The profile loses it again."""
    lifter, _ = with_reps(5)
    odd = of(9)
    lifter.correct(odd, True, of_set=True)
    taught = lifter.correct(odd, None, of_set=True)
    assert (taught.forgotten, taught.reference) == ((odd.window,), "left")


@given(said=st.lists(st.booleans(), max_size=40))
def test_the_limits_widen_by_a_quarter_for_each_three_in_a_row_and_no_further_than_twice(said):
    """Anything else begins a new row."""
    rows = "".join("x" if one else " " for one in said).split(" ")
    expected = min(WIDER ** sum(len(row) // IN_A_ROW for row in rows), WIDEST)
    assert widening(said) == pytest.approx(expected)


def test_the_third_alarm_in_a_row_that_was_good_widens_and_taking_it_back_undoes_that():
    """Said once: of the correction that does it."""
    lifter = a_lifter(5)
    assert [lifter.excuse(float(n), True) for n in range(4)] == [False, False, True, False]
    assert lifter.reference(30.0).widening == WIDER
    assert not lifter.excuse(0.0, None)
    assert lifter.reference(30.0).widening == WIDER  # three of four still stand in a row
    lifter.excuse(1.0, None)
    assert lifter.reference(30.0).widening == 1.0


def test_another_correction_in_between_begins_a_new_row():
    """Of a rep that was no alarm, or that was bad."""
    lifter = a_lifter(5)
    for n, excused in enumerate([True, True, False, True, True]):
        assert not lifter.excuse(float(n), excused)


def test_wider_limits_make_the_score_and_every_margin_smaller_and_wider():
    """By the same factor; a fault within the wider margin is none."""
    usual = a_lifter(6).reference(30.0)
    wide = replace(usual, widening=2.0)
    rep = a_good_rep(lean_deg=80.0)
    judge = Judge(POPULATION)
    assert judge.judge(rep, wide, {}).score == pytest.approx(judge.judge(rep, usual, {}).score / 2)
    before, after = (_margins(judge, rep, reference) for reference in (usual, wide))
    assert before.keys() & after.keys()
    assert all(after[name] == pytest.approx(2 * margin) for name, margin in before.items() if name in after)
    assert set(after) <= set(before)


def _margins(judge: Judge, rep: object, reference: Reference) -> dict[str, float]:
    return {fault.name: fault.margin for fault in judge.judge(rep, reference, {}).faults}  # type: ignore[arg-type]
