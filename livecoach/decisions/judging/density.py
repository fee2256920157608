"""Estimates the density of the latents of good reps, and the distance of a rep from the density.

The good reps are a lifter's own or, as long as no rep of the lifter is known, of many synthetic lifters. A Gaussian
kernel stands on the latent of each good rep; the density is the weighted sum of the kernels. The distance of a rep
follows from its log density, and is 0 for a rep within the usual variation.

The prior of the variance is a scaled inverse chi-squared (Gelman et al., Bayesian Data Analysis, chapter 3), so a rep
is compared with a Student distribution: limits tighten with each own rep.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Annotated

import numpy as np
from pydantic import Field

KERNEL = 1.5  # Width of a kernel in standard deviations of the lifter's reps; from 1 on it hardly matters (lessons.md)
USUAL_DEVIATE = 2.05  # Standard normal deviate at which limits are read off: 2 % of good reps are beyond it


@dataclass(frozen=True, slots=True, kw_only=True)
class WidthPrior:
    """The prior distribution of the variance of a lifter's good reps around the mean of their set."""

    usual: Annotated[float, Field(gt=0)]  # Root of the usual variance of a rep around its set, in torso lengths
    freedom: Annotated[float, Field(gt=2)]  # Degrees of freedom; fewer if lifters differ more
    of_rep: Annotated[float, Field(gt=0)]  # Degrees of freedom that each rep of a set after its first adds
    out: Annotated[float, Field(gt=0, lt=1)] = 0.5  # Share of the usual variance that lies on the way to the turn

    def known_share(self, points: np.ndarray) -> float:
        """Return the share of the usual variance that lies in the known coordinates of a trajectory."""
        out, back = np.isfinite(points).reshape(2, -1).mean(1)
        return float(self.out * out + (1 - self.out) * back)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Density:
    """The probability density of the latents of good reps: a lifter's own reps, or everybody's."""

    latents: np.ndarray  # (n, K) latents of the good reps
    weights: np.ndarray  # (n,) weights of their kernels, which sum to 1
    deviation: float
    """Standard deviation of a lifter's reps around their set, or of everybody's reps around their mean, as a length of
    latents."""
    freedom: float  # Degrees of freedom of `deviation`; infinite if it is known
    known: float = 1.0  # Share of the usual variance that lies in the known coordinates of the reps' trajectories

    @property
    def width(self) -> float:
        """The usual distance of another good rep from the mean of the reps (root mean square), in torso lengths."""
        return self.deviation * math.sqrt(1 + 1 / len(self.latents))

    @property
    def caution(self) -> float:
        """The factor by which limits widen because the width is only estimated; 1 if the width is known."""
        return 1.0 if math.isinf(self.freedom) else equivalent_student_t(USUAL_DEVIATE, self.freedom) / USUAL_DEVIATE

    def log_density(self, latent: np.ndarray) -> float:
        """Return the natural logarithm of the density at a latent (K,), relative to the peak of a single kernel."""
        squares = ((self.latents - latent) ** 2).sum(1) / (KERNEL * self.deviation) ** 2
        exponents = np.log(self.weights) - squares / 2
        largest = float(exponents.max())
        return largest + math.log(float(np.exp(exponents - largest).sum()))

    def distance(self, latent: np.ndarray) -> float:
        """Return the distance of a latent (K,) from the good reps in torso lengths; 0 within their usual variation."""
        own = self.deviation**2 * (1 - 1 / len(self.latents))
        return math.sqrt(max(-2 * (KERNEL * self.deviation) ** 2 * self.log_density(latent) - own, 0.0))

    def usual_distance(self, share: float) -> float:
        """Return the quantile `share` of good reps' distances from others, in torso lengths; infinite for 1 rep."""
        if len(self.latents) < 2:
            return math.inf
        far = []
        for place, latent in enumerate(self.latents):
            weights = np.delete(self.weights, place)
            others = replace(self, latents=np.delete(self.latents, place, 0), weights=weights / weights.sum())
            far.append(others.distance(latent))
        return float(np.quantile(far, share))


def estimate_density(
    latents: np.ndarray,
    sets: Iterable[np.ndarray | Sequence[int]],
    groups: Sequence[np.ndarray | Sequence[int]],
    prior: WidthPrior,
    known: float = 1.0,
) -> Density:
    """Estimate the density of the latents of a lifter's reps.

    Args:
        latents: (n, K) latents of at least one rep.
        sets: Indices of the reps of each set.
        groups: Indices of the reps of each form; each form has the same weight.
        known: Share of the usual variance that lies in the known coordinates of the reps' trajectories.
    """
    squares, more = 0.0, 0
    for places in sets:
        of_set = latents[places]
        squares += float(((of_set - of_set.mean(0)) ** 2).sum())
        more += len(of_set) - 1
    freedom = prior.freedom + prior.of_rep * more
    square = (prior.freedom * known * prior.usual**2 + prior.of_rep * squares) / freedom
    weights = np.empty(len(latents))
    for places in groups:
        weights[places] = 1 / (len(groups) * len(places))
    return Density(latents=latents, weights=weights, deviation=math.sqrt(square), freedom=freedom, known=known)


def equivalent_student_t(deviate: float, freedom: float) -> float:
    """Convert a standard normal deviate to the value of Student's t that is exceeded with the same probability.

    From 3 degrees of freedom on, the error is below .12 up to a deviate of 4 (Wallace 1959, Annals of Mathematical
    Statistics 30:1124).
    """
    scaled = deviate * (8 * freedom + 3) / (8 * freedom + 1)
    return math.copysign(math.sqrt(freedom * math.expm1(scaled * scaled / freedom)), deviate)
