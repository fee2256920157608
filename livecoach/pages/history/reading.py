"""Reads the data of each recorded session for the history. A thousand sessions of 24 reps take about a second."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path

from livecoach.core.documents import AUTO, PartialRepEvent, RepEvent
from livecoach.core.errors import SessionError
from livecoach.core.types import Fault, Pace, SetLog, Verdict
from livecoach.core.types.reps import StandardVerdict
from livecoach.decisions.judging.primary import by_risk, primary_first, shortcomings
from livecoach.records.session import layout
from livecoach.records.session.stored import Session, open_session


@dataclass(frozen=True, slots=True)
class PastRep:
    number: int  # Number in its set, from 1, over all completed reps
    set: int  # Number of its set in the session, from 1
    verdict: Verdict  # The verdict that counts, after corrections
    faults: tuple[str, ...]  # Names of the faults, each once, the primary fault first
    end_s: float
    pace: Pace | None  # None if no speed was measured
    judged: Verdict | None = None
    """Original verdict if the rep was corrected; the correction then stands in `verdict` and `faults`."""
    exercise: str = ""  # Name of its exercise; empty in a session of an earlier version, which has one exercise
    depth: StandardVerdict | None = None
    """How deep it was, against the lifter's standard; None if that was not measured."""
    crease_cm: float | None = None
    """Height of the hip crease above the top of the knee; None if it was not measured, or only the seat was."""
    shortcomings: tuple[Fault, ...] = ()
    """What is to be fixed: the faults, then a missed depth; nothing in a rep that somebody called "no rep"."""
    exemplary: bool = False  # Whether it is good and misses no standard, or a person called it good


@dataclass(frozen=True, slots=True, kw_only=True)
class PastSession:
    name: str  # Name of its folder
    started: datetime  # Time local to the place of recording, with its offset from UTC
    exercise: str  # Name of the exercise; "auto" before `by_exercise` if livecoach recognised the exercises
    profile: str | None
    session: str  # Identifier of the recording: the same in every copy of it
    live: bool  # False for a replayed recording
    ended: bool  # False if it was cut off or is still being recorded; it counts as far as it goes
    reps: tuple[PastRep, ...]
    not_counted: tuple[PastRep, ...] = ()  # Reps that were corrected to "no rep"
    too_shallow: int = 0  # Movements that were too shallow to be a rep; counted where no rep has a fault
    logs: Mapping[int, SetLog] = field(default_factory=dict)  # Number of a set → its log

    @property
    def sets(self) -> dict[int, list[PastRep]]:
        by_set: dict[int, list[PastRep]] = {}
        for rep in self.reps:
            by_set.setdefault(rep.set, []).append(rep)
        return by_set

    @property
    def loaded_sets(self) -> list[tuple[float, list[PastRep]]]:
        """Sets whose load is known: load in kilograms, and reps."""
        loaded = ((self.logs[number].load_kg, reps) for number, reps in self.sets.items() if number in self.logs)
        return [(load_kg, reps) for load_kg, reps in loaded if load_kg is not None]

    @property
    def day(self) -> date:
        """Date local to the place of recording, so that a traveller's time zones do not shift days."""
        return self.started.date()


@dataclass(frozen=True, slots=True, kw_only=True)
class PastSessions:
    sessions: tuple[PastSession, ...]  # Oldest first
    notes: tuple[str, ...]  # What is damaged or left out, one line each


def by_exercise(sessions: Iterable[PastSession]) -> list[PastSession]:
    """Split sessions that may include several exercises: one entry for each exercise, with its reps."""
    return [part for one in sessions for part in _split(one)]


def _split(one: PastSession) -> Iterator[PastSession]:
    """Yield a session's parts, in the order in which the exercises were begun."""
    done = dict.fromkeys(rep.exercise or one.exercise for rep in (*one.reps, *one.not_counted))
    if set(done) <= {one.exercise} and one.exercise != AUTO:
        yield one  # of a thousand sessions most are like this
        return
    for exercise in (name for name in done if name != AUTO):  # a rep without an exercise belongs to none
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


def load_past() -> PastSessions:
    """Read all sessions. Raises SessionError if the sessions folder can't be listed."""
    folders = [folder for folder in layout.listed_folders() if folder.name.isprintable()]
    notes: list[str] = []
    sessions = [one for folder in folders if (one := read_session(folder, notes.append)) is not None]
    return PastSessions(sessions=tuple(sorted(sessions, key=lambda one: (one.started, one.name))), notes=tuple(notes))


def read_session(folder: Path, say: Callable[[str], object]) -> PastSession | None:
    """Read a session; None if it has nothing to count. say: called with a line about each damage."""
    try:
        session = open_session(folder, say)
    except SessionError as err:
        say(str(err) if str(err).endswith(".") else f"{err}. It is left out.")
        return None
    about = session.about
    reps = [(event.rep.counts, _past_rep(event, session)) for event in session.corrected_reps]
    return PastSession(
        name=folder.name,
        started=session.started,
        exercise=about.exercise,
        profile=about.profile,
        session=about.session,
        live=about.source.live,
        ended=not session.cut_off,
        reps=tuple(rep for counts, rep in reps if counts),
        not_counted=tuple(rep for counts, rep in reps if not counts),
        too_shallow=0 if any(rep.shortcomings for _, rep in reps) else _too_shallow(session),
        logs=session.set_logs,
    )


def _too_shallow(session: Session) -> int:
    return sum(isinstance(one, PartialRepEvent) and one.partial_rep.reason == "shallow" for one in session.events)


def _past_rep(event: RepEvent, session: Session) -> PastRep:
    rep = event.rep
    if len(rep.faults) > 1:
        rep = replace(rep, faults=primary_first(rep.faults, by_risk(session.exercise_of(rep))))
    of_set, number = rep.place
    depth = next((result for result in rep.standards if result.name == "depth"), None)
    under_knee_cm = None if depth is None else session.standards_of(rep).under_knee_cm
    return PastRep(
        number=number,
        set=of_set,
        verdict=rep.standing_verdict,
        faults=rep.fault_names,
        end_s=rep.end_s,
        pace=rep.pace if rep.pace is not None and rep.pace.speed > 0 else None,
        judged=None if rep.correction is None else rep.verdict,
        exercise=rep.exercise or "",
        depth=None if depth is None else depth.verdict,
        shortcomings=shortcomings(rep) if rep.counts or rep.correction is None else (),
        exemplary=rep.is_exemplary,
        crease_cm=None if depth is None or under_knee_cm is None else depth.off - under_knee_cm,
    )
