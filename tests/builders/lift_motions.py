"""Reps of other lifts of the stick figure: a press, a hinge with a bar, a lunge."""

from dataclasses import replace

import numpy as np

from builders.rep_motions import FPS, TORSO_M, a_squat_rep, minimum_jerk, shape
from livecoach.core import landmark
from livecoach.decisions.rep.measures import RepMotion

SHOULDERS_M, OVERHEAD_M = 1.44, 1.99
"""Height of the hands at the shoulders, and with straight arms over them."""
ARM_M = 0.55
LEGS = (landmark.KNEES, landmark.ANKLES, landmark.HEELS, landmark.TOES)


def a_press_rep(
    *,
    lean_deg: float = 0.0,
    dip_knee_deg: float = 180.0,
    lowered_m: float = SHOULDERS_M,
    fps: float = FPS,
    **figure: float,
) -> RepMotion:
    """A press from the shoulders, held overhead, and lowered again.

    lean_deg: of the trunk, forward, on the way up. dip_knee_deg: of the knees shortly before. lowered_m: height of the
    hands at the end.
    """
    up, held, down = minimum_jerk(1.2, fps), np.ones(round(0.4 * fps)), 1 - minimum_jerk(1.0, fps)
    still = np.zeros(round(0.6 * fps))
    way = np.concatenate([still, up, held, down, still])
    height = SHOULDERS_M + (OVERHEAD_M - SHOULDERS_M) * way
    lowered = len(still) + len(up) + len(held)
    height[lowered:] = np.maximum(height[lowered:], lowered_m)
    leans, dips = np.zeros(len(way)), np.zeros(len(way))
    leans[len(still) : lowered] = lean_deg
    dips[len(still) - round(0.3 * fps) : len(still)] = 180.0 - dip_knee_deg
    points = shape(knee_deg=180.0 - dips, lean_deg=leans, wrist_m=height, **figure)
    return RepMotion(points=points, t_s=np.arange(len(way)) / fps, torso_length=TORSO_M, travel="raised_bar")


def a_hinge_rep(
    *, bottom_lean_deg: float = 70.0, bottom_knee_deg: float = 180.0, before_lean_deg: float = 0.0
) -> RepMotion:
    """A Romanian deadlift of a figure whose arms hang. before_lean_deg: of the trunk before the rep."""
    still, down = np.zeros(round(0.5 * FPS)), minimum_jerk(1.2, FPS)
    way = np.concatenate([still, down, np.ones(round(0.2 * FPS)), 1 - down, still])
    lean = bottom_lean_deg * way
    lean[: len(still)] = before_lean_deg
    knee = 180.0 - (180.0 - bottom_knee_deg) * way
    bare = shape(knee_deg=knee, lean_deg=lean)
    hands = landmark.middle(bare, landmark.SHOULDERS)[:, 2] - ARM_M
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
