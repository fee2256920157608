"""Pose estimation: a picture in, landmarks out. `PoseEstimator` is the protocol of every back end."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from livecoach.pose.person_mask import PersonMask


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Pose:
    """One person's landmarks in BlazePose order."""

    landmarks: np.ndarray
    """(33, 5) float32: x, y (0…1 of the picture), z (scale of x), visibility, presence. Of a landmark that the
    estimator does not know, coordinates are NaN, visibility and presence 0; it knows all joints from shoulder to
    ankle."""
    world: np.ndarray
    """(33, 3) float32, metres: x to the picture's right, y down, z away; origin between the hips. NaN likewise."""
    mask: PersonMask | None = None
    """Where the person is. None where the trunk is upright in the picture, or the estimator makes no mask."""


class PoseEstimator(Protocol):
    """Estimates the lifter's pose in each of a sequence of pictures."""

    name: str
    """Name of the model."""
    sha256: str
    """Digest of the model."""

    @property
    def people(self) -> int:
        """Number of people known to be in the last picture; the lifter need not be visible."""
        ...

    def estimate(self, picture: np.ndarray, t_s: float) -> Pose | None:
        """Return the lifter's pose in a picture; None where no lifter is detected.

        picture: (height, width, 3) uint8, BGR, C-contiguous. t_s: seconds, not falling from call to call.
        """
        ...

    def close(self) -> None:
        """Free the resources of the estimator. Not while another thread is in `estimate`."""
        ...
