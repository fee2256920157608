"""The lifter's size in a picture, and whether the lifter stands, from which the view is estimated."""

import numpy as np

from livecoach import landmark
from livecoach.frame.body import Measures
from livecoach.types import Observation

UPRIGHT_HIP_DEG = 145.0
UPRIGHT_LEAN_DEG = 26.0
"""A lifter who is straighter than this stands. Standing lifters, with a bar on the back or filmed from below, are
estimated to lean by up to 25° (95th percentile, 84 rendered clips); limits of 150 and 20° missed a third of those at
azimuths of 40 to 60°."""
TORSO_OF_LEGS = 0.75
"""Ratio of the torso to thigh and shin in the picture: 1.07 and 1.42 true torsos (medians of 84 rendered clips of
training bodies)."""


def is_standing(measures: Measures) -> bool:
    """Return whether the body is upright."""
    return measures.hip_angle_deg > UPRIGHT_HIP_DEG and measures.trunk_lean_deg < UPRIGHT_LEAN_DEG


def torso_px(observation: Observation) -> float:
    """Return the distance from mid-shoulder to mid-hip, pixels; NaN where nobody is in view."""
    points = _points_px(observation)
    return _length(_middle(points, landmark.SHOULDERS) - _middle(points, landmark.HIPS))


def torso_from_legs_px(observation: Observation) -> float:
    """Return the torso's length, derived from thigh and shin, pixels; NaN where nobody is in view.

    It is too small where the thighs point to the camera.
    """
    points = _points_px(observation)
    hips, knees, ankles = (points[list(pair)] for pair in (landmark.HIPS, landmark.KNEES, landmark.ANKLES))
    legs = np.hypot(*(hips - knees).T) + np.hypot(*(knees - ankles).T)
    return TORSO_OF_LEGS * float(legs.mean())


def _points_px(observation: Observation) -> np.ndarray:
    """Return (33, 2) float64, pixels; NaN where nobody is in view."""
    if observation.landmarks is None:
        return np.full((landmark.COUNT, 2), np.nan)
    points: np.ndarray = observation.landmarks[:, :2] * np.array([observation.width_px, observation.height_px], float)
    return points


def _middle(points: np.ndarray, pair: tuple[int, int]) -> np.ndarray:
    middle: np.ndarray = (points[pair[0]] + points[pair[1]]) / 2
    return middle


def _length(vector: np.ndarray) -> float:
    return float(np.hypot(vector[0], vector[1]))
