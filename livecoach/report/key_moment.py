"""The one moment that is told of a rep: pictures are of it, clips stop at it, the ring is at it, and words name it."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from livecoach.curves.kinds import OF_MEASURE, TIMES, WAYS
from livecoach.curves.rep_curve import AFTER, HALF, POINTS, RepCurve
from livecoach.rep.measures import FaultTable
from livecoach.report.typical_rep import time_at
from livecoach.types import Fault, RepWindow

TURN = 10
"""Points on either side of the turn, a fifth of a way, that belong to it."""
LEAST_SUNK = 0.03
"""Of the bar's way: what it sinks by at the least to be shown, as much as estimated wrists tremble by. Our choice."""
LAST = POINTS - 1
PARTS = {
    "bar": ("way up", "lockout", "way down"),
    "hips": ("way down", "bottom", "way up"),
}
"""FaultTable.travel → what the parts of a rep are called."""
Pick = Literal["most", "least", "under", "sunk"]


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyMoment:
    """It."""

    point: int
    """Of the rep's curves."""
    into_s: float
    """Seconds into the rep."""
    where: str
    """What it is: "where the trunk leans most"."""
    part: str
    """Of the rep, in words; empty where it is the fault's own."""
    ring: bool
    """It is a place on the rep's curve, which is marked; else only where a part of the rep begins."""

    @property
    def told(self) -> str:
        """When and what."""
        return f"{self.into_s:.1f} s into the rep, {self.where}"


@dataclass(frozen=True, slots=True)
class _MeasureLocation:
    """Where on its curve a measure is to be seen."""

    first: int
    last: int
    """Points between which it is taken."""
    pick: Pick
    """The highest or lowest point, the one farthest under the band, or where the curve has sunk farthest."""
    where: str


_LOCATIONS: dict[str, _MeasureLocation] = {
    "most_trunk_lean_deg": _MeasureLocation(0, LAST, "most", "where the trunk leans most"),
    "bottom_hip_height": _MeasureLocation(HALF - TURN, HALF + TURN, "least", "where the hips are lowest"),
    "bottom_knee_angle_deg": _MeasureLocation(HALF - TURN, HALF + TURN, "least", "where the knees are bent most"),
    "knees_past_toes": _MeasureLocation(HALF - TURN, HALF + TURN, "most", "where the knees are farthest forward"),
    "knee_width_over_lift": _MeasureLocation(0, LAST, "under", "where the knees are farthest in"),
    "knee_width_over_ascent": _MeasureLocation(HALF, LAST, "under", "where the knees are farthest in"),
    "bar_offset": _MeasureLocation(0, LAST, "most", "where the bar is farthest from the feet"),
    "bar_lost": _MeasureLocation(0, HALF, "sunk", "where the bar has sunk farthest"),
    "descent_time_s": _MeasureLocation(0, HALF, "most", "where it goes down fastest"),
    "lowering_to_lifting_time": _MeasureLocation(HALF, LAST, "most", "where the bar comes down fastest"),
}
"""Measure of a fault → where that is to be seen; all others where the rep is farthest off, in the fault's phase."""


def key_moment(
    curve: RepCurve | None, window: RepWindow, fault: Fault | None, table: FaultTable, at_s: float | None = None
) -> KeyMoment:
    """The moment of a rep.

    curve: the one that tells most of it. fault: the one that is told of; None where it is how the rep was. at_s: the
    moment of which is told where there is neither; the turn where that is not known.
    """
    if fault is None:
        if curve is not None and curve.usual is not None:
            return _at(curve.at, window, _farthest(curve), table)
        point = HALF if at_s is None else point_of(at_s, window)
        return _at(point, window, "where most is told of", table, ring=False)
    begins = point_of(fault.at_s, window)
    measure = None if curve is None else _measure(fault, curve, table)
    if curve is not None and measure is not None:
        place = _LOCATIONS.get(measure)
        if place is not None:
            found = _pick(place, curve, begins)
            if found is not None:
                return _at(found, window, place.where, table, wide=place.last - place.first > 2 * TURN)
        elif curve.usual is not None:
            near = slice(begins, begins + AFTER + 1)
            return _at(begins + int(np.argmax(np.abs(_off(curve))[near])), window, _farthest(curve), table)
    return _at(begins, window, "where that part begins", table, ring=False)


def point_of(at_s: float, window: RepWindow) -> int:
    """The point of a curve that a time is at: the nearest that the rep has."""
    return round(float(np.interp(at_s, [window.start_s, window.turn_s, window.end_s], [0, HALF, LAST])))


def _at(
    point: int, window: RepWindow, where: str, table: FaultTable, *, ring: bool = True, wide: bool = False
) -> KeyMoment:
    """wide: it may lie in another part of the rep than the one the fault is told from."""
    there = 0 if point < HALF - TURN else 1 if point <= HALF + TURN else 2
    return KeyMoment(
        point=point,
        into_s=time_at(point, window) - window.start_s,
        where=where,
        part=PARTS[table.travel][there] if wide else "",
        ring=ring,
    )


def _measure(fault: Fault, curve: RepCurve, table: FaultTable) -> str | None:
    """The measure of a fault that a curve shows; None where it shows something else."""
    known = table.faults.get(fault.name)
    speed = "bar_speed" if table.travel == "bar" else "hip_speed"
    for sign in () if known is None else known.signs:
        way = speed if sign.measure in TIMES else OF_MEASURE.get(sign.measure)
        if way is not None and WAYS[way].words == curve.words:
            return sign.measure
    return None


def _pick(place: _MeasureLocation, curve: RepCurve, begins: int) -> int | None:
    """None where there is no such point."""
    first = min(max(place.first, begins), place.last) if place.pick == "sunk" else place.first
    values = curve.rep[first : place.last + 1]
    if place.pick == "under":
        return None if curve.usual is None else first + int(np.argmin(_off(curve)[first : place.last + 1]))
    if place.pick != "sunk":
        return first + int(np.argmax(values) if place.pick == "most" else np.argmin(values))
    sunk = np.maximum.accumulate(values) - values
    deepest = int(np.argmax(sunk))
    return first + deepest if sunk[deepest] > LEAST_SUNK * np.ptp(curve.rep) else None


def _off(curve: RepCurve) -> np.ndarray:
    """(POINTS,) how far a rep is over the middle of its band, in half widths; 0 where it has none."""
    if curve.usual is None or curve.high is None:
        return np.zeros(POINTS)
    off: np.ndarray = (curve.rep - curve.usual) / (curve.high - curve.usual)
    return off


def _farthest(curve: RepCurve) -> str:
    return f"where it is farthest from {'your others' if curve.own else 'what is usual'}"
