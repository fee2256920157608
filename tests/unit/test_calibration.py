"""Calibration by hand: which reps that a lifter calls good make a reference."""

from dataclasses import replace

from builders.kept_reps import STIFF, a_kept_rep
from builders.scorers import a_scorer

from livecoach.judging.own_reference import choose_reps
from livecoach.types import RepWindow

SCORER = a_scorer()


def some(count: int = 4, **changes: object) -> list[RepWindow]:
    return [a_kept_rep(seed=i, **changes) for i in range(count)]


def test_good_reps_of_one_view_are_all_taken():
    """From two sets, in their order."""
    reps = [*some(3, set_name="1"), *some(2, set_name="2", fps=25.0)]
    found = choose_reps(reps, SCORER)
    assert (found.kept, found.left_out) == (tuple(reps), ())


def test_a_rep_that_is_poorly_visible_is_left_out():
    """With its reason."""
    reps = some()
    unseen = replace(a_kept_rep(), observations=())
    found = choose_reps([*reps, unseen], SCORER)
    assert found.kept == tuple(reps)
    assert [(out.rep, out.reason) for out in found.left_out] == [(unseen, "not seen well")]


def test_another_view_is_left_out():
    """By its degrees, and those of the others; left and right are one view."""
    reps = [*some(2), *some(2, azimuth_deg=-30.0)]
    side = a_kept_rep(azimuth_deg=80.0, set_name="2")
    found = choose_reps([side, *reps], SCORER)
    assert found.kept == tuple(reps)
    assert [(out.rep, out.reason) for out in found.left_out] == [(side, "another view (80°, the others 30°)")]


def test_of_two_views_the_one_with_more_reps_is_taken():
    """Not the middle between them, where there is none."""
    found = choose_reps([*some(3, azimuth_deg=70.0), *some(3, azimuth_deg=20.0)], SCORER)
    assert len(found.kept) == 3
    assert {out.reason for out in found.left_out} == {"another view (20°, the others 70°)"}


def test_an_odd_rep_is_left_out_by_what_was_wrong_with_it():
    """Straight legs among bent ones."""
    reps = some(5)
    odd = a_kept_rep(deepest_deg=STIFF, seed=9)
    found = choose_reps([*reps, odd], SCORER)
    assert found.kept == tuple(reps)
    ((out),) = found.left_out
    assert out.rep is odd
    words = {fault.words for fault in SCORER.faults.table.faults.values()}
    assert out.reason in {*words, "unlike the others"}


def test_three_reps_at_the_least_are_kept():
    """However unlike each other they are: it takes more to say which is odd."""
    reps = [a_kept_rep(deepest_deg=deepest, seed=i) for i, deepest in enumerate((None, STIFF, (25.0, 75.0, 60.0)))]
    assert choose_reps(reps, SCORER).kept == tuple(reps)
    assert choose_reps([], SCORER).kept == ()
