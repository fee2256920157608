"""Defines a set of a recorded session, and summarises the set with the corrections that count."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain

from livecoach.core.documents import Event, SetEndEvent
from livecoach.core.language import as_message
from livecoach.core.types import Rep, SetLog, SetPlan, SetSummary, group_sets
from livecoach.core.types.message import Message
from livecoach.core.types.reps import UNSEEN_FAULTS
from livecoach.decisions.coaching import set_summary as coaching_summary
from livecoach.decisions.coaching.rep_figures import TO_DEPTH, TOO_CLOSE
from livecoach.decisions.judging.primary import faults_of


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionSet:
    """A set that one lifter did in one exercise during a session."""

    number: int  # Number in the session, from 1
    profile: str | None  # Profile of the lifter; None without a profile
    exercise: str
    reps: tuple[Rep, ...]  # All completed reps, with the corrections that count
    log: SetLog  # The lifter's load, RPE and note; empty if nothing was logged
    planned: tuple[SetPlan, ...] = ()  # The lifter's plan for all sets of the exercise
    rest_s: float | None = None  # Seconds from the end of the lifter's set before; None for the lifter's first set
    order: int = 1  # Number of the lifter's sets of the exercise with a rep that counts, up to and including this set
    creases_cm: tuple[float, ...] = ()
    """Height of the hip crease above the top of the knee, for each rep in which the height was measured."""
    is_reassigned: bool = False  # Whether the set was judged as another lifter's, or as another exercise

    @property
    def lifter_set_number(self) -> int:
        """Number of the set among the sets of its lifter in the session, from 1."""
        return self.reps[0].lifter_set_number

    @property
    def counted_reps(self) -> tuple[Rep, ...]:
        """The reps that count, in order."""
        return tuple(rep for rep in self.reps if rep.counts)


def last_plan(sets: Iterable[SessionSet]) -> tuple[SetPlan, ...]:
    """Return the plan of the last set with planned reps, without the rests; empty if no set has planned reps."""
    plans = [session_set.planned for session_set in sets if any(plan.reps for plan in session_set.planned)]
    return tuple(SetPlan(sets=plan.sets, reps=plan.reps, load_kg=plan.load_kg) for plan in plans[-1]) if plans else ()


def plan_from_sets(sets: Iterable[SessionSet]) -> tuple[SetPlan, ...]:
    """Return the reps and loads of sets in the form of a plan, in which equal sets in a row are one entry.

    Sets without a rep that counts are left out.
    """
    return group_sets(
        (len(session_set.counted_reps), session_set.log.load_kg) for session_set in sets if session_set.counted_reps
    )


REP_NOTES = {TO_DEPTH, TOO_CLOSE, UNSEEN_FAULTS, coaching_summary.TIRED_REPS, coaching_summary.COMMON_DIFFERENCE}
"""Ids of the notes in the summary of a set that depend only on the set's reps."""
MOVEMENT_NOTES = {*coaching_summary.UNLIKE_NOTES, *chain.from_iterable(coaching_summary.UNCOUNTED_NOTES.values())}
"""Ids of the notes that depend only on movements: a set that was judged as another lifter's keeps these notes."""


def summarise_session_set(session_set: SessionSet, events: Sequence[Event]) -> SetSummary:
    """Summarise a set from its completed reps, with the user's corrections applied.

    Args:
        events: Events of the session. The set's stored summary adds the notes that do not depend on the reps. For a
            reassigned set, it adds only the notes on movements, and none if the exercise has changed.
    """
    faults = faults_of(session_set.exercise)
    cues = {name: fault.cue for name, fault in faults.items()}
    notes = (*coaching_summary.depth_note(session_set.reps), *coaching_summary.unseen_note(session_set.reps, faults))
    now = coaching_summary.summarise_set(session_set.number, session_set.reps, cues, notes, session_set.exercise)
    ended = (event.summary for event in reversed(events) if isinstance(event, SetEndEvent))
    stored = next((summary for summary in ended if summary is not None and summary.index == session_set.number), None)
    if stored is None:
        return now
    is_same = (stored.reps, stored.good, stored.alike) == (now.reps, now.good, now.alike)
    stale = REP_NOTES if is_same else REP_NOTES | {coaching_summary.NOTHING_LEARNED}
    kept = [note for note in stored.notes if stale.isdisjoint(message_ids(note))]
    if session_set.is_reassigned:
        known = MOVEMENT_NOTES if stored.exercise in {None, session_set.exercise} else set[str]()
        kept = [note for note in kept if not known.isdisjoint(message_ids(note))]
    return replace(now, notes=(*now.notes, *kept))


def message_ids(note: str) -> Iterator[str]:
    """Yield the ids of a note and of all messages inside the note. A text that is no message is its own id.

    The note may be the English text of a message.
    """
    message = as_message(note)
    if not isinstance(message, Message):
        yield message
        return
    yield message.id
    for part in message.texts:
        yield from message_ids(part)
