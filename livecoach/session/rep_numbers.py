"""The numbers by which people name reps: SET/REP, where REP is the number within the set.

Reps say their numbers themselves. Sessions of earlier versions do not, so their reps are numbered when they are read.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from livecoach.documents import Event, RepEvent, SetEndEvent


def numbered(reps: Sequence[RepEvent], events: Callable[[], Sequence[Event]]) -> tuple[RepEvent, ...]:
    """Return completed reps in order, each with its set and its number.

    events: returns the session's other events, which are needed for reps of earlier versions alone.
    """
    in_order = sorted(reps, key=lambda event: event.rep.start_s)
    if all(event.rep.set is not None for event in in_order):
        return tuple(in_order)
    counted: Counter[int] = Counter()
    found = []
    for event, index in zip(in_order, _sets(in_order, events()), strict=True):
        counted[index] += 1
        found.append(replace(event, rep=replace(event.rep, set=index, number=counted[index])))
    return tuple(found)


def _sets(reps: Sequence[RepEvent], events: Sequence[Event]) -> Iterator[int]:
    """Yield the number of each rep's set: from its event, otherwise from the next set that ended after it."""
    ends = [event for event in events if isinstance(event, SetEndEvent)]
    index = 1
    for event in reps:
        if event.set is not None and event.set.isdecimal():
            index = int(event.set)
        else:
            summaries = (end.summary for end in ends if end.t_s >= event.rep.end_s)
            over = next((summary.index for summary in summaries if summary is not None), index)
            index = max(index, over)
        yield index
