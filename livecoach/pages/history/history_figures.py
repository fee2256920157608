"""Computes figures of sessions by exercise and profile, as documents: counts, faults, bests, loads and weeks.

Weeks begin on Monday, and days are local dates. Personal bests come from the good reps of sets with a load and mostly
good reps; a speed must be measured at the bar. The one-repetition maximum is estimated from recent sets. Here, a
session is the part of a session with one exercise and one profile. Lists of sessions are in order, oldest first; they
have the same exercise and profile, except in `exercise_trends`.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from itertools import groupby
from statistics import fmean, median
from typing import Literal

import numpy as np

from livecoach.core.charts import wilson_interval
from livecoach.core.config import exercise
from livecoach.core.documents import VerdictsDocument, history
from livecoach.core.types import Rep, group_sets
from livecoach.decisions.coaching import rep_figures
from livecoach.decisions.coaching.last_time import fixed_faults, returned_fault_notes
from livecoach.decisions.coaching.records import RecordKind, record_candidates
from livecoach.decisions.judging.primary import SHALLOW, faults_of, unseen_main_faults
from livecoach.decisions.rep.one_rep_max import (
    LoadedSet,
    estimate_max_by_reps,
    estimate_max_load,
    is_estimate_too_low,
    loaded_set,
)
from livecoach.records.earlier import EarlierSet
from livecoach.records.session.session_set import SessionSet, last_plan, plan_from_sets
from livecoach.records.session.stored import Session

WEEK = timedelta(weeks=1)
MAX_SPAN = timedelta(weeks=6)
"""Most time before the newest set from which sets count for the one-repetition maximum. Our choice."""
ORDER: tuple[history.BestKind, ...] = ("heaviest_rep", "one_rep_max", "most_volume", "most_reps", "fastest_rep")
BEST_UNITS: dict[RecordKind, Literal["m/s", "reps", "kg"]] = {
    "heaviest_rep": "kg",
    "most_reps": "reps",
    "one_rep_max": "kg",
    "fastest_rep": "m/s",
}
OVERALL_BESTS = ORDER[:3]  # Kinds of bests that are independent of the load


def monday(day: date) -> date:
    """Return the Monday in the week of a day."""
    return day - timedelta(days=day.weekday())


def volume_load_kg(session: Session) -> float | None:
    """Return the volume load in kg: load times counted reps, summed over the sets with a load; None without a load."""
    sets = session.loaded_sets
    return sum(load_kg * len(reps) for load_kg, reps in sets) if sets else None


def _past_set(session_set: SessionSet) -> history.PastSetDocument:
    fastest = rep_figures.fastest_pace(session_set.reps)
    return history.PastSetDocument(
        set=session_set.lifter_set_number,
        reps=len(session_set.counted_reps),
        load_kg=session_set.log.load_kg,
        rest_s=session_set.rest_s,
        rpe=session_set.log.rpe,
        note=session_set.log.note,
        speed=None if fastest is None else fastest.speed,
        speed_unit=None if fastest is None else fastest.speed_unit,
    )


def estimate_one_rep_max(sessions: Sequence[Session]) -> history.OneRepMaxDocument | None:
    """Estimate the one-repetition maximum from sets with a load and mostly good reps; None if they give no estimate.

    Sets that are more than MAX_SPAN older than the newest such set are left out.
    """
    dated = _loaded_sets(sessions)
    lately = [(day, loaded) for day, loaded in dated if dated[-1][0] - day <= MAX_SPAN]
    name = sessions[-1].exercise
    speed_of_max_m_s = exercise.load(name).speed_of_max_m_s if name in exercise.names() else None
    found = estimate_max_load([loaded for _, loaded in lately], speed_of_max_m_s) if lately else None
    if found is None:
        return None
    best = found.sets[0]
    return history.OneRepMaxDocument(
        load_kg=found.load_kg,
        low_kg=found.low_kg,
        high_kg=found.high_kg,
        sets=len(found.sets),
        since=next(day for day, loaded in lately if loaded == best).isoformat(),
        lifted=None
        if found.by == "speed"
        else history.LoadedSetDocument(load_kg=best.load_kg, reps=best.reps, rpe=best.rpe),
    )


def _loaded_sets(sessions: Sequence[Session]) -> list[tuple[date, LoadedSet]]:
    return [
        (session.day, lifted)
        for session in sessions
        for session_set in session.sets
        if (lifted := loaded_set(session_set.log, session_set.counted_reps)) is not None
    ]


def personal_bests(sessions: Sequence[Session]) -> tuple[history.BestDocument, ...]:
    """Return the personal bests: first the bests over all loads, then the bests at each load, heaviest load first.

    An estimate of the one-repetition maximum is left out if a longer set shows that it is too low.
    """
    bests = highest_bests(best for session in sessions for best in best_candidates(session))
    most, lifted = bests.get(("one_rep_max", None)), [loaded for _, loaded in _loaded_sets(sessions)]
    if most is not None and is_estimate_too_low(most.value, lifted):
        del bests["one_rep_max", None]
    return tuple(sorted(bests.values(), key=_place))


def highest_bests(bests: Iterable[history.BestDocument]) -> dict[tuple[str, float | None], history.BestDocument]:
    """Return the best with the highest value for each kind and load in kg; the first, if several are equal.

    A kind in OVERALL_BESTS has one best over all loads, with None as the load. Bests with the value 0 are left out.
    """
    found: dict[tuple[str, float | None], history.BestDocument] = {}
    for best in bests:
        key = best.kind, None if best.kind in OVERALL_BESTS else best.load_kg
        if best.value > 0 and (key not in found or best.value > found[key].value):
            found[key] = best
    return found


def _place(best: history.BestDocument) -> tuple[bool, float, int]:
    at_load = best.kind not in OVERALL_BESTS
    return at_load, -(best.load_kg or 0.0) if at_load else 0.0, ORDER.index(best.kind)


def best_candidates(session: Session) -> Iterator[history.BestDocument]:
    """Yield the values of a session that may be personal bests: bests of sets, then the volume load, which may be 0.

    This volume load includes only the good reps of sets with mostly good reps.
    """
    when = {"day": session.day.isoformat(), "session": session.name}
    for session_set in session.sets:
        for best in record_candidates(session_set.log, session_set.counted_reps):
            yield history.BestDocument(
                kind=best.kind,
                load_kg=best.load_kg,
                value=best.value,
                unit=BEST_UNITS[best.kind],
                rep=None if best.rep is None else session_set.counted_reps[best.rep].name,
                **when,
            )
    volume_kg = sum(loaded.load_kg * loaded.reps for _, loaded in _loaded_sets([session]))
    yield history.BestDocument(kind="most_volume", load_kg=None, value=volume_kg, unit="kg", rep=None, **when)


def exercise_trends(sessions: Sequence[Session]) -> tuple[history.ExerciseTrend, ...]:
    """Return the figures of each lifter in each exercise; the lifter and exercise of the newest session come first."""
    groups: dict[tuple[str, str | None], list[Session]] = defaultdict(list)
    for session in reversed(sessions):
        groups[session.exercise, session.profile].append(session)
    return tuple(exercise_trend(of[::-1]) for of in groups.values())


def earlier_days(
    sets: Sequence[EarlierSet], exercise: str, since: date | None
) -> tuple[history.EarlierDayDocument, ...]:
    """Return the sets of an exercise in imported logs of other apps, grouped by day, newest day first.

    `sets` is in order, oldest first. Days before `since` are left out.
    """
    own = (logged for logged in sets if logged.exercise == exercise and (since is None or logged.day >= since))
    by_day = groupby(own, lambda logged: logged.day)
    days = [(day, group_sets((logged.reps, logged.load_kg) for logged in of_day)) for day, of_day in by_day]
    return tuple(history.EarlierDayDocument(day=day.isoformat(), sets=done) for day, done in reversed(days))


def exercise_trend(sessions: Sequence[Session]) -> history.ExerciseTrend:
    """Return the figures of a lifter's sessions (at least one) with an exercise: by session, by week, and in total."""
    completed = [rep for session in sessions for rep in session.completed_reps]
    names = (*faults_of(sessions[0].exercise), SHALLOW)
    faults = rep_figures.faults_to_fix(completed, names[:-1])
    before = [rep_figures.fault_counts(session.completed_reps, names) for session in sessions[:-1]]
    return history.ExerciseTrend(
        exercise=sessions[0].exercise,
        profile=sessions[0].profile,
        counts=_counts(sessions),
        sessions=tuple(past_session(session, tuple(faults)) for session in sessions),
        weeks=_weeks(sessions),
        faults=tuple(history.PastFaultDocument(name=name, reps=make_share(*fault)) for name, fault in faults.items()),
        form=history.FormDocument(
            reps=make_share(*rep_figures.count_good_and_judged(completed)), unseen=_unseen(completed)
        ),
        bests=personal_bests(sessions),
        one_rep_max=estimate_one_rep_max(sessions),
        back=returned_fault_notes_in_session(before, sessions[-1]),
    )


