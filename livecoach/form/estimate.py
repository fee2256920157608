"""How far each measure of a rep is off the lifter's own, told from all that was seen of the rep.

A pose estimator's error in one measure is mostly told by its errors in others: a hip that is seen too low makes the
trunk longer as well as the knee bent. So a measure is not read off alone. Its true change is estimated from the whole
vector, by the linear estimate of least mean square error (Kay, Fundamentals of statistical signal processing, 1993,
chapter 12), given what reps and lifters do and what is not known of this lifter yet; docs/form.md has both beside each
other.
"""

from dataclasses import dataclass

import numpy as np

from livecoach.form.belief import Belief
from livecoach.form.population import Band
from livecoach.form.taken import Taken

FARTHEST = 10.0
"""Spreads of good reps: what is farther off counts as that far."""
LEAST_CERTAIN = 0.5
"""An estimate of least error comes out too small by the share of the variance that it explains, and is made larger by
that; a share under this is taken for this."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Estimate:
    """Of the M measures, each scaled as its sign says."""

    change: np.ndarray
    """(M,) off the lifter's own."""
    spread: np.ndarray
    """(M,) standard deviation of `change` in a good rep."""


def off(rep: Taken, belief: Belief) -> np.ndarray:
    """(D,) how far a rep is off what is believed; 0 where unknown."""
    return np.where(rep.known, np.clip(rep.vector - belief.mean, -FARTHEST, FARTHEST), 0.0)


def estimate(difference: np.ndarray, belief: Belief, band: Band) -> Estimate:
    """difference: `off`."""
    weights = np.linalg.solve(band.spread + belief.doubt, band.cross).T
    certain = np.einsum("md,dm->m", weights, band.cross) / np.maximum(band.variance, 1e-12)
    weights = weights / np.clip(certain, LEAST_CERTAIN, 1.0)[:, None]
    variance = np.einsum("md,de,me->m", weights, belief.doubt + band.within, weights)
    return Estimate(change=weights @ difference, spread=np.sqrt(np.maximum(variance, 1e-12)))


def distance(difference: np.ndarray, belief: Belief, band: Band) -> tuple[float, np.ndarray]:
    """How far a rep is off what is believed, root mean square over the directions of form, in standard deviations; and
    (D,) what of it is each part of the vector's."""
    along = band.directions
    covariance = along.T @ (belief.doubt + band.within) @ along
    pulled = np.linalg.solve(covariance, along.T @ difference)
    square = float((along.T @ difference) @ pulled)
    return float(np.sqrt(max(square, 0.0) / along.shape[1])), difference * (along @ pulled)
