"""Reads what a lifter did last time with each exercise, and the best so far."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from itertools import pairwise
from statistics import median

from livecoach.core.config import exercise, local_time
from livecoach.core.errors import SessionError, SourceError
from livecoach.core.types import Rep, ignore
from livecoach.decisions.coaching.figures import FaultCount, fault_counts, faults_to_fix
from livecoach.decisions.coaching.last_time import LastTime, fixed_faults
from livecoach.decisions.coaching.records import PastBests, SetBest, logged_bests
from livecoach.decisions.judging.primary import SHALLOW, faults_of
from livecoach.pages.history.reading import load_past
from livecoach.records.earlier import EarlierSet, earlier_sets
from livecoach.records.session import layout
from livecoach.records.session.opening import open_session
from livecoach.records.session.stored import Session

MOST_FOR_FAULTS = 10  # Newest sessions with an exercise in which an old fault is looked for. Our choice.
MOST = 200  # Newest sessions to look through; reading them takes .3 s. Our choice.
REST_STEP_S = 15.0  # Rests are offered in steps of this size. Our choice.
LONGEST_REST_S = 1800.0  # A longer time between two sets is no rest. Our choice.


def last_times(profile: str | None) -> dict[str, LastTime]:
    """Return the profile's last live session with each exercise before today, the newest first: minutes later, to be
    compared with says nothing. Sessions that can't be read are passed over."""
    today, found = local_time.now().date(), dict[str, LastTime]()
    faults: dict[str, list[dict[str, FaultCount]]] = defaultdict(list)  # of each exercise, newest session first
    for folder in layout.newest(MOST):
        try:
            session = open_session(folder, ignore)
        except SessionError:
            continue
        end = session.about.end
        if not session.live or not _is_before(session, today) or layout.is_recording(folder):
            continue
        names = session.profiles if end is None else session.ending.profiles
        done = None if end is None else end.exercises or (session.about.exercise,)
        enough = {name for name, known in faults.items() if len(known) >= MOST_FOR_FAULTS}
        if profile in (names or (session.about.profile,)) and (done is None or not set(done) <= enough):
            _add(found, faults, session.of_lifter(profile))
    _add_earlier(found, _earlier(profile))
    return {name: replace(last, fixed=fixed_faults(faults[name][::-1])) for name, last in found.items()}


def _is_before(session: Session, day: date) -> bool:
    """Return whether a session began before a day of this computer's zone, wherever it was."""
    return local_time.local(session.started).date() < day


def _earlier(profile: str | None) -> Sequence[EarlierSet]:
    """Return the sets of imported logs; none of those that can't be read."""
    try:
        return () if profile is None else earlier_sets(profile)
    except SourceError:
        return ()


def _add_earlier(found: dict[str, LastTime], sets: Sequence[EarlierSet]) -> None:
    """Add the newest day of each exercise of a log that no session has."""
    for name in dict.fromkeys(one.exercise for one in reversed(sets)):
        if name not in found and name in exercise.names():
            day = max(one.day for one in sets if one.exercise == name)
            done = [(one.reps, one.load_kg) for one in sets if (one.exercise, one.day) == (name, day)]
            found[name] = _last_time(name, done, [])


def _add(found: dict[str, LastTime], faults: dict[str, list[dict[str, FaultCount]]], session: Session) -> None:
    """Add the exercises of a session that no newer one had, and the faults in all of its exercises."""
    for name in session.exercises:
        sets = [one for one in session.sets if one.exercise == name]
        if name in exercise.names() and any(one.counted for one in sets):
            done = [(len(one.counted), one.log.load_kg) for one in sets if one.counted]
            reps = [rep for one in sets for rep in one.reps]
            faults[name].append(fault_counts(reps, (*faults_of(name), SHALLOW)))
            if name not in found:
                found[name] = _last_time(name, done, reps)


def _last_time(name: str, done: Sequence[tuple[int, float | None]], reps: Sequence[Rep]) -> LastTime:
    """done: number of reps that count and load of each set. reps: all; none are known of a log."""
    fault = next(iter(faults_to_fix(reps, faults_of(name))), None)
    known = faults_of(name).get(fault or "")
    loads = Counter(kg for _, kg in done)
    load_kg = max(loads, key=lambda kg: (kg is not None, loads[kg], kg or 0.0))
    numbers = Counter(number for number, kg in done if kg == load_kg)
    return LastTime(
        exercise=name,
        title=exercise.load(name).title,
        fault=fault,
        cue=None if known is None else known.cue,
        load_kg=load_kg,
        sets=numbers.total(),
        reps=max(numbers, key=lambda number: (numbers[number], number)),
        rest_s=_rest_s(reps),
    )


def _rest_s(reps: Sequence[Rep]) -> float | None:
    """Return the median of the rests between sets, in seconds; None without one."""
    rests_s = [after.start_s - before.end_s for before, after in pairwise(reps) if before.set != after.set]
    rests_s = [rest_s for rest_s in rests_s if 0 < rest_s <= LONGEST_REST_S]
    return max(REST_STEP_S, REST_STEP_S * round(median(rests_s) / REST_STEP_S)) if rests_s else None


def past_bests(profile: str | None, today: date) -> PastBests:
    """Return the profile's bests by exercise, for records to beat. An exercise that was first done today has none.
    Sessions that can't be read are passed over."""
    from livecoach.pages.history.figures import personal_bests  # a start can do without

    try:
        parts = load_past().parts
    except SessionError:
        return {}
    of_exercise: dict[str, list[Session]] = defaultdict(list)
    for one in parts:
        if one.profile == profile and (_is_before(one, today) or one.exercise in of_exercise):
            of_exercise[one.exercise].append(one)
    bests: dict[str, list[SetBest]] = defaultdict(list)
    for name, sessions in of_exercise.items():
        bests[name] += (
            SetBest(kind=best.kind, load_kg=best.load_kg, value=best.value)
            for best in personal_bests(sessions)
            if best.kind != "most_volume" and best.load_kg is not None
        )
    for done in _earlier(profile):
        bests[done.exercise] += logged_bests(done.load_kg, done.reps)
    return bests
