"""Recognises the exercise from successive observations, by a network and a belief that follows its results.

Time is divided into ticks of 0.1 s (TICK_S), which are turned into features for the network. The values of a tick are
the means over its observations, whatever their frame rate. A tick without an observation is interpolated; if nobody was
in view for longer than LONGEST_GAP_S, the ticks begin anew.

The belief is a forward filter of a hidden Markov model whose states are the exercises and "no exercise". The posteriors
of overlapping windows repeat one another, so each counts with a small power, chosen on synthetic sets. The prior
contains the lifter's habits, which follow from the known reps. A recording contains the known reps too, so a replay
gives the same beliefs.
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
from livecoach.decisions.recognition.features import (
    FEATURES,
    HEADING_TICKS,
    SIZE,
    TICK_S,
    hand_height,
    hands_ahead,
    tick_features,
)
from livecoach.perception.body.body import Body

LONGEST_GAP_S = 0.5  # Longest time in seconds over which ticks are interpolated
Share = Annotated[float, Field(gt=0, lt=1)]
LEAST_LOG = -7.0  # Least log posterior: no single window rules an exercise out


@dataclass(frozen=True, slots=True, kw_only=True)
class BeliefRules:
    """The constants of the hidden Markov model that updates the belief."""

    none_prior: Share  # Probability of none of the exercises at the start
    weight: Share  # Power of a posterior
    enters: Share  # Probability per tick that an exercise begins if there was none
    leaves: Share  # Probability per tick that an exercise ends
    sure: tuple[Share, ...]  # Probability from which each exercise is recognised


def advance_beliefs(
    shares: np.ndarray,
    log_posterior: np.ndarray,
    weight: float | np.ndarray,
    enters: float | np.ndarray,
    leaves: float | np.ndarray,
    beginnings: float | np.ndarray,
) -> np.ndarray:
    """Return the beliefs in no exercise (index 0) and in each exercise, (..., 1 + exercises), after a tick of 0.1 s.

    Args:
        shares: (..., 1 + exercises) beliefs before the tick, with a sum of 1.
        log_posterior: (..., 1 + exercises) log posterior of the network.
        weight: Power of the posterior, a number or (..., 1).
        enters: Probability that an exercise begins in the tick, a number or (..., 1).
        leaves: Probability that an exercise ends in the tick, a number or (..., 1).
        beginnings: (exercises,) probability of each exercise when an exercise begins, or a number for all.
    """
    none, within = shares[..., :1], shares[..., 1:]
    ended = within.sum(-1, keepdims=True) * leaves
    went_on = within * (1 - leaves) + none * enters * beginnings
    after = np.concatenate([none * (1 - enters) + ended, went_on], -1)
    after *= np.exp(weight * np.maximum(log_posterior, LEAST_LOG))
    return after / after.sum(-1, keepdims=True)


class Belief:
    """The probabilities of no exercise (index 0) and of each exercise, updated in every tick of 0.1 s."""

    def __init__(self, rules: BeliefRules, prior: np.ndarray) -> None:
        self._rules = rules
        self.reset(prior)

    def reset(self, prior: np.ndarray) -> None:
        """Start again from a prior: (exercises,) probability of each exercise if any is done, summing to 1."""
        self._prior = prior
        self.shares = np.append(self._rules.none_prior, (1 - self._rules.none_prior) * prior)

    def step(self, log_posterior: np.ndarray) -> None:
        """Update the belief with the log posterior (1 + exercises,) of the network for the next tick."""
        rules = self._rules
        self.shares = advance_beliefs(self.shares, log_posterior, rules.weight, rules.enters, rules.leaves, self._prior)


AGAIN = 0.5  # Probability that the next set is of the same exercise, whatever the habits. Our choice.
EVEN_SHARE = 0.5  # Share of a prior that is the same for every exercise. Our choice.
PSEUDO_SESSIONS = 0.2
"""Pseudo-count of each exercise: the first exercise of a lifter's only session is three times as likely as any other.
For a lifter who has only done deadlifts, 32 of 58 real deadlifts then reach the threshold, and 29 with a count of 2; of
73 other lifts, 49 reach it with either count."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Habits:
    """The habits of a lifter: how often each exercise began a session, and how often it followed each exercise."""

    first: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    after: Mapping[tuple[str, str], int] = field(default_factory=lambda: MappingProxyType({}))
    """(Exercise of a set, exercise of the next set, which may be the same) → number of times."""

    def prior(self, exercises: Sequence[str], before: str | None) -> np.ndarray:
        """Return the prior probability that the next set is of each exercise, (exercises,), summing to 1.

        Args:
            before: Exercise of the previous set; None at the beginning of a session.
        """
        counts = [
            self.first.get(name, 0) if before is None else self.after.get((before, name), 0) for name in exercises
        ]
        pretended = np.array(counts) + PSEUDO_SESSIONS
        prior: np.ndarray = EVEN_SHARE / len(exercises) + (1 - EVEN_SHARE) * pretended / pretended.sum()
        again = np.array([name == before for name in exercises])
        return AGAIN * again + (1 - AGAIN) * prior if again.any() else prior


