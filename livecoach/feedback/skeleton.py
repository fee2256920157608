"""Draws the lifter's skeleton, and the figure that shows where to stand; tracks the area that the lifter covers."""

from collections.abc import Collection
from dataclasses import dataclass

import cv2
import numpy as np

from livecoach.core import landmark
from livecoach.core.step import Step
from livecoach.core.types import Observation
from livecoach.feedback.screen_layout import Box
from livecoach.feedback.shapes import ALARM, GREY, INK, LEFT, MIDDLE, NIGHT, RIGHT, Colour, crop

MIN_VISIBILITY = 0.5  # Least visibility of landmarks that are drawn: the limit of BlazePose's own drawing utilities
FAR = 4.0  # Largest coordinate in multiples of the picture's size: OpenCV's lines overflow beyond about 2^15
_SHRINK_S = 3.0  # Time constant with which the lifter's box shrinks; it grows at once, to cover a whole rep
_EARS = (7, 8)
_JOINTS = tuple(range(11, 17)) + tuple(range(23, 33))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CanvasBody:
    """The lifter's landmarks on a canvas, in BlazePose order."""

    xy_px: np.ndarray  # (33, 2) float64, pixels of the canvas, which may be mirrored; meaningless if not `known`
    visible: np.ndarray  # (33,) bool: whether a landmark is visible enough to be drawn
    known: np.ndarray  # (33,) bool: whether a landmark has a position, even if it is hidden, as behind a plate

    def points(self) -> list[tuple[int, int]]:
        return [(x, y) for x, y in np.rint(self.xy_px).astype(int).tolist()]

    @property
    def bones(self) -> list[tuple[int, int]]:
        """The bones with two visible ends, as indices of landmarks."""
        visible = self.visible.tolist()
        return [(a, b) for a, b in landmark.BONES if visible[a] and visible[b]]

    def visible_indices(self, names: Collection[str]) -> list[int]:
        """Return the indices of the visible landmarks whose names are in `names`."""
        return [i for i, name in enumerate(landmark.NAMES) if name in names and self.visible[i]]

    @property
    def head(self) -> tuple[float, float, float] | None:
        """Centre x, centre y and radius of the head in pixels; None if ears or shoulders are not visible."""
        parts = list(_EARS + landmark.SHOULDERS)
        if not self.visible[parts].all():
            return None
        centre, shoulders = self.xy_px[parts].reshape(2, 2, 2).mean(axis=1)  # (ears or shoulders, left or right, xy)
        # Half the distance from the ears to the shoulders is about the radius of a head.
        return float(centre[0]), float(centre[1]), 0.5 * float(np.hypot(*(shoulders - centre)))


def project_body(observation: Observation, width_px: int, height_px: int, *, mirror: bool) -> CanvasBody | None:
    """Return the landmarks of an observation in pixels of a canvas, mirrored or not; None if nobody is visible."""
    if observation.landmarks is None:
        return None
    values = observation.landmarks.astype(np.float64)
    known: np.ndarray = np.all(np.isfinite(values[:, :2]), axis=1)
    visible: np.ndarray = np.logical_and(known, np.all(values[:, 3:5] >= MIN_VISIBILITY, axis=1))
    if not visible.any():
        return None
    xy = np.where(known[:, None], values[:, :2], 0.0)
    if mirror:
        xy[:, 0] = 1 - xy[:, 0]
    return CanvasBody(xy_px=np.clip(xy, -FAR, FAR) * (width_px, height_px), visible=visible, known=known)


def _edges(body: CanvasBody, width_px: int, height_px: int) -> np.ndarray:
    """Return left, top, -right and -bottom edge of a body, (4,) in pixels: all values fall as the body grows."""
    points = np.clip(body.xy_px[body.known], 0, (width_px, height_px))
    pad = 0.03 * height_px  # flesh round the landmarks
    low, high = points.min(axis=0) - (pad, 2 * pad), points.max(axis=0) + pad
    return np.concatenate([low, -high])


