"""A stick figure that lifts, whose measures follow from the lengths of its limbs and its tilts."""

from typing import Literal

import numpy as np

from livecoach.core import landmark

SHIN_M, THIGH_M, TORSO_M, UPPER_ARM_M, FOREARM_M = 0.43, 0.43, 0.5, 0.3, 0.3
HALF_HIPS_M, HALF_SHOULDERS_M, HALF_FEET_M = 0.12, 0.18, 0.15
Lift = Literal["deadlift", "squat"]
_DEEPEST_DEG = {"deadlift": (15.0, 55.0, 70.0), "squat": (35.0, 80.0, 40.0)}
"""Lift → tilt of shin and trunk (forward) and of the thigh (backward) where it is down."""


def a_stick_figure(
    bend: float,
    *,
    lift: Lift = "deadlift",
    view_deg: float = 30.0,
    deepest_deg: tuple[float, float, float] | None = None,
) -> np.ndarray:
    """(33, 3) metres above the middle of the ankles, x to the picture's right, y down, z away from the camera.

    bend: 0 standing, 1 at the bottom of the lift. view_deg: camera's azimuth, 0 in front, 90 at the left side.
    deepest_deg: tilt of shin and trunk (forward) and of the thigh (backward) at the bottom: shin, thigh, trunk.
    """
    shin, thigh, trunk = np.radians(deepest_deg or _DEEPEST_DEG[lift]) * bend
    knee = SHIN_M * np.array([np.sin(shin), np.cos(shin)])  # (forward, up)
    hip = knee + THIGH_M * np.array([-np.sin(thigh), np.cos(thigh)])
    shoulder = hip + TORSO_M * np.array([np.sin(trunk), np.cos(trunk)])
    if lift == "deadlift":  # arms hang
        elbow, wrist = shoulder - (0, UPPER_ARM_M), shoulder - (0, UPPER_ARM_M + FOREARM_M)
    else:  # hands beside the shoulders, on a bar
        elbow, wrist = shoulder - (0.05, 0.2), shoulder + np.array([0.0, 0.02])
    head, toes = shoulder + np.array([0.05, 0.22]), np.array([0.15, -0.06])
    places = {
        "head": (head, 0.04),
        "shoulder": (shoulder, HALF_SHOULDERS_M),
        "elbow": (elbow, HALF_SHOULDERS_M + 0.05),
        "wrist": (wrist, HALF_SHOULDERS_M + 0.05),
        "hip": (hip, HALF_HIPS_M),
        "knee": (knee, HALF_FEET_M),
        "ankle": (np.zeros(2), HALF_FEET_M),
        "heel": (np.array([-0.05, -0.06]), HALF_FEET_M),
        "foot_index": (toes, HALF_FEET_M),
    }
    ahead, up = np.array([places[joint][0] for joint in _JOINTS]).T
    across_m = np.array([places[joint][1] for joint in _JOINTS]) * _SIDES
    angle = np.radians(view_deg)
    x, z = -np.sin(angle) * ahead + np.cos(angle) * across_m, -np.cos(angle) * ahead - np.sin(angle) * across_m
    return np.stack((x, -up, z), axis=1)


def _joint(index: int, name: str) -> str:
    """Part of the figure at which a landmark is; fingers are where the wrist is."""
    joint = name.partition("_")[2]
    of_limbs = ("shoulder", "elbow", "wrist", "hip", "knee", "ankle", "heel", "foot_index")
    return "head" if index < 11 else joint if joint in of_limbs else "wrist"


_JOINTS = [_joint(index, name) for index, name in enumerate(landmark.NAMES)]
_SIDES = np.array([{"left": 1, "right": -1}.get(name.partition("_")[0], 0) for name in landmark.NAMES])


def bends(*, reps: int, rest: float, fps: float = 30.0, pause_s: float = 0.8) -> np.ndarray:
    """(n,) bend of each frame of a set of slow reps, which starts and ends at `rest` (0 standing, 1 at the bottom)."""
    moving = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(round(2.4 * fps)) / round(2.4 * fps))
    still = np.zeros(round(pause_s * fps))
    out = np.concatenate([still, *([moving, still] * reps)])
    return np.abs(rest - out)
