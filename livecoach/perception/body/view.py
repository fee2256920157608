"""Estimates the view from the lines through shoulders and hips, the shoulders' width in the picture, and the feet."""

import cmath
import math

import numpy as np

from livecoach.core import landmark
from livecoach.core.types import Observation, View, ViewName
from livecoach.perception.body.body import HIP, Body, Measures
from livecoach.perception.body.level import RollEstimator

UPRIGHT_HIP_DEG = 145.0
UPRIGHT_LEAN_DEG = 26.0
"""Least angle of the hips and largest lean of the trunk of a lifter who stands. With a bar on the back, or filmed from
below, standing lifters seem to lean by up to 25°."""
TORSO_OF_LEGS = 0.75  # length of the torso over thigh and shin in the picture, measured on rendered clips


def is_standing(measures: Measures) -> bool:
    """Return whether a lifter with these measures stands upright."""
    return measures.hip_angle_deg > UPRIGHT_HIP_DEG and measures.trunk_lean_deg < UPRIGHT_LEAN_DEG


def _torso_px(points: np.ndarray) -> float:
    """Return the torso's length in the picture for points (33, 2); since it may lean, at least what the legs imply."""
    seen = np.hypot(*(landmark.middle(points, landmark.SHOULDERS) - landmark.middle(points, landmark.HIPS)))
    hips, knees, ankles = points[landmark.JOINTS[HIP:]]
    legs = np.hypot(*(hips - knees).T) + np.hypot(*(knees - ankles).T)
    return max(float(seen), TORSO_OF_LEGS * float(legs[0] + legs[1]) / 2)


SINE = {"shoulders": -0.341, "hips": -0.753, "feet": -1.436}
"""Weights of the features for the azimuth's sine. These features change sign when left and right are exchanged."""
COSINE = {"shoulders": 0.641, "hips": 0.659, "width": 0.222, "one": 0.096}
"""Weights of the features for the azimuth's cosine. Both tables: ridge regression on rendered clips with `lite`."""
SINE_WITHOUT_FEET = {"shoulders": -0.942, "hips": -0.613}
COSINE_WITHOUT_FEET = {"shoulders": 0.772, "hips": 0.53, "width": 0.249, "one": 0.009}
"""Weights for pose models without heels and toes, by ridge regression on lifted frames of synthetic bodies.
`livecoach lab train lifting` prints these weights."""
BENT = 0.25  # weight of a frame in which the lifter is bent over, because the depth is less accurate
MEMORY_S = 3.0  # time constant of the average while the lifter stands
RECENT_S = 0.4  # time constant of the recent direction, and of the recent place of the feet
TURNED_DEG = 30.0
"""Difference of the recent direction from the average above which the lifter has turned, or the camera has moved."""
FORGETS_S = 0.4  # time constant of the average after a turn, and while the lifter walks in any direction
WALKS = 0.2  # speed of the feet above which the lifter walks, in lengths of torso, thigh and shin a second
LEAST_S = 0.2  # time of standing after which there is an estimate; four times as long while bent over
BIAS_DEG, SPREAD_SHARE, DISAGREEMENT_DEG = 5.8, 0.35, 42.9
"""Error that averaging does not remove: a constant, a share of the spread over time, and the error if the features
disagree completely. Maximum likelihood on rendered clips. The first two were raised, so that the error shows if front
and back are confused in every second frame."""
REAR_FROM_DEG, REAR_BIAS_DEG = 95.0, 15.0
"""Azimuth above which arm, plates and bar hide the body, and the constant error there, measured on rendered clips."""


def view_name(azimuth_deg: float) -> ViewName:
    """Return the name of the view at an azimuth in degrees, -180…180."""
    size = abs(azimuth_deg)
    return "front" if size < 20 else "oblique" if size <= 65 else "side" if size <= 115 else "rear"


def azimuth_features(observation: Observation) -> tuple[dict[str, float], dict[str, float]] | None:
    """Compute the features for the azimuth's sine and for its cosine, by name.

    The features `shoulders` and `hips` are the depth (for the sine) and the width (for the cosine) of the line from the
    right to the left joint in the world. `width` is the distance of the shoulders along x in the picture, left minus
    right. `feet` is the distance along x from the heels to the toes in the picture; it is missing if the pose model
    lacks heels and toes. These features are in torso lengths; in the picture, the legs give this length if the torso is
    foreshortened. `one` is always 1. The head is left out, because lifters watch the screen.

    Returns:
        The features for the sine and for the cosine; None if nobody is in view, or if the torso has no length.
    """
    if observation.landmarks is None or observation.world is None:
        return None
    world, points = observation.world, observation.points_px
    x_px = points[:, 0]
    (left, right), (left_hip, right_hip) = landmark.SHOULDERS, landmark.HIPS
    shoulders, hips = world[left] - world[right], world[left_hip] - world[right_hip]
    trunk = world[left] + world[right] - world[left_hip] - world[right_hip]
    torso_m = float(np.sqrt(trunk.dot(trunk))) / 2
    unit_px = _torso_px(points)
    if torso_m < 1e-6 or unit_px < 1e-6:
        return None
    toes_ahead_px = float((landmark.middle(points, landmark.TOES) - landmark.middle(points, landmark.HEELS))[0])
    for_sine = {"shoulders": float(shoulders[2]) / torso_m, "hips": float(hips[2]) / torso_m}
    if math.isfinite(toes_ahead_px):
        for_sine["feet"] = toes_ahead_px / unit_px
    for_cosine = {
        "shoulders": float(shoulders[0]) / torso_m,
        "hips": float(hips[0]) / torso_m,
        "width": float(x_px[left] - x_px[right]) / unit_px,
        "one": 1.0,
    }
    return for_sine, for_cosine


