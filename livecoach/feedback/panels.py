"""Small text for people at the screen: chips along the lower edge, and help."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from livecoach.coaching.set_progress import SetProgress
from livecoach.feedback import shapes, text
from livecoach.feedback.duration import clock
from livecoach.feedback.layout import Box, LayoutSizes
from livecoach.feedback.palette import ALARM, DIM, INK, LEFT, NIGHT, RIGHT, Colour
from livecoach.feedback.run_status import RunStatus
from livecoach.language import told
from livecoach.types import Learning, Step, View

DOT = "  ·  "
KEYS = (
    ("q  Esc", "quit"),
    ("space", "pause a replay"),
    ("g  b", "last rep: good, bad"),
    ("x  u", "last rep: not a rep; undo"),
    ("m  f", "sound; full screen"),
    ("s", "save this picture"),
    ("e  p", "change exercise, profile"),
    ("1  2", "choose the exercise when asked"),
    ("0–9", "load of the next set, then Enter"),
    ("r  t", "RPE, note of the last set"),
    ("i", "figures of the run"),
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
    ("s  i", "save this picture; figures"),
)
"""Keys during the replay of a session."""


@dataclass(frozen=True, slots=True)
class Chip:
    """A word or two on a plate, in the lifter's language."""

    parts: tuple[tuple[str, Colour, int], ...]
    """Text, colour and weight, from left to right."""
    colour: Colour = NIGHT

    def width_px(self, cap_px: int) -> int:
        """Width of the plate."""
        widths = (text.width_px(told(words), cap_px, weight) for words, _, weight in self.parts)
        return sum(widths) + cap_px * (1 + len(self.parts))

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
            text.write(canvas, told(words), (x, baseline), cap_px, colour, weight)
            x += text.width_px(told(words), cap_px, weight) + cap_px


def chips(
    step: Step, title: str, status: RunStatus, learning: Learning | None, *, synthetic: bool, brief: bool
) -> list[Chip]:
    """Return the chips along the lower edge: where a replay is, what the picture is, and what is under way.

    title: of the exercise; empty while it is not known. learning: how complete the reference is; None: not shown.
    brief: leaves out what can wait.
    """
    found = [] if status.playing is None else [_chip(status.playing.words)]
    if status.recording:
        found.append(Chip((("REC", INK, text.BOLD),), ALARM))
    if synthetic:
        found.append(Chip((("synthetic", NIGHT, text.SEMIBOLD),), RIGHT))
    if status.paused:
        found.append(Chip((("paused", NIGHT, text.SEMIBOLD),), LEFT))
    if brief:
        return found
    if status.muted:
        found.append(_chip("muted"))
    if step.in_set:
        about = [(words, INK, text.REGULAR) for words in (title, set_words(status.progress)) if words]
        found += [Chip(tuple(about))] if about else []
    if learning is not None and not learning.is_settled:  # from each side the camera sees other reps
        found.append(_chip(f"learning your good reps from this side: {learning.have} of {learning.wanted}"))
    if status.note:
        found.append(_chip(status.note))
    return found + ([_chip(words) for words in _figures(step, status)] if status.info else [])


def _chip(words: str) -> Chip:
    return Chip(((words, INK, text.REGULAR),))


def set_words(progress: SetProgress | None) -> str:
    """Return which set is under way or comes next: "set 2 of 5"; empty where that is not known."""
    if progress is None:
        return ""
    number, planned = progress.set_number, progress.plan.sets
    if planned is not None and number > planned:
        return f"{number - 1} of {planned} sets done"
    return f"set {number}" if planned is None else f"set {number} of {planned}"


def _figures(step: Step, status: RunStatus) -> list[str]:
    """Return the figures of the run that are known: speed, camera, stage of the lift, and length of the session."""
    speed = [f"{status.fps:.0f} fps"] if status.fps is not None else []
    speed += [f"{status.latency_ms:.0f} ms"] if status.latency_ms is not None else []
    speed += [f"{status.dropped} dropped"] if speed or status.dropped else []
    found = [DOT.join(speed)] if speed else []
    if step.view is not None:
        found.append(_view(step.view))
    if step.stage is not None:
        found.append(f"{step.stage.stage.upper()} {100 * step.stage.probability:.0f} %")
    if status.progress is not None:
        found.append(f"session {clock(status.progress.session_s(step.observation.t_s))}")
    return found


def _view(view: View) -> str:
    azimuth = round(view.azimuth_deg)
    side = "" if azimuth in (0, 180, -180) else " left" if azimuth > 0 else " right"
    return f"{view.name} ~{abs(azimuth)}°{side}"


def flow(found: Sequence[Chip], measures: LayoutSizes) -> tuple[list[Box], int]:
    """Return places for chips, from left to right and in rows that end at the lower edge, and the number of rows."""
    places, x, row = [], measures.margin, 0
    for chip in found:
        w = chip.width_px(chip.cap_px(measures))
        if x > measures.margin and x + w > measures.margin + measures.inner_width:
            x, row = measures.margin, row + 1
        places.append((x, row, w))
        x += w + measures.gap
    high = measures.chip + measures.gap
    bottom = measures.height - measures.margin - measures.chip
    return [Box(x, bottom - (row - n) * high, w, measures.chip) for x, n, w in places], row + 1 if found else 0


def draw_help(canvas: np.ndarray, measures: LayoutSizes, *, player: bool) -> None:
    """Draw the keys in the middle. player: those of a session's replay."""
    keys = PLAYER_KEYS if player else KEYS
    rows = len(keys)
    widest = max((told(what) for _, what in keys), key=len)
    shares = min(0.034, 0.96 / (2.9 * rows + 3)) * measures.height, 0.038 * measures.width
    cap = max(3, int(min(shares)))
    while cap > 3 and _help_width(keys, widest, cap) > measures.width:
        cap -= 1
    key_w, w = _key_width(keys, cap), _help_width(keys, widest, cap)
    row_h = round(2.9 * cap)
    h = rows * row_h + 3 * cap
    box = Box((measures.width - w) // 2, (measures.height - h) // 2, w, h)
    shapes.plate(canvas, box, 0.93, radius=cap)
    for row, (key, what) in enumerate(keys):
        _help_row(canvas, Box(box.x + 2 * cap, box.y + round(1.5 * cap) + row * row_h, key_w, row_h), key, what, cap)


def _key_width(keys: Sequence[tuple[str, str]], cap: int) -> int:
    return max(text.width_px(told(key), cap, text.SEMIBOLD) for key, _ in keys) + 2 * cap


def _help_width(keys: Sequence[tuple[str, str]], widest: str, cap: int) -> int:
    return _key_width(keys, cap) + text.width_px(widest, cap) + 6 * cap


def _help_row(canvas: np.ndarray, box: Box, key: str, what: str, cap: int) -> None:
    shapes.plate(canvas, Box(box.x, box.y + cap // 4, box.w, box.h - cap // 2), 1.0, DIM, radius=cap // 2)
    baseline = box.y + (box.h + cap) // 2
    x = box.x + (box.w - text.width_px(told(key), cap, text.SEMIBOLD)) // 2
    text.write(canvas, told(key), (x, baseline), cap, INK, text.SEMIBOLD)
    text.write(canvas, told(what), (box.right + 2 * cap, baseline), cap, INK)
