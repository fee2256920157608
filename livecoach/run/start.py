"""The running start screen: keys, clicks, and the picture of the chosen camera."""

import threading
from collections.abc import Callable, Mapping
from functools import partial
from typing import Protocol

import numpy as np

from livecoach.errors import LivecoachError
from livecoach.feedback.start_screen import Press, StartMenu, StartScreen
from livecoach.source import Source
from livecoach.source.capture import Capture

WAIT_S = 0.03
"""Longest wait of one round for a frame, and so the longest delay of a key."""
CLOSING_S = 5.0
"""Longest wait for a camera that is still opening. Streams time out after 2 s."""


class StartDisplay(Protocol):
    """A window that shows canvases and reports keys and clicks."""

    def show(self, canvas: np.ndarray) -> None:
        """Show a (height, width, 3) uint8 BGR canvas."""

    def pressed_keys(self) -> list[str]:
        """Return the names of the keys pressed since the last call, "escape" once the window is closed. The call also
        lets the window's toolkit process its events."""
        ...

    def clicked(self) -> list[tuple[int, int]]:
        """Return where the canvas was clicked since the last call, x and y in pixels."""
        ...


class Preview:
    """The picture of one camera at a time.

    A camera opens on a thread of its own, after the previous one was closed: one that takes long, or hangs, does not
    delay the keys.
    """

    def __init__(self, open_source: Callable[[str], Source]) -> None:
        """open_source: opens the camera of that name; raises SourceError."""
        self._open_source = open_source
        self._opening: _Opening | None = None
        self._picture: np.ndarray | None = None

    def look(self, camera: str) -> tuple[np.ndarray | None, str | None]:
        """Return the newest picture of a camera, or why there is none. Raises nothing."""
        if self._opening is None or self._opening.camera != camera:
            self._picture = None
            self._opening = _Opening(camera, self._open_source, self._opening)
        opened = self._opening
        if opened.error is None and opened.capture is not None:
            try:
                taken = opened.capture.take(WAIT_S)
            except LivecoachError as err:
                opened.error = err.text
            else:
                self._picture = self._picture if taken.frame is None else taken.frame.picture
        return (self._picture, None) if opened.error is None else (None, opened.error)

    def close(self) -> None:
        """Close the camera, so that a run can open it."""
        if self._opening is not None:
            self._opening.close()


class _Opening:
    """One camera that is being opened, or is open."""

    def __init__(self, camera: str, open_source: Callable[[str], Source], before: "_Opening | None") -> None:
        self.camera = camera
        self.capture: Capture | None = None
        self.error: str | None = None
        self._left = False
        self._thread = threading.Thread(target=self._open, args=(open_source, before), name="preview", daemon=True)
        self._thread.start()

    def _open(self, open_source: Callable[[str], Source], before: "_Opening | None") -> None:
        if before is not None:
            before.close()
        if self._left:
            return
        try:
            capture = Capture(lambda: open_source(self.camera))
        except LivecoachError as err:
            self.error = err.text
            return
        self.capture = capture
        if self._left:
            capture.close()

    def close(self) -> None:
        """Close the camera, which may still be opening."""
        self._left = True
        if self._thread is not threading.current_thread():
            self._thread.join(CLOSING_S)
        if self.capture is not None:
            self.capture.close()


def choose(
    menu: StartMenu,
    display: StartDisplay,
    preview: Preview,
    cameras: Mapping[str, str],
    problem: str | None = None,
    follow: Callable[[StartMenu], StartMenu] = lambda menu: menu,
) -> tuple[StartMenu, Press]:
    """Show a menu until the lifter presses something; return the menu at that time, and what was pressed.

    cameras: option of the row "camera" → name of the camera. problem: why the last run did not begin; it is shown until
    the first key or click. follow: returns a menu with what depends on its choices.
    """
    while True:
        screen = StartScreen(menu)
        picture, why = preview.look(cameras[menu.chosen("camera")])
        display.show(screen.draw(picture, problem or why))
        for move in _menu_actions(screen, display):
            problem = None
            answer = move(menu)
            if not isinstance(answer, StartMenu):
                return menu, answer
            menu = follow(answer)


def _menu_actions(screen: StartScreen, display: StartDisplay) -> list[Callable[[StartMenu], StartMenu | Press]]:
    """Return the effects on the menu of the keys and clicks since the last round."""
    clicked = (screen.item_at(x, y) for x, y in display.clicked())
    return [
        *(partial(StartMenu.key, name=name) for name in display.pressed_keys()),
        *(partial(StartMenu.click, item=at[0], left_half=at[1]) for at in clicked if at is not None),
    ]
