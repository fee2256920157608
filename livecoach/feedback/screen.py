"""Shows a run in a window, and turns keys into actions."""

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import Literal

import numpy as np

from livecoach.core.language import translate
from livecoach.core.step import Step
from livecoach.core.types import Correction, Standards, ignore
from livecoach.core.types.message import Message
from livecoach.core.types.reps import COUNTED, CountedReps, DepthStandard, depth_words
from livecoach.feedback import text
from livecoach.feedback.overlay import Overlay
from livecoach.feedback.session_state import SessionState
from livecoach.feedback.shapes import DUSK, INK
from livecoach.feedback.window import Window


class Action(Enum):
    """An action that the lifter requests by a key or the phone's remote. Its value stands in the remote's messages."""

    QUIT = "quit"
    PAUSE = "pause"
    MUTE = "mute"
    FULL_SCREEN = "full screen"
    HELP = "help"
    PROFILE = "profile"
    YES = "yes"
    NO = "no"
    GOOD = "good"
    BAD = "bad"
    NO_REP = "no-rep"
    UNDO = "undo"
    EXERCISE = "exercise"
    CHOOSE_FIRST = "choose-1"
    CHOOSE_SECOND = "choose-2"
    RPE = "type an RPE"
    SET_LOAD = "type the load of the last set"
    DEPTH = "check depth or not"
    NOTE = "type a note"
    START_SET = "start-set"  # The set starts with the next rep
    END_SET = "end-set"
    END_SESSION = "end-session"  # The program ends too: the phone has no start screen to return to


@dataclass(frozen=True, slots=True)
class ChosenLifter:
    """The choice of a lifter by a function key."""

    index: int  # Index among the lifters of the session, from 0; there may be fewer lifters
    has_lifted: bool = False  # Whether the lifter has done the last set; otherwise the lifter does the next set


_KEYS: dict[str, Action | ChosenLifter] = {
    "q": Action.QUIT,
    "escape": Action.QUIT,
    "space": Action.PAUSE,
    "m": Action.MUTE,
    "f": Action.FULL_SCREEN,
    "?": Action.HELP,
    "h": Action.HELP,  # "?" is hard to find on some keyboards
    "g": Action.GOOD,
    "b": Action.BAD,
    "x": Action.NO_REP,
    "u": Action.UNDO,
    "e": Action.EXERCISE,
    "p": Action.PROFILE,
    "y": Action.YES,
    "n": Action.NO,
    "1": Action.CHOOSE_FIRST,
    "2": Action.CHOOSE_SECOND,
    "r": Action.RPE,
    "w": Action.SET_LOAD,
    "d": Action.DEPTH,
    "t": Action.NOTE,
    **{f"f{index + 1}": ChosenLifter(index) for index in range(8)},
    **{f"shift f{index + 1}": ChosenLifter(index, has_lifted=True) for index in range(8)},
}
CORRECTION_OF_ACTION: dict[Action, Correction | None] = {
    Action.GOOD: Correction(label="good"),
    Action.BAD: Correction(label="bad"),
    Action.NO_REP: Correction(label="no-rep"),
    Action.UNDO: None,
}
"""Correction that an action makes; None undoes the last correction."""


def typed_character(key: str) -> str:
    """Return the character that a key of `Window.take_keys` types; empty if the key types no character."""
    return " " if key == "space" else key if len(key) == 1 else ""


def key_action(key: str, *, typing: bool) -> Action | ChosenLifter | str | None:
    """Return the action, choice of a lifter, or typed key that a key of `Window.take_keys` means; None for no effect.

    Args:
        typing: Whether the lifter is typing a text, to which all keys belong. Otherwise, only 0 and 3 to 9 are typed.
    """
    action = None if typing else _KEYS.get(key.lower())
    text = key if key in ("enter", "backspace", "escape") else typed_character(key)
    if action is not None or not text:
        return action
    return text if typing or text.isdigit() else None


@dataclass(frozen=True, slots=True)
class EnteredText:
    """A text that the lifter entered, for a set or for the session."""

    field: Literal["load", "set-load", "rpe", "note", "rest", "profile"]
    text: str  # Text as typed. A rest of 0 plans no rest; a profile is the name of a new lifter
    set_number: int | None = None
    """Number of the set in the session; None for the last set, and for a text about no set."""


