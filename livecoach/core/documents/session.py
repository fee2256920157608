"""Defines `session.json`, which describes a recorded session, and the JSON of `livecoach sessions list` and `show`."""

from dataclasses import dataclass, field
from typing import Annotated, Literal

from pydantic import Field

from livecoach.core.documents.analysis import (
    ALIKE,
    ANOMALOUS,
    BAD,
    DIFFERENT,
    GOOD,
    SCHEMA,
    UNSURE,
    CountableExercise,
    FramesDocument,
    LenientDocument,
    ModelDocument,
    SchemaVersion,
    StrictDocument,
    VerdictsDocument,
)
from livecoach.core.documents.run_events import MOST_REFERENCE, CueEvent, RepEvent
from livecoach.core.types import SetLog, SetSummary, Standards
from livecoach.core.types.bounds import MOST_ENTRIES, Bytes, Count, Fps, Name, Number, Pixels, Seconds, Text
from livecoach.core.types.reps import DEFAULT_STANDARDS

SESSION_FORMAT: Literal["livecoach-session"] = "livecoach-session"
SESSION_VERSION: Literal[1] = 1
AUTO = "auto"
"""The `exercise` of a session in which livecoach recognised the exercises."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedSource(LenientDocument):
    """The source from which the frames of the session came."""

    name: Name
    """Short name of the source: "camera 0", file name, or the URL without user name and password."""
    width: Pixels
    """Width of the first frame in pixels, before livecoach turns the picture."""
    height: Pixels
    """Height of the first frame in pixels, before livecoach turns the picture."""
    fps: Fps | None
    """Nominal frame rate in frames a second; null if the source does not state it."""
    live: bool
    """Whether the source was a camera or a stream; false for a recording that was replayed."""
    synthetic: bool = False
    """Whether the synthetic lifter made the frames, without a camera."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UsedSettings(LenientDocument):
    """The settings that affect the verdicts."""

    false_alarms: Number
    """Allowed share of good reps that are called anomalous."""
    learn: bool
    """Whether the run learned from good reps."""
    height_cm: Number | None
    """Height in centimetres of the first lifter; null if unknown."""
    standards: Standards = DEFAULT_STANDARDS
    """The standards that the lifter chose before the session. A `standards` event changes them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoDocument(LenientDocument):
    """The recorded video: its frames, the frames that it lacks, and its size in bytes."""

    frames: Count
    """Number of frames in the video."""
    left_out: Count
    """Number of frames that the video lacks, because the encoder was too slow or the frame size changed. The
    observations of these frames are kept."""
    bytes: Bytes
    """Size of the file in bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionEnding(LenientDocument):
    """The end of a session, with its counts."""

    early: bool
    """Whether the session was cut off because the process or the power failed. The counts were then made afterwards."""
    duration_s: Seconds
    """Time of the last observation, in seconds."""
    reps: Count
    """Number of reps that counted at the end of the session."""
    good: Annotated[Count, GOOD]
    anomalous: Annotated[Count, ANOMALOUS]
    bad: Annotated[Count, BAD] = 0
    unsure: Annotated[Count, UNSURE]
    alike: Annotated[Count, ALIKE] = 0
    different: Annotated[Count, DIFFERENT] = 0
    frames: FramesDocument
    """Numbers of frames that were processed, dropped and lost."""
    video: VideoDocument | None
    """Size of the video, and the frames that it lacks; null without a video, and for a session that was cut off."""
    stopped: Text | None
    """Reason why the recording stopped early or has gaps; null if all was recorded, and if the session was cut off."""
    cpu_ms_per_frame: Number | None
    """CPU time of the recording in milliseconds a frame; null if the session was cut off."""
    exercises: Annotated[tuple[Name, ...], Field(max_length=MOST_ENTRIES)]
    """Names of the exercises of the completed reps, in the order of their first rep."""
    profiles: Annotated[tuple[Name | None, ...], Field(max_length=MOST_ENTRIES)]
    """Names of the profiles of all lifters who completed a rep, in order; null for a lifter without a profile."""
    too_slow: bool
    """Whether the machine was at times so slow that reps or faults may have been missed."""
    slow: Annotated[tuple[tuple[Seconds, Seconds], ...], Field(max_length=MOST_ENTRIES)] = ()
    """Start and end, in seconds, of each stretch in which the machine was too slow; empty in version 2.0."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionDocument(LenientDocument):
    """The content of `session.json`, which describes a recorded session."""

    format: Literal["livecoach-session"] = SESSION_FORMAT
    """Type of the file."""
    version: Literal[1] = SESSION_VERSION
    """Version of the file format."""
    started: Name
    """Local start time: ISO 8601 with the offset from UTC."""
    exercise: Name
    """Name of the first exercise; "auto" if livecoach recognised the exercises. A `part` event changes the exercise,
    and each rep includes its exercise."""
    profile: Name | None
    """Name of the first lifter's profile; null without a profile. A `part` event changes the profile."""
    session: Name
    """Identifier of the session's reps in a profile."""
    source: RecordedSource
    """The source of the frames."""
    settings: UsedSettings
    """Settings that affect the verdicts."""
    exercise_sha256: Name
    """SHA-256 digest of the exercise's YAML file; empty if the exercise was recognised."""
    model: ModelDocument
    """The model that judged the reps; if the exercise was recognised, the model that recognises exercises."""
    pose_sha256: Name
    """SHA-256 digest of the pose model."""
    reference: Annotated[tuple[Name, ...], Field(max_length=MOST_REFERENCE)]
    """Names of the files in `reference/`: the lifter's own good reps that were known at the start, oldest first."""
    livecoach: Name
    """Version of livecoach that wrote the file."""
    recognisable: Annotated[tuple[CountableExercise, ...], Field(max_length=MOST_ENTRIES)] = ()
    """The exercises that could be recognised; empty if the exercise was chosen."""
    end: SessionEnding | None = None
    """End of the session; null while the session is being recorded, and if the session was cut off."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedSession(StrictDocument):
    """A session in a list of sessions. Some values are null if the session can't be read."""

    name: str
    """Name of the session's folder."""
    folder: str
    """Path of the session's folder."""
    started: str | None
    """Start time: ISO 8601 with the offset from UTC; null if unknown."""
    exercise: str | None
    """Name of the exercise; "auto" if it was to be recognised; null if `session.json` can't be read."""
    exercises: tuple[str, ...]
    """Exercises of the completed reps, in order; without reps, the chosen exercise; empty if none is known."""
    profile: str | None
    """Name of the first lifter's profile; null without a profile, and if `session.json` can't be read."""
    profiles: tuple[str | None, ...]
    """Names of the profiles of the session's lifters, in order; empty if `session.json` can't be read."""
    reps: VerdictsDocument | None
    """Reps that count, by verdict; null if `session.json` can't be read."""
    duration_s: float | None
    """Time of the last observation, in seconds; null if `session.json` can't be read."""
    size_bytes: int
    """Size of all files of the session, in bytes."""
    video_bytes: int | None
    """Size of the video in bytes; null without a video."""
    recording: bool
    """Whether the session is being recorded now."""
    cut_off: bool
    """Whether the session was cut off because the process or the power failed."""
    too_slow: bool
    """Whether the machine was at times so slow that reps or faults may have been missed."""
    slow: tuple[tuple[float, float], ...] = ()
    """Start and end, in seconds, of each stretch in which the machine was too slow; empty if unknown."""
    stopped: str | None
    """Reason why the recording stopped early or has gaps; null if everything was recorded, and if unknown."""
    problem: str | None
    """Reason why `session.json` can't be read; null if it can be read. If the other files suffice to rebuild it, the
    other fields describe the session."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionsDocument(StrictDocument):
    """The result of `livecoach sessions list --json`: all sessions."""

    schema: SchemaVersion = SCHEMA
    sessions: tuple[ListedSession, ...]
    """The sessions, oldest first."""
    size_bytes: int
    """Size of all sessions together, in bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredFile(StrictDocument):
    """A file in the folder of a session."""

    name: str
    """Path of the file relative to the session's folder."""
    size_bytes: int
    """Size of the file in bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownSetLog(StrictDocument):
    """The log of one set, with the number of the set."""

    set: int
    """Number of the set in the session."""
    log: SetLog
    """Load, exertion and note of the set."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownLifter(StrictDocument):
    """A lifter in a session, with the numbers of the lifter's sets."""

    profile: str | None
    """Name of the lifter's profile; null without a profile."""
    sets: tuple[int, ...]
    """Numbers of the lifter's sets in the session."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownSession(StrictDocument):
    """The whole content of a session, read from all of its files."""

    schema: SchemaVersion = SCHEMA
    name: str
    """Name of the session's folder."""
    folder: str
    """Path of the session's folder."""
    recording: bool
    """Whether the session is being recorded now. The other fields then describe the session so far."""
    exercises: tuple[str, ...]
    """Exercises of the completed reps, in order; without reps, the chosen exercise; empty if none was chosen."""
    about: SessionDocument
    """Content of `session.json`. If the file is damaged, the content is rebuilt from the other files."""
    duration_s: float
    """Time of the last observation, in seconds; 0 without observations."""
    frames: FramesDocument
    """Counts of the observations that could be read."""
    slow: tuple[tuple[float, float], ...] = ()
    """Start and end, in seconds, of each stretch with so many dropped frames that reps may have been missed."""
    reps: tuple[RepEvent, ...]
    """The completed reps, with the verdicts and corrections that count now."""
    sets: tuple[SetSummary, ...]
    """Summary of each set, from the reps as they count now."""
    rests_s: dict[int, float] = field(default_factory=dict)
    """Number of each set in the session → seconds since the end of its lifter's previous set; without first sets."""
    logs: tuple[ShownSetLog, ...] = ()
    """The logs of the sets; sets without a log are left out."""
    lifters: tuple[ShownLifter, ...] = ()
    """Each lifter with a completed rep, in order."""
    cues: tuple[CueEvent, ...]
    """Cues that the lifter got."""
    reference: int
    """Number of the lifter's own good reps that were known at the start and can be read."""
    files: tuple[StoredFile, ...]
    """All files of the session."""
    damage: tuple[str, ...]
    """Missing or damaged parts, a line each; empty if the session is complete and intact."""
