"""Lifters further apart than usual."""

import numpy as np
import pytest
from builders.synthetic_motion import BODY

from livecoach.lab.synth.figure.body_mesh import SIDES
from livecoach.lab.synth.motion.lifter import SyntheticLifter
from livecoach.lab.synth.motion.lifts import EXERCISES, draw_lifter
from livecoach.lab.synth.motion.motion_sequence import Performer
from livecoach.lab.synth.motion.set_motion import play_set
from livecoach.lab.synth.motion.tokens import parse_tokens


def wide_lifters(exercise: str, count: int = 300, loaded: bool = False) -> list[SyntheticLifter]:
    rng = np.random.default_rng(0)
    return [draw_lifter(rng, BODY, exercise, loaded, wide=True) for _ in range(count)]


WIDE = {
    "deadlift": (
        *(("start_thigh_deg", 25, 95), ("half_stance_m", 0.08, 0.4), ("grip_half_m", 0.13, 0.45)),
        *(("bar_start_m", 0.15, 0.4), ("bar_x_m", 0.08, 0.2), ("floor_s", 0.06, 4.0), ("raise_s", 0.7, 4.0)),
        *(("elbow_rad", 0.01, 0.7), ("spine_rad", 0.0, 0.5), ("lockout_rad", 0.01, 0.35), ("lean_back_rad", 0.01, 0.3)),
    ),
    "squat": (
        *(("squat_half_stance_m", 0.1, 0.38), ("squat_thigh_deg", 50, 115), ("balance_m", -0.1, 0.15)),
        *(("bottom_s", 0.05, 2.0), ("descend_s", 0.45, 3.8)),
    ),
}
"""Lift → what some wide lifters are below, and others above: rare among the usual ones."""


@pytest.mark.parametrize("exercise", WIDE)
def test_wide_lifters_reach_both_ends(exercise):
    lifters = wide_lifters(exercise)
    for name, low, high in WIDE[exercise]:
        values = [getattr(lifter, name) for lifter in lifters]
        assert min(values) < low < high < max(values), name


@pytest.mark.parametrize("exercise", EXERCISES)
def test_wide_lifters_are_bodies(exercise):
    for lifter in wide_lifters(exercise, 15):
        who = Performer(BODY, exercise, lifter)
        posture = play_set(who, parse_tokens("good*2"), np.random.default_rng(1), 12.0).posture
        assert all(np.isfinite(values).all() for values in posture.values())
        assert posture["hip_z"].min() > BODY.ankle_height_m + 0.08
        assert posture["hip_z"].max() < BODY.standing_hip_m + 0.1
        for side in SIDES:
            assert posture[f"foot_z_{side}"].min() > BODY.ankle_height_m - 0.02
