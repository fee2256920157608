"""Estimates the one-repetition maximum from the speeds of a lifter's sets.

The heavier the bar, the slower it goes up, along a line that differs between lifters. The estimate is where that line
reaches the speed of the heaviest possible rep (González-Badillo and Sánchez-Medina: Movement velocity as a measure of
loading intensity in resistance training, Int J Sports Med 31:347, 2010). The interval is that of a calibration line
(Fieller; Draper and Smith: Applied Regression Analysis, 1998, chapter 3).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import fmean
from typing import Protocol

from livecoach.rep.tempo import TYPICAL_HEIGHT_CM, torso_m
from livecoach.types import MeasuredFrom, SpeedUnit
from livecoach.types.message import Message

SpeedKind = tuple[MeasuredFrom, SpeedUnit]
"""How and in which unit a speed was measured."""
LEAST_SETS, LEAST_LOADS = 4, 3
"""Fewest sets, and fewest different loads among them. Our choice: with fewer, the interval says nothing."""
LEAST_RANGE = 1.2
"""Least ratio of the heaviest load to the lightest. Our choice."""
WIDEST = 1.0
"""Widest useful interval, as a share of the estimate. Our choice."""
_T = (12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160, 2.145, 2.131)
"""97.5 % quantiles of Student's t, by degrees of freedom from 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedSet:
    """A set with a load and a speed."""

    load_kg: float
    speed: float
    """Mean speed of the way up in its fastest rep, in one unit for all sets."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OneRepMax:
    """An estimate with its 95 % interval."""

    load_kg: float
    low_kg: float
    high_kg: float
    sets: int
    """Number of sets that it is based on."""


class Paced(Protocol):
    """The speed of a rep."""

    @property
    def speed(self) -> float:
        """Mean speed of the way up."""
        ...

    @property
    def kind(self) -> SpeedKind:
        """How and in which unit it was measured."""
        ...


def of_one_kind(sets: Iterable[tuple[float, Sequence[Paced]]]) -> tuple[SpeedKind, list[LoadedSet]]:
    """Return the sets whose speeds were measured in the most common way.

    Speeds of the bar and of the body, or in two units, lie on two lines. sets: load in kilograms, and the reps' speeds.
    """
    by_kind: dict[SpeedKind, list[LoadedSet]] = {}
    for load_kg, paces in sets:
        for kind in {pace.kind for pace in paces}:
            speed = max(pace.speed for pace in paces if pace.kind == kind)
            by_kind.setdefault(kind, []).append(LoadedSet(load_kg=load_kg, speed=speed))
    kind = max(by_kind, key=lambda one: len(by_kind[one]), default=("body", "m/s"))
    return kind, by_kind.get(kind, [])


def speed_of_max(m_s: float, unit: SpeedUnit) -> float:
    """Return the speed of a one-repetition maximum in a unit; torso lengths are those of a person of 170 cm."""
    return m_s if unit == "m/s" else m_s / torso_m(TYPICAL_HEIGHT_CM)


def estimate(sets: Sequence[LoadedSet], speed_of_max: float) -> OneRepMax | str:
    """Return the estimate or, in words, why there is none.

    sets: in any order. speed_of_max: speed of a one-repetition maximum, in the unit of the sets' speeds.
    """
    loads = sorted({one.load_kg for one in sets})
    if len(sets) < LEAST_SETS or len(loads) < LEAST_LOADS:
        return Message(
            "needs {n} sets at {n2} different loads or more; so far {n3} at {n4} with a measured speed",
            n=LEAST_SETS,
            n2=LEAST_LOADS,
            n3=len(sets),
            n4=len(loads),
        )
    if loads[-1] < LEAST_RANGE * loads[0]:
        return Message(
            "the loads are too alike: the heaviest must be {n} % above the lightest", n=f"{100 * (LEAST_RANGE - 1):.0f}"
        )
    calibrated = _calibrated(sets, speed_of_max)
    if calibrated is None:
        return "your speed does not fall clearly with the load"
    load_kg, low_kg, high_kg = calibrated
    if high_kg < loads[-1]:
        return "your heaviest set was faster than the lighter ones suggest"
    # The maximum is no less than a load that was lifted.
    load_kg, low_kg = max(load_kg, loads[-1]), max(low_kg, loads[-1])
    if high_kg - low_kg > WIDEST * load_kg:
        return "too uncertain: add sets at other loads, as fast as you can"
    return OneRepMax(load_kg=load_kg, low_kg=low_kg, high_kg=high_kg, sets=len(sets))


def _calibrated(sets: Sequence[LoadedSet], speed: float) -> tuple[float, float, float] | None:
    """Return the load at which the regression line has a speed, and its 95 % interval; None if the line's slope is
    not significantly negative."""
    count = len(sets)
    mean_kg, mean_speed = fmean(one.load_kg for one in sets), fmean(one.speed for one in sets)
    squares = sum((one.load_kg - mean_kg) ** 2 for one in sets)
    slope = sum((one.load_kg - mean_kg) * (one.speed - mean_speed) for one in sets) / squares
    rest = sum((one.speed - mean_speed - slope * (one.load_kg - mean_kg)) ** 2 for one in sets)
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
