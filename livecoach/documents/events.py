"""The events of a run, one JSON object a line each."""

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field

from livecoach.documents.analysis import SCHEMA, SETTINGS, FramesDocument, ModelDocument
from livecoach.types import (
    Correction,
    CueKind,
    Hint,
    Label,
    NoticeKind,
    PartialRep,
    ReferenceChange,
    Rep,
    SetSummary,
    StageName,
    View,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class EventBase:
    """In every event."""

    __pydantic_config__ = SETTINGS
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
    profile: str | None = None
    """The lifter's profile; null without one."""
    pose: str
    """Name of the pose model; of stored observations the one that made them."""
    model: ModelDocument
    """Who judges: the model, and its origin."""
    version: str
    """Of livecoach."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewEvent(EventBase):
    """The camera's place became known, is another one, or is known much better or worse."""

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
class HintEvent(EventBase):
    """What to change before the set became another."""

    event: Literal["hint"] = "hint"
    """Which event this is."""
    hint: Hint | None
    """Null where nothing is left to change, or a set has begun."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LearningEvent(EventBase):
    """More, or less, is known of the lifter in this exercise and view."""

    event: Literal["learning"] = "learning"
    """Which event this is."""
    have: int
    """Reps that are known to be good ones so far."""
    wanted: int
    """Reps from which on the reference is settled."""
    known: bool
    """The reference is settled."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SetStartEvent(EventBase):
    """A set has begun, with its first rep; or one that seemed to be over goes on."""

    event: Literal["set_start"] = "set_start"
    """Which event this is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SetEndEvent(EventBase):
    """A set is over; where it goes on after all, this comes again, with the same index and all of its reps."""

    event: Literal["set_end"] = "set_end"
    """Which event this is."""
    summary: SetSummary | None
    """Null where no rep was completed in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnRep:
    """One of the lifter's own good reps."""

    __pydantic_config__ = SETTINGS
    set: str
    """Its set: a number for one of this run, else the session's name before it, as in the profile."""
    start_s: float
    """When it began, in its own session's time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RepEvent(EventBase):
    """A rep was completed."""

    event: Literal["rep"] = "rep"
    """Which event this is."""
    rep: Rep
    """The rep with its verdict."""
    set: str | None = None
    """Number of its set in this run; null where the view is not known."""
    view: View | None = None
    """Where the camera stood; null where that is not known."""
    against: tuple[OwnRep, ...] = ()
    """The lifter's own good reps that it was judged against; none where it was judged against everybody's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectionEvent(EventBase):
    """Somebody said what a rep was; of what was said of one rep, the last that is not taken back counts."""

    event: Literal["correction"] = "correction"
    """Which event this is."""
    rep: int
    """Number of the rep, as its own event has it."""
    start_s: Annotated[
        float, Field(ge=0, allow_inf_nan=False, description="When that rep began, seconds: this tells which one it is.")
    ]
    label: Label | None
    """What it was, somebody says; null: what was said of it last is taken back."""
    fault: Annotated[
        str | None,
        Field(
            pattern="^[A-Za-z0-9_]{1,60}$",
            description="Name of the fault that it had, of a bad one; null where none was named.",
        ),
    ] = None
    frame: int | None = None
    """Number of the frame after which it was said; null where it was said when the session was over."""
    reference: ReferenceChange | None = None
    """What the rep did with the lifter's reference by that; null where it was in it, or out of it, before."""

    def __post_init__(self) -> None:
        if self.fault is not None and self.label != "bad":
            raise ValueError("only a bad rep has a fault")

    @property
    def correction(self) -> Correction | None:
        """What is said; None where something is taken back."""
        return None if self.label is None else Correction(label=self.label, fault=self.fault)


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
    why: str | None
    """What stands under it: what was measured, against what it should be; null where there is nothing to explain."""
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
    SessionStart
    | ViewEvent
    | HintEvent
    | LearningEvent
    | StageEvent
    | SetStartEvent
    | RepEvent
    | CorrectionEvent
    | PartialRepEvent
    | SetEndEvent
    | CueEvent
    | WarningEvent
    | SessionEnd,
    Field(discriminator="event"),
]