def azimuth_direction(observation: Observation) -> complex | None:
    """Estimate the azimuth in one frame, as a complex number of the azimuth's cosine (real part) and sine.

    The absolute value is near 1 if the features agree. The result is None if nobody is in view, or if the torso has no
    length.
    """
    features = azimuth_features(observation)
    if features is None:
        return None
    for_sine, for_cosine = features
    sines, cosines = (SINE, COSINE) if "feet" in for_sine else (SINE_WITHOUT_FEET, COSINE_WITHOUT_FEET)
    cosine = sum(cosines[name] * value for name, value in for_cosine.items())
    return complex(cosine, sum(sines[name] * value for name, value in for_sine.items()))


class ViewEstimator:
    """Estimates the camera's direction, mostly from frames in which the lifter stands, and the camera's roll."""

    def __init__(self) -> None:
        self._sum = 0j
        self._lengths_s = 0.0
        self._weight_s = 0.0
        self._recent = 0j
        self._feet_px: np.ndarray | None = None  # recent place of the feet
        self._t_s: float | None = None
        self._roll = RollEstimator()
        self.view: View | None = None  # the latest estimate; None until the lifter was visible for long enough

    def step(self, body: Body, observation: Observation) -> View | None:
        """Add the next observation, with the body in it, and return the view; None while the view is unknown."""
        dt_s = 0.0 if self._t_s is None else min(max(body.t_s - self._t_s, 0.0), 0.1)
        self._t_s = body.t_s
        self._roll.step(body)
        towards = azimuth_direction(observation)
        if towards is not None:
            towards /= max(abs(towards), 1.0)  # no frame may weigh more than 1
            self._recent = self._recent * math.exp(-dt_s / RECENT_S) + dt_s * towards
            still = not self._follow_walking(body, dt_s)
            turn = self._recent * self._sum.conjugate()
            turned = abs(turn) > 0 and abs(math.degrees(cmath.phase(turn))) > TURNED_DEG
            weight_s = dt_s if still and is_standing(body.measures) else BENT * dt_s
            fade = math.exp(-weight_s / MEMORY_S if still and not turned else -dt_s / FORGETS_S)
            self._sum = self._sum * fade + weight_s * towards
            self._lengths_s = self._lengths_s * fade + weight_s * abs(towards)
            self._weight_s = self._weight_s * fade + weight_s
            self._update_view()
        return self.view

    def _update_view(self) -> None:
        if self._weight_s < LEAST_S or abs(self._sum) < 1e-9:
            return
        azimuth = math.degrees(cmath.phase(self._sum))
        bias_deg = BIAS_DEG if abs(azimuth) <= REAR_FROM_DEG else REAR_BIAS_DEG
        together = min(abs(self._sum) / max(self._lengths_s, 1e-9), 1.0)
        spread_deg = min(math.degrees(math.sqrt(-2 * math.log(max(together, 1e-6)))), 180.0)  # circular
        agreement = self._lengths_s / max(self._weight_s, 1e-9)  # of the features: the mean length, 0…1
        off_deg = math.hypot(bias_deg, SPREAD_SHARE * spread_deg, DISAGREEMENT_DEG * (1.0 - agreement))
        self.view = View(
            name=view_name(azimuth),
            azimuth_deg=round(azimuth, 1),
            uncertainty_deg=round(off_deg, 1),
            roll_deg=self._roll.roll_deg,
        )

    def _follow_walking(self, body: Body, dt_s: float) -> bool:
        feet_px = body.feet_px
        before_px = feet_px if self._feet_px is None else self._feet_px
        ahead_px = float(np.hypot(*(feet_px - before_px)))
        self._feet_px = before_px + (feet_px - before_px) * (1 - math.exp(-dt_s / RECENT_S))
        return ahead_px > WALKS * RECENT_S * max(body.size_px, 1.0)
