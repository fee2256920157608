"""Reads the data of each recorded session for the history. A thousand sessions of 24 reps take about a second."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path

from livecoach.core.documents import AUTO, PartialRepEvent
from livecoach.core.errors import SessionError
from livecoach.core.types import Rep
from livecoach.decisions.judging.primary import shortcomings
from livecoach.records.session import layout
from livecoach.records.session.opening import open_session
from livecoach.records.session.stored import Session, SessionSet


@dataclass(frozen=True, slots=True, kw_only=True)
class PastSession:
    """What history counts of a session, or of one exercise in it."""

    name: str  # Name of its folder
    started: datetime  # Time local to the place of recording, with its offset from UTC
    exercise: str  # Name of the exercise; "auto" before `by_exercise` if livecoach recognised the exercises
    profile: str | None
    session: str  # Identifier of the recording: the same in every copy of it
    live: bool  # False for a replayed recording
    ended: bool  # False if it was cut off or is still being recorded; it counts as far as it goes
    sets: tuple[SessionSet, ...]
    too_shallow: int = 0  # Movements that were too shallow to be a rep; counted where no rep has a fault

    @property
    def completed(self) -> list[Rep]:
        """All completed reps, including those that do not count."""
        return [rep for one in self.sets for rep in one.reps]

    @property
    def reps(self) -> list[Rep]:
        """The reps that count."""
        return [rep for one in self.sets for rep in one.counted]

    @property
    def loaded_sets(self) -> list[tuple[float, tuple[Rep, ...]]]:
        """Sets whose load is known: load in kilograms, and the reps that count."""
        loaded = ((one.log.load_kg, one.counted) for one in self.sets)
        return [(load_kg, reps) for load_kg, reps in loaded if load_kg is not None and reps]

    @property
    def day(self) -> date:
        """Date local to the place of recording, so that a traveller's time zones do not shift days."""
        return self.started.date()


@dataclass(frozen=True, slots=True, kw_only=True)
class PastSessions:
    sessions: tuple[PastSession, ...]  # Oldest first
    notes: tuple[str, ...]  # What is damaged or left out, one line each


def by_exercise(sessions: Iterable[PastSession]) -> list[PastSession]:
    """Split sessions that may include several exercises: one entry for each exercise, with its sets."""
    return [part for one in sessions for part in _split(one)]


def _split(one: PastSession) -> Iterator[PastSession]:
    """Yield a session's parts, in the order in which the exercises were begun."""
    parts: dict[str, list[SessionSet]] = defaultdict(list)
    for each in one.sets:
        parts[each.exercise].append(each)
    if not parts and one.exercise != AUTO:
        yield one
    for exercise, sets in parts.items():
        if exercise != AUTO:  # a rep without an exercise belongs to none
            yield replace(one, exercise=exercise, sets=tuple(sets))


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
    sets = tuple(replace(one, reps=tuple(map(_lean, one.reps))) for one in session.sets)
    has_fault = any(shortcomings(rep) for one in sets for rep in one.reps)
    return PastSession(
        name=folder.name,
        started=session.started,
        exercise=about.exercise,
        profile=about.profile,
        session=about.session,
        live=about.source.live,
        ended=not session.cut_off,
        sets=sets,
        too_shallow=0 if has_fault else _too_shallow(session),
    )


def _lean(rep: Rep) -> Rep:
    """Drop what is large and not counted: a thousand sessions are held at once."""
    return replace(rep, bar_path_cm=None, not_visible=(), why=None)


def _too_shallow(session: Session) -> int:
    return sum(isinstance(one, PartialRepEvent) and one.partial_rep.reason == "shallow" for one in session.events)
