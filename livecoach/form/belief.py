"""What is believed of a lifter's good reps in the set under way, from his reps so far: a normal distribution.

Three levels (Gelman and Hill 2007, 12): a rep around its set's mean, a set around its lifter's, a lifter around
everybody's. Reps of one set are tighter than reps of two, so reps of earlier sets leave room for a set to differ, and
each good rep of this one narrows it: the reference follows.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Levels:
    """How wide everything is, D dimensions."""

    usual: np.ndarray
    """(D,)"""
    within: np.ndarray
    between: np.ndarray
    lifters: np.ndarray
    """(D, D) covariances."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Belief:
    """Of the mean of this set's good reps."""

    mean: np.ndarray
    """(D,)"""
    doubt: np.ndarray
    """(D, D) covariance of the mean."""


def believed(levels: Levels, earlier: Sequence[np.ndarray], now: np.ndarray) -> Belief:
    """earlier: good reps (n, D) of each earlier set; now: (n, D) of this one, which may have none.

    The lifter is learned from one set after the other, as a Kalman filter does: one solution of a linear system a set.
    """
    mean, doubt = levels.usual, levels.lifters
    for reps in earlier:
        mean, doubt = _learned(mean, doubt, levels.between + levels.within / len(reps), reps)
    doubt = doubt + levels.between
    if len(now):
        mean, doubt = _learned(mean, doubt, levels.within / len(now), now)
    return Belief(mean=mean, doubt=(doubt + doubt.T) / 2)


def _learned(
    mean: np.ndarray, doubt: np.ndarray, around: np.ndarray, reps: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Mean and doubt after the mean of some reps, which is off by `around` (D, D), is known."""
    gain = np.linalg.solve(doubt + around, doubt).T
    return mean + gain @ (reps.mean(0) - mean), doubt - gain @ doubt
