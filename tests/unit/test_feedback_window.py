"""The black bars of a canvas in another shape than the window's, and the keys of a run."""

import sys
from multiprocessing import Pipe

import numpy as np
import pygame
import pytest

from livecoach.feedback.screen import Action, key_action
from livecoach.feedback.window import Window, _Shown, letterbox_area

SHAPES = {"4:3": (640, 480), "16:9": (960, 540), "portrait": (1014, 600), "21:9": (960, 410), "tall": (400, 960)}


@pytest.mark.parametrize("window", [(1366, 768), (800, 700), (1200, 300), (300, 300), (1, 1)])
@pytest.mark.parametrize("canvas", SHAPES.values(), ids=SHAPES)
def test_a_canvas_keeps_its_shape_in_the_middle_of_the_window(canvas, window):
    """Circles stay round, and two sides of the window are touched."""
    x, y, w, h = letterbox_area(canvas, window)
    assert w / canvas[0] == pytest.approx(h / canvas[1], abs=1 / min(canvas))
    assert w == window[0] or h == window[1]
    assert abs(2 * x + w - window[0]) <= 1
    assert abs(2 * y + h - window[1]) <= 1


def test_a_window_of_whole_pixels_is_filled():
    assert letterbox_area((960, 540), (1173, 660)) == (0, 0, 1173, 660)


@pytest.mark.parametrize(
    ("key", "asked"),
    [
        *[("q", Action.QUIT), ("escape", Action.QUIT), ("space", Action.PAUSE), ("M", Action.MUTE), ("?", Action.HELP)],
        *[("p", Action.PROFILE), ("y", Action.YES), ("n", Action.NO), ("left", None), (".", None)],
        *[("g", Action.GOOD), ("b", Action.BAD), ("x", Action.NO_REP), ("u", Action.UNDO), ("7", "7")],
        *[("z", None), ("ä", None), ("enter", None), ("pageup", None)],
    ],
)
def test_a_key_asks_for_its_action(key, asked):
    assert key_action(key, typing=False) == asked


@pytest.mark.parametrize("key", ["A", "ä", "7", ".", "q", "enter", "backspace", "escape"])
def test_a_text_keeps_what_was_typed(key):
    assert key_action(key, typing=True) == key
    assert key_action("space", typing=True) == " "
    assert key_action("left", typing=True) is None


def test_a_key_has_the_modifiers_of_its_own_time(monkeypatch) -> None:
    """Keys wait until the window looks again: Control may be up by then."""
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    pygame.display.init()
    shown = _Shown(memoryview(bytearray(4)), "livecoach")
    shown.is_open = True
    for kind, about in (
        (pygame.KEYDOWN, {"key": pygame.K_c, "mod": pygame.KMOD_LCTRL}),
        (pygame.TEXTINPUT, {"text": "c"}),
        (pygame.KEYUP, {"key": pygame.K_LCTRL, "mod": 0}),
        (pygame.TEXTINPUT, {"text": "b"}),
        (pygame.KEYDOWN, {"key": pygame.K_F2, "mod": pygame.KMOD_LSHIFT}),
        (pygame.KEYUP, {"key": pygame.K_F2, "mod": 0}),
    ):
        pygame.event.post(pygame.event.Event(kind, about))
    assert [*shown.reports()] == [("key", "b"), ("key", "shift f2")]
    pygame.display.quit()


@pytest.mark.skipif(sys.platform != "linux", reason="needs no display")
def test_a_key_that_came_with_a_canvas_is_not_waited_for(monkeypatch) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    window, (window._connection, process) = Window(), Pipe()
    window.lost, window._undone, window._idle_s = False, 1, window._clock()  # The process still shows another canvas
    process.send(("key", "q"))
    window.show(np.zeros((4, 4, 3), np.uint8))
    monkeypatch.setattr(window, "_exchange", lambda wait_s: wait_s and pytest.fail("waited"))
    assert window.take_keys(0.5) == ["q"]


def test_a_window_that_has_its_size_at_once_is_placed_by_sdl_which_knows_where_the_first_screen_lies(monkeypatch):
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    monkeypatch.setattr(pygame.display, "set_window_position", lambda place: pytest.fail(f"placed at {place}"))
    shown = _Shown(memoryview(bytearray(4 * 960 * 540)), "livecoach")
    for canvas in ((960, 540), (540, 960)):
        shown.show(canvas, full_screen=False)
    shown.hide()
