"""The picture side of a run: what it greets with, and what happens where its screen goes away."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from builders.steps import a_step

from livecoach.cli.phone import how_to_connect
from livecoach.feedback import keys
from livecoach.feedback.display_state import RunStatus
from livecoach.feedback.keys import Keyboard
from livecoach.feedback.overlay import Overlay
from livecoach.feedback.screen import LOST, Screen, greeting
from livecoach.feedback.shapes import DUSK
from livecoach.feedback.window import HeadlessDisplay, OpenCvWindow
from livecoach.language import used
from livecoach.types.message import LANGUAGES


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


CODE = np.full((533, 533, 3), 255, np.uint8)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_code_stands_over_its_explanation_in_portrait(language: str) -> None:
    """Nothing of the two is cut or covers the other."""
    with used(language):
        canvas = greeting(
            ("Scan this with the phone.", *how_to_connect("https://192.0.2.2:8443/?t=x")), CODE, portrait=True
        )
    assert canvas.shape == (1280, 720, 3)
    rows, columns = np.nonzero((canvas != DUSK).any(axis=2))
    assert rows.min() == 64
    assert min(columns.min(), 719 - columns.max(), 1279 - rows.max()) > 16
    text = canvas[64 + len(CODE) :]
    assert (text[:8] == DUSK).all()
    assert (canvas[64 : 64 + len(CODE), 93 : 93 + len(CODE)] == 255).all()


STATUS = RunStatus(fps=30.0, latency_ms=20.0, dropped=0, muted=False, paused=False, note=None)
PICTURE = np.zeros((120, 160, 3), np.uint8)


class Display(HeadlessDisplay):
    """A display whose screen can be taken away."""

    def __init__(self) -> None:
        self.lost = False
        self.shown = 0

    def show(self, canvas: np.ndarray) -> None:  # noqa: ARG002
        self.shown += 1


def test_a_lost_screen_is_reported_once_and_nothing_is_drawn_on_it(tmp_path: Path) -> None:
    """The steps after it are taken as those of a run without a window."""
    display, said = Display(), list[str]()
    screen = Screen(Overlay(mirror=False, title=""), display, tmp_path, said.append)
    assert screen.show(PICTURE, a_step(), STATUS, None)
    display.lost = True
    assert [screen.show(PICTURE, a_step(), STATUS, None) for _ in range(3)] == [False] * 3
    assert (screen.actions(), display.shown, said) == ([], 1, [LOST])


class GoneServer:
    """A connection to an X server that is gone: Xlib would end the process with its next call."""

    def lost(self) -> bool:
        return True


def never(what: str) -> Callable[..., object]:
    def called(*_: object) -> None:
        pytest.fail(f"{what} was called without a display")

    return called


def test_neither_qt_nor_xlib_is_called_without_a_display(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both would end the process."""
    for name in ("waitKeyEx", "imshow", "getWindowProperty", "resizeWindow", "destroyWindow"):
        monkeypatch.setattr(keys.cv2, name, never(name))
    monkeypatch.setattr(keys.X11Keys, "open", GoneServer)
    keyboard = Keyboard()
    assert keyboard.pressed(1) == []
    keyboard.close()
    window = OpenCvWindow("livecoach")
    window._shape, window._keyboard = PICTURE.shape, keyboard
    keyboard.pressed(1)
    window.show(PICTURE)
    assert window.poll() == []
    window.close()
    assert window.lost
