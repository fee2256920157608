"""The lifter's choices of the exercise, and words on where sets begin and end, as a session recorded them."""

from collections.abc import Iterable

from livecoach.documents import Event, ExerciseEvent, SetMarkEvent
from livecoach.types import Observation, SetMark


class RecordedChoices:
    """Choices made while a session was recorded, replayed after the same frame as then."""

    def __init__(self, events: Iterable[Event] = ()) -> None:
        """events: those of the session; all but choices are passed over."""
        told = tuple(events)
        self._waiting = [event for event in told if isinstance(event, ExerciseEvent) and event.chosen]
        self._marks = [event for event in told if isinstance(event, SetMarkEvent)]

    def after(self, observation: Observation) -> list[str]:
        """Return the exercises chosen after an observation, including those of observations that were left out before
        it."""
        due = [event for event in self._waiting if event.frame <= observation.index]
        self._waiting = [event for event in self._waiting if event not in due]
        return [event.exercise for event in due]

    def set_marks_after(self, observation: Observation) -> list[SetMark]:
        """Return what was said of sets after an observation, including those of observations that were left out before
        it."""
        due = [event for event in self._marks if event.frame <= observation.index]
        self._marks = self._marks[len(due) :]
        return [event.mark for event in due]
