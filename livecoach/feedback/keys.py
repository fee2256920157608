"""The keys of a window by OpenCV: their names, from each system's codes, and every key that was pressed.

OpenCV reports only the last key since it was asked, no capitals, and no characters made of two keys. A separate
connection to the X server receives all keys from the moment the window is there, and Xlib's input method composes what
was typed.
"""

import ctypes
import os
import select
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from ctypes import POINTER, byref, c_char_p, c_int, c_long, c_uint, c_ulong, c_void_p, create_string_buffer
from functools import cache, partial
from pathlib import Path

import cv2

KEY_PRESS, KEY_PRESS_MASK = 2, 1
CREATE_NOTIFY, CHILDREN_MASK = 16, 1 << 19
MAPPING_NOTIFY = 34
CARDINAL = 6
COMMANDS = 1 << 2 | 1 << 3 | 1 << 6
"""Control, Alt and Super: with these a key belongs to the desktop."""
UNICODE = 1 << 24
"""A code from here on is a character, as in X11's names of keys: its code point, added to this."""
NO_PREEDIT_NO_STATUS = 0x0008 | 0x0400
"""Style of input without windows of its own."""
LOOK_S = 0.001
"""Time between two looks for a new window. The window manager takes longer to give it the keyboard."""
MOST_BYTES = 32
"""Longest text that one key types."""
NO_KEY = -1
QT_EVENTS = "_ZN14QtOpenCVPython16QCoreApplication13processEventsENS_6QFlagsINS_10QEventLoop17ProcessEventsFlagEEE"
"""QCoreApplication::processEvents in the Qt that OpenCV's wheel brings, which has a namespace of its own."""


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


class _CreateEvent(ctypes.Structure):
    """XCreateWindowEvent of Xlib, up to the window."""

    _fields_ = (
        ("type", c_int),
        ("serial", c_ulong),
        ("send_event", c_int),
        ("display", c_void_p),
        ("parent", c_ulong),
        ("window", c_ulong),
    )


class _Event(ctypes.Union):
    """XEvent of Xlib."""

    _fields_ = (("type", c_int), ("key", _KeyEvent), ("create", _CreateEvent), ("size", c_long * 24))


def _ignore(*_: object) -> int:
    """Ignore the error that a window has just been closed: Xlib's own handler would end the process."""
    return 0


_IGNORE_ERROR = ctypes.CFUNCTYPE(c_int, c_void_p, c_void_p)(_ignore)


class TextInput:
    """Composes what is typed in a window: `´` and `e` make `é`. Input methods of the desktop are not used: they need
    windows of their own."""

    def __init__(self, x11: ctypes.CDLL, display: int) -> None:
        """display: an open connection. Opening takes 9 ms."""
        self._x11 = x11
        x11.XSetLocaleModifiers(b"@im=none")
        self._method: int | None = x11.XOpenIM(display, None, None, None)
        self._context: int | None = None
        self._window = 0

    def takes(self, event: _Event) -> bool:
        """Return whether a key press is part of a character that comes later, in an event without a key."""
        return self._composes_for(event.key.window) and bool(self._x11.XFilterEvent(byref(event), 0))

    def text(self, event: _Event) -> str:
        """Return what a key press types; "" for nothing. Call `takes` before."""
        if self._context is None:
            return ""
        typed = create_string_buffer(MOST_BYTES)
        length = self._x11.Xutf8LookupString(self._context, byref(event), typed, MOST_BYTES, None, byref(c_int()))
        return typed.raw[: min(length, MOST_BYTES)].decode(errors="replace")

    def close(self) -> None:
        """Close the input method."""
        if self._method is not None:
            self._x11.XCloseIM(self._method)

    def _composes_for(self, window: int) -> bool:
        if self._method is not None and window != self._window:
            if self._context is not None:
                self._x11.XDestroyIC(self._context)
            style = (b"inputStyle", c_ulong(NO_PREEDIT_NO_STATUS))
            windows = (b"clientWindow", c_ulong(window), b"focusWindow", c_ulong(window))
            self._context = self._x11.XCreateIC(c_void_p(self._method), *style, *windows, None)
            self._window = window
        return self._context is not None


