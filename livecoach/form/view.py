"""Where the camera stands, from the lines through the shoulders and through the hips of a standing lifter."""

import cmath
import math

import numpy as np

from livecoach.form.body import Measures
from livecoach.types import View, ViewName

UPRIGHT_HIP_DEG = 150.0
UPRIGHT_LEAN_DEG = 20.0
"""A lifter who is straighter than this stands; bent over, BlazePose's depth misleads."""
MEMORY_S = 3.0
"""Standing time that the estimate averages over."""
LEAST_S = 0.2
"""Standing time before there is an estimate."""
BIAS_DEG = 12.0
"""What averaging does not take away: 8° on 240 synthetic sets of -75…75°, up to 15° too frontal on three rendered clips
of 30…35°."""


def azimuth_deg(world: np.ndarray) -> float:
    """Azimuth of the camera seen from the lifter: 0 in front, 90 at the left side, 180 behind, -90 at the right.

    world: (33, 3), metres, x to the picture's right, z away from the camera.
    """
    left_ward = (world[11] - world[12]) + (world[23] - world[24])
    return math.degrees(math.atan2(-float(left_ward[2]), float(left_ward[0])))


def name_of(azimuth: float) -> ViewName:
    """The word for an azimuth in degrees."""
    size = abs(azimuth)
    return "front" if size < 20 else "oblique" if size <= 65 else "side" if size <= 115 else "rear"


class ViewEstimate:
    """Circular mean of the azimuth over the time that the lifter stood."""

    def __init__(self) -> None:
        self._sum = 0j
        self._weight_s = 0.0
        self._t_s: float | None = None

    def step(self, t_s: float, measures: Measures, world: np.ndarray) -> View | None:
        """Take the next frame; the view so far, None until the lifter has stood."""
        dt_s = 0.0 if self._t_s is None else min(t_s - self._t_s, 0.1)
        self._t_s = t_s
        if measures.hip_angle_deg > UPRIGHT_HIP_DEG and measures.trunk_lean_deg < UPRIGHT_LEAN_DEG:
            fade = math.exp(-dt_s / MEMORY_S)
            self._sum = self._sum * fade + dt_s * cmath.exp(1j * math.radians(azimuth_deg(world)))
            self._weight_s = self._weight_s * fade + dt_s
        return self.view

    @property
    def view(self) -> View | None:
        """The view so far."""
        if self._weight_s < LEAST_S or abs(self._sum) < 1e-9:
            return None
        azimuth = math.degrees(cmath.phase(self._sum))
        length = min(abs(self._sum) / self._weight_s, 1.0)
        spread = math.degrees(math.sqrt(-2 * math.log(max(length, 1e-6))))  # circular standard deviation
        return View(
            name=name_of(azimuth),
            azimuth_deg=round(azimuth, 1),
            uncertainty_deg=round(math.hypot(BIAS_DEG, min(spread, 180.0)), 1),
        )
