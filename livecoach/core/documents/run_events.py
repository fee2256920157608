"""Defines the events of a run, and events that a person adds later, such as corrections: a JSON object on each line."""

from dataclasses import asdict, dataclass
from typing import Annotated, Any, Literal, Self

from pydantic import Field

from livecoach.core.documents.analysis import (
    ALIKE,
    ANOMALOUS,
    DIFFERENT,
    GOOD,
    SCHEMA,
    UNSURE,
    CountableExercise,
    FramesDocument,
    ModelDocument,
    SchemaVersion,
    StrictDocument,
)
from livecoach.core.loads import MOST_KG
from livecoach.core.types import (
    Correction,
    CueKind,
    Hint,
    Label,
    PartialRep,
    Recognition,
    ReferenceChange,
    Rep,
    SetLog,
    SetMark,
    SetPlan,
    SetSummary,
    StageName,
    Standards,
    View,
    WarningKind,
)
from livecoach.core.types.bounds import MOST_ENTRIES, MOST_OWN_REPS, Count, Name, Number, Ordinal, Seconds, Text
from livecoach.core.types.reps import LONGEST_NOTE, is_note

EVENT_TYPE = Field(description="Event type.")
SET_NUMBER = Field(ge=1, le=9999, description="Number of the set in the session, as in `Rep.set`.")
MOST_REFERENCE = 2000
"""Most own reps of a session's reference. Twenty reps of every exercise in every view are fewer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EventBase(StrictDocument):
    """The base class of all events, with the fields that they share."""

    # Subclasses inherit descriptions in annotations, and not the strings under the fields.
    t_s: Annotated[Seconds, Field(description="Timestamp of the frame, in seconds from the first frame.")]
    latency_ms: Annotated[
        Number | None,
        Field(description="Milliseconds from the frame's capture to the event; null if the source is not live."),
    ] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectionEvent(EventBase):
    """A person corrected the verdict on a rep.

    Of several corrections of a rep, the last correction that is not undone counts.
    """

    event: Annotated[Literal["correction"], EVENT_TYPE] = "correction"
    rep: Count
    """Number of the rep through the source: `index` in its rep event."""
    start_s: Annotated[Seconds, Field(ge=0)]
    """Time when the rep began, in seconds, which identifies the rep."""
    label: Label | None
    """The person's verdict on the rep; null undoes the last correction of the rep."""
    fault: Annotated[str | None, Field(pattern="^[A-Za-z0-9_]{1,60}$")] = None
    """Name of the fault of a bad rep; null if none was named."""
    teaches: bool = True
    """Whether a good rep belongs to the lifter's reference; false if the rep is forgotten, which keeps its verdict."""
    frame: Count | None = None
    """Number of the frame after which the correction came; null for a correction after the session."""
    reference: ReferenceChange | None = None
    """Effect of the correction on the lifter's reference; null without an effect."""

    def __post_init__(self) -> None:
        if self.fault is not None and self.label != "bad":
            raise ValueError("only a bad rep has a fault")

    @classmethod
    def of_rep(cls, rep: Rep, correction: Correction | None, **fields: Any) -> Self:
        """Make the event that corrects a rep or, for None, undoes its last correction; `fields` are further fields."""
        label: dict[str, Any] = {"label": None} if correction is None else asdict(correction)
        return cls(rep=rep.index, start_s=rep.start_s, **label, **fields)

    @property
    def correction(self) -> Correction | None:
        """The correction; None if the event undoes a correction."""
        if self.label is None:
            return None
        return Correction(label=self.label, fault=self.fault, teaches=self.teaches)


