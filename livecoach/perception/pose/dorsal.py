"""Finds the upper edge of the back in a person's mask, because no landmark shows the curvature of the back."""

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

from livecoach.core import landmark


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PersonMask:
    """The probability that each pixel in a crop of the picture shows the person."""

    values: Callable[[slice, slice], np.ndarray]
    """Returns the mask (h, w) float32, 0…1. Values outside the rows and columns in the two slices may be wrong."""
    picture_to_mask: np.ndarray
    """(2, 3) affine map from pixels (x, y) of the picture to pixels of the mask. The first pixel's middle is (0, 0)."""
    size_px: tuple[int, int]  # width and height of the picture

    def values_at(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Return interpolated values of the mask, (m, n) float32: 0 outside the crop, NaN outside the picture.

        Args:
            x: (m, n) coordinates in the picture, finite, in pixels from the middle of the first pixel.
            y: (m, n) coordinates in the same unit.
        """
        (a, b, c), (d, e, f) = self.picture_to_mask
        across, down = (a * x + b * y + c).astype(np.float32), (d * x + e * y + f).astype(np.float32)
        sampled = cv2.remap(
            self.values(_around(down), _around(across)), across, down, cv2.INTER_LINEAR, None, cv2.BORDER_CONSTANT, 0.0
        )
        width, height = self.size_px
        inside = (x >= 0) & (x < width - 1) & (y >= 0) & (y < height - 1)
        return np.where(inside, sampled, np.float32(np.nan))


def _around(places: np.ndarray) -> slice:
    return slice(max(int(np.floor(places.min())), 0), max(int(np.ceil(places.max())) + 1, 0))


LEAST_LEAN_DEG = 15.0
"""Least lean of the trunk in the picture. A trunk that leans less may lean backwards, with the back below."""
SHORTEST = 0.05  # shortest trunk in picture heights. The edge of a shorter trunk bulges by at most three pixels.
REACH = 0.85
"""Distance from the line within which the edge is sought, in lengths of the trunk or, if longer, of the thigh. A back
is .35 thick, but behind plates the hips are estimated up to .5 too far forward."""
LENGTHENED = 1 / 14
"""Extension of the line at both ends, in trunk lengths. BlazePose places the hips of a bent body .05 of the torso too
near to the shoulders, and the back is measured best between .10 and .90 of its line."""
MOST_STEPS = 96  # most samples from the line outwards
INSIDE = 0.5  # mask value from which a pixel belongs to the person
_LEAN = float(np.tan(np.radians(LEAST_LEAN_DEG)))


def trunk_leans(points_px: np.ndarray) -> bool:
    """Return whether a trunk leans so far that the back's edge can be found, from (33, 2 or more) landmarks in px."""
    trunk = points_px[list(landmark.SHOULDERS), :2].sum(0) - points_px[list(landmark.HIPS), :2].sum(0)
    return bool(abs(trunk[0]) > _LEAN * -trunk[1])


def measure_back_edge(mask: PersonMask, landmarks: np.ndarray) -> np.ndarray | None:
    """Measure the heights of the back's edge above the line from mid-hip to mid-shoulder.

    The line extends beyond both landmarks by LENGTHENED trunk lengths. The heights are at 0.05…0.95 of the line.

    Args:
        landmarks: (33, 5) float32, x and y 0…1 of the picture.

    Returns:
        (19,) float32, picture heights. NaN where the line is outside the mask, or where the mask extends beyond the
        picture or farther than a back is thick. None if the trunk is nearly upright in the picture or too short, if
        hips or shoulders are outside the picture, or if the knees are on the side of the back.
    """
    size = np.array(mask.size_px, float)
    points = landmarks[:, :2] * size - 0.5  # a pixel's value belongs to its centre
    hip, shoulder, knee = (points[list(pair)].mean(0) for pair in (landmark.HIPS, landmark.SHOULDERS, landmark.KNEES))
    trunk = shoulder - hip
    length = float(np.hypot(*trunk))
    ends = np.stack([hip, shoulder])
    if not ((ends >= 0) & (ends <= size - 1)).all() or length < SHORTEST * size[1]:
        return None
    # The back of a bent body is on its upper side, so take the normal that points up.
    normal = np.array([trunk[1], -trunk[0]]) * np.sign(trunk[0]) / length
    if abs(trunk[0]) < np.sin(np.radians(LEAST_LEAN_DEG)) * length or not (knee - hip) @ normal <= 0:
        return None
    reach = REACH * max(length, float(np.hypot(*(knee - hip))))
    steps = np.linspace(0.0, reach, min(int(reach) + 2, MOST_STEPS))
    x, y = (hip[i] + _along()[:, None] * trunk[i] + steps * normal[i] for i in (0, 1))
    heights = _first_fall(mask.values_at(x, y)) * (steps[1] / size[1])
    return heights.astype(np.float32)


def edge_points(edge: np.ndarray, landmarks: np.ndarray, size_px: tuple[int, int]) -> np.ndarray:
    """Return the points of the back's edge in the picture, (19, 2) pixels; NaN where the edge is unknown.

    Args:
        edge: (19,) heights, as `measure_back_edge` returns them.
        landmarks: (33, 2) or more columns, x and y 0…1, with which the edge was measured.
    """
    points = landmarks[:, :2].astype(np.float64) * size_px
    hip, shoulder = (points[list(pair)].mean(0) for pair in (landmark.HIPS, landmark.SHOULDERS))
    trunk = shoulder - hip
    normal = np.array([trunk[1], -trunk[0]]) * np.sign(trunk[0]) / max(float(np.hypot(*trunk)), 1e-9)
    on_line: np.ndarray = hip + _along()[:, None] * trunk
    return on_line + edge[:, None].astype(np.float64) * size_px[1] * normal


def _along() -> np.ndarray:
    """Return the stations, (19,), as shares of the way between the landmarks, from mid-hip to mid-shoulder."""
    return landmark.STATIONS * (1 + 2 * LENGTHENED) - LENGTHENED


def _first_fall(values: np.ndarray) -> np.ndarray:
    """Return the step at which each row (n, steps) falls below INSIDE; NaN if it never does, or is unknown before."""
    outside = ~(values >= INSIDE)  # NaN counts as outside
    first = outside.argmax(1)
    rows = np.arange(len(values))
    before, after = values[rows, first - 1], values[rows, first]
    with np.errstate(invalid="ignore", divide="ignore"):
        place = first - 1 + (before - INSIDE) / (before - after)
    return np.where(first > 0, place, np.nan)
