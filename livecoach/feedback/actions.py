"""User input to a run: actions of keys, and values entered as a whole elsewhere."""

from dataclasses import dataclass
from enum import Enum
from typing import Literal

from livecoach.types import Correction, Standards
from livecoach.types.message import Message
from livecoach.types.reps import COUNTED, CountedReps, DepthStandard, depth_words


class Action(Enum):
    QUIT = "quit"
    PAUSE = "pause"
    MUTE = "mute"
    FULL_SCREEN = "full screen"
    SCREENSHOT = "screenshot"
    HELP = "help"
    INFO = "figures of the run"
    BACK = "back"
    FORTH = "forth"
    PREVIOUS_FRAME = "previous frame"
    NEXT_FRAME = "next frame"
    PREVIOUS_REP = "previous rep"
    PROFILE = PREVIOUS_REP  # the same key: a live run has no rep to go back to, and a player no profile to change
    NEXT_REP = "next rep"
    SLOWER = "slower"
    FASTER = "faster"
    LOOP = "loop"
    FIRST = "first"
    LAST = "last"
    GOOD = "good"
    BAD = "bad"
    NO_REP = "no rep"
    UNDO = "undo"
    EXERCISE = "exercise"
    CHOOSE_FIRST = "choose the first exercise"
    CHOOSE_SECOND = "choose the second exercise"
    RPE = "type an RPE"
    NOTE = "type a note"
    START_SET = "begin another set with the next rep"
    END_SET = "end the set"


@dataclass(frozen=True, slots=True)
class TypedKey:
    """A key typed into a text, or a digit, which begins one."""

    key: str  # the character, or "enter", "backspace" or "escape"


_KEYS = {
    "q": Action.QUIT,
    "escape": Action.QUIT,
    "space": Action.PAUSE,
    "m": Action.MUTE,
    "f": Action.FULL_SCREEN,
    "s": Action.SCREENSHOT,
    "?": Action.HELP,
    "h": Action.HELP,  # "?" is hard to find on some keyboards
    "i": Action.INFO,
    "left": Action.BACK,
    "right": Action.FORTH,
    ",": Action.PREVIOUS_FRAME,
    ".": Action.NEXT_FRAME,
    "p": Action.PREVIOUS_REP,
    "n": Action.NEXT_REP,
    "down": Action.SLOWER,
    "-": Action.SLOWER,
    "up": Action.FASTER,
    "+": Action.FASTER,
    "l": Action.LOOP,
    "home": Action.FIRST,
    "end": Action.LAST,
    "g": Action.GOOD,
    "b": Action.BAD,
    "x": Action.NO_REP,
    "u": Action.UNDO,
    "e": Action.EXERCISE,
    "1": Action.CHOOSE_FIRST,
    "2": Action.CHOOSE_SECOND,
    "r": Action.RPE,
    "t": Action.NOTE,
}
CORRECTION_OF_ACTION: dict[Action, Correction | None] = {
    Action.GOOD: Correction(label="good"),
    Action.BAD: Correction(label="bad"),
    Action.NO_REP: Correction(label="no-rep"),
    Action.UNDO: None,
}
"""Action → the correction that it makes; None undoes the last one."""


def typed_text(key: str) -> str:
    """Return what a key adds to a text; "" for a key that types nothing. key: as `Display.keys` returns it."""
    return " " if key == "space" else key if len(key) == 1 else ""


def pressed(key: str, *, typing: bool) -> Action | TypedKey | None:
    """Return what a key does, as `Display.keys` returns it; None if it does nothing.

    typing: whether the user is typing a text, to which all keys belong.
    """
    action = None if typing else _KEYS.get(key.lower())
    text = key if key in ("enter", "backspace", "escape") else typed_text(key)
    if action is not None or not text:
        return action
    return TypedKey(text) if typing or text.isdigit() else None


@dataclass(frozen=True, slots=True)
class EnteredText:
    field: Literal["load", "rpe", "note"]
    text: str


@dataclass(frozen=True, slots=True)
class PlannedRest:
    """A rest to plan from now on."""

    text: str  # as the lifter typed it; 0 to plan none


@dataclass(frozen=True, slots=True)
class ChosenSetting:
    """An exercise or a profile to continue with."""

    row: Literal["exercise", "profile"]
    name: str  # name of the exercise, "auto" included, or of the profile


@dataclass(frozen=True, slots=True)
class ChosenStandard:
    """A standard for the next set."""

    depth: DepthStandard | None = None  # None: as before
    count: CountedReps | None = None  # None: as before

    def applied(self, standards: Standards) -> Standards:
        return Standards(depth=self.depth or standards.depth, count=self.count or standards.count)

    @property
    def words(self) -> str:
        """The choice as it is shown."""
        if self.depth is not None:
            return Message("depth: {text}", text=depth_words(self.depth))
        return Message("what counts: {text}", text=COUNTED[self.count or "all"])


Entry = Action | TypedKey | EnteredText | PlannedRest | ChosenSetting | ChosenStandard  # any user input to a run
