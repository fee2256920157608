"""Draws small text for people at the screen: chips, the text boxes of a rest, and help."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from livecoach.core.language import format_duration, translate
from livecoach.core.types.bounds import profile_words
from livecoach.core.types.message import Message, join_texts
from livecoach.decisions.coaching.set_progress import SetProgress
from livecoach.feedback import shapes, text
from livecoach.feedback.display_state import DisplayState
from livecoach.feedback.screen_layout import Box, Sheet
from livecoach.feedback.session_state import SessionState, next_set_words
from livecoach.feedback.shapes import ALARM, DIM, GOOD, INK, LEFT, NIGHT, RIGHT, Colour
from livecoach.feedback.summary_panel import DOT
from livecoach.feedback.text import NO_BREAK

KEYS = (
    ("q  Esc", "quit"),
    ("space", "pause a replay"),
    ("g  b", "last rep: good, bad"),
    ("x  u", "last rep: not a rep; undo"),
    ("m  f", "sound; full screen"),
    ("e  p", "change exercise, profile"),
    ("F1  F2", "who lifts next (Shift: who has lifted)"),
    ("1  2", "choose the exercise when asked"),
    ("y  n", "say whether your first reps are good"),
    ("0–9", "load of the next set, then Enter"),
    ("w  r  t", "load, RPE, note of the last set"),
    ("d", "check depth, or not"),
    ("?", "this help"),
)
"""Keys and their meanings, in the order of the help."""
NO_STOP = "no stop signal: full plates are not in view"
"""Shown if the plan ends sets at a speed loss, and the speed is not measured."""


@dataclass(frozen=True, slots=True)
class Chip:
    """A few words in a small box, in the lifter's language."""

    parts: tuple[tuple[str, Colour, int], ...]  # Text, colour and weight, from left to right
    colour: Colour = NIGHT

    def width_px(self, cap_px: int) -> int:
        widths = (text.width_px(words, cap_px, weight) for words, _, weight in self.parts)
        return sum(widths) + cap_px * (1 + len(self.parts))

    def fitting_cap_px(self, sheet: Sheet) -> int:
        """Return the largest height of capitals, at most `sheet.chip_cap_px`, with which the chip fits into a row."""
        cap = sheet.chip_cap_px
        while cap > 1 and self.width_px(cap) > sheet.inner_width:
            cap -= 1
        return cap

    def draw(self, canvas: np.ndarray, box: Box, cap_px: int) -> None:
        """Draw the chip into a box of a canvas, with capitals that are `cap_px` pixels high."""
        shapes.fill_box(canvas, box, 0.8, self.colour, radius=box.h // 4)
        x, baseline = box.x + cap_px, box.y + (box.h + cap_px) // 2
        for words, colour, weight in self.parts:
            text.write(canvas, words, (x, baseline), cap_px, colour, weight)
            x += text.width_px(words, cap_px, weight) + cap_px


def status_chips(state: DisplayState, *, synthetic: bool, brief: bool, narrow: bool = False) -> list[Chip]:
    """Return the chips for the lower edge: kind of picture, lifter, state of the set, a question, and problems.

    Args:
        brief: Whether to return only the chips for recording, a synthetic picture, a pause, and the lifter.
        narrow: Whether a rest may show the timer alone, so that a chip must name the lifter.
    """
    step, status = state.step, state.status
    lifter = status.lifter
    shown = list[Chip]()
    if status.device.recording:
        shown.append(_chip("REC", INK, text.BOLD, ALARM))
    if synthetic:
        shown.append(_chip("synthetic", NIGHT, text.SEMIBOLD, RIGHT))
    if status.device.paused:
        shown.append(_chip("paused", NIGHT, text.SEMIBOLD, LEFT))
    if lifter and (brief or (narrow and not step.set.is_under_way)):
        shown.append(_chip(lifter, INK, text.SEMIBOLD))
    if brief:
        return shown
    if status.device.muted:
        shown.append(_chip("muted"))
    if step.set.is_under_way:
        names = (
            (lifter, text.SEMIBOLD),
            (state.title, text.REGULAR),
            (set_words(status.progress, in_set=True), text.REGULAR),
        )
        about = [(translate(words), INK, weight) for words, weight in names if words]
        shown += [Chip(tuple(about))] if about else []
        rest_s = None if status.progress is None else status.progress.rest_s(step.observation.t_s)
        shown += [] if rest_s is None else [_chip(Message("rest {time}", time=format_duration(rest_s)))]
        if status.progress is not None and status.progress.is_blind:
            shown.append(_chip(NO_STOP))
    elif question := state.question:
        is_in_loop = state.loop is not None and bool(step.questions.reference_s)  # The loop says how a hand answers
        shown += [_chip(words) for words in (question, "" if is_in_loop else state.hand_instruction) if words]
    else:
        shown += map(_chip, state.drawback_lines)
    if learning := state.learning:  # Each side of the lifter has a reference of its own
        id = "learning your form from this side: {n} of {n2}"
        shown.append(_chip(Message(id, n=learning.have, n2=learning.wanted)))
    return shown + [_chip(words) for words in (status.device.trouble, status.device.note) if words]


def _chip(words: str, ink: Colour = INK, weight: int = text.REGULAR, colour: Colour = NIGHT) -> Chip:
    return Chip(((translate(words), ink, weight),), colour)


def set_words(progress: SetProgress | None, *, in_set: bool) -> str:
    """Describe the current set or, in a rest, the next set, such as "set 2 of 5"; empty if the progress is unknown.

    Once all planned sets are done, the words say so. `in_set` is whether a set is under way.
    """
    if progress is None:
        return ""
    number, planned = progress.plan_set, progress.plan.sets
    if planned is not None and progress.is_done:
        done = "{n} of {n2} sets done" if number == planned + 1 else "{n} sets done, {n2} planned"
        return Message(done, n=number - 1, n2=planned)
    name = Message("set {n}", n=progress.set_number)
    if planned is not None:
        name = Message("set {n} of {n2}", n=number, n2=planned)
    return name if in_set or progress.rests_since_s is None else Message("next: {text}", text=name)


def place_chips(shown: Sequence[Chip], sheet: Sheet) -> tuple[list[Box], int]:
    """Return the box of each chip, in rows from left to right above the lower edge, and the number of rows.

    The first chips stand in the uppermost row.
    """
    places, x, row = [], sheet.margin, 0
    for chip in shown:
        w = chip.width_px(chip.fitting_cap_px(sheet))
        if x > sheet.margin and x + w > sheet.margin + sheet.inner_width:
            x, row = sheet.margin, row + 1
        places.append((x, row, w))
        x += w + sheet.gap
    high = sheet.chip_height + sheet.gap
    bottom = sheet.height - sheet.margin - sheet.chip_height
    return [Box(x, bottom - (row - n) * high, w, sheet.chip_height) for x, n, w in places], row + 1 if shown else 0


def draw_help(canvas: np.ndarray, sheet: Sheet, *, can_pause: bool) -> None:
    """Draw the help, all keys with their meanings, in the middle of the area for text."""
    rows = [(translate(key), translate(what)) for key, what in KEYS if can_pause or key != "space"]
    widest = max((what for _, what in rows), key=len)

    def widths(cap: int) -> tuple[int, int]:
        key_w = max(text.width_px(key, cap, text.SEMIBOLD) for key, _ in rows) + 2 * cap
        return key_w, key_w + text.width_px(widest, cap) + 6 * cap

    shares = min(0.034, 0.96 / (2.9 * len(rows) + 3)) * sheet.height, 0.038 * sheet.text_width
    cap = max(3, int(min(shares)))
    while cap > 3 and widths(cap)[1] > sheet.text_width:
        cap -= 1
    (key_w, w), row_h = widths(cap), round(2.9 * cap)
    h = len(rows) * row_h + 3 * cap
    left, top = (sheet.text_width - w) // 2, (sheet.height - h) // 2
    shapes.fill_box(canvas, Box(left, top, w, h), 0.93, radius=cap)
    x, y = left + 2 * cap, top + round(1.5 * cap)
    for key, what in rows:
        shapes.fill_box(canvas, Box(x, y + cap // 4, key_w, row_h - cap // 2), 1.0, DIM, radius=cap // 2)
        baseline = y + (row_h + cap) // 2
        of_key = x + (key_w - text.width_px(key, cap, text.SEMIBOLD)) // 2
        text.write(canvas, key, (of_key, baseline), cap, INK, text.SEMIBOLD)
        text.write(canvas, what, (x + key_w + 2 * cap, baseline), cap, INK)
        y += row_h


TITLE_SHARE, BODY_SHARE, TIME_SHARE, LABEL_SHARE = 0.06, 0.046, 0.12, 0.034
"""Heights of capitals as shares of the canvas' height: of the exercise, of load and set, of the timer, and of small
text. On a 13" screen 10, 7.6, 20 and 5.6 mm. Our choice."""
_OPACITY = 0.8
SLIM = 0.36
"""Width of a text box, as a share of the width within the margins. It leaves a lifter in the middle of a 4:3 picture
free. Our choice."""
LEAST_BELOW = 0.18  # Share of the height that the text boxes leave above the chips, for a summary or a message
EXPECTED = "begin your set"  # Shown instead of the exercise while it is unknown


@dataclass(frozen=True, slots=True)
class _TextBox:
    blocks: tuple[text.Block, ...]
    pad: int
    colour: Colour = NIGHT
    tick: bool = False  # Whether a tick stands to the right of the first line

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        widths = [block.width_px for block in self.blocks]
        if self.tick:
            widths[0] += self.pad + self.blocks[0].cap_px
        heights = sum(block.height_px for block in self.blocks) + (len(self.blocks) - 1) * self.pad // 2
        return max(widths) + 2 * self.pad, heights + 2 * self.pad

    def draw(self, canvas: np.ndarray, x: int, y: int) -> Box:
        """Draw the text box with its upper left corner at `x` and `y`, and return its place."""
        box = Box(x, y, *self.size)
        shapes.fill_box(canvas, box, _OPACITY, self.colour, radius=self.pad // 2)
        top = y + self.pad
        if self.tick:
            side = self.blocks[0].cap_px
            shapes.draw_tick(canvas, Box(box.right - self.pad - side, top, side, side))
        for block in self.blocks:
            block.write(canvas, (x + self.pad, top), INK)
            top += block.height_px + self.pad // 2
        return box


def draw_rest(
    canvas: np.ndarray, title: str, status: SessionState, t_s: float, sheet: Sheet, most_px: int, column_px: int | None
) -> list[Box]:
    """Draw the text boxes that are shown between sets along the upper edge of a canvas, and return the boxes' places.

    Exercise and set stand at the left edge, the timer at the right edge, so that a lifter in the middle stays free. In
    a panel, the timer stands under exercise and set.

    Args:
        most_px: Largest height of a column of boxes. To keep to this height, other lifters are left out and then, if
            there is a timer, exercise and set.
        column_px: Width of the columns at both edges, unless the sheet is narrow; None for SLIM of the inner width.
    """
    wide = sheet.inner_width if sheet.is_narrow else column_px or round(SLIM * sheet.inner_width)
    timer = _timer(status, t_s, sheet, wide)
    under_px = 0 if timer is None or not sheet.is_narrow else timer.size[1]
    choices = [_set_box(title, status, sheet, wide, names_others=names) for names in (True, False)]
    least = choices[-1] if timer is None else None
    about = next((box for box in choices if box is None or box.size[1] + under_px <= most_px), least)
    x, y = sheet.margin, sheet.margin
    covered = [] if about is None else [about.draw(canvas, x, y)]
    if timer is not None and sheet.is_narrow:
        covered.append(timer.draw(canvas, x, max((box.bottom + sheet.gap for box in covered), default=y)))
    elif timer is not None:
        covered.append(timer.draw(canvas, x + sheet.inner_width - timer.size[0], y))
    return covered


def _set_box(title: str, status: SessionState, sheet: Sheet, width_px: int, *, names_others: bool) -> _TextBox | None:
    """Return the text box with exercise, lifter, load, set and, with `names_others`, other lifters; None if empty."""
    others = [
        (join_texts(NO_BREAK, f"F{place}", profile_words(name)), LABEL_SHARE)
        for place, name in enumerate(status.lifters, 1)
        if names_others and name != status.profile
    ]
    lifter_and_load = status.lifter, next_set_words(status) or ""
    facts = (join_texts(DOT, *lifter_and_load),) if sheet.is_narrow else lifter_and_load
    lines = (
        (title, TITLE_SHARE),
        *((words, BODY_SHARE) for words in (*facts, set_words(status.progress, in_set=False))),
        *others,
    )
    return _text_box([line for line in lines if line[0]], sheet, width_px)


def _timer(status: SessionState, t_s: float, sheet: Sheet, width_px: int) -> _TextBox | None:
    progress = status.progress
    rest_s = None if progress is None else progress.rest_s(t_s)
    if progress is None or rest_s is None:
        return None
    rested, planned_s = progress.is_rested(t_s), progress.plan.rest_s
    label = "rest" if planned_s is None else Message("rest of {time}", time=format_duration(planned_s))
    lines = (
        (format_duration(rest_s), TIME_SHARE),
        ("rest over" if rested else label, LABEL_SHARE),
        (Message("session {time}", time=format_duration(status.session_s(t_s))), LABEL_SHARE),
    )
    return _text_box(lines, sheet, width_px, GOOD if rested else NIGHT, tick=rested)


def _text_box(
    lines: Sequence[tuple[str, float]], sheet: Sheet, width_px: int, colour: Colour = NIGHT, *, tick: bool = False
) -> _TextBox | None:
    """Return a text box of lines, each a text and its capitals' share of the sheet's height; long lines break."""
    if not lines:
        return None
    pad = max(2, round(0.6 * BODY_SHARE * sheet.height))
    inner = max(1, width_px - 2 * pad)
    blocks: list[text.Block] = []
    for words, share in lines:
        cap_px = max(1, round(share * sheet.height))
        room_px = max(1, inner - (pad + cap_px if tick and not blocks else 0))
        block = text.typeset(translate(words), 1, cap_px, room_px)
        blocks.append(block if block.cap_px == cap_px else text.typeset(translate(words), 2, cap_px, room_px))
    return _TextBox(tuple(blocks), pad, colour, tick)
