"""Draws shapes: filled boxes, signs such as the tick of a good rep, the frame round the picture, the progress bar."""

import math
from collections.abc import Callable, Sequence
from typing import Literal, NamedTuple

import cv2
import numpy as np

from livecoach.feedback.screen_layout import Box

Colour = tuple[int, int, int]  # Blue, green and red, 0 to 255

GOOD: Colour = (115, 158, 0)  # Bluish green
ALARM: Colour = (0, 94, 213)  # Vermilion
LEFT: Colour = (233, 180, 86)  # Sky blue, for the lifter's left
RIGHT: Colour = (66, 228, 240)  # Yellow, for the lifter's right
GOLD: Colour = (0, 159, 230)  # Orange, for a personal record
MIDDLE: Colour = (255, 255, 255)
GREY: Colour = (175, 175, 175)
DIM: Colour = (96, 96, 96)
INK: Colour = (255, 255, 255)
NIGHT: Colour = (22, 20, 18)  # For boxes behind text
DUSK: Colour = (58, 53, 48)  # For a canvas without a picture


DrawShape = Callable[[np.ndarray, Box, Colour], None]  # Draws a shape into a box of a canvas


def crop(canvas: np.ndarray, box: Box) -> np.ndarray:
    """Return a view of the part of a canvas inside a box; empty if the box lies outside."""
    return canvas[max(0, box.y) : max(0, box.bottom), max(0, box.x) : max(0, box.right)]


