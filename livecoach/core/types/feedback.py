"""Defines the feedback for the lifter: the likely exercises, hints, warnings, cues and the summary of a set."""

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field

from livecoach.core.types.bounds import MOST_ENTRIES, Count, Name, Number, Ordinal, Seconds, Text
from livecoach.core.types.reps import Conditions, ReferenceName, SpeedUnit


@dataclass(frozen=True, slots=True, kw_only=True)
class LikelyExercise:
    """An exercise that a movement could belong to, and the probability of the exercise."""

    name: Name
    """Name of the exercise."""
    probability: Number
    """Probability of the exercise, 0…1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recognition:
    """The exercise that the latest movement looks like, with its probability and the alternatives."""

    name: Name | None
    """Name of the likeliest exercise; null if the movement looked like none of the exercises."""
    probability: Number
    """Probability of `name`, 0…1. If `name` is null, the probability that it was none of the exercises."""
    alternatives: Annotated[tuple[LikelyExercise, ...], Field(max_length=MOST_ENTRIES)] = ()
    """The exercises that come next, likeliest first."""
    sure: bool = True
    """Whether the movement alone made `name` certain. False if the lifter chose, or `name` stayed in doubt."""


WarningKind = Literal[
    "no_person",
    "two_people",
    "out_of_frame",
    "too_dark",
    "turned",
    "leans",
    "moves",
    "not_clear",
    "on_its_side",
    "camera_lost",
    "slow",
    "other_exercise",
    "camera_changed",
    "nothing_counted",
]
HintKind = Literal["step_back", "come_closer", "move_aside", "turn"]
Direction = Literal["up", "down", "left", "right", "turn-left", "turn-right"]
ReferenceChange = Literal["entered", "left"]
CueKind = Literal[
    "good_rep",
    "anomalous_rep",
    "counted_rep",
    "unjudged_rep",
    "fixed",
    "ready",
    "recognised",
    "learned",
    "set_over",
    "warning",
    "stop",
    "rested",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hint:
    """A hint to change one thing before the set begins."""

    kind: HintKind
    """Subject of the hint."""
    text: Text
    """A few words that are shown in the picture."""
    done: bool = False
    """Whether the lifter has just followed the hint: the window shows the hint with a tick for a moment."""
    direction: Direction | None = None
    """Direction in which to go in the picture (up: away from the camera), or to turn (turn-right: clockwise, seen from
    above). Null in sessions from before livecoach stored the direction."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SetSummary:
    """The summary of a finished set."""

    index: Ordinal
    """Number of the set in the session, from 1."""
    reps: Count
    """Number of reps that count."""
    good: Count
    """Number of good reps. They are like the lifter's confirmed reps or reps of earlier sessions, meet the standard by
    which the lifter counts, or were called good by a person."""
    anomalous: Count
    """Number of reps that are unlike the lifter's good reps, miss a standard, or were called bad by a person."""
    unsure: Count
    """Number of reps that were counted, but not judged."""
    fault: Name | None
    """Name of the fault to fix first, or "shallow" for a missed depth; None without a fault."""
    fault_cue: Text | None
    """Cue for `fault`; None without a fault."""
    fault_reps: Count
    """Number of reps with `fault`; without a fault, the number of reps that stand out for no named fault."""
    eccentric_s: Seconds | None
    """Median duration of the descent; None if no descent could be measured."""
    pause_s: Seconds | None
    """Median duration of the pause at the turn: at the top of a lift that goes up first, such as a deadlift, and at the
    bottom of a lift that goes down first, such as a squat. None if no pause could be measured."""
    concentric_s: Seconds | None
    """Median duration of the ascent; None if no rep could be measured."""
    speed: Number | None
    """Median over the comparable reps of the mean speed of the ascent, in `speed_unit`; None if no rep was measured."""
    speed_unit: SpeedUnit | None
    """m/s if the bar is visible or the lifter's height is known; otherwise lengths of the standing torso per second;
    None if no rep could be measured."""
    velocity_loss: Number | None
    """Speed loss, 0…1: the largest share by which a rep was slower than the fastest rep before. If the set ends with
    its slowest rep, the value has its usual definition: the loss of the last rep against the fastest. None without two
    reps to compare."""
    best: Ordinal | None
    """Number in the set of the good rep with the lowest score; None without such a rep."""
    slowest: Ordinal | None
    """Number in the set of the rep to which `velocity_loss` belongs; None if no rep was slower by 5 % or more."""
    fastest: Ordinal | None = None
    """Number in the set of the fastest rep before `slowest`; None for no `slowest`, or in files of earlier versions."""
    notes: Annotated[tuple[Text, ...], Field(max_length=MOST_ENTRIES)] = ()
    """Further remarks, one line each, such as a first rep that is unlike the others."""
    exercise: Name | None = None
    """Name of the exercise; None in files of versions that did not recognise exercises."""
    marked: int = 0
    """Number of reps that a person called bad, and for which no fault is known."""
    bad: Count = 0
    """Number of reps that a person called bad, which `anomalous` includes."""
    alike: Count = 0
    """Number of reps in which nothing stood out, without a confirmed reference that would make them good."""
    different: Count = 0
    """Number of reps that stood out, without a confirmed reference."""
    conditions: Conditions | None = None
    """Median conditions of the reps; None if too little was visible, and in files of earlier versions."""
    reference: ReferenceName | None = None
    """Most frequent `reference` of the judged reps; None if no rep was judged."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cue:
    """A piece of feedback to the lifter: texts to show, and a phrase to speak."""

    kind: CueKind
    text: str  # the large text, such as the number of a rep, or what to change in the next rep
    rep: int | None  # `Rep.index` of the rep that the cue is about; None if the cue is about no rep
    say: str | None  # English words to speak, such as "8 reps, 7 good", or a number; None for a tone alone
    why: str | None = None  # the small text: the measured and the expected value; None if nothing is explained


@dataclass(frozen=True, slots=True, kw_only=True)
class HandAnswer:
    """The answer that a raised hand gives to a question, and how long the hand has been up."""

    answer: Literal["yes", "no"] | None = None  # None while no hand is raised
    held: float = 0.0  # share of the required time for which the hand has been up, 0…1; at 1 the answer counts
