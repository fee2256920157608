"""Recognise the exercise from observations, one after the other: ticks, features, network, belief."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from livecoach.frame.body import Body
from livecoach.recognition.belief import Belief, BeliefRules
from livecoach.recognition.features import FEATURES, HEADING_TICKS, features
from livecoach.recognition.habits import NO_HABITS, Habits
from livecoach.recognition.ticks import Ticks, sample_of
from livecoach.types import Observation
from livecoach.types.feedback import LikelyExercise, Recognition

CHANNELS = FEATURES + 1
"""Of a tick in the network's input: the features, and 1 where there is a tick, 0 before the first one."""
ALTERNATIVES = 2


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RecognitionModel:
    exercises: tuple[str, ...]
    network: Callable[[np.ndarray], np.ndarray]
    """Gives the logarithm of the posterior (1, 1 + exercises), none first, of a window (1, window, 1, CHANNELS)."""
    window: int  # ticks of the network's input
    centre: np.ndarray  # (FEATURES,) means in training
    spread: np.ndarray  # (FEATURES,) standard deviations in training
    belief: BeliefRules


class ExerciseRecogniser(Protocol):
    def step(self, observation: Observation, body: Body | None) -> Recognition:
        """Return the likeliest exercise of the latest movement."""
        ...

    def forget(self, done: str | None) -> None:
        """The next movement may be of another exercise. done: exercise of the last set."""
        ...


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
        sample = sample_of(body, observation.width_px, observation.height_px)
        if not np.isfinite(sample).all():
            return self._said
        done = self._ticks.step(body.t_s, sample)
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
                name=None, probability=round(float(shares[0]), 4), alternatives=tuple(likely[:ALTERNATIVES])
            )
        return Recognition(
            name=likely[0].name,
            probability=likely[0].probability,
            alternatives=tuple(likely[1 : 1 + ALTERNATIVES]),
            sure=bool(shares[1 + best] >= self._model.belief.sure[best]),
        )
