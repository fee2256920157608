"""Run beliefs over synthetic sets, choose their rules, and say what they come to."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from livecoach.lab.recognition.sets import NONE, Stretch
from livecoach.recognition.belief import Belief, BeliefRules, advanced

STARTING = BeliefRules(none_prior=0.5, weight=0.2, enters=0.01, leaves=0.003, sure=0.8)
GRID = {
    "none_prior": (0.3, 0.6),
    "weight": (0.06, 0.1, 0.15, 0.25, 0.4, 0.7),
    "enters": (0.003, 0.01, 0.03),
    "leaves": (0.001, 0.005, 0.02),
}
"""What is tried of each rule."""
FALSE_SHARE = 0.2
"""Share of sets without reps, of movements left out of training, that may be taken for an exercise. Each has two such
movements, and the networks that hear them learned for a quarter as long as the one that ships: of sets of movements
that it knows, that one takes 5 of 109 for an exercise then."""
SURE = np.array([*np.arange(0.5, 0.985, 0.02).round(2), 0.985, 0.99, 0.993, 0.995, 0.997, 0.998, 0.999, 0.9995])
"""Thresholds that are tried."""


class Network(Protocol):
    """A trained network."""

    def log_posteriors(self, ticks: np.ndarray) -> np.ndarray:
        """Return (T, 1 + exercises) of a stretch's ticks (T, SIZE)."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Heard:
    """What the network says of a stretch, (n, 1 + exercises) logarithms of posteriors, with its truth."""

    log_posteriors: np.ndarray
    stretch: Stretch
    truth: int
    """NONE, or 1 + the number of the exercise whose first rep is in it."""
    turn: int
    """Tick at which the first rep has turned; 0 without one."""
    end: int
    """Tick at which the first rep is over; the last one without a rep."""


def heard(network: Network, stretches: Sequence[Stretch]) -> list[Heard]:
    """Return what the network says of the stretches that hold a whole rep from its start, or nothing of one."""
    out = []
    for one in stretches:
        known = set(one.labels.tolist())
        truth = max(known)
        if truth > NONE:
            reps = [rep for rep in one.reps if rep.start_s * one.pace >= one.t_s[0]]
            if not reps or reps[0].end_s * one.pace > one.t_s[-1]:
                continue
            turn, end = (int(np.searchsorted(one.t_s, s * one.pace)) for s in (reps[0].turn_s, reps[0].end_s))
        elif known == {NONE}:
            turn, end = 0, len(one.t_s) - 1
        else:
            continue
        out.append(Heard(network.log_posteriors(one.ticks), one, truth, turn, end))
    return out


def shares(rules: BeliefRules, log_posteriors: np.ndarray) -> np.ndarray:
    """Return what is believed after each tick, (n, 1 + exercises)."""
    belief = Belief(rules, log_posteriors.shape[1] - 1)
    out = np.empty_like(log_posteriors)
    for i, one in enumerate(log_posteriors):
        belief.step(one)
        out[i] = belief.shares
    return out


def chosen_rules(sets: Sequence[Heard], unseen: Sequence[Heard]) -> BeliefRules:
    """Return the rules, with their threshold, that make most exercises known by the end of the first rep.

    An exercise is known where the first one to be sure is the right one; all exercises weigh the same. unseen: sets
    without a rep, heard by networks that do not know their movements. Each rule gets the least threshold that no more
    than FALSE_SHARE of these ever come to; 1, which no belief comes to, where there is none.
    """
    tried = [replace(STARTING, **dict(zip(GRID, values, strict=True))) for values in itertools.product(*GRID.values())]
    highest = np.stack([_beliefs(tried, one.log_posteriors)[..., 1:].max((0, 2)) for one in unseen])
    sure = np.array([_threshold(of_rules) for of_rules in highest.T])
    of_truth: dict[int, list[np.ndarray]] = {}
    for one in sets:
        if one.truth != NONE:
            of_truth.setdefault(one.truth, []).append(_known(tried, sure, one))
    known = np.mean([np.mean(of_rules, axis=0) for of_rules in of_truth.values()], axis=0)
    best = int(np.argmax(known))
    return replace(tried[best], sure=min(float(sure[best]), float(SURE[-1])))


