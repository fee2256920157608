"""Sets of reps as a scorer sees them: a few own good reps that came first, and the reps that they judge."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from livecoach.judging.encoder import placed
from livecoach.judging.reference import aligned, medians
from livecoach.lab.dataset import Reps
from livecoach.rep import trajectory

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
    for first, rest in own_and_judged(reps, own):
        if len(first) < LEAST_OWN:
            continue
        own_points, mean = aligned(reps.trajectories[first].astype(float), everybody)
        judged = np.stack([placed(points, mean) for points in reps.trajectories[rest].astype(float)])
        yield ComparedSet(
            own=(own_points - mean).reshape(len(first), -1),
            own_rows=first,
            rest=(judged - mean).reshape(len(rest), -1),
            rows=rest,
            readings=reps.readings[rest] - medians(reps.readings[first]),
        )


def own_and_judged(reps: Reps, own: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield for each set and leg the numbers of its first good reps, at most `own`, and those of the others."""
    keys = np.char.add(np.char.add(reps.sets.astype(str), "|"), reps.fronts.astype(str))
    for key in dict.fromkeys(keys.tolist()):
        rows = np.flatnonzero(keys == key)
        first = rows[reps.good[rows]][:own]
        if len(first) < len(rows):
            yield first, rows[~np.isin(rows, first)]


def everybody_mean(reps: Reps) -> np.ndarray:
    """Return the mean over lifters of their good reps, trajectory.SHAPE, without gaps; all face the same way."""
    means = []
    for lifter in dict.fromkeys(reps.lifters.tolist()):
        points = reps.trajectories[(reps.lifters == lifter) & reps.good].astype(float)
        if len(points):
            means.append(np.nanmean(points, axis=0))
    mean: np.ndarray = np.nan_to_num(np.nanmean(means, axis=0))
    return mean
