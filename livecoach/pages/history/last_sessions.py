"""Reads a lifter's last session with each exercise, and the lifter's bests."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from itertools import pairwise
from statistics import median

from livecoach.core.config import exercise, local_time
from livecoach.core.errors import SessionError
from livecoach.core.types import Rep, ignore
from livecoach.decisions.coaching.last_time import LastTime, fixed_faults
from livecoach.decisions.coaching.records import PastBests, RecordCandidate, logged_candidates
from livecoach.decisions.coaching.rep_figures import FaultCount, fault_counts, faults_to_fix
from livecoach.decisions.judging.primary import SHALLOW, faults_of
from livecoach.pages.history.reading import load_earlier_sets
from livecoach.records.earlier import EarlierSet
from livecoach.records.session import layout
from livecoach.records.session.opening import open_session
from livecoach.records.session.stored import Session

MOST_FOR_FAULTS = 10  # Number of newest sessions of an exercise that are searched for old faults. Our choice.
MOST = 200  # Number of newest sessions that are read; reading them takes .3 s. Our choice.
REST_STEP_S = 15.0  # Step to which a rest is rounded, in seconds. Our choice.
LONGEST_REST_S = 1800.0  # Longest time between two sets that counts as a rest, in seconds. Our choice.


def find_last_times(profile: str | None, *, films: bool = False) -> dict[str, LastTime]:
    """Return a lifter's last session with each exercise, newest first, then the last imported day of other exercises.

    If a session has no load, the load of an older session or imported day is used. Sessions that are unreadable or
    being recorded are left out, and so are sessions of today, because a comparison after some minutes is meaningless.

    Args:
        profile: Profile of the lifter; None for no profile.
        films: Whether sessions of films are read as well as live sessions.
    """
    today, found = local_time.now().date(), dict[str, LastTime]()
    faults: dict[str, list[dict[str, FaultCount]]] = defaultdict(list)  # exercise → its sessions, newest first
    for folder in layout.list_newest_folders(MOST):
        try:
            session = open_session(folder, ignore)
        except SessionError:
            continue
        end = session.about.end
        is_before = local_time.to_local(session.start_time).date() < today
        if not (session.is_live or films) or not is_before or layout.is_recording(folder):
            continue
        names = session.profiles if end is None else session.ending.profiles
        done = None if end is None else session.ending.exercises or (session.about.exercise,)
        enough = {name for name, known in faults.items() if len(known) >= MOST_FOR_FAULTS}
        if profile in (names or (session.about.profile,)) and (done is None or not set(done) <= enough):
            _add(found, faults, session.select_lifter(profile))
    _add_earlier(found, _earlier(profile))
    return {name: replace(last, fixed=fixed_faults(faults[name][::-1])) for name, last in found.items()}


def _earlier(profile: str | None) -> Sequence[EarlierSet]:
    """Return the sets that were imported from other apps; empty without a profile, or if unreadable."""
    return () if profile is None else load_earlier_sets([profile], ignore).get(profile, ())


def _add_earlier(found: dict[str, LastTime], sets: Sequence[EarlierSet]) -> None:
    """Add the newest imported day of each exercise, as an older session."""
    for name in dict.fromkeys(logged.exercise for logged in reversed(sets)):
        if name in exercise.names():
            day = max(logged.day for logged in sets if logged.exercise == name)
            done = [(logged.reps, logged.load_kg) for logged in sets if (logged.exercise, logged.day) == (name, day)]
            _add_older(found, _last_time(name, done, []))


def _add(found: dict[str, LastTime], faults: dict[str, list[dict[str, FaultCount]]], session: Session) -> None:
    """Add the exercises of a session that is older than all sessions in `found`, and the counts of their faults."""
    for name in session.exercises:
        sets = [session_set for session_set in session.sets if session_set.exercise == name]
        done = [(len(lifted.counted_reps), lifted.log.load_kg) for lifted in sets if lifted.counted_reps]
        if name in exercise.names() and done:
            reps = [rep for session_set in sets for rep in session_set.reps]
            faults[name].append(fault_counts(reps, (*faults_of(name), SHALLOW)))
            _add_older(found, _last_time(name, done, reps))


def _add_older(found: dict[str, LastTime], older: LastTime) -> None:
    """Add an older session if its exercise has no newer session, or else its load to a newer session without a load."""
    newer = found.setdefault(older.exercise, older)
    if newer.load_kg is None:
        found[older.exercise] = replace(newer, load_kg=older.load_kg, is_load_older=older.load_kg is not None)


def _last_time(name: str, done: Sequence[tuple[int, float | None]], reps: Sequence[Rep]) -> LastTime:
    """Summarise a session or imported day: `done` has the reps that count and the load in kilograms of each set."""
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
    """Return the median of the rests between sets, in seconds; None without a rest."""
    rests_s = [after.start_s - before.end_s for before, after in pairwise(reps) if before.set != after.set]
    rests_s = [rest_s for rest_s in rests_s if 0 < rest_s <= LONGEST_REST_S]
    return max(REST_STEP_S, REST_STEP_S * round(median(rests_s) / REST_STEP_S)) if rests_s else None


def load_bests_to_beat(profile: str | None, today: date) -> PastBests:
    """Return the values that a new personal record of a lifter (None for no profile) must beat, by exercise.

    An exercise that is new today has no bests, unless sets were imported. The result is empty if the sessions can't be
    listed.
    """
    from livecoach.pages.history.session_index import load_indexed_sessions  # not needed at the start of the program

    try:
        parts = [part for entry in load_indexed_sessions() for part in entry.parts if part.profile == profile]
    except SessionError:
        return {}
    bests: dict[str, list[RecordCandidate]] = defaultdict(list)
    for part in parts:
        if part.exercise in bests or local_time.to_local(datetime.fromisoformat(part.session.started)).date() < today:
            bests[part.exercise] += (
                RecordCandidate(kind=best.kind, load_kg=best.load_kg, value=best.value)
                for best in part.bests
                if best.kind != "most_volume" and best.load_kg is not None
            )
    for earlier_set in _earlier(profile):
        bests[earlier_set.exercise] += logged_candidates(earlier_set.load_kg, earlier_set.reps)
    return bests
