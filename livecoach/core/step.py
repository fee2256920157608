"""Defines the step: the events of one observation, and the state after it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal, TypeVar

from livecoach.core import documents
from livecoach.core.types import (
    Correction,
    Cue,
    HandAnswer,
    Hint,
    Observation,
    Recognition,
    ReferenceChange,
    Rep,
    RepWindow,
    SetSummary,
    StageReading,
    Standards,
    View,
    WarningKind,
)
from livecoach.core.types.reps import DEFAULT_STANDARDS

E = TypeVar("E")
OfRep = TypeVar("OfRep")


@dataclass(frozen=True, kw_only=True, eq=False)  # Without slots: `counted` is cached
class RepCompleted:
    """The event that a rep was completed. The file of events stores a `RepEvent`, which has no observations."""

    rep: Rep
    """The rep as it was judged, with its correction, if any."""
    view: View | None = None
    """View from which the rep was judged; None if the view was unknown."""
    window: RepWindow | None = field(default=None, repr=False)
    """Observations of the rep; None if the view is unknown, or if they are not stored any more."""
    against: tuple[RepWindow, ...] = field(default=(), repr=False)
    """The lifter's own good reps with which the rep was compared, as far as they are still stored."""
    standards: Standards = DEFAULT_STANDARDS
    """Standards that applied to the rep."""

    @cached_property
    def counted(self) -> Rep:
        """The rep with the verdict and the faults that count; unchanged if the rep itself does not count."""
        return self.rep.as_counted()


@dataclass(frozen=True, slots=True, kw_only=True)
class RepsWithdrawn:
    """The event that reps no longer count, because their set turned out to be of another exercise.

    The file of events stores a `WithdrawnEvent` instead, with the numbers of the reps.
    """

    reps: tuple[Rep, ...]
    """The withdrawn reps, in order. They are always the latest reps."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RepCorrected:
    """The event that a person corrected a rep, or undid a correction. The file of events stores a `CorrectionEvent`."""

    rep: Rep
    """The rep after the event, with the correction that counts now, if any."""
    before: Correction | None
    """The rep's correction before the event; None without a correction."""
    undone: bool = False
    """Whether the previous correction was undone, so that an earlier correction counts again."""
    reference: ReferenceChange | None = None
    """Whether the rep entered or left the lifter's reference; None if neither."""

    @property
    def has_changed(self) -> bool:
        """Whether the rep's correction differs from the correction before the event."""
        return self.before != self.rep.correction


StepEvent = (
    documents.WarningEvent
    | documents.ExerciseEvent
    | documents.ViewEvent
    | documents.HintEvent
    | documents.StageEvent
    | documents.SetStartEvent
    | RepsWithdrawn
    | RepCompleted
    | documents.LoweredEvent
    | documents.PartialRepEvent
    | documents.LearningEvent
    | RepCorrected
    | documents.SetEndEvent
    | documents.CueEvent
    | documents.PartEvent
    | documents.SetProfileEvent
    | documents.SetMarkEvent
    | documents.StandardsEvent
    | documents.PlanEvent
    | documents.SetLogEvent
)
"""The events of a step, in the order in which a step contains them. `RepCompleted`, `RepsWithdrawn` and `RepCorrected`
contain more than the file of events stores. All other events are stored as they are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Learning:
    """The progress of the lifter's reference for one exercise and view: the numbers of good reps so far and needed."""

    have: int  # number of good reps in the reference so far
    wanted: int  # number of good reps that a reference needs
    elsewhere: bool = field(default=False, compare=False)
    """Whether reps of the lifter are known, but only from other views. Comparisons ignore this field."""

    @property
    def is_complete(self) -> bool:
        """Whether the reference is complete."""
        return self.have >= self.wanted


