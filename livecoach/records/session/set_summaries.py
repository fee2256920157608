"""Summaries of the sets of a recorded session, by their reps as they count now."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from livecoach.core.documents import Event, SetEndEvent
from livecoach.core.language import as_message
from livecoach.core.types import SetSummary
from livecoach.core.types.message import Message
from livecoach.decisions.coaching.figures import TO_DEPTH
from livecoach.decisions.coaching.set_summary import (
    NOT_SEEN,
    NOTHING_LEARNED,
    TIRED_REPS,
    standard_notes,
    summarize,
    unseen_note,
)
from livecoach.decisions.judging.primary import faults_of
from livecoach.records.session.session_set import SessionSet

OF_REPS = {TO_DEPTH, NOT_SEEN, TIRED_REPS, "depth does not show from here"}
"""Ids of the notes that follow from the reps alone; the last one is of an earlier version."""


def set_summary(one: SessionSet, events: Sequence[Event]) -> SetSummary:
    """As it would have been told, had its reps counted as they do now. events: of its session."""
    faults = faults_of(one.exercise)
    cues = {name: fault.cue for name, fault in faults.items()}
    notes = (*standard_notes(one.reps), *unseen_note(one.reps, faults))
    now = summarize(one.number, one.reps, cues, notes, one.exercise)
    ended = (event.summary for event in reversed(events) if isinstance(event, SetEndEvent))
    stored = next((each for each in ended if each is not None and each.index == one.number), None)
    if stored is None:
        return now
    is_same = (stored.reps, stored.good, stored.anomalous) == (now.reps, now.good, now.anomalous)
    stale = OF_REPS if is_same else OF_REPS | {NOTHING_LEARNED}
    told = (note for note in stored.notes if stale.isdisjoint(_ids(note)))
    return replace(now, notes=(*now.notes, *told))


def _ids(note: str) -> Iterator[str]:
    message = as_message(note)
    if not isinstance(message, Message):
        yield message
        return
    yield message.id
    for part in message.texts:
        yield from _ids(part)
