"""The reps and sessions that the history counts."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from livecoach.documents import AUTO
from livecoach.types import MeasuredFrom, SetLog, SpeedUnit, Verdict


@dataclass(frozen=True, slots=True)
class PastPace:
    """The tempo and speed of a rep, as in types.Pace."""

    eccentric_s: float
    pause_s: float
    concentric_s: float
    speed: float
    speed_unit: SpeedUnit
    travel: float
    measured_from: MeasuredFrom = "body"

    @property
    def kind(self) -> tuple[MeasuredFrom, SpeedUnit]:
        """How and in which unit the speed was measured. Only speeds of one kind can be compared."""
        return self.measured_from, self.speed_unit


@dataclass(frozen=True, slots=True)
class PastRep:
    """A completed rep of a session."""

    number: int
    """Number in its set, from 1, over all completed reps."""
    set: int
    """Number of its set in the session, from 1."""
    verdict: Verdict
    """The verdict that counts, after corrections."""
    faults: tuple[str, ...]
    """Names of the faults, each once, the primary fault first."""
    end_s: float
    view: str | None
    """Name of the camera view; None if it is unknown."""
    pace: PastPace | None
    judged: Verdict | None = None
    """Original verdict if the rep was corrected; the correction then stands in `verdict` and `faults`."""
    exercise: str = ""
    """Name of its exercise; empty in a session of an earlier version, which has one exercise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PastSession:
    """A session that counts."""

    name: str
    """Name of its folder."""
    started: datetime
    """Local time where it was recorded, with its offset from UTC."""
    exercise: str
    """Name of the exercise; "auto" in a session as it was recorded, if livecoach recognised what was done."""
    profile: str | None
    session: str
    """Identifier of the recording: the same in every copy of it."""
    live: bool
    """False for a replayed recording."""
    ended: bool
    """False if it was cut off or is still being recorded; it counts as far as it goes."""
    reps: tuple[PastRep, ...]
    not_counted: tuple[PastRep, ...] = ()
    """Reps that were corrected to "no rep"."""
    reference: int = 0
    """Number of the lifter's own good reps that were known when it began."""
    logs: Mapping[int, SetLog] = field(default_factory=dict)
    """What was logged, by the number of the set."""

    @property
    def sets(self) -> dict[int, list[PastRep]]:
        """Reps that count by the number of their set."""
        found: dict[int, list[PastRep]] = {}
        for rep in self.reps:
            found.setdefault(rep.set, []).append(rep)
        return found

    @property
    def loaded_sets(self) -> list[tuple[float, list[PastRep]]]:
        """Sets whose load is known: load in kilograms, and reps."""
        found = ((self.logs[number].load_kg, reps) for number, reps in self.sets.items() if number in self.logs)
        return [(load_kg, reps) for load_kg, reps in found if load_kg is not None]

    @property
    def day(self) -> date:
        """Local date where it was recorded, so that time zones of travellers do not shift days."""
        return self.started.date()


def by_exercise(sessions: Iterable[PastSession]) -> list[PastSession]:
    """Split the sessions in which several exercises may have been done: one entry for each exercise, with its reps."""
    return [part for one in sessions for part in _split(one)]


def _split(one: PastSession) -> Iterator[PastSession]:
    """Yield a session's parts, in the order in which the exercises were begun."""
    done = dict.fromkeys(rep.exercise or one.exercise for rep in (*one.reps, *one.not_counted))
    if set(done) <= {one.exercise} and one.exercise != AUTO:
        yield one  # of a thousand sessions most are like this
        return
    for exercise in (name for name in done if name != AUTO):  # a rep that does not say its exercise is of none
        reps, not_counted = (
            tuple(rep for rep in part if (rep.exercise or one.exercise) == exercise)
            for part in (one.reps, one.not_counted)
        )
        yield replace(one, exercise=exercise, reps=reps, not_counted=not_counted)


def without_duplicates(sessions: list[PastSession]) -> tuple[list[PastSession], list[PastSession]]:
    """Split sessions into those that count and replayed duplicates of them. sessions: each of one exercise.

    Of several copies, the live one counts, otherwise the one with the most reps, otherwise the first.
    """
    best: dict[tuple[str, str, str | None], PastSession] = {}
    for one in sessions:
        before = best.get(_what(one))
        if before is None or one.live or (not before.live and len(one.reps) > len(before.reps)):
            best[_what(one)] = one
    again = [one for one in sessions if not one.live and best[_what(one)] is not one]
    left_out = {(one.name, one.exercise) for one in again}
    return [one for one in sessions if (one.name, one.exercise) not in left_out], again


def _what(one: PastSession) -> tuple[str, str, str | None]:
    return one.session or one.name, one.exercise, one.profile
