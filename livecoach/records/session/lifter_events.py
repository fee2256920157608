"""Reads and writes files of events, finds the reps, corrections and logs in force, and replays the lifter's input."""

import os
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, TypeGuard, TypeVar

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError

from livecoach.core import documents
from livecoach.core.config.files import read_limited
from livecoach.core.language import as_message
from livecoach.core.types import Observation, SetLog
from livecoach.core.types.message import Message, quantity_words
from livecoach.decisions.judging.corrections import CorrectionStacks, apply_set_end, read_turned_reps
from livecoach.records.session import layout

T = TypeVar("T")
_LATER = ConfigDict(defer_build=True)  # most processes do not use these adapters
EVENT_ADAPTER: TypeAdapter[Any] = TypeAdapter(documents.Event, config=_LATER)
REP_EVENT_ADAPTER: TypeAdapter[documents.RepEvent | documents.WithdrawnEvent] = TypeAdapter(
    Annotated[documents.RepEvent | documents.WithdrawnEvent, Field(discriminator="event")], config=_LATER
)
CUE_EVENT_ADAPTER, CORRECTION_EVENT_ADAPTER = TypeAdapter(documents.CueEvent), TypeAdapter(documents.CorrectionEvent)
SetEvent = (
    documents.SetLogEvent | documents.SetProfileEvent | documents.RepEvent | documents.WithdrawnEvent
)  # An event in the file of a session's sets
SET_EVENT_ADAPTER: TypeAdapter[SetEvent] = TypeAdapter(Annotated[SetEvent, Field(discriminator="event")], config=_LATER)
LifterEvent = (
    documents.PartEvent
    | documents.ExerciseEvent
    | documents.SetMarkEvent
    | documents.StandardsEvent
    | documents.PlanEvent
    | documents.CorrectionEvent
    | documents.SetLogEvent
    | documents.SetProfileEvent
)
"""An event that the lifter can cause, by a key, a click or the phone, such as a correction. livecoach itself may cause
an ExerciseEvent, too."""


class LifterEvents:
    """The events that a lifter caused during a recorded session. A replay repeats each event after the same frame."""

    def __init__(self, events: Iterable[documents.Event] = ()) -> None:
        """Collect those events that have a frame and that the lifter, not livecoach, has caused."""
        self._waiting = [(event.frame, event) for event in events if _is_from_lifter(event) and event.frame is not None]

    def pop_due_events(self, observation: Observation) -> list[LifterEvent]:
        """Remove and return the waiting events up to the frame of an observation, in order."""
        due = [event for frame, event in self._waiting if frame <= observation.index]
        self._waiting = [waiting for waiting in self._waiting if waiting[0] > observation.index]
        return due


def _is_from_lifter(event: documents.Event) -> TypeGuard[LifterEvent]:
    return isinstance(event, LifterEvent) and (not isinstance(event, documents.ExerciseEvent) or event.chosen)


def current_logs(events: Iterable[documents.SetLogEvent]) -> dict[int, SetLog]:
    """Return the latest log of each set by the number of the set. Sets whose latest log is empty are left out."""
    latest = {event.set: event.log for event in events}
    return {number: log for number, log in sorted(latest.items()) if not log.is_empty}


def correction_stacks(events: Iterable[documents.CorrectionEvent]) -> CorrectionStacks[documents.CorrectionEvent]:
    """Return the stored corrections of each rep, except undone corrections, with the newest correction on top."""
    stacks: CorrectionStacks[documents.CorrectionEvent] = CorrectionStacks()
    for event in events:
        if event.label is None:
            stacks.pop(event.start_s)
        else:
            stacks.push(event.start_s, event)
    return stacks


def apply_corrections(
    reps: Sequence[documents.RepEvent], events: Iterable[documents.CorrectionEvent]
) -> tuple[documents.RepEvent, ...]:
    """Return the reps, each with the latest correction of its verdict, if any.

    Undone corrections do not count, nor do corrections by which a rep is forgotten, since the rep keeps its verdict.
    """
    stacks, corrected = correction_stacks(events), list[documents.RepEvent]()
    for event in reps:
        verdicts = [other for other in stacks.corrections_of(event.rep.start_s) if other.teaches]
        rep = replace(event.rep, correction=verdicts[-1].correction) if verdicts else event.rep
        corrected.append(replace(event, rep=rep) if verdicts else event)
    return tuple(corrected)


def remove_withdrawn(lines: Iterable[documents.RepEvent | documents.WithdrawnEvent]) -> list[documents.RepEvent]:
    """Return the reps that no later event withdraws, in the order in which they were stored."""
    reps = list[documents.RepEvent]()
    for line in lines:
        if isinstance(line, documents.RepEvent):
            reps.append(line)
        else:
            reps = [event for event in reps if event.rep.index not in line.reps]
    return reps


def apply_set_ends(
    reps: Sequence[documents.RepEvent], ends: Iterable[documents.SetEndEvent], recounted: Collection[int]
) -> list[documents.RepEvent]:
    """Return the reps with the verdicts that changed at their sets' ends, except for the sets in `recounted`."""
    judged = tuple(event.rep for event in reps)
    for end in ends:
        if end.summary is not None and end.summary.notes and end.summary.index not in recounted:
            turned = read_turned_reps([*map(as_message, end.summary.notes)])
            judged = apply_set_end(judged, turned, end.summary.index)
    return [event if event.rep is rep else replace(event, rep=rep) for event, rep in zip(reps, judged, strict=True)]


def read_events(path: Path, kind: TypeAdapter[T], say: Callable[[str], object]) -> Iterator[T]:
    """Yield the events in a file of a session. Damaged lines are left out and reported.

    A last line without its end is left out without a report, because its writing may be under way. Nothing is yielded
    from a file that is missing, unreadable, or larger than `layout.MOST_LINES_BYTES`.

    Args:
        say: Called with a line if the file, or a part of the file, can't be read. A file that most sessions lack may be
            missing without a report.
    """
    try:
        lines = read_limited(path, layout.MOST_LINES_BYTES).split(b"\n")
    except FileNotFoundError:
        if path.name not in {layout.CORRECTIONS, layout.SETS, layout.JUDGED}:  # most sessions have none of them
            say(Message("{name}: is missing; the rest of the session is read", name=str(path)))
        return
    except OSError as err:
        unread = "{name}: can't be read ({name2}); the rest of the session is read"
        say(Message(unread, name=str(path), name2=err.strerror or ""))
        return
    damaged = 0
    for line in lines[:-1]:
        try:
            yield kind.validate_json(line)
        except ValidationError:
            damaged += 1
    if damaged:
        single, several = "1 damaged line left out; the rest is read", "{n} damaged lines left out; the rest is read"
        say(Message("{name}: {text}", name=str(path), text=quantity_words(damaged, single, several)))


def append_events(path: Path, *events: documents.Event) -> None:
    """Append events to a file, and flush the file to the disk. A missing file is created, for its owner alone.

    The events begin on a new line, even if the last line is truncated. Raises OSError if the file can't be opened, or
    the events can't be written.
    """
    flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOFOLLOW", 0)
    lines = b"".join(documents.to_json(event).encode() + b"\n" for event in events)
    handle = os.open(path, flags, 0o600)
    try:
        length = os.fstat(handle).st_size
        if length:
            os.lseek(handle, length - 1, os.SEEK_SET)
            if os.read(handle, 1) != b"\n":
                lines = b"\n" + lines
        while lines:
            lines = lines[os.write(handle, lines) :]
        os.fsync(handle)
    finally:
        os.close(handle)