NO_HABITS = Habits()  # Habits of a new lifter, to whom every exercise is equally likely


def find_habits(known_reps: Sequence[RepWindow]) -> Habits:
    """Find a lifter's habits in known reps, the good reps of earlier sessions.

    A set counts if it has a rep with an exercise, and if its name ends in its number.
    """
    sessions: dict[str, dict[int, str]] = {}
    for rep in known_reps:
        session, _, number = rep.set_name.rpartition(" ")
        if session and number.isdecimal() and rep.exercise:
            sessions.setdefault(session, {})[int(number)] = rep.exercise
    in_order = [[sets[number] for number in sorted(sets)] for sets in sessions.values()]
    return Habits(
        first=Counter(sets[0] for sets in in_order), after=Counter(pair for sets in in_order for pair in pairwise(sets))
    )


RAISED = 0.15  # Least distance of wrists above the shoulders if raised, below if low, in body lengths. Our choice
RAISED_TICKS = 20  # Most ticks in which a single movement takes the hands from below the chest to overhead. Our choice
AFTER_TICKS = 30  # Ticks for which raised hands are evidence: to squat under the bar and stand up. Our choice


class _OverheadHands:
    """Detects that a single movement has just taken the hands from below the chest to overhead.

    The squat after such a movement belongs to a lift such as the snatch, although it looks like an overhead squat.
    """

    def __init__(self) -> None:
        self._since_low = RAISED_TICKS + 1
        self._left = 0

    def step(self, tick: np.ndarray) -> bool:
        """Add the values (SIZE,) of a tick, and return whether the hands were raised in the last AFTER_TICKS ticks."""
        height = hand_height(tick)
        self._since_low = 0 if height <= -RAISED else self._since_low + 1
        raised = height >= RAISED and self._since_low <= RAISED_TICKS
        self._left = AFTER_TICKS if raised else self._left - 1
        return self._left > 0


REACHING = 0.45
"""Distance of wrists ahead of the ankles that lifters of a bar hardly reach, in body lengths: over half a metre. In
13 films of deadlifts, 12 stay below .35 and a sumo deadlift reaches .45; squats with arms held out reach .5 to .6."""
REACHING_TICKS = 3  # Least ticks in which the wrists are so far ahead, since depth errs for a moment. Our choice
REACHED_TICKS = 20  # Ticks for which hands that reached ahead are evidence: the rest of a rep. Our choice


class _ReachingHands:
    """Detects that the hands reach so far ahead that they hold no heavy bar, which must stay above the feet.

    A squat with hanging arms that swing forward looks like a deadlift.
    """

    def __init__(self) -> None:
        self._ahead = self._left = 0

    def step(self, features: np.ndarray) -> bool:
        """Add the (FEATURES,) features of a tick; return whether hands reached ahead in the last REACHED_TICKS."""
        self._ahead = self._ahead + 1 if hands_ahead(features) >= REACHING else 0
        self._left = REACHED_TICKS if self._ahead >= REACHING_TICKS else self._left - 1
        return self._left > 0


