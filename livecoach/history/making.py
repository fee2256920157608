"""Makes the document of all sessions that were read, or of some of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from livecoach.documents import HistoryDocument, UsualDocument
from livecoach.history.figures import courses
from livecoach.history.index import PastSessions
from livecoach.history.records import PastSession, by_exercise, without_duplicates

NO_PROFILE = "-"
"""Stands for sessions without a profile."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryChoice:
    """Which sessions count. None: all."""

    exercise: str | None = None
    profile: str | None = None
    """Name of a profile, or NO_PROFILE."""
    first: date | None = None
    """First day that counts."""

    def takes(self, one: PastSession) -> bool:
        """Return whether a session of one exercise counts."""
        return (
            self.exercise in {None, one.exercise}
            and self.profile in {None, one.profile or NO_PROFILE}
            and (self.first is None or one.day >= self.first)
        )


def distinct_sessions(found: PastSessions) -> tuple[list[PastSession], list[str]]:
    """Return the sessions by exercise, each recording once, and notes on what is damaged or left out."""
    kept, again = without_duplicates(by_exercise(found.sessions))
    notes = list(found.notes)
    if again:
        copies = tuple(dict.fromkeys(one.name for one in again))
        names = copies[0] if len(copies) == 1 else f"{copies[0]} and {len(copies) - 1} more"
        notes.append(f"{names}: duplicates of other sessions' recordings, counted once")
    return kept, notes


def history_document(
    kept: Sequence[PastSession], notes: Sequence[str], choice: HistoryChoice, today: date
) -> HistoryDocument:
    """Return the figures of the chosen sessions. kept, notes: as distinct_sessions returns them."""
    return HistoryDocument(
        today=today.isoformat(),
        since=None if choice.first is None else choice.first.isoformat(),
        courses=courses([one for one in kept if choice.takes(one)], today, _usual),
        notes=tuple(notes),
    )


def _usual(sessions: Sequence[PastSession]) -> UsualDocument | None:
    """Return how far the typical rep moved. Slow imports happen only where there is something to compare."""
    if sum(one.reference > 0 for one in sessions) < 2:
        return None
    from livecoach.history.usual_rep import usual_rep_shift

    return usual_rep_shift(sessions)
