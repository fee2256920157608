"""The density of a lifter's own latents, and how far a rep lies outside it.

A Gaussian kernel stands on each latent of the lifter's own good reps; the density is their mean, summed exactly. The
distance of a rep follows from its log density, in widths of these reps.

The prior of the variance is a scaled inverse chi-squared (Gelman et al., Bayesian Data Analysis, chapter 3), so a rep
is compared with a Student distribution: limits tighten with each own rep.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Annotated

import numpy as np
from pydantic import Field

KERNEL = 1.5  # width in the standard deviation of the lifter's reps; from 1 on it hardly matters (docs/lessons.md)
USUAL_DEVIATE = 2.05  # standard normal deviate at which limits are read off: 2 % of good reps are beyond it


@dataclass(frozen=True, slots=True, kw_only=True)
class WidthPrior:
    """Prior of how much a lifter's good reps of one set vary."""

    usual: Annotated[float, Field(gt=0)]  # root of the usual variance of a rep around its set, torso lengths
    freedom: Annotated[float, Field(gt=2)]  # degrees of freedom; fewer if lifters differ more
    of_rep: Annotated[float, Field(gt=0)]  # degrees of freedom that each further rep of a set adds
    out: Annotated[float, Field(gt=0, lt=1)] = 0.5  # share of the usual variance that lies on the way to the turn

    def known(self, points: np.ndarray) -> float:
        """Share of the usual variance that lies in the known numbers of a trajectory."""
        out, back = np.isfinite(points).reshape(2, -1).mean(1)
        return float(self.out * out + (1 - self.out) * back)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Density:
    latents: np.ndarray  # (n, K) of the own good reps
    weights: np.ndarray  # (n,) of their kernels; their sum is 1
    deviation: float  # standard deviation of the lifter's reps around their set, as a length of latents
    freedom: float  # degrees of freedom of `deviation`; infinite where it is known
    known: float = 1.0  # as WidthPrior's, of its reps

    @property
    def width(self) -> float:
        """Root mean square distance of a further good rep from the mean of these, torso lengths."""
        return self.deviation * math.sqrt(1 + 1 / len(self.latents))

    @property
    def caution(self) -> float:
        """Factor by which limits are wider than with a known width."""
        return 1.0 if math.isinf(self.freedom) else t_of_normal(USUAL_DEVIATE, self.freedom) / USUAL_DEVIATE

    def log_density(self, latent: np.ndarray) -> float:
        """Natural logarithm of the density at a latent (K,), relative to the peak of a single kernel."""
        squares = ((self.latents - latent) ** 2).sum(1) / (KERNEL * self.deviation) ** 2
        exponents = np.log(self.weights) - squares / 2
        largest = float(exponents.max())
        return largest + math.log(float(np.exp(exponents - largest).sum()))

    def distance(self, latent: np.ndarray) -> float:
        """How far a latent (K,) lies from the own ones beyond their own differences, torso lengths."""
        own = self.deviation**2 * (1 - 1 / len(self.latents))
        return math.sqrt(max(-2 * (KERNEL * self.deviation) ** 2 * self.log_density(latent) - own, 0.0))

    def usual_distance(self, share: float) -> float:
        """Quantile of how far each own latent lies from the others, torso lengths; infinite without others. share: of
        them within it."""
        if len(self.latents) < 2:
            return math.inf
        others = ~np.eye(len(self.latents), dtype=bool)
        weights = [self.weights[of] / self.weights[of].sum() for of in others]
        without = [replace(self, latents=self.latents[of], weights=w) for of, w in zip(others, weights, strict=True)]
        return float(np.quantile([of.distance(one) for of, one in zip(without, self.latents, strict=True)], share))


def density(
    latents: np.ndarray, sets: Sequence[np.ndarray], groups: Sequence[np.ndarray], prior: WidthPrior, known: float = 1.0
) -> Density:
    """latents: (n, K), n ≥ 1. sets, groups: indices of the reps of each set, and of each form, which weigh the same.
    known: as Density's."""
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


def t_of_normal(deviate: float, freedom: float) -> float:
    """Return the value of Student's t that is as unlikely as a standard normal deviate (Wallace 1959, Annals of
    Mathematical Statistics 30:1124). It is off by less than .12 up to 4, from 3 degrees of freedom on."""
    scaled = deviate * (8 * freedom + 3) / (8 * freedom + 1)
    return math.copysign(math.sqrt(freedom * math.expm1(scaled * scaled / freedom)), deviate)
