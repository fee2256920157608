"""What `livecoach analyze --json` writes."""

from dataclasses import dataclass
from typing import Literal

from pydantic import ConfigDict

from livecoach.types import PartialRep, Rep, View

SCHEMA: Literal[1] = 1
SETTINGS = ConfigDict(extra="forbid", use_attribute_docstrings=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceDocument:
    """The video, as it was read."""

    __pydantic_config__ = SETTINGS
    name: str
    """Name of the file."""
    frames: int
    """That were decoded; headers are not trusted."""
    fps: float | None
    """Nominal frames a second; null where the file does not say."""
    width: int
    """Pixels, upright."""
    height: int
    """Pixels, upright."""
    duration_s: float
    """Time of the last frame, seconds from the first one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FramesDocument:
    """Counts of frames."""

    __pydantic_config__ = SETTINGS
    read: int
    """That were looked at."""
    with_pose: int
    """In which a person was found."""
    dropped: int
    """That came and were not looked at: 0 where every frame is read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TimingDocument:
    """How long it took on this machine."""

    __pydantic_config__ = SETTINGS
    pose_ms_p50: float | None
    """Pose of one frame, milliseconds, median; null for stored observations."""
    step_ms_p50: float | None
    """Everything after pose, milliseconds a frame, median."""
    step_ms_p95: float | None
    """The same, 95th percentile."""
    wall_s: float
    """From the first frame to the last, seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelDocument:
    """What judged the reps."""

    __pydantic_config__ = SETTINGS
    name: str
    """Name of the model."""
    version: str
    """Its own version, with the beginning of a digest."""
    sha256: str
    """Digest of model.json, which holds those of all its files."""
    synthetic: bool
    """Trained on synthetic motion only."""
    pose: str
    """Name of the pose model."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Analysis:
    """What `livecoach analyze` says of one video. Times are seconds from its first frame."""

    __pydantic_config__ = SETTINGS
    schema: Literal[1] = SCHEMA
    """Version of this format."""
    source: SourceDocument
    """What was analysed."""
    exercise: str
    """Name of the exercise."""
    profile: str | None
    """The lifter's profile; null without one."""
    view: View | None
    """Null where the lifter never stood."""
    reps: tuple[Rep, ...]
    """Completed reps, in their order."""
    partial_reps: tuple[PartialRep, ...]
    """Reps that were begun and not completed: not counted."""
    frames: FramesDocument
    """How many there were."""
    timing: TimingDocument
    """How long that took, here."""
    model: ModelDocument
    """Who judged: the model, and its origin."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FailedSource:
    """A video that could not be analysed."""

    __pydantic_config__ = SETTINGS
    source: str
    """Path, as it was given."""
    error: str
    """What is wrong and what to do, in one line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Analyses:
    """What `livecoach analyze` says of several videos."""

    __pydantic_config__ = SETTINGS
    schema: Literal[1] = SCHEMA
    """Version of this format."""
    results: tuple[Analysis, ...]
    """One for each video that could be analysed, in the order of the command line."""
    errors: tuple[FailedSource, ...]
    """One for each that could not."""
