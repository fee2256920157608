"""What somebody said of the reps of a session: what of it counts, what is due when it is replayed, and adding to it."""

import os
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from livecoach import documents
from livecoach.documents import DECIMALS, CorrectionEvent, RepEvent
from livecoach.session import layout
from livecoach.types import Observation

Stands = dict[float, list[CorrectionEvent]]
"""Start of a rep, rounded as in documents → what was said of it and is not taken back; the last one counts."""


def key(start_s: float) -> float:
    """By which a rep is told from others."""
    return round(start_s, DECIMALS)


def standing(said: Iterable[CorrectionEvent]) -> Stands:
    """What stands of all that was said, in the order in which it was said."""
    found: Stands = {}
    for event in said:
        of_rep = found.setdefault(key(event.start_s), [])
        if event.label is not None:
            of_rep.append(event)
        elif of_rep:
            of_rep.pop()
    return found


def corrected(reps: Sequence[RepEvent], said: Iterable[CorrectionEvent]) -> tuple[RepEvent, ...]:
    """The reps, each with what is said of it."""
    stands = standing(said)
    found = []
    for event in reps:
        of_rep = stands.get(key(event.rep.start_s))
        found.append(replace(event, rep=replace(event.rep, correction=of_rep[-1].correction)) if of_rep else event)
    return tuple(found)


class Due:
    """What was said while a session was recorded: each after the frame after which it was said then."""

    def __init__(self, said: Iterable[CorrectionEvent] = ()) -> None:
        self._waiting = [event for event in said if event.frame is not None]

    def after(self, observation: Observation) -> list[CorrectionEvent]:
        """What is due after an observation; of one that was left out, what was due after it too."""
        due = [event for event in self._waiting if event.frame is not None and event.frame <= observation.index]
        self._waiting = [event for event in self._waiting if event not in due]
        return due


class Adding:
    """A session's corrections, open at their end. Use it in a `with`."""

    def __init__(self, folder: Path) -> None:
        """Raises OSError where nothing can be added."""
        flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOFOLLOW", 0)
        self._handle = os.open(folder / layout.CORRECTIONS, flags, 0o600)

    def __enter__(self) -> "Adding":
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._handle)

    def add(self, event: CorrectionEvent) -> None:
        """Write a line, at once and to the disk itself. One that was cut off before stays, and costs no other.

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
