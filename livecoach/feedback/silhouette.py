"""Shows where to stand: a thin figure between marks for head and feet, until the lifter has taken the place."""

import cv2
import numpy as np

from livecoach.feedback.layout import Box
from livecoach.feedback.palette import INK, NIGHT
from livecoach.feedback.shapes import cut
from livecoach.types import Step

TOP, HEIGHT = 0.14, 0.76
"""Place of the figure over the picture's height: as high as the hint to come closer asks for, with room for raised arms
and for the feet."""
MOST_OF_WIDTH = 1.6
"""Largest height of the figure over the picture's width, so that the marks fit into very narrow pictures."""
_RIGHT_X = (24, 30, 95, 122, 134, 146, 148, 126, 118, 103, 94, 84, 94, 90, 74, 68, 54, 82, 30, 26, 22, 6)
_RIGHT_Y = (
    120,
    150,
    172,
    200,
    300,
    420,
    500,
    508,
    420,
    310,
    245,
    350,
    480,
    600,
    730,
    840,
    950,
    985,
    990,
    940,
    740,
    540,
)
"""Outline of a standing person: the right half from neck to crotch in thousandths of the body's height, to the right of
the middle, and down from the top of the head. Drawn by eye."""
_HEAD, _HEAD_RADII = (0.0, 0.066), (0.046, 0.062)
_MARK = 0.2, 0.05
"""Half the distance between the marks, and the marks' length, in body heights."""


def _outline() -> np.ndarray:
    """Return the (n, 2) closed outline of the body, its corners cut twice (Chaikin 1974)."""
    half = np.array([_RIGHT_X, _RIGHT_Y]).T / 1000
    points = np.concatenate([half, half[::-1] * (-1, 1)])
    for _ in range(2):
        following = np.roll(points, -1, axis=0)
        points = np.stack([0.75 * points + 0.25 * following, 0.25 * points + 0.75 * following], axis=1).reshape(-1, 2)
    return points


_OUTLINE = _outline()


class Vacancy:
    """Tracks whether the lifter has yet to take the place."""

    def __init__(self) -> None:
        self._seen = False
        self._taken = False

    def update(self, step: Step) -> bool:
        """Return whether to show the place. Once the lifter has taken it, it is never shown again."""
        seen = step.observation.landmarks is not None
        self._seen |= seen
        right = seen and step.view is not None and step.hint is None and step.warning is None
        self._taken |= right or _begun(step)
        return not self._taken and (not self._seen or step.warning is not None or _misplaced(step))


def _begun(step: Step) -> bool:
    ready = step.cue is not None and step.cue.kind == "ready"
    return ready or step.in_set or step.progress is not None or step.count > 0 or step.rep is not None


def _misplaced(step: Step) -> bool:
    return step.hint is not None and not step.hint.done and step.hint.kind != "turn"


def place(width_px: int, height_px: int) -> Box:
    """Return the box of the figure and its marks in a picture of the given size."""
    size = min(HEIGHT * height_px, MOST_OF_WIDTH * width_px)
    w, h = round(2 * _MARK[0] * size), round(size)
    return Box((width_px - w) // 2, round((TOP + HEIGHT) * height_px) - h, w, h)


def draw(canvas: np.ndarray, lifter: Box | None) -> None:
    """Draw the figure in the middle of `canvas`, where the lifter is not."""
    height, width = canvas.shape[:2]
    box = place(width, height)
    foot = np.array([width / 2, box.bottom])
    kept = None if lifter is None else cut(canvas, lifter).copy()
    unit = height / 480
    thin = max(1, round(1.5 * unit))
    for colour, thickness in ((NIGHT, thin + 2), (INK, thin)):
        for line, closed in _lines():
            points = np.rint((line - (0, 1)) * box.h + foot).astype(np.int32)
            cv2.polylines(canvas, [points], closed, colour, thickness, cv2.LINE_AA)
    if lifter is not None and kept is not None:
        cut(canvas, lifter)[:] = kept


def _lines() -> list[tuple[np.ndarray, bool]]:
    """Return body, head and marks: (n, 2) in body heights, and whether the line is closed."""
    turn = np.linspace(0, 2 * np.pi, 32, endpoint=False)
    head = np.stack([np.cos(turn), np.sin(turn)], axis=1) * _HEAD_RADII + _HEAD
    found = [(_OUTLINE, True), (head, True)]
    x, length = _MARK
    for side in (-1, 1):
        for y, inwards in ((0.0, 1), (1.0, -1)):
            corner = [(side * x, y + inwards * length), (side * x, y), (side * (x - length), y)]
            found.append((np.array(corner), False))
    return found
