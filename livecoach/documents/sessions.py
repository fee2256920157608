"""The documents that `livecoach sessions list --json` and `show --json` write."""

from dataclasses import dataclass
from typing import Literal

from livecoach.documents.analysis import SCHEMA, SETTINGS, FramesDocument
from livecoach.documents.events import CueEvent, RepEvent
from livecoach.documents.session import SessionDocument
from livecoach.types import SetLog, SetSummary


@dataclass(frozen=True, slots=True, kw_only=True)
class VerdictsDocument:
    """Number of reps by verdict."""

    __pydantic_config__ = SETTINGS
    reps: int
    """All completed reps."""
    good: int
    """Reps judged good."""
    anomalous: int
    """Reps with a score above the threshold, or with a fault."""
    unsure: int
    """Reps that were counted and not judged."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedSession:
    """One session in a list."""

    __pydantic_config__ = SETTINGS
    name: str
    """Name of the session's folder."""
    folder: str
    """Path of the session's folder."""
    started: str | None
    """Start time: ISO 8601 with the offset from UTC; null where it is not known."""
    exercise: str | None
    """Name of the exercise; "auto" where livecoach recognised what was done; null where `session.json` can't be
    read."""
    exercises: tuple[str, ...]
    """Names of the exercises that were done, in order; empty where none is known."""
    profile: str | None
    """Name of the lifter's profile; null without one, and where `session.json` can't be read."""
    reps: VerdictsDocument | None
    """Reps by verdict; null where `session.json` can't be read."""
    duration_s: float | None
    """Time of the last observation, in seconds; null where the session has no recorded end."""
    size_bytes: int
    """Size of all files of the session."""
    video_bytes: int | None
    """Size of the video; null without one."""
    recording: bool
    """Whether the session is being recorded now."""
    cut_off: bool
    """Whether the session was cut off because the process or the power failed."""
    too_slow: bool
    """Whether the machine was at times so slow that reps or faults may have been missed."""
    problem: str | None
    """Why `session.json` can't be read; null where it can."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionsDocument:
    """All sessions, as described by their `session.json`."""

    __pydantic_config__ = SETTINGS
    schema: Literal[1] = SCHEMA
    """Version of this format."""
    sessions: tuple[ListedSession, ...]
    """The sessions, oldest first."""
    size_bytes: int
    """Size of all sessions together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredFile:
    """One file of a session."""

    __pydantic_config__ = SETTINGS
    name: str
    """Path relative to the session's folder."""
    size_bytes: int
    """File size."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownSetLog:
    """What was logged of one set."""

    __pydantic_config__ = SETTINGS
    set: int
    """Number of the set."""
    log: SetLog
    """Its load, how hard it was, and a note."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownSession:
    """One session, read completely."""

    __pydantic_config__ = SETTINGS
    schema: Literal[1] = SCHEMA
    """Version of this format."""
    name: str
    """Name of the session's folder."""
    folder: str
    """Path of the session's folder."""
    recording: bool
    """Whether the session is being recorded now. The other fields then describe it so far."""
    exercises: tuple[str, ...]
    """Names of the exercises that were done, in order."""
    about: SessionDocument
    """Content of `session.json`; where that is damaged, what the other files say."""
    duration_s: float
    """Time of the last observation, in seconds; 0 without any."""
    frames: FramesDocument
    """Counts of the observations that could be read."""
    slow: tuple[tuple[float, float], ...] = ()
    """Begin and end, in seconds, of each stretch in which so many frames were dropped that reps or faults may have
    been missed."""
    reps: tuple[RepEvent, ...]
    """Completed reps."""
    sets: tuple[SetSummary, ...]
    """Summary of each set that ended, in its latest version."""
    logs: tuple[ShownSetLog, ...] = ()
    """What was logged of the sets; sets of which nothing was logged are left out."""
    cues: tuple[CueEvent, ...]
    """Cues that the lifter got."""
    reference: int
    """Number of the lifter's own good reps that were known at the start and can be read."""
    files: tuple[StoredFile, ...]
    """All files of the session."""
    damage: tuple[str, ...]
    """What is missing or damaged, a line each; empty where the session is complete."""
