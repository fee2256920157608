"""Defines a set of a recorded session, and computes its summary with the corrections that count."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from livecoach.core.documents import Event, SetEndEvent
from livecoach.core.language import as_message
from livecoach.core.types import NotVisible, Rep, SetLog, SetPlan, SetSummary, group_sets
from livecoach.core.types.message import Message
from livecoach.core.types.reps import UNSEEN_FAULTS
from livecoach.decisions.coaching import set_summary as coaching_summary
from livecoach.decisions.coaching.rep_figures import TO_DEPTH, TOO_CLOSE
from livecoach.decisions.judging.primary import faults_of


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionSet:
    """A set of a session, by one lifter in one exercise."""

    number: int  # Number in the session, from 1
    profile: str | None  # Profile of the lifter; None if the lifter has none
    exercise: str
    reps: tuple[Rep, ...]  # All completed reps, with the corrections that count
    log: SetLog  # The lifter's load, RPE and note; empty if nothing was logged
    planned: tuple[SetPlan, ...] = ()  # The lifter's plan for all sets of the exercise
    rest_s: float | None = None  # Time from the end of the lifter's set before; None for the first set
    order: int = 1  # Number among the lifter's sets of the exercise that have a rep that counts, from 1
    creases_cm: tuple[float, ...] = ()
    """Height of the hip crease above the top of the knee, for each rep in which it was measured."""

    @property
    def own_number(self) -> int:
        """Number of the set, as its lifter counts."""
        return self.reps[0].named_set

    @property
    def counted_reps(self) -> tuple[Rep, ...]:
        """The reps that count."""
        return tuple(rep for rep in self.reps if rep.counts)

    def for_history(self) -> "SessionSet":
        """Return the set without the details that only its report shows, to save memory."""
        return replace(self, reps=tuple(map(_without_details, self.reps)))


def _without_details(rep: Rep) -> Rep:
    # Many reps share the same faults that their view hides.
    return replace(rep, bar_path_cm=None, not_visible=_shared(rep.not_visible), why=None)


@lru_cache(maxsize=1000)
def _shared(hidden: tuple[NotVisible, ...]) -> tuple[NotVisible, ...]:
    return hidden


def planned_sets(sets: Iterable[SessionSet]) -> tuple[SetPlan, ...]:
    """Return the last plan of an exercise without its rests; empty without a plan."""
    plans = [session_set.planned for session_set in sets if session_set.planned]
    return tuple(SetPlan(sets=plan.sets, reps=plan.reps, load_kg=plan.load_kg) for plan in plans[-1]) if plans else ()


def done_sets(sets: Iterable[SessionSet]) -> tuple[SetPlan, ...]:
    """Return the sets of an exercise that were done, in the form of a plan."""
    return group_sets(
        (len(session_set.counted_reps), session_set.log.load_kg) for session_set in sets if session_set.counted_reps
    )


OF_REPS = {TO_DEPTH, TOO_CLOSE, UNSEEN_FAULTS, coaching_summary.TIRED_REPS}
"""Ids of the notes that depend only on the reps of the set."""


def set_summary(session_set: SessionSet, events: Sequence[Event]) -> SetSummary:
    """Summarise a set with the corrections that count now.

    Args:
        events: Events of the session, for the notes that do not depend on the reps.
    """
    faults = faults_of(session_set.exercise)
    cues = {name: fault.cue for name, fault in faults.items()}
    notes = (
        *coaching_summary.standard_notes(session_set.reps),
        *coaching_summary.unseen_note(session_set.reps, faults),
    )
    now = coaching_summary.summarize(session_set.number, session_set.reps, cues, notes, session_set.exercise)
    ended = (event.summary for event in reversed(events) if isinstance(event, SetEndEvent))
    stored = next((summary for summary in ended if summary is not None and summary.index == session_set.number), None)
    if stored is None:
        return now
    # Earlier versions counted reps that are alike as good reps.
    as_stored = (now.reps, now.good, now.alike), (now.reps, now.good + now.alike, 0)
    is_same = (stored.reps, stored.good, stored.alike) in as_stored
    stale = OF_REPS if is_same else OF_REPS | {coaching_summary.NOTHING_LEARNED}
    kept = (note for note in stored.notes if stale.isdisjoint(message_ids(note)))
    return replace(now, notes=(*now.notes, *kept))


def message_ids(note: str) -> Iterator[str]:
    """Yield the ids of a note and of the messages in it, which may be stored as English text."""
    message = as_message(note)
    if not isinstance(message, Message):
        yield message
        return
    yield message.id
    for part in message.texts:
        yield from message_ids(part)
