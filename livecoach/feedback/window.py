"""Shows a window from a separate process: a missing or hanging display neither ends nor delays a run.

In the process, SDL (through pygame) shows a canvas in shared memory, and receives keys and clicks. The process must
start quickly, while the program still loads, so imports that take long are not at the module's top.
"""

import atexit
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from ctypes import Array, c_ubyte
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import pygame

OPENS_S = 10.0  # Longest wait for the display at the start; the process needs 0.3 s on two cores
HANGS_S = 20.0  # Time without showing a canvas after which a display is abandoned
MOST_PIXELS = 1280 * 800  # Pixels of the largest canvas, for which memory is reserved; canvases have up to 1280×720
Size = tuple[int, int]  # Width and height, px
CLOSED_KEY = "escape"  # Key that a closed window reports


class Window:
    """A window that shows canvases, (height, width, 3) uint8 BGR, and reports keys and clicks.

    Attributes:
        full_screen: Whether the window fills the screen from the next canvas on.
        closed: Whether the lifter has closed the window, which then shows nothing until `hide` resets this.
        lost: Whether the window can't be used any more: no display, no answer, or `close` was called.
        is_shown: Whether a canvas has been shown since the start or `hide`.
    """

    def __init__(self, title: str = "livecoach", *, clock: Callable[[], float] = time.monotonic) -> None:
        """Start the process, for which `failure_reason` waits. The window opens with the first canvas, or by `open`.

        On Linux without a display, no process is started, and the window is lost.
        """
        self.full_screen = self.closed = self.lost = self.is_shown = False
        self._clock = clock
        self._keys: list[str] = []
        self._clicks: list[tuple[int, int]] = []
        self._screen: Size | None = None
        self._next: np.ndarray | None = None  # Shown once the process has shown the previous canvas
        self._undone = 0  # Number of messages that the process has not handled yet
        self._idle_s = 0.0  # Time of the latest message that was sent after the process had handled all others
        self._display = os.environ.get("DISPLAY")
        unset = sys.platform.startswith("linux") and not (self._display or os.environ.get("WAYLAND_DISPLAY"))
        self._reason = "no window: DISPLAY is not set" if unset else None
        self._process: SpawnProcess | None = None
        if self._reason is not None:
            self.lost = True
            return
        spawn = get_context("spawn")
        pixels = spawn.RawArray("B", 4 * MOST_PIXELS)
        self._pixels = memoryview(pixels).cast("B")
        self._connection, theirs = spawn.Pipe()
        self._process = spawn.Process(target=serve_window, args=(theirs, pixels, title), name="window", daemon=True)
        self._process.start()
        theirs.close()
        atexit.register(self.close)

    def failure_reason(self) -> str | None:
        """Wait up to OPENS_S for the process, and return the reason why no window can open; None if a window can open.

        Further calls return the same result at once.
        """
        if self._reason is None and self._screen is None:
            self._reason = self._first_answer()
            if self._reason is not None:
                self.close()
        return self._reason

    def _first_answer(self) -> str | None:
        if not self._connection.poll(OPENS_S):
            return f"no window: the display did not answer within {OPENS_S:.0f} s"
        try:
            name, answer = self._connection.recv()
        except (EOFError, OSError):
            return "no window: its process has ended"
        if name == "ready":
            self._screen = answer
            return None
        return f"no window: display {self._display}: {answer}"

    def open(self) -> None:
        """Open the window with its title as soon as the process is ready, while the program still loads."""
        self._send("open", self.full_screen)

    @property
    def is_portrait(self) -> bool:
        """Whether the screen is taller than wide; False until `failure_reason` was called."""
        return self._screen is not None and self._screen[1] > self._screen[0]

    def show(self, canvas: "np.ndarray") -> None:
        """Show a canvas, unless the window is closed or lost, or the next canvas comes before the display is ready."""
        if not self.closed and not self.lost:
            self._next, self.is_shown = canvas, True
            self._exchange(0.0)

    def take_keys(self, wait_s: float = 0.0) -> list[str]:
        """Return the keys since the last call, as names or typed characters; only CLOSED_KEY if the window is gone.

        Without a key, the call waits up to `wait_s` for any report of the process. A closed or lost window is gone.
        """
        if not self.closed and not self.lost:
            self._exchange(0.0 if self._keys else wait_s)
        keys, self._keys = self._keys, []
        return [CLOSED_KEY] if self.closed or self.lost else keys

    def take_clicks(self) -> list[tuple[int, int]]:
        """Return the left clicks that were received since the last call, x and y in pixels of the canvas."""
        clicks, self._clicks = self._clicks, []
        return clicks

    def hide(self) -> None:
        """Close the window until the next canvas, and forget its keys."""
        self._next, self.closed, self.is_shown = None, False, False
        self._keys.clear()
        self._send("hide")

    def close(self) -> None:
        self.lost = True
        if self._process is not None:
            self._connection.close()
            self._process.kill()

    def _exchange(self, wait_s: float) -> None:
        """Receive the reports of the process, and send the next canvas if the process has shown the previous canvas."""
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

    def _take(self, name: str, *values: Any) -> None:
        if name == "done":
            self._undone -= 1
        elif name == "closed":
            self.closed = True
        elif name == "key":
            self._keys += values
        else:
            self._clicks += values

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
    import cv2
    import numpy as np

    height, width = canvas.shape[:2]
    shared = np.frombuffer(pixels, np.uint8, 4 * height * width).reshape(height, width, 4)
    cv2.cvtColor(canvas, cv2.COLOR_BGR2BGRA, dst=shared)
    return width, height


