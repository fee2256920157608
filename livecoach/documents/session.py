"""The document `session.json`, which describes a recorded session."""

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from livecoach.documents.analysis import FramesDocument, ModelDocument
from livecoach.types.bounds import MOST_ENTRIES, Bytes, Count, Fps, Name, Number, Pixels, Seconds, Text

SESSION_FORMAT: Literal["livecoach-session"] = "livecoach-session"
SESSION_VERSION: Literal[1] = 1
MOST_REFERENCE = 2000
"""Most own reps that a session is judged by: twenty of each view of every exercise are fewer."""
AUTO = "auto"
"""Stands for the exercise of a session in which livecoach recognised what was done."""
LENIENT = ConfigDict(extra="ignore", strict=True, allow_inf_nan=False, defer_build=True)
"""Later versions read these documents too, so unknown keys are ignored. A validator is built when it is first needed,
which takes 10 to 200 ms."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedSource:
    """The source of the frames."""

    __pydantic_config__ = LENIENT
    name: Name
    """Short name: "camera 0", file name, or the URL without user name and password."""
    width: Pixels
    """Width of the first frame in pixels, upright."""
    height: Pixels
    """Height of the first frame in pixels, upright."""
    fps: Fps | None
    """Nominal frame rate in frames a second; null where the source does not state it."""
    live: bool
    """False for a recording that was replayed."""
    synthetic: bool = False
    """Whether the synthetic lifter made it, without a camera."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UsedSettings:
    """Settings that affect the verdicts."""

    __pydantic_config__ = LENIENT
    false_alarms: Number
    """Allowed share of good reps that are called anomalous."""
    learn: bool
    """Whether the run learned from good reps."""
    height_cm: Number | None
    """The lifter's height in centimetres; null where it is not known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoDocument:
    """How much of the video was recorded."""

    __pydantic_config__ = LENIENT
    frames: Count
    """Frames in the video."""
    left_out: Count
    """Frames missing from the video because the encoder was too slow or the frame size changed. Their observations are
    kept."""
    bytes: Bytes
    """File size."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionEnding:
    """How a session ended."""

    __pydantic_config__ = LENIENT
    early: bool
    """Whether the session was cut off because the process or the power failed. The counts below were then made
    afterwards."""
    duration_s: Seconds
    """Time of the last observation, in seconds."""
    reps: Count
    """Completed reps."""
    good: Count
    """Reps judged good."""
    anomalous: Count
    """Reps with a score above the threshold, or with a fault."""
    unsure: Count
    """Reps that were counted and not judged."""
    frames: FramesDocument
    """Frame counts."""
    video: VideoDocument | None
    """Null without a video, and for a session that was cut off."""
    stopped: Text | None
    """Why recording stopped before the set was over; null where everything was recorded."""
    cpu_ms_per_frame: Number | None
    """CPU time of the recording in milliseconds a frame; null where the session was cut off."""
    exercises: Annotated[tuple[Name, ...], Field(max_length=MOST_ENTRIES)] = ()
    """Names of the exercises of the completed reps, in the order in which they were begun; empty in a session of an
    earlier version, which has one exercise."""
    too_slow: bool = False
    """Whether the machine was at times so slow that reps or faults may have been missed. Always false in a session of
    an earlier version, which does not tell."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UsedExercise:
    """An exercise that could be recognised."""

    __pydantic_config__ = LENIENT
    name: Name
    """Name of the exercise."""
    exercise_sha256: Name
    """SHA-256 digest of the exercise's YAML file."""
    model: ModelDocument
    """The model that judges its reps, and its origin."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionDocument:
    """Content of `session.json`."""

    __pydantic_config__ = LENIENT
    format: Literal["livecoach-session"] = SESSION_FORMAT
    """File type."""
    version: Literal[1] = SESSION_VERSION
    """Version of this format."""
    started: Name
    """Local start time: ISO 8601 with the offset from UTC."""
    exercise: Name
    """Name of the exercise; "auto" where livecoach recognised what was done. Each rep then says its exercise."""
    profile: Name | None
    """Name of the lifter's profile; null without one."""
    session: Name
    """Identifies the session's reps within a profile."""
    source: RecordedSource
    """The source of the frames."""
    settings: UsedSettings
    """Settings that affect the verdicts."""
    exercise_sha256: Name
    """SHA-256 digest of the exercise's YAML file; empty where the exercise was recognised."""
    model: ModelDocument
    """The model that judged the reps, and its origin; where the exercise was recognised, the model that did that."""
    pose_sha256: Name
    """SHA-256 digest of the pose model."""
    reference: Annotated[tuple[Name, ...], Field(max_length=MOST_REFERENCE)]
    """Names of the files in `reference/`: the lifter's own good reps that were known at the start, oldest first."""
    livecoach: Name
    """Version of livecoach that wrote the file."""
    recognisable: Annotated[tuple[UsedExercise, ...], Field(max_length=MOST_ENTRIES)] = ()
    """The exercises that could be recognised; empty where the exercise was given."""
    end: SessionEnding | None = None
    """Null while the session is being recorded, and where it was cut off."""
