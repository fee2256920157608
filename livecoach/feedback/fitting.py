"""Sizes of the window, and black bars beside a canvas of another shape than the window's."""

from dataclasses import dataclass

import cv2
import numpy as np

Size = tuple[int, int]
"""Width and height, px."""


@dataclass(frozen=True, slots=True)
class ScreenArea:
    """A part of the desktop, px."""

    x: int
    y: int
    width: int
    height: int


OF_WIDTH, OF_HEIGHT = 0.96, 0.86
"""Shares of the screen that the window may take. The rest is for the window's frame, and for a task bar: together 100
px of 768 in height. Our choice."""
SMALL_SCREEN = ScreenArea(0, 0, 1280, 720)
"""What is assumed of a screen that does not tell its size: hardly any is smaller."""


def placed(canvas: Size, screen: ScreenArea | None) -> ScreenArea:
    """Return the place of a window in the canvas' shape, as large as fits, in the middle of the screen.

    screen: None where it is not known.
    """
    screen = screen or SMALL_SCREEN
    scale = min(OF_WIDTH * screen.width / canvas[0], OF_HEIGHT * screen.height / canvas[1])
    width, height = (max(1, round(side * scale)) for side in canvas)
    # The window's title is above its place, and a task bar most often below: both together are in the middle.
    return ScreenArea(screen.x + (screen.width - width) // 2, screen.y + (screen.height - height) // 3, width, height)


def letterboxed(canvas: np.ndarray, window: Size) -> np.ndarray:
    """Return `canvas` with black bars that give it the window's shape; the same array where it has that shape.

    canvas: (height, width, 3) uint8, which the window stretches over its whole area.
    """
    height, width = canvas.shape[:2]
    across, down = _missing((width, height), window)
    if across <= 1 and down <= 1:  # the rounding of the window's own size
        return canvas
    top, left = down // 2, across // 2
    return cv2.copyMakeBorder(canvas, top, down - top, left, across - left, cv2.BORDER_CONSTANT, value=(0, 0, 0))


def bars(canvas: Size, window: Size) -> Size:
    """Return the width of the bar left of a canvas, and the height of the one above it, in the canvas' pixels."""
    across, down = _missing(canvas, window)
    return (0, 0) if across <= 1 and down <= 1 else (across // 2, down // 2)


def _missing(canvas: Size, window: Size) -> Size:
    """Return the width and height that a canvas lacks for the window's shape."""
    width, height = canvas
    return max(0, round(height * window[0] / window[1]) - width), max(0, round(width * window[1] / window[0]) - height)
