"""A window in a process of its own: a display that is missing, goes away or hangs neither ends nor delays a run.

The process starts while the rest still loads, so this module imports nothing at its top that takes long.
"""

import atexit
import os
import sys
import time
from collections.abc import Callable
from multiprocessing import get_context
from multiprocessing.context import SpawnProcess
from typing import TYPE_CHECKING, Any, Protocol

from livecoach.feedback import window_process
from livecoach.feedback.window_process import Size

if TYPE_CHECKING:
    import numpy as np

OPENS_S = 10.0  # longest wait for the display at the start. The process needs .3 s here
HANGS_S = 20.0  # a display that has not shown a canvas for so long is given up
MOST_PIXELS = 1920 * 1080  # largest canvas. The largest of ours has 1280×750
CLOSED_KEY = "escape"  # what a closed window reports, as if pressed


class Display(Protocol):
    """A place that shows canvases and reports keys and clicks."""

    full_screen: bool
    closed: bool  # whether the lifter has closed it. It then shows nothing until `hide`
    lost: bool  # whether its screen is gone or does not answer, which stays so

    @property
    def is_portrait(self) -> bool:
        """Whether the screen is higher than wide; False if unknown."""
        ...

    def show(self, canvas: "np.ndarray") -> None:
        """Show a (height, width, 3) uint8 BGR canvas."""

    def keys(self, wait_s: float = 0.0) -> list[str]:
        """Return the keys pressed since the last call, by name, or by their characters as typed; CLOSED_KEY once it is
        closed or lost. wait_s: longest wait for one."""
        ...

    def clicks(self) -> list[tuple[int, int]]:
        """Return where the canvas was clicked since the last call, x and y in its pixels."""
        ...

    def hide(self) -> None:
        """Close the window until the next canvas."""


class Window:
    """A display. Its process ends with ours."""

    def __init__(
        self,
        title: str = "livecoach",
        *,
        display: str | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Start the process; `why_not` waits for it. The window opens with the first canvas.

        display: as in the variable DISPLAY, whose value it replaces.
        """
        self.full_screen = self.closed = self.lost = False
        self._clock = clock
        self._keys: list[str] = []
        self._clicks: list[tuple[int, int]] = []
        self._screen: Size | None = None
        self._next: np.ndarray | None = None  # shown once the process has shown the one before
        self._undone = 0  # messages that the process has not dealt with yet
        self._idle_s = 0.0  # when it had last dealt with all of them
        self._display = display or os.environ.get("DISPLAY")
        self._reason = None if _has_display(self._display) else "no window: DISPLAY is not set"
        self._process: SpawnProcess | None = None
        if self._reason is not None:
            self.lost = True
            return
        spawn = get_context("spawn")
        pixels = spawn.RawArray("B", 4 * MOST_PIXELS)
        self._pixels = memoryview(pixels).cast("B")
        self._connection, theirs = spawn.Pipe()
        self._process = spawn.Process(
            target=window_process.run, args=(theirs, pixels, title, display), name="window", daemon=True
        )
        self._process.start()
        theirs.close()
        atexit.register(self.close)  # at once, whatever it does

    def why_not(self) -> str | None:
        """Wait for the process; return None if a window can be opened, else one line that says why not."""
        if self._reason is None and self._screen is None:
            self._reason = self._first_answer()
            if self._reason is not None:
                self.close()
        return self._reason

    def _first_answer(self) -> str | None:
        if not self._connection.poll(OPENS_S):
            return f"no window: the display did not answer within {OPENS_S:.0f} s"
        try:
            name, told = self._connection.recv()
        except (EOFError, OSError):
            return "no window: its process has ended"
        if name == "ready":
            self._screen = told
            return None
        return f"no window: display {self._display}: {told}"

    @property
    def is_portrait(self) -> bool:
        """As Display.is_portrait, which `why_not` finds out."""
        return self._screen is not None and self._screen[1] > self._screen[0]

    def show(self, canvas: "np.ndarray") -> None:
        """Show a canvas, or leave it out where the next one comes before the display has shown the one before."""
        if not self.closed and not self.lost:
            self._next = canvas
            self._exchange(0.0)

    def keys(self, wait_s: float = 0.0) -> list[str]:
        """As Display.keys."""
        if not self.closed and not self.lost:
            self._exchange(wait_s)
        keys, self._keys = self._keys, []
        return [CLOSED_KEY] if self.closed or self.lost else keys

    def clicks(self) -> list[tuple[int, int]]:
        """As Display.clicks."""
        clicks, self._clicks = self._clicks, []
        return clicks

    @property
    def has_shown(self) -> bool:
        """Whether the last canvas is on the screen, as far as `keys` has heard."""
        return self._next is None and not self._undone

    def hide(self) -> None:
        """Close the window until the next canvas. A second call does nothing."""
        self._next, self.closed = None, False
        self._keys.clear()
        self._send("hide")

    def close(self) -> None:
        """End the process, whatever it does."""
        self.lost = True
        if self._process is not None:
            self._connection.close()
            self._process.kill()

    def _exchange(self, wait_s: float) -> None:
        """Take what the process reports, and give it the next canvas if it is done with the one before."""
        try:
            while self._connection.poll(wait_s):
                self._take(*self._connection.recv())
                wait_s = 0.0
        except (EOFError, OSError):
            self.lost = True
            return
        if self._undone and self._clock() - self._idle_s > HANGS_S:
            self.close()
        if self._next is not None and not self._undone and not self.closed:
            size = _copy(self._next, self._pixels)
            self._next = None
            self._send("show", size, self.full_screen)

    def _take(self, name: str, *told: Any) -> None:
        if name == "done":
            self._undone -= 1
        elif name == "closed":
            self.closed = True
        elif name == "key":
            self._keys += told
        else:
            self._clicks += told

    def _send(self, *message: object) -> None:
        if self.lost:
            return
        if not self._undone:
            self._idle_s = self._clock()
        self._undone += 1
        try:
            self._connection.send(message)
        except OSError:
            self.lost = True


def _copy(canvas: "np.ndarray", pixels: memoryview) -> Size:
    """Copy a canvas as BGRA; return its width and height."""
    import cv2
    import numpy as np

    height, width = canvas.shape[:2]
    shared = np.frombuffer(pixels, np.uint8, 4 * height * width).reshape(height, width, 4)
    cv2.cvtColor(canvas, cv2.COLOR_BGR2BGRA, dst=shared)
    return width, height


def _has_display(display: str | None) -> bool:
    return not sys.platform.startswith("linux") or bool(display or os.environ.get("WAYLAND_DISPLAY"))
