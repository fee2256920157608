"""What a lifter at rest looks for, in large type: the exercise, whose it is, the load, the set, and the time."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from livecoach.feedback import shapes, text
from livecoach.feedback.duration import clock
from livecoach.feedback.layout import Box, LayoutSizes
from livecoach.feedback.palette import GOOD, INK, NIGHT, Colour
from livecoach.feedback.panels import DOT, set_words
from livecoach.feedback.run_status import RunStatus
from livecoach.language import told

TITLE_SHARE, BODY_SHARE, TIME_SHARE, LABEL_SHARE = 0.06, 0.046, 0.12, 0.034
"""Heights of capitals over the canvas' height: of the exercise, of load and set, of the timer, and of what is under it.
On a 13" screen 10, 7.6, 20 and 5.6 mm. Our choice."""
_OPACITY = 0.8
EXPECTED = "begin your set"
"""What is expected of the lifter while the exercise is not known."""


@dataclass(frozen=True, slots=True)
class _Plate:
    """Lines of different size on one plate."""

    blocks: tuple[text.Block, ...]
    pad: int
    colour: Colour = NIGHT
    tick: bool = False
    """Whether a tick stands right of the first line."""

    @property
    def size(self) -> tuple[int, int]:
        """Width and height."""
        widths = [block.width_px for block in self.blocks]
        if self.tick:
            widths[0] += self.pad + self.blocks[0].cap_px
        heights = sum(block.height_px for block in self.blocks) + (len(self.blocks) - 1) * self.pad // 2
        return max(widths) + 2 * self.pad, heights + 2 * self.pad

    def draw(self, canvas: np.ndarray, x: int, y: int) -> Box:
        """Draw with the upper left corner at a place; return what is covered."""
        box = Box(x, y, *self.size)
        shapes.plate(canvas, box, _OPACITY, self.colour, radius=self.pad // 2)
        top = y + self.pad
        if self.tick:
            side = self.blocks[0].cap_px
            shapes.tick(canvas, Box(box.right - self.pad - side, top, side, side))
        for block in self.blocks:
            block.write(canvas, (x + self.pad, top), INK)
            top += block.height_px + self.pad // 2
        return box


def draw(canvas: np.ndarray, title: str, status: RunStatus, t_s: float, measures: LayoutSizes) -> list[Box]:
    """Draw along the upper edge; return what is covered. title: of the exercise, or what is expected instead."""
    timer = _timer(status, t_s, measures)
    beside = not measures.is_narrow
    free = measures.inner_width - (timer.size[0] + measures.gap if timer is not None and beside else 0)
    about = _about(title, status, measures, free)
    x, y = measures.margin, measures.margin
    covered = []
    if about is not None:
        covered.append(about.draw(canvas, x, y))
        y = y if beside else covered[-1].bottom + measures.gap
    if timer is not None:
        covered.append(timer.draw(canvas, measures.margin + measures.inner_width - timer.size[0] if beside else x, y))
    return covered


def _about(title: str, status: RunStatus, measures: LayoutSizes, width_px: int) -> _Plate | None:
    """Return the plate of exercise, profile, load and set; None where nothing is known."""
    whose = DOT.join(words for words in (status.profile, status.load) if words)
    lines = ((title, TITLE_SHARE), (whose, BODY_SHARE), (set_words(status.progress), BODY_SHARE))
    return _plate([line for line in lines if line[0]], measures, width_px)


def _timer(status: RunStatus, t_s: float, measures: LayoutSizes) -> _Plate | None:
    """Return the plate of the rest; None during a set and before the first one."""
    progress = status.progress
    rest_s = None if progress is None else progress.rest_s(t_s)
    if progress is None or rest_s is None:
        return None
    rested, planned_s = progress.is_rested(t_s), progress.plan.rest_s
    label = "rest over" if rested else "rest" if planned_s is None else f"rest of {clock(planned_s)}"
    lines = (
        (clock(rest_s), TIME_SHARE),
        (label, LABEL_SHARE),
        (f"session {clock(progress.session_s(t_s))}", LABEL_SHARE),
    )
    return _plate(lines, measures, measures.inner_width, GOOD if rested else NIGHT, tick=rested)


def _plate(
    lines: Sequence[tuple[str, float]],
    measures: LayoutSizes,
    width_px: int,
    colour: Colour = NIGHT,
    *,
    tick: bool = False,
) -> _Plate | None:
    """Return a plate of lines, each with the height of its capitals as a share; None without any."""
    if not lines:
        return None
    pad = max(2, round(0.6 * BODY_SHARE * measures.height))
    inner = max(1, width_px - 2 * pad)
    blocks = (text.block(told(words), 1, max(1, round(share * measures.height)), inner) for words, share in lines)
    return _Plate(tuple(blocks), pad, colour, tick)