@dataclass(frozen=True, slots=True, kw_only=True)
class CurrentSet:
    """The set under way or, if none is under way, the last set."""

    index: int = 0
    """Number of the set in the source, from 1, as in its summary; 0 before the first set."""
    count: int = 0
    """Number of reps in the set so far."""
    is_under_way: bool = False
    exercise: str | None = None
    """Name of the exercise that is being counted; None while the exercise is unknown."""
    is_tentative: bool = False
    """Whether the exercise is only the likeliest exercise so far."""
    learning: Learning | None = None
    """Progress of the lifter's reference; None while exercise or view is unknown, and for a view from behind."""
    summary: SetSummary | None = None
    """Summary of the last set; None before the first set ends, and from the beginning of the next set on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """The camera's view, the drawbacks of its place, and the hint and the warning that are shown."""

    view: View | None = None
    """View of the camera; None until the lifter was visible for long enough to tell."""
    hint: Hint | None = None
    """Hint on what to change before the set; None if nothing needs to be changed, and during a set."""
    drawbacks: tuple[str, ...] = ()
    """A line about each drawback of the camera's place, such as faults that it does not show."""
    warning: str | None = None
    """Text of the active warning; None without a warning."""
    problem: WarningKind | None = None
    """Problem of the picture that the warning is about; None if there is no such problem."""
    torso_and_leg_px: float | None = None
    """Length of the lifter's torso, thigh and shin together, in pixels; None while nobody is in view."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Questions:
    """The questions that the lifter may answer between two sets."""

    exercises: tuple[str, ...] = ()
    """The two exercises between which the lifter may choose for the last set, the counted exercise first; empty if the
    lifter need not choose."""
    asks_who: bool = False
    """Whether somebody else seems to have lifted, and nobody has named the lifter yet."""
    reference_s: tuple[float, ...] = ()
    """Start times of reps that became the lifter's reference, while the lifter may confirm or reject them."""
    hand: HandAnswer | None = None
    """The answer to one of the questions by a raised hand; None if no question can be answered by hand."""

    @property
    def has_question(self) -> bool:
        """Whether the lifter is asked any question at present."""
        return bool(self.exercises or self.asks_who or self.reference_s)

    @property
    def answer_by_hand(self) -> Literal["yes", "no"] | None:
        """The answer that the lifter gave by holding a hand up for the required time; None without an answer."""
        return None if self.hand is None or self.hand.held < 1 else self.hand.answer


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Step:
    """The events of one observation, or of a command of the lifter, and the state that follows."""

    observation: Observation
    events: tuple[StepEvent, ...] = ()
    """The events, in order. Of several completed reps, only the last can be on time: the reps before it were in doubt
    until the last rep was completed, or until the exercise was known."""
    cue: Cue | None = None
    """The cue to show and speak; None without a cue. Its words about earlier sessions are not in the `CueEvent`."""
    stage: StageReading | None = None
    """Stage of the lift; None while nobody is in view."""
    progress: float | None = None
    """Place in the range of motion, 0…1; None while no rep is under way."""
    recognition: Recognition | None = None
    """The exercise that the latest movement looks like; None if the exercise was chosen."""
    looks_like: str | None = None
    """Name of another exercise that the lifter seems to do in place of the chosen exercise; otherwise None."""
    set: CurrentSet = field(default_factory=CurrentSet)
    place: Placement = field(default_factory=Placement)
    questions: Questions = field(default_factory=Questions)

    def events_of(self, kind: type[E]) -> tuple[E, ...]:
        """Return the events of one class, in order."""
        return tuple([event for event in self.events if isinstance(event, kind)])

    @property
    def is_urgent(self) -> bool:
        """Whether the step must be shown even if its picture is late: it has a cue, a rep, or a change of a warning."""
        return self.cue is not None or bool(self.reps or self.events_of(documents.WarningEvent))

    @property
    def reps(self) -> tuple[Rep, ...]:
        """The reps that the step completes, in order, including late reps."""
        return tuple([event.rep for event in self.events_of(RepCompleted)])

    @property
    def rep(self) -> Rep | None:
        """The rep that the step completes on time; None without such a rep."""
        reps = self.reps
        return reps[-1] if reps and not reps[-1].late else None

    @property
    def withdrawn_reps(self) -> tuple[Rep, ...]:
        """The reps that no longer count from this step on, in order: the last reps before the step."""
        return tuple([rep for event in self.events_of(RepsWithdrawn) for rep in event.reps])

    @property
    def correction_event(self) -> RepCorrected | None:
        """The first event of the step that corrects a rep or undoes a correction; None without such an event."""
        return next(iter(self.events_of(RepCorrected)), None)

    def drop_withdrawn(self, before: Sequence[OfRep]) -> Sequence[OfRep]:
        """Return the values of earlier reps without the values of reps that this step withdraws.

        Args:
            before: A value for each rep that was completed before this step, in order.
        """
        return before[: len(before) - len(self.withdrawn_reps)]
