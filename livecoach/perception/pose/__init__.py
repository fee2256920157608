"""Pose estimation: a picture in, landmarks out. `PoseEstimator` is the protocol of every back end."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from livecoach.core import landmark
from livecoach.perception.pose.dorsal import PersonMask
from livecoach.perception.pose.upright import Upright

VISIBLE = 0.5  # least mean visibility of a person's joints
_JOINTS = slice(landmark.SHOULDERS[0], landmark.ANKLES[1] + 1)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Pose:
    """One person's landmarks in BlazePose order."""

    landmarks: np.ndarray
    """(33, 5) float32: x, y (0…1 of the picture), z (scale of x), visibility, presence. Where a landmark is not known,
    coordinates are NaN and the rest 0; all joints from shoulder to ankle are known."""
    world: np.ndarray
    """(33, 3) float32, metres: x to the picture's right, y down, z away; origin between the hips. NaN likewise."""
    mask: PersonMask | None = None
    """Where the person is. None where the trunk is upright in the picture, or the estimator makes no mask."""

    @property
    def is_visible(self) -> bool:
        """Whether it is a person; bars and shadows that are detected as one are less visible."""
        return bool(self.landmarks[_JOINTS, 3].mean() > VISIBLE)


class PoseEstimator(Protocol):
    """Estimates the lifter's pose in each of a sequence of pictures."""

    name: str
    sha256: str
    upright: Upright  # which way up the pictures are

    @property
    def people(self) -> int:
        """Known to be in the last picture; the lifter need not be visible."""
        ...

    def estimate(self, picture: np.ndarray, t_s: float) -> Pose | None:
        """Return None where no lifter is detected. picture: (height, width, 3) uint8, BGR, C-contiguous. t_s: not
        falling from call to call."""
        ...

    def begin_anew(self) -> None:
        """Forget everybody, because the next picture has another size, or another side up."""
        ...

    def close(self) -> None:
        """Not while another thread is in `estimate`."""
        ...
