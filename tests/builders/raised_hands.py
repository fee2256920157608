"""Somebody who stands before the camera and does something with the hands."""

from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np

from builders.observations import a_sighting
from builders.stick_figure import FOREARM_M, HALF_SHOULDERS_M, UPPER_ARM_M, a_stick_figure
from livecoach.core import landmark
from livecoach.core.types import Observation

Arm = Literal["down", "up", "bent up", "on hip", "at head", "ahead", "ahead and up", "aside and up"]
_DIRECTIONS: Mapping[Arm, tuple[tuple[float, float, float], tuple[float, float, float]]] = {
    "down": ((0.0, 0.1, -1.0), (0.0, 0.1, -1.0)),
    "up": ((0.1, 0.15, 1.0), (0.1, 0.0, 1.0)),
    "bent up": ((0.2, 0.6, 0.5), (0.0, -1.0, 0.9)),
    "on hip": ((-0.2, 0.8, -0.6), (0.3, -0.7, -0.7)),
    "at head": ((0.1, 1.0, 0.3), (0.0, -1.0, 0.5)),
    "ahead": ((1.0, 0.1, 0.1), (1.0, 0.0, 0.1)),
    "ahead and up": ((1.2, 0.1, 0.8), (1.2, 0.0, 0.8)),
    "aside and up": ((0.0, 1.2, 1.0), (0.0, 0.2, 1.0)),
}
"""What an arm does → directions of upper arm and forearm: forward, outward, up."""
Hands = tuple[Arm, Arm]  # of the left and the right arm
DOWN: Hands = ("down", "down")
LEFT_UP: Hands = ("up", "down")
RIGHT_UP: Hands = ("down", "up")


def somebody(
    hands: Hands,
    *,
    t_s: float = 0.0,
    view_deg: float = 0.0,
    aside_m: float = 0.0,
    ahead_m: float = 0.0,
    lean_deg: float = 0.0,
) -> Observation:
    """Return what is seen of somebody. view_deg: the camera's azimuth, 0 in front. aside_m, ahead_m: of raised wrists.
    lean_deg: of all above the hips, to the side."""
    figure = a_stick_figure(0.0, view_deg=0.0)
    for side, arm in enumerate(hands):
        out = np.array([-1.0, 1.0 if side == 0 else -1.0, 1.0])  # forward is towards the camera
        upper, fore = (out * direction / np.linalg.norm(direction) for direction in _DIRECTIONS[arm])
        shoulder = np.array([(HALF_SHOULDERS_M, -HALF_SHOULDERS_M)[side], *figure[landmark.SHOULDERS[side], 1:]])
        elbow = shoulder + UPPER_ARM_M * _in_picture(upper)
        wrist = elbow + FOREARM_M * _in_picture(fore) + np.array([aside_m, 0.0, -ahead_m]) * (arm == "up")
        figure[landmark.ELBOWS[side]] = elbow
        figure[[number + side for number in (15, 17, 19, 21)]] = wrist
    over_hips_m = np.maximum(figure[landmark.HIPS[0], 1] - figure[:, 1], 0.0)
    figure[:, 0] += over_hips_m * np.tan(np.radians(lean_deg))
    turn = np.radians(view_deg)
    x, z = figure[:, 0].copy(), figure[:, 2].copy()
    figure[:, 0], figure[:, 2] = np.cos(turn) * x + np.sin(turn) * z, np.cos(turn) * z - np.sin(turn) * x
    return a_sighting(figure, t_s=t_s, index=round(30 * t_s), height=0.4)


def _in_picture(direction: np.ndarray) -> np.ndarray:
    """Forward, outward and up as x, y and z of the picture."""
    return np.array([direction[1], -direction[2], direction[0]])


def hands_over_time(*parts: tuple[Hands, float], fps: float = 30.0, **how: float) -> Sequence[Observation]:
    """Return observations of hands that are held for so many seconds each, one after the other. how: as `somebody`."""
    held = [hands for hands, seconds in parts for _ in range(round(seconds * fps))]
    return [somebody(hands, t_s=number / fps, **how) for number, hands in enumerate(held)]
