"""Repetitions and what is found in them."""

from dataclasses import dataclass, replace
from typing import Literal

from livecoach.types.observation import Observation, View

Verdict = Literal["good", "anomalous", "unsure"]
PartialReason = Literal["no_lowering", "no_return", "short", "cut", "lost"]
SpeedUnit = Literal["m/s", "torso/s"]
MeasuredFrom = Literal["bar", "body"]
Label = Literal["good", "bad", "no-rep"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A named fault of one rep."""

    name: str
    """Name of the fault."""
    severity: float
    """0 at the limit, 1 at three margins."""
    at_s: float
    """When it was worst, seconds."""
    phase: str
    """Part of the rep in which that was."""
    measure: float
    """What was measured, in `unit`."""
    ref: float
    """What is usual, in `unit`."""
    margin: float
    """How far from `ref` the limit is, in `unit`."""
    unit: str
    """Of the measure: deg, s, or a share of a body length."""
    text: str = ""
    """In words and people's units: what it was against what it should be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NotVisible:
    """A fault that could not be looked for, and why."""

    name: str
    """Name of the fault."""
    reason: str
    """Why it could not be looked for, in one word."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Why:
    """Where a rep is most unlike what it was judged against: a good rep, too."""

    joints: tuple[str, ...]
    """Landmarks that add most, worst first."""
    phase: str
    """Part of the rep in which they add most. Deadlift: setup, lift_off, knee_pass, lockout, lowering; squat: descent,
    bottom, ascent."""
    at_s: float
    """When in it they add most, seconds."""
    text: str
    """Both in words, as in "left knee, just after the bottom"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How fast one rep was, by the bar, or where that is not seen by the hands (deadlift) or the hips (squat)."""

    concentric_s: float
    """Time of the way up."""
    pause_s: float
    """Time at the turn: lockout, or the bottom of a squat."""
    eccentric_s: float
    """Time of the way down."""
    speed: float
    """Mean speed of the way up, in `speed_unit`."""
    speed_unit: SpeedUnit
    """m/s where the bar is seen or the lifter's height is known, else lengths of the standing torso a second."""
    travel: float
    """Range of motion, in `travel_unit`."""
    travel_unit: Literal["m", "torso"]
    """As `speed_unit`."""
    velocity_loss: float
    """How much slower than the fastest rep of the set so far that was measured from the same, 0…1."""
    measured_from: MeasuredFrom = "body"
    """bar: the plate in the pictures, a full one of 45 cm; body: hands or hips."""

    @property
    def kind(self) -> tuple[str, str]:
        """Speeds of one kind can be set against each other."""
        return self.measured_from, self.speed_unit


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """What somebody says that a rep was. It stands beside the verdict, and counts in its place."""

    label: Label
    """no-rep: it was none, and is not counted."""
    fault: str | None = None
    """Name of the fault that it had, of a bad one; null where none was named."""

    @property
    def words(self) -> str:
        """ "bad (forward lean)"."""
        fault = "" if self.fault is None else f" ({self.fault.replace('_', ' ')})"
        return f"{self.label.replace('-', ' ')}{fault}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rep:
    """A completed repetition with its verdict."""

    index: int
    """From 1."""
    start_s: float
    """The lifter leaves the starting position."""
    turn_s: float
    """Lockout (deadlift) or deepest point (squat)."""
    end_s: float
    """Back at the starting position, or the bar was let go."""
    verdict: Verdict
    """anomalous: past the threshold; unsure: counted and not judged, as it was not seen well."""
    score: float | None
    """Anomaly in units of the threshold, of the nearest limit: that of a fault, or of the rep as a whole. Above 1 is
    anomalous; None where not judged."""
    threshold: float
    """Always 1: the score is scaled to it."""
    confidence: float
    """Share of the rep's frames in which the body was seen whole, 0…1."""
    reference: Literal["own", "provisional", "population"]
    """What the rep was judged against."""
    faults: tuple[Fault, ...] = ()
    """Faults that were found: the one that the rep is told for, then the others, worst first."""
    not_visible: tuple[NotVisible, ...] = ()
    """Faults that this view can't show."""
    top_joints: tuple[str, ...] = ()
    """Landmarks that made the score high, worst first; empty for a good rep."""
    why: Why | None = None
    """Where the rep is most unlike what it was judged against; None where it was not judged, or that is not known."""
    unsure: str | None = None
    """Why the rep was not judged; None where it was."""
    pace: Pace | None = None
    """None where the rep was not seen well enough to tell."""
    bar_path_cm: tuple[tuple[float, float], ...] | None = None
    """Way of the bar's end through the rep, 40 points at the most: forward and up from where it began, cm. None where
    the bar was not seen, may have had no full plates, or was seen from near the front."""
    correction: Correction | None = None
    """What somebody said that it was; None where nobody did. The verdict stays as it was given."""
    late: bool = False
    """It was in doubt until others like it came, and was told with the one that settled it."""

    @property
    def counts(self) -> bool:
        """Nobody says that it was no rep."""
        return self.correction is None or self.correction.label != "no-rep"

    @property
    def label(self) -> Verdict:
        """What it counts as: what somebody said, else the verdict."""
        if self.correction is None or not self.counts:
            return self.verdict
        return "good" if self.correction.label == "good" else "anomalous"

    @property
    def fault_names(self) -> tuple[str, ...]:
        """The faults that it counts with, each once: the one that somebody named, else those that were found."""
        if self.correction is not None and self.correction.fault is not None:
            return (self.correction.fault,)
        return () if self.label == "good" else tuple(dict.fromkeys(fault.name for fault in self.faults))

    def as_counted(self) -> "Rep":
        """The rep with what it counts as in the verdict's place, and of its faults those that it counts with."""
        if self.correction is None or not self.counts:
            return self
        good = self.correction.label == "good"
        return replace(
            self,
            verdict=self.label,
            faults=tuple(fault for fault in self.faults if fault.name in self.fault_names),
            top_joints=() if good else self.top_joints,
            unsure=None,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class PartialRep:
    """A repetition that was begun and not completed: not counted."""

    start_s: float
    """When it was begun, seconds."""
    reason: PartialReason
    """no_lowering: pulled, not lowered; no_return: stayed down, or on the way back; short: turned too early; cut: the
    source ended; lost: the body was not seen."""
    faults: tuple[Fault, ...] = ()
    """Faults that were found in what there was of it, as a rep's."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RepWindow:
    """The observations of one rep with its boundaries: it is judged by them, and a profile keeps them."""

    observations: tuple[Observation, ...]
    """From a second before the rep to a second after it, as far as there were any; in the source's own time."""
    start_s: float
    turn_s: float
    end_s: float
    view: View | None
    """Where the camera stood; None where that is not known. A profile keeps no rep without it."""
    set_name: str
    """Which set it is from: reps of one set are more alike than reps of two."""
    pose: str
    """Name of the pose model."""
    confidence: float = 1.0
    """Share of the rep's frames in which the whole body was seen, 0…1; a profile does not keep it."""

    @property
    def inside(self) -> list[Observation]:
        """Observations of the rep itself, without the margin."""
        return [o for o in self.observations if self.start_s <= o.t_s <= self.end_s]

    @property
    def known_view(self) -> View:
        """The view. Raises ValueError where it is not known."""
        if self.view is None:
            raise ValueError("view: expected a rep whose view is known")
        return self.view
