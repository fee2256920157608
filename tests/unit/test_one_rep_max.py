"""The one-repetition maximum from speeds: the crossing, its interval, and when nothing can be said."""

import numpy as np
import pytest

from livecoach.config import exercise
from livecoach.rep.one_rep_max import LoadedSet, OneRepMax, estimate, speed_of_max


def sets_on_a_line(loads, max_kg=140.0, at_max=0.3, per_kg=0.008, noise=0.0, seed=1) -> list[LoadedSet]:
    """Sets of a lifter whose speed is `at_max` at `max_kg`."""
    off = np.random.default_rng(seed).normal(0, noise, len(loads)) if noise else np.zeros(len(loads))
    return [
        LoadedSet(load_kg=load, speed=at_max + per_kg * (max_kg - load) + float(e))
        for load, e in zip(loads, off, strict=True)
    ]


def test_estimate_is_where_the_line_reaches_the_speed_of_a_maximum():
    """Without noise, exactly, and the interval is as narrow."""
    found = estimate(sets_on_a_line([60.0, 80.0, 100.0, 110.0]), 0.3)
    assert isinstance(found, OneRepMax)
    assert (found.load_kg, found.low_kg, found.high_kg) == pytest.approx((140.0, 140.0, 140.0), abs=0.01)
    assert found.sets == 4


def test_interval_holds_the_truth_nineteen_times_in_twenty():
    """Of lifters whose speeds are off by .05 m/s; where nothing is said, nothing is wrong."""
    told = []
    for seed in range(300):
        found = estimate(sets_on_a_line([60.0, 80.0, 90.0, 100.0, 110.0, 120.0], noise=0.05, seed=seed), 0.3)
        if isinstance(found, OneRepMax):
            told.append(found.low_kg <= 140.0 <= found.high_kg)
    assert len(told) > 250
    assert np.mean(told) > 0.93


@pytest.mark.parametrize(
    ("loads", "why"),
    [
        ([], "needs 4 sets"),
        ([60.0, 80.0, 100.0], "so far 3 at 3"),
        ([60.0, 60.0, 80.0, 80.0], "so far 4 at 2"),
        ([100.0, 102.5, 105.0, 107.5], "too alike"),
    ],
)
def test_too_few_or_too_similar_loads_say_what_is_missing(loads, why):
    """In words that a lifter can act upon."""
    assert why in estimate(sets_on_a_line(loads), 0.3)


def test_speed_that_does_not_fall_with_the_load_says_so():
    """Sets done at will, not as fast as possible."""
    assert "does not fall" in estimate(sets_on_a_line([60.0, 80.0, 100.0, 120.0], per_kg=-0.001), 0.3)


def test_heaviest_set_above_the_estimate_says_so():
    """The lifter was saving strength before."""
    sets = [*sets_on_a_line([60.0, 70.0, 80.0, 90.0, 95.0], max_kg=100.0), LoadedSet(load_kg=250.0, speed=0.31)]
    assert isinstance(estimate(sets, 0.3), str)


def test_no_estimate_is_below_what_was_lifted():
    """Who has lifted a load can lift it."""
    found = estimate(sets_on_a_line([100.0, 120.0, 135.0, 139.0], noise=0.02, seed=3), 0.33)
    assert isinstance(found, OneRepMax)
    assert found.low_kg >= 139.0
    assert found.load_kg >= 139.0


def test_speed_of_a_maximum_in_torso_lengths_is_that_of_a_typical_body():
    """The torso is 27 % of 170 cm."""
    assert speed_of_max(0.3, "m/s") == 0.3
    assert speed_of_max(0.3, "torso/s") == pytest.approx(0.3 / 0.459, abs=1e-3)


@pytest.mark.parametrize(("name", "m_s"), [("squat", 0.30), ("deadlift", 0.15), ("bench_press", 0.17), ("lunge", None)])
def test_exercise_says_how_slow_its_maximum_is(name, m_s):
    """Where the literature does."""
    assert exercise.load(name).speed_of_max_m_s == m_s
