"""Follows one person from picture to picture, and can be steered to another person."""

from abc import ABC, abstractmethod

import cv2
import numpy as np

from livecoach.core.config.paths import assets_dir
from livecoach.core.errors import ModelError
from livecoach.perception.pose import Pose
from livecoach.perception.tracking.person import Person

GUIDE = Person(x=0.669, y=0.532, scale=0.42, inside=0.664)
"""The person in assets/person.png: `lite` and `full` agree on this place to within a hundredth."""
MOST_PEOPLE = 3  # most people that are detected in a picture
MARGIN = 0.15  # margin as a share of the longer side of a person's landmarks, because the head is above them


class Tracker(ABC):
    """Follows one person from picture to picture. Poses have masks if the trunk leans."""

    def __init__(self) -> None:
        self._last_ms = -1  # time of the last picture; MediaPipe demands whole milliseconds that rise

    @abstractmethod
    def _next(self, picture: np.ndarray) -> Pose | None:
        """Follow the person into a picture at the time `_last_ms`."""

    @abstractmethod
    def _lose(self) -> None:
        """Stop following the person."""

    @abstractmethod
    def find(self, picture: np.ndarray) -> list[Pose]:
        """Detect up to MOST_PEOPLE people in a picture, without masks, while the followed person stays the same."""

    @abstractmethod
    def new_tracker(self) -> "Tracker":
        """Return a tracker by the same networks that has not seen a picture yet."""

    @abstractmethod
    def close(self) -> None:
        """Free the networks."""

    def follow(self, picture: np.ndarray, t_s: float) -> Pose | None:
        """Return the followed person's pose in the next picture, which is not empty; None if the person is lost."""
        self._last_ms = max(self._last_ms + 1, round(t_s * 1000))
        return self._next(picture)

    def go_to(self, picture: np.ndarray, t_s: float, part: tuple[slice, slice]) -> Pose | None:
        """Follow the person who is detected in a part of the picture while the rest of the picture is black.

        Args:
            picture: (height, width, 3) uint8, BGR.
            t_s: Time of the picture.
            part: Rows and columns of the part.

        Returns:
            The person's pose; None if nobody is detected.
        """
        self._last_ms = max(self._last_ms, round(t_s * 1000) - 1)
        self._lose()
        black = np.zeros_like(picture)
        black[part] = picture[part]
        self._last_ms += 1
        return self._next(black)

    def steer_to(self, picture: np.ndarray, t_s: float, place: Person) -> Pose | None:
        """Follow the person at a place, even if the person would not be detected.

        BlazePose hardly detects people who bend over a bar, but follows a person from a place where the person was
        detected. BlazePose therefore first gets a picture of a rendered person who stands alone at the place, and then
        the real picture.
        """
        self._last_ms = max(self._last_ms, round(t_s * 1000) - 2)
        self._lose()
        self._last_ms += 1
        if self._next(_guided(picture, place)) is None:
            return None
        self._last_ms += 1
        return self._next(picture)


def guide_picture() -> np.ndarray:
    """Return the picture of a rendered person. Raises ModelError if the picture is missing."""
    path = assets_dir() / "person.png"
    picture = cv2.imread(str(path))
    if picture is None:
        raise ModelError(f"{path}: can't be read. Reinstall livecoach.")
    return picture


def _guided(picture: np.ndarray, place: Person) -> np.ndarray:
    """Return a black picture of the same size in which a rendered person stands at a place."""
    height, width = picture.shape[:2]
    guide = guide_picture()
    larger = height * place.scale / (guide.shape[0] * GUIDE.scale)
    left = height * place.x - larger * guide.shape[0] * GUIDE.x
    top = height * place.y - larger * guide.shape[0] * GUIDE.y
    return cv2.warpAffine(guide, np.array([[larger, 0.0, left], [0.0, larger, top]]), (width, height))


def person_part(landmarks: np.ndarray, picture: np.ndarray) -> tuple[slice, slice]:
    """Return the part of a picture around a person, as rows and columns.

    Args:
        landmarks: (33, 5) landmarks of the person.
        picture: (height, width, 3) picture.
    """
    size = np.array(picture.shape[1::-1])
    points = landmarks[:, :2] * size
    low, high = points.min(0), points.max(0)
    margin = MARGIN * (high - low).max()
    left, top = np.clip(low - margin, 0, size - 1).astype(int)
    right, bottom = np.clip(high + margin, 1, size).astype(int)
    return slice(top, bottom), slice(left, right)