def _box(edges: np.ndarray) -> Box:
    left, top, right, bottom = np.rint(edges * (1, 1, -1, -1)).astype(int)
    return Box(int(left), int(top), int(right - left), int(bottom - top))


class LifterArea:
    """The area of the canvas that the lifter has covered over the last seconds."""

    def __init__(self) -> None:
        self._edges: np.ndarray | None = None  # As returned by _edges
        self._t_s = 0.0

    def update(
        self, body: CanvasBody | None, t_s: float, width_px: int, height_px: int
    ) -> tuple[Box | None, Box | None]:
        """Add a frame, and return the lifter's box over the last seconds and the box in this frame, in canvas pixels.

        The first box is None until somebody is detected, the second if `body` is None.
        """
        room, before = None if body is None else _edges(body, width_px, height_px), self._edges
        now = None if room is None else _box(room)
        if room is not None:
            if before is not None and self._t_s <= t_s < self._t_s + 2 * _SHRINK_S:
                keep = np.exp(-(t_s - self._t_s) / _SHRINK_S)
                room = np.minimum(room, keep * before + (1 - keep) * room)
            self._edges, self._t_s = room, t_s
        return None if self._edges is None else _box(self._edges), now


def _side(a: int, b: int) -> Colour:
    names = landmark.NAMES[a], landmark.NAMES[b]
    if all(name.startswith("left") for name in names):
        return LEFT
    return RIGHT if all(name.startswith("right") for name in names) else MIDDLE


_COLOURS = {bone: _side(*bone) for bone in landmark.BONES}


def draw_skeleton(canvas: np.ndarray, body: CanvasBody, *, active: bool, unit: float | None = None) -> None:
    """Draw a skeleton on a canvas: in colour if active, otherwise thin and grey.

    Args:
        unit: Scale of lines, 1 on a canvas whose shorter side has 480 pixels; None to derive it from the canvas.
    """
    unit = min(canvas.shape[:2]) / 480 if unit is None else unit
    thick = max(2, round(4 * unit)) if active else max(1, round(1.6 * unit))
    points, bones = body.points(), body.bones
    if active:
        for a, b in bones:
            cv2.line(canvas, points[a], points[b], NIGHT, thick + 2 * max(1, round(unit)), cv2.LINE_AA)
    for a, b in bones:
        cv2.line(canvas, points[a], points[b], _COLOURS[a, b] if active else GREY, thick, cv2.LINE_AA)
    if (head := body.head) is not None and (radius := min(round(head[2]), max(canvas.shape[:2]))) > 0:
        ink = INK if active else GREY
        cv2.circle(canvas, (round(head[0]), round(head[1])), radius, ink, thick, cv2.LINE_AA)
    if active:
        for index in _JOINTS:
            if body.visible[index]:
                cv2.circle(canvas, points[index], thick, INK, -1, cv2.LINE_AA)


def draw_joints(canvas: np.ndarray, body: CanvasBody, names: tuple[str, ...], unit: float | None = None) -> None:
    """Draw the visible joints in `names` and their bones, thick and in ALARM, with the `unit` of `draw_skeleton`."""
    unit = min(canvas.shape[:2]) / 480 if unit is None else unit
    points, chosen = body.points(), body.visible_indices(names)
    for a, b in body.bones:
        if a in chosen or b in chosen:
            cv2.line(canvas, points[a], points[b], ALARM, max(3, round(9 * unit)), cv2.LINE_AA)
    for index in chosen:
        cv2.circle(canvas, points[index], max(5, round(15 * unit)), INK, -1, cv2.LINE_AA)
        cv2.circle(canvas, points[index], max(4, round(12 * unit)), ALARM, -1, cv2.LINE_AA)


