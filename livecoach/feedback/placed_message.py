"""Draws what the lifter reads from afar: the message in large text, the rep's number, and the border for the verdict.

Size, lines and place of the message are chosen so that the message keeps clear of the lifter. Number and border show
the verdict by colour, shape and pattern.
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
from livecoach.feedback.screen_layout import NOWHERE, Box, Sheet, text_boxes
from livecoach.feedback.shapes import ALARM, DIM, GOOD, GREY, INK, LEFT, NIGHT, RIGHT, SIGNS, Colour

HEIGHT_SHARES = (0.265, 0.18, 0.1)
"""Heights of the digits as shares of the canvas' height: the first that leaves room for a message is used. A quarter is
legible from three metres. Our choice."""
_NUMBER_MARK_OF_CAP = 0.45  # Ratio of the side of the mark under the number to the height of the digits
_PLANNED_SHARE, _PLANNED_OF_NUMBER = 0.053, 0.5
"""Height of capitals in the number of planned reps, as a share of the canvas' height; at most this share of the digits'
height. Our choice."""
_STANDARD_OF_NUMBER = 0.22
"""Height of capitals in a standard's result ("deep") as a share of the digits' height: 6 % of the picture, which is
legible from three metres."""
_INDENT_OF_CAP = 1.4  # Room for the mark before a standard's result, relative to the height of its capitals


@dataclass(frozen=True, slots=True)
class RepNumber:
    """The large number of a rep on a canvas, with the lines under the number."""

    count: int  # The number: reps of the set so far
    planned: int | None = None  # Number of reps that the lifter plans; None without a plan
    share: float = HEIGHT_SHARES[0]  # Height of the digits as a share of the canvas' height
    standard: StandardResult | None = None  # The rep's result by a standard; None without a result
    words: str = ""  # Description of the rep, shown if `standard` is None

    def size(self, sheet: Sheet, *, marked: bool = True) -> tuple[int, int]:
        blocks, pad = self._blocks(sheet)
        w = max(block.width_px + indent for block, indent in blocks) + 2 * pad
        return w, self._height(blocks, pad, self._mark_px(blocks) if marked else 0)

    def draw(self, canvas: np.ndarray, box: Box, form: Form | None, sheet: Sheet, *, marked: bool = True) -> Box:
        """Draw the number and the lines under it into a box as large as `size` says, and return the filled part.

        Args:
            form: Form of the shown rep; None between reps, when the number is dimmed. Only good and anomalous reps have
                a colour.
            marked: Whether to draw the mark of the form; a message may show it instead.
        """
        blocks, pad = self._blocks(sheet)
        mark = self._mark_px(blocks) if form is not None and marked else 0
        filled = Box(box.x, box.y, box.w, self._height(blocks, pad, mark))
        sign = None if form is None else SIGNS[form]
        colour = sign.colour if sign is not None and form in ("good", "anomalous") else NIGHT
        shapes.fill_box(canvas, filled, 0.6 if form is None else 1.0, colour, pad)
        cut = shapes.crop(canvas, filled)
        layer = cut.copy()
        ink, y = GREY if form == "unsure" else INK, pad
        for block, indent in blocks:
            x, cap = (filled.w - block.width_px - indent) // 2, block.cap_px
            if indent and self.standard is not None:
                SIGNS[self.standard.verdict].draw(layer, Box(x, y, cap, cap), ink)
            block.write(layer, (x + indent, y), ink)
            y += (cap if y == pad else block.height_px) + pad
        if sign is not None and mark:
            sign.draw(layer, Box((filled.w - mark) // 2, filled.h - pad - mark, mark, mark), ink)
        cut[:] = cv2.addWeighted(layer, 0.8, cut, 0.2, 0) if form is None else layer
        return filled

    def _blocks(self, sheet: Sheet) -> tuple[list[tuple[text.Block, int]], int]:
        """Return the number and the lines under it, each with its indent for a mark, and the padding; in pixels."""
        digits = round(self.share * sheet.height)
        number = text.typeset(str(self.count), 1, digits, round(0.96 * sheet.inner_width), text.BOLD)
        pad = max(0, min(round(0.13 * number.cap_px), (sheet.inner_width - number.width_px) // 2))
        blocks, most_px = [(number, 0)], sheet.inner_width // 2
        if self.planned is not None:
            words = translate(Message("of {n}", n=self.planned))
            share = min(_PLANNED_SHARE, _PLANNED_OF_NUMBER * self.share)
            blocks.append((text.typeset(words, 1, round(share * sheet.height), most_px), 0))
        if self.standard is not None:
            cap = round(_STANDARD_OF_NUMBER * self.share * sheet.height)
            line = text.typeset(translate(self.standard.words), 1, cap, most_px, text.SEMIBOLD)
            blocks.append((line, round(_INDENT_OF_CAP * line.cap_px)))
        elif self.words:
            cap = round(_STANDARD_OF_NUMBER * self.share * sheet.height)
            blocks.append((text.typeset(translate(self.words), 2, cap, most_px, text.SEMIBOLD), 0))
        return blocks, pad

    def _mark_px(self, blocks: Sequence[tuple[text.Block, int]]) -> int:
        return round(_NUMBER_MARK_OF_CAP * blocks[0][0].cap_px)

    def _height(self, blocks: Sequence[tuple[text.Block, int]], pad: int, mark_px: int) -> int:
        heights = [blocks[0][0].cap_px, *(block.height_px for block, _ in blocks[1:]), *([mark_px] if mark_px else [])]
        return sum(heights) + (len(heights) + 1) * pad


def draw_form_border(canvas: np.ndarray, form: Form, sheet: Sheet) -> None:
    """Draw the border of a good rep (plain green) or anomalous rep (hatched vermilion); other forms have no border."""
    if form == "good":
        shapes.draw_solid_border(canvas, sheet.border_px, GOOD)
    elif form == "anomalous":
        shapes.draw_hatched_border(canvas, sheet.border_px)


@dataclass(frozen=True, slots=True)
class _Style:
    cap_share: float  # Height of capitals as a share of the sheet's height
    least_share: float  # Least share; longer texts take more lines instead
    most_lines: int
    edge: Colour  # Colour of the stripe at the left of the message's box


# Capitals of 8 % of the height are legible from three metres, of 10.7 % from four; the rest is our choice.
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
DETAIL_SHARE = 0.038  # Height of capitals in the detail as a share of the sheet's height: 6 mm on a 13" screen
_DETAIL_WIDTH_OF_CAP = 10.0
"""Width that a detail may always have, relative to its capitals: two or three words, even under narrow text."""
_WITHOUT_DETAIL = 0.2
"""Least cost, as in `_cost`, that an alarm saves without its detail, which nobody reads during a set. Our choice."""
_PAD_OF_CAP = 0.36  # Padding of the box, relative to the height of capitals
_MARK_OF_CAP, _ARROW_OF_CAP = 1.1, 1.7  # Side of a mark and of an arrow, relative to the height of capitals


def _pad(cap_px: int) -> int:
    return max(2, round(_PAD_OF_CAP * cap_px))


def _mark_px(cap_px: int, mark: shapes.DrawShape | None) -> int:
    return round((_ARROW_OF_CAP if mark in shapes.ARROWS.values() else _MARK_OF_CAP) * cap_px)


@dataclass(frozen=True, slots=True)
class PlacedMessage:
    """A message in a box: a text, perhaps a mark to the left or above, and perhaps a detail below."""

    block: text.Block  # The text
    detail: text.Block | None  # Reason or hint under the text; None without either
    mark: shapes.DrawShape | None  # Draws the mark; None without a mark
    is_mark_above: bool  # Whether the mark is above the text
    edge: Colour  # Colour of the mark, and of the stripe at the left of the box
    box: Box = NOWHERE  # Place on the canvas

    @property
    def pad(self) -> int:
        return _pad(self.block.cap_px)

    @property
    def mark_px(self) -> int:
        return _mark_px(self.block.cap_px, self.mark)

    @property
    def _text_offset(self) -> tuple[int, int]:
        if self.mark is None:
            return 0, 0
        return (0, self.mark_px + self.pad) if self.is_mark_above else (self.mark_px + self.pad, 0)

    @property
    def _inner_size(self) -> tuple[int, int]:
        x, y = self._text_offset
        w, h = x + self.block.width_px, y + self.block.height_px
        if self.detail is None:
            return w, h
        return max(w, self.detail.width_px), h + self.pad + self.detail.height_px

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the box with the stripe at its left, in pixels."""
        w, h = self._inner_size
        return w + 3 * self.pad, h + 2 * self.pad

    def draw(self, canvas: np.ndarray) -> None:
        """Draw the message on its background at its place."""
        shapes.fill_box(canvas, self.box, 0.86, radius=self.pad // 2)
        stripe = Box(self.box.x, self.box.y, max(3, self.pad // 2), self.box.h)
        shapes.fill_box(canvas, stripe, 1.0, self.edge, radius=self.pad // 4)
        w, h = self._inner_size
        x = self.box.x + stripe.w + (self.box.w - stripe.w - w) // 2
        # Descenders count half, so that the line looks centred.
        y = self.box.y + (self.box.h - h) // 2 + round(self.block.cap_px * 0.06)
        if self.mark is not None:
            # A mark to the left of the text is centred on the first line.
            up = 0 if self.is_mark_above else (self.mark_px - self.block.cap_px) // 2
            self.mark(canvas, Box(x, y - up, self.mark_px, self.mark_px), self.edge)
        right, down = self._text_offset
        self.block.write(canvas, (x + right, y + down), INK)
        if self.detail is not None:
            self.detail.write(canvas, (x, y + h - self.detail.height_px), INK)

    def draw_hold_progress(self, canvas: np.ndarray, held: float) -> None:
        """Draw a bar at the foot of the box: the share `held`, 0…1, of the time for which a hand must be raised."""
        high = max(4, self.pad)
        bar = Box(self.box.x, self.box.bottom - high, self.box.w, high)
        shapes.fill_box(canvas, bar, 1.0, DIM, radius=self.pad // 4)
        shapes.fill_box(canvas, replace(bar, w=max(high, round(held * bar.w))), 1.0, INK, radius=self.pad // 4)


def _typeset(
    message: ShownMessage, lines: int, cap_px: int, above: bool, wide: bool, width_px: int, height_px: int
) -> PlacedMessage:
    """Typeset a message on up to `lines` lines, in a box at most `width_px` wide, which has no place yet.

    `wide` lets the detail be as wide as the box may be; otherwise it is hardly wider than the text.
    """
    mark = None if message.sign is None else message.sign.draw
    inner = max(1, width_px - 3 * _pad(cap_px))
    indent = 0 if mark is None or above else _mark_px(cap_px, mark) + _pad(cap_px)
    block = text.typeset(translate(message.text), lines, cap_px, max(1, inner - indent))
    detail = None
    if message.detail is not None:
        cap = math.ceil(DETAIL_SHARE * height_px)
        room = inner if wide else min(inner, max(block.width_px, round(_DETAIL_WIDTH_OF_CAP * cap)))
        detail = text.balance(translate(message.detail), cap, room)
    edge = _STYLES[message.kind].edge if message.sign is None else message.sign.colour
    return PlacedMessage(block, detail, mark, above, edge)


def place_message(
    message: ShownMessage, field: Box, height_px: int, lifter: Sequence[Box], occupied: Sequence[Box]
) -> PlacedMessage:
    """Choose the lines, the size and the place of a message that have the lowest cost.

    Leaving the field, covering other texts and small text cost most, then covering the lifter; more lines cost little.
    An alarm that would hide much of the lifter leaves out its detail.

    Args:
        height_px: Height of the canvas, to which the sizes of text relate.
        lifter: Boxes of the lifter, over the last seconds and in this frame; empty if the message may stand anywhere.
        occupied: Boxes of other texts.
    """
    style = _STYLES[message.kind]
    right = any(box.x > field.x for box in occupied)  # In line with the number
    best: tuple[float, PlacedMessage] | None = None
    # The message about a correction is shown in a rest, when the head can be left free.
    heads = [Box(box.x, box.y, box.w, box.h // 3) for box in lifter] if message.kind == "said" else []
    caps_px = [math.ceil(share * height_px) for share in (style.cap_share, style.least_share)]
    aboves = (False, True) if message.kind in ("alarm", "hint") else (False,)
    wides = (False,) if message.detail is None else (False, True)
    for lines, cap, above, wide in itertools.product(range(1, style.most_lines + 1), caps_px, aboves, wides):
        placed = _typeset(message, lines, cap, above, wide, field.w, height_px)
        too_small = max(0.0, 1 - placed.block.cap_px / caps_px[1])
        taste = 0.02 * lines + 0.1 * (1 - placed.block.cap_px / caps_px[0]) + wide
        for order, box in enumerate(text_boxes(field, *placed.size, right=right)):
            cost = _cost(box, field, [*lifter, *heads], occupied) + 40 * too_small + taste + 0.003 * order
            if best is None or cost < best[0]:
                best = cost, replace(placed, box=box)
    assert best is not None, "each style allows a line"
    if message.kind == "alarm" and message.detail is not None and _covered(best[1].box, lifter) > _WITHOUT_DETAIL:
        bare = place_message(replace(message, detail=None), field, height_px, lifter, occupied)
        if _covered(best[1].box, lifter) - _covered(bare.box, lifter) > _WITHOUT_DETAIL:
            return bare
    return best[1]


def _cost(box: Box, field: Box, lifter: Sequence[Box], occupied: Sequence[Box]) -> float:
    """Return the cost of a place: 1 for covering the lifter, 40 for covering an occupied box or leaving the field."""
    outside = box.w * box.h - box.overlap(field)
    return _covered(box, lifter) + 40 * (_covered(box, occupied) + outside / max(1, field.w * field.h))


def _covered(box: Box, rooms: Sequence[Box]) -> float:
    """Return the sum of the shares of rooms that a box covers."""
    return sum(box.overlap(room) / max(1, room.w * room.h) for room in rooms)