def returned_fault_notes_in_session(
    before: Sequence[Mapping[str, rep_figures.FaultCount]], session: Session
) -> tuple[str, ...]:
    """Return a sentence about each fault that is back; `before` has earlier sessions' fault counts, oldest first."""
    return tuple(returned_fault_notes(fixed_faults(before), session.exercise, session.completed_reps))


def make_share(hits: int, total: int) -> history.ShareDocument:
    """Return a proportion with its counts and its 95 % Wilson interval; the proportion is None for 0 of 0."""
    low, high = wilson_interval(hits, total)
    return history.ShareDocument(hits=hits, of=total, value=hits / total if total else None, low=low, high=high)


def _counts(sessions: Sequence[Session]) -> history.CountsDocument:
    completed = [rep for session in sessions for rep in session.completed_reps]
    counts, corrected = rep_figures.count_forms(completed), sum(rep.is_overruled for rep in completed)
    first = rep_figures.count_forms([replace(rep, correction=None) for rep in completed]) if corrected else {}
    return history.CountsDocument(
        sets=sum(len(session.counted_sets) for session in sessions),
        **counts,
        alarms=make_share(counts["anomalous"], counts["good"] + counts["anomalous"]),
        corrected=corrected,
        judged=VerdictsDocument(**first) if corrected else None,
        to_depth=_to_depth(completed),
    )