WIDTH_SHARE, HEIGHT_SHARE = 0.96, 0.86
"""Largest shares of the screen's width and height for the window. The rest is for its frame and a task bar: together
100 of 768 px in height. Our choice."""
FIRST_SIZE_PX, TITLE_PX, INK = (640, 480), 72, (255, 255, 255)  # Size, letters and colour of the first canvas
LOOK_S = 0.05  # Interval at which keys are read; nobody notices it
REPEATS_AFTER_MS, REPEATS_EVERY_MS = 500, 33  # Times after which a key that is held down repeats, first and then
SDL_SETTINGS = {
    "PYGAME_HIDE_SUPPORT_PROMPT": "1",
    # Without a graphics card, SDL's use of OpenGL takes 20 times as long as the copy that it saves.
    "SDL_FRAMEBUFFER_ACCELERATION": "0",
    # Otherwise, effects of the desktop end while the window is open.
    "SDL_VIDEO_X11_NET_WM_BYPASS_COMPOSITOR": "0",
    "SDL_VIDEO_X11_WMCLASS": "livecoach",
    "SDL_VIDEO_CENTERED": "1",
    "SDL_NO_SIGNAL_HANDLERS": "1",
}


def serve_window(connection: Connection, pixels: "Array[c_ubyte]", title: str) -> None:
    """Show canvases in shared BGRA `pixels`, and report keys and clicks, in the window's process until the run ends."""
    os.environ.update({name: value for name, value in SDL_SETTINGS.items() if name not in os.environ})
    if sys.platform.startswith("linux"):
        os.environ.setdefault("SDL_VIDEODRIVER", "x11,wayland")  # Not the console, which has no desktop
    if hasattr(os, "setsid"):
        os.setsid()  # Ctrl-C in the terminal is for the run
    else:
        for number in (signal.SIGINT, getattr(signal, "SIGBREAK", signal.SIGINT)):
            signal.signal(number, signal.SIG_IGN)
    try:
        import pygame

        pygame.display.init()
        ready = "ready", pygame.display.get_desktop_sizes()[0]
    except (ImportError, RuntimeError) as err:  # pygame.error is a RuntimeError
        connection.send(("fails", str(err)))
        return
    connection.send(ready)
    shown = _Shown(memoryview(pixels).cast("B"), title)
    try:
        while True:
            if not shown.is_open or connection.poll(LOOK_S):
                name, *arguments = connection.recv()
                getattr(shown, name)(*arguments)
                connection.send(("done",))
            for report in shown.reports():
                connection.send(report)
    except (EOFError, OSError):  # the run has ended
        return


