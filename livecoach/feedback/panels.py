"""Small text for people at the screen: header, bottom line, help."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from livecoach.feedback import shapes, text
from livecoach.feedback.layout import Box, LayoutSizes
from livecoach.feedback.palette import ALARM, DIM, GREY, INK, LEFT, NIGHT, RIGHT, Colour
from livecoach.feedback.run_status import RunStatus
from livecoach.types import Learning, StageReading, View

KEYS = (
    ("q  Esc", "quit"),
    ("space", "pause a replay"),
    ("g  b", "last rep: good, bad"),
    ("x  u", "last rep: not a rep; undo"),
    ("m  f", "sound; full screen"),
    ("s", "save this picture"),
    ("e", "switch to the exercise it looks like"),
    ("1  2", "choose the exercise when asked"),
    ("?", "this help"),
)
PLAYER_KEYS = (
    ("q  Esc", "quit"),
    ("space", "pause"),
    ("← →", "back, forward 2 seconds"),
    (",  .", "back, forward one frame"),
    ("p  n", "previous, next rep"),
    ("↓ ↑", "slower, faster"),
    ("l", "loop"),
    ("g  b", "last rep: good, bad"),
    ("x  u", "last rep: not a rep; undo"),
    ("m  f", "sound; full screen"),
    ("s", "save this picture"),
)
"""Keys during the replay of a session."""


@dataclass(frozen=True, slots=True)
class Chip:
    """A word or two on a plate."""

    parts: tuple[tuple[str, Colour, int], ...]
    """Text, colour and weight, from left to right."""
    colour: Colour = NIGHT

    def width_px(self, cap_px: int) -> int:
        """Width of the plate."""
        return sum(text.width_px(words, cap_px, weight) for words, _, weight in self.parts) + cap_px * (
            1 + len(self.parts)
        )

    def cap_px(self, measures: LayoutSizes) -> int:
        """Height of capitals: the common one, or less where the chip would not fit into a row."""
        cap = measures.small_cap
        while cap > 1 and self.width_px(cap) > measures.inner_width:
            cap -= 1
        return cap

    def draw(self, canvas: np.ndarray, box: Box, cap_px: int) -> None:
        """Draw over `box`."""
        shapes.plate(canvas, box, 0.8, self.colour, radius=box.h // 4)
        x, baseline = box.x + cap_px, box.y + (box.h + cap_px) // 2
        for words, colour, weight in self.parts:
            text.write(canvas, words, (x, baseline), cap_px, colour, weight)
            x += text.width_px(words, cap_px, weight) + cap_px


def header(
    title: str, stage: StageReading | None, learning: Learning | None, status: RunStatus, *, synthetic: bool
) -> list[Chip]:
    """Return the header's chips: exercise, stage of the lift, and warnings about the picture."""
    parts = [(title, GREY, text.REGULAR)] if title else []
    if stage is not None:
        parts.append((stage.stage.upper(), INK, text.BOLD))
        parts.append((f"{100 * stage.probability:.0f} %", INK, text.REGULAR))
    chips = [Chip(tuple(parts))] if parts else []
    if status.recording:
        chips.insert(0, Chip((("REC", INK, text.BOLD),), ALARM))
    if synthetic:
        chips.append(Chip((("synthetic", NIGHT, text.SEMIBOLD),), RIGHT))
    if status.paused:
        chips.append(Chip((("paused", NIGHT, text.SEMIBOLD),), LEFT))
    if learning is not None and not learning.is_settled:
        words = f"learning your good reps: {learning.have} of {learning.wanted}"
        chips.append(Chip(((words, INK, text.REGULAR),)))
    if status.note:
        chips.append(Chip(((status.note, INK, text.REGULAR),)))
    return chips


def flow(chips: Sequence[Chip], measures: LayoutSizes) -> tuple[list[Box], int]:
    """Return places for `chips` from the upper left on, and the number of rows that they take."""
    boxes = []
    x, row = measures.margin, 0
    for chip in chips:
        w = chip.width_px(chip.cap_px(measures))
        if x > measures.margin and x + w > measures.margin + measures.inner_width:
            x, row = measures.margin, row + 1
        boxes.append(Box(x, measures.margin + row * (measures.chip + measures.gap), w, measures.chip))
        x += w + measures.gap
    return boxes, row + 1


def footer_text(status: RunStatus, view: View | None) -> str:
    """Return the bottom line, which has only what is known."""
    parts = [] if status.playing is None else [status.playing.words]
    if status.fps is not None:
        parts.append(f"{status.fps:.0f} fps")
    if status.latency_ms is not None:
        parts.append(f"{status.latency_ms:.0f} ms")
    if status.fps is not None or status.dropped:
        parts.append(f"{status.dropped} dropped")
    if view is not None:
        parts.append(_view(view))
    if status.muted is not None:
        parts.append("muted" if status.muted else "sound on")
    return "  ·  ".join(parts)


def _view(view: View) -> str:
    azimuth = round(view.azimuth_deg)
    side = "" if azimuth in (0, 180, -180) else " left" if azimuth > 0 else " right"
    return f"{view.name} ~{abs(azimuth)}°{side}"


def draw_footer(canvas: np.ndarray, words: str, measures: LayoutSizes) -> None:
    """Draw one line at the lower left, smaller where it would not fit."""
    if not words:
        return
    chip = Chip(((words, INK, text.REGULAR),))
    cap = chip.cap_px(measures)
    bottom = measures.height - measures.margin
    chip.draw(canvas, Box(measures.margin, bottom - measures.chip, chip.width_px(cap), measures.chip), cap)


def draw_help(canvas: np.ndarray, measures: LayoutSizes, *, player: bool) -> None:
    """Draw the keys in the middle. player: those of a session's replay."""
    keys = PLAYER_KEYS if player else KEYS
    rows = len(keys)
    widest = max(keys, key=lambda row: len(row[1]))[1]
    shares = min(0.034, 0.96 / (2.9 * rows + 3)) * measures.height, 0.038 * measures.width
    cap = max(3, int(min(shares)))
    key_w = max(text.width_px(key, cap, text.SEMIBOLD) for key, _ in keys) + 2 * cap
    row_h = round(2.9 * cap)
    w = key_w + text.width_px(widest, cap) + 6 * cap
    h = rows * row_h + 3 * cap
    box = Box((measures.width - w) // 2, (measures.height - h) // 2, w, h)
    shapes.plate(canvas, box, 0.93, radius=cap)
    for row, (key, what) in enumerate(keys):
        _help_row(canvas, Box(box.x + 2 * cap, box.y + round(1.5 * cap) + row * row_h, key_w, row_h), key, what, cap)


def _help_row(canvas: np.ndarray, box: Box, key: str, what: str, cap: int) -> None:
    shapes.plate(canvas, Box(box.x, box.y + cap // 4, box.w, box.h - cap // 2), 1.0, DIM, radius=cap // 2)
    baseline = box.y + (box.h + cap) // 2
    x = box.x + (box.w - text.width_px(key, cap, text.SEMIBOLD)) // 2
    text.write(canvas, key, (x, baseline), cap, INK, text.SEMIBOLD)
    text.write(canvas, what, (box.right + 2 * cap, baseline), cap, INK)
