"""Simple scorers: principal components, Mahalanobis, nearest neighbours, directions in which lifters differ.

All see how far a rep is off what it is held against (livecoach.lab.scorers.references), as one vector, and are made
from good reps alone. A score is higher for a stranger rep and has no unit yet.
"""

from typing import Protocol

import numpy as np
from sklearn.covariance import ledoit_wolf

WILD = 8.0
"""Spreads of good reps beyond which a number counts as that far: tails must not rule a covariance."""
COMPONENTS = 40
NEIGHBOURS = 5
MOST_NEIGHBOURS = 4000
"""Good reps that are looked among."""
DIRECTIONS = 15
TRACED = 90
"""Principal components that directions are looked for in."""


class ScorerKind(Protocol):
    """A way of scoring."""

    name: str

    def fit(self, good: np.ndarray, lifters: np.ndarray) -> None:
        """good: (n, D) of good reps; lifters: (l, D) means of lifters, of all reps alike, how these differ."""
        ...

    def scores(self, reps: np.ndarray) -> np.ndarray:
        """(m,) of reps (m, D)."""
        ...


class PcaResidual:
    """What is left of a rep outside the first components of good ones."""

    name = "PCA residual"

    def fit(self, good: np.ndarray, lifters: np.ndarray) -> None:  # noqa: ARG002
        self._mean = good.mean(0)
        self._axes = components(good - self._mean, COMPONENTS)

    def scores(self, reps: np.ndarray) -> np.ndarray:
        off = reps - self._mean
        left: np.ndarray = np.linalg.norm(off - off @ self._axes.T @ self._axes, axis=1)
        return left


class Mahalanobis:
    """Distance by a covariance that is shrunk as Ledoit and Wolf (2004) have it."""

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
    """Mean distance to the nearest good reps, in whitened principal components."""

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
    """Distance along the directions in which lifters differ most beside what differs between a lifter's own reps.

    Fisher's discriminant analysis (generalized eigenvectors), with lifters for classes: as livecoach.judging.detection.
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
    """(count, D) principal components of (n, D), fewer where there are not as many."""
    if len(centred) < centred.shape[1]:
        return np.linalg.svd(centred, full_matrices=False)[2][:count]
    _, axes = np.linalg.eigh(centred.T.astype(np.float64) @ centred)
    return axes[:, ::-1][:, :count].T


def spread_of(centred: np.ndarray) -> np.ndarray:
    """(D,) standard deviations of (n, D), by the median: tails do not count."""
    found: np.ndarray = 1.4826 * np.median(np.abs(centred), axis=0) + 1e-3
    return found


def _shrunk(rows: np.ndarray, share: float) -> np.ndarray:
    """Covariance of (n, k) with its off-diagonal made smaller by a share."""
    spread = spread_of(rows - np.median(rows, axis=0))
    found = np.cov(np.clip(rows - np.median(rows, axis=0), -WILD * spread, WILD * spread), rowvar=False)
    shrunk: np.ndarray = (1 - share) * found + share * np.diag(np.diag(found)) + 1e-9 * np.eye(len(found))
    return shrunk
