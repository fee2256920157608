"""The posterior of a lifter's good reps in the set under way, given his reps so far: their mean and their scatter.

Four levels (Gelman et al. 2013, Bayesian Data Analysis, chapters 5 and 15): a rep around the mean of its set, a set
around its session, a session around the lifter, a lifter around the population. The covariance of reps around their set
has one shape for all lifters and a scale of its own for each, the *scatter*: it has a scaled inverse chi-squared prior
(chapter 3), so a rep is compared with a Student distribution, whose limits tighten as own reps come in.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from livecoach.frame.quantiles import median

WILD_SQUARE = 25.0
"""Limit, in squared standard deviations, of what one number of one rep may count: one gross error of the pose estimator
must not widen a lifter's limits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScatterPrior:
    """How the scatter differs between lifters; its usual value is 1."""

    freedom: float
    """Degrees of freedom of the prior: the fewer, the more lifters differ."""
    of_rep: float
    """Degrees of freedom that one more rep of a set adds: its numbers are correlated, so these are far fewer."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Levels:
    """The population's mean, and the covariance of each level, D dimensions."""

    usual: np.ndarray
    """(D,)"""
    within: np.ndarray
    """(D, D) covariance of reps around their set, for a scatter of 1."""
    sets: np.ndarray
    """(D, D) covariance of sets around their session."""
    sessions: np.ndarray
    """(D, D) covariance of sessions around their lifter."""
    lifters: np.ndarray
    """(D, D) covariance of lifters."""
    scatter: ScatterPrior


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class OwnReps:
    """The lifter's own good reps, arrays (n, D), one for each set."""

    sessions: Sequence[Sequence[np.ndarray]] = ()
    """The sets of each earlier session."""
    sets: Sequence[np.ndarray] = ()
    """Earlier sets of this session."""
    now: np.ndarray = field(default_factory=lambda: np.empty((0, 0)))
    """Reps of the set under way; none: shape (0, …)."""

    @property
    def all_sets(self) -> list[np.ndarray]:
        """Every set that has a rep."""
        every = [*(reps for session in self.sessions for reps in session), *self.sets, self.now]
        return [reps for reps in every if len(reps)]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Posterior:
    """The posterior of the good reps of the set under way."""

    mean: np.ndarray
    """(D,)"""
    covariance: np.ndarray
    """(D, D) covariance of the mean."""
    predictive: np.ndarray
    """(D, D) predictive covariance of the next good rep, the uncertainty of the mean included."""
    scatter: float
    """Scale of the covariance of reps around their set."""
    freedom: float
    """Degrees of freedom of `scatter`."""


def posterior(levels: Levels, own: OwnReps) -> Posterior:
    """Return the posterior given the lifter's own reps; without any it is the population.

    The lifter is learned as by a Kalman filter: one linear system for each session, earlier set, and the set itself.
    """
    scatter, freedom = scatter_of(levels, own.all_sets)
    within = scatter * levels.within
    mean, covariance = levels.usual, levels.lifters
    for session in own.sessions:
        around = levels.sessions + levels.sets / len(session) + within / _reps(session)
        mean, covariance = _learned(mean, covariance, around, session)
    covariance = covariance + levels.sessions
    if own.sets:
        around = levels.sets / len(own.sets) + within / _reps(own.sets)
        mean, covariance = _learned(mean, covariance, around, own.sets)
    covariance = covariance + levels.sets
    if len(own.now):
        mean, covariance = _learned(mean, covariance, within / len(own.now), (own.now,))
    covariance = (covariance + covariance.T) / 2
    return Posterior(mean=mean, covariance=covariance, predictive=covariance + within, scatter=scatter, freedom=freedom)


def scatter_of(levels: Levels, sets: Iterable[np.ndarray]) -> tuple[float, float]:
    """Return the posterior scatter of a lifter and its degrees of freedom, from how his reps differ within each set."""
    prior, variances, every = levels.scatter, np.diag(levels.within), list(sets)
    squares = [0.0] * len(every)
    for size in {len(reps) for reps in every}:  # sets of one size at once: a long history has a hundred sets
        places = [place for place, reps in enumerate(every) if len(reps) == size]
        alike = np.array([every[place] for place in places])
        off = alike - median(alike.swapaxes(0, 1))[:, None]
        sums = np.minimum(off**2 / variances, WILD_SQUARE).mean(-1).sum(-1)
        for place, square in zip(places, sums.tolist(), strict=True):
            squares[place] = square
    total = sum((prior.of_rep * square for square in squares), start=prior.freedom)
    freedom = sum((prior.of_rep * (len(reps) - 1) for reps in every), start=prior.freedom)
    return total / freedom, freedom


def normal_of_t(t: np.ndarray, freedom: float) -> np.ndarray:
    """Return the standard normal deviates that are as unlikely as values of Student's t (Wallace 1959, Annals of
    Mathematical Statistics 30:1124). They are off by less than .12 up to 4, from 3 degrees of freedom on."""
    size = np.sqrt(freedom * np.log1p(t * t / freedom)) * (8 * freedom + 1) / (8 * freedom + 3)
    deviates: np.ndarray = np.sign(t) * size
    return deviates


def t_of_normal(deviate: float, freedom: float) -> float:
    """Return the inverse of `normal_of_t`."""
    scaled = deviate * (8 * freedom + 3) / (8 * freedom + 1)
    return math.copysign(math.sqrt(freedom * math.expm1(scaled * scaled / freedom)), deviate)


def normal_of_f(ratio: float, above: float, below: float) -> float:
    """Return the standard normal deviate that is as unlikely as a value of F (Paulson 1942, Annals of Mathematical
    Statistics 13:233). above, below: degrees of freedom of numerator and denominator, 3 and more."""
    root, first, second = max(ratio, 0.0) ** (1 / 3), 2 / (9 * above), 2 / (9 * below)
    return ((1 - second) * root - (1 - first)) / math.sqrt(second * root * root + first)


def f_of_normal(deviate: float, above: float, below: float) -> float:
    """Return the inverse of `normal_of_f` for deviates of 0 and more; infinite where no value of F is as unlikely."""
    first, second = 2 / (9 * above), 2 / (9 * below)
    square = (1 - second) ** 2 - deviate**2 * second
    if square <= 0:
        return math.inf
    middle = (1 - first) * (1 - second)
    root = (middle + math.sqrt(max(middle**2 - square * ((1 - first) ** 2 - deviate**2 * first), 0.0))) / square
    return float(root**3)


def _reps(sets: Sequence[np.ndarray]) -> float:
    """Return the number of reps that the mean of the means of some sets is worth."""
    return len(sets) ** 2 / sum(1 / len(reps) for reps in sets)


def _learned(
    mean: np.ndarray, covariance: np.ndarray, around: np.ndarray, sets: Sequence[np.ndarray]
) -> tuple[np.ndarray, np.ndarray]:
    """Return mean and covariance after the mean of some sets, whose error has covariance `around`, is known."""
    seen = np.array([np.add.reduce(reps) / len(reps) for reps in sets]).mean(0)
    gain = np.linalg.solve(covariance + around, covariance).T
    return mean + gain @ (seen - mean), covariance - gain @ covariance