@dataclass(frozen=True, slots=True, kw_only=True)
class SetMarkEvent(EventBase):
    """A person ended a set, or declared that the next rep begins another set."""

    event: Annotated[Literal["set_mark"], EVENT_TYPE] = "set_mark"
    mark: SetMark
    """start: the next rep begins another set; end: the set is over."""
    frame: Count
    """Number of the frame after which the mark came."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StandardsEvent(EventBase):
    """The lifter chose other standards, which apply to every rep that is completed afterwards."""

    event: Annotated[Literal["standards"], EVENT_TYPE] = "standards"
    standards: Standards
    """All standards of the lifter, including unchanged standards."""
    frame: Count
    """Number of the frame after which the standards were chosen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SetLogEvent(EventBase):
    """A person logged a set: its load, how hard it was, or a note.

    Of several such events for one set, only the last event counts. It replaces all values of the earlier events.
    """

    event: Annotated[Literal["set_log"], EVENT_TYPE] = "set_log"
    set: Annotated[int, SET_NUMBER]
    load_kg: Annotated[float | None, Field(gt=0, le=MOST_KG, allow_inf_nan=False)] = None
    """Load in kilograms, including the bar; null if unknown."""
    rpe: Annotated[float | None, Field(ge=1, le=10)] = None
    """Rating of perceived exertion, 1…10; null without a rating."""
    note: Annotated[str | None, Field(max_length=LONGEST_NOTE)] = None
    """The lifter's own words; null without a note."""
    frame: Count | None = None
    """Number of the frame after which the set was logged; null after the session."""

    def __post_init__(self) -> None:
        if self.note is not None and not is_note(self.note):
            raise ValueError("a note is one line of text")

    @property
    def log(self) -> SetLog:
        """The log of the set."""
        return SetLog(load_kg=self.load_kg, rpe=self.rpe, note=self.note)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanEvent(EventBase):
    """The current lifter's plan for an exercise became known, or changed."""

    event: Annotated[Literal["plan"], EVENT_TYPE] = "plan"
    exercise: Name
    """Name of the exercise; "auto" for all exercises without a plan of their own."""
    plans: Annotated[tuple[SetPlan, ...], Field(min_length=1, max_length=MOST_ENTRIES)]
    """The planned sets in order; equal sets in a row are one entry."""
    frame: Count
    """Number of the frame after which the plan was known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SetProfileEvent(EventBase):
    """A person named the lifter of a set. Of several such events for one set, the last event counts."""

    event: Annotated[Literal["set_profile"], EVENT_TYPE] = "set_profile"
    set: Annotated[int, SET_NUMBER]
    profile: Name | None
    """Name of the lifter's profile; null if the set belongs to nobody."""
    renamed: bool = False
    """Whether the event only renames the profile: the set still belongs to the same lifter."""
    height_cm: Number | None = None
    """The lifter's height in centimetres; 0 if unknown; null in sessions of version 2.0, which have one height for all
    lifters, and in events that were made after a session before version 2.1."""
    frame: Count | None = None
    """Number of the frame after which the event came; null after the session, or if a `part` event names the lifter."""
    reference: Annotated[tuple[Name, ...], Field(max_length=MOST_REFERENCE)] = ()
    """Names of further files in `reference/`: the lifter's own good reps that are known now, oldest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionStart(EventBase):
    """The first event of a run. It names the source, the exercise, the lifter's profile and the models."""

    event: Annotated[Literal["session_start"], EVENT_TYPE] = "session_start"
    schema: SchemaVersion = SCHEMA
    source: Name
    """Short name of the source: file name, "camera 0", or the URL without user name and password."""
    exercise: Name
    """Name of the exercise; "auto" if the exercise is recognised."""
    profile: Name | None = None
    """Name of the lifter's profile; null without a profile."""
    pose: Name
    """Name of the pose model; for stored observations, the model that made them."""
    model: ModelDocument
    """The model that judges the reps; if the exercise is recognised, the model that recognises exercises."""
    version: Name
    """Version of livecoach."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PartEvent(EventBase):
    """Another part of the session begins: somebody else lifts, or another exercise was chosen.

    The first part begins with the session.
    """

    event: Annotated[Literal["part"], EVENT_TYPE] = "part"
    exercise: Name
    """Name of the exercise; "auto" if the exercise is recognised."""
    profile: Name | None
    """Name of the lifter's profile; null without a profile."""
    height_cm: Number | None = None
    """The lifter's height in centimetres; 0 if unknown; null in sessions of version 2.0 (one height for all)."""
    model: ModelDocument
    """The model that judges the reps; if the exercise is recognised, the model that recognises exercises."""
    exercises: Annotated[tuple[CountableExercise, ...], Field(max_length=MOST_ENTRIES)]
    """The exercises that can be counted."""
    reference: Annotated[tuple[Name, ...], Field(max_length=MOST_REFERENCE)] = ()
    """Names of further files in `reference/`: the lifter's own good reps that are known now, oldest first."""
    frame: Count
    """Number of the frame after which the part begins."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExerciseEvent(EventBase):
    """The exercise became known, or changed. A part of the session that begins with a named exercise has none."""

    event: Annotated[Literal["exercise"], EVENT_TYPE] = "exercise"
    exercise: Name
    """Name of the exercise."""
    recognised: Recognition
    """Exercise that the latest movement looked like."""
    chosen: bool = False
    """Whether the lifter chose the exercise. Otherwise the exercise was recognised."""
    open: bool = False
    """Whether the exercise is only the likeliest exercise so far; its reps may then be withdrawn."""
    frame: Count
    """Number of the frame after which the exercise was known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewEvent(EventBase):
    """The camera view became known, changed, or became much more or less certain."""

    event: Annotated[Literal["view"], EVENT_TYPE] = "view"
    view: View
    """View of the camera."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StageEvent(EventBase):
    """The stage of the lift changed."""

    event: Annotated[Literal["stage"], EVENT_TYPE] = "stage"
    stage: StageName
    """Stage of the lift: up, down, or neutral if neither is clear."""
    probability: Number
    """Probability of the likelier of up and down, 0.5…1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HintEvent(EventBase):
    """The hint on what to change before the set has changed, or is not shown any more."""

    event: Annotated[Literal["hint"], EVENT_TYPE] = "hint"
    hint: Hint | None
    """The hint; null if no hint is shown any more, for example because a set has begun."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LearningEvent(EventBase):
    """The progress of the lifter's reference for the current exercise and view has changed."""

    event: Annotated[Literal["learning"], EVENT_TYPE] = "learning"
    have: Count
    """Number of reps in the reference so far."""
    wanted: Count
    """Number of reps that complete the reference."""
    known: bool
    """Whether the reference is complete."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SetStartEvent(EventBase):
    """A set began with its first rep, or a set continues after its end was reported."""

    event: Annotated[Literal["set_start"], EVENT_TYPE] = "set_start"


@dataclass(frozen=True, slots=True, kw_only=True)
class SetEndEvent(EventBase):
    """A set ended.

    If the set continues after all, this event comes again later: its summary has the same index and all reps.
    """

    event: Annotated[Literal["set_end"], EVENT_TYPE] = "set_end"
    summary: SetSummary | None
    """Summary of the set; null if no rep was completed in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnRep(StrictDocument):
    """A good rep of the lifter with which another rep was compared."""

    set: Name
    """Set of the rep: its number in this run; for a rep of another session, the name of that session and the number, as
    in the profile."""
    start_s: Seconds
    """Time when the rep began, in seconds of the rep's own session."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RepEvent(EventBase):
    """A rep was completed."""

    event: Annotated[Literal["rep"], EVENT_TYPE] = "rep"
    rep: Rep
    """The rep with its verdict."""
    set: Name | None = None
    """Number of the rep's set in this run; null if the view is unknown."""
    view: View | None = None
    """View of the camera; null if unknown."""
    against: Annotated[tuple[OwnRep, ...], Field(max_length=MOST_OWN_REPS)] = ()
    """The lifter's own good reps with which the rep was compared; empty without such reps."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawnEvent(EventBase):
    """Reps no longer count, because their set turned out to be of another exercise.

    The reps of the other exercise follow, numbered from the `index` of the first withdrawn rep on. In `sets.jsonl`, a
    person has corrected the exercise: the reps that replace the withdrawn reps come before, with new numbers.
    """

    event: Annotated[Literal["withdrawn"], EVENT_TYPE] = "withdrawn"
    reps: Annotated[tuple[Count, ...], Field(max_length=MOST_ENTRIES)]
    """Numbers of the withdrawn reps through the source: `index` in their rep events."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoweredEvent(EventBase):
    """The lifter is back at the start after a rep that already counted at its turn, such as the lockout.

    From now on, the whole rep can become part of the reference.
    """

    event: Annotated[Literal["lowered"], EVENT_TYPE] = "lowered"
    start_s: Seconds
    """Time when the rep began, in seconds, which identifies the rep."""
    end_s: Seconds
    """Time when the lifter was back at the starting position, in seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PartialRepEvent(EventBase):
    """A rep was started and not completed."""

    event: Annotated[Literal["partial_rep"], EVENT_TYPE] = "partial_rep"
    partial_rep: PartialRep
    """Times of the rep, and the reason why the rep does not count."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CueEvent(EventBase):
    """The lifter got a cue: a text to show, and a phrase to speak."""

    event: Annotated[Literal["cue"], EVENT_TYPE] = "cue"
    kind: CueKind
    """Kind of cue, which determines colour and sound."""
    text: Text
    """Large text that is shown in the picture."""
    why: Text | None
    """Small text below the large text: the measured value and the expected value; null if nothing is explained."""
    say: Text | None
    """Spoken text; null for a tone alone. Settings and device decide whether it was heard."""
    rep: Ordinal | None
    """Number through the source (`index`) of the rep that the cue is about; null if the cue is about no rep."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WarningEvent(EventBase):
    """A warning began or ended."""

    event: Annotated[Literal["warning"], EVENT_TYPE] = "warning"
    warning: WarningKind
    """Problem of the picture or the source that the warning is about."""
    active: bool
    """Whether the warning begins; false if the warning ends."""
    text: Text
    """Advice on what to do about the problem."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionEnd(EventBase):
    """The last event of a run, with latencies, and with counts of the reps by livecoach's own verdicts."""

    event: Annotated[Literal["session_end"], EVENT_TYPE] = "session_end"
    reps: Count
    """Number of completed reps."""
    good: Annotated[Count, GOOD]
    anomalous: Annotated[Count, ANOMALOUS]
    unsure: Annotated[Count, UNSURE]
    alike: Annotated[Count, ALIKE] = 0
    different: Annotated[Count, DIFFERENT] = 0
    frames: FramesDocument
    """Numbers of frames that were processed, dropped and lost."""
    captured_to_drawn_ms_p50: Number | None
    """Median time from a frame's capture to its display in the window, in milliseconds; null without a window."""
    captured_to_drawn_ms_p95: Number | None
    """95th percentile of the time from a frame's capture to its display, in milliseconds; null without a window."""
    captured_to_cue_ms_p50: Number | None
    """Median time from the capture of a rep's last frame to the rep's cue, in milliseconds; null without reps and if
    the source is not live."""
    captured_to_cue_ms_p95: Number | None
    """95th percentile of the time from the capture of a rep's last frame to the rep's cue, in milliseconds; null
    without reps and if the source is not live."""


Event = Annotated[
    SessionStart
    | PartEvent
    | ExerciseEvent
    | ViewEvent
    | HintEvent
    | LearningEvent
    | StageEvent
    | SetStartEvent
    | RepEvent
    | WithdrawnEvent
    | LoweredEvent
    | CorrectionEvent
    | SetLogEvent
    | SetProfileEvent
    | SetMarkEvent
    | StandardsEvent
    | PlanEvent
    | PartialRepEvent
    | SetEndEvent
    | CueEvent
    | WarningEvent
    | SessionEnd,
    Field(discriminator="event"),
]
