"""Draws the set summary in large text, next to the lifter if there is room, until the next set begins."""

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from livecoach.core.language import translate
from livecoach.core.types import SetSummary
from livecoach.core.types.message import Message, capitalise, join_texts, quantity_words
from livecoach.core.types.reps import UNSEEN_FAULTS
from livecoach.decisions.coaching.cues import ALL_GOOD, IN_VIEW, NONE_GOOD, NOT_JUDGED, form_words, lists_unseen_faults
from livecoach.decisions.coaching.last_time import FaultFollowUp
from livecoach.decisions.coaching.rep_figures import speed_loss_words
from livecoach.decisions.rep.tempo import TYPICAL_HEIGHT_CM, tempo_words, torso_length_m
from livecoach.feedback import shapes, text
from livecoach.feedback.screen_layout import Box, text_boxes
from livecoach.feedback.session_state import NO_NOTES, EarlierSessionNotes
from livecoach.feedback.shapes import CROSS, DASH, INK, STAR, TICK, Mark

BODY_SHARES = (0.06, 0.055, 0.05, 0.046, 0.042, 0.039, 0.036, 0.033, 0.03, 0.025, 0.02)
"""Heights of capitals to choose from, as shares of the sheet's height."""
GOOD_SHARE, LEAST_SHARE = 0.05, 0.042
"""Wanted and least height of capitals as a share of the sheet's height. On a 13" screen (165 mm high) 8 and 7 mm: 9 and
8 minutes of arc at three metres; good eyes need 5. Smaller text is used only if everything else costs more."""
_OF_LIFTER, _TOUCHED = 2.0, 0.15
"""Cost of covering all of the lifter, or all of the lifter's upper third, and additional cost of covering any part. All
costs were chosen by looking at the results."""
_BREAK = 0.05  # Cost of an additional line
_LEFT_OUT = 0.2  # Cost of a row that is left out
_WIDTHS = (0.36, 0.45, 0.55, 0.7, 1.0)
"""Widths of the panel to choose from, as shares of the field's width. The width beside the lifter is tried, too."""
_GAP_PX = 4  # Gap between the panel and the lifter
_HEAD, _NOTE = 1.6, 0.8  # Sizes of the first row and of notes, relative to the other rows
_INDENT_OF_CAP = 1.5  # Indent of a row with a sign, relative to the height of its capitals
_OPACITY = 0.9
DOT = "  ·  "  # Separates parts on a line
HIDDEN_SHARE, HIDDEN_BY_TEXT, HIDDEN_S = 0.2, 0.08, 1.0
"""Shares of the lifter that a panel and a message may cover, and the time for which they may cover more before they
move. Our choice: text that follows every step can't be read, and a message is small enough to stand elsewhere."""


@dataclass(frozen=True, slots=True)
class SummaryRow:
    """A row of a summary, which states one fact. Its parts share a line if there is room, or stand in a column."""

    parts: tuple[str, ...]
    sign: Mark | None = None  # Mark before the parts; None without a mark
    scale: float = 1.0  # Size of the text relative to the other rows
    spare: int = 0
    """Order in which rows are left out if there is no room next to the lifter: the highest number first, 0 never."""


def summary_rows(
    summary: SetSummary, earlier: EarlierSessionNotes = NO_NOTES, planned_reps: int | None = None
) -> list[SummaryRow]:
    """Return the translated rows of a set's summary, most important first.

    Args:
        earlier: Notes that compare the set with earlier sessions.
        planned_reps: Number of reps that the plan wants; None without a plan.
    """
    is_clean = summary.good == summary.reps > 0 and summary.fault_cue is None
    all_good = is_clean and not any(map(lists_unseen_faults, summary.notes))
    chosen = [SummaryRow(_head(summary), TICK if all_good else None, _HEAD)]
    if planned_reps is not None and planned_reps != summary.reps:
        chosen.append(SummaryRow((Message("{n} planned", n=planned_reps),)))
    chosen += [SummaryRow((earlier.record,), STAR)] if earlier.record else []
    since = earlier.fault_follow_up
    chosen += [] if since is None else _since_last(since)
    chosen += [SummaryRow((capitalise(line),), CROSS) for line in earlier.returned_faults]
    again = since is not None and since.faulty > 0 and since.fault == summary.fault
    chosen += [SummaryRow((line,), CROSS) for line in _to_mend(summary, again=again)]
    if summary.unsure:
        chosen.append(SummaryRow((Message("{n} not judged", n=summary.unsure),), DASH))
    best = () if summary.best is None else (Message("best: rep {n}", n=summary.best),)
    measured = ((tuple(tempo_words(summary, summary.exercise).values()), 3), (_speed(summary), 2), (best, 4))
    chosen += [SummaryRow(parts, spare=spare) for parts, spare in measured if parts]
    for note in summary.notes:
        if is_clean and lists_unseen_faults(note):
            chosen.insert(1, SummaryRow((note,), DASH))
        else:
            chosen.append(SummaryRow((note,), scale=_NOTE, spare=1))
    return [replace(row, parts=tuple(map(translate, row.parts))) for row in chosen]


