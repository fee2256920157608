"""Every key that is pressed in a window of this process, from the X server itself.

OpenCV keeps only the last key of those that came since it was asked, and tells no capitals. A connection of its own to
the X server hears all of them, as they were typed.
"""

import ctypes
import os
import select
import sys
from ctypes import POINTER, byref, c_char, c_char_p, c_int, c_long, c_uint, c_ulong, c_void_p

KEY_PRESS, KEY_PRESS_MASK = 2, 1
MAPPING_NOTIFY = 34
CARDINAL = 6
COMMANDS = 1 << 2 | 1 << 3 | 1 << 6
"""Control, Alt and Super: with these a key belongs to the desktop."""


class _KeyEvent(ctypes.Structure):
    """XKeyEvent of Xlib."""

    _fields_ = (
        ("type", c_int),
        ("serial", c_ulong),
        ("send_event", c_int),
        ("display", c_void_p),
        *((name, c_ulong) for name in ("window", "root", "subwindow", "time")),
        *((name, c_int) for name in ("x", "y", "x_root", "y_root")),
        *((name, c_uint) for name in ("state", "keycode")),
        ("same_screen", c_int),
    )


class _Event(ctypes.Union):
    """XEvent of Xlib."""

    _fields_ = (("type", c_int), ("key", _KeyEvent), ("size", c_long * 24))


def _taken(*_: object) -> int:
    """Take the error of a window that has just been closed, of which Xlib would end the process."""
    return 0


_IGNORE_ERROR = ctypes.CFUNCTYPE(c_int, c_void_p, c_void_p)(_taken)


class X11Keys:
    """Hears the keys of the window of this process that has the keyboard."""

    def __init__(self, x11: ctypes.CDLL, display: int) -> None:
        """display: an open connection, which `close` closes."""
        self._x11, self._display = x11, display
        self._window = 0
        self._of_process = x11.XInternAtom(display, b"_NET_WM_PID", 0)

    @classmethod
    def open(cls) -> "X11Keys | None":
        """Connect to the X server; None where there is none."""
        if sys.platform != "linux":
            return None
        try:
            x11 = _library()
        except (OSError, AttributeError):  # the library, or one of its functions, is not there
            return None
        display = x11.XOpenDisplay(None)
        return cls(x11, display) if display else None

    def take(self) -> list[int] | None:
        """Return the codes of the keys since the last call, as `cv2.waitKeyEx` tells them, but with capitals; None
        where no window was listened to until now."""
        listened = self._listen()
        found = []
        event = _Event()
        while self._x11.XPending(self._display):
            self._x11.XNextEvent(self._display, byref(event))
            if event.type == MAPPING_NOTIFY:
                self._x11.XRefreshKeyboardMapping(byref(event))
            elif event.type == KEY_PRESS and not event.key.state & COMMANDS:
                found.append(self._code(event.key))
        return found if listened else None

    def lost(self) -> bool:
        """Return whether the X server is gone. After that Xlib and Qt end the process with their next call."""
        connection = select.poll()
        connection.register(self._x11.XConnectionNumber(self._display), 0)  # a hang-up is told unasked
        return bool(connection.poll(0))

    def close(self) -> None:
        """Close the connection."""
        self._x11.XCloseDisplay(self._display)

    def _listen(self) -> bool:
        """Listen to the window that has the keyboard, if it is one of this process; return whether one was listened to
        before."""
        window, listened = c_ulong(), self._window != 0
        self._x11.XGetInputFocus(self._display, byref(window), byref(c_int()))
        if window.value not in {0, 1, self._window} and self._is_ours(window.value):  # 0, 1: no window, the root
            self._x11.XSelectInput(self._display, window.value, KEY_PRESS_MASK)
            self._window = window.value
        return listened

    def _is_ours(self, window: int) -> bool:
        kind, bits, items, left, found = c_ulong(), c_int(), c_ulong(), c_ulong(), POINTER(c_ulong)()
        failed = self._x11.XGetWindowProperty(
            self._display,
            window,
            self._of_process,
            0,
            1,
            0,
            CARDINAL,
            *map(byref, (kind, bits, items, left, found)),
        )
        if failed or not found:
            return False
        process = found[0] if items.value else None
        self._x11.XFree(found)
        return process == os.getpid()

    def _code(self, key: _KeyEvent) -> int:
        code = c_ulong()
        self._x11.XLookupString(byref(key), (c_char * 8)(), 8, byref(code), None)
        return int(code.value)


def _library() -> ctypes.CDLL:
    x11 = ctypes.CDLL("libX11.so.6")
    of_display = (c_void_p,)
    x11.XOpenDisplay.restype, x11.XOpenDisplay.argtypes = c_void_p, (c_char_p,)
    x11.XInternAtom.restype, x11.XInternAtom.argtypes = c_ulong, (*of_display, c_char_p, c_int)
    x11.XSelectInput.argtypes = (*of_display, c_ulong, c_long)
    x11.XGetInputFocus.argtypes = (*of_display, POINTER(c_ulong), POINTER(c_int))
    x11.XGetWindowProperty.argtypes = (
        *of_display,
        *(c_ulong, c_ulong, c_long, c_long, c_int, c_ulong),
        *(POINTER(c_ulong), POINTER(c_int), POINTER(c_ulong), POINTER(c_ulong), POINTER(POINTER(c_ulong))),
    )
    x11.XNextEvent.argtypes = (*of_display, POINTER(_Event))
    x11.XLookupString.argtypes = (POINTER(_KeyEvent), c_void_p, c_int, POINTER(c_ulong), c_void_p)
    x11.XRefreshKeyboardMapping.argtypes = (POINTER(_Event),)
    for function in (x11.XPending, x11.XCloseDisplay, x11.XConnectionNumber, x11.XFree):
        function.argtypes = of_display
    x11.XSetErrorHandler(_IGNORE_ERROR)
    return x11
