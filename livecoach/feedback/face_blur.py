"""Takes the lifter's face out of a picture: what is shown instead can't be turned back into it.

The place comes from the head's landmarks, sure or not: one that hides behind a plate still tells where the head is. Who
else may be in the picture has no landmarks, and is not covered.
"""

import cv2
import numpy as np

from livecoach import landmark
from livecoach.types import Observation

FACE = tuple(range(11))
"""Landmarks of the head: nose, eyes, ears, mouth."""
EARS = (7, 8)
OF_SHOULDERS, OF_TORSO, OF_FACE = 0.7, 0.46, 1.9
"""Shares of the shoulders' width, of the trunk's length and of how far the head's landmarks reach from between the ears
that a head's radius is taken for, the largest of them: each is short from some side. They make near .24 m: the head
with hair and chin."""
LEAST = 0.04
"""Share of the picture's longer side that the radius has at the least."""
CELLS = 5
"""Across what is covered: fewer than two across a face."""
CELLS_OF_ALL = 12
"""Along the longer side of a picture in which nobody was found: less than a cell for the head of somebody whose whole
body is seen."""


def blur_face(picture: np.ndarray, seen: Observation) -> np.ndarray:
    """A new picture (h, w, 3) uint8, BGR, in which the lifter's face can't be known.

    seen: of this picture. Where nobody was seen in it the whole picture is made so: somebody may be there.
    """
    head = _head(seen, picture.shape[1], picture.shape[0])
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


def _head(seen: Observation, width_px: int, height_px: int) -> tuple[float, float, float] | None:
    """Middle and radius of the head with hair and chin, pixels; None where it is not known."""
    if seen.landmarks is None:
        return None
    points = seen.landmarks[:, :2].astype(np.float64) * (width_px, height_px)
    face = points[list(FACE)]
    if not np.isfinite(face).all():
        return None
    middle = points[list(EARS)].mean(axis=0)
    left, right = points[list(landmark.SHOULDERS)]
    trunk = (left + right) / 2 - points[list(landmark.HIPS)].mean(axis=0)
    lengths = (
        OF_FACE * float(np.hypot(*(face - middle).T).max()),
        OF_SHOULDERS * float(np.hypot(*(left - right))),
        OF_TORSO * float(np.hypot(*trunk)),
        LEAST * max(width_px, height_px),
    )
    return float(middle[0]), float(middle[1]), max(length for length in lengths if np.isfinite(length))


def _coarse(picture: np.ndarray, cell_px: float) -> np.ndarray:
    """The means of its cells, blurred into each other."""
    height, width = picture.shape[:2]
    cells = max(1, round(width / cell_px)), max(1, round(height / cell_px))
    means = cv2.resize(picture, cells, interpolation=cv2.INTER_AREA)
    coarse: np.ndarray = cv2.resize(means, (width, height), interpolation=cv2.INTER_LINEAR)
    return coarse