def _reps(count: int) -> Message:
    return quantity_words(count, "1 rep", "{n} reps")


def _head(summary: SetSummary) -> tuple[str, ...]:
    """Return the number of reps and their forms. Other rows show the unjudged reps, and the faults out of view."""
    words = [phrase for phrase in form_words(summary) if phrase != IN_VIEW and not phrase.endswith(NOT_JUDGED)]
    reps = _reps(summary.reps)
    if words[:1] == [NONE_GOOD]:
        reps, *words = Message("{n} of {n2} good", n=0, n2=summary.reps), *words[1:]
    *first, last = reps, *(phrase.replace(" ", text.NO_BREAK) if phrase == ALL_GOOD else phrase for phrase in words)
    return *(Message("{text},", text=phrase) for phrase in first), last


def _since_last(since: FaultFollowUp) -> Iterator[SummaryRow]:
    if since.is_fixed:
        numbers = {"n": since.checked, "n2": since.checked}
        fixed = Message("{text}: fixed, {n}\N{NO-BREAK SPACE}of\N{NO-BREAK SPACE}{n2}", text=since.cue, **numbers)
        yield SummaryRow((fixed,), TICK)
    elif since.faulty:
        again = Message("{text}, as last time", text=since.cue)
        yield SummaryRow((join_texts(": ", _reps(since.faulty), again),), CROSS)
    elif not since.checked:
        yield SummaryRow((Message(UNSEEN_FAULTS, text=since.cue),), DASH)


def _to_mend(summary: SetSummary, *, again: bool) -> Iterator[str]:
    """Yield the commonest fault or the number of unlike reps, unless another row has it (`again`); then bad marks."""
    if summary.fault_cue is not None and not again:
        yield join_texts(": ", _reps(summary.fault_reps), summary.fault_cue)
    elif summary.anomalous and summary.fault_reps and not again:
        yield Message("{n} unlike your good ones", n=summary.fault_reps)
    if summary.marked:
        yield Message("{n} marked bad by you", n=summary.marked)


def _speed(summary: SetSummary) -> tuple[str, ...]:
    parts: tuple[str, ...] = ()
    if summary.speed is not None:
        known = summary.speed_unit == "m/s"
        guess = Message("{n} m/s", n=f"{summary.speed * torso_length_m(TYPICAL_HEIGHT_CM):.1f}")
        measured = Message("{n} m/s", n=f"{summary.speed:.2f}")
        parts = (measured if known else Message("about {text} (height not known)", text=guess),)
    if summary.velocity_loss is None:
        return parts
    return (*parts, speed_loss_words(summary.velocity_loss, summary.slowest or 0, summary.fastest or 0))


