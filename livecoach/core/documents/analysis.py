"""Defines the document that `livecoach analyze --json` writes."""

from dataclasses import dataclass, fields
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field

from livecoach.core.errors import LivecoachError
from livecoach.core.types import PartialRep, Recognition, Rep, View
from livecoach.core.types.bounds import MOST_ENTRIES, Count, Fps, Name, Number, Pixels, Seconds, Text, TurnDeg
from livecoach.core.types.reps import Pace

SCHEMA: Literal[1] = 1
SchemaVersion = Annotated[Literal[1], Field(description="Version of this format.")]
GOOD = Field(description="Good reps: judged by a confirmed reference or by the standard that counts, or called good.")
ANOMALOUS = Field(
    description="Reps to check: unlike the confirmed reference or missing a standard; and reps called bad."
)
BAD = Field(description="Reps that a person called bad, which `anomalous` includes: they are not to check any more.")
UNSURE = Field(description="Reps that were counted, but not judged.")
ALIKE = Field(description="Reps in which nothing stood out, without a confirmed reference that would make them good.")
DIFFERENT = Field(description="Reps that stood out, without a confirmed reference.")


# fmt: off
REP_COLUMNS = (
    "exercise", "set", "number", "start_s", "turn_s", "end_s", "verdict", "form", "reference", "score", "confidence",
    "unsure", "faults",
)
# fmt: on
PACE_COLUMNS = tuple(field.name for field in fields(Pace))
"""Columns of a table of reps: fields of the reps, and of their pace."""


class StrictDocument:
    """The base class of documents that forbid unknown keys: reading a document with another key is an error."""

    __slots__ = ()
    __pydantic_config__ = ConfigDict(extra="forbid", allow_inf_nan=False, defer_build=True)


