"""The rep number, its mark and the frame: they show the verdict by colour, shape and pattern."""

from dataclasses import dataclass

import cv2
import numpy as np

from livecoach.feedback import shapes, text
from livecoach.feedback.layout import Box, LayoutSizes
from livecoach.feedback.palette import ALARM, GOOD, GREY, INK, NIGHT, Colour
from livecoach.language import told
from livecoach.types import Rep, Verdict

HEIGHT_SHARE = 0.265
"""Height of the digits over the canvas' height. A quarter is legible from three metres."""
BESIDE_WORDS = 0.1
"""The same beside the words of a correction, where there is little room: as high as their letters. Our choice."""
_MARK_OF_CAP = 0.45
_PLANNED_OF_NUMBER = 0.2
"""Height of capitals in the number of planned reps over the height of the digits. Our choice."""
_PLATES: dict[Verdict, Colour] = {"good": GOOD, "anomalous": ALARM, "unsure": NIGHT}
_MARKS = {"good": shapes.tick, "anomalous": shapes.cross, "unsure": shapes.dash}


def _pad(cap_px: int, block_width_px: int, measures: LayoutSizes) -> int:
    return max(0, min(round(0.13 * cap_px), (measures.inner_width - block_width_px) // 2))


@dataclass(frozen=True, slots=True)
class RepNumber:
    """A number to draw."""

    count: int
    planned: int | None = None
    """Number of reps that the lifter plans; None without a plan."""
    share: float = HEIGHT_SHARE
    """Height of the digits over the canvas' height."""

    def size(self, measures: LayoutSizes) -> tuple[int, int]:
        """Return width and height with the mark, and with the number of planned reps under it."""
        block = self._block(measures)
        pad = _pad(block.cap_px, block.width_px, measures)
        planned = self._planned(measures)
        w, h = block.width_px + 2 * pad, round((1 + _MARK_OF_CAP) * block.cap_px) + 3 * pad
        return (w, h) if planned is None else (max(w, planned.width_px + 2 * pad), h + planned.height_px + pad)

    def draw(self, canvas: np.ndarray, box: Box, rep: Rep | None, measures: LayoutSizes, *, marked: bool = True) -> Box:
        """Draw into `box` (of `size`): on a coloured plate with its mark while a verdict is shown, otherwise dimmed.

        marked: False where the correction has the mark. Returns the part of `box` that is covered.
        """
        block, planned = self._block(measures), self._planned(measures)
        pad = _pad(block.cap_px, block.width_px, measures)
        mark = round(_MARK_OF_CAP * block.cap_px) if rep is not None and marked else 0
        parts = [block.cap_px, *([] if planned is None else [planned.height_px]), *([mark] if mark else [])]
        plate = Box(box.x, box.y, box.w, sum(parts) + (len(parts) + 1) * pad)
        shapes.plate(canvas, plate, 0.6 if rep is None else 1.0, NIGHT if rep is None else _PLATES[rep.verdict], pad)
        under = shapes.cut(canvas, plate)
        layer = under.copy()
        ink = GREY if rep is not None and rep.verdict == "unsure" else INK
        block.write(layer, ((plate.w - block.width_px) // 2, pad), ink)
        if planned is not None:
            planned.write(layer, ((plate.w - planned.width_px) // 2, block.cap_px + 2 * pad), ink)
        if rep is not None and mark:
            _MARKS[rep.verdict](layer, Box((plate.w - mark) // 2, plate.h - pad - mark, mark, mark), ink)
        under[:] = cv2.addWeighted(layer, 0.8, under, 0.2, 0) if rep is None else layer
        return plate

    def _block(self, measures: LayoutSizes) -> text.Block:
        cap = round(self.share * measures.height)
        return text.block(str(self.count), 1, cap, round(0.96 * measures.inner_width), text.BOLD)

    def _planned(self, measures: LayoutSizes) -> text.Block | None:
        if self.planned is None:
            return None
        cap = round(_PLANNED_OF_NUMBER * self.share * measures.height)
        return text.block(told(f"of {self.planned}"), 1, cap, measures.inner_width // 2)


def draw_frame(canvas: np.ndarray, verdict: Verdict, measures: LayoutSizes) -> None:
    """Draw the frame: plain green for good, hatched vermilion for anomalous, none where not judged."""
    if verdict == "good":
        shapes.solid_frame(canvas, measures.frame, GOOD)
    elif verdict == "anomalous":
        shapes.hatched_frame(canvas, measures.frame)
