"""What was logged of a session's sets: which events count, which are due during a replay."""

from collections.abc import Iterable

from livecoach.documents import SetLogEvent
from livecoach.types import Observation, SetLog


def current_logs(events: Iterable[SetLogEvent]) -> dict[int, SetLog]:
    """Return what counts, by the number of the set. Sets of which nothing is logged are left out."""
    latest = {event.set: event.log for event in events}
    return {number: log for number, log in sorted(latest.items()) if not log.is_empty}


class RecordedSetLogs:
    """What was logged while a session was recorded, replayed after the same frame as then."""

    def __init__(self, events: Iterable[SetLogEvent] = ()) -> None:
        self._waiting = [event for event in events if event.frame is not None]

    def after(self, observation: Observation) -> list[SetLogEvent]:
        """Return the events due after an observation, including those of observations that were left out before it."""
        due = [event for event in self._waiting if event.frame is not None and event.frame <= observation.index]
        self._waiting = [event for event in self._waiting if event not in due]
        return due
