"""Numbers the reps of a session by set, as `livecoach report` shows them."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from livecoach.documents import RepEvent, SetEndEvent
from livecoach.session.stored import Session


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberedRep:
    """A completed rep with its correction and its numbers."""

    event: RepEvent
    set: int
    """Index of its set, from 1."""
    number: int
    """Number in its set, from 1, over all completed reps. Corrections do not change it."""


def number_reps(session: Session) -> tuple[NumberedRep, ...]:
    """Return all completed reps, in order."""
    events = sorted(session.corrected_reps, key=lambda event: event.rep.start_s)
    counted: Counter[int] = Counter()
    found = []
    for event, index in zip(events, _sets(session, events), strict=True):
        counted[index] += 1
        found.append(NumberedRep(event=event, set=index, number=counted[index]))
    return tuple(found)


def _sets(session: Session, events: Sequence[RepEvent]) -> Iterator[int]:
    """Yield the index of each rep's set: from its event, otherwise from the next set that ended after it."""
    ends = [event for event in session.events if isinstance(event, SetEndEvent) and event.summary is not None]
    index = 1
    for event in events:
        if event.set is not None and event.set.isdecimal():
            index = int(event.set)
        else:
            over = next((end.summary.index for end in ends if end.summary and end.t_s >= event.rep.end_s), index)
            index = max(index, over)
        yield index