class LenientDocument:
    """The base class of documents that ignore unknown keys, so that livecoach can read documents of later versions."""

    __slots__ = ()
    # Building a validator takes 10 to 200 ms, so it is built when it is first needed.
    __pydantic_config__ = ConfigDict(extra="ignore", strict=True, allow_inf_nan=False, defer_build=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceDocument(StrictDocument):
    """The video, or the recording of a session, that was analysed."""

    name: Name
    """Short name of the source, such as the name of the file."""
    frames: Count
    """Number of frames that were read, which may differ from the number in the file's header."""
    fps: Fps | None
    """Nominal frame rate in frames a second, as filmed; null if the file does not state it."""
    width: Pixels
    """Width of the last frame in pixels, upright."""
    height: Pixels
    """Height of the last frame in pixels, upright."""
    turn_deg: TurnDeg = 0
    """Degrees by which the pictures were turned clockwise to be upright."""
    duration_s: Seconds
    """Time of the last frame, in seconds from the first frame."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FramesDocument(StrictDocument):
    """The numbers of frames that were processed, dropped and lost."""

    read: Count
    """Number of frames that were processed."""
    with_pose: Count
    """Number of frames in which a person was detected."""
    dropped: Count
    """Number of frames that arrived and were not processed; 0 if every frame is read."""
    lost: Count = 0
    """Number of frames of a damaged video that can't be read, as far as known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TimingDocument(StrictDocument):
    """The processing times on this machine."""

    pose_ms_p50: Number | None
    """Median time of pose estimation, in milliseconds a frame; null for stored observations, and without frames."""
    step_ms_p50: Number | None
    """Median time of everything after pose estimation, in milliseconds a frame; null without frames."""
    step_ms_p95: Number | None
    """95th percentile of the time of everything after pose estimation, in milliseconds a frame; null without frames."""
    wall_s: Seconds
    """Duration of the analysis from the first frame to the last, in seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VerdictsDocument(StrictDocument):
    """The number of reps, in total and with each verdict."""

    # Subclasses inherit descriptions in annotations, and not the strings under the fields.
    reps: Annotated[int, Field(description="Number of reps: the sum over all verdicts.")]
    good: Annotated[int, GOOD]
    anomalous: Annotated[int, ANOMALOUS]
    bad: Annotated[int, BAD] = 0
    unsure: Annotated[int, UNSURE]
    alike: Annotated[int, ALIKE] = 0
    different: Annotated[int, DIFFERENT] = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelDocument(StrictDocument):
    """The name, version and digest of a model that judges reps or recognises exercises."""

    name: Name
    """Name of the model."""
    version: Name
    """Version of the model: the first 12 digits of a digest of the model's files."""
    sha256: Name
    """SHA-256 digest of the model's card, which contains the digests of the model's other files."""
    synthetic: bool
    """Whether the model was trained on synthetic motion only."""
    pose: Name
    """Name of the pose model."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CountableExercise(LenientDocument):
    """An exercise that can be counted in a session or a part of a session, with the model that judges its reps."""

    name: Name
    """Name of the exercise."""
    exercise_sha256: Name
    """SHA-256 digest of the exercise's YAML file."""
    model: ModelDocument
    """The model that judges the reps of the exercise, and the origin of the model."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Analysis(StrictDocument):
    """The result of `livecoach analyze` for one video or session. Times are seconds from its first frame."""

    schema: SchemaVersion = SCHEMA
    source: SourceDocument
    """The video, or the recording of a session, from which the result was made."""
    exercise: str | None
    """Name of the exercise; null without an exercise. If the exercise was recognised, or changes in the session, the
    exercise of most reps."""
    recognised: Recognition | None = None
    """How `exercise` was recognised; without an exercise, the likeliest exercise. Null if the exercise was chosen."""
    profile: str | None
    """Name of the lifter's profile; null without a profile, and for a session of several lifters."""
    view: View | None
    """Camera view of the last rep or, without reps, at the end; null if the lifter was not visible for long enough."""
    reps: tuple[Rep, ...]
    """Completed reps, in order."""
    looks_like: Name | None = None
    """Name of another exercise that the lifter seemed to do in place of the chosen exercise; null otherwise."""
    refused: Count = 0
    """Number of movements out and back that were not counted as reps of `exercise`."""
    partial_reps: tuple[PartialRep, ...]
    """Reps that were started and not completed. They are not counted."""
    warnings: Annotated[tuple[Text, ...], Field(max_length=MOST_ENTRIES)] = ()
    """Damage of the video, and warnings that a lifter would have got during the recording, such as darkness; each
    warning once."""
    frames: FramesDocument
    """Numbers of frames that were processed, dropped and lost."""
    timing: TimingDocument
    """Processing times on this machine."""
    model: ModelDocument
    """The model that judged the reps of `exercise`; without an exercise, the model that recognises exercises."""
    session: Name | None = None
    """Name of the session that was analysed, or that the video became; null without a session."""

    def to_dataframe(self) -> Any:
        """Return a pandas.DataFrame with a row for each rep, and the columns REP_COLUMNS and PACE_COLUMNS.

        `faults` contains the names of the detected faults, the primary fault first. Unknown values are missing.

        Raises:
            LivecoachError: pandas is not installed.
        """
        try:
            from pandas import DataFrame
        except ModuleNotFoundError as err:
            raise LivecoachError("a data frame takes pandas, which is not installed: `pip install pandas`.") from err
        rows = [
            {name: getattr(rep, name) for name in REP_COLUMNS}
            | {"faults": [fault.name for fault in rep.faults]}
            | {name: getattr(rep.pace, name, None) for name in PACE_COLUMNS}
            for rep in self.reps
        ]
        return DataFrame(rows, columns=[*REP_COLUMNS, *PACE_COLUMNS])


@dataclass(frozen=True, slots=True, kw_only=True)
class FailedSource(StrictDocument):
    """A video that could not be analysed."""

    source: str
    """Path of the video, as on the command line."""
    error: str
    """A line with the problem and its remedy."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Analyses(StrictDocument):
    """The result of `livecoach analyze` for several videos."""

    schema: SchemaVersion = SCHEMA
    results: tuple[Analysis, ...]
    """The result of each analysed video, in the order of the command line."""
    errors: tuple[FailedSource, ...]
    """The error of each video that could not be analysed."""
