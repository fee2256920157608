"""Recognise the exercise from observations, one after the other: ticks, features, network, belief.

The belief is a small recurrent network over the posteriors, because a window of a few seconds can't tell all: who sits
in the catch of a slow clean seems to squat, and only what came before says that it is none. The prior knows the
lifter's habits by the kept reps, which a recording holds too, so a replay believes the same.
"""

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from types import MappingProxyType
from typing import Annotated

import numpy as np
from pydantic import Field

from livecoach.core.model_files.model_folder import Numbers
from livecoach.core.types import Observation, RepWindow
from livecoach.core.types.feedback import LikelyExercise, Recognition
from livecoach.decisions.recognition.features import FEATURES, HEADING_TICKS, Ticks, features, sample
from livecoach.perception.body.body import Body

Share = Annotated[float, Field(gt=0, lt=1)]
TINY = 1e-9
LEAST_LOG, LOG_UNIT = -7.0, 3.0  # of one posterior: no single window rules an exercise out; and its unit as an input


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BeliefModel:
    """k gated recurrent units (Cho et al., 2014) of n numbers over the logarithms of the posteriors, averaged: trained
    from other random numbers, they err in other sets."""

    none_prior: Share  # probability of none of the exercises before the first tick
    inputs: Annotated[np.ndarray, Numbers(ndim=3)]  # (k, 3 n, 1 + exercises), like the next two of reset, update, new
    states: Annotated[np.ndarray, Numbers(ndim=3)]  # (k, 3 n, n)
    biases: Annotated[np.ndarray, Numbers(ndim=3)]  # (k, 2, 3 n), of inputs and of states
    output: Annotated[np.ndarray, Numbers(ndim=3)]  # (k, 1 + exercises, n)
    offsets: Annotated[np.ndarray, Numbers(ndim=2)]  # (k, 1 + exercises)
    sure: tuple[Share, ...]  # probability from which each exercise is recognised

    def __post_init__(self) -> None:
        units, outputs, n = self.output.shape
        shapes = (units, 3 * n, outputs), (units, 3 * n, n), (units, 2, 3 * n), (units, outputs)
        if tuple(one.shape for one in (self.inputs, self.states, self.biases, self.offsets)) != shapes:
            raise ValueError("belief: its arrays do not fit together")
        if len(self.sure) != outputs - 1:
            raise ValueError(f"belief: sure: expected {outputs - 1} numbers")


def belief_inputs(log_posteriors: np.ndarray) -> np.ndarray:
    inputs: np.ndarray = np.maximum(log_posteriors, LEAST_LOG) / LOG_UNIT
    return inputs


class Belief:
    """Of none (index 0) and of the exercises, one tick at a time."""

    def __init__(self, model: BeliefModel, prior: np.ndarray) -> None:
        self._model = model
        self.forget(prior)

    def forget(self, prior: np.ndarray) -> None:
        """prior: of each exercise, given that it is one of them, (exercises,)."""
        self._known = np.append(0.0, np.log(len(prior) * prior))  # what is known besides the ticks, log odds
        self._state = np.zeros((len(self._model.output), self._model.output.shape[2]))
        self.shares = np.append(self._model.none_prior, (1 - self._model.none_prior) * prior)

    def step(self, log_posterior: np.ndarray) -> None:
        """log_posterior: the network's for the next tick, (1 + exercises,)."""
        model = self._model
        given = np.split(model.inputs @ belief_inputs(log_posterior) + model.biases[:, 0], 3, axis=1)
        before = np.split(np.einsum("kij,kj->ki", model.states, self._state) + model.biases[:, 1], 3, axis=1)
        reset, kept = (1 / (1 + np.exp(-given[k] - before[k])) for k in (0, 1))
        self._state = (1 - kept) * np.tanh(given[2] + reset * before[2]) + kept * self._state
        odds = (np.einsum("kij,kj->ki", model.output, self._state) + model.offsets).mean(0) + self._known
        odds = np.exp(odds - odds.max())
        self.shares = odds / odds.sum()

    def learn(self, shares: np.ndarray) -> None:
        """From something besides the ticks, which holds from now on. shares: the beliefs with it."""
        self._known = self._known + np.log(np.maximum(shares, TINY) / np.maximum(self.shares, TINY))
        self.shares = shares


AGAIN = 0.5  # probability that a set is followed by one of the same exercise, whatever the habits. Our choice.
EVEN_SHARE = 0.5  # share of a prior that is the same for every exercise. Our choice, like the next one.
PSEUDO_SESSIONS = 2.0  # pseudo-count of each exercise: a single session is weak evidence


