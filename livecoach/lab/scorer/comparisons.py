"""Sets of reps as a scorer sees them: a few own good reps that came first, and the reps that they judge."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from livecoach.judging.encoder import filled
from livecoach.judging.reference import TURNS
from livecoach.lab.dataset import Reps
from livecoach.rep import trajectory
from livecoach.rep.trajectory import turned

LEAST_OWN = 2
NUMBERS = int(np.prod(trajectory.SHAPE))
"""Numbers of a trajectory."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ComparedSet:
    """The reps of one set, lifter and leg. N: numbers of a trajectory; values are changes from the own mean."""

    own: np.ndarray
    """(n, N) trajectories of the own reps, turned, less their mean."""
    own_rows: np.ndarray
    """(n,) numbers of these reps."""
    rest: np.ndarray
    """(m, N) trajectories of the reps that are judged, likewise."""
    rows: np.ndarray
    """(m,) their numbers."""
    readings: np.ndarray
    """(m, 2 + 2 M) their readings less the medians of the own reps'; NaN where unknown."""


def compared_sets(reps: Reps, own: int, everybody: np.ndarray) -> Iterator[ComparedSet]:
    """Yield each set with more good reps than LEAST_OWN: its first good ones, at most `own`, judge the others.

    everybody: the mean of all lifters, trajectory.SHAPE, for joints that no own rep has.
    """
    keys = np.char.add(np.char.add(reps.sets.astype(str), "|"), reps.fronts.astype(str))
    for key in dict.fromkeys(keys.tolist()):
        rows = np.flatnonzero(keys == key)
        first = rows[reps.good[rows]][:own]
        if len(first) < LEAST_OWN or len(rows) == len(first):
            continue
        rest = rows[~np.isin(rows, first)]
        own_points, mean = aligned(reps.trajectories[first].astype(float), everybody)
        judged = np.stack([filled(turned(points, mean), mean) for points in reps.trajectories[rest].astype(float)])
        yield ComparedSet(
            own=(own_points - mean).reshape(len(first), -1),
            own_rows=first,
            rest=(judged - mean).reshape(len(rest), -1),
            rows=rest,
            readings=reps.readings[rest] - medians(reps.readings[first]),
        )


def aligned(points: np.ndarray, everybody: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return trajectories (n, *SHAPE) turned to their mean, without gaps, and that mean, as a Reference has them."""
    mean = filled(points[0], everybody)
    for _ in range(TURNS):
        of_turned = np.stack([filled(turned(one, mean), mean) for one in points])
        mean = of_turned.mean(0)
    return of_turned, mean


def everybody_mean(reps: Reps) -> np.ndarray:
    """Return the mean over lifters of their good reps, trajectory.SHAPE, without gaps; all face the same way."""
    means = []
    for lifter in dict.fromkeys(reps.lifters.tolist()):
        points = reps.trajectories[(reps.lifters == lifter) & reps.good].astype(float)
        if len(points):
            means.append(np.nanmean(points, axis=0))
    mean: np.ndarray = np.nan_to_num(np.nanmean(means, axis=0))
    return mean


def medians(readings: np.ndarray) -> np.ndarray:
    """Return the medians of readings (n, k), each over the reps in which it is known; NaN where it is in none."""
    known = np.isfinite(readings).any(0)
    usual = np.full(readings.shape[1], np.nan)
    usual[known] = np.nanmedian(readings[:, known], axis=0)
    return usual
