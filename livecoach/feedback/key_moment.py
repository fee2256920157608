"""Finds the key moment of a rep, which stills show, at which clips and loops pause, and which texts name."""

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from livecoach.core.types import Fault, Observation, Rep, RepWindow
from livecoach.decisions.rep.curves import (
    AFTER,
    CURVE_KINDS,
    HALF,
    POINTS,
    RepCurve,
    RepParts,
    curve_name,
    nearest_point,
)
from livecoach.decisions.rep.measures import FaultTable
from livecoach.decisions.rep.motion import KINDS

BY_TIME = 0.15  # Weight of the share of time, against the share of travel: at lockout only time progresses
LEAST_TRAVEL = 0.05  # Shortest travel, in trunk lengths; shorter travel is noise
TURN = 10  # Points on either side of the turn that belong to the turn: a fifth of a way
LEAST_SUNK = 0.03  # Smallest dip of the bar that is shown, as a share of its travel; less is jitter. Our choice
OFF_DEG = 3.0  # Largest difference between the angle at a ring and the stated angle; our choice
LAST = POINTS - 1  # The last point of a curve
BACK_MEASURE = "dorsal_sagitta"
"""Measure of the back's edge. The measure is a median over a part of the rep, so the key moment is where the curve has
this value, not where the curve has its extreme."""
CHANGE_MEASURES = ("trunk_change_to_knee_pass_deg", "trunk_change_early_ascent_deg")
"""Measures that are the difference between two points of a curve."""
Pick = Literal["most", "least", "under", "sunk", "begin"]
Span = Literal["whole", "up", "turn", "down"]


def time_of_point(point: float, rep: Rep | RepWindow) -> float:
    """Return the time in seconds at which a rep reaches a point of its curves.

    Args:
        point: Index of the point, 0 to POINTS - 1, which may lie between two points.
    """
    return float(np.interp(point, [0, HALF, POINTS - 1], [rep.start_s, rep.turn_s, rep.end_s]))


def matching_points(heights: np.ndarray | None, other_heights: np.ndarray | None) -> np.ndarray:
    """Return, for each point of a rep, the point at which another rep has progressed as far, (POINTS,).

    While a bar sinks during the ascent, the matched point hardly moves. If a height is unknown, only time counts.

    Args:
        heights: Height of the bar or hips in the rep, (POINTS,), in torso lengths; None if unknown.
        other_heights: The `heights` of the other rep; None if unknown.
    """
    points = np.arange(POINTS, dtype=float)
    if heights is None or other_heights is None:
        return points
    return np.interp(_progress(heights), _progress(other_heights), points)


def _progress(heights: np.ndarray) -> np.ndarray:
    """Return the progress through a rep, (POINTS,): from 0 to 1 on the way out, and on to 2 on the way back."""
    share = np.linspace(0.0, 1.0, HALF + 1)
    out = _share_of_travel(heights[: HALF + 1])
    back = _share_of_travel(heights[HALF:])
    halves = [BY_TIME * share + (1 - BY_TIME) * travel for travel in (out, back)]
    return np.concatenate([halves[0], 1.0 + halves[1][1:]])


def _share_of_travel(heights: np.ndarray) -> np.ndarray:
    """Return the share of the travel at each point, 0 to 1, which never falls; evenly spread below LEAST_TRAVEL."""
    whole = heights[-1] - heights[0]
    if abs(whole) < LEAST_TRAVEL:
        return np.linspace(0.0, 1.0, len(heights))
    share: np.ndarray = np.maximum.accumulate(np.clip((heights - heights[0]) / whole, 0.0, 1.0))
    return share


