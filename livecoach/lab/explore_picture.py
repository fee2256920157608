"""The picture of `livecoach explore`: both projections, coloured by verdict, fault and lifter."""

from collections.abc import Sequence

import cv2
import numpy as np

from livecoach.feedback import text
from livecoach.feedback.palette import Colour
from livecoach.lab.dataset import Reps
from livecoach.lab.explore import Colouring, Projection

SIDE, MARGIN, KEY_W, TOP = 520, 36, 300, 64
"""Sizes in pixels: a plot, the margin, the legend, and the title."""
CAP, SMALL_CAP, ROW = 15, 11, 24
ROWS = (SIDE - ROW) // ROW
"""Most names in a legend; the rest are only counted."""
WHITE: Colour = (255, 255, 255)
GROUND: Colour = (250, 251, 251)
EDGE: Colour = (224, 220, 216)
BLACK: Colour = (34, 31, 28)
GREY: Colour = (92, 86, 80)


def picture(reps: Reps, planes: Sequence[Projection], colourings: Sequence[Colouring], title: str) -> np.ndarray:
    """Draw one row per colouring and one column per projection, with legends, (height, width, 3) uint8 BGR."""
    width = MARGIN + len(planes) * (SIDE + MARGIN) + KEY_W
    height = TOP + ROW + len(colourings) * (SIDE + MARGIN) + ROW
    canvas = np.full((height, width, 3), WHITE, np.uint8)
    text.write(canvas, title, (MARGIN, 40), CAP, BLACK, text.SEMIBOLD)
    for row, colouring in enumerate(colourings):
        y = TOP + ROW + row * (SIDE + MARGIN)
        for column, plane in enumerate(planes):
            x = MARGIN + column * (SIDE + MARGIN)
            if row == 0:
                text.write(canvas, plane.name, (x, y - 10), CAP, BLACK, text.BOLD)
                note = text.block(plane.note, 1, SMALL_CAP, SIDE - 90, text.REGULAR)
                note.write(canvas, (x + 90, y - 10 - SMALL_CAP), GREY)
            _draw_plane(canvas[y : y + SIDE, x : x + SIDE], plane, colouring, reps)
        _draw_key(canvas, colouring, (MARGIN + len(planes) * (SIDE + MARGIN), y))
    text.write(canvas, "dot: good   cross: bad   ring: not labelled", (MARGIN, height - 20), SMALL_CAP, GREY)
    return canvas


def _draw_plane(view: np.ndarray, plane: Projection, colouring: Colouring, reps: Reps) -> None:
    view[:] = GROUND
    cv2.rectangle(view, (0, 0), (SIDE - 1, SIDE - 1), EDGE, 1)
    room = SIDE - 40
    colours = [_bgr(category.colour) for category in colouring.categories]
    for n, (across, up) in enumerate(plane.xy.tolist()):
        at, colour = (20 + round(across * room), SIDE - 20 - round(up * room)), colours[colouring.of[n]]
        if reps.good[n]:
            cv2.circle(view, at, 5, colour, -1, cv2.LINE_AA)
        elif reps.bad[n]:
            for dy in (5, -5):
                cv2.line(view, (at[0] - 5, at[1] - dy), (at[0] + 5, at[1] + dy), colour, 2, cv2.LINE_AA)
        else:
            cv2.circle(view, at, 5, colour, 2, cv2.LINE_AA)


def _draw_key(canvas: np.ndarray, colouring: Colouring, corner: tuple[int, int]) -> None:
    x, y = corner
    text.write(canvas, f"by {colouring.name}", (x, y + CAP), CAP, BLACK, text.BOLD)
    shown = colouring.categories if len(colouring.categories) <= ROWS else colouring.categories[: ROWS - 1]
    for row, category in enumerate(shown, start=2):
        baseline = y + row * ROW
        cv2.rectangle(canvas, (x, baseline - 13), (x + 13, baseline), _bgr(category.colour), -1)
        words = text.block(f"{category.name} ({category.count})", 1, SMALL_CAP, KEY_W - 40, text.REGULAR)
        words.write(canvas, (x + 22, baseline - SMALL_CAP), BLACK)
    left = len(colouring.categories) - len(shown)
    if left:
        text.write(canvas, f"and {left} more", (x + 22, y + (len(shown) + 2) * ROW), SMALL_CAP, GREY)


def _bgr(colour: str) -> Colour:
    return int(colour[5:7], 16), int(colour[3:5], 16), int(colour[1:3], 16)