def _threshold(highest: np.ndarray) -> float:
    """Return the least threshold that no more than FALSE_SHARE of the highest probabilities (n,) come to, or 1."""
    allowed = [value for value in SURE if (highest >= value).mean() <= FALSE_SHARE]
    return float(allowed[0] if allowed else 1.0)


def _known(tried: Sequence[BeliefRules], sure: np.ndarray, one: Heard) -> np.ndarray:
    """Return (rules,): 1 where the first exercise that is sure by the end of the first rep is the right one."""
    within = _beliefs(tried, one.log_posteriors[: one.end + 1])[..., 1:]
    is_sure = within.max(2) >= sure
    first = is_sure.argmax(0)
    right = within[first, np.arange(len(tried))].argmax(1) == one.truth - 1
    known: np.ndarray = (right & is_sure.any(0)).astype(float)
    return known


def _beliefs(tried: Sequence[BeliefRules], log_posteriors: np.ndarray) -> np.ndarray:
    """Return what is believed after each tick by each of the rules, (n, rules, 1 + exercises)."""
    weight, enters, leaves = (
        np.array([[getattr(rules, name)] for rules in tried]) for name in ("weight", "enters", "leaves")
    )
    believed = np.stack([Belief(rules, log_posteriors.shape[1] - 1).shares for rules in tried])
    out = np.empty((len(log_posteriors), *believed.shape))
    for i, said in enumerate(log_posteriors):
        believed = out[i] = advanced(believed, said, weight, enters, leaves)
    return out


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one set or clip."""

    truth: str | None
    """Name of the exercise; None for none of them."""
    said: str | None
    """The exercise that is believed at the end of the first rep, or at the end where there is none."""
    sure: bool
    """Whether that is sure. Without a rep: whether it ever was."""
    first_sure: str | None
    """The exercise that is the first to be sure at all; None where none is."""
    known_after_s: float | None
    """Time from the first turn until it is sure for good, at least 0; None where it is not."""

    @property
    def right(self) -> bool:
        """Whether the exercise is known, or nothing was taken for an exercise."""
        return not self.sure if self.truth is None else self.sure and self.said == self.truth


def outcome(rules: BeliefRules, one: Heard, exercises: Sequence[str]) -> Outcome:
    """Return what the belief comes to in a set."""
    return outcome_of(
        shares(rules, one.log_posteriors),
        one.stretch.t_s,
        None if one.truth == NONE else exercises[one.truth - 1],
        (one.turn, one.end),
        rules.sure,
        exercises,
    )


def outcome_of(
    believed: np.ndarray,
    t_s: np.ndarray,
    truth: str | None,
    turn_end: tuple[int, int],
    sure: float,
    exercises: Sequence[str],
) -> Outcome:
    """Return what beliefs (n, 1 + exercises) at t_s come to, with the ticks of the first turn and of its end."""
    turn, end = turn_end
    best = believed[:, 1:].argmax(1)
    is_sure = (believed[:, 1:].max(1) >= sure) & (believed[:, 1:].max(1) > believed[:, 0])
    first_sure = exercises[best[int(is_sure.argmax())]] if is_sure.any() else None
    if truth is None:
        at = int(believed[:, 1:].max(1).argmax())
        return Outcome(
            truth=None, said=exercises[best[at]], sure=bool(is_sure.any()), first_sure=first_sure, known_after_s=None
        )
    right = is_sure & (best == exercises.index(truth))
    known = None
    if right[end]:
        wrong = np.flatnonzero(~right[: end + 1])
        first = int(wrong[-1]) + 1 if len(wrong) else 0
        known = max(float(t_s[first] - t_s[turn]), 0.0)
    return Outcome(
        truth=truth,
        said=exercises[best[end]],
        sure=bool(is_sure[end]),
        first_sure=first_sure,
        known_after_s=known,
    )
