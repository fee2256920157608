"""The playback position of a replayed session: a line along the bottom with the reps on it."""

from dataclasses import dataclass

import cv2
import numpy as np

from livecoach.feedback.duration import clock
from livecoach.feedback.palette import ALARM, DIM, GOOD, GREY, INK, Colour
from livecoach.types import Verdict

COLOURS: dict[Verdict, Colour] = {"good": GOOD, "anomalous": ALARM, "unsure": GREY}
HEIGHT = 0.012
"""Height of the line as a share of the picture's height. An anomalous rep is twice as high. Our choice."""


@dataclass(frozen=True, slots=True)
class PlaybackMark:
    """A rep on the line."""

    start_s: float
    end_s: float
    verdict: Verdict | None
    """What it counts as; None where it was corrected to no rep."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Playback:
    """The playback position and speed."""

    t_s: float
    duration_s: float
    speed: float
    loop: bool
    marks: tuple[PlaybackMark, ...]
    """Reps reached so far are drawn bright, the others dim."""

    @property
    def words(self) -> str:
        """ "0:12 / 0:45  ×0.5  loop"."""
        speed = [] if self.speed == 1.0 else [f"×{self.speed:g}"]
        return "  ".join([f"{clock(self.t_s)} / {clock(self.duration_s)}", *speed, *(["loop"] if self.loop else [])])


def draw(canvas: np.ndarray, playing: Playback) -> None:
    """Draw the line over the canvas' lowest pixels."""
    height, width = canvas.shape[:2]
    thick = max(3, round(HEIGHT * height))

    def x(t_s: float) -> int:
        return round(min(max(t_s / max(playing.duration_s, 1e-6), 0.0), 1.0) * (width - 1))

    cv2.rectangle(canvas, (0, height - thick), (width - 1, height - 1), DIM, -1)
    for mark in playing.marks:
        # Colour alone is not enough: an anomalous rep is higher than the others.
        top = height - thick * (2 if mark.verdict == "anomalous" else 1)
        reached = mark.start_s <= playing.t_s
        full = GREY if mark.verdict is None else COLOURS[mark.verdict]
        colour = full if reached else tuple(value // 2 for value in full)
        if mark.verdict is None:  # hollow, because it does not count
            top, ends = height - thick, (x(mark.start_s), max(x(mark.end_s), x(mark.start_s) + 1))
            cv2.rectangle(canvas, (ends[0], top), (ends[1], height - 1), colour, 1)
            continue
        cv2.rectangle(canvas, (x(mark.start_s), top), (max(x(mark.end_s), x(mark.start_s) + 1), height - 1), colour, -1)
    at = x(playing.t_s)
    cv2.rectangle(canvas, (max(at - 1, 0), height - 3 * thick), (at + 1, height - 1), INK, -1)
