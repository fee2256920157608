"""Simple scorers: principal components, Mahalanobis, nearest neighbours, directions in which lifters differ.

Each scores the difference of a rep from its reference (livecoach.lab.scorers.references), as one vector, and is fitted
to good reps only. Higher scores are stranger; they have no unit before a limit is set.
"""

from typing import Protocol

import numpy as np
from sklearn.covariance import ledoit_wolf

WILD = 8.0
"""Limit in spreads of good reps, to which values are clipped so that tails do not dominate a covariance."""
COMPONENTS = 40
NEIGHBOURS = 5
MOST_NEIGHBOURS = 4000
"""Most good reps to search."""
DIRECTIONS = 15
TRACED = 90
"""Number of principal components in which directions are searched."""


class ScorerKind(Protocol):
    """A kind of scorer."""

    name: str

    def fit(self, good: np.ndarray, lifters: np.ndarray) -> None:
        """Fit the scorer. good: (n, D) differences of good reps. lifters: (l, D) mean reps of the lifters."""
        ...

    def scores(self, reps: np.ndarray) -> np.ndarray:
        """Return the scores of reps (m, D), (m,)."""
        ...


class PcaResidual:
    """Score: residual of a rep outside the first principal components of good reps."""

    name = "PCA residual"

    def fit(self, good: np.ndarray, lifters: np.ndarray) -> None:  # noqa: ARG002
        self._mean = good.mean(0)
        self._axes = components(good - self._mean, COMPONENTS)

    def scores(self, reps: np.ndarray) -> np.ndarray:
        off = reps - self._mean
        left: np.ndarray = np.linalg.norm(off - off @ self._axes.T @ self._axes, axis=1)
        return left


class Mahalanobis:
    """Score: Mahalanobis distance with the shrunk covariance of Ledoit and Wolf (2004)."""

    name = "Mahalanobis, shrunk"

    def fit(self, good: np.ndarray, lifters: np.ndarray) -> None:  # noqa: ARG002
        self._middle = np.median(good, axis=0)
        self._spread = spread_of(good - self._middle)
        covariance, _ = ledoit_wolf(self._scaled(good))
        values, axes = np.linalg.eigh(covariance)
        self._whitening = axes / np.sqrt(np.maximum(values, 1e-9))

    def scores(self, reps: np.ndarray) -> np.ndarray:
        found: np.ndarray = np.sqrt(((self._scaled(reps) @ self._whitening) ** 2).mean(1))
        return found

    def _scaled(self, reps: np.ndarray) -> np.ndarray:
        return np.clip((reps - self._middle) / self._spread, -WILD, WILD)


class NearestNeighbours:
    """Score: mean distance to the nearest good reps in whitened principal components."""

    name = "nearest neighbours"

    def fit(self, good: np.ndarray, lifters: np.ndarray) -> None:  # noqa: ARG002
        self._mean = good.mean(0)
        axes = components(good - self._mean, COMPONENTS)
        self._whitening = axes.T / spread_of((good - self._mean) @ axes.T)
        self._points = ((good - self._mean) @ self._whitening)[:MOST_NEIGHBOURS]

    def scores(self, reps: np.ndarray) -> np.ndarray:
        at = (reps - self._mean) @ self._whitening
        return np.array([np.sort(np.linalg.norm(self._points - one, axis=1))[:NEIGHBOURS].mean() for one in at])


class Directions:
    """Score: distance along the directions in which lifters differ most, relative to a lifter's own variation.

    It is Fisher's discriminant analysis (generalised eigenvectors) with lifters as classes.
    """

    name = "directions between lifters"

    def fit(self, good: np.ndarray, lifters: np.ndarray) -> None:
        axes = components(good - good.mean(0), TRACED)
        within = _shrunk(good @ axes.T, 0.1)
        between = _shrunk((lifters - lifters.mean(0)) @ axes.T, 0.2)
        inverse = np.linalg.inv(np.linalg.cholesky(within))
        _, vectors = np.linalg.eigh(inverse @ between @ inverse.T)
        self._middle = good.mean(0)
        self._along = axes.T @ inverse.T @ vectors[:, ::-1][:, :DIRECTIONS]

    def scores(self, reps: np.ndarray) -> np.ndarray:
        found: np.ndarray = np.sqrt((((reps - self._middle) @ self._along) ** 2).mean(1))
        return found


SIMPLE: tuple[type[ScorerKind], ...] = (PcaResidual, Mahalanobis, NearestNeighbours, Directions)


def components(centred: np.ndarray, count: int) -> np.ndarray:
    """Return up to `count` principal components of (n, D), (count, D)."""
    if len(centred) < centred.shape[1]:
        return np.linalg.svd(centred, full_matrices=False)[2][:count]
    _, axes = np.linalg.eigh(centred.T.astype(np.float64) @ centred)
    return axes[:, ::-1][:, :count].T


def spread_of(centred: np.ndarray) -> np.ndarray:
    """Return robust standard deviations of (n, D) by the median absolute deviation, (D,)."""
    found: np.ndarray = 1.4826 * np.median(np.abs(centred), axis=0) + 1e-3
    return found


def _shrunk(rows: np.ndarray, share: float) -> np.ndarray:
    """Return the covariance of (n, k) with its off-diagonal elements shrunk by a share."""
    spread = spread_of(rows - np.median(rows, axis=0))
    found = np.cov(np.clip(rows - np.median(rows, axis=0), -WILD * spread, WILD * spread), rowvar=False)
    shrunk: np.ndarray = (1 - share) * found + share * np.diag(np.diag(found)) + 1e-9 * np.eye(len(found))
    return shrunk
