"""Reps of other lifts of the stick figure: a press, a hinge with a bar, a lunge."""

from dataclasses import replace

import numpy as np

from builders.rep_motions import FPS, TORSO_M, a_squat_rep, minimum_jerk, shape
from livecoach.core import landmark
from livecoach.decisions.rep.motion import RepMotion
from livecoach.perception.body.body import pair_middle

SHOULDERS_M, OVERHEAD_M = 1.44, 1.99
"""Height of the hands at the shoulders, and with straight arms over them."""
ARM_M = 0.55
LEGS = (landmark.KNEES, landmark.ANKLES, landmark.HEELS, landmark.TOES)


def a_press_rep(*, lowered_m: float = SHOULDERS_M) -> RepMotion:
    """A press from the shoulders, held overhead, and lowered again. lowered_m: height of the hands at the end."""
    up, held, down = minimum_jerk(1.2, FPS), np.ones(round(0.4 * FPS)), 1 - minimum_jerk(1.0, FPS)
    still = np.zeros(round(0.6 * FPS))
    way = np.concatenate([still, up, held, down, still])
    height = SHOULDERS_M + (OVERHEAD_M - SHOULDERS_M) * way
    lowered = len(still) + len(up) + len(held)
    height[lowered:] = np.maximum(height[lowered:], lowered_m)
    points = shape(knee_deg=np.full(len(way), 180.0), lean_deg=np.zeros(len(way)), wrist_m=height)
    return RepMotion(points=points, t_s=np.arange(len(way)) / FPS, torso_length=TORSO_M, travel="raised_bar")


def a_hinge_rep(*, before_lean_deg: float = 0.0) -> RepMotion:
    """A Romanian deadlift of a figure whose arms hang. before_lean_deg: of the trunk before the rep."""
    still, down = np.zeros(round(0.5 * FPS)), minimum_jerk(1.2, FPS)
    way = np.concatenate([still, down, np.ones(round(0.2 * FPS)), 1 - down, still])
    lean, knee = 70.0 * way, np.full(len(way), 180.0)
    lean[: len(still)] = before_lean_deg
    bare = shape(knee_deg=knee, lean_deg=lean)
    hands = pair_middle(bare, landmark.SHOULDERS)[:, 2] - ARM_M
    points = shape(knee_deg=knee, lean_deg=lean, wrist_m=hands)
    return RepMotion(points=points, t_s=np.arange(len(way)) / FPS, torso_length=TORSO_M, travel="lowered_bar")


def a_lunge_rep(
    *, step_m: float = 0.7, knee_in_m: float = 0.0, knee_forward_m: float = 0.0, **squat: float
) -> RepMotion:
    """A squat with the left leg in front of the right one. knee_in_m, knee_forward_m: of the left knee."""
    rep = a_squat_rep(**squat)
    points = rep.points.copy()
    for pair in LEGS:
        for joint, sign in zip(pair, (1, -1), strict=True):
            points[:, joint, 0] += sign * step_m / 2
    points[:, landmark.KNEES[0], :2] += (knee_forward_m, -knee_in_m)
    return replace(rep, points=points)
