"""Lifters further apart than usual."""

import numpy as np
import pytest
from builders.synthetic_motion import BODY

from livecoach.lab.synth.figure.body import SIDES
from livecoach.lab.synth.motion.lifter import SyntheticLifter
from livecoach.lab.synth.motion.lifts import EXERCISES, draw_lifter
from livecoach.lab.synth.motion.programme import Performer
from livecoach.lab.synth.motion.set_motion import SetMotion, play_set
from livecoach.lab.synth.motion.tokens import parse


def wide_lifters(exercise: str, count: int = 300, loaded: bool = False) -> list[SyntheticLifter]:
    rng = np.random.default_rng(0)
    return [draw_lifter(rng, BODY, exercise, loaded, wide=True) for _ in range(count)]


def two_reps(exercise: str, lifter: SyntheticLifter) -> SetMotion:
    return play_set(Performer(BODY, exercise, lifter), parse("good*2"), np.random.default_rng(1), 12.0)


@pytest.mark.parametrize(
    ("exercise", "name", "low", "high"),
    [
        ("deadlift", "start_thigh_deg", 25, 95),
        ("deadlift", "half_stance_m", 0.08, 0.4),
        ("deadlift", "grip_half_m", 0.13, 0.45),
        ("deadlift", "bar_start_m", 0.15, 0.4),
        ("deadlift", "bar_x_m", 0.08, 0.2),
        ("deadlift", "floor_s", 0.06, 4.0),
        ("deadlift", "raise_s", 0.7, 4.0),
        ("deadlift", "elbow_rad", 0.01, 0.7),
        ("deadlift", "spine_rad", 0.0, 0.5),
        ("deadlift", "lockout_rad", 0.01, 0.35),
        ("deadlift", "lean_back_rad", 0.01, 0.3),
        ("squat", "squat_half_stance_m", 0.1, 0.38),
        ("squat", "squat_thigh_deg", 50, 115),
        ("squat", "balance_m", -0.1, 0.15),
        ("squat", "bottom_s", 0.05, 2.0),
        ("squat", "descend_s", 0.45, 3.8),
    ],
)
def test_wide_lifters_reach_both_ends(exercise, name, low, high):
    """Some are below what is rare among the usual lifters, and some are above."""
    values = [getattr(lifter, name) for lifter in wide_lifters(exercise)]
    assert min(values) < low
    assert max(values) > high


@pytest.mark.parametrize("exercise", EXERCISES)
def test_wide_lifters_are_bodies(exercise):
    """Every posture is finite, the hips are over the floor and no higher than on the toes, and the feet stay."""
    for lifter in wide_lifters(exercise, 40):
        posture = two_reps(exercise, lifter).posture
        assert all(np.isfinite(values).all() for values in posture.values())
        assert posture["hip_z"].min() > BODY.ankle_height_m + 0.08
        assert posture["hip_z"].max() < BODY.standing_hip_m + 0.1
        for side in SIDES:
            assert posture[f"foot_z_{side}"].min() > BODY.ankle_height_m - 0.02
