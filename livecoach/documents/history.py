"""What `livecoach history --json` writes."""

from dataclasses import dataclass
from typing import Literal

from livecoach.documents.analysis import SCHEMA, SETTINGS
from livecoach.types import SpeedUnit

BestKind = Literal[
    "fastest_rep",
    "most_reps_in_a_set",
    "longest_clean_set",
    "most_good_in_a_row",
    "most_good_reps",
    "most_reps_in_a_week",
]
Trend = Literal["rarer", "more often", "no clear change"]
ShiftKind = Literal["way_down", "pause", "way_up", "travel", "speed"]
ShiftUnit = Literal["s", "m", "torso", "m/s", "torso/s"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareDocument:
    """A share of reps, with its 95 % interval (Wilson): of few reps it says little."""

    __pydantic_config__ = SETTINGS
    hits: int
    """How many."""
    of: int
    """Of how many."""
    value: float | None
    """0…1; null of none."""
    low: float
    """0…1"""
    high: float
    """0…1"""


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeedDocument:
    """Speed of the way up."""

    __pydantic_config__ = SETTINGS
    mean: float
    """Over the reps, in `unit`."""
    unit: SpeedUnit
    """Metres, or lengths of the standing torso, a second: the two are never put together."""
    loss: float | None
    """Of the last rep of a set against its fastest, 0…1, median over the sets; null where none had two reps."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TempoDocument:
    """Seconds of a rep's parts, medians."""

    __pydantic_config__ = SETTINGS
    eccentric_s: float
    """Way down."""
    pause_s: float
    """At the turn."""
    concentric_s: float
    """Way up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedDocument:
    """How reps were judged, whatever somebody said of them since."""

    __pydantic_config__ = SETTINGS
    reps: int
    """Completed ones, those that were none among them."""
    good: int
    """Of them."""
    anomalous: int
    """Of them."""
    unsure: int
    """Of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CountsDocument:
    """How much was lifted, and what it counts as: what somebody said of a rep, else how it was judged."""

    __pydantic_config__ = SETTINGS
    sets: int
    """How many."""
    reps: int
    """Completed ones, without those of which somebody says that they were none."""
    good: int
    """Of them."""
    anomalous: int
    """Of them: past the threshold, or with a fault."""
    unsure: int
    """Of them: counted and not judged."""
    alarms: ShareDocument
    """Anomalous ones of those that were judged."""
    corrected: int = 0
    """Reps of which somebody said what they were."""
    judged: JudgedDocument | None = None
    """How all were judged; null where nobody said anything of any."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PastSessionDocument:
    """A session."""

    __pydantic_config__ = SETTINGS
    name: str
    """Of its folder; `livecoach report` takes it."""
    started: str
    """When, by the clock on the wall: ISO 8601 with the offset from UTC."""
    ended: bool
    """False where it was cut off, or is being recorded: it counts as far as it is."""
    counts: CountsDocument
    """How much was lifted."""
    faults: dict[str, int]
    """Name → in how many reps it was found; the one that most reps were told for first."""
    speed: SpeedDocument | None
    """Null where it is not known of any rep."""
    tempo: TempoDocument | None
    """The same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WeekDocument:
    """A calendar week with a session."""

    __pydantic_config__ = SETTINGS
    monday: str
    """Its date."""
    sessions: int
    """How many."""
    reps: int
    """Completed ones, in all of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PastFaultDocument:
    """How often a fault was found."""

    __pydantic_config__ = SETTINGS
    name: str
    """Name of the fault."""
    reps: ShareDocument
    """Of all reps that were judged."""
    lately: ShareDocument | None
    """Of those of the newest sessions (at most ten, at most half of all); null of one session."""
    trend: Trend | None
    """Those against all before them: no clear change where their intervals allow none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BestDocument:
    """A personal best."""

    __pydantic_config__ = SETTINGS
    kind: BestKind
    """What was best. A clean set has good reps only; reps that were not judged break no row, and do not count in it."""
    value: float
    """In `unit`."""
    unit: SpeedUnit | Literal["reps"]
    """Of the value."""
    day: str
    """Date of it: the first one, of equals; of a week its Monday."""
    session: str | None
    """Name of the session; null of a week."""
    rep: int | None
    """Number of the rep, of the fastest one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StreakDocument:
    """Calendar weeks in a row with a session."""

    __pydantic_config__ = SETTINGS
    current: int
    """That goes on; 0 where the week before this one had none."""
    longest: int
    """Of all."""
    longest_first: str
    """Monday of its first week."""
    longest_last: str
    """Monday of its last week."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShiftDocument:
    """How far one thing moved."""

    __pydantic_config__ = SETTINGS
    kind: ShiftKind
    """What."""
    unit: ShiftUnit
    """Of the numbers."""
    before: float
    """Median of the first good reps."""
    after: float
    """Median of the newest ones."""
    spread: float
    """What good reps of one session differ by: standard deviation from their session's median, from the median
    absolute deviation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MovedDocument:
    """How far the reference moved: the lifter's good reps now against those of the beginning, in one view."""

    __pydantic_config__ = SETTINGS
    view: str
    """Where the camera stood."""
    first_day: str
    """Of the first session of the beginning."""
    first_until: str
    """Of its last one."""
    last_from: str
    """Of the first one of now."""
    last_day: str
    """Of the newest one."""
    reps_before: int
    """Good ones that the beginning is told by."""
    reps_after: int
    """Good ones that now is told by."""
    shifts: tuple[ShiftDocument, ...]
    """What moved, and how far."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CurveShiftDocument:
    """How far one curve of the usual rep moved. Points: from the start over the turn, in the middle, to the end."""

    __pydantic_config__ = SETTINGS
    words: str
    """What is measured."""
    unit: str
    """deg, or torso (lengths)."""
    before: tuple[float, ...]
    """Median of the first reference's reps, at each point."""
    after: tuple[float, ...]
    """Of the newest one's."""
    spread: float
    """Standard deviation of the first reference's reps, mean over the points."""
    at: int
    """Point, from 0, at which the two are farthest apart."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UsualDocument:
    """How far the usual rep moved: by the references that the first and the newest session with one began with."""

    __pydantic_config__ = SETTINGS
    view: str
    """Where the camera stood."""
    first_day: str
    """Of the first session with a reference."""
    last_day: str
    """Of the newest one."""
    reps_before: int
    """In the first one's reference, of this view."""
    reps_after: int
    """In the newest one's."""
    curves: tuple[CurveShiftDocument, ...]
    """What is told of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CourseDocument:
    """All sessions of one exercise and profile."""

    __pydantic_config__ = SETTINGS
    exercise: str
    """Name of the exercise."""
    profile: str | None
    """The lifter's; null of sessions without one."""
    counts: CountsDocument
    """Of all sessions."""
    sessions: tuple[PastSessionDocument, ...]
    """The oldest first."""
    weeks: tuple[WeekDocument, ...]
    """Those with a session, the oldest first."""
    faults: tuple[PastFaultDocument, ...]
    """The commonest first."""
    bests: tuple[BestDocument, ...]
    """The best of each kind."""
    streak: StreakDocument
    """Weeks in a row."""
    moved: tuple[MovedDocument, ...]
    """By view; none where there are not two sessions of one to set against each other."""
    usual: UsualDocument | None
    """Null where no two sessions have a reference of one view."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryDocument:
    """What `livecoach history` says of all sessions."""

    __pydantic_config__ = SETTINGS
    schema: Literal[1] = SCHEMA
    """Version of this format."""
    today: str
    """Date on which it was made."""
    since: str | None
    """Date from which on sessions count; null for all."""
    courses: tuple[CourseDocument, ...]
    """By exercise and profile."""
    notes: tuple[str, ...]
    """What is damaged or left out, a line each."""
