"""A stick figure that lifts, whose measures follow from the lengths of its limbs and its tilts."""

from typing import Literal

import numpy as np

from livecoach import landmark

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
        "shoulder": (shoulder, HALF_SHOULDERS_M),
        "elbow": (elbow, HALF_SHOULDERS_M + 0.05),
        "wrist": (wrist, HALF_SHOULDERS_M + 0.05),
        "hip": (hip, HALF_HIPS_M),
        "knee": (knee, HALF_FEET_M),
        "ankle": (np.zeros(2), HALF_FEET_M),
        "heel": (np.array([-0.05, -0.06]), HALF_FEET_M),
        "foot_index": (toes, HALF_FEET_M),
    }
    angle = np.radians(view_deg)
    forward, leftward = np.array([-np.sin(angle), -np.cos(angle)]), np.array([np.cos(angle), -np.sin(angle)])  # (x, z)
    figure = np.empty((landmark.COUNT, 3))
    for index, name in enumerate(landmark.NAMES):
        side, _, joint = name.partition("_")
        place, out_m = (head, 0.04) if index < 11 else places.get(joint, places["wrist"])
        across_m = out_m * {"left": 1, "right": -1}.get(side, 0)
        x, z = place[0] * forward + across_m * leftward
        figure[index] = x, -place[1], z
    return figure


def bends(*, reps: int, rest: float, fps: float = 30.0, rep_s: float = 2.4, pause_s: float = 0.8) -> np.ndarray:
    """(n,) bend of each frame of a set that starts and ends at `rest` (0 standing, 1 at the bottom), with pauses."""
    moving = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(round(rep_s * fps)) / round(rep_s * fps))
    still = np.zeros(round(pause_s * fps))
    out = np.concatenate([still, *([moving, still] * reps)])
    return np.abs(rest - out)
