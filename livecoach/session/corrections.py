"""Corrections of a session's reps: which ones count, which are due during a replay, and how more are added."""

import os
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from livecoach import documents
from livecoach.documents import CorrectionEvent, RepEvent
from livecoach.judging.correction_stacks import CorrectionStacks
from livecoach.session import layout
from livecoach.types import Observation


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


class RecordedCorrections:
    """Corrections made while a session was recorded, replayed after the same frame as then."""

    def __init__(self, said: Iterable[CorrectionEvent] = ()) -> None:
        self._waiting = [event for event in said if event.frame is not None]

    def after(self, observation: Observation) -> list[CorrectionEvent]:
        """Return the corrections due after an observation, including those of observations that were left out before
        it."""
        due = [event for event in self._waiting if event.frame is not None and event.frame <= observation.index]
        self._waiting = [event for event in self._waiting if event not in due]
        return due


class CorrectionWriter:
    """The corrections file of a session, open for appending. Use it in a `with`."""

    def __init__(self, folder: Path) -> None:
        """Open the file. Raises OSError where nothing can be appended."""
        flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOFOLLOW", 0)
        self._handle = os.open(folder / layout.CORRECTIONS, flags, 0o600)

    def __enter__(self) -> "CorrectionWriter":
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._handle)

    def add(self, event: CorrectionEvent) -> None:
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
