"""The lifter's choices of the exercise, as a session recorded them."""

from collections.abc import Iterable

from livecoach.documents import Event, ExerciseEvent
from livecoach.types import Observation


class RecordedChoices:
    """Choices made while a session was recorded, replayed after the same frame as then."""

    def __init__(self, events: Iterable[Event] = ()) -> None:
        """events: those of the session; all but choices are passed over."""
        self._waiting = [event for event in events if isinstance(event, ExerciseEvent) and event.chosen]

    def after(self, observation: Observation) -> list[str]:
        """Return the exercises chosen after an observation, including those of observations that were left out before
        it."""
        due = [event for event in self._waiting if event.frame <= observation.index]
        self._waiting = [event for event in self._waiting if event not in due]
        return [event.exercise for event in due]
