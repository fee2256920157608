"""The key moment of a rep: stills show it, clips pause at it, the ring marks it, and the text names it."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from livecoach.curves import AFTER, CURVE_KINDS, HALF, OF_MEASURE, POINTS, TIMES, RepCurve, RepParts
from livecoach.rep.measures import FaultTable
from livecoach.rep.travel import KINDS
from livecoach.report.typical_rep import time_at
from livecoach.types import Fault, RepWindow

TURN = 10
"""Points on either side of the turn that belong to it: a fifth of a phase."""
LEAST_SUNK = 0.03
"""Smallest dip of the bar that is shown, as a share of its travel: the jitter of estimated wrists. Our choice."""
LAST = POINTS - 1
Pick = Literal["most", "least", "under", "sunk"]
Span = Literal["whole", "up", "turn", "down"]


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyMoment:
    """The moment of a rep that is shown."""

    point: int
    """Point of the rep's curves, 0 to POINTS - 1."""
    into_s: float
    """Seconds into the rep."""
    where: str
    """Description of the place: "where the trunk leans most"."""
    part: str
    """Part of the rep in words; empty if it is the fault's own phase."""
    ring: bool
    """Whether the moment is a point on the curve, marked with a ring; otherwise it is the start of a phase."""

    @property
    def description(self) -> str:
        """The time and the place in words."""
        return f"{self.into_s:.1f} s into the rep, {self.where}"


@dataclass(frozen=True, slots=True)
class _MeasureLocation:
    """Where on its curve a measure shows."""

    span: Span
    """The part of the rep to search."""
    pick: Pick
    """The highest point, the lowest, the one farthest below the band, or the deepest dip."""
    where: str


_LOCATIONS: dict[str, _MeasureLocation] = {
    "most_trunk_lean_deg": _MeasureLocation("whole", "most", "where the trunk leans most"),
    "least_trunk_lean_deg": _MeasureLocation("whole", "least", "where the trunk leans back most"),
    "least_knee_angle_deg": _MeasureLocation("whole", "least", "where the knees are bent most"),
    "drive_knee_angle_deg": _MeasureLocation("up", "least", "where the knees are bent most"),
    "bottom_hip_angle_deg": _MeasureLocation("turn", "least", "where the hips are bent most"),
    "top_elbow_angle_deg": _MeasureLocation("turn", "most", "where the elbows are straightest"),
    "top_bar_offset": _MeasureLocation("turn", "most", "where the bar is farthest from the feet"),
    "lowered_bar_height": _MeasureLocation("down", "least", "where the bar is lowest"),
    "bottom_hip_share": _MeasureLocation("turn", "least", "where the hips are lowest"),
    "front_knee_past_toes": _MeasureLocation("turn", "most", "where the knees are farthest forward"),
    "bottom_hip_height": _MeasureLocation("turn", "least", "where the hips are lowest"),
    "bottom_knee_angle_deg": _MeasureLocation("turn", "least", "where the knees are bent most"),
    "knees_past_toes": _MeasureLocation("turn", "most", "where the knees are farthest forward"),
    "knee_width_over_lift": _MeasureLocation("whole", "under", "where the knees are farthest in"),
    "knee_width_over_ascent": _MeasureLocation("up", "under", "where the knees are farthest in"),
    "bar_offset": _MeasureLocation("whole", "most", "where the bar is farthest from the feet"),
    "bar_lost": _MeasureLocation("up", "sunk", "where the bar has sunk farthest"),
    "descent_time_s": _MeasureLocation("down", "most", "where it goes down fastest"),
    "lowering_to_lifting_time": _MeasureLocation("down", "most", "where the bar comes down fastest"),
}
"""Measure of a fault → where it shows; other measures show where the rep deviates most, in the fault's phase."""


