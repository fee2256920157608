"""The start screen runs: the chosen camera's picture, keys and clicks until something is pressed."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pytest
from builders.sources import CAPTURE, FakeClock

from livecoach.capture import Source
from livecoach.capture.capture import Capture, CaptureResult
from livecoach.core.errors import CameraError, NoCamera, SourceError
from livecoach.core.types import Frame, SourceInfo
from livecoach.run.feed import CAMERA_LOST
from livecoach.run.start import (
    AGAIN_S,
    SILENT_S,
    Preview,
    Row,
    RunPreview,
    StartMenu,
    draw_menu,
    error_text,
    menu_boxes,
    show_menu,
)

CAMERAS = {"camera 0": "0", "camera 1": "1"}
MENU = StartMenu((Row("camera", CAMERAS),), {"Start": "start"}, 0)
MOST_ROUNDS = 500


def previews(open_source: Callable[[str], Source], *clock: FakeClock, offers_phone: bool = False) -> Preview:
    return Preview(lambda name: Capture(lambda: open_source(name), CAPTURE), *clock, offers_phone=offers_phone)


class GreyCamera:
    """A camera that shows one grey level."""

    def __init__(self, name: str, level: int) -> None:
        self.info = SourceInfo(name=name, fps=30.0, width_px=64, height_px=48, live=True)
        self._picture = np.full((48, 64, 3), level, np.uint8)
        self._count = 0
        self.closed = threading.Event()

    def read(self) -> Frame | None:
        if self.closed.wait(0.002):
            return None
        self._count += 1
        return Frame(index=self._count, t_s=self._count / 30, picture=self._picture, captured_s=0.0)

    def close(self) -> None:
        self.closed.set()


class Fingers:
    """A display whose keys are pressed one after the other, each when the picture is as wanted."""

    is_portrait = False

    def __init__(self, *presses: tuple[Callable[[np.ndarray], bool], str | tuple[int, int]]) -> None:
        self._presses = list(presses)
        self._canvas: np.ndarray | None = None
        self._rounds = 0

    def show(self, canvas: np.ndarray) -> None:
        self._canvas = canvas
        self._rounds += 1
        assert self._rounds < MOST_ROUNDS, "the picture that is waited for never came"

    def _next(self, kind: type) -> Sequence[object]:
        assert self._canvas is not None
        if self._presses and isinstance(self._presses[0][1], kind) and self._presses[0][0](self._canvas):
            return [self._presses.pop(0)[1]]
        return []

    def take_keys(self, _: float) -> list[str]:
        return [str(key) for key in self._next(str)]

    def take_clicks(self) -> list[tuple[int, int]]:
        return [at for at in self._next(tuple) if isinstance(at, tuple)]


def shows(level: int) -> Callable[[np.ndarray], bool]:
    """Return whether the middle of the preview has a grey level."""
    return lambda canvas: bool((canvas[360, 300] == level).all())


def at_once(_: np.ndarray) -> bool:
    return True


@pytest.fixture
def opened() -> list[GreyCamera]:
    return []


@pytest.fixture
def preview(opened):
    """Previews of camera 0, which is dark, and camera 1, which is light."""

    def open_source(name: str) -> Source:
        opened.append(GreyCamera(name, 50 + 150 * int(name)))
        return opened[-1]

    made = previews(open_source)
    yield made
    made.close()


def test_the_chosen_camera_is_shown_before_a_click_starts(preview, opened):
    box = menu_boxes(MENU)[1]
    display = Fingers((shows(50), "right"), (shows(200), (box.x + 9, box.y + 9)))
    menu, press = show_menu(MENU, display, preview)
    assert (menu.row_of("camera").chosen_text, press) == ("camera 1", "start")
    assert [camera.info.name for camera in opened] == ["0", "1"]


def test_a_camera_that_shows_nothing_is_reported_while_it_opens():
    """A driver may hang for 15 s."""
    hangs, clock = threading.Event(), FakeClock()
    preview = previews(lambda name: GreyCamera(name, 50) if hangs.wait() else GreyCamera(name, 0), clock)
    assert preview.read_picture("0", "camera 0") == (None, None)
    clock.now_s += SILENT_S + 0.1
    assert preview.read_picture("0", "camera 0")[1] == "no picture yet from camera 0. Close other programs that use it."
    hangs.set()
    preview.close()


def test_a_camera_that_failed_is_tried_again():
    clock, tries = FakeClock(), []

    def open_source(name: str) -> Source:
        tries.append(name)
        if len(tries) == 1:
            raise CameraError("camera 0 did not open")
        return GreyCamera(name, 50)

    preview = previews(open_source, clock)
    why = picture = None
    while why is None:
        why = preview.read_picture("0")[1]
    assert preview._opening.error is not None, "it is not tried again at once"
    while picture is None:
        clock.now_s += AGAIN_S + 0.1
        picture, why = preview.read_picture("0")
        assert picture is not None or why == "camera 0 did not open"
    preview.close()


def test_where_there_is_no_camera_the_screen_names_its_button():
    error = NoCamera("camera 0: this machine has no camera. Connect one, or use a phone: `livecoach live --phone`.")

    def none_there(_: str) -> Source:
        raise error

    preview, why = previews(none_there, offers_phone=True), None
    while why is None:
        why = preview.read_picture("0")[1]
    preview.close()
    told = "This machine has no camera. Connect one, or choose “Use a phone”."
    assert why == error_text(error, offers_phone=True) == told
    assert error_text(error, offers_phone=False) == error.text
    assert error_text(CameraError("camera 0 did not open."), offers_phone=True) == "camera 0 did not open."


def test_a_camera_is_closed_before_the_next_camera_opens_and_all_are_closed_in_the_end(preview, opened):
    show_menu(MENU, Fingers((shows(50), "right"), (shows(200), "q")), preview)
    assert opened[0].closed.is_set()
    preview.close()
    assert opened[1].closed.is_set()


def test_a_camera_that_does_not_open_is_reported_and_another_camera_can_be_chosen():
    def broken(name: str) -> Source:
        if name == "0":
            raise SourceError("camera 0: does not open")
        return GreyCamera(name, 200)

    plain = draw_menu(MENU, None)
    preview = previews(broken)
    noted = Fingers((lambda canvas: not np.array_equal(canvas, plain), "right"), (shows(200), "q"))
    try:
        assert show_menu(MENU, noted, preview)[1] == "quit"
    finally:
        preview.close()


def test_the_menu_follows_what_is_chosen(preview):
    def follow(menu: StartMenu) -> StartMenu:
        return replace(menu, title=f"last time with {menu.row_of('camera').chosen_text}")

    display = Fingers((at_once, "right"), (shows(200), "enter"))
    assert show_menu(MENU, display, preview, follow=follow)[0].title == "last time with camera 1"


@pytest.mark.parametrize(("portrait", "least_px"), [(False, 9), (True, 12)])
def test_the_names_of_rows_are_read_however_many_there_are(portrait, least_px):
    """At least 1 % of the height or so: in portrait, where the rows are low, they stand beside the options."""
    rows = tuple(
        Row(name, CAMERAS) for name in ("exercise", "depth", "what counts", "profile", "camera", "load and plan")
    )
    full = StartMenu(rows, dict.fromkeys(("Start", "Use a phone", "New profile", "Sessions and reports"), "start"), 9)
    unnamed = replace(full, rows=tuple(replace(row, name=" ") for row in rows))
    named, bare = (draw_menu(menu, None, portrait=portrait) for menu in (full, unnamed))
    for box in menu_boxes(full, portrait=portrait)[:2]:
        rows_px = np.flatnonzero((named != bare)[box.y : box.y + box.h].any((1, 2)))
        assert np.ptp(rows_px) >= least_px


def test_a_run_whose_camera_is_lost_shows_no_old_picture() -> None:
    """The lifter would take its "ready" for true."""
    frame = Frame(index=1, t_s=0.0, picture=np.zeros((48, 64, 3), np.uint8), captured_s=0.0)
    seen = CaptureResult(frame=frame, dropped=0, lost=False, ended=False)
    none, lost = replace(seen, frame=None), replace(seen, frame=None, lost=True)
    preview = RunPreview(iter([seen, none, lost, seen]))
    shown = [preview.read_picture("0") for _ in range(4)]
    assert [picture is frame.picture for picture, _ in shown] == [True, True, False, True]
    assert [why for _, why in shown] == [None, None, CAMERA_LOST, None]