CHANNELS = FEATURES + 1  # Inputs of the network for a tick: the features, and 1 if there is a tick, else 0
ALTERNATIVES = 2  # Most alternatives of a recognition
LIFTED = 0.95  # Least probability of the lifts from the floor once a plate was lifted from the floor. Our choice.
BELIEVED = 0.9  # Least belief at which an exercise is sure once its own counter has found a rep
HELD_TICKS = 10  # Ticks for which the belief in an exercise without a rep must stay above its threshold


def joint_values(world: np.ndarray, points_px: np.ndarray, width_px: int, height_px: int) -> np.ndarray:
    """Flatten the joints of an observation to (..., SIZE) values, the last of which say which joints the picture shows.

    Args:
        world: (..., 6, 2, 3) joints in the world, metres.
        points_px: (..., 6, 2, 2) joints in the picture, pixels.
    """
    inside = ((points_px >= 0) & (points_px <= (width_px, height_px))).all(-1)
    parts = [part.reshape(*world.shape[:-3], -1) for part in (world, points_px, inside)]
    return np.concatenate(parts, -1, dtype=np.float64)


@dataclass(slots=True)
class TickAverager:
    """Averages observations' values over ticks of TICK_S seconds, and interpolates gaps of up to LONGEST_GAP_S."""

    _sum: np.ndarray = field(default_factory=lambda: np.zeros(SIZE))
    _count: int = 0
    _number: int = 0  # number of the tick whose observations are being averaged
    _last: np.ndarray | None = None  # the previous tick
    _last_number: int = 0
    is_new: bool = False  # whether the ticks began, or began anew, in the latest step

    def step(self, t_s: float, values: np.ndarray) -> list[np.ndarray]:
        """Add the values (SIZE,) of an observation, and return the ticks, (SIZE,) each, that are complete now."""
        number = int(np.floor(t_s / TICK_S + 1e-6))
        done: list[np.ndarray] = []
        self.is_new = False
        if self._count and number != self._number:
            done = self._complete()
        if not self._count:
            self._number = number
        self._sum = self._sum + values
        self._count += 1
        return done

    def _complete(self) -> list[np.ndarray]:
        now = self._sum / self._count
        self._sum, self._count = np.zeros(SIZE), 0
        missing = self._number - self._last_number - 1
        if self._last is None or not 0 <= missing <= LONGEST_GAP_S / TICK_S:
            self.is_new, missing = True, 0
        shares = (np.arange(missing) + 1) / (missing + 1)
        between = [] if self._last is None else [self._last + share * (now - self._last) for share in shares]
        self._last, self._last_number = now, self._number
        return [*between, now]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RecognitionModel:
    """The network that recognises exercises, with the constants that belong to the network."""

    exercises: tuple[str, ...]
    network: Callable[[np.ndarray], np.ndarray]  # (1, window, 1, CHANNELS) → log posterior (1, 1 + exercises)
    window: int  # number of ticks in the network's input
    centre: np.ndarray  # (FEATURES,) means in training
    spread: np.ndarray  # (FEATURES,) standard deviations in training
    belief: BeliefRules


