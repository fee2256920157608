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
    frames: int
    """That were decoded; headers are not trusted."""
    fps: float | None
    """Nominal frames a second."""
    width: int
    """Pixels, upright."""
    height: int
    duration_s: float
    """Time of the last frame, from the first one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FramesDocument:
    """Counts of frames."""

    __pydantic_config__ = _SETTINGS
    read: int
    with_pose: int
    """In which a person was found."""
    dropped: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TimingDocument:
    """How long it took on this machine."""

    __pydantic_config__ = _SETTINGS
    pose_ms_p50: float | None
    step_ms_p50: float | None
    """Everything after pose."""
    step_ms_p95: float | None
    wall_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelDocument:
    """What judged the reps."""

    __pydantic_config__ = _SETTINGS
    name: str
    version: str
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
    source: SourceDocument
    exercise: str
    profile: str | None
    """The lifter's profile; null without one."""
    view: View | None
    """Null where the lifter never stood."""
    reps: tuple[Rep, ...]
    partial_reps: tuple[PartialRep, ...]
    frames: FramesDocument
    timing: TimingDocument
    model: ModelDocument


@dataclass(frozen=True, slots=True, kw_only=True)
class FailedSource:
    """A video that could not be analysed."""

    __pydantic_config__ = _SETTINGS
    source: str
    error: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Analyses:
    """What `livecoach analyze` says of several videos."""

    __pydantic_config__ = _SETTINGS
    schema: Literal[1] = SCHEMA
    results: tuple[Analysis, ...]
    errors: tuple[FailedSource, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class EventBase:
    """In every event."""

    __pydantic_config__ = _SETTINGS
    t_s: float
    """The frame's own time, seconds from the first frame."""
    latency_ms: float | None = None
    """Capture of the frame to the event; null where frames do not arrive by themselves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionStart(EventBase):
    """The first event."""

    __pydantic_config__ = _SETTINGS
    event: Literal["session_start"] = "session_start"
    schema: Literal[1] = SCHEMA
    source: str
    exercise: str
    pose: str
    model: ModelDocument
    version: str
    """Of livecoach."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewEvent(EventBase):
    """The camera's place became known, or another one."""

    __pydantic_config__ = _SETTINGS
    event: Literal["view"] = "view"
    view: View


@dataclass(frozen=True, slots=True, kw_only=True)
class StageEvent(EventBase):
    """The stage changed."""

    __pydantic_config__ = _SETTINGS
    event: Literal["stage"] = "stage"
    stage: StageName
    probability: float


@dataclass(frozen=True, slots=True, kw_only=True)
class RepEvent(EventBase):
    """A rep was completed."""

    __pydantic_config__ = _SETTINGS
    event: Literal["rep"] = "rep"
    rep: Rep


@dataclass(frozen=True, slots=True, kw_only=True)
class PartialRepEvent(EventBase):
    """A rep was begun and not completed."""

    __pydantic_config__ = _SETTINGS
    event: Literal["partial_rep"] = "partial_rep"
    partial_rep: PartialRep


@dataclass(frozen=True, slots=True, kw_only=True)
class CueEvent(EventBase):
    """What was shown and said."""

    __pydantic_config__ = _SETTINGS
    event: Literal["cue"] = "cue"
    kind: CueKind
    text: str
    say: str | None
    rep: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WarningEvent(EventBase):
    """A warning begins or ends."""

    __pydantic_config__ = _SETTINGS
    event: Literal["warning"] = "warning"
    warning: NoticeKind
    active: bool
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionEnd(EventBase):
    """The last event: counts and latencies."""

    __pydantic_config__ = _SETTINGS
    event: Literal["session_end"] = "session_end"
    reps: int
    good: int
    anomalous: int
    unsure: int
    frames: FramesDocument
    captured_to_drawn_ms_p50: float | None
    captured_to_drawn_ms_p95: float | None
    captured_to_cue_ms_p50: float | None
    captured_to_cue_ms_p95: float | None


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
