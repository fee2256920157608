"""Estimates the one-repetition maximum from a lifter's sets: by the bar's speeds, otherwise by load and reps.

The estimate by speeds is where the line of speed over load reaches the speed of the heaviest possible rep
(González-Badillo and Sánchez-Medina, Int J Sports Med 31:347, 2010). The interval is that of a calibration line
(Fieller; Draper and Smith: Applied Regression Analysis, 1998, chapter 3).

By reps it follows from the formulas of Epley (Boyd Epley Workout, 1985) and of Brzycki (JOPERD 64:88, 1993), which
expect a set to the last possible rep: where the lifter rated the set, the reps that the rating leaves are added
(Zourdos et al., J Strength Cond Res 30:267, 2016).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import fmean
from typing import Literal

from livecoach.core.types import Rep, SetLog

LEAST_SETS, LEAST_LOADS = 4, 3  # with a speed, and loads among them: with fewer, the interval says nothing. Our choice.
LEAST_RANGE = 1.2  # of the heaviest load to the lightest, at least. Our choice.
WIDEST = 1.0  # widest useful interval, as a share of the estimate. Our choice.
MOST_REPS = 10.0
"""Of a set, with those left: beyond, formulas are less accurate (LeSuer et al., J Strength Cond Res 11:211, 1997)."""
HARDEST_RPE = 10.0
_T = (12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160, 2.145, 2.131)
"""97.5 % quantiles of Student's t, by degrees of freedom from 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedSet:
    load_kg: float
    reps: int  # good ones
    rpe: float | None = None  # rating of perceived exertion, 1…10
    speed: float | None = None  # mean of the way up in its fastest rep, m/s, measured at the bar


@dataclass(frozen=True, slots=True, kw_only=True)
class OneRepMax:
    """With its 95 % interval, or by reps with what either formula gives."""

    load_kg: float
    low_kg: float
    high_kg: float
    by: Literal["speed", "reps"]
    sets: tuple[LoadedSet, ...]  # on which it is based; one by reps


def loaded_set(log: SetLog, reps: Sequence[Rep]) -> LoadedSet | None:
    """Return the good reps of a set, on which bests and maxima rest; None without a load, or where most reps are not
    good. reps: of the set, those that count."""
    good = [rep for rep in reps if rep.form == "good"]
    if log.load_kg is None or 2 * len(good) <= len(reps):
        return None
    speed = max((rep.pace.speed for rep in good if rep.pace is not None and rep.pace.is_measured), default=None)
    return LoadedSet(load_kg=log.load_kg, reps=len(good), rpe=log.rpe, speed=speed)


def estimate(sets: Sequence[LoadedSet], speed_of_max_m_s: float | None) -> OneRepMax | None:
    """By speeds, else the largest by reps; None if no set has few enough reps, or each was outdone by one with more.
    sets: in any order. speed_of_max_m_s: of a one-repetition maximum; None where the exercise has none."""
    by_speed = None if speed_of_max_m_s is None else _by_speed(sets, speed_of_max_m_s)
    by_each = (found for one in sets if (found := by_reps(one)) is not None)
    most = max(by_each, key=lambda one: one.load_kg, default=None)
    return by_speed or (None if most is None or is_outdone(most.load_kg, sets) else most)


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
    return OneRepMax(load_kg=(low_kg + high_kg) / 2, low_kg=low_kg, high_kg=high_kg, by="reps", sets=(one,))


def _possible_reps(one: LoadedSet) -> float:
    """With those left, as far as they are known."""
    return one.reps + (0.0 if one.rpe is None else HARDEST_RPE - one.rpe)


def _by_speed(sets: Sequence[LoadedSet], speed_of_max_m_s: float) -> OneRepMax | None:
    """None if there are too few speeds, or they say too little."""
    points = [(one.load_kg, one.speed) for one in sets if one.speed is not None]
    loads = sorted({load_kg for load_kg, _ in points})
    if len(points) < LEAST_SETS or len(loads) < LEAST_LOADS or loads[-1] < LEAST_RANGE * loads[0]:
        return None
    calibrated = _calibrated(points, speed_of_max_m_s)
    if calibrated is None:
        return None
    load_kg, low_kg, high_kg = calibrated
    # The maximum is no less than a load that was lifted.
    load_kg, low_kg = max(load_kg, loads[-1]), max(low_kg, loads[-1])
    if high_kg < loads[-1] or high_kg - low_kg > WIDEST * load_kg:
        return None
    used = tuple(one for one in sets if one.speed is not None)
    return OneRepMax(load_kg=load_kg, low_kg=low_kg, high_kg=high_kg, by="speed", sets=used)


def _calibrated(points: Sequence[tuple[float, float]], speed: float) -> tuple[float, float, float] | None:
    """Load at which the regression line has a speed, with its 95 % interval; None without a negative slope."""
    count = len(points)
    mean_kg, mean_speed = fmean(load_kg for load_kg, _ in points), fmean(at for _, at in points)
    squares = sum((load_kg - mean_kg) ** 2 for load_kg, _ in points)
    slope = sum((load_kg - mean_kg) * (at - mean_speed) for load_kg, at in points) / squares
    rest = sum((at - mean_speed - slope * (load_kg - mean_kg)) ** 2 for load_kg, at in points)
    freedom = count - 2
    t = _T[freedom - 1] if freedom <= len(_T) else 1.96 + 2.5 / freedom
    noise = t * t * rest / freedom
    certain = slope * slope - noise / squares
    if slope >= 0 or certain <= 0:
        return None
    below = speed - mean_speed
    # The noise of one more set counts too: a maximum is lifted on one day.
    root = sqrt(below * below * noise / squares + certain * noise * (1 + 1 / count))
    ends = sorted((below * slope + sign * root) / certain for sign in (-1, 1))
    return mean_kg + below / slope, mean_kg + ends[0], mean_kg + ends[1]
