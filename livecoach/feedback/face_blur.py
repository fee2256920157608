"""Blurs the lifter's face in a picture irreversibly.

The landmarks of the head locate the face even when they are uncertain, as behind a plate. Other people have no
landmarks, and are not blurred.
"""

import cv2
import numpy as np

from livecoach.core import landmark
from livecoach.core.types import Observation

FACE = tuple(range(11))  # Landmarks of the head: nose, eyes, ears, mouth
NEEDED = (0, 2, 5, 7, 8)  # Nose, eyes and ears, which every pose model estimates
EARS = (7, 8)
HEAD_PER_SHOULDERS, HEAD_PER_TORSO, HEAD_PER_FACE = 0.7, 0.46, 1.9
"""The head's radius as a share of the shoulder width, of the torso length, and of the distance from between the ears to
the farthest landmark of the head. The largest of the three is used, because each is foreshortened from some view. They
give about 0.24 m: the head with hair and chin."""
LEAST = 0.04  # Smallest radius, as a share of the picture's longer side
CELLS = 5  # Cells across the blurred circle: fewer than two across a face
CELLS_OF_ALL = 12
"""Cells along the longer side of a picture without a detected person: less than one for the head of a person whose
whole body is in view."""


def blur_face(picture: np.ndarray, observation: Observation) -> np.ndarray:
    """Return a copy of a picture in which the lifter's face can't be recognised, (h, w, 3) uint8 BGR.

    If the observation does not locate the head, the whole picture is blurred, because it may show somebody.
    """
    head = _head(observation, picture.shape[1], picture.shape[0])
    if head is None:
        return _coarse(picture, max(picture.shape[:2]) / CELLS_OF_ALL)
    covered = picture.copy()
    x, y, radius = head
    height, width = picture.shape[:2]
    left, right = (int(np.clip(at, 0, width)) for at in (x - radius, x + radius + 1))
    top, bottom = (int(np.clip(at, 0, height)) for at in (y - radius, y + radius + 1))
    if left >= right or top >= bottom:
        return covered
    below = covered[top:bottom, left:right]
    coarse = _coarse(below, 2 * radius / CELLS)
    across, down = np.arange(left, right) - x, np.arange(top, bottom) - y
    inside = across[None, :] ** 2 + down[:, None] ** 2 <= radius**2
    cv2.copyTo(coarse, inside.astype(np.uint8), below)
    return covered


def _head(observation: Observation, width_px: int, height_px: int) -> tuple[float, float, float] | None:
    """Return centre and radius in pixels of the head with hair and chin; None if unknown."""
    if observation.landmarks is None:
        return None
    points = observation.landmarks[:, :2].astype(np.float64) * (width_px, height_px)
    known: np.ndarray = np.all(np.isfinite(points), axis=1)
    if not known[list(NEEDED)].all():
        return None
    face = points[[i for i in FACE if known[i]]]
    middle = points[list(EARS)].mean(axis=0)
    left, right = points[list(landmark.SHOULDERS)]
    trunk = (left + right) / 2 - points[list(landmark.HIPS)].mean(axis=0)
    lengths = (
        HEAD_PER_FACE * float(np.hypot(*(face - middle).T).max()),
        HEAD_PER_SHOULDERS * float(np.hypot(*(left - right))),
        HEAD_PER_TORSO * float(np.hypot(*trunk)),
        LEAST * max(width_px, height_px),
    )
    return float(middle[0]), float(middle[1]), max(length for length in lengths if np.isfinite(length))


def _coarse(picture: np.ndarray, cell_px: float) -> np.ndarray:
    """Return a picture that is interpolated between the means of its cells."""
    height, width = picture.shape[:2]
    cells = max(1, round(width / cell_px)), max(1, round(height / cell_px))
    means = cv2.resize(picture, cells, interpolation=cv2.INTER_AREA)
    coarse: np.ndarray = cv2.resize(means, (width, height), interpolation=cv2.INTER_LINEAR)
    return coarse
