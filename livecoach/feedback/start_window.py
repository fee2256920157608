"""The window of the start screen: like any other, and it tells all keys and clicks."""

from contextlib import nullcontext

import cv2
import numpy as np

from livecoach.feedback.fitting import bars
from livecoach.feedback.keys import key_name
from livecoach.feedback.window import Limit, OpenCvWindow

WAIT_MS = 5


class StartWindow(OpenCvWindow):
    """A window by OpenCV whose keys have no meaning of their own."""

    def __init__(self, title: str, *, full_screen: bool = False, limited: Limit = nullcontext) -> None:
        """As an `OpenCvWindow`."""
        super().__init__(title, full_screen=full_screen, limited=limited)
        self._clicks: list[tuple[int, int]] = []
        self._hears_mouse = False

    def show(self, canvas: np.ndarray) -> None:
        """Show `canvas`. Does nothing once the window is closed."""
        super().show(canvas)
        with self._limited():
            if not self._hears_mouse and not self._was_closed():
                cv2.setMouseCallback(self._title, self._heard)
                self._hears_mouse = True

    def pressed_keys(self) -> list[str]:
        """Return the names of the keys since the last call, "escape" once the window is closed."""
        with self._limited():
            self._hear(WAIT_MS)
            if self._was_closed():
                return ["escape"]
        names = [key_name(code) for code in self._pressed]
        self._pressed.clear()
        return [name for name in names if name is not None]

    def hand_over(self) -> None:
        """Leave the window and its keys to another window of the same title."""
        with self._limited():
            self._keyboard.close()

    def clicked(self) -> list[tuple[int, int]]:
        """Return where the canvas was clicked since the last call, x and y in its pixels."""
        clicks, self._clicks = self._clicks, []
        with self._limited():
            if self._shape is None or self._was_closed():
                return []
            left, top = bars((self._shape[1], self._shape[0]), self._size())
        return [(x - left, y - top) for x, y in clicks]

    def _heard(self, event: int, x: int, y: int, *_: object) -> None:
        if event == cv2.EVENT_LBUTTONDOWN:
            self._clicks.append((x, y))
