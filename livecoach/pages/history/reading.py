"""Reads all sessions for the history. A thousand sessions of 24 reps take about a second."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from livecoach.core.errors import SessionError, SourceError
from livecoach.core.types.message import Message
from livecoach.records.earlier import EarlierSet, earlier_sets
from livecoach.records.session import layout
from livecoach.records.session.opening import open_session
from livecoach.records.session.stored import NO_PROFILE, Session


class Past(NamedTuple):
    sessions: Sequence[Session]  # Oldest first
    parts: Sequence[Session]  # Their parts by exercise, each recording once
    notes: Sequence[str]  # What is damaged or left out, one line each
    earlier: Mapping[str | None, Sequence[EarlierSet]] = MappingProxyType({})
    """Profile → sets of its imported logs."""

    @property
    def people(self) -> list[str]:
        """All lifters: profiles, and NO_PROFILE for whoever has none."""
        return sorted({profile or NO_PROFILE for one in self.sessions for profile in one.profiles})

    def of(self, exercise: str | None, profile: str | None) -> list[Session]:
        """The parts of an exercise and of a profile (NO_PROFILE: of none). None: of all."""
        of_exercise = (one for one in self.parts if exercise in {None, one.exercise})
        return [one for one in of_exercise if profile in {None, one.profile or NO_PROFILE}]


def load_past() -> Past:
    """Read all sessions. Raises SessionError if the sessions folder can't be listed."""
    folders = [folder for folder in layout.listed_folders() if folder.name.isprintable()]
    notes: list[str] = []
    sessions = [one for folder in folders if (one := read_session(folder, notes.append)) is not None]
    earlier: dict[str | None, Sequence[EarlierSet]] = {}
    for profile in sorted({name for one in sessions for name in one.known_profiles}):
        try:
            earlier[profile] = earlier_sets(profile)
        except SourceError as err:
            notes.append(str(err))
    return past_of(sessions, notes)._replace(earlier=earlier)


def read_session(folder: Path, say: Callable[[str], object]) -> Session | None:
    """Read a session; None if it has nothing to count. say: called with a line about each damage."""
    try:
        return open_session(folder, say).for_history()
    except SessionError as err:
        say(str(err) if str(err).endswith(".") else f"{err}. It is left out.")
        return None


def past_of(sessions: Sequence[Session], notes: Sequence[str] = ()) -> Past:
    """Leave out duplicates, with a note: the live one counts, else that with the most reps, else the last."""
    parts = [part for one in sessions for part in one.parts if part.completed]  # none of a session that has just begun
    best: dict[tuple[str, str, str | None], Session] = {}
    for one in parts:
        before = best.get(_what(one))
        if before is None or one.live or (not before.live and len(one.reps) >= len(before.reps)):
            best[_what(one)] = one
    kept = [one for one in parts if one.live or best[_what(one)] is one]
    copies = list(dict.fromkeys(one.name for one in parts if not one.live and best[_what(one)] is not one))
    if not copies:
        return Past(sessions, kept, notes)
    single = "{name}: duplicates of other sessions' recordings, counted once"
    more = "{name} and {n} more: duplicates of other sessions' recordings, counted once"
    note = Message(single if len(copies) == 1 else more, name=copies[0], n=len(copies) - 1)
    return Past(sessions, kept, [*notes, note])


def _what(one: Session) -> tuple[str, str, str | None]:
    return one.about.session or one.name, one.exercise, one.profile
