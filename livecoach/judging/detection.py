"""Detection: how a rep differs from the lifter's own good reps, as a whole and by the signature of each fault.

A fault moves the whole vector of a rep in a direction of its own, its *signature*: knees that come in show in the
knees, and in what the pose estimator makes of hips and feet. Generalized least squares estimates how much of a
signature a rep has (Kay 1993, Fundamentals of Statistical Signal Processing, chapter 4): the amplitude is weighted by
what good reps of this lifter differ by, so directions in which the estimator errs count little. Divided by its standard
deviation it is the most powerful test of that fault.
"""

import math
from dataclasses import dataclass

import numpy as np

from livecoach.judging.population import Band, Population
from livecoach.judging.posterior import Posterior, f_of_normal, normal_of_t, t_of_normal
from livecoach.judging.rep_vector import RepVector

FARTHEST = 15.0
"""Limit of a deviation, in spreads of good reps: one that is farther off counts as that far."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Detection:
    """A rep compared with a posterior. K: signatures, as in Population.signatures."""

    amplitudes: np.ndarray
    """(K,) amplitude of each signature; 1 is a difference just worth reporting."""
    spreads: np.ndarray
    """(K,) standard deviation of `amplitudes` in a good rep."""
    deviates: np.ndarray
    """(K,) amplitude over spread, as a standard normal deviate: with few own reps less than the quotient."""
    correlations: np.ndarray
    """(K, K) correlations of the amplitudes in good reps."""
    freedom: float
    """Degrees of freedom of the spreads."""
    distance: float
    """Root mean square of how far the rep is off along the band's directions, in standard deviations."""
    parts: np.ndarray
    """(D,) contribution of each part of the vector to the squared distance."""

    def amplitude_at(self, deviate: float, index: int) -> float:
        """Return the amplitude of a signature that is as unlikely in a good rep as a standard normal deviate."""
        return t_of_normal(deviate, self.freedom) * float(self.spreads[index])

    def distance_at(self, deviate: float, population: Population) -> float:
        """Return the distance that is as unlikely in a good rep as a standard normal deviate."""
        return math.sqrt(f_of_normal(deviate, population.distance_freedom, self.freedom))


def off(rep: RepVector, posterior: Posterior) -> np.ndarray:
    """Return the (D,) deviation of a rep from the mean; 0 where unknown."""
    return np.where(rep.known, np.clip(rep.vector - posterior.mean, -FARTHEST, FARTHEST), 0.0)


def detect(rep: RepVector, posterior: Posterior, band: Band) -> Detection:
    """Estimate the amplitude of each signature in a rep, and its distance as a whole."""
    difference = off(rep, posterior)
    weights = np.linalg.solve(posterior.predictive, band.signatures.T)
    information = band.signatures @ weights
    power = np.maximum(np.diag(information), 1e-12)
    spreads = 1 / np.sqrt(power)
    amplitudes = (difference @ weights) / power
    far, parts = _distance(difference, posterior, band)
    return Detection(
        amplitudes=amplitudes,
        spreads=spreads,
        deviates=normal_of_t(amplitudes / spreads, posterior.freedom),
        correlations=information * np.outer(spreads, spreads),
        freedom=posterior.freedom,
        distance=far,
        parts=parts,
    )


def _distance(difference: np.ndarray, posterior: Posterior, band: Band) -> tuple[float, np.ndarray]:
    along = band.directions
    pulled = np.linalg.solve(along.T @ posterior.predictive @ along, along.T @ difference)
    square = float((along.T @ difference) @ pulled) / along.shape[1]
    return math.sqrt(max(square, 0.0)), difference * (along @ pulled)
