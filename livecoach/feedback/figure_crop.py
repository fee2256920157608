"""The part of a picture in which a lifter stands throughout some reps, and the lifter's figure in it."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from livecoach.feedback.shapes import DUSK
from livecoach.feedback.skeleton import CanvasBody, project
from livecoach.types import RepWindow

HEIGHT = 400  # height of a figure's viewBox: in pixels for clips; stills are displayed at up to twice this size
LEAST_ASPECT, MOST_ASPECT = 0.7, 1.3  # limits of width over height
ROOM_ABOVE, ROOM_BELOW, ROOM_ASIDE = 0.16, 0.06, 0.14
"""Margins around the landmarks, as shares of their height: for hair, soles, and part of the bar's ends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureCrop:
    """A rectangle of a picture, in pixels; it may extend beyond the picture."""

    left: float
    top: float
    width: float
    height: float

    @property
    def scale(self) -> float:
        """Factor from picture pixels to viewBox units."""
        return HEIGHT / self.height

    def placed(self, xy_px: np.ndarray) -> np.ndarray:
        """Return points (n, 2) of the picture in viewBox units."""
        return (xy_px - (self.left, self.top)) * self.scale

    @property
    def shown_width(self) -> int:
        """Width in viewBox units, rounded to an even number, as video encoders require."""
        return round(self.width * self.scale / 2) * 2


def crop_of(windows: Sequence[RepWindow]) -> FigureCrop | None:
    """Return a crop that holds the lifter throughout some reps; None if nobody is visible in them."""
    bodies = [
        body.xy_px[body.known & body.visible]
        for window in windows
        for o in window.observations
        if window.start_s <= o.t_s <= window.end_s
        and (body := project(o, o.width_px, o.height_px, mirror=False)) is not None
    ]
    if not bodies:
        return None
    size = max((o.width_px, o.height_px) for window in windows for o in window.observations)
    points = np.concatenate(bodies)
    # Percentiles, so that one frame with a misplaced hand does not shrink the lifter.
    low, high = np.percentile(points, [0.5, 99.5], axis=0)
    tall = max(float(high[1] - low[1]), 1.0)
    top, bottom = low[1] - ROOM_ABOVE * tall, high[1] + ROOM_BELOW * tall
    left, right = low[0] - ROOM_ASIDE * tall, high[0] + ROOM_ASIDE * tall
    height = max(float(bottom - top), float(right - left) / MOST_ASPECT)
    width = min(max(float(right - left), LEAST_ASPECT * height), MOST_ASPECT * height)
    middle_x = float(left + right) / 2
    return FigureCrop(
        left=_within(middle_x - width / 2, width, size[0]),
        top=_within(float(bottom) - height, height, size[1]),
        width=width,
        height=height,
    )


def _within(start: float, length: float, of: int) -> float:
    """Shift the start of an interval so that it lies inside the picture as far as possible."""
    return float(np.clip(start, min(0.0, of - length), max(0.0, of - length)))


def cropped(body: CanvasBody, crop: FigureCrop) -> CanvasBody:
    return CanvasBody(xy_px=crop.placed(body.xy_px), visible=body.visible, known=body.known)


def crop_picture(picture: np.ndarray, seen_px: tuple[int, int], crop: FigureCrop, scale: float) -> np.ndarray:
    """Cut a crop out of a picture, which may have another size than the observed frame.

    seen_px: width and height of that frame. scale: pixels per viewBox unit. Areas beyond the picture are filled with
    the colour DUSK.
    """
    size = round(crop.shown_width * scale), round(HEIGHT * scale)
    of_picture = crop.scale * scale
    x, y = of_picture * seen_px[0] / picture.shape[1], of_picture * seen_px[1] / picture.shape[0]
    moved = np.array([[x, 0, -crop.left * of_picture], [0, y, -crop.top * of_picture]])
    # Average pixels first: strongly reduced pictures would flicker otherwise.
    if min(x, y) < 0.5:
        picture, moved = cv2.resize(picture, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA), moved * (2, 2, 1)
    part: np.ndarray = cv2.warpAffine(picture, moved, size, flags=cv2.INTER_LINEAR, borderValue=DUSK)
    return part
