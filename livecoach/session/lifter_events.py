"""What the lifter said in a session: choices, set marks, corrections and logs. Which count, which a replay repeats."""

import os
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Generic, TypeVar

from livecoach import documents
from livecoach.documents import CorrectionEvent, Event, ExerciseEvent, RepEvent, SetLogEvent, SetMarkEvent
from livecoach.judging.corrections import CorrectionStacks
from livecoach.types import Observation, SetLog, SetMark

E = TypeVar("E", CorrectionEvent, ExerciseEvent, SetLogEvent, SetMarkEvent)


class RecordedEvents(Generic[E]):
    """Events that the lifter made while a session was recorded, replayed after the same frame as then."""

    def __init__(self, events: Iterable[E] = ()) -> None:
        """events: in their order. Those made after the session, which have no frame, are passed over."""
        self._waiting: list[E] = [event for event in events if event.frame is not None]

    def after(self, observation: Observation) -> list[E]:
        """Return the events due after an observation, including those of observations that were left out before it."""
        due = [event for event in self._waiting if event.frame is not None and event.frame <= observation.index]
        self._waiting = [event for event in self._waiting if event not in due]
        return due


RecordedCorrections = RecordedEvents[CorrectionEvent]
RecordedSetLogs = RecordedEvents[SetLogEvent]


class RecordedChoices:
    """The lifter's choices of the exercise, and where sets begin and end, as a session recorded them."""

    def __init__(self, events: Iterable[Event] = ()) -> None:
        """events: those of the session; all but choices are passed over."""
        every = tuple(events)
        self._chosen = RecordedEvents([event for event in every if isinstance(event, ExerciseEvent) and event.chosen])
        self._marks = RecordedEvents([event for event in every if isinstance(event, SetMarkEvent)])

    def after(self, observation: Observation) -> list[str]:
        """Return the exercises that were chosen, as `RecordedEvents.after`."""
        return [event.exercise for event in self._chosen.after(observation)]

    def set_marks_after(self, observation: Observation) -> list[SetMark]:
        """Return where the lifter said that a set begins or ends, as `RecordedEvents.after`."""
        return [event.mark for event in self._marks.after(observation)]


def current_logs(events: Iterable[SetLogEvent]) -> dict[int, SetLog]:
    """Return the logs that count, by the number of their set. Sets without a log are left out."""
    latest = {event.set: event.log for event in events}
    return {number: log for number, log in sorted(latest.items()) if not log.is_empty}


def correction_stacks(events: Iterable[CorrectionEvent]) -> CorrectionStacks[CorrectionEvent]:
    """Return the corrections that still stand, given all correction events in the order in which they came."""
    stacks: CorrectionStacks[CorrectionEvent] = CorrectionStacks()
    for event in events:
        if event.label is None:
            stacks.pop(event.start_s)
        else:
            stacks.push(event.start_s, event)
    return stacks


def corrected(reps: Sequence[RepEvent], events: Iterable[CorrectionEvent]) -> tuple[RepEvent, ...]:
    """Return the reps, each with the correction that counts for it."""
    stacks = correction_stacks(events)
    found = []
    for event in reps:
        top = stacks.top(event.rep.start_s)
        found.append(event if top is None else replace(event, rep=replace(event.rep, correction=top.correction)))
    return tuple(found)


class EventAppender:
    """A file of events, open for appending. Use it in a `with`."""

    def __init__(self, path: Path) -> None:
        """Open the file, for its owner alone where it is new. Raises OSError where nothing can be appended."""
        flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOFOLLOW", 0)
        self._handle = os.open(path, flags, 0o600)

    def __enter__(self) -> "EventAppender":
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._handle)

    def add(self, event: Event) -> None:
        """Append an event and flush it to the disk. A truncated last line stays and damages no other.

        Raises OSError.
        """
        line = documents.to_json(event).encode() + b"\n"
        length = os.fstat(self._handle).st_size
        if length:
            os.lseek(self._handle, length - 1, os.SEEK_SET)
            if os.read(self._handle, 1) != b"\n":
                line = b"\n" + line
        while line:
            line = line[os.write(self._handle, line) :]
        os.fsync(self._handle)
