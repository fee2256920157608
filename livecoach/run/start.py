"""Shows the start screen: its menu, keys and clicks, and the picture of the chosen camera."""

import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import CancelledError, wait
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Literal

import cv2
import numpy as np

from livecoach.capture import call_in_thread, no_picture_text
from livecoach.capture.camera import CLOSE_OTHERS
from livecoach.capture.capture import Capture, CaptureResult
from livecoach.core.errors import CameraError, LivecoachError, NoCamera
from livecoach.core.language import translate
from livecoach.core.types import Standards
from livecoach.core.types.bounds import check_distinct_name, check_profile_name
from livecoach.core.types.message import join_texts
from livecoach.feedback import camera_floor, shapes, text
from livecoach.feedback.camera_floor import FloorPlan
from livecoach.feedback.screen import typed_character
from livecoach.feedback.screen_layout import Box
from livecoach.feedback.shapes import DIM, DUSK, GREY, INK, LEFT, NIGHT
from livecoach.feedback.window import Window
from livecoach.run.feed import CAMERA_LOST
from livecoach.run.place_watch import PlaceWatch

Press = Literal["start", "phone", "sessions", "report", "back", "quit"]
"""Result of a button, or of a key that leaves the screen."""
MOVES = {"up": -1, "down": 1, "tab": 1, "pagedown": 1}  # Keys that move the focus, and by how many items
START_KEY = "enter"
PRESS_KEYS = (START_KEY, "space", "pageup")
"""Keys that press a button. On a row, START_KEY begins a run, and the other keys choose the next option."""
LEAVE_KEYS: dict[str, Press] = {"q": "quit", "r": "report"}
NEW_PROFILE: Literal["new profile"] = "new profile"
LONGEST_TYPED = 60  # Most characters that can be typed; a name may have fewer, which is checked when it is entered


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the start screen with options, one of which is chosen."""

    name: str  # Name of the choice: "exercise"
    options: Mapping[str, Any]  # Values by the options as displayed; at least one
    chosen_index: int = 0  # Index of the chosen option
    setting: str = ""  # Dotted key of the setting that the row changes; empty if it changes no setting
    shown_with: tuple[str, ...] | None = None
    """Options of the row "exercise" with which this row is shown; None for all options."""

    @property
    def chosen_text(self) -> str:
        """Text of the chosen option, as displayed."""
        return list(self.options)[self.chosen_index]

    @property
    def value(self) -> Any:
        return self.options[self.chosen_text]

    def move(self, by: int) -> "Row":
        """Return the row with another option chosen, `by` places further; after the last option comes the first."""
        return replace(self, chosen_index=(self.chosen_index + by) % len(self.options))


@dataclass(frozen=True, slots=True)
class StartMenu:
    """The rows and buttons of the start screen from top to bottom, with the focus on one of them.

    A row that depends on the chosen exercise comes after the row "exercise".
    """

    rows: tuple[Row, ...]
    buttons: Mapping[str, Press | Literal["new profile"]]  # Results by texts; NEW_PROFILE begins to type a name
    focus: int  # Index of the focus among the shown items; buttons follow the rows
    title: str = "livecoach"  # Heading; a reminder of the last session's fault replaces it
    typed: str | None = None  # Name of a new profile while it is typed; None while keys move and change
    problem: str | None = None  # Reason why the entered name is not possible; None without a problem
    escape: Press = "quit"  # Result of Esc: back to the run that waits for a choice, or the end

    @property
    def shown_rows(self) -> tuple[Row, ...]:
        """The rows that are shown with the chosen exercise."""
        return tuple(
            row for row in self.rows if row.shown_with is None or self.row_of("exercise").chosen_text in row.shown_with
        )

    @property
    def item_count(self) -> int:
        return len(self.shown_rows) + len(self.buttons)

    @property
    def focused_row(self) -> Row | None:
        """The row that has the focus; None if a button has the focus."""
        shown = self.shown_rows
        return shown[self.focus] if self.focus < len(shown) else None

    def row_of(self, name: str) -> Row:
        """Return the row with a name; raises KeyError if the menu has no such row."""
        return {row.name: row for row in self.rows}[name]

    def press_key(self, name: str) -> "StartMenu | Press":
        """Return the menu after the press of a key (its name or character), or the result if the key leaves the screen.

        While a name is typed, the keys in MOVES drop the typed name, and all other keys belong to the name. Keys
        without a meaning change nothing.
        """
        if self.typed is not None and name not in MOVES:
            return self._typing(name, self.typed)
        name = name.lower()
        if name in LEAVE_KEYS or name == "escape":
            return LEAVE_KEYS.get(name, self.escape)
        if name in MOVES:
            return self._with_focus(self.focus + MOVES[name])
        if name in PRESS_KEYS and self.focused_row is None:
            return self._pressed()
        if name == START_KEY:
            return "start"
        return self._choose_option(-1 if name == "left" else 1) if name in ("left", "right", *PRESS_KEYS) else self

    def click(self, item: int, *, left_half: bool) -> "StartMenu | Press":
        """Return the menu after a click on a row or button, or the result of a button that leaves the screen.

        Args:
            item: Index of the shown row or button, from 0.
            left_half: Whether the click was on the left half of a row, which chooses the previous option, not the next.
        """
        there = self._with_focus(item)
        return there._pressed() if there.focused_row is None else there._choose_option(-1 if left_half else 1)

    def _with_focus(self, item: int) -> "StartMenu":
        return replace(self, focus=item % self.item_count, typed=None, problem=None)

    def _choose_option(self, by: int) -> "StartMenu":
        here = self.focused_row
        return replace(self, rows=tuple(row.move(by) if row is here else row for row in self.rows))

    def _pressed(self) -> "StartMenu | Press":
        press = list(self.buttons.values())[self.focus - len(self.shown_rows)]
        return replace(self, typed="") if press == NEW_PROFILE else press

    def _typing(self, key: str, so_far: str) -> "StartMenu":
        """Return the menu after a key that is typed into the name of a new profile."""
        if key == "escape":
            return replace(self, typed=None, problem=None)
        if key == "enter":
            row = self.row_of("profile")
            try:
                name = check_profile_name(so_far.strip())
                check_distinct_name(name, row.options.values())
            except ValueError as err:
                return replace(self, problem=join_texts(": ", "profile", err.args[0]))
            options = {**row.options, name: name}
            chosen = replace(row, options=options, chosen_index=list(options).index(name))
            rows = tuple(chosen if other is row else other for other in self.rows)
            return replace(self, rows=rows, focus=self.shown_rows.index(row), typed=None, problem=None)
        now = so_far[:-1] if key == "backspace" else so_far + typed_character(key)
        return replace(self, typed=now[:LONGEST_TYPED], problem=None)


SIZE_PX = (1280, 720)  # Width and height; in portrait, height and width
MARGIN_PX = 24
PREVIEW_W_PX = 680
PORTRAIT_PREVIEW_H_PX = 378  # Height of a picture of 16:9
PANEL_H_PX = 200  # Height of the panel about the camera's place, under the preview
TITLE_H_PX = 72
ITEM_H_PX = 100  # Largest height of a row or button
GAP_PX = 10
CAP_PX = 34  # Height of the capitals of options, 4.7 % of the canvas: they are read on the way to the platform
LABEL_CAP_PX = 15
LABEL_W_PX, LOW = 200, 11
"""Width of a label to the left of the options, and ratio of width to height above which a row has its label there."""
PROBLEM_CAP_PX = 24
KEYS: dict[Press, str] = {
    "quit": "Arrow keys move and change   Enter starts   R: last report   Esc ends   "
    "Page Down moves, Page Up changes or starts",
    "back": "Arrow keys move and change   Enter starts   Esc goes back   Q ends   "
    "Page Down moves, Page Up changes or starts",
}
"""The keys that work, by the result of Esc."""
TYPING_KEYS = "Type a name   Enter accepts it   Esc cancels"
ARROWS = ("‹", "›")
NO_PICTURE = "no picture yet"


def menu_boxes(menu: StartMenu, *, portrait: bool = False) -> tuple[Box, ...]:
    """Return the boxes of a menu's rows and buttons, in order, in pixels.

    The canvas has SIZE_PX; in portrait, width and height are exchanged.
    """
    width, height = reversed(SIZE_PX) if portrait else SIZE_PX
    x = MARGIN_PX if portrait else PREVIEW_W_PX + 2 * MARGIN_PX
    y = TITLE_H_PX + PORTRAIT_PREVIEW_H_PX + PANEL_H_PX + 2 * GAP_PX if portrait else TITLE_H_PX
    room, items = height - y - (3 if portrait else 2) * MARGIN_PX, menu.item_count
    h = min(ITEM_H_PX, (room + GAP_PX) // items - GAP_PX)
    top = y + (room - items * (h + GAP_PX) + GAP_PX) // 2
    return tuple(Box(x, top + k * (h + GAP_PX), width - x - MARGIN_PX, h) for k in range(items))


def item_at(menu: StartMenu, x: int, y: int, *, portrait: bool = False) -> tuple[int, bool] | None:
    """Return the index of the row or button at a point, and whether the point is in the left half; None elsewhere."""
    for number, box in enumerate(menu_boxes(menu, portrait=portrait)):
        if box.x <= x < box.right and box.y <= y < box.bottom:
            return number, x < box.x + box.w // 2
    return None


def draw_menu(
    menu: StartMenu,
    preview: np.ndarray | None,
    problem: str | None = None,
    title: str | None = None,
    *,
    mirrored: bool = True,
    portrait: bool = False,
    floor_plan: FloorPlan | None = None,
) -> np.ndarray:
    """Draw the start screen on a new canvas, (height, width, 3) uint8 BGR.

    Args:
        preview: Picture of the chosen camera, (height, width, 3) uint8 BGR; None before the first picture.
        problem: Problem to show instead of the picture, such as "camera 1: does not answer. Connect it."; None without
            a problem. A problem in the menu comes first.
        title: Heading; None for the title of the menu.
        mirrored: Whether to mirror the picture; a QR code must not be mirrored.
        floor_plan: Content of the plan of the floor; None to leave the plan out.
    """
    width, height = reversed(SIZE_PX) if portrait else SIZE_PX
    canvas = np.full((height, width, 3), DUSK, np.uint8)
    room_px = width - 2 * MARGIN_PX
    w = room_px if portrait else PREVIEW_W_PX
    h = PORTRAIT_PREVIEW_H_PX + PANEL_H_PX + GAP_PX if portrait else height - TITLE_H_PX - 3 * MARGIN_PX
    if floor_plan is not None:
        h -= PANEL_H_PX + GAP_PX
        panel = Box(MARGIN_PX, TITLE_H_PX + h + GAP_PX, w, PANEL_H_PX)
        camera_floor.draw_floor_plan(canvas, panel, floor_plan, mirrored=mirrored)
    _draw_preview(canvas, Box(MARGIN_PX, TITLE_H_PX, w, h), preview, menu.problem or problem, mirrored=mirrored)
    heading = text.typeset(translate(title or menu.title), 1, TITLE_H_PX * 2 // 5, room_px)
    heading.write(canvas, (MARGIN_PX, (TITLE_H_PX - heading.cap_px) // 2), INK)
    for number, box in enumerate(menu_boxes(menu, portrait=portrait)):
        _draw_item(canvas, menu, box, number)
    keys = translate(KEYS[menu.escape] if menu.typed is None else TYPING_KEYS).split("   ")
    lines = text.wrap(keys, LABEL_CAP_PX, room_px, between="   ")
    lines.write(canvas, (MARGIN_PX, height - MARGIN_PX // 2 - lines.height_px), GREY)
    return canvas


def _draw_preview(
    canvas: np.ndarray, place: Box, picture: np.ndarray | None, problem: str | None, *, mirrored: bool
) -> None:
    """Draw the picture as large as fits, or in its place the problem, or a text that there is no picture."""
    cv2.rectangle(canvas, (place.x, place.y), (place.right - 1, place.bottom - 1), NIGHT, -1)
    if problem is not None:
        lines = text.wrap(translate(problem).split(" "), PROBLEM_CAP_PX, place.w - 2 * MARGIN_PX, text.SEMIBOLD)
        lines.write(canvas, (place.x + MARGIN_PX, place.y + (place.h - lines.height_px) // 2), INK)
        return
    if picture is None:
        _centred(canvas, translate(NO_PICTURE), place, CAP_PX, GREY)
        return
    scale = min(place.w / picture.shape[1], place.h / picture.shape[0])
    w, h = max(1, round(picture.shape[1] * scale)), max(1, round(picture.shape[0] * scale))
    x, y = place.x + (place.w - w) // 2, place.y + (place.h - h) // 2
    fitted = cv2.resize(picture, (w, h))
    canvas[y : y + h, x : x + w] = cv2.flip(fitted, 1) if mirrored else fitted


def _draw_item(canvas: np.ndarray, menu: StartMenu, box: Box, number: int) -> None:
    is_here, rows = number == menu.focus, menu.shown_rows
    shapes.fill_box(canvas, box, 1.0, LEFT if is_here else NIGHT, radius=box.h // 5)
    ink = NIGHT if is_here else INK
    if number >= len(rows):
        shown = translate(list(menu.buttons)[number - len(rows)])
        if is_here and menu.typed is not None:
            shown = f"{menu.typed}_"
        _centred(canvas, shown, box, min(CAP_PX, box.h * 2 // 5), ink)
        return
    row, label_w = rows[number], LABEL_W_PX if box.w > LOW * box.h else 0
    label_px = LABEL_CAP_PX if label_w else min(LABEL_CAP_PX, box.h // 5)
    label_h = 0 if label_w else label_px + box.h // 14
    cap_px = min(CAP_PX, (box.h - (0 if label_w else label_px)) * 3 // 7)
    label = text.typeset(translate(row.name), 1, label_px, label_w or box.w)
    x, y = (2 * cap_px, (box.h - label.cap_px) // 2) if label_w else (LABEL_CAP_PX, box.h // 10)
    label.write(canvas, (box.x + x, box.y + y), ink if is_here else GREY)
    field = Box(box.x, box.y + label_h, box.w, box.h - label_h)
    for arrow, x in zip(ARROWS, (field.x + cap_px // 2, field.right - cap_px), strict=True):
        colour = ink if len(row.options) > 1 else DIM
        text.write(canvas, arrow, (x, field.y + (field.h + cap_px) // 2), cap_px, colour, text.BOLD)
    words = Box(field.x + 2 * cap_px + label_w, field.y, field.w - 4 * cap_px - label_w, field.h)
    _centred(canvas, translate(row.chosen_text), words, cap_px, ink)


def _centred(canvas: np.ndarray, words: str, box: Box, cap_px: int, ink: tuple[int, int, int]) -> None:
    line = text.typeset(words, 1, cap_px, box.w, text.SEMIBOLD)
    line.write(canvas, (box.x + (box.w - line.width_px) // 2, box.y + (box.h - line.cap_px) // 2), ink)


WAIT_S = 0.03  # Longest wait for a frame in each round, and so the longest delay of a key
KEYS_S = 0.005  # Longest wait for a key in each round, so that a camera without pictures keeps no processor busy
SILENT_S = 2.5  # Time without a picture after which the screen says so
AGAIN_S = 1.0  # Pause between attempts to open a camera, which may be connected or switched on meanwhile
CLOSING_S = 5.0  # Longest wait for a camera that is still opening; streams time out after 2 s

NO_CAMERA = "This machine has no camera. Connect one, or choose “Use a phone”."


def error_text(error: LivecoachError, *, offers_phone: bool) -> str:
    """Return an error's text for the lifter. If a phone is offered, the text of NoCamera suggests the phone."""
    return NO_CAMERA if offers_phone and isinstance(error, NoCamera) else error.text


