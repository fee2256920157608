"""The belief over time: a forward filter of a hidden Markov model whose states are the exercises and none of them.

The network's posteriors of overlapping windows repeat one another, so each counts with a small power, chosen on
synthetic sets.
"""

from dataclasses import dataclass
from typing import Annotated

import numpy as np
from pydantic import Field

Share = Annotated[float, Field(gt=0, lt=1)]
LEAST_LOG = -7.0
"""Of one posterior: no single window rules an exercise out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BeliefRules:
    none_prior: Share  # probability of none of the exercises at the start
    weight: Share  # power of one posterior
    enters: Share  # probability per tick that an exercise begins where there was none
    leaves: Share  # probability per tick that an exercise ends
    sure: tuple[Share, ...]  # probability from which each exercise is recognised


def advance(
    shares: np.ndarray,
    log_posterior: np.ndarray,
    weight: float | np.ndarray,
    enters: float | np.ndarray,
    leaves: float | np.ndarray,
    begun: float | np.ndarray,
) -> np.ndarray:
    """Return the beliefs (..., 1 + exercises) after one tick. weight, enters, leaves: numbers, or (..., 1). begun:
    probability of each exercise that begins, (exercises,) or one for all."""
    none, within = shares[..., :1], shares[..., 1:]
    ended = within.sum(-1, keepdims=True) * leaves
    went_on = within * (1 - leaves) + none * enters * begun
    after = np.concatenate([none * (1 - enters) + ended, went_on], -1)
    after *= np.exp(weight * np.maximum(log_posterior, LEAST_LOG))
    out: np.ndarray = after / after.sum(-1, keepdims=True)
    return out


class Belief:
    """Of none (index 0) and of the exercises, one tick at a time."""

    def __init__(self, rules: BeliefRules, prior: np.ndarray) -> None:
        self._rules = rules
        self.forget(prior)

    def forget(self, prior: np.ndarray) -> None:
        """prior: of each exercise, given that it is one of them, (exercises,)."""
        self._prior = prior
        self.shares = np.append(self._rules.none_prior, (1 - self._rules.none_prior) * prior)

    def step(self, log_posterior: np.ndarray) -> None:
        """log_posterior: the network's for the next tick, (1 + exercises,)."""
        rules = self._rules
        self.shares = advance(self.shares, log_posterior, rules.weight, rules.enters, rules.leaves, self._prior)
