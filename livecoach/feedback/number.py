"""The rep number, its mark and the frame: they show the verdict by colour, shape and pattern.

While the exercise is not known, words stand in the number's place.
"""

import cv2
import numpy as np

from livecoach.feedback import shapes, text
from livecoach.feedback.layout import Box, LayoutSizes
from livecoach.feedback.palette import ALARM, GOOD, GREY, INK, NIGHT, Colour
from livecoach.types import Rep, Verdict

HEIGHT_SHARE = 0.265
"""Height of the digits over the canvas' height. A quarter is legible from three metres."""
_MARK_OF_CAP = 0.45
EXPECTED = "begin your set"
"""What is expected of the lifter while the exercise is not known."""
_EXPECTED_SHARE, _EXPECTED_LINES = 0.065, 3
"""Height of capitals over the canvas' height, and number of lines: as tall together as the number. Our choice."""
_PLATES: dict[Verdict, Colour] = {"good": GOOD, "anomalous": ALARM, "unsure": NIGHT}
_MARKS = {"good": shapes.tick, "anomalous": shapes.cross, "unsure": shapes.dash}


def _block(count: int, measures: LayoutSizes) -> text.Block:
    cap = round(HEIGHT_SHARE * measures.height)
    return text.block(str(count), 1, cap, round(0.96 * measures.inner_width), text.BOLD)


def _pad(cap_px: int, block_width_px: int, measures: LayoutSizes) -> int:
    return max(0, min(round(0.13 * cap_px), (measures.inner_width - block_width_px) // 2))


def size(count: int, measures: LayoutSizes) -> tuple[int, int]:
    """Return width and height of the number with its mark underneath."""
    block = _block(count, measures)
    pad = _pad(block.cap_px, block.width_px, measures)
    return block.width_px + 2 * pad, round((1 + _MARK_OF_CAP) * block.cap_px) + 3 * pad


def draw(canvas: np.ndarray, box: Box, count: int, rep: Rep | None, measures: LayoutSizes) -> Box:
    """Draw into `box` (of `size`): on a coloured plate with its mark while a verdict is shown, otherwise dimmed.

    Returns the part of `box` that is covered.
    """
    block = _block(count, measures)
    pad = _pad(block.cap_px, block.width_px, measures)
    if rep is None:
        plate = Box(box.x, box.y, box.w, block.cap_px + 2 * pad)
        _draw_dimmed(canvas, plate, block, pad)
        return plate
    shapes.plate(canvas, box, 1.0, _PLATES[rep.verdict], radius=pad)
    ink = GREY if rep.verdict == "unsure" else INK
    block.write(canvas, (box.x + pad, box.y + pad), ink)
    mark = round(_MARK_OF_CAP * block.cap_px)
    _MARKS[rep.verdict](canvas, Box(box.x + (box.w - mark) // 2, box.bottom - pad - mark, mark, mark), ink)
    return box


def _draw_dimmed(canvas: np.ndarray, box: Box, block: text.Block, pad: int) -> None:
    shapes.plate(canvas, box, 0.6, radius=pad)
    below = shapes.cut(canvas, box)
    layer = below.copy()
    block.write(layer, (pad, pad), INK)
    below[:] = cv2.addWeighted(layer, 0.8, below, 0.2, 0)


def expected_size(measures: LayoutSizes) -> tuple[int, int]:
    """Return width and height of the words on what is expected."""
    block = _expected(measures)
    pad = block.cap_px // 2
    return block.width_px + 2 * pad, block.height_px + 2 * pad


def draw_expected(canvas: np.ndarray, box: Box, measures: LayoutSizes) -> Box:
    """Draw what is expected of the lifter into `box` (of `expected_size`), and return it."""
    block = _expected(measures)
    _draw_dimmed(canvas, box, block, block.cap_px // 2)
    return box


def _expected(measures: LayoutSizes) -> text.Block:
    cap = round(_EXPECTED_SHARE * measures.height)
    return text.block(EXPECTED, _EXPECTED_LINES, cap, round(0.9 * measures.inner_width))


def draw_frame(canvas: np.ndarray, verdict: Verdict, measures: LayoutSizes) -> None:
    """Draw the frame: plain green for good, hatched vermilion for anomalous, none where not judged."""
    if verdict == "good":
        shapes.solid_frame(canvas, measures.frame, GOOD)
    elif verdict == "anomalous":
        shapes.hatched_frame(canvas, measures.frame)
