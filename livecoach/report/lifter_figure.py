"""The lifter at one moment: the part of the picture that is shown, and the skeleton in it, as parts of an SVG."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

from livecoach import landmark
from livecoach.feedback.skeleton import Body, head, project
from livecoach.types import Observation, RepWindow

HEIGHT = 400
"""Of what is shown, in its own units: pixels of a clip, and of a still half as many as it is shown with at the most."""
LEAST_ASPECT, MOST_ASPECT = 0.7, 1.3
"""Width over height."""
ROOM_ABOVE, ROOM_BELOW, ROOM_ASIDE = 0.16, 0.06, 0.14
"""Left free around the landmarks, shares of their height: hair, soles, and the bar's ends as far as they go."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Crop:
    """A part of a picture, pixels; it may go beyond the picture."""

    left: float
    top: float
    width: float
    height: float

    @property
    def scale(self) -> float:
        """From pixels of the picture to what is shown."""
        return HEIGHT / self.height

    @property
    def shown_width(self) -> int:
        """Of what is shown: even, as videos want it."""
        return round(self.width * self.scale / 2) * 2


@dataclass(frozen=True, slots=True, kw_only=True)
class LifterFigure:
    """What is drawn of one moment."""

    width: int
    height: int
    bones: tuple[tuple[float, float, float, float], ...]
    """Lines: x, y of both ends."""
    guilty_bones: tuple[tuple[float, float, float, float], ...]
    """Those at the joints that a rep stands out by, among them."""
    guilty: tuple[tuple[float, float], ...]
    """These joints."""
    head: tuple[float, float, float] | None
    """Middle and radius."""
    picture: str | None
    """A data: URI; None where there is no picture."""
    words: str
    """What is to be seen, for those who can't."""


def crop_of(windows: Sequence[RepWindow]) -> Crop | None:
    """The part of the picture that some reps take up, none of them cut; None where nobody is seen in them."""
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
    # One frame in which a hand is guessed to be far away must not make the lifter small.
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
    """Where a stretch begins that is moved into the picture as far as it fits."""
    return float(np.clip(start, min(0.0, of - length), max(0.0, of - length)))


def cropped(body: Body, crop: Crop) -> Body:
    """A body as it lies in what is shown."""
    xy = (body.xy_px - (crop.left, crop.top)) * crop.scale
    return Body(xy_px=xy, seen=body.seen, known=body.known)


def draw_figure(
    observation: Observation, crop: Crop, words: str, *, joints: Collection[str] = (), picture: str | None = None
) -> LifterFigure:
    """The skeleton of an observation. joints: landmarks that stand out, by name."""
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


def _lines(body: Body, bones: Sequence[tuple[int, int]]) -> tuple[tuple[float, float, float, float], ...]:
    found = []
    for a, b in bones:
        (x1, y1), (x2, y2) = body.xy_px[a], body.xy_px[b]
        found.append((_short(x1), _short(y1), _short(x2), _short(y2)))
    return tuple(found)


def _head(body: Body) -> tuple[float, float, float] | None:
    found = head(body)
    return None if found is None else (_short(found[0]), _short(found[1]), _short(found[2]))


def _short(value: float) -> float:
    return round(float(value), 1)
