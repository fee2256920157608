"""The rep that another one is set beside, and which moment of it."""

from collections.abc import Sequence

import numpy as np

from livecoach.curves.rep_curve import HALF, POINTS
from livecoach.judging.reference import SAME_VIEW_DEG
from livecoach.report.content import SessionRep
from livecoach.types import Observation, Rep, RepWindow, View

BY_TIME = 0.15
"""How much the share of the time counts beside that of the way: where nothing moves, as at lockout, it alone tells."""
LEAST_WAY = 0.05
"""Torsos: a way that is shorter tells nothing."""


def typical_rep(lifted: SessionRep, reps: Sequence[SessionRep]) -> SessionRep | RepWindow | None:
    """The lifter's own good rep that shows best how it is usually: the one most like all others, by its score.

    Of this session and seen from the same place, of the same set before another; else the newest own rep that judged
    it, which may be of another day; None where there is none.
    """
    good = [
        other
        for other in reps
        if other is not lifted and other.rep.verdict == "good" and other.window is not None and _alike(lifted, other)
    ]
    if good:
        return min(good, key=lambda other: (other.set_index != lifted.set_index, _score(other)))
    return next((kept for kept in reversed(lifted.against) if same_side(lifted.view, kept.view)), None)


def same_side(one: View | None, other: View | None) -> bool:
    """Whether two pictures can be set beside each other: seen from the same place, on the same side."""
    return one is not None and other is not None and abs(one.azimuth_deg - other.azimuth_deg) <= SAME_VIEW_DEG


def _alike(one: SessionRep, other: SessionRep) -> bool:
    return same_side(one.view, other.view)


def _score(lifted: SessionRep) -> float:
    return float("inf") if lifted.rep.score is None else lifted.rep.score


def time_at(point: float, rep: Rep | RepWindow) -> float:
    """When a rep is at a point of a curve, seconds: shares of the way out, then of the way back."""
    return float(np.interp(point, [0, HALF, POINTS - 1], [rep.start_s, rep.turn_s, rep.end_s]))


def matching_points(curve: np.ndarray | None, other: np.ndarray | None) -> np.ndarray:
    """(POINTS,) the points of another rep at which it is as far on its way as this one is at each of its own.

    curve, other: (POINTS,) height of the bar, or of the hips, of both; where one is not known, the share of the time
    counts. A bar that sinks on its way up is waited for.
    """
    points = np.arange(POINTS, dtype=float)
    if curve is None or other is None:
        return points
    ways, of_other = _progress(curve), _progress(other)
    return np.interp(ways, of_other, points)


def _progress(curve: np.ndarray) -> np.ndarray:
    """(POINTS,) rising from 0 to 1 on the way out, to 2 on the way back."""
    share = np.linspace(0.0, 1.0, HALF + 1)
    out = _share_of_way(curve[: HALF + 1])
    back = _share_of_way(curve[HALF:])
    halves = [BY_TIME * share + (1 - BY_TIME) * way for way in (out, back)]
    return np.concatenate([halves[0], 1.0 + halves[1][1:]])


def _share_of_way(heights: np.ndarray) -> np.ndarray:
    """From 0 at the first to 1 at the last, never falling."""
    whole = heights[-1] - heights[0]
    if abs(whole) < LEAST_WAY:
        return np.linspace(0.0, 1.0, len(heights))
    way: np.ndarray = np.maximum.accumulate(np.clip((heights - heights[0]) / whole, 0.0, 1.0))
    return way


def observation_at(window: RepWindow, t_s: float) -> Observation | None:
    """The observation of somebody that is nearest to a time; None without any."""
    seen = [o for o in window.observations if o.landmarks is not None]
    return min(seen, key=lambda o: abs(o.t_s - t_s), default=None)
