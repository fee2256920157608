"""Figures of sessions by exercise and profile, as documents."""

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from datetime import date
from statistics import fmean, median

from livecoach.charts import change, wilson
from livecoach.documents import (
    CountsDocument,
    CourseDocument,
    JudgedDocument,
    PastFaultDocument,
    PastSessionDocument,
    ShareDocument,
    SpeedDocument,
    StreakDocument,
    TempoDocument,
    Trend,
    UsualDocument,
    WeekDocument,
)
from livecoach.history import loads, weeks
from livecoach.history.personal_bests import personal_bests
from livecoach.history.records import PastRep, PastSession
from livecoach.history.reference_shift import reference_shifts

LATELY = 10
"""Newest sessions whose faults are compared with all earlier ones, at most half of all sessions; our choice."""
TRENDS: dict[int, Trend] = {-1: "rarer", 0: "no clear change", 1: "more often"}


Usual = Callable[[Sequence[PastSession]], UsualDocument | None]
"""Computes how far the usual rep moved over the sessions of one exercise and profile, from stored references."""


def courses(sessions: Sequence[PastSession], today: date, usual: Usual = lambda _: None) -> tuple[CourseDocument, ...]:
    """Return one document for each exercise and profile, that with the newest session first.

    sessions: oldest first.
    """
    found: dict[tuple[str, str | None], list[PastSession]] = defaultdict(list)
    for one in reversed(sessions):
        found[one.exercise, one.profile].append(one)
    return tuple(course(of[::-1], today, usual) for of in found.values())


def course(sessions: Sequence[PastSession], today: date, usual: Usual = lambda _: None) -> CourseDocument:
    """Return the document of one exercise and profile. sessions: one or more of them, oldest first."""
    return CourseDocument(
        exercise=sessions[0].exercise,
        profile=sessions[0].profile,
        counts=_counts(sessions),
        sessions=tuple(_session(one) for one in sessions),
        weeks=_weeks(sessions),
        faults=_faults(sessions),
        bests=personal_bests(sessions),
        one_rep_max=loads.one_rep_max(sessions),
        streak=_streak(sessions, today),
        moved=reference_shifts(sessions),
        usual=usual(sessions),
    )


def share(hits: int, of: int) -> ShareDocument:
    """Return a proportion with its 95 % interval."""
    low, high = wilson(hits, of)
    return ShareDocument(hits=hits, of=of, value=hits / of if of else None, low=low, high=high)


def _counts(sessions: Sequence[PastSession]) -> CountsDocument:
    verdicts = Counter(rep.verdict for one in sessions for rep in one.reps)
    good, anomalous = verdicts["good"], verdicts["anomalous"]
    return CountsDocument(
        sets=sum(len({rep.set for rep in one.reps}) for one in sessions),
        reps=sum(verdicts.values()),
        good=good,
        anomalous=anomalous,
        unsure=verdicts["unsure"],
        alarms=share(anomalous, good + anomalous),
        corrected=sum(rep.judged is not None for rep in _completed(sessions)),
        judged=_judged(sessions),
    )


def _completed(sessions: Sequence[PastSession]) -> list[PastRep]:
    """Return all completed reps, including those corrected to "no rep"."""
    return [rep for one in sessions for rep in (*one.reps, *one.not_counted)]


def _judged(sessions: Sequence[PastSession]) -> JudgedDocument | None:
    reps = _completed(sessions)
    if all(rep.judged is None for rep in reps):
        return None
    verdicts = Counter(rep.judged or rep.verdict for rep in reps)
    return JudgedDocument(
        reps=len(reps), good=verdicts["good"], anomalous=verdicts["anomalous"], unsure=verdicts["unsure"]
    )


def _session(one: PastSession) -> PastSessionDocument:
    faults = fault_counts(one.reps)
    paces = [rep.pace for rep in one.reps if rep.pace is not None]
    tempo = (
        TempoDocument(
            eccentric_s=median(pace.eccentric_s for pace in paces),
            pause_s=median(pace.pause_s for pace in paces),
            concentric_s=median(pace.concentric_s for pace in paces),
        )
        if paces
        else None
    )
    return PastSessionDocument(
        name=one.name,
        started=one.started.isoformat(timespec="seconds"),
        ended=one.ended,
        counts=_counts([one]),
        faults=faults,
        speed=_speed(one.reps),
        tempo=tempo,
        volume_load_kg=loads.volume_load_kg(one),
        sets=loads.past_sets(one),
        first_set=min(one.sets, default=1),
    )


def fault_counts(reps: Sequence[PastRep]) -> dict[str, int]:
    """Count the reps with each fault; the fault that is the primary one of most reps comes first."""
    counts = Counter(name for rep in reps for name in rep.faults)
    primary = Counter(rep.faults[0] for rep in reps if rep.faults)
    return {name: counts[name] for name in sorted(counts, key=lambda name: (-primary[name], -counts[name]))}


def _speed(reps: Sequence[PastRep]) -> SpeedDocument | None:
    """Summarize speeds in the unit that most reps have; reps in another unit are left out."""
    units = Counter(rep.pace.speed_unit for rep in reps if rep.pace is not None)
    if not units:
        return None
    unit = units.most_common(1)[0][0]
    sets: dict[int, list[float]] = defaultdict(list)
    for rep in reps:
        if rep.pace is not None and rep.pace.speed_unit == unit:
            sets[rep.set].append(rep.pace.speed)
    losses = [1.0 - speeds[-1] / max(speeds) for speeds in sets.values() if len(speeds) > 1]
    mean = fmean(speed for speeds in sets.values() for speed in speeds)
    return SpeedDocument(mean=mean, unit=unit, loss=median(losses) if losses else None)


def _weeks(sessions: Sequence[PastSession]) -> tuple[WeekDocument, ...]:
    found: dict[date, list[int]] = defaultdict(list)
    for one in sessions:
        found[weeks.monday(one.day)].append(len(one.reps))
    return tuple(
        WeekDocument(monday=week.isoformat(), sessions=len(reps), reps=sum(reps))
        for week, reps in sorted(found.items())
    )


def _faults(sessions: Sequence[PastSession]) -> tuple[PastFaultDocument, ...]:
    judged = [one for one in sessions if any(rep.verdict != "unsure" for rep in one.reps)]
    lately = min(LATELY, len(judged) // 2)
    before, of_before = _reps_with_faults(judged[: len(judged) - lately])
    after, of_after = _reps_with_faults(judged[len(judged) - lately :])
    found = []
    for name in fault_counts([rep for one in sessions for rep in one.reps]):
        trend = TRENDS[change((before[name], of_before), (after[name], of_after))]
        found.append(
            PastFaultDocument(
                name=name,
                reps=share(before[name] + after[name], of_before + of_after),
                lately=share(after[name], of_after) if lately else None,
                trend=trend if lately else None,
            )
        )
    return tuple(found)


def _reps_with_faults(sessions: Sequence[PastSession]) -> tuple[Counter[str], int]:
    """Count the judged reps with each fault, and all judged reps."""
    judged = [rep for one in sessions for rep in one.reps if rep.verdict != "unsure"]
    return Counter(name for rep in judged for name in rep.faults), len(judged)


def _streak(sessions: Sequence[PastSession], today: date) -> StreakDocument:
    found = weeks.streaks(one.day for one in sessions)
    longest, current = weeks.longest(found) or found[0], weeks.current(found, today)
    return StreakDocument(
        current=0 if current is None else current.weeks,
        longest=longest.weeks,
        longest_first=longest.first.isoformat(),
        longest_last=longest.last.isoformat(),
    )
