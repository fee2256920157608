"""Parses the messages of the phone's page. Data from the network are hostile until they are parsed here."""

import json
import struct
from collections.abc import Mapping
from typing import Literal, cast, get_args

from livecoach.core.types.reps import LONGEST_NOTE, CountedReps, parse_depth
from livecoach.feedback import screen

Role = Literal["camera", "take-over", "watch"]
"""Role of a device; "take-over" is a camera that replaces another phone."""
BUTTONS = ("end-session", "mute", "good", "bad", "no-rep", "undo", "start-set", "end-set", "choose-1", "choose-2")
"""Names of actions that need no value. A correction may have the start of a rep, in seconds, as its value, or name a
set by its number."""
LONGEST_TEXT = 4096  # Most characters of a text message; a note, the longest text of the page, needs a tenth
LARGEST_SIDE_PX = 1920  # Largest side of a picture that is decoded
MOST_PIXELS = 1920 * 1080  # Largest picture that is decoded; the page sends 640 × 480
MOST, LATEST_MS = 1e9, 1e13  # Upper bounds of numbers in messages: of values, and of readings of a clock
LONGEST_VALUES: Mapping[str, int] = {
    **dict.fromkeys(("exercise", "profile", "new-profile", "whose", "depth", "count"), 80),  # Names
    **dict.fromkeys(("load", "set-load", "rest"), 20),  # Numbers with units
    "rpe": 6,
    "note": LONGEST_NOTE,
}
"""Most characters of the value of each action that has a value."""
SET_ACTIONS = ("set-load", "rpe", "note", "whose")
"""Actions with a value that may name a set, by its number in the session."""
_STAMP = struct.Struct("<d")  # Time of capture before a picture, in milliseconds


class ProtocolError(Exception):
    """The error of a message that is malformed, or that the page would not send."""


PageMessage = Role | float | screen.LifterRequest
"""Content of a text message: the role, as the greeting of a connection; a reading of the phone's clock in milliseconds,
which asks for this computer's time; or a request of the user, which may name a choice that does not exist."""


def parse_text(text: str) -> PageMessage:
    """Parse a text message of the phone's page. An invalid message raises ProtocolError, and no other error."""
    if len(text) > LONGEST_TEXT:
        raise ProtocolError("too long")
    try:
        fields = json.loads(text)
    except (ValueError, RecursionError) as err:
        raise ProtocolError("not JSON") from err
    if not isinstance(fields, dict):
        raise ProtocolError("not an object")
    match fields.get("type"):
        case "hello":
            if fields.get("role") not in get_args(Role):
                raise ProtocolError("of no known role")
            return cast(Role, fields["role"])
        case "clock":
            return _parse_time(fields.get("sent_ms"))
        case "action":
            return _action(fields)
    raise ProtocolError("of no known type")


def parse_frame(data: bytes) -> tuple[float, bytes]:
    """Return the reading of the phone's clock at the capture, in milliseconds, and the undecoded JPEG of a message.

    Raises ProtocolError if the message has no picture or no time.
    """
    if len(data) <= _STAMP.size:
        raise ProtocolError("no picture")
    return _parse_time(_STAMP.unpack_from(data)[0]), data[_STAMP.size :]


def _action(fields: dict[str, object]) -> screen.LifterRequest:
    name, value = fields.get("name"), fields.get("value")
    if name == "undo-log" and (undone := _set_number(fields)) is not None:
        return screen.UndoEntry(undone)
    if name in BUTTONS:
        return _pressed(screen.Action(name), fields)
    if not isinstance(name, str) or name not in LONGEST_VALUES:
        raise ProtocolError("of no known action")
    if isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) < MOST:
        value = f"{value:g}"
    if not isinstance(value, str):
        raise ProtocolError("an action without its value")
    value = value.strip()
    if not 0 < len(value) <= LONGEST_VALUES[name] or not value.isprintable():
        raise ProtocolError("an action of no possible value")
    if name == "rpe" and not set(value) <= set("0123456789.,"):
        raise ProtocolError("not a number")
    if name == "count":
        return screen.ChosenStandard(count=cast(CountedReps, value))
    if name == "depth":
        return screen.ChosenStandard(depth=parse_depth(value))
    if name in ("exercise", "profile"):
        return screen.ChosenSetting(cast(Literal["exercise", "profile"], name), value)
    of_set = _set_number(fields) if name in SET_ACTIONS else None
    field = cast(Literal["load", "set-load", "rpe", "note", "rest", "profile"], name.removeprefix("new-"))
    return screen.ReassignedSet(value, of_set) if name == "whose" else screen.EnteredText(field, value, of_set)


def _pressed(button: screen.Action, fields: dict[str, object]) -> screen.LifterRequest:
    """Return the request of a button, which may be a correction of the rep or the set that the action names."""
    if button not in screen.CORRECTION_OF_ACTION:
        return button
    correction = screen.CORRECTION_OF_ACTION[button]
    start_s, of_set = fields.get("value"), _set_number(fields)
    if start_s is not None:
        return screen.RepCorrection(correction, _parse_time(start_s))
    return button if of_set is None else screen.SetCorrection(correction, of_set)


def _set_number(fields: dict[str, object]) -> int | None:
    of_set = fields.get("set")
    if of_set is not None and (type(of_set) is not int or not 0 < of_set < MOST):
        raise ProtocolError("of no possible set")
    return of_set


def _parse_time(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value < LATEST_MS:
        raise ProtocolError("not a time")
    return float(value)


MOST_BYTES = 1_500_000  # Largest JPEG; a picture of 640 × 480 has 30 to 120 kB
MOST_HZ, BURST = 60.0, 15  # Frames that are accepted per second in the long run, and at once


class RateLimit:
    """A limit on the rate of events, which admits short bursts."""

    def __init__(self, most_hz: float = MOST_HZ, burst: int = BURST) -> None:
        """Create a limit of `burst` events at once, and of `most_hz` events a second in the long run."""
        self._most_hz, self._burst = most_hz, float(burst)
        self._left = float(burst)
        self._last_s: float | None = None

    def admit(self, now_s: float) -> bool:
        """Count an event at time `now_s` if the limit admits the event, and return whether the limit admits it."""
        if self._last_s is not None:
            self._left = min(self._burst, self._left + max(0.0, now_s - self._last_s) * self._most_hz)
        self._last_s = now_s
        if self._left < 1:
            return False
        self._left -= 1
        return True
