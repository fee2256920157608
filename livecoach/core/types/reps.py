"""Defines reps with their measurements, the standards for reps, and the lifter's log of a set."""

from calendar import month_abbr
from dataclasses import dataclass, replace
from typing import Annotated, Literal, cast

from pydantic import BeforeValidator, Field

from livecoach.core.types.bounds import MOST_ENTRIES, Count, Day, Name, Number, Ordinal, Seconds, Text
from livecoach.core.types.message import Message

StandardName = Literal["depth"]
StandardVerdict = Literal["met", "missed", "close"]
DepthStandard = Literal["parallel", "below", "none"] | Annotated[float, Field(ge=15, le=70)]
CountedReps = Literal["all", "standard"]
BELOW_CM = 3.0  # depth of "below" under parallel: clearly lower for a referee at the side. Our choice.
UNDER_KNEE_CM = {"parallel": 0.0, "below": BELOW_CM}  # standard → required depth of the hip crease under the knee's top


@dataclass(frozen=True, slots=True, kw_only=True)
class Standards:
    """The depth that a lifter requires of a squat, and which reps count."""

    depth: DepthStandard = "parallel"
    """Required depth of a squat: parallel (the hip crease level with the top of the knee), below (3 cm lower), a number
    (the height of a box in cm), or none."""
    count: CountedReps = "all"
    """Which reps count: all, or those that miss no standard."""

    @property
    def under_knee_cm(self) -> float | None:
        """The required depth of the hip crease under the top of the knee; None for a box or no standard."""
        return None if isinstance(self.depth, float) else UNDER_KNEE_CM.get(self.depth)


DEFAULT_STANDARDS = Standards()  # standards of a lifter who chose none: depth is shown, and all reps count
COUNTED: dict[CountedReps, str] = {"all": "all reps", "standard": "deep reps only"}  # which reps count → words


def parse_depth(text: str) -> DepthStandard:
    """Parse a typed standard of depth, unchecked: a number is the height of a box in cm, other texts are returned."""
    try:
        return float(text)
    except ValueError:
        return cast(DepthStandard, text)


def depth_words(depth: DepthStandard) -> str:
    """Return a standard of depth as it is shown, such as "to parallel" or "box 35 cm"."""
    if isinstance(depth, float):
        return Message("box {text}", text=Message("{n} cm", n=f"{depth:g}"))
    return {"parallel": "to parallel", "below": "below parallel", "none": "not checked"}[depth]


@dataclass(frozen=True, slots=True, kw_only=True)
class StandardResult:
    """The result of checking a rep by a standard that the lifter chose, such as a squat to parallel."""

    name: StandardName
    """Name of the standard. depth: the depth that the hips reached."""
    verdict: StandardVerdict
    """Whether the rep met or missed the standard. close: nearer to the standard than the error of the measurement, so
    the standard is neither met nor missed."""
    off: Number
    """Distance from the standard, in `unit`; above 0 on the side that misses it, such as hips that stay too high."""
    deviation: Number
    """Standard deviation of the error of `off`, in `unit`."""
    unit: Literal["cm"]
    """Unit of `off` and `deviation`."""

    @property
    def words(self) -> str:
        """The result in words: "deep" if met, "borderline", or the distance if missed, such as "4 cm too high"."""
        if self.verdict == "missed":
            return Message("{text} too high", text=Message("{n} cm", n=f"{self.off:.0f}"))
        return "deep" if self.verdict == "met" else "borderline"