def key_moment(
    curve: RepCurve | None,
    window: RepWindow,
    fault: Fault | None,
    table: FaultTable,
    parts: RepParts,
    at_s: float | None = None,
) -> KeyMoment:
    """Find the key moment of a rep.

    curve: the most informative curve. fault: the fault to show; None to show the rep as a whole. parts: names of the
    rep's parts. at_s: the moment to use if there is neither; None for the turn.
    """
    if fault is None:
        if curve is not None and curve.usual is not None:
            return _at(curve.at, window, "where it is farthest from your others", parts)
        point = HALF if at_s is None else point_of(at_s, window)
        return _at(point, window, "where the deviation is largest", parts, ring=False)
    begins = point_of(fault.at_s, window)
    measure = None if curve is None else _measure(fault, curve, table)
    if curve is not None and measure is not None:
        place = _LOCATIONS.get(measure)
        if place is not None:
            found = _pick(place, curve, begins, up_first=KINDS[table.travel].up_first)
            if found is not None:
                return _at(found, window, place.where, parts, wide=place.span != "turn")
        elif curve.usual is not None:
            near = slice(begins, begins + AFTER + 1)
            return _at(
                begins + int(np.argmax(np.abs(_off(curve))[near])),
                window,
                "where it is farthest from your others",
                parts,
            )
    return _at(begins, window, "where that part begins", parts, ring=False)


def point_of(at_s: float, window: RepWindow) -> int:
    """Return the point of a curve at a time, clamped to the rep."""
    return round(float(np.interp(at_s, [window.start_s, window.turn_s, window.end_s], [0, HALF, LAST])))


def _at(
    point: int, window: RepWindow, where: str, parts: RepParts, *, ring: bool = True, wide: bool = False
) -> KeyMoment:
    """Build the moment. wide: it may lie in another part of the rep than the fault's phase."""
    there = 0 if point < HALF - TURN else 1 if point <= HALF + TURN else 2
    return KeyMoment(
        point=point,
        into_s=time_at(point, window) - window.start_s,
        where=where,
        part=parts.ways[there] if wide else "",
        ring=ring,
    )


def _measure(fault: Fault, curve: RepCurve, table: FaultTable) -> str | None:
    """Return the measure of a fault that a curve shows; None if it shows something else."""
    known = table.faults.get(fault.name)
    speed = "bar_speed" if KINDS[table.travel].of_hands else "hip_speed"
    for sign in () if known is None else known.signs:
        way = speed if sign.measure in TIMES else OF_MEASURE.get(sign.measure)
        if way is not None and CURVE_KINDS[way].words == curve.words:
            return sign.measure
    return None


def _pick(place: _MeasureLocation, curve: RepCurve, begins: int, *, up_first: bool) -> int | None:
    """Return the point that a location names; None if the curve has no such point. up_first: the rep goes up first."""
    first, last = _points(place.span, up_first=up_first)
    if place.pick == "sunk":
        first = min(max(first, begins), last)
    values = curve.rep[first : last + 1]
    if place.pick == "under":
        return None if curve.usual is None else first + int(np.argmin(_off(curve)[first : last + 1]))
    if place.pick != "sunk":
        return first + int(np.argmax(values) if place.pick == "most" else np.argmin(values))
    sunk = np.maximum.accumulate(values) - values
    deepest = int(np.argmax(sunk))
    return first + deepest if sunk[deepest] > LEAST_SUNK * np.ptp(curve.rep) else None


def _points(span: Span, *, up_first: bool) -> tuple[int, int]:
    """Return the first and the last point of a part of the rep."""
    if span == "whole":
        return 0, LAST
    if span == "turn":
        return HALF - TURN, HALF + TURN
    return (0, HALF) if (span == "up") == up_first else (HALF, LAST)


def _off(curve: RepCurve) -> np.ndarray:
    """Return the deviation from the middle of the band, (POINTS,), in half widths of the band; 0 without a band."""
    if curve.usual is None or curve.high is None:
        return np.zeros(POINTS)
    off: np.ndarray = (curve.rep - curve.usual) / (curve.high - curve.usual)
    return off