class Preview:
    """The preview of the chosen camera on the start screen.

    Each camera opens on a separate thread, after the previous camera was closed, so that keys do not wait for cameras.
    """

    def __init__(
        self,
        open_capture: Callable[[str], Capture],
        clock: Callable[[], float] = time.monotonic,
        *,
        offers_phone: bool = False,
    ) -> None:
        """Begin without a camera.

        Args:
            open_capture: Opens the camera with a name; raises SourceError.
            offers_phone: Whether the screen offers the button "Use a phone".
        """
        self._open_capture, self._clock, self._offers_phone = open_capture, clock, offers_phone
        self._opening: _Opening | None = None
        self._began_s = 0.0
        self._picture: np.ndarray | None = None
        self._why: str | None = None

    def read_picture(self, camera: str, shown: str | None = None) -> tuple[np.ndarray | None, str | None]:
        """Return the newest picture of a camera, (height, width, 3) uint8 BGR, and the reason why there is none.

        One of the two is None; until SILENT_S have passed without a picture or an error, both are. An error is not
        raised, but becomes the reason. A new camera is opened; after a CameraError, it is opened again in AGAIN_S.

        Args:
            shown: Name of the camera as displayed; None for `camera`.
        """
        now_s = self._clock()
        if self._opening is None or self._opening.camera != camera:
            self._picture = self._why = None
            self._open(camera)
        opened = self._opening
        assert opened is not None
        if opened.error is None and opened.capture.done():
            try:
                result = opened.capture.result().take(WAIT_S)
            except LivecoachError as err:
                opened.error = err
            else:
                self._picture = self._picture if result.frame is None else result.frame.picture
        if opened.error is not None:
            self._picture, self._why = None, error_text(opened.error, offers_phone=self._offers_phone)
            if isinstance(opened.error, CameraError) and now_s - self._began_s > AGAIN_S:
                self._open(camera)
        elif self._picture is None and self._why is None and now_s - self._began_s > SILENT_S:
            self._why = no_picture_text(shown or camera, CLOSE_OTHERS)
        return (self._picture, None) if self._picture is not None else (None, self._why)

    def _open(self, camera: str) -> None:
        self._opening, self._began_s = _Opening(camera, self._open_capture, self._opening), self._clock()

    def close(self) -> None:
        if self._opening is not None:
            self._opening.close()


