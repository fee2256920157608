"""Estimates the one-repetition maximum from the load and the reps of a set.

It follows from the formulas of Epley (Boyd Epley Workout, 1985) and of Brzycki (JOPERD 64:88, 1993), which expect a set
to the last possible rep: where the lifter rated the set, the reps that the rating leaves are added (Zourdos et al., J
Strength Cond Res 30:267, 2016).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from livecoach.core.types import Rep, SetLog

MOST_REPS = 10.0
"""Of a set, with those left: beyond, formulas are less accurate (LeSuer et al., J Strength Cond Res 11:211, 1997)."""
HARDEST_RPE = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedSet:
    load_kg: float
    reps: int
    rpe: float | None = None  # rating of perceived exertion, 1…10


@dataclass(frozen=True, slots=True, kw_only=True)
class OneRepMax:
    """The mean of both formulas, and what either gives."""

    load_kg: float
    low_kg: float
    high_kg: float
    lifted: LoadedSet  # the set on which it is based


def loaded_set(log: SetLog, reps: Sequence[Rep]) -> LoadedSet | None:
    """What bests and maxima rest on; None without a load or a good rep. reps: of the set, those that count."""
    if log.load_kg is None or not any(rep.standing_verdict == "good" for rep in reps):
        return None
    return LoadedSet(load_kg=log.load_kg, reps=len(reps), rpe=log.rpe)


def estimate(sets: Sequence[LoadedSet]) -> OneRepMax | None:
    """The largest of all sets; None if no set has few enough reps, or each was outdone by one with more. sets: in any
    order."""
    by_each = (found for one in sets if (found := by_reps(one)) is not None)
    most = max(by_each, key=lambda one: one.load_kg, default=None)
    return None if most is None or is_outdone(most.load_kg, sets) else most


def is_outdone(most_kg: float, sets: Sequence[LoadedSet]) -> bool:
    """Whether a set of so many reps that it gives no maximum shows that a maximum by reps is too low."""
    least = (_by_reps(one, min(_possible_reps(one), MOST_REPS)).load_kg for one in sets)
    return round(most_kg) < round(max(least, default=0.0))


def by_reps(one: LoadedSet) -> OneRepMax | None:
    """From the load and the reps of a set, the mean of both formulas; None for too many reps."""
    reps = _possible_reps(one)
    return None if reps > MOST_REPS else _by_reps(one, reps)


def _by_reps(one: LoadedSet, reps: float) -> OneRepMax:
    epley = one.load_kg * (1 + reps / 30) if reps > 1 else one.load_kg  # a single is its own maximum
    brzycki = one.load_kg * 36 / (37 - reps)
    low_kg, high_kg = sorted((epley, brzycki))
    return OneRepMax(load_kg=(low_kg + high_kg) / 2, low_kg=low_kg, high_kg=high_kg, lifted=one)


def _possible_reps(one: LoadedSet) -> float:
    """With those left, as far as they are known."""
    return one.reps + (0.0 if one.rpe is None else HARDEST_RPE - one.rpe)
