"""The lifter's input in a session: choices, set marks, corrections and logs; which of it counts, and its replay."""

import os
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Generic, TypeVar

from livecoach.core import documents
from livecoach.core.documents import (
    CorrectionEvent,
    Event,
    ExerciseEvent,
    RepEvent,
    SetLogEvent,
    SetMarkEvent,
    StandardsEvent,
)
from livecoach.core.types import Observation, SetLog, SetMark, Standards
from livecoach.decisions.judging.corrections import CorrectionStacks

E = TypeVar("E", CorrectionEvent, ExerciseEvent, SetLogEvent, SetMarkEvent, StandardsEvent)


class RecordedEvents(Generic[E]):
    """The lifter's events during the recording of a session, replayed after the same frames."""

    def __init__(self, events: Iterable[E] = ()) -> None:
        """events: in order. Those from after the session, which have no frame, are skipped."""
        self._waiting: list[E] = [event for event in events if event.frame is not None]

    def after(self, observation: Observation) -> list[E]:
        """Return the events due after an observation, including those of observations that were left out before it."""
        due = [event for event in self._waiting if event.frame is not None and event.frame <= observation.index]
        self._waiting = [event for event in self._waiting if event not in due]
        return due


RecordedCorrections = RecordedEvents[CorrectionEvent]
RecordedSetLogs = RecordedEvents[SetLogEvent]


class RecordedChoices:
    """The lifter's recorded choices of exercise and standards, and marks of where sets begin and end."""

    def __init__(self, events: Iterable[Event] = ()) -> None:
        """events: those of the session; all but choices and marks are skipped."""
        every = tuple(events)
        self._chosen = RecordedEvents([event for event in every if isinstance(event, ExerciseEvent) and event.chosen])
        self._marks = RecordedEvents([event for event in every if isinstance(event, SetMarkEvent)])
        self._standards = RecordedEvents([event for event in every if isinstance(event, StandardsEvent)])

    def after(self, observation: Observation) -> list[str]:
        """Return the chosen exercises, as `RecordedEvents.after`."""
        return [event.exercise for event in self._chosen.after(observation)]

    def set_marks_after(self, observation: Observation) -> list[SetMark]:
        """Return the lifter's marks of where a set begins or ends, as `RecordedEvents.after`."""
        return [event.mark for event in self._marks.after(observation)]

    def standards_after(self, observation: Observation) -> list[Standards]:
        """Return the standards that the lifter chose, as `RecordedEvents.after`."""
        return [event.standards for event in self._standards.after(observation)]


def current_logs(events: Iterable[SetLogEvent]) -> dict[int, SetLog]:
    """Return the logs that count, by the number of their set. Sets without a log are left out."""
    latest = {event.set: event.log for event in events}
    return {number: log for number, log in sorted(latest.items()) if not log.is_empty}


def correction_stacks(events: Iterable[CorrectionEvent]) -> CorrectionStacks[CorrectionEvent]:
    """Return the standing corrections. events: all correction events, in order."""
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
    results = []
    for event in reps:
        top = stacks.top(event.rep.start_s)
        results.append(event if top is None else replace(event, rep=replace(event.rep, correction=top.correction)))
    return tuple(results)


class EventAppender:
    """A file of events, open for appending. Use it in a `with`."""

    def __init__(self, path: Path) -> None:
        """Open the file; a new one is private to its owner. Raises OSError if nothing can be appended."""
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
