"""The JSON documents: `analyze --json` and the events. Their JSON Schema is made from these classes."""

import dataclasses
import json
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, TypeAdapter

from livecoach.types import CueKind, NoticeKind, PartialRep, Rep, StageName, View

SCHEMA: Literal[1] = 1
DECIMALS = 4
"""Of numbers in documents: a tenth of a millisecond, a hundredth of a per cent."""
_SETTINGS = ConfigDict(extra="forbid", use_attribute_docstrings=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceDocument:
    """The video, as it was read."""

    __pydantic_config__ = _SETTINGS
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

    __pydantic_config__ = _SETTINGS
    read: int
    """That were looked at."""
    with_pose: int
    """In which a person was found."""
    dropped: int
    """That came and were not looked at: 0 where every frame is read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TimingDocument:
    """How long it took on this machine."""

    __pydantic_config__ = _SETTINGS
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

    __pydantic_config__ = _SETTINGS
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

    __pydantic_config__ = _SETTINGS
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

    __pydantic_config__ = _SETTINGS
    source: str
    """Path, as it was given."""
    error: str
    """What is wrong and what to do, in one line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Analyses:
    """What `livecoach analyze` says of several videos."""

    __pydantic_config__ = _SETTINGS
    schema: Literal[1] = SCHEMA
    """Version of this format."""
    results: tuple[Analysis, ...]
    """One for each video that could be analysed, in the order of the command line."""
    errors: tuple[FailedSource, ...]
    """One for each that could not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EventBase:
    """In every event."""

    __pydantic_config__ = _SETTINGS
    # Pydantic does not hand the strings under the fields on to the classes below, but what is annotated.
    t_s: Annotated[float, Field(description="The frame's own time, seconds from the first frame.")]
    latency_ms: Annotated[
        float | None,
        Field(
            description="Capture of the frame to the event, milliseconds; null where frames do not come by themselves."
        ),
    ] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionStart(EventBase):
    """The first event."""

    event: Literal["session_start"] = "session_start"
    """Which event this is."""
    schema: Literal[1] = SCHEMA
    """Version of this format."""
    source: str
    """Short name: file name, "camera 0", or the URL without its user name and password."""
    exercise: str
    """Name of the exercise."""
    pose: str
    """Name of the pose model; of stored observations the one that made them."""
    model: ModelDocument
    """Who judges: the model, and its origin."""
    version: str
    """Of livecoach."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewEvent(EventBase):
    """The camera's place became known, or another one."""

    event: Literal["view"] = "view"
    """Which event this is."""
    view: View
    """Where the camera stands."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StageEvent(EventBase):
    """The stage changed."""

    event: Literal["stage"] = "stage"
    """Which event this is."""
    stage: StageName
    """The end of the lift that the body is at; neutral where that is not clear."""
    probability: float
    """Of the likelier one of up and down, 0.5…1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RepEvent(EventBase):
    """A rep was completed."""

    event: Literal["rep"] = "rep"
    """Which event this is."""
    rep: Rep
    """The rep with its verdict."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PartialRepEvent(EventBase):
    """A rep was begun and not completed."""

    event: Literal["partial_rep"] = "partial_rep"
    """Which event this is."""
    partial_rep: PartialRep
    """When it began, and why it does not count."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CueEvent(EventBase):
    """What was shown and said."""

    event: Literal["cue"] = "cue"
    """Which event this is."""
    kind: CueKind
    """What it is about; it decides colour and sound."""
    text: str
    """What stands in the picture in large type."""
    say: str | None
    """What is spoken; null for a sound alone. Whether it was heard depends on settings and device."""
    rep: int | None
    """Number of the rep that it is about, null where it is about none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WarningEvent(EventBase):
    """A warning begins or ends."""

    event: Literal["warning"] = "warning"
    """Which event this is."""
    warning: NoticeKind
    """What is wrong: of the picture, or of the source."""
    active: bool
    """True where it begins, false where it ends."""
    text: str
    """What to do about it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionEnd(EventBase):
    """The last event: counts and latencies."""

    event: Literal["session_end"] = "session_end"
    """Which event this is."""
    reps: int
    """Completed reps."""
    good: int
    """Those judged good."""
    anomalous: int
    """Those past the threshold."""
    unsure: int
    """Those that were counted and not judged."""
    frames: FramesDocument
    """How many there were."""
    captured_to_drawn_ms_p50: float | None
    """Capture of a frame to the window showing it, milliseconds, median; null without a window."""
    captured_to_drawn_ms_p95: float | None
    """The same, 95th percentile."""
    captured_to_cue_ms_p50: float | None
    """Capture of a rep's last frame to its cue, milliseconds, median; null without reps, and where frames do not arrive
    by themselves."""
    captured_to_cue_ms_p95: float | None
    """The same, 95th percentile."""


Event = Annotated[
    SessionStart | ViewEvent | StageEvent | RepEvent | PartialRepEvent | CueEvent | WarningEvent | SessionEnd,
    Field(discriminator="event"),
]


def plain(document: Any) -> dict[str, Any]:
    """A document as JSON values, numbers rounded."""
    values: dict[str, Any] = _rounded(dataclasses.asdict(document))
    return values


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, DECIMALS)
    if isinstance(value, dict):
        return {key: _rounded(v) for key, v in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(v) for v in value]
    return value


def to_json(document: Any) -> str:
    """One line of JSON."""
    return json.dumps(plain(document), ensure_ascii=False, allow_nan=False)


def json_schema(kind: Literal["analysis", "events"]) -> dict[str, Any]:
    """JSON Schema of what `analyze` writes, or of one line of events."""
    adapter: TypeAdapter[Any] = TypeAdapter(Analysis | Analyses if kind == "analysis" else Event)
    return adapter.json_schema()
