"""Finds landmarks in pictures. `PoseEstimator` is the protocol of all pose estimators."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from livecoach.core import landmark
from livecoach.perception.pose.dorsal import PersonMask
from livecoach.perception.pose.upright import TurnFinder

VISIBLE = 0.5  # least mean visibility of a person's joints
_JOINTS = slice(landmark.SHOULDERS[0], landmark.ANKLES[1] + 1)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Pose:
    """The landmarks of one person, in BlazePose's order, and the person's mask."""

    landmarks: np.ndarray
    """(33, 5) float32: x and y (0…1 of the picture), z (on the scale of x), visibility and presence. A landmark that
    the pose model lacks has NaN coordinates, visibility 0 and presence 0. Every model has shoulders to ankles."""
    world: np.ndarray
    """(33, 3) float32, metres: x to the picture's right, y down, z away; origin between the hips. NaN for landmarks
    that the pose model lacks."""
    clarity: np.ndarray | None = None
    """(6,) float32, as in `Observation`; None if the person was not followed, or if the model has no heat maps."""
    mask: PersonMask | None = None
    """Pixels of the person; None if the trunk is upright in the picture, if the person was detected but not followed,
    or if the estimator makes no masks."""

    @property
    def is_visible(self) -> bool:
        """Whether the mean visibility of the joints shows a person, not a bar or a shadow that resembles a person."""
        return bool(self.landmarks[_JOINTS, 3].mean() > VISIBLE)

    @property
    def shoulder_height(self) -> float:
        """The height of the shoulders above the ankles in `world`, in torso lengths.

        It is about 2.4 if the person stands, and near 0 if the person lies.
        """
        return self.height(landmark.SHOULDERS, landmark.ANKLES)

    def height(self, upper: tuple[int, int], lower: tuple[int, int]) -> float:
        """Return the height of the upper pair's middle above the lower pair's middle in `world`, in torso lengths."""
        pairs = (upper, lower, landmark.SHOULDERS, landmark.HIPS)
        top, bottom, shoulders, hips = ((self.world[left] + self.world[right]) / 2 for left, right in pairs)
        return float((bottom[1] - top[1]) / max(np.linalg.norm(shoulders - hips), 1e-6))


class PoseEstimator(Protocol):
    """Estimates the lifter's pose in a sequence of pictures."""

    name: str  # name of the model
    sha256: str  # digest of the model's file
    turn_finder: TurnFinder  # finds the angle by which the pictures must be turned

    @property
    def people_count(self) -> int:
        """The number of people known to be in the last picture, including a lifter who is hidden."""

    def estimate(self, picture: np.ndarray, t_s: float) -> Pose | None:
        """Return the lifter's pose in the next picture; None if the picture is empty, skipped, or shows no lifter.

        While the lifter is lost, pictures between two searches are skipped.

        Args:
            picture: (height, width, 3) uint8, BGR, C-contiguous.
            t_s: Time of the picture, which must not decrease from call to call.
        """

    def reset(self) -> None:
        """Forget all people, because the next picture has another size or is turned."""