def _rounded(layer: np.ndarray, colour: Colour, radius: int) -> None:
    h, w = layer.shape[:2]
    r = min(radius, (w - 1) // 2, (h - 1) // 2)
    cv2.rectangle(layer, (r, 0), (w - 1 - r, h - 1), colour, -1)
    cv2.rectangle(layer, (0, r), (w - 1, h - 1 - r), colour, -1)
    for x in (r, w - 1 - r):
        for y in (r, h - 1 - r):
            cv2.circle(layer, (x, y), r, colour, -1, cv2.LINE_AA)


def fill_box(canvas: np.ndarray, box: Box, opacity: float, colour: Colour = NIGHT, radius: int = 6) -> None:
    """Fill the part of a box that lies on a canvas, with an opacity of 0 to 1 and a corner `radius` in pixels."""
    below = crop(canvas, box)
    if below.size == 0:
        return
    if opacity == 1:
        _rounded(below, colour, radius)
        return
    layer = below.copy()
    _rounded(layer, colour, radius)
    below[:] = cv2.addWeighted(layer, opacity, below, 1 - opacity, 0)


def _stroke(canvas: np.ndarray, box: Box, shape: Sequence[Sequence[float]], colour: Colour) -> None:
    side = min(box.w, box.h)
    x0, y0 = box.x + (box.w - side) / 2, box.y + (box.h - side) / 2
    points = np.array([[x0 + u * side, y0 + v * side] for u, v in shape])
    cv2.polylines(canvas, [np.rint(points).astype(np.int32)], False, colour, max(2, round(0.17 * side)), cv2.LINE_AA)


def draw_tick(canvas: np.ndarray, box: Box, colour: Colour = INK) -> None:
    _stroke(canvas, box, ((0.08, 0.55), (0.37, 0.85), (0.92, 0.18)), colour)


def draw_cross(canvas: np.ndarray, box: Box, colour: Colour = INK) -> None:
    _stroke(canvas, box, ((0.14, 0.14), (0.86, 0.86)), colour)
    _stroke(canvas, box, ((0.86, 0.14), (0.14, 0.86)), colour)


def draw_dash(canvas: np.ndarray, box: Box, colour: Colour = INK) -> None:
    _stroke(canvas, box, ((0.1, 0.5), (0.9, 0.5)), colour)


def _draw_equals(canvas: np.ndarray, box: Box, colour: Colour = INK) -> None:
    _stroke(canvas, box, ((0.1, 0.32), (0.9, 0.32)), colour)
    _stroke(canvas, box, ((0.1, 0.68), (0.9, 0.68)), colour)


def _draw_unequal(canvas: np.ndarray, box: Box, colour: Colour = INK) -> None:
    _draw_equals(canvas, box, colour)
    _stroke(canvas, box, ((0.78, 0.06), (0.22, 0.94)), colour)


def _draw_star(canvas: np.ndarray, box: Box, colour: Colour = INK) -> None:
    side = min(box.w, box.h)
    angles = np.arange(10) * np.pi / 5
    reach = np.where(np.arange(10) % 2, 0.22, 0.55) * side
    centre = np.array([box.x + box.w / 2, box.y + box.h / 2])
    points = centre + reach[:, None] * np.column_stack([np.sin(angles), -np.cos(angles)])
    cv2.fillPoly(canvas, [np.rint(points * 16).astype(np.int32)], colour, cv2.LINE_AA, 4)


Shape = Literal[
    "tick", "cross", "dash", "equals", "unequal", "star", "up", "down", "left", "right", "turn-left", "turn-right"
]
_BARB, _OPENED_RAD = 0.34, math.radians(40)
"""Length of each half of an arrow's head as a share of the box's side, and the angle between half and shaft."""


def _arrow(shaft: np.ndarray) -> DrawShape:
    """Return a function that draws an arrow along a shaft, (n, 2) from 0 to 1, which points along its last part."""
    along = shaft[-1] - shaft[-2]
    barbs = [math.atan2(-along[1], -along[0]) + turn for turn in (-_OPENED_RAD, _OPENED_RAD)]
    head = [shaft[-1] + _BARB * np.array([math.cos(barb), math.sin(barb)]) for barb in barbs]

    def draw(canvas: np.ndarray, box: Box, colour: Colour = INK) -> None:
        for stroke in (shaft, np.array([head[0], shaft[-1], head[1]])):
            _stroke(canvas, box, stroke.tolist(), colour)

    return draw


_UP = np.array([[0.5, 0.95], [0.5, 0.08]])
_round_rad = np.radians(np.linspace(-60, 190, 24))
_ROUND = 0.5 + 0.32 * np.stack([np.cos(_round_rad), -np.sin(_round_rad)], 1)
ARROWS: dict[Shape, DrawShape] = {
    "up": _arrow(_UP),
    "down": _arrow(1 - _UP),
    "left": _arrow(_UP[:, ::-1]),
    "right": _arrow(1 - _UP[:, ::-1]),
    "turn-left": _arrow(_ROUND),
    "turn-right": _arrow(_ROUND * (-1, 1) + (1, 0)),
}
"""Function that draws each arrow. Turns are those of a lifter seen from above, who faces the upper edge."""
_MIRRORED: dict[Shape, Shape] = {"left": "right", "right": "left"}


class Mark(NamedTuple):
    """The mark of a form, standard's result, record or direction. Marks differ in shape, not only in colour."""

    shape: Shape
    draw: DrawShape
    colour: Colour

    @property
    def mirror_image(self) -> "Mark":
        """The mark for a mirrored picture: arrows to the left and to the right are exchanged, other marks stay."""
        shape = _MIRRORED.get(self.shape)
        return self if shape is None else Mark(shape, ARROWS[shape], self.colour)


TICK, CROSS, DASH = Mark("tick", draw_tick, GOOD), Mark("cross", draw_cross, ALARM), Mark("dash", draw_dash, GREY)
STAR = Mark("star", _draw_star, GOLD)
EQUALS, UNEQUAL = Mark("equals", _draw_equals, INK), Mark("unequal", _draw_unequal, INK)
"""Marks of reps that were compared only with unconfirmed reps."""
SIGNS = {
    **{"good": TICK, "alike": EQUALS, "anomalous": CROSS, "different": UNEQUAL, "unsure": DASH},
    **{"met": TICK, "missed": CROSS, "close": DASH},
}
"""Mark of each form, and of each result by a standard."""


def draw_solid_border(canvas: np.ndarray, thickness_px: int, colour: Colour) -> None:
    """Draw a border of one colour along the canvas' edges."""
    t, (height, width) = thickness_px, canvas.shape[:2]
    # OpenCV fills ten times as fast as numpy with three values.
    for x0, y0, x1, y1 in (
        (0, 0, width, t),
        (0, height - t, width, height),
        (0, 0, t, height),
        (width - t, 0, width, height),
    ):
        cv2.rectangle(canvas, (x0, y0), (x1 - 1, y1 - 1), colour, -1)


def draw_hatched_border(canvas: np.ndarray, thickness_px: int) -> None:
    """Draw a border of slanted stripes, which differs from a solid border even without colour."""
    t, (height, width) = thickness_px, canvas.shape[:2]
    period = 4 * t
    # Distance from the centre line of the stripe; the edge is one pixel soft.
    away = np.abs(np.arange(height + width - 1) % period - period / 2)
    share = np.clip(period * 0.32 - away + 0.5, 0, 1)[:, None]
    strip = (share * np.array(ALARM) + (1 - share) * np.array(NIGHT)).astype(np.uint8)
    # Each row is the strip shifted by one pixel: (height, 3, width) → (height, width, 3), a view.
    stripes = np.lib.stride_tricks.sliding_window_view(strip, width, axis=0).swapaxes(1, 2)
    for side in (np.s_[:t], np.s_[-t:], np.s_[:, :t], np.s_[:, -t:]):
        canvas[side] = stripes[side]


def draw_progress_bar(canvas: np.ndarray, box: Box, progress: float) -> None:
    """Draw a vertical bar that is filled from below to the share `progress`, 0 to 1."""
    fill_box(canvas, box.grow(max(1, box.w // 6)), 0.7, radius=box.w)
    fill_box(canvas, box, 1.0, DIM, radius=box.w)
    filled = max(box.w, round(box.h * min(1.0, max(0.0, progress))))
    fill_box(canvas, Box(box.x, box.bottom - filled, box.w, filled), 1.0, INK, radius=box.w)
