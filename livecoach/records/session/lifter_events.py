"""Files of events, and the lifter's input among them: choices, set marks, corrections and logs; which of it counts, and
its replay."""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeGuard, TypeVar

from pydantic import TypeAdapter, ValidationError

from livecoach.core import documents
from livecoach.core.config.files import read_limited
from livecoach.core.documents import (
    CorrectionEvent,
    Event,
    ExerciseEvent,
    PartEvent,
    PlanEvent,
    RepEvent,
    SetLogEvent,
    SetMarkEvent,
    SetProfileEvent,
    StandardsEvent,
)
from livecoach.core.types import Observation, SetLog
from livecoach.core.types.message import number_of
from livecoach.decisions.judging.corrections import CorrectionStacks
from livecoach.records.session import layout

T = TypeVar("T")
LifterEvent = (
    PartEvent
    | ExerciseEvent
    | SetMarkEvent
    | StandardsEvent
    | PlanEvent
    | CorrectionEvent
    | SetLogEvent
    | SetProfileEvent
)
"""What the lifter said in a run: began another part, chose, marked, planned, corrected, logged or gave to somebody."""


class LifterEvents:
    """What the lifter said while a session was recorded, due again after the same frames."""

    def __init__(self, events: Iterable[Event] = ()) -> None:
        """events: any of the session, in order. What livecoach found is skipped, and what was said after the session,
        which has no frame."""
        self._waiting = [(event.frame, event) for event in events if _is_said(event) and event.frame is not None]

    def after(self, observation: Observation) -> list[LifterEvent]:
        """Return the events due after an observation, including those of observations that were left out before it."""
        due = [event for frame, event in self._waiting if frame <= observation.index]
        self._waiting = [waiting for waiting in self._waiting if waiting[0] > observation.index]
        return due


def _is_said(event: Event) -> TypeGuard[LifterEvent]:
    return isinstance(event, LifterEvent) and (not isinstance(event, ExerciseEvent) or event.chosen)


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


def read_events(path: Path, kind: TypeAdapter[T], say: Callable[[str], object]) -> Iterator[T]:
    """Yield the events of a session's file. Damaged and truncated lines are left out and reported."""
    try:
        lines = read_limited(path, layout.MOST_LINES_BYTES).split(b"\n")
    except FileNotFoundError:
        if path.name not in {layout.CORRECTIONS, layout.SETS, layout.JUDGED}:  # most sessions have none of them
            say(f"{path}: is missing; the rest of the session is read")
        return
    except OSError as err:
        say(f"{path}: can't be read ({err.strerror}); the rest of the session is read")
        return
    damaged = 0
    for line in lines[:-1]:
        try:
            yield kind.validate_json(line)
        except ValidationError:
            damaged += 1
    if damaged:
        say(f"{path}: {number_of(damaged, 'damaged line')} left out; the rest is read")


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

    def add(self, *events: Event) -> None:
        """Append events together and flush them to the disk. A truncated last line stays and damages no other.

        Raises OSError.
        """
        lines = b"".join(documents.to_json(event).encode() + b"\n" for event in events)
        length = os.fstat(self._handle).st_size
        if length:
            os.lseek(self._handle, length - 1, os.SEEK_SET)
            if os.read(self._handle, 1) != b"\n":
                lines = b"\n" + lines
        while lines:
            lines = lines[os.write(self._handle, lines) :]
        os.fsync(self._handle)