@dataclass(frozen=True, slots=True)
class UndoEntry:
    """A request to undo the last entry for a set: its load, RPE or note."""

    set_number: int  # Number of the set in the session


@dataclass(frozen=True, slots=True)
class ReassignedSet:
    """A request to assign a set to the lifter who did it, in place of the recorded lifter."""

    profile: str  # Profile of the lifter who did the set
    set_number: int | None = None  # Number of the set in the session; None for the last set


@dataclass(frozen=True, slots=True)
class RepCorrection:
    """A request to correct a rep, or to undo its last correction."""

    correction: Correction | None  # None undoes the last correction of the rep
    start_s: float  # Start of the rep, which identifies it


@dataclass(frozen=True, slots=True)
class SetCorrection:
    """A request to correct all counted reps of a set, or to undo the last correction of the set."""

    correction: Correction | None  # None undoes the last correction of the set
    set_number: int  # Number of the set in the session


@dataclass(frozen=True, slots=True)
class ChosenSetting:
    """An exercise or a profile that the lifter chose."""

    row: Literal["exercise", "profile"]  # The setting that was chosen
    name: str  # Name of the exercise ("auto" to recognise it) or of the profile


@dataclass(frozen=True, slots=True)
class ChosenStandard:
    """A request to judge the next sets by other standards. None leaves a standard as it was."""

    depth: DepthStandard | None = None
    count: CountedReps | None = None

    def apply_to(self, standards: Standards) -> Standards:
        """Return standards in which the chosen values replace the values of `standards`."""
        return Standards(depth=self.depth or standards.depth, count=self.count or standards.count)

    @property
    def words(self) -> str:
        """Description of the chosen depth or, without a depth, of the reps that count; a message to translate."""
        if self.depth is not None:
            return Message("depth: {text}", text=depth_words(self.depth))
        return Message("what counts: {text}", text=COUNTED[self.count or "all"])


Choice = ReassignedSet | ChosenSetting | ChosenStandard
LifterRequest = Action | EnteredText | UndoEntry | RepCorrection | SetCorrection | Choice
"""A complete request of the lifter, with its values, as the phone's remote sends it."""
UserInput = LifterRequest | str | ChosenLifter
"""Any input to a run. A str is a typed key: the character, or "enter", "backspace" or "escape"."""


LATE_S = 0.05  # Age of a frame from which it is not drawn, because the run has fallen behind
PAGE_SIZE_PX, PICTURE_PAGE_SIZE_PX = (640, 480), (1280, 720)  # Width and height of texts without and with a picture
LEAST_CAP_PX = 16  # Capitals in the first text of a page are taller than this
LEAST_HZ = 5.0  # Least number of frames a second, by the frames' times, that are drawn however late they are


SCREEN_GONE = "the screen is gone or does not answer: the set goes on without a window"