def nearest_observation(window: RepWindow, t_s: float) -> Observation | None:
    """Return the observation with a detected lifter that is nearest to time `t_s`; None without such an observation."""
    with_pose = [o for o in window.observations if o.landmarks is not None]
    return min(with_pose, key=lambda o: abs(o.t_s - t_s), default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyMoment:
    """The moment of a rep that shows a fault best or, without a fault, the rep's largest deviation."""

    point: int  # Point of the rep's curves, 0 to POINTS - 1
    into_s: float  # Time since the rep's start
    where: str  # Description of the place: "where the trunk leans most"; empty for the beginning of a phase
    part: str  # Part of the rep in words; empty if the phase of the fault names the part
    has_ring: bool  # Whether a ring marks the moment on the curve
    value_deg: float | None = None
    """Angle that the fault's text states, to be written next to the ring; None to write the smoothed curve's value."""


@dataclass(frozen=True, slots=True)
class _MeasureLocation:
    span: Span  # Part of the rep to search
    pick: Pick  # Highest point, lowest point, point farthest below the band, deepest dip, or beginning of the phase
    where: str  # The place in words


_LOCATIONS: dict[str, _MeasureLocation] = {
    "most_trunk_lean_deg": _MeasureLocation("whole", "most", "where the trunk leans most"),
    "least_trunk_lean_deg": _MeasureLocation("whole", "least", "where the trunk leans back most"),
    "least_knee_angle_deg": _MeasureLocation("whole", "least", "where the knees are bent most"),
    "lift_off_knee_angle_deg": _MeasureLocation("turn", "begin", "as the bar leaves the floor"),
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
    "descent_time_s": _MeasureLocation("down", "most", "where you go down fastest"),
    "lowering_to_lifting_ratio": _MeasureLocation("down", "most", "where the bar comes down fastest"),
}
"""Place of a fault on its curve, by the fault's measure. For other measures, the largest deviation in the phase."""


def find_key_moment(
    curve: RepCurve | None,
    window: RepWindow,
    fault: Fault | None,
    table: FaultTable,
    parts: RepParts,
    at_s: float | None = None,
) -> KeyMoment:
    """Find the moment of a rep that shows a fault best or, without a fault, the rep's largest deviation.

    Args:
        curve: The rep's most informative curve; None if unknown.
        fault: The fault to show; None to show the largest deviation of the rep.
        at_s: Time in seconds to show if `fault` is None and the usual curve of good reps is unknown; None for the turn.
    """
    if fault is None:
        if curve is not None and curve.usual is not None:
            return _moment_at(curve.marked_point, window, "where it differs most from your other reps", parts)
        point = HALF if at_s is None else nearest_point(at_s, window)
        return _moment_at(point, window, "where the deviation is largest", parts, has_ring=False)
    begins = _beginning(fault, window, table)
    measure = None if curve is None else _measure(fault, curve, table)
    if curve is not None and measure is not None:
        place, has_values = _LOCATIONS.get(measure), bool(fault.finding_and_values[1])
        states_angle = fault.unit == curve.unit == "deg" and measure not in CHANGE_MEASURES and has_values
        stated_deg = fault.measure if states_angle else None
        if place is not None:
            picked = _pick(place, curve, begins, up_first=KINDS[table.travel].up_first)
            if picked is not None:
                moment = _moment_at(picked, window, place.where, parts, wide=place.span != "turn")
                # A rep's curve may begin after the lift-off: then it lacks the measured value.
                off_deg = 0.0 if stated_deg is None else abs(curve.values[picked] - stated_deg)
                is_off = place.pick == "begin" and off_deg > OFF_DEG
                return replace(moment, has_ring=not is_off, value_deg=stated_deg)
        elif stated_deg is not None:
            nearest = begins + int(np.argmin(np.abs(curve.values[begins : begins + AFTER + 1] - stated_deg)))
            return replace(_moment_at(nearest, window, "where it was measured", parts), value_deg=stated_deg)
        elif curve.usual is not None:
            measured = measure == BACK_MEASURE and has_values
            difference = (fault.measure - fault.ref) * curve.per_unit
            off = np.abs(curve.values - curve.usual - difference) if measured else -np.abs(_deviation(curve))
            part = off[begins : begins + AFTER + 1]
            if np.isfinite(part).any():
                where = "where it was measured" if measured else "where it differs most from your other reps"
                return _moment_at(begins + int(np.nanargmin(part)), window, where, parts)
    return _moment_at(begins, window, "", parts, has_ring=False)


def _beginning(fault: Fault, window: RepWindow, table: FaultTable) -> int:
    """Return the point of the fault's time, but not before the turn for a fault of the way back."""
    begins = nearest_point(fault.at_s, window)
    back = ("descent", "lowering") if KINDS[table.travel].up_first else ("ascent",)
    return max(begins, HALF) if fault.phase in back else begins


def _moment_at(
    point: int, window: RepWindow, where: str, parts: RepParts, *, has_ring: bool = True, wide: bool = False
) -> KeyMoment:
    # A wide search may leave the fault's phase, so the moment names the part of the rep.
    there = 0 if point < HALF - TURN else 1 if point <= HALF + TURN else 2
    return KeyMoment(
        point=point,
        into_s=time_of_point(point, window) - window.start_s,
        where=where,
        part=parts.ways[there] if wide else "",
        has_ring=has_ring,
    )


def _measure(fault: Fault, curve: RepCurve, table: FaultTable) -> str | None:
    """Return the measure of a fault that a curve shows; None if the curve shows none of the fault's measures."""
    known = table.faults.get(fault.name)
    for sign in () if known is None else known.signs:
        kind = curve_name(sign.measure, table)
        if kind is not None and CURVE_KINDS[kind].words == curve.words:
            return sign.measure
    return None


def _pick(place: _MeasureLocation, curve: RepCurve, begins: int, *, up_first: bool) -> int | None:
    """Return the point of a curve that a location names; None if the curve lacks it."""
    if place.pick == "begin":
        return begins
    first, last = _points(place.span, up_first=up_first)
    if place.pick == "sunk":
        first = min(max(first, begins), last)
    values = curve.values[first : last + 1]
    if place.pick == "under":
        return None if curve.usual is None else first + int(np.argmin(_deviation(curve)[first : last + 1]))
    if place.pick != "sunk":
        return first + int(np.argmax(values) if place.pick == "most" else np.argmin(values))
    sunk = np.maximum.accumulate(values) - values
    deepest = int(np.argmax(sunk))
    return first + deepest if sunk[deepest] > LEAST_SUNK * np.ptp(curve.values) else None


def _points(span: Span, *, up_first: bool) -> tuple[int, int]:
    if span == "whole":
        return 0, LAST
    if span == "turn":
        return HALF - TURN, HALF + TURN
    return (0, HALF) if (span == "up") == up_first else (HALF, LAST)


def _deviation(curve: RepCurve) -> np.ndarray:
    """Return the deviation from good reps, (POINTS,), in half widths of their band if known; 0 without good reps."""
    if curve.usual is None:
        return np.zeros(POINTS)
    off: np.ndarray = curve.values - curve.usual
    return off if curve.high is None else off / (curve.high - curve.usual)
