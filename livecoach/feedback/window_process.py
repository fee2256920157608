"""The process of a window, in which SDL (by pygame) shows what stands in shared memory, and hears keys and clicks.

It starts in a fraction of a second because it imports nothing else of livecoach.
"""

import os
import sys
from collections.abc import Iterator, Sequence
from ctypes import Array, c_ubyte
from multiprocessing.connection import Connection
from typing import Any

Size = tuple[int, int]  # width and height, px
OF_WIDTH, OF_HEIGHT = 0.96, 0.86
"""Shares of the screen that the window may take. The rest is for its frame and a task bar: together 100 of 768 px in
height. Our choice."""
LOOK_S = 0.01  # time between two looks for keys
REPEATS_AFTER_MS, REPEATS_EVERY_MS = 500, 33  # when a key that is held down counts again
SDL_SETTINGS = {
    "PYGAME_HIDE_SUPPORT_PROMPT": "1",
    # Without a graphics card, what SDL does by OpenGL takes 20 times as long as the copy that it saves.
    "SDL_FRAMEBUFFER_ACCELERATION": "0",
    # Else effects of the desktop end while the window is open.
    "SDL_VIDEO_X11_NET_WM_BYPASS_COMPOSITOR": "0",
    "SDL_VIDEO_X11_WMCLASS": "livecoach",
    "SDL_VIDEO_CENTERED": "1",
    "SDL_NO_SIGNAL_HANDLERS": "1",
}


def run(connection: Connection, pixels: "Array[c_ubyte]", title: str, display: str | None) -> None:
    """Serve a `livecoach.feedback.window.Window` until its process is gone.

    pixels: BGRA, of the canvas that was sent last. display: takes the place of the variable DISPLAY.
    """
    if display is not None:
        os.environ["DISPLAY"] = display
    os.environ.update({name: value for name, value in SDL_SETTINGS.items() if name not in os.environ})
    if sys.platform.startswith("linux"):
        os.environ.setdefault("SDL_VIDEODRIVER", "x11,wayland")  # not the console, where no desktop answers
    if hasattr(os, "setsid"):
        os.setsid()  # Ctrl-C in the terminal is for the run
    try:
        import pygame

        pygame.display.init()
        ready = "ready", pygame.display.get_desktop_sizes()[0]
    except (ImportError, RuntimeError) as err:  # pygame.error is one
        connection.send(("fails", str(err)))
        return
    connection.send(ready)
    shown = _Shown(memoryview(pixels).cast("B"), title)
    try:
        while True:
            if not shown.is_open or connection.poll(LOOK_S):
                name, *given = connection.recv()
                getattr(shown, name)(*given)
                connection.send(("done",))
            for report in shown.reports():
                connection.send(report)
    except (EOFError, OSError):  # the run has ended
        return


class _Shown:
    """The window of this process."""

    def __init__(self, pixels: memoryview, title: str) -> None:
        self._pixels, self._title = pixels, title
        self._canvas: Size = (1, 1)
        self._full_screen = self._was_closed = False
        self.is_open = False

    def show(self, canvas: Size, full_screen: bool) -> None:
        """Show a canvas of that size. The window takes its shape."""
        if self._was_closed:  # the canvas was on its way
            return
        if full_screen != self._full_screen:
            self.hide()  # else SDL keeps the size where there is no window manager
        if not self.is_open or canvas != self._canvas:
            self._canvas, self._full_screen = canvas, full_screen
            self._place()
        self._draw()

    def hide(self) -> None:
        """Close the window until the next canvas."""
        import pygame

        pygame.display.quit()
        self.is_open = self._was_closed = False

    def reports(self) -> Iterator[tuple[Any, ...]]:
        """Yield what the lifter did since the last call."""
        import pygame

        for event in pygame.event.get() if self.is_open else ():
            if event.type == pygame.QUIT:
                self.hide()
                self._was_closed = True
                yield ("closed",)
                return
            if event.type in (pygame.WINDOWEXPOSED, pygame.WINDOWSIZECHANGED):
                self._draw()
            elif event.type == pygame.MOUSEBUTTONDOWN and event.button == pygame.BUTTON_LEFT:
                yield "click", self._on_canvas(event.pos)
            elif event.type in (pygame.KEYDOWN, pygame.TEXTINPUT):
                yield from (("key", key) for key in pressed_keys(event))

    def _place(self) -> None:
        """Give the window the canvas' shape and the middle of the screen, or all of it."""
        import pygame

        if not self.is_open:
            pygame.display.init()
            pygame.display.set_caption(self._title)
            pygame.display.set_icon(pygame.Surface((32, 32)))  # not pygame's own
        across, down = pygame.display.get_desktop_sizes()[0]
        if self._full_screen:
            self._window = pygame.display.set_mode((across, down), pygame.FULLSCREEN)
        else:
            scale = min(OF_WIDTH * across / self._canvas[0], OF_HEIGHT * down / self._canvas[1])
            size = [max(1, round(scale * side)) for side in self._canvas]
            self._window = pygame.display.set_mode(size, pygame.RESIZABLE)
        pygame.key.set_repeat(REPEATS_AFTER_MS, REPEATS_EVERY_MS)
        self.is_open = True

    def _draw(self) -> None:
        import pygame

        window = self._window
        area = letterboxed(self._canvas, window.get_size())
        canvas = pygame.image.frombuffer(self._pixels[: 4 * self._canvas[0] * self._canvas[1]], self._canvas, "BGRA")
        canvas.set_alpha(None)  # else it would be blended
        if area[2:] != window.get_size():
            window.fill(0)
        place = window.subsurface(area)
        if area[2:] == self._canvas:
            place.blit(canvas, (0, 0))
        else:
            pygame.transform.smoothscale(canvas, area[2:], place)
        pygame.display.flip()

    def _on_canvas(self, point: Sequence[int]) -> Size:
        x, y, w, h = letterboxed(self._canvas, self._window.get_size())
        return (point[0] - x) * self._canvas[0] // w, (point[1] - y) * self._canvas[1] // h


def letterboxed(canvas: Size, window: Size) -> tuple[int, int, int, int]:
    """Return the part of a window that a canvas fills: x, y, width and height. Black bars take the rest."""
    across, down = window
    scale = min(across / canvas[0], down / canvas[1])
    w, h = (max(1, round(scale * side)) for side in canvas)
    if across - w <= 1 and down - h <= 1:  # rounding
        return 0, 0, across, down
    return (across - w) // 2, (down - h) // 2, w, h


def pressed_keys(event: Any) -> list[str]:
    """Return the keys of an event of the keyboard: their names, or their characters as typed. With Control, Alt and
    the key of the desktop they are none."""
    import pygame

    if pygame.key.get_mods() & (pygame.KMOD_CTRL | pygame.KMOD_LALT | pygame.KMOD_META):
        return []
    if event.type == pygame.TEXTINPUT:
        return ["space" if character == " " else character for character in event.text if character.isprintable()]
    names = {
        pygame.K_RETURN: "enter",
        pygame.K_KP_ENTER: "enter",
        pygame.K_ESCAPE: "escape",
        pygame.K_BACKSPACE: "backspace",
        pygame.K_DELETE: "delete",
        pygame.K_TAB: "tab",
        pygame.K_LEFT: "left",
        pygame.K_RIGHT: "right",
        pygame.K_UP: "up",
        pygame.K_DOWN: "down",
        pygame.K_HOME: "home",
        pygame.K_END: "end",
        pygame.K_PAGEUP: "pageup",
        pygame.K_PAGEDOWN: "pagedown",
    }
    return [names[event.key]] if event.key in names else []
