"""Draws what the lifter reads from afar: the message in large text, the rep's number, and the frame for the verdict.

The message's size, lines and place are chosen so that it keeps clear of the lifter. Number and frame show the verdict
by colour, shape and pattern.
"""

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np

from livecoach.core.language import translate
from livecoach.core.types import Form, StandardResult
from livecoach.core.types.message import Message
from livecoach.feedback import shapes, text
from livecoach.feedback.display_state import MessageKind, ShownMessage
from livecoach.feedback.layout import NOWHERE, Box, Sheet, anchors
from livecoach.feedback.shapes import ALARM, DIM, GOOD, GREY, INK, LEFT, NIGHT, RIGHT, SIGNS, Colour

HEIGHT_SHARE = 0.265  # height of the digits over the canvas' height. A quarter is legible from three metres
BESIDE_WORDS = 0.1  # the same beside a correction, where room is scarce: as high as its letters; our choice
_NUMBER_MARK_OF_CAP = 0.45
_PLANNED_SHARE, _PLANNED_OF_NUMBER = 0.053, 0.5
"""Height of capitals in the number of planned reps over the canvas' height, at most over the digits'; our choice."""
_STANDARD_OF_NUMBER = 0.22  # the same in a standard's result ("deep"): 6 % of the picture, legible from three metres
_INDENT_OF_CAP = 1.4  # room for the mark before that result, over the height of its capitals


