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
    """earlier: good reps (n, D) of each earlier set; now: (n, D) of this one, which may have none."""
    precision, weighted = np.linalg.inv(levels.lifters), np.linalg.solve(levels.lifters, levels.usual)
    for reps in earlier:
        of_set = np.linalg.inv(levels.between + levels.within / len(reps))
        precision, weighted = precision + of_set, weighted + of_set @ reps.mean(0)
    of_lifter = np.linalg.inv(precision)
    mean, doubt = of_lifter @ weighted, of_lifter + levels.between
    if len(now):
        gain = np.linalg.solve(doubt + levels.within / len(now), doubt).T
        mean, doubt = mean + gain @ (now.mean(0) - mean), doubt - gain @ doubt
    return Belief(mean=mean, doubt=(doubt + doubt.T) / 2)
