"""Loads in the document that `livecoach history --json` writes."""

from dataclasses import dataclass
from typing import Literal

from livecoach.documents.analysis import SETTINGS
from livecoach.types import SpeedUnit

BestKind = Literal["heaviest_rep", "most_volume", "most_reps", "fastest_rep"]


@dataclass(frozen=True, slots=True, kw_only=True)
class BestDocument:
    """A personal best. Sets without a load have none."""

    __pydantic_config__ = SETTINGS
    kind: BestKind
    """What was best: the heaviest good rep, the volume load of a session, and at each load the reps of a set and the
    fastest good rep."""
    load_kg: float | None
    """Load in kilograms; null for a session's volume load."""
    value: float
    """Value, in `unit`."""
    unit: SpeedUnit | Literal["reps", "kg"]
    """Unit of the value."""
    day: str
    """Date on which it was first reached."""
    session: str
    """Name of the session."""
    rep: str | None
    """The rep as SET/REP, such as "2/4"; null where it is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PastSetDocument:
    """A set of which something was logged."""

    __pydantic_config__ = SETTINGS
    set: int
    """Number of the set in its session."""
    reps: int
    """Reps that count."""
    load_kg: float | None
    """Load in kilograms; null where it is not known."""
    rpe: float | None
    """Rating of perceived exertion, 1…10; null where there is none."""
    note: str | None
    """The lifter's words; null where there are none."""
    speed: float | None
    """Mean speed on the way up of the fastest rep, in `speed_unit`; null where none is known."""
    speed_unit: SpeedUnit | None
    """Unit of the speed; null without one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OneRepMaxDocument:
    """The one-repetition maximum that the speeds of the latest sets point to, with its 95 % interval."""

    __pydantic_config__ = SETTINGS
    load_kg: float | None
    """The estimate in kilograms; null where there is none."""
    low_kg: float | None
    """Lower end of the interval; null without an estimate."""
    high_kg: float | None
    """Upper end of the interval; null without an estimate."""
    sets: int
    """Sets with a load and a speed that were looked at."""
    since: str
    """Date of the first of them."""
    typical_height: bool
    """Whether the speeds are in torso lengths, and the lifter is taken to be 170 cm tall."""
    why: str | None
    """Why there is no estimate; null where there is one."""
