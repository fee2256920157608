"""Judges reps by the plainest scorer, which livecoach has to surpass: the distance from the mean of own good reps."""

from collections.abc import Sequence
from functools import cached_property

import numpy as np

from livecoach.core.types import RepWindow
from livecoach.decisions.rep.measured import MeasuredRep, latest_mirroring, measure_own_reps
from livecoach.decisions.rep.measures import FaultTable
from livecoach.decisions.rep.trajectory import align_heading

LIMIT = 2.3  # Distance, in the width of the own reps, above which a rep is flagged. Chosen on real sets (2026-11-26).


class PlainScorer:
    """A scorer without a model, which flags reps that are far from the mean trajectory of the lifter's own reps."""

    def __init__(self, known: Sequence[RepWindow], table: FaultTable) -> None:
        """Learn from the lifter's good reps."""
        self._own, self._table = measure_own_reps(known, table), table
        self._points = np.array([_points(rep) for rep in self._own])

    @cached_property
    def _width(self) -> float:
        """Typical distance of an own rep from the mean of the own reps."""
        points, count = self._points, len(self._points)
        squares = [_distance(rep, np.delete(points, i, 0).mean(0)) ** 2 for i, rep in enumerate(points)]
        # A rep is farther from the mean of the other reps than from the mean of as many reps as there are.
        return float(np.sqrt(np.mean(squares) * (1 + 1 / count) / (1 + 1 / (count - 1))))

    def flags(self, window: RepWindow | None) -> bool | None:
        """Return whether a rep is flagged; None if it is hardly visible, or there are fewer than two own reps."""
        if window is None or window.view is None or len(self._own) < 2:
            return None
        rep = MeasuredRep(window, self._table, mirrored=latest_mirroring(self._own, window.view.azimuth_deg))
        far = None if rep.normalised_rep is None else _distance(_points(rep), self._points.mean(0))
        return None if far is None else far > LIMIT * self._width


def _points(rep: MeasuredRep) -> np.ndarray:
    return np.nan_to_num(rep.trajectory)


def _distance(points: np.ndarray, mean: np.ndarray) -> float:
    """Return the root mean square distance from the mean, in torso lengths, after turning about the vertical."""
    return float(np.sqrt(np.mean((align_heading(points, mean) - mean) ** 2)))
