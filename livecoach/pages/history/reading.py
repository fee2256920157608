"""Reads the sessions for the history: two seconds for a thousand sessions of 24 reps."""

from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple, TypeVar

from livecoach.core.errors import SessionError, SourceError
from livecoach.core.types.bounds import NO_PROFILE
from livecoach.core.types.message import Message
from livecoach.records.earlier import EarlierSet, read_earlier_sets
from livecoach.records.session import layout
from livecoach.records.session.opening import open_session
from livecoach.records.session.stored import Session

T = TypeVar("T")


class Past(NamedTuple):
    """Recorded sessions, and the sets that lifters imported from other apps."""

    sessions: Sequence[Session]  # Oldest first
    parts: Sequence[Session]  # Parts of the sessions by exercise and lifter, without duplicate recordings
    notes: Sequence[str]  # A line about each damaged or unreadable file, and a line about all duplicates
    earlier: Mapping[str, Sequence[EarlierSet]] = MappingProxyType({})
    """Profile → imported sets."""

    def select_parts(self, exercise: str | None, profile: str | None) -> list[Session]:
        """Return the parts of an exercise and of a lifter (a profile or NO_PROFILE); None selects all."""
        of_exercise = (part for part in self.parts if exercise in {None, part.exercise})
        return [part for part in of_exercise if profile in {None, part.profile or NO_PROFILE}]


def load_past() -> Past:
    """Read all sessions that have ended, and the imported sets of the sessions' lifters.

    Notes report unreadable files, damage and duplicates. Raises SessionError if the folders can't be listed.
    """
    past, notes = load_sessions(), list[str]()
    lifters = sorted({name for session in past.sessions for name in session.valid_profiles})
    return past._replace(earlier=load_earlier_sets(lifters, notes.append), notes=[*past.notes, *notes])


def load_sessions(names: Collection[str] | None = None) -> Past:
    """Read the ended sessions, all or with `names`. Notes report unreadable sessions, damage and duplicates.

    Imported sets are left out. Raises SessionError if the folders of sessions can't be listed.
    """
    folders = [folder for folder in layout.list_folders() if folder.name.isprintable()]
    folders = [folder for folder in folders if names is None or folder.name in names]
    folders = [folder for folder in folders if not layout.is_recording(folder)]
    notes: list[str] = []
    sessions = [session for folder in folders if (session := read_session(folder, notes.append)) is not None]
    return make_past(sessions, notes)


def load_earlier_sets(profiles: Sequence[str], say: Callable[[str], object]) -> dict[str, Sequence[EarlierSet]]:
    """Read the imported sets of lifters, by profile. A profile whose sets can't be read is left out and reported."""
    logs: dict[str, Sequence[EarlierSet]] = {}
    for profile in profiles:
        try:
            logs[profile] = read_earlier_sets(profile)
        except SourceError as err:
            say(str(err))
    return logs


def read_session(folder: Path, say: Callable[[str], object]) -> Session | None:
    """Open a session and read its sets; report each damage, and return None if the session can't be read."""
    try:
        session = open_session(folder, say)
    except SessionError as err:
        say(str(err) if str(err).endswith(".") else f"{err}. It is left out.")
        return None
    _ = session.sets  # now, so that lines about damage come in the order of the sessions
    return session


def make_past(sessions: Sequence[Session], notes: Sequence[str] = ()) -> Past:
    """Collect those parts of sessions that have completed reps. A note reports duplicates, which are left out."""
    parts = [part for session in sessions for part in session.parts if part.completed_reps]
    kept = without_duplicates(
        parts,
        lambda part: PartFacts(recording_of(part), part.exercise, part.profile, part.is_live, len(part.counted_reps)),
    )
    ids = set(map(id, kept))
    duplicates = list(dict.fromkeys(part.name for part in parts if id(part) not in ids))
    if not duplicates:
        return Past(sessions, kept, notes)
    single = "{name}: duplicates of other sessions' recordings, counted once"
    more = "{name} and {n} more: duplicates of other sessions' recordings, counted once"
    note = Message(single if len(duplicates) == 1 else more, name=duplicates[0], n=len(duplicates) - 1)
    return Past(sessions, kept, [*notes, note])


class PartFacts(NamedTuple):
    """The facts about a part of a session that identify its duplicates, and that decide which duplicate is kept."""

    recording: str  # Identity of the recording, which duplicates share
    exercise: str
    profile: str | None  # None for the lifter without a profile
    is_live: bool  # Whether the part was recorded in a live run
    reps: int  # Number of reps that count


def recording_of(session: Session) -> str:
    """Return the identity of a session's recording, which duplicate sessions share."""
    return session.about.session or session.name


def without_duplicates(parts: Sequence[T], facts_of: Callable[[T], PartFacts]) -> list[T]:
    """Return the parts of sessions without duplicates. Duplicates have the same recording, exercise and lifter.

    Of duplicates, all live parts are kept; without a live part, the last of the parts with the most reps.
    """
    takes, best = [facts_of(part) for part in parts], dict[tuple[str, str, str | None], PartFacts]()
    for take in takes:
        before = best.get(take[:3])
        if before is None or take.is_live or (not before.is_live and take.reps >= before.reps):
            best[take[:3]] = take
    return [part for part, take in zip(parts, takes, strict=True) if take.is_live or best[take[:3]] is take]
