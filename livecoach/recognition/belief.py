"""The belief over time: a forward filter of a hidden Markov model whose states are the exercises and none of them.

The network's posteriors of overlapping windows repeat one another. So each counts with a small power, which was chosen
on synthetic sets together with the rates at which the belief changes.
"""

from dataclasses import dataclass
from typing import Annotated

import numpy as np
from pydantic import Field

Share = Annotated[float, Field(gt=0, lt=1)]
LEAST_LOG = -7.0
"""Bound on the logarithm of one posterior: no single window rules an exercise out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BeliefRules:
    """How the network's posteriors are combined."""

    none_prior: Share
    """Probability of none of the exercises at the start."""
    weight: Share
    """Power of one posterior."""
    enters: Share
    """Probability per tick that an exercise begins where there was none."""
    leaves: Share
    """Probability per tick that an exercise ends."""
    sure: tuple[Share, ...]
    """Probability from which each exercise counts as recognised."""


def advance(
    shares: np.ndarray,
    log_posterior: np.ndarray,
    weight: float | np.ndarray,
    enters: float | np.ndarray,
    leaves: float | np.ndarray,
    begun: float | np.ndarray,
) -> np.ndarray:
    """Return the beliefs (..., 1 + exercises) after one tick.

    weight, enters, leaves: numbers, or (..., 1). begun: probability of each exercise that begins, (exercises,) or one
    for all.
    """
    none, within = shares[..., :1], shares[..., 1:]
    ended = within.sum(-1, keepdims=True) * leaves
    went_on = within * (1 - leaves) + none * enters * begun
    after = np.concatenate([none * (1 - enters) + ended, went_on], -1)
    after *= np.exp(weight * np.maximum(log_posterior, LEAST_LOG))
    out: np.ndarray = after / after.sum(-1, keepdims=True)
    return out


class Belief:
    """Probabilities of none (index 0) and of the exercises, one tick at a time."""

    def __init__(self, rules: BeliefRules, prior: np.ndarray) -> None:
        """prior: as in `forget`."""
        self._rules = rules
        self.forget(prior)

    def forget(self, prior: np.ndarray) -> None:
        """Go back to a prior: the probability of each exercise, given that it is one of them, (exercises,)."""
        self._prior = prior
        self.shares = np.append(self._rules.none_prior, (1 - self._rules.none_prior) * prior)

    def step(self, log_posterior: np.ndarray) -> None:
        """Take the next tick's logarithm of the network's posterior (1 + exercises,)."""
        rules = self._rules
        self.shares = advance(self.shares, log_posterior, rules.weight, rules.enters, rules.leaves, self._prior)
