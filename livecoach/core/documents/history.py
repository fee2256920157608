"""Defines the document that `livecoach history --json` writes."""

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field

from livecoach.core.documents.analysis import SCHEMA, SchemaVersion, StrictDocument, VerdictsDocument
from livecoach.core.types import SetPlan, SpeedUnit

BestKind = Literal["heaviest_rep", "one_rep_max", "most_volume", "most_reps", "fastest_rep"]


@dataclass(frozen=True, slots=True, kw_only=True)
class BestDocument(StrictDocument):
    """A personal best in one exercise. Only sets with a load in which most reps are good have personal bests."""

    kind: BestKind
    """Kind of best: the heaviest good rep, the one-repetition maximum by load and reps of a set, the volume load of a
    session, and for each load the most good reps of a set and the fastest good rep, by a speed measured at the bar."""
    load_kg: float | None
    """Load in kilograms; null for a session's volume load."""
    value: float
    """Value of the best, in `unit`."""
    unit: Literal["m/s", "reps", "kg"]
    """Unit of the value."""
    day: str
    """Date on which the value was first reached."""
    session: str
    """Name of the session."""
    rep: str | None
    """The rep as SET/REP, such as "2/4"; null for the best of a set or of a session."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PastSetDocument(StrictDocument):
    """A set for which the lifter logged a load, an RPE or a note."""

    set: int
    """Number of the set among its lifter's sets of the session."""
    reps: int
    """Number of reps that count."""
    load_kg: float | None
    """Load in kilograms; null if unknown."""
    rest_s: float | None = None
    """Rest in seconds since the end of the lifter's previous set; null for the first set."""
    rpe: float | None
    """Rating of perceived exertion, 1…10; null without a rating."""
    note: str | None
    """The lifter's own words; null without a note."""
    speed: float | None
    """Mean speed of the ascent of the fastest rep, in `speed_unit`; null if no speed is known."""
    speed_unit: SpeedUnit | None
    """Unit of the speed; null without a speed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedSetDocument(StrictDocument):
    """The set from which a one-repetition maximum was estimated."""

    load_kg: float
    """Load in kilograms."""
    reps: int
    """Number of good reps."""
    rpe: float | None
    """Rating of perceived exertion, 1…10, which tells how many reps were left; null counts as no reps left."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OneRepMaxDocument(StrictDocument):
    """The one-repetition maximum, estimated from the latest sets.

    The estimate rests on speeds measured at the bar, or else on the load and the reps of a set.
    """

    load_kg: float
    """The estimate in kilograms; for an estimate by reps, the mean of both formulas."""
    low_kg: float
    """Lower end of the 95 % interval, not below the heaviest lifted load; for an estimate by reps, the result of
    Brzycki's formula."""
    high_kg: float
    """Upper end of the 95 % interval; for an estimate by reps, the result of Epley's formula."""
    sets: int
    """Number of sets on which the estimate rests."""
    since: str
    """Date of the first of these sets."""
    lifted: LoadedSetDocument | None
    """The set, if the estimate rests on load and reps; null if it rests on speeds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareDocument(StrictDocument):
    """A share of reps with its 95 % confidence interval (Wilson). With few reps the interval is wide."""

    # Subclasses inherit descriptions in annotations, and not the strings under the fields.
    hits: Annotated[int, Field(description="Number of reps in the share.")]
    of: Annotated[int, Field(description="Number of all reps that the share refers to.")]
    value: Annotated[float | None, Field(description="hits / of, 0…1; null if `of` is 0.")]
    low: Annotated[float, Field(description="Lower end of the interval, 0…1.")]
    high: Annotated[float, Field(description="Upper end of the interval, 0…1.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class DepthShareDocument(ShareDocument):
    """The share of reps that met the lifter's standard of depth, among the reps that met or missed the standard.

    The interval is wider if reps came too close to the standard to tell.
    """

    close: int
    """Number of reps that came too close to the standard to tell."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeedDocument(StrictDocument):
    """The speed of the reps' ascents, and the speed loss of sets."""

    median: float
    """Median over the reps, in `unit`: the typical speed, which all texts show."""
    mean: float
    """Mean over the reps, in `unit`."""
    unit: SpeedUnit
    """Metres a second, or lengths of the standing torso a second. The two are never mixed."""
    loss: float | None
    """Speed loss of a set, 0…1, as the median over the sets: the largest share by which a rep was slower than the
    fastest rep before. Null if no set has two reps."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CountsDocument(VerdictsDocument):
    """The numbers of counted sets and reps, and the share of anomalous reps among the judged reps.

    A rep that misses a standard by which the lifter counts, or that a person called no rep, does not count; only
    `corrected`, `judged` and `to_depth` include it. A correction takes precedence over the verdict.
    """

    sets: int
    """Number of sets with at least one rep that counts."""
    alarms: ShareDocument
    """Share of the anomalous reps among the judged reps."""
    corrected: int = 0
    """Number of reps with a correction that changes the verdict, changes whether the rep counts, or names a fault."""
    judged: VerdictsDocument | None = None
    """livecoach's own verdicts, also on reps that were corrected to no rep; null if `corrected` is 0."""
    to_depth: DepthShareDocument | None = None
    """Share of the reps that were deep enough, including reps that did not count because they were too shallow; null if
    no depth was measured."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DepthDocument(StrictDocument):
    """The height of the hip crease above the top of the knee at the bottom of squats, in centimetres.

    The height is below 0 if the crease was below the knee, and does not depend on the lifter's standard.
    """

    reps: int
    """Number of reps with a measured depth. Reps to a box are left out: for a box, the height of the seat was
    measured, and not of the crease."""
    median_cm: float
    """Median height over the reps."""
    low_cm: float
    """Lower end of the middle half of the reps (quartile)."""
    high_cm: float
    """Upper end of the middle half of the reps (quartile)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PastSessionDocument(StrictDocument):
    """A session in the history of an exercise."""

    name: str
    """Name of the session's folder, as `livecoach report` takes it."""
    started: str
    """Local start time: ISO 8601 with the offset from UTC."""
    ended: bool
    """Whether the session has ended; false if it was cut off or is being recorded. Its content so far counts."""
    counts: CountsDocument
    """Numbers of sets and reps in the session."""
    faults: dict[str, int]
    """Name of each fault → number of reps with the fault, the fault to fix first at the front."""
    speed: SpeedDocument | None
    """Speed of the reps; null if no rep has a known speed."""
    volume_load_kg: float | None = None
    """Sum of load times reps over the sets with a known load; null if no load is known."""
    one_rep_max_kg: float | None = None
    """Highest one-repetition maximum, in kilograms, that can be estimated from the load and reps of a good set of the
    session; null without an estimate."""
    form: ShareDocument
    """Share of good reps among the judged reps, as in the exercise's `form`."""
    checked: dict[str, int]
    """Name of each fault of the exercise's sessions → number of judged reps that could show the fault."""
    sets: tuple[PastSetDocument, ...] = ()
    """Sets with a rep that counts, and with a logged load, RPE or note."""
    first_set: int = 1
    """Number in the session of the first set with the exercise."""
    first_own_set: int = 1
    """Number of that set among the lifter's sets in the session, as commands name the set."""
    depth: DepthDocument | None = None
    """Depth of the squats; null if no depth was measured."""
    shared: bool = False
    """Whether other people lifted in the session, too. `livecoach report` then takes `--profile`."""
    planned: tuple[SetPlan, ...] = ()
    """The sets that were planned for the exercise; equal sets in a row are one entry. Empty without a plan."""
    done: tuple[SetPlan, ...] = ()
    """The sets that were done, in the form of a plan; empty without a plan."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WeekDocument(StrictDocument):
    """The numbers of sessions and reps in a calendar week with at least one session."""

    monday: str
    """Date of the week's Monday."""
    sessions: int
    """Number of sessions in the week."""
    reps: int
    """Number of reps in these sessions that count."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PastFaultDocument(StrictDocument):
    """A fault in a lifter's history of an exercise, with the share of the reps that showed the fault."""

    name: str
    """Name of the fault."""
    reps: ShareDocument
    """Share of reps with the fault among the reps that could show it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FormDocument(StrictDocument):
    """The share of good reps, and the faults that could not be checked."""

    reps: ShareDocument
    """Share of good reps among the judged reps (good or anomalous). Reps that are alike or different are not judged."""
    unseen: tuple[str, ...] = ()
    """Names of the most important faults that at least half of the judged reps could not show."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlierDayDocument(StrictDocument):
    """The sets of one day in an imported log of another app."""

    day: str
    """Date of the training."""
    sets: tuple[SetPlan, ...]
    """The sets that were done; equal sets in a row are one entry."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExerciseTrend(StrictDocument):
    """The history of a lifter in an exercise: all sessions, and the trends over these sessions."""

    exercise: str
    """Name of the exercise."""
    profile: str | None
    """Name of the lifter's profile; null for sessions without a profile."""
    counts: CountsDocument
    """Counts over all sessions."""
    sessions: tuple[PastSessionDocument, ...]
    """The sessions, oldest first."""
    weeks: tuple[WeekDocument, ...]
    """Weeks with a session, oldest first."""
    faults: tuple[PastFaultDocument, ...]
    """Faults of the reps, the fault to fix first at the front."""
    form: FormDocument
    """Share of good reps among the judged reps, and the faults that could not be checked."""
    bests: tuple[BestDocument, ...]
    """Personal bests: first the bests over all loads, then the bests at each load, heaviest load first."""
    one_rep_max: OneRepMaxDocument | None
    """The one-repetition maximum; null if neither the speeds nor the reps of sets with a load give an estimate."""
    back: tuple[str, ...] = ()
    """Faults of earlier sessions that had gone and are back in the last session, a sentence each."""
    earlier: tuple[EarlierDayDocument, ...] = ()
    """Days of an imported log with the exercise, the newest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryDocument(StrictDocument):
    """The result of `livecoach history --json`: a history for each exercise of each lifter."""

    schema: SchemaVersion = SCHEMA
    today: str
    """Date on which the document was made."""
    since: str | None
    """First date from which sessions count; null if all sessions count."""
    courses: tuple[ExerciseTrend, ...]
    """The histories; the history with the newest session comes first."""
    notes: tuple[str, ...]
    """Damaged or omitted data, a line each."""
