"""What is believed over time: a forward filter of a hidden Markov model over the exercises and none of them.

The network's posteriors of windows that overlap repeat one another. So each counts with a small power, which was chosen
on synthetic sets together with how readily the belief changes.
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
    """How the network's posteriors are summed up."""

    none_prior: Share
    """Probability of none of the exercises at the start."""
    weight: Share
    """Power of one posterior."""
    enters: Share
    """Probability per tick that an exercise begins where there was none."""
    leaves: Share
    """Probability per tick that an exercise ends."""
    sure: tuple[Share, ...]
    """Probability from which each of the exercises is decided by."""


def advanced(
    shares: np.ndarray,
    log_posterior: np.ndarray,
    weight: float | np.ndarray,
    enters: float | np.ndarray,
    leaves: float | np.ndarray,
) -> np.ndarray:
    """Return the beliefs (..., 1 + exercises) after one tick. weight, enters, leaves: numbers, or (..., 1)."""
    none, within = shares[..., :1], shares[..., 1:]
    ended = within.sum(-1, keepdims=True) * leaves
    went_on = within * (1 - leaves) + none * enters / within.shape[-1]
    after = np.concatenate([none * (1 - enters) + ended, went_on], -1)
    after *= np.exp(weight * np.maximum(log_posterior, LEAST_LOG))
    out: np.ndarray = after / after.sum(-1, keepdims=True)
    return out


class Belief:
    """Probabilities of none (index 0) and of the exercises, one tick at a time."""

    def __init__(self, rules: BeliefRules, exercises: int) -> None:
        self._rules, self._exercises = rules, exercises
        self.shares = self._prior()

    def forget(self) -> None:
        """Go back to the prior."""
        self.shares = self._prior()

    def step(self, log_posterior: np.ndarray) -> None:
        """Take the next tick's logarithm of the network's posterior (1 + exercises,)."""
        rules = self._rules
        self.shares = advanced(self.shares, log_posterior, rules.weight, rules.enters, rules.leaves)

    def _prior(self) -> np.ndarray:
        rules, count = self._rules, self._exercises
        return np.array([rules.none_prior, *np.full(count, (1 - rules.none_prior) / count)])