def draw_texts(texts: Sequence[str], picture: np.ndarray | None, *, portrait: bool) -> np.ndarray:
    """Draw texts, the first in larger type, and a picture, if any, on a new canvas, (height, width, 3) uint8 BGR.

    The canvas has PICTURE_PAGE_SIZE_PX; without a picture, PAGE_SIZE_PX.

    Args:
        picture: Picture to the left of the texts, or in portrait above them, (height, width, 3) uint8 BGR, which fits
            on the canvas; None for texts alone.
        portrait: Whether to exchange width and height of the canvas.
    """
    size_px = PAGE_SIZE_PX if picture is None else PICTURE_PAGE_SIZE_PX
    width_px, height_px = reversed(size_px) if portrait else size_px
    canvas = np.full((height_px, width_px, 3), DUSK, np.uint8)
    unit_px = min(size_px)
    margin_px, gap_px = max(size_px) // 20, unit_px // 24
    from_x = from_y = 0
    if picture is not None:
        h, w = picture.shape[:2]
        x, y = ((width_px - w) // 2, margin_px) if portrait else (margin_px, (height_px - h) // 2)
        canvas[y : y + h, x : x + w] = picture
        from_x, from_y = (0, y + h) if portrait else (x + w, 0)
    room_px = width_px - from_x - 2 * margin_px
    for cap_px in range(unit_px // 16, LEAST_CAP_PX, -1):
        caps_px = [cap_px] + [cap_px // 2] * (len(texts) - 1)
        words = [translate(line).split(" ") for line in texts]
        blocks = [text.wrap(*line, room_px, text.SEMIBOLD) for line in zip(words, caps_px, strict=True)]
        filled_px = sum(block.height_px + gap_px for block in blocks) - gap_px
        if filled_px <= height_px - from_y - 2 * gap_px:
            break
    x = from_x + margin_px + (room_px - max(block.width_px for block in blocks)) // 2
    y = from_y + (height_px - from_y - filled_px) // 2
    for block in blocks:
        block.write(canvas, (x, y), INK)
        y += block.height_px + gap_px
    return canvas


class Screen:
    """The window of a run, which shows steps and turns pressed keys into requests."""

    def __init__(
        self,
        overlay: Overlay,
        display: Window,
        say: Callable[[str], object],
        remember_full_screen: Callable[[bool], object] = ignore,
    ) -> None:
        """Connect overlay and window. `say` informs the user, `remember_full_screen` stores the user's new choice."""
        self._overlay, self._display, self._say = overlay, display, say
        self._remember_full_screen = remember_full_screen
        self._drawn: tuple[np.ndarray | None, Step, SessionState] | None = None
        self._drawn_t_s = float("-inf")
        self._reported_lost = False
        self._keys: deque[str] = deque()
        self._help = False  # Whether to show the keys
        self._typing = False  # Whether all keys belong to a text

    def show_texts(self, line: str, *more: str, picture: np.ndarray | None = None) -> list[Action | ChosenLifter | str]:
        """Show texts instead of a step, the first in larger type, and return the next request as `take_requests` does.

        Args:
            picture: (height, width, 3) uint8 BGR, at most as high as PICTURE_PAGE_SIZE_PX; None for text alone.
        """
        canvas = draw_texts((line, *more), picture, portrait=self._display.is_portrait)
        self._display.show(canvas)
        return self.take_requests()

    def show(self, picture: np.ndarray | None, step: Step, status: SessionState, age_s: float | None) -> bool:
        """Draw a step unless its frame is late, and return whether the step was drawn.

        Urgent steps are drawn even if they are late, and so are LEAST_HZ steps a second. A lost screen draws no step.

        Args:
            age_s: Time since the frame's capture; None if unknown, and for the step of a command or a repeated step.
        """
        self._typing = status.device.typing
        if self.report_loss():
            return False
        t_s = step.observation.t_s
        plain = not step.is_urgent
        if plain and age_s is not None and age_s > LATE_S and t_s - self._drawn_t_s < 1 / LEAST_HZ:
            return False
        self._drawn, self._drawn_t_s = (picture, step, status), t_s
        self._draw()
        return True

    def _draw(self) -> None:
        if self._drawn is not None:
            picture, step, status = self._drawn
            device = replace(status.device, help=self._help)
            self._display.show(self._overlay.draw(picture, step, replace(status, device=device)))

    def report_loss(self) -> bool:
        """Return whether the screen is gone or does not answer, and report the loss to the user once."""
        if self._display.lost and not self._reported_lost:
            self._reported_lost = True
            self._say(SCREEN_GONE)
        return self._reported_lost

    def take_requests(self) -> list[Action | ChosenLifter | str]:
        """Return the next request of the lifter, in a list; the list is empty without a request or with a lost screen.

        If the lifter has closed the window, the request is QUIT. Keys that change only the window are handled here.
        There is one request at a time, because a key may begin a text, and so change the meaning of the next key.
        """
        self._keys += self._display.take_keys()
        if self.report_loss():
            return []
        if self._display.closed:
            return [Action.QUIT]
        while self._keys:
            action = key_action(key := self._keys.popleft(), typing=self._typing)
            if action is Action.FULL_SCREEN:
                self._display.full_screen = not self._display.full_screen
                self._remember_full_screen(self._display.full_screen)
            elif action is Action.HELP or (self._help and key == "escape" and not self._typing):
                self._help = not self._help
                self._draw()
            elif action is not None:
                return [action]
        return []