@dataclass(frozen=True, slots=True)
class SummaryPanel:
    """The panel with a set's summary, at its place on the canvas."""

    box: Box
    cap_px: int  # Height of capitals in rows of scale 1
    _lines: tuple[tuple[SummaryRow, text.Block], ...]

    def draw(self, canvas: np.ndarray) -> None:
        """Draw the panel with its rows on a canvas."""
        shapes.fill_box(canvas, self.box, _OPACITY, radius=self.cap_px // 2)
        x, y = self.box.x + self.cap_px, self.box.y + self.cap_px
        for row, block in self._lines:
            if row.sign is not None:
                row.sign.draw(canvas, Box(x, y, block.cap_px, block.cap_px), row.sign.colour)
            block.write(canvas, (x + _indent(row, block.cap_px), y), INK)
            y += block.height_px + _leading(self.cap_px)


class HidingTimer:
    """A timer of how long a panel or a message has hidden the lifter."""

    def __init__(self, share: float = HIDDEN_SHARE) -> None:
        """Begin at 0.

        Args:
            share: Share of the lifter's box that may be covered for any length of time.
        """
        self._share = share
        self._since_s: float | None = None

    def notice_hiding(self, panel: Box, lifter: Box | None, t_s: float) -> bool:
        """Return whether the panel has covered too much of a visible lifter for HIDDEN_S; if so, start again at 0."""
        if lifter is None or panel.overlap(lifter) < self._share * lifter.w * lifter.h:
            self._since_s = None
            return False
        if self._since_s is None or t_s < self._since_s:
            self._since_s = t_s
        if t_s - self._since_s < HIDDEN_S:
            return False
        self._since_s = None
        return True


def _leading(cap_px: int) -> int:
    return round(0.55 * cap_px)


def _indent(row: SummaryRow, cap_px: int) -> int:
    return round(_INDENT_OF_CAP * cap_px) if row.sign is not None else 0


def _fitted(
    kept: list[SummaryRow], cap_px: int, width_px: int
) -> tuple[tuple[tuple[SummaryRow, text.Block], ...], int, int]:
    """Typeset rows within a width; return them with the width and height of the panel, which may be narrower."""
    lines = []
    for row in kept:
        cap = round(row.scale * cap_px)
        width = width_px - 2 * cap_px - _indent(row, cap)
        weight, between = (text.SEMIBOLD, " ") if row.scale > 1 or row.sign is not None else (text.REGULAR, DOT)
        lines.append((row, text.wrap(row.parts, cap, max(1, width), weight, between)))
    w = max(block.width_px + _indent(row, block.cap_px) for row, block in lines) + 2 * cap_px
    h = sum(block.height_px for _, block in lines) + (len(lines) - 1) * _leading(cap_px) + 2 * cap_px
    return tuple(lines), w, h


def place_summary(all_rows: Sequence[SummaryRow], field: Box, height_px: int, lifter: Box | None) -> SummaryPanel:
    """Choose the rows, the size of the text and the place of a summary that have the lowest cost.

    Leaving the field costs most, and then covering the lifter, small text and left-out rows. Broken lines and a large
    panel cost little.

    Args:
        all_rows: At least one row.
        height_px: Height of the sheet, to which the sizes of text relate.
        lifter: Box of the lifter; None if the panel may stand anywhere in the field.
    """
    right = lifter is not None and lifter.x + lifter.right < field.x + field.right
    best: tuple[float, SummaryPanel] | None = None
    levels = sorted({row.spare for row in all_rows}, reverse=True)
    choices = [[row for row in all_rows if row.spare <= level] for level in levels]
    widths = [round(share * field.w) for share in _WIDTHS]
    free = [] if lifter is None else [field.right - lifter.right - _GAP_PX, lifter.x - field.x - _GAP_PX]
    widths += [width for width in free if width > widths[0]]
    for kept, share, width_px in itertools.product(choices, BODY_SHARES, widths):
        left_out = _LEFT_OUT * (len(all_rows) - len(kept))
        if best is not None and _too_small(share) + left_out >= best[0]:
            continue
        cap = max(1, math.ceil(share * height_px))
        lines, w, h = _fitted(kept, cap, width_px)
        size = left_out + _too_small(min(block.cap_px / row.scale for row, block in lines) / height_px)
        size += _BREAK * sum(len(block.lines) - 1 for _, block in lines)
        for order, box in enumerate(text_boxes(field, w, h, right=right)):
            cost = _cost(box, field, lifter) + size + 0.003 * order
            if best is None or cost < best[0]:
                best = cost, SummaryPanel(box, cap, lines)
    assert best is not None, "there are sizes and widths"
    return best[1]


def _cost(box: Box, field: Box, lifter: Box | None) -> float:
    """Return the cost of a place, for its size, for covering the lifter, and above all for leaving the field."""
    outside = (box.w * box.h - box.overlap(field)) / (field.w * field.h)
    cost = 0.05 * box.w * box.h / (field.w * field.h) + 40 * outside
    if lifter is None:
        return cost
    upper = Box(lifter.x, lifter.y, lifter.w, lifter.h // 3)
    covered = sum(box.overlap(room) / max(1, room.w * room.h) for room in (lifter, upper))
    return cost + _OF_LIFTER * covered + (_TOUCHED if covered else 0.0)


def _too_small(share: float) -> float:
    return 1.3 * max(0.0, 1 - share / GOOD_SHARE) + 4 * max(0.0, 1 - share / LEAST_SHARE)
