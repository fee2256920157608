"""How long others take for their way down: recorded people, made up here, and synthetic lifters."""

import math

import numpy as np
import pytest

pytest.importorskip("scipy", reason="the extra 'synth' is not installed")
from builders.markers import a_squat, write_markers

from livecoach.coaching.first_set import load_shipped_descents
from livecoach.errors import SourceError
from livecoach.lab.train.ranges import (
    DOWN,
    LEAST_AGREEMENT,
    MeasuredSet,
    agreement_of,
    recorded_sets,
    synthetic_sets,
    usual_descent,
)
from livecoach.types.callbacks import ignore


def some_sets(by_lifter: float, by_camera: float, lifters: int = 10, cameras: int = 8) -> list[MeasuredSet]:
    """Sets whose logarithms differ by so much between lifters, and between the cameras before one of them."""
    rng = np.random.default_rng(5)
    habits = rng.normal(0, by_lifter, lifters)
    return [
        MeasuredSet(str(n), {DOWN: habit + rng.normal(0, by_camera)})
        for n, habit in enumerate(habits)
        for _ in range(cameras)
    ]


def test_a_measure_agrees_where_lifters_differ_and_cameras_do_not():
    """One that is often unknown agrees with nothing."""
    assert agreement_of(some_sets(1.0, 0.1), DOWN) > 0.9
    assert agreement_of(some_sets(0.1, 1.0), DOWN) < 0.2
    assert agreement_of(some_sets(1.0, 0.1) + [MeasuredSet("11", {})] * 20, DOWN) == -1.0


def test_the_limits_hold_nearly_all_further_lifters():
    """They are wider where fewer lifters are known, and always around what is usual."""
    made = usual_descent(some_sets(0.3, 0.1, lifters=400))
    (low_s, high_s), (least_s, most_s) = made["usual_s"], made["limits_s"]
    assert least_s < low_s < 1 < high_s < most_s
    spread = math.hypot(0.3, 0.1)
    assert math.log(most_s) == pytest.approx(2.33 * spread, rel=0.1)
    few = usual_descent(some_sets(0.3, 0.1, lifters=5))["limits_s"]
    assert few[1] / few[0] > most_s / least_s


def test_recorded_people_are_measured_before_cameras_as_a_set_is(tmp_path):
    """Their correct reps alone, all of one duration here."""
    recorded = {
        f"m01_s0{person}_e{n:02}_{kind}": a_squat(0.4) for person in (1, 2) for n in range(1, 5) for kind in "ci"
    }
    sets = recorded_sets(write_markers(tmp_path, recorded), "squat", 3)
    assert {one.lifter for one in sets} == {"s01", "s02"}
    down_s = np.exp([one.medians[DOWN] for one in sets])
    assert np.ptp(np.quantile(down_s, (0.1, 0.9))) < 0.5 * np.median(down_s)
    with pytest.raises(SourceError):
        recorded_sets(tmp_path / "nowhere", "squat", 3)


def test_synthetic_lifters_are_the_same_each_time():
    """By the seed."""
    first, again = (synthetic_sets("overhead_press", 1, 9, 1, ignore) for _ in range(2))
    assert first == again
    assert {one.lifter for one in first} == {"0"}
    assert all(DOWN in one.medians for one in first)


def test_what_ships_agrees_between_views():
    """The file tells how well, for what was left out, too."""
    shipped = load_shipped_descents()
    agreement = shipped.training["agreement"]
    assert all(agreement[name][DOWN] >= LEAST_AGREEMENT for name in shipped.exercises)
    assert agreement["lunge"][DOWN] < LEAST_AGREEMENT
    assert agreement["squat"]["most_trunk_lean_deg"] < LEAST_AGREEMENT