class _Shown:
    def __init__(self, pixels: memoryview, title: str) -> None:
        self._pixels, self._title = pixels, title
        self._canvas = self._size = (1, 1)  # Sizes of the canvas and, as requested, of the window
        self._full_screen = self._was_closed = self._may_ask_again = False
        self._modifiers = 0  # Modifiers held at the latest key event; by now, they may have been released
        self.is_open = False

    def show(self, canvas: Size, full_screen: bool) -> None:
        """Show the canvas, and give the window the canvas's shape."""
        if self._was_closed:  # The canvas was on its way
            return
        if full_screen != self._full_screen:
            self.hide()  # Otherwise, SDL keeps the size if there is no window manager
        if not self.is_open or canvas != self._canvas:
            self._canvas, self._full_screen = canvas, full_screen
            self._open_in_place()
        self._draw()

    def open(self, full_screen: bool) -> None:
        """Open the window with its title, in the shape of FIRST_SIZE_PX."""
        import pygame

        self._canvas, self._full_screen = FIRST_SIZE_PX, full_screen
        self._open_in_place()
        pygame.font.init()
        title = pygame.font.Font(None, TITLE_PX).render(self._title, True, INK)
        canvas = self._surface()
        canvas.blit(title, title.get_rect(center=canvas.get_rect().center))
        self._draw()

    def hide(self) -> None:
        import pygame

        pygame.display.quit()
        self.is_open = self._was_closed = False

    def reports(self) -> Iterator[tuple[Any, ...]]:
        """Handle the events since the last call, and yield the name and value of each closing, click and key."""
        import pygame

        for event in pygame.event.get() if self.is_open else ():
            if event.type == pygame.QUIT:
                self.hide()
                self._was_closed = True
                yield ("closed",)
                return
            if event.type in (pygame.WINDOWEXPOSED, pygame.WINDOWSIZECHANGED):
                if event.type == pygame.WINDOWSIZECHANGED and self._may_ask_again:
                    if self._window.get_size() != self._size:
                        self._open_in_place()
                    self._may_ask_again = False  # A tiling window manager chooses the size
                self._draw()
            elif event.type == pygame.MOUSEBUTTONDOWN and event.button == pygame.BUTTON_LEFT:
                yield "click", self._on_canvas(event.pos)
            elif event.type in (pygame.KEYDOWN, pygame.KEYUP, pygame.TEXTINPUT):
                self._modifiers = getattr(event, "mod", self._modifiers)
                yield from (("key", key) for key in _pressed_keys(event, self._modifiers))

    def _open_in_place(self) -> None:
        """Open the window in the canvas' shape, in the middle of the screen, or in full screen."""
        import pygame

        if not self.is_open:
            pygame.display.init()
            pygame.display.set_caption(self._title)
            pygame.display.set_icon(pygame.Surface((32, 32)))  # Replaces pygame's own icon
        across, down = self._size = pygame.display.get_desktop_sizes()[0]
        if not self._full_screen:
            scale = min(WIDTH_SHARE * across / self._canvas[0], HEIGHT_SHARE * down / self._canvas[1])
            self._size = max(1, round(scale * self._canvas[0])), max(1, round(scale * self._canvas[1]))
        self._window = pygame.display.set_mode(self._size, pygame.FULLSCREEN if self._full_screen else pygame.RESIZABLE)
        is_late = not self._full_screen and self._window.get_size() != self._size
        if is_late or (self._may_ask_again and not self._full_screen):
            # SDL waits .1 s for the window manager, then places the window by its previous size.
            pygame.display.set_window_position(((across - self._size[0]) // 2, (down - self._size[1]) // 2))
        self._may_ask_again = is_late
        pygame.key.set_repeat(REPEATS_AFTER_MS, REPEATS_EVERY_MS)
        self.is_open = True

    def _draw(self) -> None:
        import pygame

        window = self._bounded()
        area = letterbox_area(self._canvas, window.get_size())
        canvas = self._surface()
        if area[2:] != window.get_size():
            window.fill(0)
        place = window.subsurface(area)
        if area[2:] == self._canvas:
            place.blit(canvas, (0, 0))
        else:
            pygame.transform.smoothscale(canvas, area[2:], place)
        pygame.display.flip()

    def _surface(self) -> "pygame.Surface":
        """Return the canvas, whose pixels are the shared memory."""
        import pygame

        canvas = pygame.image.frombuffer(self._pixels[: 4 * self._canvas[0] * self._canvas[1]], self._canvas, "BGRA")
        canvas.set_alpha(None)  # Otherwise, it would be blended
        return canvas

    def _bounded(self) -> "pygame.Surface":
        """Return the window, reduced to the size of all screens: another program may have made it 4 GB."""
        import pygame

        most = [sum(sides) for sides in zip(*pygame.display.get_desktop_sizes(), strict=True)]
        size = self._window.get_size()
        bounded = [min(sides) for sides in zip(size, most, strict=True)]
        if bounded != [*size]:
            self._window = pygame.display.set_mode(bounded, pygame.RESIZABLE)
        return self._window

    def _on_canvas(self, point: Sequence[int]) -> Size:
        x, y, w, h = letterbox_area(self._canvas, self._window.get_size())
        return (point[0] - x) * self._canvas[0] // w, (point[1] - y) * self._canvas[1] // h


def letterbox_area(canvas: Size, window: Size) -> tuple[int, int, int, int]:
    """Return the area of a window that a canvas fills: x, y, width and height. Black bars fill the rest."""
    across, down = window
    scale = min(across / canvas[0], down / canvas[1])
    w, h = (max(1, round(scale * side)) for side in canvas)
    if across - w <= 1 and down - h <= 1:  # Differences by rounding
        return 0, 0, across, down
    return (across - w) // 2, (down - h) // 2, w, h


_OF_PYGAME = {"return": "enter", "page up": "pageup", "page down": "pagedown"}  # Names of keys, by pygame's names
_MOVE = ("tab", "left", "right", "up", "down", "home", "end", "pageup", "pagedown")
_LIFTERS = [f"f{number}" for number in range(1, 9)]
KEYS = {"enter", "escape", "backspace", "delete", *_MOVE, *_LIFTERS}  # Names of keys that do not type a character


def _pressed_keys(event: Any, modifiers: int) -> list[str]:
    """Return the keys of a pygame event: a name, or typed characters.

    The list is empty when a key is released, with Control, the left Alt or the desktop's key, and for keys not in KEYS.
    """
    import pygame

    if event.type == pygame.KEYUP or modifiers & (pygame.KMOD_CTRL | pygame.KMOD_LALT | pygame.KMOD_META):
        return []
    if event.type == pygame.TEXTINPUT:
        return ["space" if character == " " else character for character in event.text if character.isprintable()]
    name = pygame.key.name(event.key)
    name = _OF_PYGAME.get(name, name)
    if name in _LIFTERS and modifiers & pygame.KMOD_SHIFT:
        return [f"shift {name}"]
    return [name] if name in KEYS else []
