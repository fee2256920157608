"""What a lifter was to fix last time: a reminder before the first set, and what became of it in each set; and faults
of earlier sessions that had gone and are back."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from livecoach.core.types import Cue, Rep, Step
from livecoach.core.types.message import Message, joined
from livecoach.core.types.reps import DepthStandard
from livecoach.decisions.coaching.figures import FaultCount, attempts, fault_counts
from livecoach.decisions.judging.primary import SHALLOW
from livecoach.decisions.judging.wording import fault_words

LEAST_BACK = 2  # reps of a session with a fault that make it a fault of the session: one may be an error. Our choice.
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
    fixed: tuple[str, ...] = ()  # faults of earlier sessions that it had no more


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
    if depth != "none":
        return lasts
    found = {name: replace(last, fixed=tuple(set(last.fixed) - {SHALLOW})) for name, last in lasts.items()}
    return {name: replace(one, fault=None, cue=None) if one.fault == SHALLOW else one for name, one in found.items()}


def fixed_faults(sessions: Sequence[Mapping[str, FaultCount]]) -> tuple[str, ...]:
    """Return the faults that a session had and the newest session that shows them had no more.

    Args:
        sessions: How many reps of each session had each fault, oldest session first.
    """
    return tuple(name for name in (sessions[-1] if sessions else ()) if _is_fixed([one[name] for one in sessions]))


def _is_fixed(counts: Sequence[FaultCount]) -> bool:
    known = [one for one in counts if one.having or one.checked >= LEAST_FIXED]
    return bool(known) and not known[-1].having and any(one.having >= LEAST_BACK for one in known)


def back_again(fixed: Iterable[str], exercise: str, reps: Sequence[Rep]) -> Iterator[Message]:
    """Yield a sentence about each fault that is back: "an old fault is back: back rounded, in 4 of 10 reps".

    Args:
        fixed: Names of faults, as `fixed_faults` returns them.
        exercise: Name of the exercise.
        reps: All completed reps of a set or session, with their corrections.
    """
    for name, count in fault_counts(reps, tuple(fixed)).items():
        if count.having >= LEAST_BACK:
            shown = count.in_words(len(attempts(reps)))
            yield Message("an old fault is back: {text}, in {text2}", text=fault_words(name, exercise), text2=shown)


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


def back_in_set(lasts: LastTimes, step: Step, reps: Iterable[Rep]) -> tuple[str, ...]:
    """Return a sentence about each old fault that is back in the set that a step sums up. reps: of the run, with their
    corrections."""
    last = None if step.summary is None else lasts.get(step.summary.exercise or "")
    if step.summary is None or last is None or not last.fixed:
        return ()
    return tuple(back_again(last.fixed, last.exercise, [rep for rep in reps if rep.set == step.summary.index]))


def since_last(lasts: LastTimes, step: Step, reps: Iterable[Rep]) -> SinceLast | None:
    """Of the set that a step sums up; None where no fault was to be fixed. reps: of the run, with their corrections."""
    summary = step.summary
    last = None if summary is None else lasts.get(summary.exercise or "")
    if summary is None or last is None or last.fault is None or last.cue is None:
        return None
    found = fault_counts([rep for rep in reps if rep.set == summary.index], (last.fault,))[last.fault]
    return SinceLast(fault=last.fault, cue=last.cue, checked=found.checked, faulty=found.having)
