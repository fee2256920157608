"""Chooses the typical rep to compare a rep with, and matches the moments of the two."""

from collections.abc import Sequence

import numpy as np

from livecoach.curves import HALF, POINTS
from livecoach.judging.reference import SAME_VIEW_DEG
from livecoach.report.content import SessionRep
from livecoach.types import Observation, Rep, RepWindow, View

BY_TIME = 0.15
"""Weight of the share of time against the share of travel: where nothing moves, as at lockout, only time progresses."""
LEAST_TRAVEL = 0.05
"""Trunk lengths; travel shorter than this is noise."""


def typical_rep(entry: SessionRep, reps: Sequence[SessionRep]) -> SessionRep | RepWindow | None:
    """Return the lifter's most typical good rep: the one with the lowest score.

    Reps of this session from the same camera position come first, those of the same set before others. Failing that,
    the newest own rep that `entry` was judged against, which may be from another day. None if there is none.
    """
    good = [
        other
        for other in reps
        if other is not entry and other.rep.verdict == "good" and other.window is not None and _alike(entry, other)
    ]
    if good:
        return min(good, key=lambda other: (other.set_index != entry.set_index, _score(other)))
    return next((kept for kept in reversed(entry.against) if same_side(entry.view, kept.view)), None)


def same_side(one: View | None, other: View | None) -> bool:
    """Return whether two views are comparable: filmed from the same angle, on the same side."""
    return one is not None and other is not None and abs(one.azimuth_deg - other.azimuth_deg) <= SAME_VIEW_DEG


def _alike(one: SessionRep, other: SessionRep) -> bool:
    return same_side(one.view, other.view)


def _score(entry: SessionRep) -> float:
    return float("inf") if entry.rep.score is None else entry.rep.score


def time_at(point: float, rep: Rep | RepWindow) -> float:
    """Return the time, in seconds, at which a rep reaches a point of its curve.

    Points are shares of the outward phase up to HALF, then of the return phase.
    """
    return float(np.interp(point, [0, HALF, POINTS - 1], [rep.start_s, rep.turn_s, rep.end_s]))


def matching_points(curve: np.ndarray | None, other: np.ndarray | None) -> np.ndarray:
    """Return, for each point of a rep, the point at which another rep has progressed as far; (POINTS,).

    curve, other: (POINTS,) height of the bar or of the hips; if either is unknown, only the share of time counts.
    While a bar sinks on its way up, the matched point stays where it is.
    """
    points = np.arange(POINTS, dtype=float)
    if curve is None or other is None:
        return points
    return np.interp(_progress(curve), _progress(other), points)


def _progress(curve: np.ndarray) -> np.ndarray:
    """Return the progress through a rep, (POINTS,): from 0 to 1 on the way out, and on to 2 on the way back."""
    share = np.linspace(0.0, 1.0, HALF + 1)
    out = _share_of_travel(curve[: HALF + 1])
    back = _share_of_travel(curve[HALF:])
    halves = [BY_TIME * share + (1 - BY_TIME) * travel for travel in (out, back)]
    return np.concatenate([halves[0], 1.0 + halves[1][1:]])


def _share_of_travel(heights: np.ndarray) -> np.ndarray:
    """Return the share of the whole travel that is done at each point, from 0 to 1, never falling."""
    whole = heights[-1] - heights[0]
    if abs(whole) < LEAST_TRAVEL:
        return np.linspace(0.0, 1.0, len(heights))
    share: np.ndarray = np.maximum.accumulate(np.clip((heights - heights[0]) / whole, 0.0, 1.0))
    return share


def observation_at(window: RepWindow, t_s: float) -> Observation | None:
    """Return the observation with a pose that is nearest to a time; None if there is none."""
    seen = [o for o in window.observations if o.landmarks is not None]
    return min(seen, key=lambda o: abs(o.t_s - t_s), default=None)
