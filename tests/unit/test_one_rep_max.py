"""The one-repetition maximum by two formulas."""

from dataclasses import replace

import pytest
from builders.steps import a_rep

from livecoach.core.types import SetLog
from livecoach.decisions.rep.one_rep_max import LoadedSet, by_reps, estimate, loaded_set


@pytest.mark.parametrize(
    ("reps", "rpe", "expected"),
    [
        (1, None, (100.0, 100.0)),
        (5, None, (112.5, 116.67)),
        (5, 8.0, (120.0, 123.33)),
        (10, None, (133.33, 133.33)),
        (9, 9.0, (133.33, 133.33)),
    ],
)
def test_one_set_gives_it_by_brzycki_and_by_epley(reps, rpe, expected):
    """As if no rep was left; a rating says how many were. A single is its own maximum."""
    found = by_reps(LoadedSet(load_kg=100.0, reps=reps, rpe=rpe))
    assert (found.low_kg, found.high_kg) == pytest.approx(expected, abs=0.01)
    assert found.load_kg == pytest.approx(sum(expected) / 2, abs=0.01)


@pytest.mark.parametrize(("reps", "rpe"), [(11, None), (9, 8.0)])
def test_the_formulas_are_not_asked_for_more_than_ten_reps(reps, rpe):
    assert by_reps(LoadedSet(load_kg=100.0, reps=reps, rpe=rpe)) is None


def test_the_set_that_promises_most_counts():
    """From the first one on."""
    sets = [LoadedSet(load_kg=100.0, reps=5), LoadedSet(load_kg=110.0, reps=3), LoadedSet(load_kg=60.0, reps=20)]
    assert estimate(sets).lifted == sets[1]
    assert estimate(sets[:1]).lifted == sets[0]
    assert estimate([]) is None


def test_a_set_without_a_load_gives_none():
    assert loaded_set(SetLog(load_kg=100.0, rpe=9.0), [a_rep()] * 2) == LoadedSet(load_kg=100.0, reps=2, rpe=9.0)
    assert loaded_set(SetLog(rpe=9.0), [a_rep()]) is None


def test_flagged_reps_alone_give_no_maximum():
    """Nor do they give a best."""
    assert loaded_set(SetLog(load_kg=100.0), [a_rep(verdict="anomalous")] * 4) is None


def test_a_set_that_another_one_outdid_gives_no_maximum():
    """Ten reps with two left, with as much load, show that four were far from all."""
    ten, four = LoadedSet(load_kg=102.5, reps=10, rpe=8.0), LoadedSet(load_kg=102.5, reps=4)
    assert estimate([ten, four]) is None
    assert estimate([ten, replace(four, load_kg=110.0)]) is None
    assert estimate([ten, replace(four, load_kg=130.0)]).lifted == replace(four, load_kg=130.0)