class RunPreview:
    """The preview of the camera during a run that waits for a choice, with pictures from the run's own feed."""

    def __init__(self, feed: Iterator[CaptureResult]) -> None:
        self._feed = feed
        self._picture: np.ndarray | None = None

    def read_picture(self, _: str, shown: str | None = None) -> tuple[np.ndarray | None, str | None]:  # noqa: ARG002 (as Preview)
        """Read the next frame; return the newest picture and None or, if the camera is lost, None and the reason."""
        result = next(self._feed, None)
        if result is not None and result.frame is not None:
            self._picture = result.frame.picture
        return (None, CAMERA_LOST) if result is not None and result.lost else (self._picture, None)


class _Opening:
    def __init__(self, camera: str, open_capture: Callable[[str], Capture], before: "_Opening | None") -> None:
        self.camera, self._left = camera, False
        self.error: LivecoachError | None = None
        self.capture = call_in_thread(lambda: self._open(open_capture, before), Capture.close)

    def _open(self, open_capture: Callable[[str], Capture], before: "_Opening | None") -> Capture:
        if before is not None:
            before.close()
        if self._left:
            raise CancelledError
        return open_capture(self.camera)

    def close(self) -> None:
        self._left = True
        wait([self.capture], CLOSING_S)
        if not self.capture.cancel() and self.capture.exception() is None:
            self.capture.result().close()


