"""The running start screen: keys, clicks, and the picture of the chosen camera."""

import threading
import time
from collections.abc import Callable, Mapping
from functools import partial

import numpy as np

from livecoach.errors import CameraError, LivecoachError, NoCamera
from livecoach.feedback.start_screen import Press, StartMenu, StartScreen
from livecoach.feedback.window import Display
from livecoach.source import Source, no_picture_text
from livecoach.source.camera import CLOSE_OTHERS
from livecoach.source.capture import Capture

WAIT_S = 0.03  # of one round for a frame, and so the longest delay of a key
KEYS_S = 0.005  # of one round for a key: a camera without pictures keeps no processor busy
SILENT_S = 2.5  # the screen then says that a camera shows nothing
AGAIN_S = 1.0  # between two attempts to open a camera: it may be connected, or switched on, meanwhile
CLOSING_S = 5.0  # for a camera that is still opening. Streams time out after 2 s.


NO_CAMERA = "This machine has no camera. Connect one, or choose “Use a phone”."


def reason(error: LivecoachError, *, offers_phone: bool) -> str:
    """Why there is no picture, as the start screen says it. offers_phone: it has the button "Use a phone"."""
    return NO_CAMERA if offers_phone and isinstance(error, NoCamera) else error.text


class Preview:
    """The picture of one camera at a time. Each opens on a thread of its own, after the previous one was closed, so
    that one that hangs does not delay the keys."""

    def __init__(
        self,
        open_source: Callable[[str], Source],
        clock: Callable[[], float] = time.monotonic,
        *,
        offers_phone: bool = False,
    ) -> None:
        """open_source: opens the camera of that name; raises SourceError. offers_phone: as in `reason`."""
        self._open_source, self._clock, self._offers_phone = open_source, clock, offers_phone
        self._opening: _Opening | None = None
        self._began_s = 0.0
        self._picture: np.ndarray | None = None
        self._why: str | None = None

    def look(self, camera: str, shown: str | None = None) -> tuple[np.ndarray | None, str | None]:
        """Return the newest picture of a camera, or why there is none; neither for SILENT_S. A camera that fails is
        tried again. Raises nothing. shown: what the lifter knows the camera as."""
        now_s = self._clock()
        if self._opening is None or self._opening.camera != camera:
            self._picture = self._why = None
            self._open(camera)
        opened = self._opening
        assert opened is not None
        if opened.error is None and opened.capture is not None:
            try:
                taken = opened.capture.take(WAIT_S)
            except LivecoachError as err:
                opened.error = err
            else:
                self._picture = self._picture if taken.frame is None else taken.frame.picture
        if opened.error is not None:
            self._picture, self._why = None, reason(opened.error, offers_phone=self._offers_phone)
            if isinstance(opened.error, CameraError) and now_s - self._began_s > AGAIN_S:
                self._open(camera)
        elif self._picture is None and self._why is None and now_s - self._began_s > SILENT_S:
            self._why = no_picture_text(shown or camera, CLOSE_OTHERS)
        return (self._picture, None) if self._picture is not None else (None, self._why)

    def _open(self, camera: str) -> None:
        self._opening, self._began_s = _Opening(camera, self._open_source, self._opening), self._clock()

    def close(self) -> None:
        if self._opening is not None:
            self._opening.close()


class _Opening:
    def __init__(self, camera: str, open_source: Callable[[str], Source], before: "_Opening | None") -> None:
        self.camera = camera
        self.capture: Capture | None = None
        self.error: LivecoachError | None = None
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
            self.error = err
            return
        self.capture = capture
        if self._left:
            capture.close()

    def close(self) -> None:
        self._left = True
        if self._thread is not threading.current_thread():
            self._thread.join(CLOSING_S)
        if self.capture is not None:
            self.capture.close()


def choose(
    menu: StartMenu,
    display: Display,
    preview: Preview,
    cameras: Mapping[str, str],
    problem: str | None = None,
    follow: Callable[[StartMenu], StartMenu] = lambda menu: menu,
    is_left: Callable[[], bool] | None = None,
) -> tuple[StartMenu, Press]:
    """Show a menu until the lifter presses something; return the menu at that time, and what was pressed.

    cameras: option of the row "camera" → name of the camera. problem: why the last run did not begin; it is shown until
    the first key or click. follow: returns a menu with what depends on its choices. is_left: whether the lifter has
    ended it elsewhere.
    """
    while True:
        if is_left is not None and is_left():
            return menu, "quit"
        screen = StartScreen(menu)
        camera = menu.chosen("camera")
        picture, why = preview.look(cameras[camera], camera)
        display.show(screen.draw(picture, problem or why))
        for move in _menu_actions(screen, display):
            problem = None
            answer = move(menu)
            if not isinstance(answer, StartMenu):
                return menu, answer
            menu = follow(answer)


def _menu_actions(screen: StartScreen, display: Display) -> list[Callable[[StartMenu], StartMenu | Press]]:
    """Effects on the menu of the keys and clicks since the last round."""
    clicked = (screen.item_at(x, y) for x, y in display.clicks())
    return [
        *(partial(StartMenu.key, name=name) for name in display.keys(KEYS_S)),
        *(partial(StartMenu.click, item=at[0], left_half=at[1]) for at in clicked if at is not None),
    ]