TOP, HEIGHT = 0.14, 0.76
"""Upper edge and height of the figure, as shares of the picture's height: the size that the hint to come closer asks
for, with room for raised arms and for the feet."""
MOST_OF_WIDTH = 1.6  # Largest ratio of the figure's height to the picture's width: its marks fit into narrow pictures
# Outline of a standing person: the right half from neck to crotch in thousandths of the body's height, to the right of
# the middle, and down from the top of the head. Drawn by eye.
_OUT_X = (24, 30, 95, 122, 134, 146, 148, 126, 118, 103, 94, 84, 94, 90, 74, 68, 54, 82, 30, 26, 22, 6)
_DOWN = (120, 150, 172, 200, 300, 420, 500, 508, 420, 310, 245, 350, 480, 600, 730, 840, 950, 985, 990, 940, 740, 540)
_HEAD, _HEAD_RADII = (0.0, 0.066), (0.046, 0.062)
_MARK = 0.2, 0.05  # Half the distance between the marks, and their length, in body heights


def _outline() -> np.ndarray:
    """Return the closed outline of the body, (n, 2) in body heights, its corners cut twice (Chaikin 1974)."""
    half = np.array([_OUT_X, _DOWN]).T / 1000
    points = np.concatenate([half, half[::-1] * (-1, 1)])
    for _ in range(2):
        following = np.roll(points, -1, axis=0)
        points = np.stack([0.75 * points + 0.25 * following, 0.25 * points + 0.75 * following], axis=1).reshape(-1, 2)
    return points


_OUTLINE = _outline()


class PlaceGuide:
    """Decides whether to show the standing figure, which is not needed once the lifter was in place or began a set."""

    def __init__(self) -> None:
        self._appeared = False
        self._is_placed = False

    def update(self, step: Step) -> bool:
        """Return whether to show the standing figure; always False once the lifter was in place or began a set."""
        detected = step.observation.landmarks is not None
        self._appeared |= detected
        right = detected and step.place.view is not None and step.place.hint is None and step.place.warning is None
        self._is_placed |= right or _has_started(step)
        hint = step.place.hint
        misplaced = hint is not None and not hint.done and hint.kind != "turn"
        return not self._is_placed and (not self._appeared or step.place.warning is not None or misplaced)


def _has_started(step: Step) -> bool:
    ready = step.cue is not None and step.cue.kind == "ready"
    return ready or step.set.is_under_way or step.progress is not None or step.set.count > 0 or step.rep is not None


def standing_box(width_px: int, height_px: int) -> Box:
    """Return the box, in pixels, of the figure that shows where to stand in a picture of this size."""
    size = min(HEIGHT * height_px, MOST_OF_WIDTH * width_px)
    w, h = round(2 * _MARK[0] * size), round(size)
    return Box((width_px - w) // 2, round((TOP + HEIGHT) * height_px) - h, w, h)


def draw_standing_figure(canvas: np.ndarray, lifter: Box | None) -> None:
    """Draw the figure that shows where to stand, except within the lifter's box, if there is a lifter."""
    height, width = canvas.shape[:2]
    box = standing_box(width, height)
    foot = np.array([width / 2, box.bottom])
    kept = None if lifter is None else crop(canvas, lifter).copy()
    unit = height / 480
    thin = max(1, round(1.5 * unit))
    for colour, thickness in ((NIGHT, thin + 2), (INK, thin)):
        for line, closed in _lines():
            points = np.rint((line - (0, 1)) * box.h + foot).astype(np.int32)
            cv2.polylines(canvas, [points], closed, colour, thickness, cv2.LINE_AA)
    if lifter is not None and kept is not None:
        crop(canvas, lifter)[:] = kept


def _lines() -> list[tuple[np.ndarray, bool]]:
    """Return the lines of body, head and marks, (n, 2) in body heights, each with whether the line is closed."""
    turn = np.linspace(0, 2 * np.pi, 32, endpoint=False)
    head = np.stack([np.cos(turn), np.sin(turn)], axis=1) * _HEAD_RADII + _HEAD
    lines = [(_OUTLINE, True), (head, True)]
    x, length = _MARK
    for side in (-1, 1):
        for y, inwards in ((0.0, 1), (1.0, -1)):
            corner = [(side * x, y + inwards * length), (side * x, y), (side * (x - length), y)]
            lines.append((np.array(corner), False))
    return lines