def show_menu(
    menu: StartMenu,
    display: Window,
    preview: Preview | RunPreview,
    problem: str | None = None,
    follow: Callable[[StartMenu], StartMenu] = lambda menu: menu,
    poll_ended: Callable[[], bool] | None = None,
    watch: PlaceWatch | None = None,
) -> tuple[StartMenu, Press]:
    """Show a menu until the lifter leaves it, and return the final menu and the result of the button or key.

    The result is "quit" if the session was ended on the phone.

    Args:
        problem: The reason why the last run did not begin, shown until the first key or click; None for no reason.
        follow: Returns the menu with titles and rows that suit the choices in the menu; called after each key or click.
        poll_ended: Returns whether the lifter has ended the session on the phone; None without a phone.
        watch: Watches the places of lifter and camera, for the plan of the floor; None to leave the plan out.
    """
    while True:
        if poll_ended is not None and poll_ended():
            return menu, "quit"
        camera = menu.row_of("camera")
        picture, why = preview.read_picture(str(camera.value), camera.chosen_text)
        floor_plan = None
        if watch is not None:
            standards = Standards(depth=menu.row_of("depth").value)
            floor_plan = watch.update(picture, menu.row_of("exercise").value, standards)
        display.show(draw_menu(menu, picture, problem or why, portrait=display.is_portrait, floor_plan=floor_plan))
        for move in _menu_actions(menu, display):
            problem = None
            answer = move(menu)
            if not isinstance(answer, StartMenu):
                return menu, answer
            menu = follow(answer)


def _menu_actions(menu: StartMenu, display: Window) -> list[Callable[[StartMenu], StartMenu | Press]]:
    """Return the effects on the menu of the keys and clicks since the last round."""
    clicked = (item_at(menu, x, y, portrait=display.is_portrait) for x, y in display.take_clicks())
    return [
        *(partial(StartMenu.press_key, name=name) for name in display.take_keys(KEYS_S)),
        *(partial(StartMenu.click, item=at[0], left_half=at[1]) for at in clicked if at is not None),
    ]