class Recogniser:
    """Recognises which exercise the lifter does, after each observation."""

    def __init__(
        self,
        model: RecognitionModel,
        habits: Habits = NO_HABITS,
        overhead: Collection[str] = (),
        hanging: Collection[str] = (),
    ) -> None:
        """Start before the first observation of a source.

        Args:
            overhead: Exercises that raise the hands over the shoulders; without them, raised hands are no evidence.
            hanging: Exercises with a heavy bar in hanging arms, which hands that reach ahead exclude.
        """
        self._model, self._habits = model, habits
        self._not_overhead = np.array([False, *(bool(overhead) and name not in overhead for name in model.exercises)])
        self._hanging = np.array([False, *(name in hanging for name in model.exercises)])
        self._belief = Belief(model.belief, habits.prior(model.exercises, None))
        self._framing: tuple[int, int, int] | None = None  # framing of the latest body
        self._begin()

    @property
    def probabilities(self) -> np.ndarray:
        """The (1 + exercises,) current probabilities of no exercise and of each exercise."""
        return self._belief.shares

    def step(self, observation: Observation, body: Body | None) -> Recognition:
        """Add an observation, and return the recognised exercise.

        The result stays the same if no tick is complete, nobody is in view, or a joint of the body is unknown. If the
        picture has got another size or orientation, recognition starts anew.
        """
        if body is None:
            return self._latest
        if body.framing != self._framing:
            if self._framing is not None:
                self.reset()
            self._framing = body.framing
        joints = joint_values(body.world, body.points_px, observation.width_px, observation.height_px)
        if not np.isfinite(joints).all():
            return self._latest
        done = self._ticks.step(body.t_s, joints)
        if self._ticks.is_new:
            self._recent.clear()
            self.lift_log_odds, self._window[:] = 0.0, 0.0
        if done:
            # All at once: in a rest, a frame completes three or four ticks.
            self._recent[:] = [*self._recent[-HEADING_TICKS:], *done]
            for tick, features in zip(done, tick_features(np.stack(self._recent))[-len(done) :], strict=True):
                self._add(tick, features)
            self._answer()
        return self._latest

    def reset(self, last_exercise: str | None = None) -> None:
        """Forget the motion, and reset the belief: for a session's first set, or for a set after `last_exercise`."""
        self._belief.reset(self._habits.prior(self._model.exercises, last_exercise))
        self._begin()

    def note_lift(self, names: Collection[str]) -> Recognition:
        """Update the belief after a plate has left the floor and come back, and return the recognised exercise.

        Args:
            names: Exercises that lift a plate from the floor.
        """
        shares = self._belief.shares
        among = np.append(0.0, shares[1:] * [name in names for name in self._model.exercises])
        if among.any():
            self._belief.shares = (1 - LIFTED) * shares + LIFTED * among / among.sum()
        return self._answer()

    def note_rep(self, name: str) -> Recognition:
        """Note that the counter of an exercise has found a rep, and return the recognised exercise."""
        self._found = name
        return self._answer()

    def _begin(self) -> None:
        self._found = ""  # the exercise whose rep counted last
        self._best, self._held = 0, 0  # the likeliest exercise, and for how many ticks it was above its threshold
        self._ticks, self._raised = TickAverager(), _OverheadHands()
        self._reaching = _ReachingHands()
        self._recent: list[np.ndarray] = []
        self.lift_log_odds = 0.0
        """Log odds of any exercise against no exercise, by the newest output; 0 until the window is full."""
        self._window = np.zeros((1, self._model.window, 1, CHANNELS), np.float32)
        self._answer()

    def _add(self, tick: np.ndarray, features: np.ndarray) -> None:
        model = self._model
        self._window[0, :-1] = self._window[0, 1:]
        self._window[0, -1, 0, :-1] = (features - model.centre) / model.spread
        self._window[0, -1, 0, -1] = 1.0
        log_posterior = model.network(self._window)[0].astype(np.float64)
        if self._window[0, 0, 0, -1]:  # a film that begins with a rep shows too little of it at first
            self.lift_log_odds = float(np.logaddexp.reduce(log_posterior[1:]) - log_posterior[0])
        if self._raised.step(tick):
            log_posterior[self._not_overhead] = LEAST_LOG
        if self._reaching.step(features):
            log_posterior[self._hanging] = LEAST_LOG
        self._belief.step(log_posterior)
        best = int(self.probabilities[1:].argmax())
        is_above = self.probabilities[1 + best] >= model.belief.sure[best]
        self._held = self._held + 1 if is_above and best == self._best else int(is_above)
        self._best = best

    def _answer(self) -> Recognition:
        """Return the recognised exercise by the current belief, and keep it as the latest result."""
        shares = self._belief.shares
        order = [int(k) for k in np.argsort(-shares[1:], kind="stable")]
        best = order[0]
        likely = [
            LikelyExercise(name=self._model.exercises[k], probability=round(float(shares[1 + k]), 4)) for k in order
        ]
        first = likely.pop(0) if shares[1 + best] > shares[0] else None
        has_held = best == self._best and self._held > HELD_TICKS
        is_sure = first is not None and (has_held or (first.name == self._found and first.probability >= BELIEVED))
        self._latest = Recognition(
            name=None if first is None else first.name,
            probability=round(float(shares[0]), 4) if first is None else first.probability,
            alternatives=tuple(likely[:ALTERNATIVES]),
            sure=is_sure,
        )
        return self._latest