def _to_depth(completed: Sequence[Rep]) -> history.DepthShareDocument | None:
    depth = rep_figures.depth_count(completed)
    if depth is None:
        return None
    measured = depth.decided + depth.close
    low, high = make_share(depth.met, measured).low, make_share(depth.met + depth.close, measured).high
    value = depth.met / depth.decided if depth.decided else None
    return history.DepthShareDocument(
        hits=depth.met, of=depth.decided, value=value, low=low, high=high, close=depth.close
    )


def past_session(session: Session, names: Sequence[str]) -> history.PastSessionDocument:
    """Return the figures of a lifter's session with an exercise; `names` are the faults to include."""
    return history.PastSessionDocument(
        name=session.name,
        started=session.start_time.isoformat(timespec="seconds"),
        ended=not session.is_cut_off,
        counts=_counts([session]),
        faults={name: fault.having for name, fault in rep_figures.faults_to_fix(session.completed_reps, names).items()},
        speed=_speed(session),
        volume_load_kg=volume_load_kg(session),
        one_rep_max_kg=max(
            (most.load_kg for _, loaded in _loaded_sets([session]) if (most := estimate_max_by_reps(loaded))),
            default=None,
        ),
        form=make_share(*rep_figures.count_good_and_judged(session.completed_reps)),
        checked={
            name: fault.checked for name, fault in rep_figures.fault_counts(session.completed_reps, names).items()
        },
        sets=tuple(_past_set(session_set) for session_set in session.counted_sets if not session_set.log.is_empty),
        first_set=min((session_set.number for session_set in session.counted_sets), default=1),
        first_own_set=min((session_set.lifter_set_number for session_set in session.counted_sets), default=1),
        depth=_depth(session),
        shared=session.is_shared,
        planned=(plans := last_plan(session.sets)),
        done=plan_from_sets(session.sets) if plans else (),
    )


def _depth(session: Session) -> history.DepthDocument | None:
    creases_cm = [cm for session_set in session.sets for cm in session_set.creases_cm]
    if not creases_cm:
        return None
    low_cm, median_cm, high_cm = np.percentile(creases_cm, (25, 50, 75)).tolist()
    return history.DepthDocument(reps=len(creases_cm), median_cm=median_cm, low_cm=low_cm, high_cm=high_cm)


def _speed(session: Session) -> history.SpeedDocument | None:
    """Summarise the speeds in the unit of most reps; None without a speed. Reps in other units are left out."""
    paces = [pace for session_set in session.sets for _, pace in rep_figures.timed_reps(session_set.reps)]
    if not paces:
        return None
    unit = Counter(pace.speed_unit for pace in paces).most_common(1)[0][0]
    speeds = [pace.speed for pace in paces if pace.speed_unit == unit]
    losses = [
        loss.share for session_set in session.sets if (loss := rep_figures.largest_loss(session_set.reps)) is not None
    ]
    return history.SpeedDocument(
        median=median(speeds), mean=fmean(speeds), unit=unit, loss=median(losses) if losses else None
    )


def _weeks(sessions: Sequence[Session]) -> tuple[history.WeekDocument, ...]:
    by_week: dict[date, list[int]] = defaultdict(list)
    for session in sessions:
        by_week[monday(session.day)].append(len(session.counted_reps))
    return tuple(
        history.WeekDocument(monday=week.isoformat(), sessions=len(reps), reps=sum(reps))
        for week, reps in sorted(by_week.items())
    )


def _unseen(reps: Sequence[Rep]) -> tuple[str, ...]:
    """Return the main faults that could not be checked in most reps: the share of good reps does not cover them."""
    main = Counter(name for rep in reps for name in unseen_main_faults(rep))
    return tuple(name for name in rep_figures.mostly_unseen_faults(reps) if name in main)
