"""`session.json`: what a recorded session says of itself."""

from dataclasses import dataclass
from typing import Literal

from pydantic import ConfigDict

from livecoach.documents.analysis import FramesDocument, ModelDocument

SESSION_FORMAT: Literal["livecoach-session"] = "livecoach-session"
SESSION_VERSION: Literal[1] = 1
LENIENT = ConfigDict(extra="ignore", strict=True, allow_inf_nan=False, use_attribute_docstrings=True)
"""Read again by later versions, which pass over what they do not know."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedSource:
    """What frames came from."""

    __pydantic_config__ = LENIENT
    name: str
    """Short name: "camera 0", file name, or the URL without its user name and password."""
    width: int
    """Pixels, upright, of the first frame."""
    height: int
    """Pixels, upright, of the first frame."""
    fps: float | None
    """Nominal frames a second; null where the source does not say."""
    live: bool
    """False of a recording that was replayed."""
    synthetic: bool = False
    """Made by the synthetic lifter, without a camera."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UsedSettings:
    """The settings that the verdicts depend on."""

    __pydantic_config__ = LENIENT
    false_alarms: float
    """Share of good reps that may be called anomalous."""
    learn: bool
    """Good reps were learned from."""
    height_cm: float | None
    """The lifter's; null where it is not known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoDocument:
    """How much of the video was kept."""

    __pydantic_config__ = LENIENT
    frames: int
    """In the video."""
    left_out: int
    """That it could not keep up with, or that have another size: their observations are kept."""
    bytes: int
    """Size of the file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionEnding:
    """How a session ended."""

    __pydantic_config__ = LENIENT
    early: bool
    """It was cut off: the power, or the process, was gone. What follows was then counted afterwards."""
    duration_s: float
    """Time of the last observation."""
    reps: int
    """Completed reps."""
    good: int
    """Those judged good."""
    anomalous: int
    """Those past the threshold, or with a fault."""
    unsure: int
    """Those that were counted and not judged."""
    frames: FramesDocument
    """How many observations there are."""
    video: VideoDocument | None
    """Null without one, and where a session that was cut off has not been counted through."""
    stopped: str | None
    """Why nothing was recorded any more, before the set was over; null where all was."""
    cpu_ms_per_frame: float | None
    """CPU time of the recording, a frame; null where it was cut off."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionDocument:
    """What `session.json` says."""

    __pydantic_config__ = LENIENT
    format: Literal["livecoach-session"] = SESSION_FORMAT
    """What kind of file this is."""
    version: Literal[1] = SESSION_VERSION
    """Of this format."""
    started: str
    """When, by the clock on the wall: ISO 8601 with the offset from UTC."""
    exercise: str
    """Name of the exercise."""
    profile: str | None
    """The lifter's profile; null without one."""
    session: str
    """Tells its reps from those of all others, in a profile."""
    source: RecordedSource
    """What frames came from."""
    settings: UsedSettings
    """Those that verdicts depend on."""
    exercise_sha256: str
    """Digest of the exercise's YAML file."""
    model: ModelDocument
    """Who judged: the model, and its origin."""
    pose_sha256: str
    """Digest of the pose model."""
    reference: tuple[str, ...]
    """Names of the files in `reference/`: the lifter's own good reps that were known at its start, the oldest first."""
    livecoach: str
    """Version that wrote it."""
    end: SessionEnding | None = None
    """Null while it is being recorded, and where it was cut off."""
