"""The square of a picture that BlazePose's landmark network looks at: around a person, turned upright."""

from dataclasses import dataclass

import cv2
import numpy as np

CROP_SCALE = 1.25
"""Side of the square over the diameter of the circle around the person, as in the network's training."""
FRACTION_BITS = 5
"""A crop's pixel is placed in 32nds of the picture's pixels, as in OpenCV 4, which MediaPipe is built with: exact
places would move landmarks from MediaPipe's."""
EXACT_BITS = 16
"""Binary places of a pixel's place: integers take half as long as floats."""
LEAST_SIDE_PX, FARTHEST_PX = 2.0, 10_000.0
"""Range of the side, and largest distance of the middle from the picture's corner. Values beyond are a failure of the
network, and exceed the 15 bits of OpenCV's maps, and the 31 of the places."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    """A square of the picture, which may extend beyond it. Pixels are counted from the middle of the first one."""

    x: float  # of its middle, pixels
    y: float
    side: float  # pixels
    angle: float  # clockwise rotation of the person from upright, radians

    @property
    def rotation(self) -> np.ndarray:
        """(2, 2), from the square's axes to the picture's."""
        cos, sin = np.cos(self.angle), np.sin(self.angle)
        return np.array([[cos, -sin], [sin, cos]])

    def cut(self, picture: np.ndarray, side_px: int, *, border: int) -> np.ndarray:
        """border: OpenCV's mode for pixels outside, such as BORDER_CONSTANT (black)."""
        step = self.rotation * (self.side / side_px) * (1 << EXACT_BITS)
        first = np.array([self.x, self.y]) * (1 << EXACT_BITS) - step.sum(1) * (side_px / 2)
        first += 1 << (EXACT_BITS - FRACTION_BITS - 1)  # rounds what is cut off below
        along = np.arange(side_px)
        places, between = np.empty((side_px, side_px, 2), np.int16), np.zeros((side_px, side_px), np.uint16)
        for axis, shift in ((0, 0), (1, FRACTION_BITS)):
            down, across = np.rint(step[axis, 1] * along), np.rint(step[axis, 0] * along + first[axis])
            fixed = np.add.outer(down.astype(np.int32), across.astype(np.int32))
            np.right_shift(fixed, EXACT_BITS, out=places[..., axis], casting="unsafe")
            fixed >>= EXACT_BITS - FRACTION_BITS
            fixed &= (1 << FRACTION_BITS) - 1
            fixed <<= shift
            between |= fixed.astype(np.uint16)
        return cv2.remap(picture, places, between, cv2.INTER_LINEAR, None, border)

    def to_picture(self, shares: np.ndarray) -> np.ndarray:
        """Return points (n, 2), shares 0…1 of the square, in pixels."""
        pixels: np.ndarray = (shares - 0.5) @ self.rotation.T * self.side + (self.x, self.y)
        return pixels

    def from_picture(self, side_px: int) -> np.ndarray:
        """Affine map (2, 3) from pixels of the picture to those of the square cut with that side."""
        back = self.rotation.T * (side_px / self.side)
        return np.column_stack([back, side_px / 2 - back @ (self.x, self.y)])


def around_person(middle: np.ndarray, edge: np.ndarray) -> Region | None:
    """Return None where the points make no region. middle: of the hips; edge: a point on the circle around the person,
    above the head of one who stands upright; both (x, y), pixels."""
    across, up = float(edge[0] - middle[0]), float(middle[1] - edge[1])
    side = 2 * CROP_SCALE * float(np.hypot(across, up))
    if not (LEAST_SIDE_PX <= side <= FARTHEST_PX and np.abs(middle).max() <= FARTHEST_PX):  # nor NaN
        return None
    angle = float(np.pi / 2 - np.arctan2(up, across))
    return Region(x=float(middle[0]), y=float(middle[1]), side=side, angle=angle)


def around_picture(picture: np.ndarray) -> Region:
    height, width = picture.shape[:2]
    return Region(x=width / 2, y=height / 2, side=max(width, height), angle=0.0)