Verdict = Literal["good", "anomalous", "unsure"]
Form = Literal["good", "alike", "anomalous", "different", "unsure"]
"""The category in which a rep counts. good and anomalous rest on a reference, a standard, or a person's correction;
alike and different rest only on reps of the same session that nobody confirmed; unsure means not judged."""
ReferenceName = Literal["own", "standard", "session", "none"]
"""The basis of a verdict. own: reps that the lifter confirmed, or reps of earlier sessions; standard: the standard by
which the lifter counts; session: an earlier set of the session, which nobody confirmed; none: the first reps of the
rep's own set or typical lifters, or nothing."""
UNSEEN_FAULTS = "can't be checked from here: {text}"  # message about faults that can't be seen from the camera's place
LIKE_FIRST = "like your first set"  # message about a rep that agrees with an earlier set, which nobody confirmed
CONFIRMED: tuple[ReferenceName, ...] = ("own", "standard")
"""References by which a rep is good or anomalous, and not only alike or different."""
PartialReason = Literal["no_lowering", "no_return", "short", "shallow", "from_below", "begun", "cut", "lost"]
SpeedUnit = Literal["m/s", "torso/s"]
MeasuredFrom = Literal["bar", "body"]
Label = Literal["good", "bad", "no-rep"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A fault that livecoach measured in a rep, or that a person named."""

    name: Name
    """Name of the fault."""
    severity: Number
    """Severity of the fault: 0 at the limit, 1 from three times the margin on; 0 for a fault that a person named."""
    at_s: Seconds
    """Time at which the fault was worst, in seconds."""
    phase: Name
    """Phase of the rep in which the fault was worst."""
    measure: Number
    """Measured value, in `unit`."""
    ref: Number
    """Reference value, in `unit`."""
    margin: Number
    """Distance of the limit from `ref`, in `unit`."""
    unit: Name
    """Unit of the three values: deg, s, cm, torso (lengths) or 1 (a ratio); empty if a person named the fault."""
    text: Text = ""
    """The measured and the expected value in words, in everyday units."""

    @classmethod
    def named_by_person(cls, name: str, at_s: float) -> "Fault":
        """Make a fault that a person named, without measured values. It is shown at the time `at_s`."""
        return cls(name=name, severity=0.0, at_s=at_s, phase="", measure=0.0, ref=0.0, margin=0.0, unit="")

    @property
    def is_measured(self) -> bool:
        """Whether livecoach measured the fault; False if a person named it."""
        return bool(self.unit)

    @property
    def finding_and_values(self) -> tuple[str, str]:
        """The two parts of the fault's text: the finding and the measured values; a part that is unknown is empty."""
        finding, values = self.text.texts if isinstance(self.text, Message) else self.text.partition(": ")[::2]
        return finding, values


@dataclass(frozen=True, slots=True, kw_only=True)
class UncheckedFault:
    """A fault that a rep could not be checked for, with the reason."""

    name: Name
    """Name of the fault."""
    reason: Text
    """Reason why the fault could not be checked, in one word."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RepDifference:
    """The joints and the phase in which a rep, good or anomalous, differs most from its reference."""

    joints: Annotated[tuple[Name, ...], Field(max_length=MOST_ENTRIES)]
    """Landmarks that contribute most to the difference, worst first."""
    phase: Name
    """Phase in which the joints contribute most. Pull off the floor: setup, lift_off, knee_pass, lockout, lowering;
    press: setup, raising, top, lowering; lift that goes down first: descent, bottom, ascent."""
    at_s: Seconds
    """Time in the phase at which the joints contribute most, in seconds."""
    text: Text
    """The joints and the phase in words, as in "left knee, just after the bottom"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """The tempo, speed and range of motion of one rep.

    They are measured at the bar or, without a visible bar, at the hands, or at the hips if the hips lead.
    """

    concentric_s: Seconds
    """Duration of the ascent."""
    pause_s: Seconds | None
    """Duration of the pause at the turn, such as the bottom of a squat; None if the rep counted at the turn."""
    eccentric_s: Seconds | None
    """Duration of the descent; None if the rep counted before the descent."""
    speed: Number
    """Mean speed of the ascent, in `speed_unit`."""
    speed_unit: SpeedUnit
    """m/s if the bar is visible or the lifter's height is known; otherwise lengths of the standing torso per second."""
    travel: Number
    """Range of motion, in `travel_unit`."""
    travel_unit: Literal["m", "torso"]
    """m if `speed_unit` is m/s; otherwise lengths of the standing torso."""
    velocity_loss: Number
    """Share, 0…1, by which the rep was slower than the set's fastest rep so far that was measured in the same way."""
    measured_from: MeasuredFrom = "body"
    """Object whose motion was measured. bar: the plate, taken for a full plate of 45 cm; body: the hands or hips."""

    @property
    def kind(self) -> tuple[MeasuredFrom, SpeedUnit]:
        """The object whose speed was measured, and the unit. Only speeds of the same kind can be compared."""
        return self.measured_from, self.speed_unit

    @property
    def is_measured(self) -> bool:
        """Whether the pace was measured at the bar, and not estimated at the body (docs/figures.md)."""
        return self.measured_from == "bar"


def _reference(name: object) -> object:
    """Return the name of a reference, with the names that earlier versions wrote replaced."""
    return "none" if name in ("provisional", "population") else name


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditions:
    """The conditions under which the camera saw a rep, or the reps of a set."""

    roll_deg: Number
    """Angle by which the picture leaned, clockwise, and was levelled."""
    lifter_px: Number
    """Height of the standing lifter in the picture, in pixels."""
    jitter: Number | None
    """Distance by which joints at rest jump from one picture to the next, at 30 pictures a second, in lengths of the
    torso; None below 20 pictures a second, at which movement would look like jitter."""
    brightness: Number
    """Mean grey value of the pictures without black bars, 0…1."""
    fps: Number
    """Pictures a second in which the lifter was seen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """A person's verdict on a rep. livecoach's verdict is kept, but no longer counts."""

    label: Label
    """The person's verdict. no-rep: the movement was no rep and is not counted."""
    fault: Name | None = None
    """Name of the fault of a bad rep; None if the person named no fault."""
    teaches: bool = True
    """Whether a good rep belongs to the lifter's reference. False: the rep is forgotten, and keeps its verdict."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rep:
    """A completed rep with its verdict."""

    index: Ordinal
    """Number of the rep through the source, from 1. People name it by `set` and `number`."""
    start_s: Seconds
    """Time at which the lifter leaves the starting position."""
    turn_s: Seconds
    """Time of the turn, such as the lockout of a deadlift or the bottom of a squat."""
    end_s: Seconds
    """Time at which the lifter is back at the starting position, or lets go of the bar."""
    verdict: Verdict
    """Verdict on the form alone. anomalous ("to check" in texts): past the threshold; unsure ("not judged"): the
    reason is in `unsure`."""
    score: Number | None
    """Largest ratio of the rep's distance from its reference, or of the amount of a fault, to its limit. Above 1 the
    rep is anomalous. None if the rep was not judged."""
    threshold: Number
    """Score above which a rep is anomalous; always 1."""
    confidence: Number
    """Share of the rep's frames in which the whole body was in the picture, 0…1."""
    reference: Annotated[ReferenceName, BeforeValidator(_reference)]
    """The basis of the verdict. own: reps that the lifter confirmed, or reps of earlier sessions; standard: the
    standard by which the lifter counts; session: an earlier set of the session, which nobody confirmed; none: the first
    reps of the rep's own set or typical lifters, or nothing. With session or none, a verdict of good only says that
    nothing stood out."""
    faults: Annotated[tuple[Fault, ...], Field(max_length=MOST_ENTRIES)] = ()
    """Detected faults: first the primary fault, for which there is a cue, then the other faults, worst first."""
    not_visible: Annotated[tuple[UncheckedFault, ...], Field(max_length=MOST_ENTRIES)] = ()
    """Faults that could not be checked in this view."""
    left_out: Annotated[tuple[Name, ...], Field(max_length=MOST_ENTRIES)] = ()
    """Joints that were lost and are left out of the score: elbows, wrists, ankles, feet."""
    compared_with: Day | None = None
    """Day (2026-11-13) of the own good reps from which an anomalous rep and its whole set so far differ; else None."""
    top_joints: Annotated[tuple[Name, ...], Field(max_length=MOST_ENTRIES)] = ()
    """Landmarks that contribute most to the score, worst first; empty for a good rep."""
    why: RepDifference | None = None
    """The joints and the phase in which the rep differs most from its reference; None if the rep was not judged, or if
    the difference is not known."""
    unsure: Name | None = None
    """Reason why the rep was not judged; None if the rep was judged."""
    pace: Pace | None = None
    """Tempo and speed; None if too little of the rep was visible to measure them."""
    bar_path_cm: Annotated[tuple[tuple[Number, Number], ...], Field(max_length=MOST_ENTRIES)] | None = None
    """Path of the bar's end through the rep, up to 40 points: forward and up from the first point, cm. None if the bar
    was not visible, may have carried no full plates, or was filmed from near the front."""
    correction: Correction | None = None
    """A person's own verdict; None if nobody corrected the rep. `verdict` stays as livecoach gave it."""
    late: bool = False
    """Whether the rep was reported late, because the rep or its exercise was in doubt until other reps followed."""
    exercise: Name
    """Name of the exercise."""
    set: Ordinal
    """Number of the rep's set in the session, from 1."""
    own_set: Ordinal | None = None
    """Number of the rep's set among its lifter's sets, by which people name the set; None if equal to `set`."""
    number: Ordinal
    """Number of the rep in its set, from 1, over all completed reps. Corrections do not change the number."""
    standards: Annotated[tuple[StandardResult, ...], Field(max_length=MOST_ENTRIES)] = ()
    """The result for each standard that the lifter chose. A standard that can't be seen from this view is left out."""
    disallowed: bool = False
    """Whether the rep is not counted, because it missed a standard and the lifter counts only reps that miss none."""
    conditions: Conditions | None = None
    """Conditions under which the camera saw the rep; None if too little was seen, and in files of earlier versions."""
    own_reps: Count | None = None
    """Number of the lifter's own reps with which the rep was compared; 0 if only typical lifters were known, which show
    only big faults. None if the rep was not judged, and in files of earlier versions."""

    @property
    def name(self) -> str:
        """The name of the rep as SET/REP: "2/4" for rep 4 of the lifter's set 2."""
        return f"{self.lifter_set_number}/{self.number}"

    @property
    def lifter_set_number(self) -> int:
        """The number of the rep's set among the sets of the rep's lifter, from 1, as people name the set."""
        return self.own_set or self.set

    @property
    def set_and_number(self) -> tuple[int, int]:
        """The number of the rep's set in the session, and the number of the rep in the set."""
        return self.set, self.number

    @property
    def counts(self) -> bool:
        """Whether the rep counts, by a person's correction or else by the standards by which the lifter counts."""
        return not self.disallowed if self.correction is None else self.correction.label != "no-rep"

    @property
    def is_attempt(self) -> bool:
        """Whether the rep is at least an attempt: true unless a person said that the movement was no rep."""
        return self.counts or self.correction is None

    @property
    def misses_standard(self) -> bool:
        """Whether the rep misses a standard that the lifter chose."""
        return any(result.verdict == "missed" for result in self.standards)

    @property
    def own_verdict(self) -> Verdict:
        """The verdict of livecoach on form and standards: a good rep that misses a standard is anomalous."""
        return "anomalous" if self.verdict == "good" and self.misses_standard else self.verdict

    @property
    def standing_verdict(self) -> Verdict:
        """The verdict that counts: a person's or, if no person called the rep good or bad, livecoach's own.

        A rep that a person called bad is "anomalous".
        """
        if self.correction is None or not self.counts:
            return self.own_verdict
        return "good" if self.correction.label == "good" else "anomalous"

    @property
    def has_firm_basis(self) -> bool:
        """Whether the verdict rests on a person's correction, on a missed standard, or on a confirmed reference."""
        return self.correction is not None or self.misses_standard or self.reference in CONFIRMED

    @property
    def form(self) -> Form:
        """The standing verdict; without a firm basis, "alike" instead of "good", "different" instead of "anomalous"."""
        verdict = self.standing_verdict
        if verdict == "unsure" or self.has_firm_basis:
            return verdict
        return "alike" if verdict == "good" else "different"

    def rest_on_standard(self, standards: Standards) -> "Rep":
        """Return the rep with "standard" as its reference; unchanged if the rep does not qualify.

        The rep qualifies if its form is "alike", the lifter counts only reps to standard, and the rep meets a standard.
        """
        met = standards.count == "standard" and any(result.verdict == "met" for result in self.standards)
        return replace(self, reference="standard") if met and self.form == "alike" else self

    @property
    def is_in_form(self) -> bool:
        """Whether a person called the rep good or, without a correction, livecoach found its form good.

        A missed standard is ignored. Don't use this on a result of `as_counted`, whose verdict includes the standards.
        """
        return self.verdict == "good" if self.correction is None else self.correction.label == "good"

    @property
    def is_overruled(self) -> bool:
        """Whether a person excluded a counted rep, counted a disallowed rep, changed the verdict, or named a fault."""
        if self.correction is None:
            return False
        agrees = self.counts != self.disallowed and self.standing_verdict == self.own_verdict
        return not agrees or self.correction.fault is not None

    def is_unchecked_for(self, fault: str | None) -> bool:
        """Return whether the rep could not be checked for a fault; False for None."""
        return any(unchecked.name == fault for unchecked in self.not_visible)

    @property
    def fault_names(self) -> tuple[str, ...]:
        """The names of the detected faults, or only of the fault that a person named; empty for a good rep."""
        if self.correction is not None and self.correction.fault is not None:
            return (self.correction.fault,)
        return () if self.standing_verdict == "good" else tuple(dict.fromkeys(fault.name for fault in self.faults))

    @property
    def comparison_words(self) -> str:
        """The words for the day of the reference, such as "compared with 13 Nov"; empty without a day."""
        if self.compared_with is None:
            return ""
        _, month, day = self.compared_with.split("-")
        return Message("compared with {n} {text}", n=int(day), text=month_abbr[int(month)])

    @property
    def difference_words(self) -> str:
        """The words for a rep that stands out from its reference, such as "unlike your good reps"."""
        if self.reference in CONFIRMED:
            return "unlike your good reps"
        if self.own_reps == 0:
            return "unlike usual good reps"
        return "unlike your first set" if self.reference == "session" else "unlike your first reps"

    def as_counted(self) -> "Rep":
        """Return the rep with the verdict and the faults that count, after standards and a person's correction.

        A rep that does not count is returned unchanged.
        """
        is_good = self.verdict == self.standing_verdict == "good" and not (
            self.faults or self.top_joints or self.unsure
        )
        if is_good or not self.counts:
            return self
        if self.correction is None:
            return replace(self, verdict=self.own_verdict) if self.misses_standard else self
        detected = {fault.name: fault for fault in self.faults}
        return replace(
            self,
            verdict=self.standing_verdict,
            faults=tuple(detected.get(name) or Fault.named_by_person(name, self.turn_s) for name in self.fault_names),
            top_joints=() if self.standing_verdict == "good" else self.top_joints,
            unsure=None,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class PartialRep:
    """A rep that was not completed or not fully recorded. It is not counted."""

    start_s: Seconds
    """Time at which the rep began, in seconds; 0 or little more if it began before the source."""
    reason: PartialReason
    """Reason why the rep does not count. no_lowering: pulled and not lowered; no_return: stopped at the bottom or on
    the way back; short: turned too early; shallow: turned too early in an exercise that goes down first; from_below:
    seems too short because the camera is too low; begun: the rep began before the source; cut: the source ended; lost:
    the body went out of view."""
    faults: Annotated[tuple[Fault, ...], Field(max_length=MOST_ENTRIES)] = ()
    """Faults that were detected in the completed part of the rep."""


LONGEST_NOTE = 200  # most characters of a note
SetMark = Literal["start", "end"]  # start: the next rep begins a new set; end: the present set is over


@dataclass(frozen=True, slots=True, kw_only=True)
class SetLog:
    """The load, the exertion and the note that a person logged for one set."""

    load_kg: float | None = None
    """Load in kilograms, including the bar; None if the load is unknown."""
    rpe: float | None = None
    """Rating of perceived exertion after the set, 1…10 in halves: 10 is all out, 8 leaves two reps. None if unknown."""
    note: str | None = None
    """The lifter's own words; None without a note."""

    @property
    def is_empty(self) -> bool:
        """Whether nothing was logged."""
        return self == SetLog()


def is_note(text: str) -> bool:
    """Return whether a text is a note: one line of up to LONGEST_NOTE characters that print, and not only spaces."""
    return bool(text.strip()) and text.isprintable() and len(text) <= LONGEST_NOTE
