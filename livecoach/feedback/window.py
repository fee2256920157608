"""Shows canvases and reads keys. Main thread only, as GUI toolkits require."""

import ctypes
import os
import sys
from collections import deque
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext, suppress
from ctypes import POINTER, byref, c_char_p, c_int, c_ulong, c_void_p
from dataclasses import dataclass
from typing import Protocol

import cv2
import numpy as np

from livecoach.feedback.actions import Action, TypedKey, pressed
from livecoach.feedback.keys import Keyboard, pressed_key

Size = tuple[int, int]
"""Width and height, px."""


@dataclass(frozen=True, slots=True)
class ScreenArea:
    """A part of the desktop, px."""

    x: int
    y: int
    width: int
    height: int


OF_WIDTH, OF_HEIGHT = 0.96, 0.86
"""Shares of the screen that the window may take. The rest is for its frame and a task bar: together 100 of 768 px in
height. Our choice."""
SMALL_SCREEN = ScreenArea(0, 0, 1280, 720)
"""Assumed where the system does not report the screen: hardly any is smaller."""


def placed(canvas: Size, screen: ScreenArea | None) -> ScreenArea:
    """Place the largest window in the canvas' shape in the middle of the screen.

    screen: None if unknown.
    """
    screen = screen or SMALL_SCREEN
    scale = min(OF_WIDTH * screen.width / canvas[0], OF_HEIGHT * screen.height / canvas[1])
    width, height = (max(1, round(side * scale)) for side in canvas)
    # Above the place stands the window's title, below it most often a task bar, so a third is better than a half.
    return ScreenArea(screen.x + (screen.width - width) // 2, screen.y + (screen.height - height) // 3, width, height)


def letterboxed(canvas: np.ndarray, window: Size) -> np.ndarray:
    """Return `canvas` with black bars that give it the window's shape; the same array if it has that shape already.

    canvas: (height, width, 3) uint8, which the window stretches over its whole area.
    """
    height, width = canvas.shape[:2]
    across, down = _missing((width, height), window)
    if not (across or down):
        return canvas
    top, left = down // 2, across // 2
    return cv2.copyMakeBorder(canvas, top, down - top, left, across - left, cv2.BORDER_CONSTANT, value=(0, 0, 0))


def enlarged(picture: np.ndarray, window: Size) -> np.ndarray:
    """Return a picture in the window's size; the same array if the window is not larger, and the toolkit reduces it.

    picture: (height, width, 3) uint8, in the window's shape. Qt would repeat pixels, and take a third longer.
    """
    height, width = picture.shape[:2]
    return cv2.resize(picture, window) if _is_enlarged((width, height), window) else picture


def on_canvas(point: tuple[int, int], canvas: Size, window: Size) -> tuple[int, int]:
    """Return the pixel of a canvas at a point of the picture that the window shows of it."""
    across, down = _missing(canvas, window)
    whole = canvas[0] + across, canvas[1] + down
    shown = window if _is_enlarged(whole, window) else whole
    return point[0] * whole[0] // shown[0] - across // 2, point[1] * whole[1] // shown[1] - down // 2


def _is_enlarged(picture: Size, window: Size) -> bool:
    """Return whether a window is larger than a picture, which `enlarged` then fits to it."""
    return window[0] > picture[0] and window[1] > picture[1]


def _missing(canvas: Size, window: Size) -> Size:
    """Return the width and height that a canvas lacks for the window's shape; 0 for the rounding of its own size."""
    width, height = canvas
    across = max(0, round(height * window[0] / window[1]) - width)
    down = max(0, round(width * window[1] / window[0]) - height)
    return (0, 0) if across <= 1 and down <= 1 else (across, down)


class _Monitor(ctypes.Structure):
    """XRRMonitorInfo of libXrandr."""

    _fields_ = (
        ("name", c_ulong),
        *(
            (name, c_int)
            for name in ("primary", "automatic", "noutput", "x", "y", "width", "height", "mwidth", "mheight")
        ),
        ("outputs", c_void_p),
    )


def screen_area(platform: str = sys.platform) -> ScreenArea | None:
    """Return the place of the main screen on the desktop; None if the system does not report it."""
    ask = {"linux": _of_x11, "win32": _of_windows, "darwin": _of_macos}.get(platform)
    try:
        area = None if ask is None else ask()
    except (OSError, AttributeError):  # the library, or its function, is not there
        return None
    return area if area is not None and min(area.width, area.height) > 0 else None


def is_portrait(screen: ScreenArea | None) -> bool:
    """Return whether a screen is higher than wide. screen: None if unknown."""
    return screen is not None and screen.height > screen.width


def _of_x11() -> ScreenArea | None:
    x11 = ctypes.CDLL("libX11.so.6")
    x11.XOpenDisplay.restype, x11.XOpenDisplay.argtypes = c_void_p, (c_char_p,)
    x11.XDefaultRootWindow.restype, x11.XDefaultRootWindow.argtypes = c_ulong, (c_void_p,)
    for function in (x11.XCloseDisplay, x11.XDefaultScreen):
        function.argtypes = (c_void_p,)
    for function in (x11.XDisplayWidth, x11.XDisplayHeight):
        function.argtypes = c_void_p, c_int
    display = x11.XOpenDisplay(None)
    if not display:
        return None
    try:
        screen = x11.XDefaultScreen(display)
        # With several monitors, X11's screen spans all of them, and a window should fit into one.
        return _of_monitor(display, x11.XDefaultRootWindow(display)) or ScreenArea(
            0, 0, x11.XDisplayWidth(display, screen), x11.XDisplayHeight(display, screen)
        )
    finally:
        x11.XCloseDisplay(display)


def _of_monitor(display: int, root: int) -> ScreenArea | None:
    """Return the place of the primary monitor, or else of the first one; None without XRandR 1.5."""
    try:
        ask = ctypes.CDLL("libXrandr.so.2").XRRGetMonitors
    except (OSError, AttributeError):
        return None
    ask.restype, ask.argtypes = POINTER(_Monitor), (c_void_p, c_ulong, c_int, POINTER(c_int))
    count = c_int()
    monitors = ask(display, root, 1, byref(count))
    if not monitors or count.value < 1:
        return None
    chosen = next((monitors[n] for n in range(count.value) if monitors[n].primary), monitors[0])
    return ScreenArea(chosen.x, chosen.y, chosen.width, chosen.height)


def _of_windows() -> ScreenArea | None:
    metrics = ctypes.windll.user32.GetSystemMetrics  # type: ignore[attr-defined]
    return ScreenArea(0, 0, metrics(0), metrics(1))  # SM_CXSCREEN, SM_CYSCREEN


def _of_macos() -> ScreenArea | None:
    graphics = ctypes.CDLL("/System/Library/Frameworks/CoreGraphics.framework/CoreGraphics")
    main = graphics.CGMainDisplayID()
    for function in (graphics.CGDisplayPixelsWide, graphics.CGDisplayPixelsHigh):
        function.restype = ctypes.c_size_t
    return ScreenArea(0, 0, graphics.CGDisplayPixelsWide(main), graphics.CGDisplayPixelsHigh(main))


SETTLES, AGAIN = 60, 15
"""A new window takes on its size within so many canvases; every AGAIN of them, the size is requested again."""


Limit = Callable[[], AbstractContextManager[object]]


def _leave_events_to_qt() -> None:
    """Let Qt alone read the X server's events. Call it before the first window.

    The wheel of OpenCV brings a libX11-xcb for an older libX11, whose display is laid out differently. With it, Qt's
    XSetEventQueueOwner has no effect: Xlib goes on reading, and drops each event that Qt's thread is too late for. On
    a busy machine that was often the one that says the window is there, and without it Qt paints nothing. A library
    with global symbols goes before one that a package brings.
    """
    if sys.platform == "linux":
        with suppress(OSError):  # without it, the events of a busy start may be lost
            ctypes.CDLL("libX11-xcb.so.1", mode=ctypes.RTLD_GLOBAL)


class Display(Protocol):
    """A place to show canvases."""

    typing: bool
    """Whether all keys belong to a text that is being typed."""

    @property
    def lost(self) -> bool:
        """Whether its screen is gone. From then on it shows nothing and returns no key."""
        ...

    def show(self, canvas: np.ndarray) -> None:
        """Show a (height, width, 3) uint8 BGR canvas."""

    def poll(self) -> list[Action | TypedKey]:
        """Return the next action, if there is one. The call also lets the window's toolkit run.

        It returns one at a time, because a key may begin a text and so change the meaning of the next one.
        """

    def toggle_full_screen(self) -> bool:
        """Switch full screen on or off; return whether it is on now."""

    def close(self) -> None:
        """Close the window. A second call does nothing."""


class HeadlessDisplay:
    """A display that shows nothing and returns no actions."""

    typing = False
    lost = False

    def show(self, canvas: np.ndarray) -> None:
        """Do nothing."""

    def poll(self) -> list[Action | TypedKey]:
        """Return no actions."""
        return []

    def toggle_full_screen(self) -> bool:
        """Return False."""
        return False

    def close(self) -> None:
        """Do nothing."""


class OpenCvWindow:
    """A window by OpenCV. Create it only if `probe.start_probe().result()` is None. It opens with the first canvas.

    It takes the shape of its canvas, also when that changes. Full screen, or resized by the user, it adds black bars.
    """

    def __init__(self, title: str, *, full_screen: bool = False, limited: Limit = nullcontext) -> None:
        """full_screen: whether to open in full screen. limited: limits the time of calls, which hang if the X server
        does."""
        self._title = title
        self._limited = limited
        self._full_screen = full_screen
        self._shape: tuple[int, ...] | None = None  # of the last canvas; None before the first one
        self._closed = self._lost = False
        self._asked: tuple[int, int] | None = None  # the size that the window was given
        self._unsettled = 0  # canvases left in which it may not have that size yet
        self.typing = False
        self._keyboard = Keyboard()
        self._pressed: deque[int] = deque()  # codes of keys that `poll` has not returned yet

    @property
    def lost(self) -> bool:
        """Whether the X server is gone. Check it before each call of OpenCV, in which Qt would then end the process."""
        self._lost = self._lost or self._keyboard.lost()
        return self._lost

    def show(self, canvas: np.ndarray) -> None:
        """Show `canvas`. Does nothing once the window is closed, because imshow would open a new one."""
        with self._limited():
            if self.lost or self._was_closed():
                return
            if self._shape is None:
                self._open()
            if self._shape != canvas.shape:
                self._shape = canvas.shape
                self._place(canvas.shape)
            self._settle()
            size = self._size()
            cv2.imshow(self._title, enlarged(letterboxed(canvas, size), size))

    def poll(self) -> list[Action | TypedKey]:
        """Return the action of the next pressed key, if any; QUIT once the window is closed."""
        if self._shape is None or self.lost:
            return []
        with self._limited():
            self._collect_keys(1 if self._unsettled else 0)
            if self._was_closed():
                return [] if self.lost else [Action.QUIT]
        while self._pressed:
            asked = pressed(self._pressed.popleft(), typing=self.typing)
            if asked is not None:
                return [asked]
        return []

    def _collect_keys(self, wait_ms: int) -> None:
        """Add the keys that were pressed to those that `poll` has not returned yet."""
        if not self._pressed and not self._was_closed():
            self._pressed.extend(self._keyboard.pressed(wait_ms))

    def toggle_full_screen(self) -> bool:
        """Switch full screen on or off; return whether it is on now."""
        self._full_screen = not self._full_screen
        with self._limited():
            if self._shape is not None and not self._was_closed():
                if not self._full_screen:
                    cv2.setWindowProperty(self._title, cv2.WND_PROP_FULLSCREEN, cv2.WINDOW_NORMAL)
                self._place(self._shape)
        return self._full_screen

    def close(self) -> None:
        """Close the window."""
        with self._limited():
            self._keyboard.close()
            if self._shape is not None and not self._was_closed():
                cv2.destroyWindow(self._title)
                self._closed = True

    def _open(self) -> None:
        # Qt's warnings (fonts missing from the wheel) do not help the lifter.
        os.environ.setdefault("QT_LOGGING_RULES", "*=false")
        _leave_events_to_qt()
        # If Qt keeps the ratio, it leaves white bars.
        with self._keyboard.listening_early():
            cv2.namedWindow(self._title, cv2.WINDOW_NORMAL | cv2.WINDOW_FREERATIO | cv2.WINDOW_GUI_NORMAL)

    def _place(self, shape: tuple[int, ...]) -> None:
        """Give the window the canvas' shape and put it in the middle of the screen, or cover the screen."""
        screen = screen_area()
        area = screen if self._full_screen else placed((shape[1], shape[0]), screen)
        if area is not None:
            cv2.resizeWindow(self._title, area.width, area.height)
            self._asked, self._unsettled = (area.width, area.height), SETTLES
        if area is not None and screen is not None:
            cv2.moveWindow(self._title, area.x, area.y)
        if self._full_screen:  # last: a move after it would end it; without a window manager it does nothing
            cv2.setWindowProperty(self._title, cv2.WND_PROP_FULLSCREEN, cv2.WINDOW_FULLSCREEN)

    def _settle(self) -> None:
        """Request a new window's size again: on a busy machine, Qt sometimes misses it or paints nothing until the next
        request. After the first AGAIN canvases, this is done whatever the size is."""
        if self._unsettled == 0 or self._asked is None:
            return
        self._unsettled -= 1
        width, height = self._asked
        shown = SETTLES - self._unsettled
        if shown % AGAIN == 0 and (shown == AGAIN or self._size() != self._asked):
            cv2.resizeWindow(self._title, width, height - 1)
        elif shown % AGAIN == 1 and shown > 1 and self._size() != self._asked:
            cv2.resizeWindow(self._title, width, height)
            if self._full_screen:  # the change of size has ended it
                cv2.setWindowProperty(self._title, cv2.WND_PROP_FULLSCREEN, cv2.WINDOW_NORMAL)
                cv2.setWindowProperty(self._title, cv2.WND_PROP_FULLSCREEN, cv2.WINDOW_FULLSCREEN)

    def _size(self) -> tuple[int, int]:
        """Return width and height of the area that canvases fill."""
        _, _, width, height = cv2.getWindowImageRect(self._title)
        return max(1, width), max(1, height)

    def _was_closed(self) -> bool:
        if self.lost:
            self._closed = True
        elif self._shape is not None and not self._closed:
            try:
                self._closed = cv2.getWindowProperty(self._title, cv2.WND_PROP_VISIBLE) < 1
            except cv2.error:  # raised after the last window was closed
                self._closed = True
        return self._closed


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
                cv2.setMouseCallback(self._title, self._on_mouse)
                self._hears_mouse = True

    def pressed_keys(self) -> list[str]:
        """Return the keys since the last call, by name or as typed; "escape" once the window is closed."""
        with self._limited():
            self._collect_keys(WAIT_MS)
            if self._was_closed():
                return ["escape"]
        keys = [pressed_key(code) for code in self._pressed]
        self._pressed.clear()
        return [key for key in keys if key is not None]

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
            window = self._size()
        return [on_canvas(click, (self._shape[1], self._shape[0]), window) for click in clicks]

    def _on_mouse(self, event: int, x: int, y: int, *_: object) -> None:
        if event == cv2.EVENT_LBUTTONDOWN:
            self._clicks.append((x, y))
