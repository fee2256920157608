"""Reminds a lifter of the fault to fix from the last session, and follows it in each set.

It also notices faults of earlier sessions that were fixed and are back.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from livecoach.core.step import Step
from livecoach.core.types import Cue, Rep
from livecoach.core.types.message import Message, join_texts
from livecoach.core.types.reps import DepthStandard
from livecoach.decisions.coaching.rep_figures import FaultCount, attempts_as_counted, fault_counts
from livecoach.decisions.judging.primary import SHALLOW
from livecoach.decisions.judging.wording import fault_words

LEAST_BACK = 2  # Least faulty reps with which a session or set has a fault: one rep may be an error. Our choice.
LEAST_FIXED = 3  # Least checked reps, all without a fault, that show that the fault is fixed. Our choice.


@dataclass(frozen=True, slots=True, kw_only=True)
class LastTime:
    """The lifter's last session with an exercise, and the fault that the lifter should fix first."""

    exercise: str
    title: str
    fault: str | None  # Fault to fix first; None if no rep had a fault
    cue: str | None  # Cue of the fault; None without a fault
    load_kg: float | None  # Most common load, or else the load of the last session with a load; None without a load
    sets: int  # Number of sets with the most common load
    reps: int  # Most common number of reps in these sets, the largest if several are as common
    is_load_older: bool = False  # Whether the load is from an earlier session than the sets and reps
    rest_s: float | None  # Median rest between sets in seconds, rounded; None if no rest is known
    fixed: tuple[str, ...] = ()  # Faults of earlier sessions that `fixed_faults` finds to be fixed


LastTimes = Mapping[str, LastTime]  # exercise → the lifter's last session with it, newest first


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultFollowUp:
    """The numbers of checked and of faulty reps of a set, for the fault that the last session left to fix."""

    fault: str
    cue: str
    checked: int  # Number of reps that were checked for the fault
    faulty: int  # Number of reps that have the fault

    @property
    def is_fixed(self) -> bool:
        """Whether at least LEAST_FIXED reps were checked for the fault, and no rep has the fault."""
        return not self.faulty and self.checked >= LEAST_FIXED


def without_unchecked_depth(depth: DepthStandard, last_times: LastTimes) -> LastTimes:
    """Return the last sessions, without the fault "shallow" if `depth` is "none" (depth is not checked)."""
    found = dict(last_times)
    for name, last in last_times.items() if depth == "none" else ():
        kept = replace(last, fixed=tuple(fault for fault in last.fixed if fault != SHALLOW))
        found[name] = replace(kept, fault=None, cue=None) if last.fault == SHALLOW else kept
    return found


def fixed_faults(sessions: Sequence[Mapping[str, FaultCount]]) -> tuple[str, ...]:
    """Return the names of the faults that an earlier session had, and that later sessions show to be fixed.

    An earlier session had a fault if at least LEAST_BACK of its reps did. A session shows whether the fault is fixed if
    a rep has it, or if LEAST_FIXED reps were checked for it: in the newest such session, no rep may have it.

    Args:
        sessions: Counts of each fault in each session, oldest session first. All sessions have the same faults.
    """
    names = sessions[-1] if sessions else ()
    return tuple(name for name in names if _is_fixed([counts[name] for counts in sessions]))


def _is_fixed(counts: Sequence[FaultCount]) -> bool:
    known = [count for count in counts if count.having or count.checked >= LEAST_FIXED]
    return bool(known) and not known[-1].having and any(count.having >= LEAST_BACK for count in known)


def returned_fault_notes(fixed: Iterable[str], exercise: str, reps: Sequence[Rep]) -> Iterator[Message]:
    """Yield a sentence about each fixed fault that at least LEAST_BACK reps have again.

    An example is "an old fault is back: back rounded, in 4 of 10 reps".

    Args:
        fixed: Names of faults, as `fixed_faults` returns them.
        reps: All completed reps of a set or session, with their corrections.
    """
    for name, count in fault_counts(reps, tuple(fixed)).items():
        if count.having >= LEAST_BACK:
            shown = count.in_words(len(attempts_as_counted(reps)))
            yield Message("an old fault is back: {text}, in {text2}", text=fault_words(name, exercise), text2=shown)


def fault_reminder(last: LastTime | None, *, with_title: bool = False) -> str:
    """Return the reminder of the fault to fix, such as "last time: knees out"; empty without a fault to fix.

    The title of the exercise precedes the reminder if `with_title`.
    """
    if last is None or last.cue is None:
        return ""
    return join_texts(", ", last.title if with_title else "", Message("last time: {text}", text=last.cue))


def first_set_reminder(last_times: LastTimes, step: Step) -> str:
    """Return the reminder of the last session's fault to fix; empty without such a fault, and once a set has begun.

    The reminder is for the exercise or, if the exercise is unknown, for the exercise of the newest session.
    """
    if step.set.index:
        return ""
    known = step.set.exercise is not None
    last = last_times.get(step.set.exercise or "") if known else next(iter(last_times.values()), None)
    return fault_reminder(last, with_title=not known)


def add_words_of_earlier_sessions(cue: Cue, step: Step, last_times: LastTimes, record: str) -> Cue:
    """Return a cue with words about earlier sessions, if any, added to its spoken words.

    Before the first set of a session, "ready" gets the cue of the fault to fix. The cue that sums up a set gets
    "personal best" if the set has a record.

    Args:
        record: Words for the record, from `record_words`; empty without a record.
    """
    last = last_times.get(step.set.exercise or "")
    reminder = "" if step.set.index or last is None else last.cue or ""
    more = {"ready": reminder, "set_over": "personal best" if record else ""}.get(cue.kind)
    return replace(cue, say=join_texts(", ", cue.say or "", more)) if more else cue


def follow_up_fault(last: LastTime, reps: Sequence[Rep]) -> FaultFollowUp | None:
    """Count the checked and faulty reps of a set for the fault to fix; return None without a fault to fix."""
    if last.fault is None or last.cue is None:
        return None
    found = fault_counts(reps, (last.fault,))[last.fault]
    return FaultFollowUp(fault=last.fault, cue=last.cue, checked=found.checked, faulty=found.having)
