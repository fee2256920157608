"""The place and size of the screen, asked of the system by its own libraries, because OpenCV does not tell it."""

import ctypes
import sys
from ctypes import POINTER, byref, c_char_p, c_int, c_ulong, c_void_p

from livecoach.feedback.fitting import ScreenArea


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
    """Return the place of the main screen on the desktop; None where the system does not tell."""
    ask = {"linux": _of_x11, "win32": _of_windows, "darwin": _of_macos}.get(platform)
    try:
        area = None if ask is None else ask()
    except (OSError, AttributeError):  # the library, or its function, is not there
        return None
    return area if area is not None and min(area.width, area.height) > 0 else None


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
        # With several monitors the screen of X11 is what they show together, and a window should fit into one.
        return _of_monitor(display, x11.XDefaultRootWindow(display)) or ScreenArea(
            0, 0, x11.XDisplayWidth(display, screen), x11.XDisplayHeight(display, screen)
        )
    finally:
        x11.XCloseDisplay(display)


def _of_monitor(display: int, root: int) -> ScreenArea | None:
    """Return the place of the primary monitor, or of the first one; None where there is no XRandR 1.5."""
    try:
        ask = ctypes.CDLL("libXrandr.so.2").XRRGetMonitors
    except (OSError, AttributeError):
        return None
    ask.restype, ask.argtypes = POINTER(_Monitor), (c_void_p, c_ulong, c_int, POINTER(c_int))
    count = c_int()
    found = ask(display, root, 1, byref(count))
    if not found or count.value < 1:
        return None
    chosen = next((found[n] for n in range(count.value) if found[n].primary), found[0])
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
