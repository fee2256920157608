"""Estimates the one-repetition maximum from a lifter's sets: by the bar's speeds, otherwise by load and reps.

The estimate by speeds is where the line of speed over load reaches the speed of the heaviest possible rep
(González-Badillo and Sánchez-Medina, Int J Sports Med 31:347, 2010). The interval is that of a calibration line
(Fieller; Draper and Smith: Applied Regression Analysis, 1998, chapter 3).

The estimate by reps follows from the formulas of Epley (Boyd Epley Workout, 1985) and of Brzycki (JOPERD 64:88, 1993),
which expect a set to the last possible rep. If the lifter rated the set, the reps in reserve are added (Zourdos et al.,
J Strength Cond Res 30:267, 2016).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import fmean
from typing import Literal

from livecoach.core.types import Rep, SetLog

LEAST_SETS, LEAST_LOADS = 4, 3  # Least sets with a speed, and different loads: fewer make a wide interval. Our choice.
LEAST_RANGE = 1.2  # Least ratio of the heaviest load to the lightest. Our choice.
WIDEST = 1.0  # Widest useful interval, as a share of the estimate. Our choice.
MOST_REPS = 10.0
"""Most possible reps of a set: beyond, formulas are less accurate (LeSuer et al., J Strength Cond Res 11:211, 1997)."""
HARDEST_RPE = 10.0  # Rating of a set to the last possible rep
_T = (12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160, 2.145, 2.131)
"""97.5 % quantiles of Student's t, by degrees of freedom from 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedSet:
    """A set of mostly good reps, lifted with a known load."""

    load_kg: float
    reps: int  # Number of good reps
    rpe: float | None = None  # Rating of perceived exertion, 1…10; None without a rating
    speed: float | None = None
    """Mean speed of the ascent in the fastest good rep, in m/s; None if no speed was measured at the bar."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OneRepMax:
    """An estimate of the one-repetition maximum, with a range.

    By speed, the range is the 95 % interval, without loads below the heaviest lifted load. By reps, the ends of the
    range are the results of the two formulas.
    """

    load_kg: float
    low_kg: float
    high_kg: float
    by: Literal["speed", "reps"]
    sets: tuple[LoadedSet, ...]  # The sets on which the estimate is based; an estimate by reps has a single set


def loaded_set(log: SetLog, reps: Sequence[Rep]) -> LoadedSet | None:
    """Return a set with its load, good reps and speed; None without a load, or if at most half of the reps are good."""
    good = [rep for rep in reps if rep.form == "good"]
    if log.load_kg is None or 2 * len(good) <= len(reps):
        return None
    speed = max((rep.pace.speed for rep in good if rep.pace is not None and rep.pace.is_measured), default=None)
    return LoadedSet(load_kg=log.load_kg, reps=len(good), rpe=log.rpe, speed=speed)


def estimate_max_load(sets: Sequence[LoadedSet], speed_of_max_m_s: float | None) -> OneRepMax | None:
    """Estimate the one-repetition maximum by speeds, or else by the reps of the set with the highest estimate.

    The result is None if neither speeds nor reps give an estimate. Reps give no estimate if every set has too many
    possible reps, or if the reps of another set show that the highest estimate is too low.

    Args:
        speed_of_max_m_s: Mean speed of the ascent in a one-repetition maximum of the exercise; None if unknown. Then
            speeds give no estimate.
    """
    by_speed = None if speed_of_max_m_s is None else _by_speed(sets, speed_of_max_m_s)
    by_each = (found for lifted in sets if (found := estimate_max_by_reps(lifted)) is not None)
    most = max(by_each, key=lambda lifted: lifted.load_kg, default=None)
    return by_speed or (None if most is None or is_estimate_too_low(most.load_kg, sets) else most)


def is_estimate_too_low(most_kg: float, sets: Sequence[LoadedSet]) -> bool:
    """Return whether an estimated one-repetition maximum, in whole kg, is below the estimate by the reps of any set.

    A set with more than MOST_REPS possible reps, which is too many for an estimate, counts as if it had MOST_REPS.
    """
    least = (_by_reps(lifted, min(_possible_reps(lifted), MOST_REPS)).load_kg for lifted in sets)
    return round(most_kg) < round(max(least, default=0.0))


def estimate_max_by_reps(loaded: LoadedSet) -> OneRepMax | None:
    """Estimate the one-repetition maximum from the reps of a set, as the mean of the formulas of Epley and Brzycki.

    Both formulas use the load and the possible reps: the good reps plus the reps in reserve that the RPE states. The
    result is None above MOST_REPS possible reps.
    """
    reps = _possible_reps(loaded)
    return None if reps > MOST_REPS else _by_reps(loaded, reps)


def _by_reps(lifted: LoadedSet, reps: float) -> OneRepMax:
    epley = lifted.load_kg * (1 + reps / 30) if reps > 1 else lifted.load_kg  # a single is its own maximum
    brzycki = lifted.load_kg * 36 / (37 - reps)
    low_kg, high_kg = sorted((epley, brzycki))
    return OneRepMax(load_kg=(low_kg + high_kg) / 2, low_kg=low_kg, high_kg=high_kg, by="reps", sets=(lifted,))


def _possible_reps(lifted: LoadedSet) -> float:
    return lifted.reps + (0.0 if lifted.rpe is None else HARDEST_RPE - lifted.rpe)


def _by_speed(sets: Sequence[LoadedSet], speed_of_max_m_s: float) -> OneRepMax | None:
    """Estimate the maximum by speeds; None if there are too few speeds, or the interval is too wide."""
    points = [(lifted.load_kg, lifted.speed) for lifted in sets if lifted.speed is not None]
    loads = sorted({load_kg for load_kg, _ in points})
    if len(points) < LEAST_SETS or len(loads) < LEAST_LOADS or loads[-1] < LEAST_RANGE * loads[0]:
        return None
    calibrated = _calibrate(points, speed_of_max_m_s)
    if calibrated is None:
        return None
    load_kg, low_kg, high_kg = calibrated
    # The maximum is no less than a load that was lifted.
    load_kg, low_kg = max(load_kg, loads[-1]), max(low_kg, loads[-1])
    if high_kg < loads[-1] or high_kg - low_kg > WIDEST * load_kg:
        return None
    used = tuple(lifted for lifted in sets if lifted.speed is not None)
    return OneRepMax(load_kg=load_kg, low_kg=low_kg, high_kg=high_kg, by="speed", sets=used)


def _calibrate(points: Sequence[tuple[float, float]], speed: float) -> tuple[float, float, float] | None:
    """Return the load at which the regression line has a speed, and its 95 % interval; None unless the slope falls."""
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
