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
from livecoach.feedback.summary_panel import Hiding
from livecoach.language import told

TITLE_SHARE, BODY_SHARE, TIME_SHARE, LABEL_SHARE = 0.06, 0.046, 0.12, 0.034
"""Heights of capitals over the canvas' height: of the exercise, of load and set, of the timer, and of what is under it.
On a 13" screen 10, 7.6, 20 and 5.6 mm. Our choice."""
_OPACITY = 0.8
HEAD_OF_LIFTER = 4
"""Parts of a lifter's height of which the uppermost is kept free: a timer over the face is in the way of a mirror."""
SLIGHT = 0.05
"""Share of that part that may be covered rather than that a plate leaves its usual place. Our choice."""
SLIM = 0.36
"""Width of the slim form of the plate about exercise and set, as a share of the width within the margins: it leaves a
lifter in the middle of a 4:3 picture free. Our choice."""
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


class RestPanel:
    """The plates of a rest along the upper edge, on the side where the lifter isn't."""

    def __init__(self) -> None:
        self._way = 0
        self._timed: bool | None = None  # whether a timer was among the plates when that was chosen
        self._hides = Hiding()

    def draw(
        self,
        canvas: np.ndarray,
        title: str,
        status: RunStatus,
        t_s: float,
        measures: LayoutSizes,
        lifter: Box | None = None,
    ) -> list[Box]:
        """Draw; return what is covered. title: of the exercise, or what is expected instead. lifter: whom to leave
        free; None where the plates can't cover anybody."""
        timer = _timer(status, t_s, measures)
        beside = not measures.is_narrow
        free = measures.inner_width - (timer.size[0] + measures.gap if timer is not None and beside else 0)
        abouts = [_about(title, status, measures, free, slim=False)]
        if beside:
            abouts.append(_about(title, status, measures, min(free, round(SLIM * measures.inner_width)), slim=True))
        ways: list[list[tuple[_Plate, Box]]] = []
        for about in abouts:
            plates = [plate for plate in (about, timer) if plate is not None]
            places = _ways([plate.size for plate in plates], measures, timed=timer is not None)
            ways += [list(zip(plates, boxes, strict=True)) for boxes in places]
        self._choose([[box for _, box in way] for way in ways], lifter, t_s, timed=timer is not None)
        return [plate.draw(canvas, box.x, box.y) for plate, box in ways[self._way]]

    def _choose(self, ways: Sequence[Sequence[Box]], lifter: Box | None, t_s: float, *, timed: bool) -> None:
        """Choose where the plates stand: when they come, and when they have hidden the lifter's head for a while."""
        self._way = min(self._way, len(ways) - 1)
        if lifter is None:
            return
        head = Box(lifter.x, lifter.y, lifter.w, max(1, lifter.h // HEAD_OF_LIFTER))
        nearest = max(ways[self._way], key=lambda box: box.overlap(head), default=Box(0, 0, 0, 0))
        if self._hides.too_long(nearest, head, t_s) or timed != self._timed:
            covers = [sum(box.overlap(head) for box in way) / (head.w * head.h) for way in ways]
            self._way = next(k for k, cover in enumerate(covers) if cover <= min(covers) + SLIGHT)
            self._timed = timed


def _ways(sizes: Sequence[tuple[int, int]], measures: LayoutSizes, *, timed: bool) -> list[list[Box]]:
    """Return the places that the plates can have, the usual ones first: apart, side by side, and one under the other.
    timed: whether the last plate is the timer, whose place is at the right."""
    x, y = measures.margin, measures.margin
    right = x + measures.inner_width
    stacked = [Box(x, y + sum(h + measures.gap for _, h in sizes[:k]), w, h) for k, (w, h) in enumerate(sizes)]
    if measures.is_narrow:
        return [stacked]
    row = [Box(x + sum(w + measures.gap for w, _ in sizes[:k]), y, w, h) for k, (w, h) in enumerate(sizes)]
    far = right - row[-1].right if row else 0
    apart = [*row[:-1], row[-1].moved(far)] if timed else row
    beside = [row, [box.moved(far) for box in row]]
    return [apart, *beside, stacked, [box.moved(right - box.right) for box in stacked]]


def _about(title: str, status: RunStatus, measures: LayoutSizes, width_px: int, *, slim: bool) -> _Plate | None:
    """Return the plate of exercise, profile, load and set; None where nothing is known. slim: profile and load stand on
    lines of their own, and a title that is too long takes two."""
    whose = [words for words in (status.profile, status.load) if words]
    whose = whose if slim else [DOT.join(whose)]
    lines = ((title, TITLE_SHARE), *((words, BODY_SHARE) for words in (*whose, set_words(status.progress))))
    return _plate([line for line in lines if line[0]], measures, width_px, rows=2 if slim else 1)


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
    rows: int = 1,
) -> _Plate | None:
    """Return a plate of lines, each with the height of its capitals as a share; None without any. rows: into how many a
    line may be broken before its letters become smaller."""
    if not lines:
        return None
    pad = max(2, round(0.6 * BODY_SHARE * measures.height))
    inner = max(1, width_px - 2 * pad)
    blocks = (_lines(told(words), max(1, round(share * measures.height)), inner, rows) for words, share in lines)
    return _Plate(tuple(blocks), pad, colour, tick)


def _lines(words: str, cap_px: int, width_px: int, rows: int) -> text.Block:
    """Return a text on one line, or on some rows where its letters would have to be smaller."""
    one = text.block(words, 1, cap_px, width_px)
    return one if one.cap_px == cap_px else text.block(words, rows, cap_px, width_px)
