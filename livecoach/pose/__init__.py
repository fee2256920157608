"""Pose estimation: a picture in, landmarks out. More than one back end can stand behind `PoseEstimator`."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Pose:
    """One person's landmarks in BlazePose order."""

    landmarks: np.ndarray
    """(33, 5) float32: x, y (0…1 of the picture), z (scale of x), visibility, presence."""
    world: np.ndarray
    """(33, 3) float32, metres: x to the picture's right, y down, z away; origin between the hips."""
    mask: np.ndarray | None = None
    """(height, width) float32 of the picture: how surely a pixel is the person, 0…1. None where the trunk is upright in
    the picture, or where the estimator makes none."""


class PoseEstimator(Protocol):
    """Finds the person in each of a sequence of pictures."""

    name: str
    """Name of the model."""
    sha256: str
    """Digest of the model."""

    @property
    def people(self) -> int:
        """How many people are known to be in the last picture; the lifter may not be seen among them."""
        ...

    def estimate(self, picture: np.ndarray, t_s: float) -> Pose | None:
        """The person in a picture, None where nobody is found.

        picture: (height, width, 3) uint8, BGR, C-contiguous. t_s: seconds, not falling from call to call.
        """
        ...

    def close(self) -> None:
        """Free what the estimator holds; not while another thread is in `estimate`."""
        ...
