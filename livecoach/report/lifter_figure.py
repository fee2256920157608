"""The lifter at one moment, as parts of an SVG: the crop of the picture and the skeleton in it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

from livecoach import landmark
from livecoach.feedback.skeleton import CanvasBody, head, project
from livecoach.types import Observation, RepWindow

HEIGHT = 400
"""Height of a figure's viewBox: in pixels for clips; stills are displayed at up to twice this size."""
LEAST_ASPECT, MOST_ASPECT = 0.7, 1.3
"""Limits of width over height."""
ROOM_ABOVE, ROOM_BELOW, ROOM_ASIDE = 0.16, 0.06, 0.14
"""Margins around the landmarks, as shares of their height: for hair, soles, and part of the bar's ends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Crop:
    """A rectangle of a picture, in pixels; it may extend beyond the picture."""

    left: float
    top: float
    width: float
    height: float

    @property
    def scale(self) -> float:
        """Factor from picture pixels to viewBox units."""
        return HEIGHT / self.height

    @property
    def shown_width(self) -> int:
        """Width in viewBox units, rounded to an even number, as video encoders require."""
        return round(self.width * self.scale / 2) * 2


@dataclass(frozen=True, slots=True, kw_only=True)
class LifterFigure:
    """The drawing of one moment, in viewBox units."""

    width: int
    height: int
    bones: tuple[tuple[float, float, float, float], ...]
    """Lines: x1, y1, x2, y2."""
    guilty_bones: tuple[tuple[float, float, float, float], ...]
    """The bones next to the marked joints."""
    guilty: tuple[tuple[float, float], ...]
    """The joints that are marked because they contribute most to the verdict."""
    head: tuple[float, float, float] | None
    """Centre x, y and radius."""
    picture: str | None
    """The picture as a data: URI; None without video."""
    words: str
    """Text alternative for screen readers."""


def crop_of(windows: Sequence[RepWindow]) -> Crop | None:
    """Return a crop that holds the lifter throughout some reps; None if nobody is visible in them."""
    bodies = [
        body.xy_px[body.known & body.seen]
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
    return Crop(
        left=_within(middle_x - width / 2, width, size[0]),
        top=_within(float(bottom) - height, height, size[1]),
        width=width,
        height=height,
    )


def _within(start: float, length: float, of: int) -> float:
    """Shift the start of an interval so that it lies inside the picture as far as possible."""
    return float(np.clip(start, min(0.0, of - length), max(0.0, of - length)))


def cropped(body: CanvasBody, crop: Crop) -> CanvasBody:
    """Return a body in the coordinates of a crop."""
    xy = (body.xy_px - (crop.left, crop.top)) * crop.scale
    return CanvasBody(xy_px=xy, seen=body.seen, known=body.known)


def draw_figure(
    observation: Observation, crop: Crop, words: str, *, joints: Collection[str] = (), picture: str | None = None
) -> LifterFigure:
    """Draw the skeleton of an observation. joints: names of the landmarks to mark."""
    found = project(observation, observation.width_px, observation.height_px, mirror=False)
    size = {"width": crop.shown_width, "height": HEIGHT}
    if found is None:
        return LifterFigure(**size, bones=(), guilty_bones=(), guilty=(), head=None, picture=picture, words=words)
    body = cropped(found, crop)
    chosen = [i for i, name in enumerate(landmark.NAMES) if name in joints and body.seen[i]]
    bones = [bone for bone in landmark.BONES if body.seen[list(bone)].all()]
    return LifterFigure(
        **size,
        bones=_lines(body, bones),
        guilty_bones=_lines(body, [bone for bone in bones if bone[0] in chosen or bone[1] in chosen]),
        guilty=tuple((_short(body.xy_px[i, 0]), _short(body.xy_px[i, 1])) for i in chosen),
        head=_head(body),
        picture=picture,
        words=words,
    )


def _lines(body: CanvasBody, bones: Sequence[tuple[int, int]]) -> tuple[tuple[float, float, float, float], ...]:
    found = []
    for a, b in bones:
        (x1, y1), (x2, y2) = body.xy_px[a], body.xy_px[b]
        found.append((_short(x1), _short(y1), _short(x2), _short(y2)))
    return tuple(found)


def _head(body: CanvasBody) -> tuple[float, float, float] | None:
    found = head(body)
    return None if found is None else (_short(found[0]), _short(found[1]), _short(found[2]))


def _short(value: float) -> float:
    return round(float(value), 1)
