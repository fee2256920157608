"""Where the person is in the picture, by a network's mask."""

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PersonMask:
    values: Callable[[slice, slice], np.ndarray]
    """Returns the mask (h, w) float32, 0…1, at least within these rows and columns of it. The rest may be anything."""
    from_picture: np.ndarray
    """(2, 3): maps a pixel (x, y) of the picture, counted from the middle of the first one, to one of `values`."""
    size_px: tuple[int, int]  # width and height of the picture

    def at(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Return interpolated values, float32: 0 outside the crop, NaN outside the picture. x, y: finite pixels of the
        picture, of one shape with two axes, counted from the middle of the first one."""
        (a, b, c), (d, e, f) = self.from_picture
        across, down = (a * x + b * y + c).astype(np.float32), (d * x + e * y + f).astype(np.float32)
        sampled = cv2.remap(
            self.values(_around(down), _around(across)), across, down, cv2.INTER_LINEAR, None, cv2.BORDER_CONSTANT, 0.0
        )
        width, height = self.size_px
        inside = (x >= 0) & (x < width - 1) & (y >= 0) & (y < height - 1)
        return np.where(inside, sampled, np.float32(np.nan))


def _around(places: np.ndarray) -> slice:
    return slice(max(int(np.floor(places.min())), 0), max(int(np.ceil(places.max())) + 1, 0))


def whole_picture_mask(values: np.ndarray) -> PersonMask:
    """Of values (height, width) float32 that cover the picture pixel by pixel."""
    return PersonMask(values=lambda *_: values, from_picture=np.eye(2, 3), size_px=(values.shape[1], values.shape[0]))
