"""A set of a recorded session, and its summary by its reps as they count now."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from livecoach.core.documents import Event, SetEndEvent
from livecoach.core.language import as_message
from livecoach.core.types import NotVisible, Rep, SetLog, SetPlan, SetSummary, grouped_sets
from livecoach.core.types.message import Message
from livecoach.core.types.reps import NOT_SEEN
from livecoach.decisions.coaching import set_summary as told
from livecoach.decisions.coaching.figures import TO_DEPTH, TOO_CLOSE
from livecoach.decisions.judging.primary import faults_of


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionSet:
    """Of one lifter and exercise."""

    number: int  # In the session, from 1
    profile: str | None  # Of the lifter; None without one
    exercise: str
    reps: tuple[Rep, ...]  # All completed reps, with the corrections that count
    log: SetLog  # The lifter's load, RPE and note; empty without any
    planned: tuple[SetPlan, ...] = ()  # What the lifter had planned for all sets of the exercise
    rest_s: float | None = None  # From the lifter's set before to this one; None for the first
    order: int = 1  # Among the lifter's sets of its exercise that have a rep that counts, from 1
    creases_cm: tuple[float, ...] = ()
    """Heights of the hip crease above the top of the knee, of the reps where it was measured."""

    @property
    def named(self) -> int:
        """Its number, as its lifter counts."""
        return self.reps[0].named_set

    @property
    def counted(self) -> tuple[Rep, ...]:
        return tuple(rep for rep in self.reps if rep.counts)

    def lean(self) -> "SessionSet":
        """Return what history counts."""
        return replace(self, reps=tuple(map(_lean, self.reps)))


def _lean(rep: Rep) -> Rep:
    """Without what only its own page shows. What its view hides is a copy that many reps share."""
    return replace(rep, bar_path_cm=None, not_visible=_shared(rep.not_visible), why=None)


@lru_cache(maxsize=1000)
def _shared(hidden: tuple[NotVisible, ...]) -> tuple[NotVisible, ...]:
    return hidden


def planned_sets(sets: Iterable[SessionSet]) -> tuple[SetPlan, ...]:
    """Return what was planned last for an exercise, reps and loads alone; empty without a plan."""
    plans = [one.planned for one in sets if one.planned]
    return tuple(SetPlan(sets=one.sets, reps=one.reps, load_kg=one.load_kg) for one in plans[-1]) if plans else ()


def done_sets(sets: Iterable[SessionSet]) -> tuple[SetPlan, ...]:
    """Return the sets of an exercise as a plan would have them."""
    return grouped_sets((len(one.counted), one.log.load_kg) for one in sets if one.counted)


OF_REPS = {TO_DEPTH, TOO_CLOSE, NOT_SEEN, told.TIRED_REPS}
"""Ids of the notes that follow from the reps alone."""


def set_summary(one: SessionSet, events: Sequence[Event]) -> SetSummary:
    """As it would have been told, had its reps counted as they do now. events: of its session."""
    faults = faults_of(one.exercise)
    cues = {name: fault.cue for name, fault in faults.items()}
    notes = (*told.standard_notes(one.reps), *told.unseen_note(one.reps, faults))
    now = told.summarize(one.number, one.reps, cues, notes, one.exercise)
    ended = (event.summary for event in reversed(events) if isinstance(event, SetEndEvent))
    stored = next((each for each in ended if each is not None and each.index == one.number), None)
    if stored is None:
        return now
    # Sessions of earlier versions counted reps that are alike as good ones.
    as_stored = (now.reps, now.good, now.alike), (now.reps, now.good + now.alike, 0)
    is_same = (stored.reps, stored.good, stored.alike) in as_stored
    stale = OF_REPS if is_same else OF_REPS | {told.NOTHING_LEARNED}
    kept = (note for note in stored.notes if stale.isdisjoint(_ids(note)))
    return replace(now, notes=(*now.notes, *kept))


def _ids(note: str) -> Iterator[str]:
    message = as_message(note)
    if not isinstance(message, Message):
        yield message
        return
    yield message.id
    for part in message.texts:
        yield from _ids(part)
