"""Recognise the exercise from observations, one after the other: ticks, features, network, belief.

The belief is a forward filter of a hidden Markov model whose states are the exercises and none of them. The posteriors
of overlapping windows repeat one another, so each counts with a small power, chosen on synthetic sets. The prior knows
the lifter's habits by the kept reps, which a recording holds too, so a replay believes the same.
"""

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from types import MappingProxyType
from typing import Annotated

import numpy as np
from pydantic import Field

from livecoach.core.types import Observation, RepWindow
from livecoach.core.types.feedback import LikelyExercise, Recognition
from livecoach.decisions.recognition.features import FEATURES, HEADING_TICKS, Ticks, features, hand_height, sample
from livecoach.perception.body.body import Body

Share = Annotated[float, Field(gt=0, lt=1)]
LEAST_LOG = -7.0  # of one posterior: no single window rules an exercise out


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
    return after / after.sum(-1, keepdims=True)


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


AGAIN = 0.5  # probability that a set is followed by one of the same exercise, whatever the habits. Our choice.
EVEN_SHARE = 0.5  # share of a prior that is the same for every exercise. Our choice.
PSEUDO_SESSIONS = 0.2
"""Pseudo-count of each exercise: what a lifter has begun the only session with is three times as likely as another one.
So 32 of 58 real deadlifts are named by the threshold in place of 29, if the lifter has done no other lift, and 49 of 73
other lifts as before."""


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


RAISED = 0.15  # height of the wrists, in body lengths: overhead over the shoulders, at the belly below them
RAISED_TICKS = 20  # longest time in which one movement takes the hands from below the chest to overhead
AFTER_TICKS = 30  # how long it is evidence: the squat under the bar, and standing up. Our choice, like the others.


class RaisedHands:
    """Whether one movement has just taken the hands from below the chest to overhead, one tick at a time. Who catches a
    bar overhead squats as in an overhead squat, but the hands tell them apart."""

    def __init__(self) -> None:
        self._since_low = RAISED_TICKS + 1
        self._left = 0

    def step(self, tick: np.ndarray) -> bool:
        height = hand_height(tick)
        self._since_low = 0 if height <= -RAISED else self._since_low + 1
        raised = height >= RAISED and self._since_low <= RAISED_TICKS
        self._left = AFTER_TICKS if raised else self._left - 1
        return self._left > 0


CHANNELS = FEATURES + 1  # of a tick in the network's input: the features, and 1 where there is a tick, else 0
ALTERNATIVES = 2
LIFTED = 0.95  # probability that it is such a lift where a plate was lifted so. Our choice.
BELIEVED = 0.9  # belief from which an exercise is sure once its own counter has found a rep
HELD_TICKS = 10  # how long the belief in one without a rep must stay above its threshold: a second


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RecognitionModel:
    exercises: tuple[str, ...]
    network: Callable[[np.ndarray], np.ndarray]  # (1, window, 1, CHANNELS) → log posterior (1, 1 + exercises)
    window: int  # ticks of the network's input
    centre: np.ndarray  # (FEATURES,) means in training
    spread: np.ndarray  # (FEATURES,) standard deviations in training
    belief: BeliefRules


class Recogniser:
    """Reports after each observation which exercise is done. Pure."""

    def __init__(self, model: RecognitionModel, habits: Habits = NO_HABITS, overhead: Collection[str] = ()) -> None:
        """habits: what the lifter has done in earlier sessions. overhead: exercises that raise the hands over the
        shoulders; without one, raised hands are no evidence."""
        self._model, self._habits = model, habits
        self._not_overhead = np.array([False, *(bool(overhead) and name not in overhead for name in model.exercises)])
        self._belief = Belief(model.belief, habits.prior(model.exercises, None))
        self._framing: tuple[int, int, int] | None = None  # of the latest body
        self._begin()
        self._said = self._answer()

    @property
    def shares(self) -> np.ndarray:
        """(1 + exercises,) probabilities, at present, of none and of each exercise."""
        return self._belief.shares

    def step(self, observation: Observation, body: Body | None) -> Recognition:
        if body is None:
            return self._said
        if body.framing != self._framing:
            if self._framing is not None:
                self.forget()
            self._framing = body.framing
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
            self._belief.shares = (1 - LIFTED) * shares + LIFTED * among / among.sum()
            self._said = self._answer()
        return self._said

    def counted(self, name: str) -> Recognition:
        """The counter of this exercise has found a rep."""
        self._found = name
        self._said = self._answer()
        return self._said

    def _begin(self) -> None:
        self._found = ""  # the exercise whose rep counted last
        self._best, self._held = 0, 0  # the likeliest exercise, and for how many ticks it was above its threshold
        self._ticks, self._raised = Ticks(), RaisedHands()
        self._recent: list[np.ndarray] = []
        self._window = np.zeros((1, self._model.window, 1, CHANNELS), np.float32)

    def _add(self, tick: np.ndarray) -> None:
        self._recent = [*self._recent[-HEADING_TICKS:], tick]
        model = self._model
        latest = (features(np.stack(self._recent))[-1] - model.centre) / model.spread
        self._window[0, :-1] = self._window[0, 1:]
        self._window[0, -1, 0] = [*latest, 1.0]
        log_posterior = model.network(self._window)[0].astype(np.float64)
        if self._raised.step(tick):
            log_posterior[self._not_overhead] = LEAST_LOG
        self._belief.step(log_posterior)
        best = int(self.shares[1:].argmax())
        is_above = self.shares[1 + best] >= model.belief.sure[best]
        self._held = self._held + 1 if is_above and best == self._best else int(is_above)
        self._best = best

    def _answer(self) -> Recognition:
        shares = self._belief.shares
        order = [int(k) for k in np.argsort(-shares[1:], kind="stable")]
        best = order[0]
        likely = [
            LikelyExercise(name=self._model.exercises[k], probability=round(float(shares[1 + k]), 4)) for k in order
        ]
        first = likely.pop(0) if shares[1 + best] > shares[0] else None
        has_held = best == self._best and self._held > HELD_TICKS
        is_sure = first is not None and (has_held or (first.name == self._found and first.probability >= BELIEVED))
        return Recognition(
            name=None if first is None else first.name,
            probability=round(float(shares[0]), 4) if first is None else first.probability,
            alternatives=tuple(likely[:ALTERNATIVES]),
            sure=is_sure,
        )
