"""What a lifter was to fix last time: a reminder before the first set, and what became of it in each set."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from livecoach.core.types import Cue, Rep, Step
from livecoach.core.types.message import Message, joined
from livecoach.core.types.reps import DepthStandard
from livecoach.decisions.coaching.figures import fault_counts
from livecoach.decisions.judging.primary import SHALLOW

LEAST_FIXED = 3  # reps of a set without the fault that show it fixed. Our choice: one or two say little.


@dataclass(frozen=True, slots=True, kw_only=True)
class LastTime:
    exercise: str
    title: str
    fault: str | None  # to fix first; None where no rep had one
    cue: str | None
    load_kg: float | None  # of most sets, the heaviest of equals; None where none was logged
    sets: int  # sets with that load
    reps: int  # that most of them had, the most of equals
    rest_s: float | None  # median between sets; None for a single set


LastTimes = Mapping[str, LastTime]  # exercise → the lifter's last session with it, the newest first


@dataclass(frozen=True, slots=True, kw_only=True)
class SinceLast:
    """What became in a set of the fault that was to be fixed."""

    fault: str
    cue: str
    checked: int  # reps that were checked for it
    faulty: int  # those that have it

    @property
    def is_fixed(self) -> bool:
        """None has it, of enough reps."""
        return not self.faulty and self.checked >= LEAST_FIXED


def held_to(depth: DepthStandard, lasts: LastTimes) -> LastTimes:
    """Of a lifter whose depth is not checked: to go deeper is no advice."""
    return {
        name: replace(last, fault=None, cue=None) if (depth, last.fault) == ("none", SHALLOW) else last
        for name, last in lasts.items()
    }


def reminder(last: LastTime | None, *, named: bool = False) -> str:
    """What was to be fixed, as "last time: knees out"; empty if nothing was. named: with the title of the exercise."""
    if last is None or last.cue is None:
        return ""
    return joined(", ", last.title if named else "", Message("last time: {text}", text=last.cue))


def before_first_set(lasts: LastTimes, step: Step) -> str:
    """For the exercise, or while it is not known for the newest one."""
    if step.set_index:
        return ""
    known = step.exercise is not None
    return reminder(lasts.get(step.exercise or "") if known else next(iter(lasts.values()), None), named=not known)


def reminded(cue: Cue, lasts: LastTimes, step: Step) -> Cue:
    """ "ready" before the first set of a known exercise speaks the reminder's cue too."""
    last = lasts.get(step.exercise or "")
    if cue.kind != "ready" or step.set_index or last is None or last.cue is None:
        return cue
    return replace(cue, say=joined(", ", cue.say or "", last.cue))


def since_last(lasts: LastTimes, step: Step, reps: Iterable[Rep]) -> SinceLast | None:
    """Of the set that a step sums up; None where no fault was to be fixed. reps: of the run, with their corrections."""
    summary = step.summary
    last = None if summary is None else lasts.get(summary.exercise or "")
    if summary is None or last is None or last.fault is None or last.cue is None:
        return None
    found = fault_counts([rep for rep in reps if rep.set == summary.index], (last.fault,))[last.fault]
    return SinceLast(fault=last.fault, cue=last.cue, checked=found.checked, faulty=found.having)
