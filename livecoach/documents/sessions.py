"""What `livecoach sessions list --json` and `show --json` write."""

from dataclasses import dataclass
from typing import Literal

from livecoach.documents.analysis import SCHEMA, SETTINGS, FramesDocument
from livecoach.documents.events import CueEvent, RepEvent
from livecoach.documents.session import SessionDocument
from livecoach.types import SetSummary


@dataclass(frozen=True, slots=True, kw_only=True)
class VerdictsDocument:
    """How many reps there are, and how they were judged."""

    __pydantic_config__ = SETTINGS
    reps: int
    """All of them."""
    good: int
    """Those judged good."""
    anomalous: int
    """Those past the threshold, or with a fault."""
    unsure: int
    """Those that were counted and not judged."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedSession:
    """One session of a list."""

    __pydantic_config__ = SETTINGS
    name: str
    """Of its folder."""
    folder: str
    """Where it lies."""
    started: str | None
    """ISO 8601 with the offset from UTC; null where nothing tells it."""
    exercise: str | None
    """Name of the exercise; null where `session.json` can't be read."""
    profile: str | None
    """The lifter's profile; null without one, and where `session.json` can't be read."""
    reps: VerdictsDocument | None
    """Null where `session.json` can't be read."""
    duration_s: float | None
    """Time of the last observation; null where there is no end that tells it."""
    size_bytes: int
    """Of all of its files."""
    video_bytes: int | None
    """Of its video; null without one."""
    recording: bool
    """It is being recorded now."""
    cut_off: bool
    """It ended early: the power, or the process, was gone."""
    problem: str | None
    """Why `session.json` can't be read; null where it can."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionsDocument:
    """Sessions, as far as their `session.json` tells of them."""

    __pydantic_config__ = SETTINGS
    schema: Literal[1] = SCHEMA
    """Version of this format."""
    sessions: tuple[ListedSession, ...]
    """The oldest first."""
    size_bytes: int
    """Of all of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredFile:
    """A file of a session."""

    __pydantic_config__ = SETTINGS
    name: str
    """Below the session's folder."""
    size_bytes: int
    """Its size."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownSession:
    """All of one session, read through."""

    __pydantic_config__ = SETTINGS
    schema: Literal[1] = SCHEMA
    """Version of this format."""
    name: str
    """Of its folder."""
    folder: str
    """Where it lies."""
    recording: bool
    """It is being recorded now; what follows is what there is so far."""
    about: SessionDocument
    """What `session.json` says or, where that is damaged, what the other files tell."""
    duration_s: float
    """Time of the last observation; 0 without any."""
    frames: FramesDocument
    """Observations that could be read."""
    reps: tuple[RepEvent, ...]
    """Completed reps."""
    sets: tuple[SetSummary, ...]
    """Sets that ended, each as it was last told."""
    cues: tuple[CueEvent, ...]
    """What the lifter was told."""
    reference: int
    """The lifter's own good reps that were known when it began, and can be read."""
    files: tuple[StoredFile, ...]
    """All that is there of it."""
    damage: tuple[str, ...]
    """What is missing or damaged, a line each; none where it is whole."""