class X11Keys:
    """Receives the keys of the windows of this process."""

    def __init__(self, x11: ctypes.CDLL, display: int) -> None:
        """display: an open connection, which `close` closes."""
        self._x11, self._display = x11, display
        self._windows: set[int] = set()
        self._of_process = x11.XInternAtom(display, b"_NET_WM_PID", 0)
        self._input: TextInput | None = None

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

    @contextmanager
    def listening_early(self) -> Iterator[None]:
        """Listen to the windows that are made in the block as soon as they are there, which is before they have the
        keyboard."""
        root, over = self._x11.XDefaultRootWindow(self._display), threading.Event()
        self._x11.XSelectInput(self._display, root, CHILDREN_MASK)
        self._x11.XFlush(self._display)
        made: set[int] = set()

        def listen() -> None:
            event = _Event()
            while self._x11.XCheckTypedEvent(self._display, CREATE_NOTIFY, byref(event)):
                made.add(event.create.window)
            for window in made:  # whose it is, is told after it was made
                self._listen_to(window)
            self._x11.XFlush(self._display)

        def keep_listening() -> None:
            while not over.wait(LOOK_S):
                listen()

        thread = threading.Thread(target=keep_listening, name="keys", daemon=True)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()
            listen()
            self._x11.XSelectInput(self._display, root, 0)

    def take(self) -> list[int] | None:
        """Return the codes of the keys since the last call, as `cv2.waitKeyEx` does, but with capitals, and characters
        beside ASCII as UNICODE says; None if no window was listened to before."""
        listened = bool(self._windows)
        window = c_ulong()
        self._x11.XGetInputFocus(self._display, byref(window), byref(c_int()))
        self._listen_to(window.value)
        codes = []
        event = _Event()
        while self._x11.XPending(self._display):
            self._x11.XNextEvent(self._display, byref(event))
            if event.type == MAPPING_NOTIFY:
                self._x11.XRefreshKeyboardMapping(byref(event))
            elif event.type == KEY_PRESS and not event.key.state & COMMANDS:
                codes += self._codes(event)
        return codes if listened else None

    def lost(self) -> bool:
        """Return whether the X server is gone. Xlib and Qt then end the process with their next call."""
        connection = select.poll()
        connection.register(self._x11.XConnectionNumber(self._display), 0)  # a hang-up is always reported
        return bool(connection.poll(0))

    def close(self) -> None:
        """Close the connection."""
        if self._input is not None:
            self._input.close()
        self._x11.XCloseDisplay(self._display)

    def _listen_to(self, window: int) -> None:
        """Listen to a window, if it is one of this process."""
        if window not in {0, 1, *self._windows} and self._is_ours(window):  # 0, 1: no window, the root
            self._x11.XSelectInput(self._display, window, KEY_PRESS_MASK)
            self._windows.add(window)

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

    def _codes(self, event: _Event) -> list[int]:
        """Return the codes of a key press: none for a part of a character, or one for each that it completes."""
        self._input = self._input or TextInput(self._x11, self._display)
        if self._input.takes(event):
            return []
        text = self._input.text(event)
        if text.isprintable() and (not text.isascii() or not event.key.keycode):
            return [ord(character) if character.isascii() else UNICODE + ord(character) for character in text]
        code = c_ulong()
        self._x11.XLookupString(byref(event.key), None, 0, byref(code), None)
        return [int(code.value)]


