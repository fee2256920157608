"""Keeps the figures of each session in a file, so that a search of a thousand sessions reads none of them again.

The functions raise SessionError if the sessions can't be listed.
"""

from collections.abc import Container, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from pydantic import ConfigDict, TypeAdapter, ValidationError

from livecoach import __version__
from livecoach.core.config import paths
from livecoach.core.config.files import make_private_folder, read_regular, write_atomically
from livecoach.core.documents.analysis import StrictDocument
from livecoach.core.documents.history import BestDocument, PastSessionDocument
from livecoach.core.types.bounds import NO_PROFILE
from livecoach.decisions.coaching.rep_figures import FaultCount
from livecoach.decisions.judging.primary import SHALLOW, faults_of
from livecoach.pages.history.history_figures import best_candidates, past_session
from livecoach.pages.history.reading import PartFacts, read_session, recording_of, without_duplicates
from livecoach.records.session import layout
from livecoach.records.session.stored import Session


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexedPart(StrictDocument):
    """A part of a session in the index: the figures, and the possible bests, of a lifter in an exercise."""

    exercise: str
    profile: str | None
    """Profile of the lifter; None for the lifter without a profile."""
    session: PastSessionDocument
    bests: tuple[BestDocument, ...]
    recording: str
    """Identity of the recording, which duplicates share."""
    live: bool

    @property
    def fault_counts(self) -> dict[str, FaultCount]:
        """The numbers of reps with each fault, and of reps that were checked for the fault, by the fault's name."""
        return {name: FaultCount(self.session.faults.get(name, 0), of) for name, of in self.session.checked.items()}

    @property
    def name(self) -> str:
        return self.session.name

    @property
    def start_time(self) -> datetime:
        """Start of the session to the second, in the time zone of the place of recording."""
        return datetime.fromisoformat(self.session.started)

    @property
    def facts(self) -> PartFacts:
        """The facts that identify duplicates of the part, and that decide which duplicate is kept."""
        return PartFacts(self.recording, self.exercise, self.profile, self.live, self.session.counts.reps)


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexedSession(StrictDocument):
    """A session in the index, with the figures of its parts."""

    name: str
    started: str = ""
    """Local start time, ISO 8601; empty for a session that can't be read, which has no lifters either."""
    profiles: tuple[str | None, ...] = ()
    """Profiles of the lifters; None for the lifter without a profile."""
    parts: tuple[IndexedPart, ...] = ()
    damage: tuple[str, ...] = ()
    """A line about each damage in the files of the session."""


Entries = dict[str, tuple[layout.SessionStamp, IndexedSession]]  # Name of a session → stamp and entry
_ENTRIES = TypeAdapter(Entries, config=ConfigDict(defer_build=True))


def load_indexed_sessions(*, unfinished: bool = False) -> list[IndexedSession]:
    """Return the index entries of all sessions, oldest first. Sessions being recorded are left out unless `unfinished`.

    An unreadable session has an entry without parts. A cache file keeps the entries: only changed sessions are read.
    """
    path = paths.user_cache_dir() / paths.SESSION_INDEX.format(version=__version__)
    known = _stored(path, layout.file_stamp(path))
    entries: Entries = {}
    for folder in layout.list_folders():
        if folder.name.isprintable():
            stamp, before = layout.session_stamp(folder), known.get(folder.name)
            entries[folder.name] = before if before and before[0] == stamp else (stamp, _indexed(folder))
    if entries.keys() != known.keys() or any(entries[name] is not entry for name, entry in known.items()):
        with suppress(OSError):  # a cache that can't be written is no obstacle
            make_private_folder(path.parent)
            with write_atomically(path) as part:
                part.write_bytes(_ENTRIES.dump_json(entries))
    above = paths.sessions_dir()
    return [entry for _, entry in entries.values() if unfinished or not layout.is_recording(above / entry.name)]


def list_session_lifters() -> set[str]:
    """Return the names of the lifters of all sessions. Some of these lifters may have no profile yet."""
    return {name for session in load_indexed_sessions(unfinished=True) for name in session.profiles if name is not None}


def find_usual_lifter(profile: str, sessions: Sequence[IndexedSession] | None = None) -> str:
    """Return the likely lifter: the settings' lifter or, if only other lifters have sessions, the latest lifter.

    The result is NO_PROFILE for a lifter without a profile.

    Args:
        profile: Profile in the settings.
        sessions: Sessions, oldest first; None to read all sessions from the index.
    """
    sessions = load_indexed_sessions() if sessions is None else sessions
    lifted = [name or NO_PROFILE for session in sessions for name in session.profiles]
    return lifted[-1] if lifted and profile not in lifted else profile


def choose_page_lifter(query: Mapping[str, str], names: Container[str], profile: str) -> str:
    """Return the lifter whom a page shows first: the last chosen lifter, the usual lifter, or the settings' lifter.

    Args:
        query: Fields of the page's query, and the last chosen lifter as "chosen" (`served_pages.CHOSEN`).
        names: Profiles that the page offers. A chosen or usual lifter who is not among these is skipped.
        profile: Profile in the settings.
    """
    likely = query.get("chosen", ""), find_usual_lifter(profile)
    return next((name for name in likely if name in names), profile)


def load_indexed_parts() -> list[IndexedPart]:
    """Return the parts of all finished sessions, oldest first, without duplicates (see `without_duplicates`)."""
    parts = [part for entry in load_indexed_sessions() for part in entry.parts]
    return without_duplicates(parts, lambda part: part.facts)


def load_parts_before(session: Session) -> list[IndexedPart]:
    """Return the parts of finished sessions that began before a session, oldest first and without duplicates."""
    start = session.start_time.replace(microsecond=0)
    return [part for part in load_indexed_parts() if part.start_time < start]


@lru_cache(maxsize=1)
def _stored(path: Path, _: tuple[int, int]) -> Entries:
    try:
        return _ENTRIES.validate_json(read_regular(path))
    except (OSError, ValidationError):  # missing or damaged: it is made again
        return {}


def _indexed(folder: Path) -> IndexedSession:
    damage: list[str] = []
    session = read_session(folder, damage.append)
    if session is None:
        return IndexedSession(name=folder.name, damage=tuple(damage))
    parts = tuple(
        IndexedPart(
            exercise=part.exercise,
            profile=part.profile,
            session=past_session(part, (*faults_of(part.exercise), SHALLOW)),
            bests=tuple(best_candidates(part)),
            recording=recording_of(session),
            live=session.is_live,
        )
        for part in session.parts
    )
    return IndexedSession(
        name=folder.name,
        started=session.start_time.isoformat(timespec="seconds"),
        profiles=session.profiles,
        parts=parts,
        damage=tuple(damage),
    )
