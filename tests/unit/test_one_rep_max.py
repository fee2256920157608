"""The one-repetition maximum: from speeds the crossing and its interval, from reps two formulas."""

from dataclasses import replace

import numpy as np
import pytest
from builders.steps import a_pace, a_rep

from livecoach.core.config import exercise
from livecoach.core.types import SetLog
from livecoach.decisions.rep.one_rep_max import LoadedSet, estimate_max_by_reps, estimate_max_load, loaded_set


def sets_on_a_line(loads, max_kg=140.0, at_max=0.3, per_kg=0.008, noise=0.0, seed=1) -> list[LoadedSet]:
    off = np.random.default_rng(seed).normal(0, noise, len(loads)) if noise else np.zeros(len(loads))
    return [
        LoadedSet(load_kg=load, reps=3, speed=at_max + per_kg * (max_kg - load) + float(e))
        for load, e in zip(loads, off, strict=True)
    ]


@pytest.mark.parametrize(("count", "t"), [(6, 2.776), (17, 2.131)])
def test_the_interval_ends_where_one_set_in_twenty_is_as_far_from_the_line(count, t):
    loads = np.linspace(60.0, 120.0, count)
    sets = sets_on_a_line(loads.tolist(), noise=0.05)
    line, found = np.polyfit(loads, speeds := [lifted.speed for lifted in sets], 1), estimate_max_load(sets, 0.3)
    noise = ((np.polyval(line, loads) - speeds) ** 2).sum() / (count - 2)
    assert np.polyval(line, found.load_kg) == pytest.approx(0.3)
    for end_kg in (found.low_kg, found.high_kg):
        error = noise * (1 + 1 / count + (end_kg - loads.mean()) ** 2 / ((loads - loads.mean()) ** 2).sum())
        assert abs(np.polyval(line, end_kg) - 0.3) == pytest.approx(t * np.sqrt(error))


@pytest.mark.parametrize(
    "sets",
    [
        sets_on_a_line([60.0, 80.0, 100.0]),
        sets_on_a_line([60.0, 60.0, 80.0, 80.0]),
        sets_on_a_line([100.0, 102.5, 105.0, 107.5]),
        sets_on_a_line([60.0, 80.0, 100.0, 120.0], per_kg=-0.001),
        [*sets_on_a_line([60.0, 70.0, 80.0, 90.0, 95.0], max_kg=100.0), LoadedSet(load_kg=250.0, reps=3, speed=0.31)],
    ],
    ids=["three sets", "two loads", "alike loads", "speed rises", "heaviest is fast"],
)
def test_speeds_that_say_too_little_leave_the_estimate_to_the_reps(sets):
    assert estimate_max_load(sets, 0.3).by == "reps"


def test_no_estimate_is_below_what_was_lifted():
    found = estimate_max_load(sets_on_a_line([100.0, 120.0, 135.0, 139.0], noise=0.02, seed=3), 0.33)
    assert found.low_kg >= 139.0
    assert found.load_kg >= 139.0


@pytest.mark.parametrize(
    ("reps", "rpe", "expected"),
    [
        (1, None, (100.0, 100.0)),
        (5, None, (112.5, 116.67)),
        (5, 8.0, (120.0, 123.33)),
        (10, None, (133.33, 133.33)),
        (1, 9.0, (102.86, 106.67)),
    ],
)
def test_one_set_gives_a_maximum_by_brzycki_and_by_epley(reps, rpe, expected):
    """As if no rep was left; a rating says how many were. A single is its own maximum."""
    found = estimate_max_by_reps(LoadedSet(load_kg=100.0, reps=reps, rpe=rpe))
    assert (found.low_kg, found.high_kg) == pytest.approx(expected, abs=0.01)
    assert found.load_kg == pytest.approx(sum(expected) / 2, abs=0.01)


@pytest.mark.parametrize(("reps", "rpe"), [(11, None), (9, 8.0)])
def test_the_formulas_are_not_asked_for_more_than_ten_reps(reps, rpe):
    assert estimate_max_by_reps(LoadedSet(load_kg=100.0, reps=reps, rpe=rpe)) is None


def test_the_set_that_promises_most_counts():
    sets = [LoadedSet(load_kg=100.0, reps=5), LoadedSet(load_kg=110.0, reps=3), LoadedSet(load_kg=60.0, reps=20)]
    assert estimate_max_load(sets, None).sets == (sets[1],)
    assert estimate_max_load(sets[:1], 0.3).sets == (sets[0],)
    assert estimate_max_load([], 0.3) is None


def test_a_speed_counts_where_the_bar_was_seen():
    """Hands and hips give an estimate, whatever the unit."""
    body, fast = a_pace(speed=2.0, speed_unit="m/s"), a_pace(speed=0.5, speed_unit="m/s", measured_from="bar")
    log = SetLog(load_kg=100.0, rpe=9.0)
    reps = [a_rep(pace=pace) for pace in (body, None, fast)]
    assert loaded_set(log, reps[:2]) == LoadedSet(load_kg=100.0, reps=2, rpe=9.0)
    assert loaded_set(log, reps).speed == 0.5
    assert loaded_set(SetLog(rpe=9.0), reps) is None


def test_a_set_that_another_set_outdid_gives_no_maximum():
    """Ten reps with two left, with as much load, show that four were far from all."""
    ten, four = LoadedSet(load_kg=102.5, reps=10, rpe=8.0), LoadedSet(load_kg=102.5, reps=4)
    assert estimate_max_load([ten, four], None) is None
    assert estimate_max_load([ten, replace(four, load_kg=110.0)], None) is None
    assert estimate_max_load([ten, replace(four, load_kg=130.0)], None).sets == (replace(four, load_kg=130.0),)


@pytest.mark.parametrize(("name", "m_s"), [("squat", 0.30), ("deadlift", 0.15), ("bench_press", 0.17), ("lunge", None)])
def test_exercise_says_how_slow_its_maximum_is(name, m_s):
    assert exercise.load(name).speed_of_max_m_s == m_s
