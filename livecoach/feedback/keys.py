"""The keys of a window by OpenCV: their names, from each system's codes, and every key that was pressed.

OpenCV reports only the last key since it was asked, and no capitals. A separate connection to the X server receives all
of them, as they were typed.
"""

import ctypes
import os
import select
import sys
from ctypes import POINTER, byref, c_char, c_char_p, c_int, c_long, c_uint, c_ulong, c_void_p

import cv2

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


def _ignore(*_: object) -> int:
    """Ignore the error that a window has just been closed: Xlib's own handler would end the process."""
    return 0


_IGNORE_ERROR = ctypes.CFUNCTYPE(c_int, c_void_p, c_void_p)(_ignore)


class X11Keys:
    """Receives the keys of the window of this process that has the keyboard."""

    def __init__(self, x11: ctypes.CDLL, display: int) -> None:
        """display: an open connection, which `close` closes."""
        self._x11, self._display = x11, display
        self._window = 0
        self._of_process = x11.XInternAtom(display, b"_NET_WM_PID", 0)

    @classmethod
    def open(cls) -> "X11Keys | None":
        """Connect to the X server; None without one."""
        if sys.platform != "linux":
            return None
        try:
            x11 = _library()
        except (OSError, AttributeError):  # the library, or one of its functions, is not there
            return None
        display = x11.XOpenDisplay(None)
        return cls(x11, display) if display else None

    def take(self) -> list[int] | None:
        """Return the codes of the keys since the last call, as `cv2.waitKeyEx` does, but with capitals; None if no
        window was listened to before."""
        listened = self._listen()
        codes = []
        event = _Event()
        while self._x11.XPending(self._display):
            self._x11.XNextEvent(self._display, byref(event))
            if event.type == MAPPING_NOTIFY:
                self._x11.XRefreshKeyboardMapping(byref(event))
            elif event.type == KEY_PRESS and not event.key.state & COMMANDS:
                codes.append(self._code(event.key))
        return codes if listened else None

    def lost(self) -> bool:
        """Return whether the X server is gone. Xlib and Qt then end the process with their next call."""
        connection = select.poll()
        connection.register(self._x11.XConnectionNumber(self._display), 0)  # a hang-up is always reported
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
        kind, bits, items, left, values = c_ulong(), c_int(), c_ulong(), c_ulong(), POINTER(c_ulong)()
        failed = self._x11.XGetWindowProperty(
            self._display,
            window,
            self._of_process,
            0,
            1,
            0,
            CARDINAL,
            *map(byref, (kind, bits, items, left, values)),
        )
        if failed or not values:
            return False
        process = values[0] if items.value else None
        self._x11.XFree(values)
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


_NAMES = {
    8: "backspace",
    9: "tab",
    **dict.fromkeys((10, 13), "enter"),
    27: "escape",
    127: "delete",
    ord(" "): "space",
    0xFF08: "backspace",
    0xFF09: "tab",
    **dict.fromkeys((0xFF0D, 0xFF8D), "enter"),
    **{0xFFB0 + digit: str(digit) for digit in range(10)},
    **dict.fromkeys((0xFFAC, 0xFFAE), "."),
    0xFF1B: "escape",
    **dict.fromkeys((0xFFFF, 0x2E0000, 0xF728), "delete"),
    **dict.fromkeys((0xFF51, 0x250000, 0xF702), "left"),
    **dict.fromkeys((0xFF52, 0x260000, 0xF700), "up"),
    **dict.fromkeys((0xFF53, 0x270000, 0xF703), "right"),
    **dict.fromkeys((0xFF54, 0x280000, 0xF701), "down"),
    **dict.fromkeys((0xFF50, 0x240000, 0xF729), "home"),
    **dict.fromkeys((0xFF57, 0x230000, 0xF72B), "end"),
    **dict.fromkeys((0xFF55, 0x210000, 0xF72C), "pageup"),
    **dict.fromkeys((0xFF56, 0x220000, 0xF72D), "pagedown"),
}
"""Codes of X11 (and Qt), Windows and macOS. Those of macOS come from its documentation and are untested."""
_LETTERS = frozenset(range(0xA1, 0x100)) - {0xAD}
"""Codes of characters beside those of ASCII, such as ä: the printable ones of Latin-1."""


def typed_key(code: int) -> str | None:
    """Return the character of the key with this `cv2.waitKeyEx` code, as typed, or "enter", "backspace" or "escape";
    None for any other key, and for none (-1)."""
    name, character = key_name(code), code & 0xFFFF
    if name is None:
        return chr(character) if character in _LETTERS else None
    if name in {"enter", "backspace", "escape"}:
        return name
    if name == "space":
        return " "
    if len(name) > 1:
        return None
    return chr(character) if 32 < character < 127 else name


def key_name(code: int) -> str | None:
    """Return the name of the key with this `cv2.waitKeyEx` code; None for no key (-1) and for an unnamed one."""
    if code < 0:
        return None
    # The upper bits are modifiers (GTK: Num Lock), or on Windows the key itself, with lower bits of 0.
    known = _NAMES.get(code) or _NAMES.get(code & 0xFFFF)
    if known is not None:
        return known
    key = code & 0xFFFF
    return chr(key).lower() if 32 < key < 127 else None


class Keyboard:
    """Receives the keys of a window. Main thread only, like the window."""

    def __init__(self) -> None:
        self._x11: X11Keys | None = None
        self._asked = False

    def pressed(self, wait_ms: int) -> list[int]:
        """Return the codes of the keys since the last call, as `cv2.waitKeyEx` does. The call lets the window's toolkit
        run for `wait_ms` at most, and less once a key is pressed."""
        if not self._asked:
            self._x11, self._asked = X11Keys.open(), True
        if self.lost():
            return []
        last = cv2.waitKeyEx(wait_ms)
        heard = None if self._x11 is None or self.lost() else self._x11.take()
        if heard is not None:
            return heard
        return [last] if last >= 0 else []

    def lost(self) -> bool:
        """Return whether the display of the window is gone."""
        return self._x11 is not None and self._x11.lost()

    def close(self) -> None:
        """Stop listening."""
        if self._x11 is not None and not self.lost():
            self._x11.close()
        self._x11, self._asked = None, False