@dataclass(frozen=True, slots=True)
class RepNumber:
    """A number to draw, with what stands under it."""

    count: int
    planned: int | None = None  # number of reps that the lifter plans
    share: float = HEIGHT_SHARE  # height of the digits over the canvas' height
    standard: StandardResult | None = None  # the rep's result by a standard
    words: str = ""  # what the rep is like, without such a result

    def size(self, sheet: Sheet) -> tuple[int, int]:
        blocks, pad = self._blocks(sheet)
        w = max(block.width_px + indent for block, indent in blocks) + 2 * pad
        return w, self._height(blocks, pad, self._mark_px(blocks))

    def draw(self, canvas: np.ndarray, box: Box, form: Form | None, sheet: Sheet, *, marked: bool = True) -> Box:
        """Draw into `box` (of `size`): on a plate with its mark while `form` of a rep is shown, otherwise dimmed. Only
        good and bad have a colour. marked: False if the correction has the mark. Returns the part of `box` that is
        covered."""
        blocks, pad = self._blocks(sheet)
        mark = self._mark_px(blocks) if form is not None and marked else 0
        plate = Box(box.x, box.y, box.w, self._height(blocks, pad, mark))
        sign = None if form is None else SIGNS[form]
        colour = sign.colour if sign is not None and form in ("good", "anomalous") else NIGHT
        shapes.plate(canvas, plate, 0.6 if form is None else 1.0, colour, pad)
        cut = shapes.cut(canvas, plate)
        layer = cut.copy()
        ink, y = GREY if form == "unsure" else INK, pad
        for block, indent in blocks:
            x, cap = (plate.w - block.width_px - indent) // 2, block.cap_px
            if indent and self.standard is not None:
                SIGNS[self.standard.verdict].draw(layer, Box(x, y, cap, cap), ink)
            block.write(layer, (x + indent, y), ink)
            y += (cap if y == pad else block.height_px) + pad
        if sign is not None and mark:
            sign.draw(layer, Box((plate.w - mark) // 2, plate.h - pad - mark, mark, mark), ink)
        cut[:] = cv2.addWeighted(layer, 0.8, cut, 0.2, 0) if form is None else layer
        return plate

    def _blocks(self, sheet: Sheet) -> tuple[list[tuple[text.Block, int]], int]:
        """The number and the lines under it, each with the room for a mark before it; and the distance of all."""
        digits = round(self.share * sheet.height)
        number = text.block(str(self.count), 1, digits, round(0.96 * sheet.inner_width), text.BOLD)
        pad = max(0, min(round(0.13 * number.cap_px), (sheet.inner_width - number.width_px) // 2))
        blocks, most_px = [(number, 0)], sheet.inner_width // 2
        if self.planned is not None:
            words = translate(Message("of {n}", n=self.planned))
            share = min(_PLANNED_SHARE, _PLANNED_OF_NUMBER * self.share)
            blocks.append((text.block(words, 1, round(share * sheet.height), most_px), 0))
        if self.standard is not None:
            cap = round(_STANDARD_OF_NUMBER * self.share * sheet.height)
            line = text.block(translate(self.standard.words), 1, cap, most_px, text.SEMIBOLD)
            blocks.append((line, round(_INDENT_OF_CAP * line.cap_px)))
        elif self.words:
            cap = round(_STANDARD_OF_NUMBER * self.share * sheet.height)
            blocks.append((text.block(translate(self.words), 2, cap, most_px, text.SEMIBOLD), 0))
        return blocks, pad

    def _mark_px(self, blocks: Sequence[tuple[text.Block, int]]) -> int:
        return round(_NUMBER_MARK_OF_CAP * blocks[0][0].cap_px)

    def _height(self, blocks: Sequence[tuple[text.Block, int]], pad: int, mark_px: int) -> int:
        heights = [blocks[0][0].cap_px, *(block.height_px for block, _ in blocks[1:]), *([mark_px] if mark_px else [])]
        return sum(heights) + (len(heights) + 1) * pad


def draw_frame(canvas: np.ndarray, form: Form, sheet: Sheet) -> None:
    """Draw the frame: plain green for good, hatched vermilion for anomalous, none where neither is known."""
    if form == "good":
        shapes.solid_frame(canvas, sheet.frame, GOOD)
    elif form == "anomalous":
        shapes.hatched_frame(canvas, sheet.frame)


@dataclass(frozen=True, slots=True)
class _Style:
    cap_share: float  # height of capitals over the sheet's height
    least_share: float  # more lines are used before the text gets smaller than this
    most_lines: int
    edge: Colour  # colour of the stripe at the plate's left


# Of 8 % is legible from three metres, so of 10.7 % from four; the rest is our choice.
_STYLES: dict[MessageKind, _Style] = {
    "alarm": _Style(0.095, 0.082, 3, ALARM),
    "praise": _Style(0.095, 0.082, 2, GOOD),
    "warning": _Style(0.075, 0.055, 3, RIGHT),
    "hint": _Style(0.107, 0.08, 2, LEFT),
    "news": _Style(0.07, 0.055, 2, GOOD),
    "unjudged": _Style(0.065, 0.05, 2, GREY),
    "said": _Style(0.08, 0.06, 3, LEFT),
    "exercise": _Style(0.12, 0.085, 3, LEFT),
    "stop": _Style(0.12, 0.075, 2, ALARM),
}
DETAIL_SHARE = 0.038  # height of capitals in the detail line, over the sheet's height: 6 mm on a 13" screen
_DETAIL_WIDTH_OF_CAP = 10.0  # a detail may be this wide, two or three words, even where the text above it is narrower
_PAD_OF_CAP = 0.36
_MARK_OF_CAP, _ARROW_OF_CAP = 1.1, 1.7


def _pad(cap_px: int) -> int:
    return max(2, round(_PAD_OF_CAP * cap_px))


def _mark_px(cap_px: int, mark: shapes.DrawShape | None) -> int:
    return round((_ARROW_OF_CAP if mark in shapes.ARROWS.values() else _MARK_OF_CAP) * cap_px)


@dataclass(frozen=True, slots=True)
class PlacedMessage:
    """A text on a plate: a mark beside or above it, and the detail under it."""

    block: text.Block
    detail: text.Block | None
    mark: shapes.DrawShape | None
    above: bool  # whether the mark is above the text
    edge: Colour
    box: Box = NOWHERE  # of the plate

    @property
    def pad(self) -> int:
        return _pad(self.block.cap_px)

    @property
    def mark_px(self) -> int:
        return _mark_px(self.block.cap_px, self.mark)

    @property
    def words(self) -> tuple[int, int]:
        """Offset of the text from the inner corner, px to the right and down."""
        if self.mark is None:
            return 0, 0
        return (0, self.mark_px + self.pad) if self.above else (self.mark_px + self.pad, 0)

    @property
    def inner(self) -> tuple[int, int]:
        x, y = self.words
        w, h = x + self.block.width_px, y + self.block.height_px
        if self.detail is None:
            return w, h
        return max(w, self.detail.width_px), h + self.pad + self.detail.height_px

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the plate, including the stripe at its left."""
        w, h = self.inner
        return w + 3 * self.pad, h + 2 * self.pad

    def draw(self, canvas: np.ndarray) -> None:
        shapes.plate(canvas, self.box, 0.86, radius=self.pad // 2)
        stripe = Box(self.box.x, self.box.y, max(3, self.pad // 2), self.box.h)
        shapes.plate(canvas, stripe, 1.0, self.edge, radius=self.pad // 4)
        w, h = self.inner
        x = self.box.x + stripe.w + (self.box.w - stripe.w - w) // 2
        # Descenders count half, so that the line looks centred.
        y = self.box.y + (self.box.h - h) // 2 + round(self.block.cap_px * 0.06)
        if self.mark is not None:
            # Beside the text, the mark is as high as the first line.
            up = 0 if self.above else (self.mark_px - self.block.cap_px) // 2
            self.mark(canvas, Box(x, y - up, self.mark_px, self.mark_px), self.edge)
        right, down = self.words
        self.block.write(canvas, (x + right, y + down), INK)
        if self.detail is not None:
            self.detail.write(canvas, (x, y + h - self.detail.height_px), INK)

    def draw_held(self, canvas: np.ndarray, held: float) -> None:
        """Draw a bar along the lower edge, filled to a share of 0…1."""
        high = max(4, self.pad)
        bar = Box(self.box.x, self.box.bottom - high, self.box.w, high)
        shapes.plate(canvas, bar, 1.0, DIM, radius=self.pad // 4)
        shapes.plate(canvas, replace(bar, w=max(high, round(held * bar.w))), 1.0, INK, radius=self.pad // 4)


def _set(message: ShownMessage, lines: int, cap_px: int, above: bool, width_px: int, height_px: int) -> PlacedMessage:
    """Set a message on a number of lines, on a plate no wider than `width_px`, which has no place yet."""
    mark = None if message.sign is None else message.sign.draw
    inner = max(1, width_px - 3 * _pad(cap_px))
    beside = 0 if mark is None or above else _mark_px(cap_px, mark) + _pad(cap_px)
    block = text.block(translate(message.text), lines, cap_px, max(1, inner - beside))
    detail = None
    if message.detail is not None:
        cap = math.ceil(DETAIL_SHARE * height_px)
        wide = min(inner, max(block.width_px, round(_DETAIL_WIDTH_OF_CAP * cap)))
        detail = text.balanced(translate(message.detail), cap, wide)
    edge = _STYLES[message.kind].edge if message.sign is None else message.sign.colour
    return PlacedMessage(block, detail, mark, above, edge)


def place(
    message: ShownMessage, field: Box, height_px: int, lifter: Sequence[Box], taken: Sequence[Box]
) -> PlacedMessage:
    """Choose lines, size and place: large enough first, then clear of `taken`, then clear of the lifter. lifter: the
    lifter's boxes over the last seconds and now; empty if text can't cover anybody."""
    style = _STYLES[message.kind]
    right = any(box.x > field.x for box in taken)  # in line with the number
    best: tuple[float, PlacedMessage] | None = None
    # The answer to a correction comes at rest, when the head can be left free.
    heads = [Box(box.x, box.y, box.w, box.h // 3) for box in lifter] if message.kind == "said" else []
    caps_px = [math.ceil(share * height_px) for share in (style.cap_share, style.least_share)]
    aboves = (False, True) if message.kind in ("alarm", "hint") else (False,)
    for lines, cap, above in itertools.product(range(1, style.most_lines + 1), caps_px, aboves):
        placed = _set(message, lines, cap, above, field.w, height_px)
        too_small = max(0.0, 1 - placed.block.cap_px / caps_px[1])
        taste = 0.02 * lines + 0.1 * (1 - placed.block.cap_px / caps_px[0])
        for order, box in enumerate(anchors(field, *placed.size, right=right)):
            cost = _cost(box, field, [*lifter, *heads], taken) + 40 * too_small + taste + 0.003 * order
            if best is None or cost < best[0]:
                best = cost, replace(placed, box=box)
    assert best is not None, "each style allows a line"
    return best[1]


def _cost(box: Box, field: Box, lifter: Sequence[Box], taken: Sequence[Box]) -> float:
    """The share of the lifter that is covered. Covering a part of the number costs more than the whole lifter."""
    of_lifter, of_taken = (sum(box.overlap(one) / max(1, one.w * one.h) for one in rooms) for rooms in (lifter, taken))
    outside = box.w * box.h - box.overlap(field)
    return of_lifter + 40 * (of_taken + outside / max(1, field.w * field.h))
