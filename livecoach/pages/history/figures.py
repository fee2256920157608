"""Figures of sessions by exercise and profile, as documents: counts, faults, bests, loads, and weeks.

Weeks begin on Monday, and days are local dates. Sets without a load have no personal bests, and speeds that were not
measured at the bar give none. The one-repetition maximum of an exercise and profile comes from recent sets.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from itertools import groupby
from statistics import fmean, median
from typing import Literal

import numpy as np

from livecoach.core.charts import wilson
from livecoach.core.config import exercise
from livecoach.core.documents import VerdictsDocument, history
from livecoach.core.types import Rep, grouped_sets
from livecoach.decisions.coaching import figures
from livecoach.decisions.coaching.last_time import back_again, fixed_faults
from livecoach.decisions.coaching.records import RecordKind, set_bests
from livecoach.decisions.judging.primary import SHALLOW, faults_of, unseen_main
from livecoach.decisions.rep.one_rep_max import LoadedSet, estimate, is_outdone, loaded_set
from livecoach.records.earlier import EarlierSet
from livecoach.records.session.session_set import SessionSet, done_sets, planned_sets
from livecoach.records.session.stored import Session

WEEK = timedelta(weeks=1)
MAX_SPAN = timedelta(weeks=6)
"""Sets older than the newest by more than this do not count, because strength changes. Our choice."""
ORDER: tuple[history.BestKind, ...] = ("heaviest_rep", "one_rep_max", "most_volume", "most_reps", "fastest_rep")
BEST_UNITS: dict[RecordKind, Literal["m/s", "reps", "kg"]] = {
    "heaviest_rep": "kg",
    "most_reps": "reps",
    "one_rep_max": "kg",
    "fastest_rep": "m/s",
}
OF_ALL_LOADS = ORDER[:3]  # Kinds with a single best, whatever the load


def monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def volume_load_kg(one: Session) -> float | None:
    """Return the sum of load times reps over the sets with a known load; None without any."""
    sets = one.loaded_sets
    return sum(load_kg * len(reps) for load_kg, reps in sets) if sets else None


def _past_set(one: SessionSet) -> history.PastSetDocument:
    fastest = figures.fastest(one.reps)
    return history.PastSetDocument(
        set=one.own_number,
        reps=len(one.counted),
        load_kg=one.log.load_kg,
        rest_s=one.rest_s,
        rpe=one.log.rpe,
        note=one.log.note,
        speed=None if fastest is None else fastest.speed,
        speed_unit=None if fastest is None else fastest.speed_unit,
    )


def one_rep_max(sessions: Sequence[Session]) -> history.OneRepMaxDocument | None:
    """As estimated from the latest sets, if one gives it. sessions: of one exercise and profile, oldest first."""
    dated = _loaded_sets(sessions)
    lately = [(day, one) for day, one in dated if dated[-1][0] - day <= MAX_SPAN]
    name = sessions[-1].exercise
    speed_of_max_m_s = exercise.load(name).speed_of_max_m_s if name in exercise.names() else None
    found = estimate([one for _, one in lately], speed_of_max_m_s) if lately else None
    if found is None:
        return None
    best = found.sets[0]
    return history.OneRepMaxDocument(
        load_kg=found.load_kg,
        low_kg=found.low_kg,
        high_kg=found.high_kg,
        sets=len(found.sets),
        since=next(day for day, one in lately if one == best).isoformat(),
        lifted=None
        if found.by == "speed"
        else history.LoadedSetDocument(load_kg=best.load_kg, reps=best.reps, rpe=best.rpe),
    )


def _loaded_sets(sessions: Sequence[Session]) -> list[tuple[date, LoadedSet]]:
    return [
        (one.day, lifted)
        for one in sessions
        for each in one.sets
        if (lifted := loaded_set(each.log, each.counted)) is not None
    ]


def personal_bests(sessions: Sequence[Session]) -> tuple[history.BestDocument, ...]:
    """Over all loads first, then from the heaviest on; speed and reps at each. sessions: oldest first."""
    bests: dict[tuple[str, float | None], history.BestDocument] = {}
    for one in (best for session in sessions for best in _of_session(session)):
        key = one.kind, None if one.kind in OF_ALL_LOADS else one.load_kg
        if one.value > 0 and (key not in bests or one.value > bests[key].value):
            bests[key] = one
    most, lifted = bests.get(("one_rep_max", None)), [one for _, one in _loaded_sets(sessions)]
    if most is not None and is_outdone(most.value, lifted):
        del bests["one_rep_max", None]
    return tuple(sorted(bests.values(), key=_place))


def _place(best: history.BestDocument) -> tuple[bool, float, int]:
    at_load = best.kind not in OF_ALL_LOADS
    return at_load, -(best.load_kg or 0.0) if at_load else 0.0, ORDER.index(best.kind)


def _of_session(session: Session) -> Iterator[history.BestDocument]:
    when = {"day": session.day.isoformat(), "session": session.name}
    for one in session.sets:
        for best in set_bests(one.log, one.counted):
            yield history.BestDocument(
                kind=best.kind,
                load_kg=best.load_kg,
                value=best.value,
                unit=BEST_UNITS[best.kind],
                rep=None if best.rep is None else one.counted[best.rep].name,
                **when,
            )
    lifted = [done for each in session.sets if (done := loaded_set(each.log, each.counted)) is not None]
    volume_kg = sum(done.load_kg * done.reps for done in lifted)
    yield history.BestDocument(kind="most_volume", load_kg=None, value=volume_kg, unit="kg", rep=None, **when)


def exercise_trends(sessions: Sequence[Session]) -> tuple[history.ExerciseTrend, ...]:
    """One for each exercise and profile, that of the newest session first. sessions: oldest first."""
    groups: dict[tuple[str, str | None], list[Session]] = defaultdict(list)
    for one in reversed(sessions):
        groups[one.exercise, one.profile].append(one)
    return tuple(exercise_trend(of[::-1]) for of in groups.values())


def earlier_days(
    sets: Sequence[EarlierSet], exercise: str, since: date | None
) -> tuple[history.EarlierDayDocument, ...]:
    """Return the days of an exercise from a day on, the newest first."""
    own = (one for one in sets if one.exercise == exercise and (since is None or one.day >= since))
    days = [(day, grouped_sets((one.reps, one.load_kg) for one in of)) for day, of in groupby(own, lambda one: one.day)]
    return tuple(history.EarlierDayDocument(day=day.isoformat(), sets=done) for day, done in reversed(days))


def exercise_trend(sessions: Sequence[Session]) -> history.ExerciseTrend:
    completed = [rep for one in sessions for rep in one.completed]
    faults = figures.faults_to_fix(completed, faults_of(sessions[0].exercise))
    return history.ExerciseTrend(
        exercise=sessions[0].exercise,
        profile=sessions[0].profile,
        counts=_counts(sessions),
        sessions=tuple(_session(one, tuple(faults)) for one in sessions),
        weeks=_weeks(sessions),
        faults=tuple(history.PastFaultDocument(name=name, reps=share(*fault)) for name, fault in faults.items()),
        form=history.FormDocument(reps=share(*figures.good_count(completed)), unseen=_unseen(completed)),
        bests=personal_bests(sessions),
        one_rep_max=one_rep_max(sessions),
        back=faults_back(sessions),
    )


def faults_back(sessions: Sequence[Session]) -> tuple[str, ...]:
    """Return a sentence about each old fault that had gone and is back in the last of some sessions. sessions: of one
    exercise and profile, oldest first."""
    *before, last = sessions
    names = (*faults_of(last.exercise), SHALLOW)
    fixed = fixed_faults([figures.fault_counts(one.completed, names) for one in before])
    return tuple(back_again(fixed, last.exercise, last.completed))


def share(hits: int, of: int) -> history.ShareDocument:
    low, high = wilson(hits, of)
    return history.ShareDocument(hits=hits, of=of, value=hits / of if of else None, low=low, high=high)


def _counts(sessions: Sequence[Session]) -> history.CountsDocument:
    completed = [rep for one in sessions for rep in one.completed]
    counts = figures.counts(completed)
    return history.CountsDocument(
        sets=sum(bool(each.counted) for one in sessions for each in one.sets),
        **counts,
        alarms=share(counts["anomalous"], figures.good_count(completed).judged),
        corrected=sum(rep.is_overruled for rep in completed),
        judged=_judged(completed),
        to_depth=_to_depth(completed),
    )


def _to_depth(completed: Sequence[Rep]) -> history.DepthShareDocument | None:
    depth = figures.depth_count(completed)
    if depth is None:
        return None
    measured = depth.decided + depth.close
    low, high = share(depth.met, measured).low, share(depth.met + depth.close, measured).high
    value = depth.met / depth.decided if depth.decided else None
    return history.DepthShareDocument(
        hits=depth.met, of=depth.decided, value=value, low=low, high=high, close=depth.close
    )


def _judged(completed: Sequence[Rep]) -> VerdictsDocument | None:
    if not any(rep.is_overruled for rep in completed):
        return None
    return VerdictsDocument(**figures.counts([replace(rep, correction=None) for rep in completed]))


def _session(one: Session, names: Sequence[str]) -> history.PastSessionDocument:
    return history.PastSessionDocument(
        name=one.name,
        started=one.started.isoformat(timespec="seconds"),
        ended=not one.cut_off,
        counts=_counts([one]),
        faults={name: fault.having for name, fault in figures.faults_to_fix(one.completed, names).items()},
        speed=_speed(one),
        volume_load_kg=volume_load_kg(one),
        form=share(*figures.good_count(one.completed)),
        checked={name: fault.checked for name, fault in figures.fault_counts(one.completed, names).items()},
        sets=tuple(_past_set(each) for each in one.sets if each.counted and not each.log.is_empty),
        first_set=min((each.number for each in one.sets if each.counted), default=1),
        depth=_depth(one),
        shared=one.shared,
        planned=(plans := planned_sets(one.sets)),
        done=done_sets(one.sets) if plans else (),
    )


def _depth(one: Session) -> history.DepthDocument | None:
    creases_cm = [cm for each in one.sets for cm in each.creases_cm]
    if not creases_cm:
        return None
    low_cm, median_cm, high_cm = np.percentile(creases_cm, (25, 50, 75)).tolist()
    return history.DepthDocument(reps=len(creases_cm), median_cm=median_cm, low_cm=low_cm, high_cm=high_cm)


def _speed(one: Session) -> history.SpeedDocument | None:
    """Summarize speeds in the unit of most reps; reps in another unit are left out."""
    paces = [pace for each in one.sets for _, pace in figures.timed(each.reps)]
    if not paces:
        return None
    unit = Counter(pace.speed_unit for pace in paces).most_common(1)[0][0]
    losses = [loss.share for each in one.sets if (loss := figures.speed_loss(each.reps)) is not None]
    return history.SpeedDocument(
        mean=fmean(pace.speed for pace in paces if pace.speed_unit == unit),
        unit=unit,
        loss=median(losses) if losses else None,
    )


def _weeks(sessions: Sequence[Session]) -> tuple[history.WeekDocument, ...]:
    by_week: dict[date, list[int]] = defaultdict(list)
    for one in sessions:
        by_week[monday(one.day)].append(len(one.reps))
    return tuple(
        history.WeekDocument(monday=week.isoformat(), sessions=len(reps), reps=sum(reps))
        for week, reps in sorted(by_week.items())
    )


def _unseen(reps: Sequence[Rep]) -> tuple[str, ...]:
    """Return the main faults that most of the reps could not show: a share of good reps says nothing of these."""
    main = Counter(name for rep in reps for name in unseen_main(rep))
    return tuple(name for name in figures.mostly_unseen(reps) if name in main)