@dataclass(frozen=True, slots=True, kw_only=True)
class Habits:
    """How often each exercise was the first of a session, and how often it came after another one."""

    first: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    after: Mapping[tuple[str, str], int] = field(default_factory=lambda: MappingProxyType({}))
    """(Exercise of a set, exercise of the next set) → how often."""

    def prior(self, exercises: Sequence[str], before: str | None) -> np.ndarray:
        """Return (exercises,): probabilities, given that it is one of them. before: exercise of the set before; None at
        the beginning of a session."""
        counts = [
            self.first.get(name, 0) if before is None else self.after.get((before, name), 0) for name in exercises
        ]
        pretended = np.array(counts) + PSEUDO_SESSIONS
        prior: np.ndarray = EVEN_SHARE / len(exercises) + (1 - EVEN_SHARE) * pretended / pretended.sum()
        again = np.array([name == before for name in exercises])
        return AGAIN * again + (1 - AGAIN) * prior if again.any() else prior


NO_HABITS = Habits()  # of a new lifter: every exercise is as likely as any other


def habits_of(kept: Sequence[RepWindow]) -> Habits:
    """Sets without a kept rep are unknown, and are skipped."""
    sessions: dict[str, dict[int, str]] = {}
    for rep in kept:
        session, _, number = rep.set_name.rpartition(" ")
        if session and number.isdecimal() and rep.exercise:
            sessions.setdefault(session, {})[int(number)] = rep.exercise
    in_order = [[sets[number] for number in sorted(sets)] for sets in sessions.values()]
    return Habits(
        first=Counter(sets[0] for sets in in_order), after=Counter(pair for sets in in_order for pair in pairwise(sets))
    )


LIFTED = 0.95  # probability that it is such a lift where a plate was lifted so. Our choice.
CHANNELS = FEATURES + 1  # of a tick in the network's input: the features, and 1 where there is a tick, else 0
ALTERNATIVES = 2


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RecognitionModel:
    exercises: tuple[str, ...]
    network: Callable[[np.ndarray], np.ndarray]  # (1, window, 1, CHANNELS) → log posterior (1, 1 + exercises)
    window: int  # ticks of the network's input
    centre: np.ndarray  # (FEATURES,) means in training
    spread: np.ndarray  # (FEATURES,) standard deviations in training
    belief: BeliefModel


class Recogniser:
    """Reports after each observation which exercise is done. Pure."""

    def __init__(self, model: RecognitionModel, habits: Habits = NO_HABITS) -> None:
        """What the lifter has done in earlier sessions."""
        self._model, self._habits = model, habits
        self._belief = Belief(model.belief, habits.prior(model.exercises, None))
        self._begin()
        self._said = self._answer()

    @property
    def shares(self) -> np.ndarray:
        """(1 + exercises,) probabilities, at present, of none and of each exercise."""
        return self._belief.shares

    def step(self, observation: Observation, body: Body | None) -> Recognition:
        if body is None:
            return self._said
        joints = sample(body.world, body.points_px, observation.width_px, observation.height_px)
        if not np.isfinite(joints).all():
            return self._said
        done = self._ticks.step(body.t_s, joints)
        if self._ticks.began:
            self._recent.clear()
            self._window[:] = 0.0
        for tick in done:
            self._add(tick)
        if done:
            self._said = self._answer()
        return self._said

    def forget(self, done: str | None = None) -> None:
        """Go back to the prior. done: exercise of the set that is over."""
        self._belief.forget(self._habits.prior(self._model.exercises, done))
        self._begin()
        self._said = self._answer()

    def lifted(self, names: Collection[str]) -> Recognition:
        """A plate has left the floor and come back, which it does in these exercises alone."""
        shares = self._belief.shares
        among = np.append(0.0, shares[1:] * [name in names for name in self._model.exercises])
        if among.any():
            self._belief.learn((1 - LIFTED) * shares + LIFTED * among / among.sum())
            self._said = self._answer()
        return self._said

    def _begin(self) -> None:
        self._ticks = Ticks()
        self._recent: list[np.ndarray] = []
        self._window = np.zeros((1, self._model.window, 1, CHANNELS), np.float32)

    def _add(self, tick: np.ndarray) -> None:
        self._recent = [*self._recent[-HEADING_TICKS:], tick]
        model = self._model
        latest = (features(np.stack(self._recent))[-1] - model.centre) / model.spread
        self._window[0, :-1] = self._window[0, 1:]
        self._window[0, -1, 0] = [*latest, 1.0]
        self._belief.step(model.network(self._window)[0].astype(np.float64))

    def _answer(self) -> Recognition:
        shares = self._belief.shares
        order = [int(k) for k in np.argsort(-shares[1:], kind="stable")]
        best = order[0]
        likely = [
            LikelyExercise(name=self._model.exercises[k], probability=round(float(shares[1 + k]), 4)) for k in order
        ]
        if shares[0] >= shares[1 + best]:
            return Recognition(
                name=None,
                probability=round(float(shares[0]), 4),
                alternatives=tuple(likely[:ALTERNATIVES]),
                sure=False,
            )
        return Recognition(
            name=likely[0].name,
            probability=likely[0].probability,
            alternatives=tuple(likely[1 : 1 + ALTERNATIVES]),
            sure=bool(shares[1 + best] >= self._model.belief.sure[best]),
        )
