"""The part of the picture that a top-down network looks at, held steady while the lifter moves in it."""

import math
from dataclasses import dataclass

import cv2
import numpy as np

GROWS_S, SHRINKS_S = 0.1, 2.0
"""Time constants of an edge that moves outwards and inwards. The crop holds the whole lift, and standing and bent
bodies at one scale; one from a single frame's keypoints would lose the legs where plates hide the feet."""
MARGIN = 0.2  # on every side, as a share of the longer side of what it holds
LEAST_PX = 16.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Crop:
    """A rectangle, pixels; it may extend beyond the picture."""

    left: float
    top: float
    width: float
    height: float

    def cut(self, picture: np.ndarray, size_px: tuple[int, int]) -> np.ndarray:
        """Return a picture of that width and height, black outside."""
        across, down = self.width / size_px[0], self.height / size_px[1]
        # A pixel's value belongs to its centre.
        turn = np.array([[across, 0, self.left + across / 2 - 0.5], [0, down, self.top + down / 2 - 0.5]])
        reduced = picture
        if (shrunk := int(min(across, down))) >= 2:  # interpolation alone would skip pixels
            side = shrunk // 2 * 2 + 1
            reduced = cv2.blur(picture, (side, side))
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        return np.asarray(cv2.warpAffine(reduced, turn, size_px, flags=flags, borderMode=cv2.BORDER_CONSTANT))

    def to_picture(self, shares: np.ndarray) -> np.ndarray:
        """Return points (K, 2), shares 0…1 of the rectangle, in pixels from the picture's upper left corner."""
        pixels: np.ndarray = shares * (self.width, self.height) + (self.left, self.top)
        return pixels


def crop_around(low: np.ndarray, high: np.ndarray, aspect: float, margin: float = MARGIN) -> Crop:
    """Return the crop of an aspect (width over height) that holds the box from `low` to `high` (x, y), pixels."""
    wide, tall = (high - low + 2 * margin * (high - low).max()).tolist()
    height = max(tall, wide / aspect, LEAST_PX)
    middle = (low + high) / 2
    return Crop(
        left=float(middle[0]) - height * aspect / 2,
        top=float(middle[1]) - height / 2,
        width=height * aspect,
        height=height,
    )


class SteadyCrop:
    """The crop around one person, smoothed by the frames' times."""

    def __init__(self, low: np.ndarray, high: np.ndarray, t_s: float) -> None:
        """(x, y) corners of the person's box, pixels."""
        self._edges = np.concatenate([low, -high])  # all of them fall as the box grows
        self._t_s = t_s

    def at(self, aspect: float) -> Crop:
        """aspect: width over height."""
        return crop_around(self._edges[:2], -self._edges[2:], aspect)

    def follow(self, points_px: np.ndarray, t_s: float) -> None:
        """Move the crop towards a box around points (n, 2), n at least 1."""
        now = np.concatenate([points_px.min(0), -points_px.max(0)])
        dt_s = max(t_s - self._t_s, 0.0)
        grows, shrinks = (1 - math.exp(-dt_s / constant_s) for constant_s in (GROWS_S, SHRINKS_S))
        self._edges = self._edges + np.where(now < self._edges, grows, shrinks) * (now - self._edges)
        self._t_s = t_s