@cache
def qt_events() -> Callable[[], object] | None:
    """Return a function that lets Qt paint, and do whatever else is due; None where OpenCV's window is not of that Qt.

    `cv2.waitKeyEx` waits 2 ms at least, in which nothing happens: the picture is on the screen before.
    """
    for path in (Path(cv2.__file__).parents[1]).glob("opencv*.libs/libQt5Core-*"):
        with suppress(OSError, AttributeError):
            function = ctypes.CDLL(str(path))[QT_EVENTS]
            function.restype, function.argtypes = None, (c_int,)
            return partial(function, 0)
    return None


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
    x11.XDefaultRootWindow.restype, x11.XDefaultRootWindow.argtypes = c_ulong, of_display
    x11.XNextEvent.argtypes = (*of_display, POINTER(_Event))
    x11.XCheckTypedEvent.argtypes = (*of_display, c_int, POINTER(_Event))
    x11.XLookupString.argtypes = (POINTER(_KeyEvent), c_void_p, c_int, POINTER(c_ulong), c_void_p)
    x11.XRefreshKeyboardMapping.argtypes = (POINTER(_Event),)
    x11.XSetLocaleModifiers.restype, x11.XSetLocaleModifiers.argtypes = c_char_p, (c_char_p,)
    x11.XOpenIM.restype, x11.XOpenIM.argtypes = c_void_p, (*of_display, c_void_p, c_void_p, c_void_p)
    x11.XCreateIC.restype = c_void_p  # it takes any number of arguments
    x11.XFilterEvent.argtypes = (POINTER(_Event), c_ulong)
    x11.Xutf8LookupString.argtypes = (
        *of_display,
        *(POINTER(_Event), c_char_p, c_int, POINTER(c_ulong), POINTER(c_int)),
    )
    for function in (x11.XDestroyIC, x11.XCloseIM):
        function.argtypes = of_display
    for function in (x11.XPending, x11.XFlush, x11.XCloseDisplay, x11.XConnectionNumber, x11.XFree):
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


def pressed_key(code: int) -> str | None:
    """Return the key with this `cv2.waitKeyEx` code: its name, or its character as typed; None for no key (-1), and for
    any other one."""
    if code < 0:
        return None
    if code >= UNICODE:
        return chr(code - UNICODE) if chr(code - UNICODE).isprintable() else None
    # The upper bits are modifiers (GTK: Num Lock), or on Windows the key itself, with lower bits of 0.
    known = _NAMES.get(code) or _NAMES.get(code & 0xFFFF)
    character = code & 0xFFFF
    if known is not None:
        return known
    return chr(character) if 32 < character < 127 or character in _LETTERS else None


def typed_key(code: int) -> str | None:
    """Return the character of the key with this `cv2.waitKeyEx` code, as typed, or "enter", "backspace" or "escape";
    None for any other key, and for none (-1)."""
    key = pressed_key(code)
    return key if key is None or key in {"enter", "backspace", "escape"} else typed_text(key) or None


def typed_text(key: str) -> str:
    """Return what a key adds to a text; "" for a key that types nothing. key: as `pressed_key` returns it."""
    return " " if key == "space" else key if len(key) == 1 else ""


def key_name(code: int) -> str | None:
    """Return the name of the key with this `cv2.waitKeyEx` code; None for no key (-1) and for an unnamed one."""
    key = pressed_key(code)
    return None if key is None else key.lower()


class Keyboard:
    """Receives the keys of a window. Main thread only, like the window."""

    def __init__(self) -> None:
        self._x11: X11Keys | None = None
        self._asked = False

    @contextmanager
    def listening_early(self) -> Iterator[None]:
        """Receive the keys of the window that is opened in the block from its first moment on."""
        self._open()
        with nullcontext() if self._x11 is None else self._x11.listening_early():
            yield

    def _open(self) -> None:
        if not self._asked:
            self._x11, self._asked = X11Keys.open(), True

    def pressed(self, wait_ms: int) -> list[int]:
        """Return the codes of the keys since the last call, as `cv2.waitKeyEx` does. The call lets the window's toolkit
        run for `wait_ms` at most, and less once a key is pressed; 0: only for what is due."""
        self._open()
        if self.lost():
            return []
        do_due = None if wait_ms or self._x11 is None else qt_events()
        if do_due is None:
            last = cv2.waitKeyEx(max(wait_ms, 1))
        else:
            last = NO_KEY
            do_due()
        heard = None if self._x11 is None or self.lost() else self._x11.take()
        if heard is not None:
            return heard
        return [last] if last > NO_KEY else []

    def lost(self) -> bool:
        """Return whether the display of the window is gone."""
        return self._x11 is not None and self._x11.lost()

    def close(self) -> None:
        """Stop listening."""
        if self._x11 is not None and not self.lost():
            self._x11.close()
        self._x11, self._asked = None, False
