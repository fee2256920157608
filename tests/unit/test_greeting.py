"""What fills the window before the first frame."""

from pathlib import Path

import numpy as np

from livecoach.feedback.overlay import Overlay
from livecoach.feedback.screen import Screen
from livecoach.feedback.shapes import DUSK
from livecoach.feedback.window import HeadlessDisplay


class LateWindow(HeadlessDisplay):
    """A window that loses what is drawn before the window manager has given it a place."""

    def __init__(self, placed_after: int) -> None:
        self.canvas: np.ndarray | None = None
        self._left = placed_after

    def show(self, canvas: np.ndarray) -> None:
        self.canvas = canvas if self._left <= 0 else None

    def poll(self) -> list:
        self._left -= 1
        return []


def test_the_greeting_stands_in_a_window_that_gets_its_place_late() -> None:
    """Otherwise the window stays white until the first frame."""
    window = LateWindow(placed_after=20)
    Screen(Overlay(mirror=False, title=""), window, Path(), print).greet("Deadlift: starting")
    assert window.canvas is not None
    assert tuple(window.canvas[0, 0]) == DUSK
