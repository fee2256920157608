"""Corrections of a session's reps: which ones count, and which are due during a replay."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from livecoach.documents import CorrectionEvent, RepEvent
from livecoach.judging.corrections import CorrectionStacks
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
