"""Shows reps side by side in a loop, as figures that move together, with the change to make."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from livecoach.core.language import translate
from livecoach.feedback import shapes, text
from livecoach.feedback.screen_layout import Box, Sheet
from livecoach.feedback.shapes import DUSK, GREY, INK, NIGHT
from livecoach.feedback.two_reps import HEIGHT, CroppedFigure, PairedRep, draw_paired_rep

LOOP_PICTURES = 30  # Number of pictures in a loop; each is drawn once and then copied
MOVES_S, STOPS_S = 2.4, 0.6  # Time that a loop moves, and that it pauses at the key moment
SIDE_SHARE = 0.28  # Share of the width for each of the columns at the loop's sides; our choice
LINE_SCALE, JOINT_SCALE = 0.75, 0.6
"""Thickness of the figures' lines relative to the skeleton in the camera's picture: thinner lines are not seen from
afar. Size of the marked joints relative to the figures' lines: the joints hide nothing. Our choice."""
WORDS_SHARE = 0.45  # Largest share of the panel's height for the words under the figures
CAP_SHARES = (0.05, 0.045, 0.042, 0.038, 0.034, 0.03, 0.026, 0.02)
"""Heights of capitals to choose from, as shares of the canvas' height."""
BODY_ACROSS = 0.6  # Share of a figure's width that a narrow place must show; the rest is room at its sides
CAPTION_SHARE, HEAD = 0.028, 1.2
"""Height of capitals in captions as a share of the canvas' height, and in the cue relative to the other words."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LoopedRep:
    """A rep that a loop shows, with the rep's figure in each picture of the loop."""

    caption: str  # Text above the figure, not translated yet
    paired: PairedRep
    figures: tuple[CroppedFigure | None, ...]  # For each picture of the loop, not mirrored; None if nobody is seen

    @property
    def width(self) -> int:
        """Width of the rep's pictures in viewBox units; their height is HEIGHT."""
        return self.paired.crop.shown_width


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RepLoop:
    """A loop of moving figures, which shows reps side by side in a rest. Its texts are not translated yet."""

    reps: tuple[LoopedRep, ...]  # The rep to look at, and other reps to compare or to confirm
    cue: str  # Cue for the shown fault, verdict on the rep, or question about the reps
    change: str  # Measured and expected value, or instruction for the answer; empty without either
    drill: str  # A drill in a sentence; empty if there is none
    stops_at: int  # Index of the picture at which the loop pauses
    began_s: float  # Time at which the loop began to play

    def picture_index(self, t_s: float) -> int:
        """Return the index of the picture that the loop shows at time `t_s`, 0 to LOOP_PICTURES - 1."""
        into_s = (t_s - self.began_s) % (MOVES_S + STOPS_S)
        stop_s = (self.stops_at + 0.5) * MOVES_S / LOOP_PICTURES
        moved_s = min(into_s, stop_s) + max(0.0, into_s - stop_s - STOPS_S)
        return min(int(moved_s * LOOP_PICTURES / MOVES_S), LOOP_PICTURES - 1)


def place_loop_and_summary(sheet: Sheet, field: Box, below: Box) -> tuple[Box, Box]:
    """Return the boxes of the loop and of the set summary during a rest.

    Without a panel, the loop stands between the two columns of text boxes, and the summary in the left column. With a
    panel, the loop covers the picture, and the summary takes all of `below`.

    Args:
        field: Area above the chips.
        below: Part of this area under the text boxes of the rest.
    """
    if sheet.panel_width:
        return sheet.picture_field, below
    side, gap = column_width_px(sheet), sheet.gap
    middle = Box(field.x + side + gap, field.y, field.w - 2 * (side + gap), field.h)
    return middle, Box(below.x, below.y, side, below.h)


def column_width_px(sheet: Sheet) -> int:
    """Return the width in pixels of each column of text boxes beside the loop of moving figures."""
    return round(SIDE_SHARE * sheet.inner_width)


