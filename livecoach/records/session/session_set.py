"""A set of a recorded session."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache

from livecoach.core.types import NotVisible, Rep, SetLog, SetPlan, alike


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionSet:
    """Of one lifter and exercise."""

    number: int  # In the session, from 1
    profile: str | None  # Of the lifter; None without one
    exercise: str  # Its name; "auto" for reps of a recognised session that do not say theirs
    reps: tuple[Rep, ...]  # All completed reps, with the corrections that count
    log: SetLog  # The lifter's load, RPE and note; empty without any
    planned: tuple[SetPlan, ...] = ()  # What the lifter had planned for all sets of the exercise
    order: int = 1  # Among the lifter's sets of its exercise that have a rep that counts, from 1
    creases_cm: tuple[float, ...] = ()
    """Heights of the hip crease above the top of the knee, of the reps where it was measured."""

    @property
    def counted(self) -> tuple[Rep, ...]:
        """The reps that count."""
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
    return alike((len(one.counted), one.log.load_kg) for one in sets if one.counted)
