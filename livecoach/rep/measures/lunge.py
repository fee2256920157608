"""Measures of a lunge, in which each leg does something else.

The front leg is the one whose ankle is farther forward at the bottom.
"""

from typing import Literal

import numpy as np

from livecoach import landmark
from livecoach.frame.quantiles import median
from livecoach.rep.measures.held import around
from livecoach.rep.measures.motion import Rep

LEFT, RIGHT = 0, 1
Front = Literal["near", "far"]
"""Which leg of the two is in front: the one at the camera's side in the common view, the left one, or the other."""


def front_leg(rep: Rep) -> Front | None:
    """Return which leg is in front; None where that can't be measured."""
    ahead = _ahead(rep)
    return None if np.isnan(ahead) else "near" if ahead >= 0 else "far"


def bottom_hip_share(rep: Rep) -> float:
    """Return the height of the hips over the lower ankle at the bottom / the same when standing."""
    points = rep.motion.points
    height = rep.motion.middles["H"][:, 2] - points[:, list(landmark.ANKLES), 2].min(1)
    stood = around(height, rep.phases.descent[0])
    return around(height, rep.phases.turn) / stood


def front_knee_past_toes(rep: Rep) -> float:
    """Return how far the front knee is in front of its toes / length of its thigh, at the bottom."""
    points, side = rep.motion.points, _front(rep)
    forward = points[:, landmark.KNEES[side], 0] - points[:, landmark.TOES[side], 0]
    return around(forward, rep.phases.turn) / _thigh(points, side)


def front_knee_inwards(rep: Rep) -> float:
    """Return how far the front knee is towards the other leg from its ankle / length of its thigh, at the bottom."""
    points, side = rep.motion.points, _front(rep)
    left = points[:, landmark.KNEES[side], 1] - points[:, landmark.ANKLES[side], 1]
    inwards = -left if side == LEFT else left
    return around(inwards, rep.phases.turn) / _thigh(points, side)


def step_length(rep: Rep) -> float:
    """Return how far the front ankle is in front of the other one at the bottom, torsos."""
    return abs(_ahead(rep)) / rep.motion.torso


def _ahead(rep: Rep) -> float:
    """Return how far the left ankle is in front of the right one at the bottom."""
    ankles = rep.motion.points[:, list(landmark.ANKLES), 0]
    return around(ankles[:, LEFT] - ankles[:, RIGHT], rep.phases.turn)


def _front(rep: Rep) -> int:
    return LEFT if _ahead(rep) >= 0 else RIGHT


def _thigh(points: np.ndarray, side: int) -> float:
    """Return the median length of a thigh."""
    thighs = points[:, landmark.HIPS[side]] - points[:, landmark.KNEES[side]]
    return float(median(np.sqrt((thighs**2).sum(-1))))