class LoopPanel:
    """A panel that shows a loop of moving figures during a rest. Pictures are redrawn only for a new loop or box."""

    def __init__(self, *, mirror: bool) -> None:
        """Start without pictures. `mirror` mirrors the figures, like the camera's picture."""
        self._mirror = mirror
        self._key: tuple[RepLoop, Box, int] | None = None
        self._empty = np.zeros((0, 0, 3), np.uint8)
        self._tiles: list[Box] = []
        self._drawn: dict[int, np.ndarray] = {}

    def draw(self, canvas: np.ndarray, box: Box, loop: RepLoop, t_s: float) -> None:
        """Draw the picture that a loop shows at time `t_s` into a box of a canvas."""
        key = loop, box, canvas.shape[0]
        if self._key != key:
            self._key, self._drawn = key, {}
            self._empty, self._tiles = _draw_texts(loop, box, canvas.shape[0])
        index = loop.picture_index(t_s)
        if index not in self._drawn:
            self._drawn[index] = self._picture(loop, index, LINE_SCALE * canvas.shape[0] / 480)
        shapes.crop(canvas, box)[:] = self._drawn[index]

    def _picture(self, loop: RepLoop, index: int, unit: float) -> np.ndarray:
        picture = self._empty.copy()
        for rep, tile in zip(loop.reps, self._tiles, strict=True):
            figure = rep.figures[index]
            if figure is None or figure.body is None:
                continue
            scale = min(tile.w / (BODY_ACROSS * rep.width), tile.h / HEIGHT)
            corner = (tile.w - scale * rep.width) / 2, tile.h - scale * HEIGHT
            placed = partial(self._placed, width=rep.width, scale=scale, corner=corner)
            draw_paired_rep(
                shapes.crop(picture, tile), rep.paired, figure, placed, unit=unit, joints_unit=JOINT_SCALE * unit
            )
        return picture

    def _placed(self, xy: np.ndarray, width: int, scale: float, corner: tuple[float, float]) -> np.ndarray:
        return (xy * (-1, 1) + (width, 0) if self._mirror else xy) * scale + corner


def _draw_texts(loop: RepLoop, box: Box, height_px: int) -> tuple[np.ndarray, list[Box]]:
    """Draw the panel with its texts but without figures, and return it with the places of the figures."""
    panel = np.full((box.h, box.w, 3), NIGHT, np.uint8)
    lines, y = _fitting_lines(loop, box, height_px)
    pad = lines[0].cap_px // 2
    caption = max(3, round(CAPTION_SHARE * height_px))
    wide = (box.w - pad) // len(loop.reps) - pad
    rows = 1 if len(loop.reps) < 3 else 2  # Three captions on one line each would be too small to read
    fitting = [text.typeset(translate(r.caption), rows, caption, wide - 2 * caption, text.REGULAR) for r in loop.reps]
    captions = [replace(line, cap_px=min(line.cap_px for line in fitting)) for line in fitting]
    top = pad + caption + max(line.height_px for line in captions)
    tiles = [Box(pad + k * (wide + pad), top, wide, y - top - pad) for k in range(len(loop.reps))]
    for rep, line, tile in zip(loop.reps, captions, tiles, strict=True):
        shapes.crop(panel, tile)[:] = DUSK
        sign = shapes.SIGNS[rep.paired.form]
        sign.draw(panel, Box(tile.x, pad, caption, caption), sign.colour)
        line.write(panel, (tile.x + 2 * caption, pad), GREY)
        if rep.paired.line is not None:
            depth = translate(rep.paired.line.result.words)
            text.typeset(depth, 1, caption, tile.w - caption, text.SEMIBOLD).write(
                panel, (tile.x + caption // 2, tile.y + caption // 2), INK
            )
    for line in lines:
        line.write(panel, (pad, y), INK)
        y += line.height_px + line.cap_px // 2
    return panel, tiles


def _fitting_lines(loop: RepLoop, box: Box, height_px: int) -> tuple[list[text.Block], int]:
    """Return the lines under the figures, as large as fits, and the row in the box at which they begin."""
    for share in CAP_SHARES:
        lines = _lines(loop, max(3, round(share * height_px)), box.w)
        high = sum(line.height_px + line.cap_px // 2 for line in lines)
        if high <= WORDS_SHARE * box.h:
            break
    return lines, box.h - high


def _lines(loop: RepLoop, cap_px: int, width_px: int) -> list[text.Block]:
    texts: Sequence[tuple[str, float, int]] = (
        (loop.cue, HEAD, text.BOLD),
        (loop.change, 1.0, text.SEMIBOLD),
        (loop.drill, 1.0, text.REGULAR),
    )
    return [
        text.balance(translate(words), round(size * cap_px), width_px - 2 * cap_px, weight)
        for words, size, weight in texts
        if words
    ]
