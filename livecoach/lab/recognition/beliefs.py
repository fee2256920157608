"""Run networks and beliefs over synthetic sets, choose the rules, and evaluate them."""

import itertools
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from livecoach.core.errors import ModelError
from livecoach.decisions.recognition.recogniser import Belief, BeliefRules, advance
from livecoach.lab.recognition.sets import NONE, Stretch

GRID = {
    "none_prior": (0.3, 0.6),
    "weight": (0.06, 0.1, 0.15, 0.25, 0.4, 0.7),
    "enters": (0.003, 0.01, 0.03),
    "leaves": (0.001, 0.005, 0.02),
}
"""Candidate values of each rule."""
FALSE_SHARE = 0.05  # share of sets without reps that may be mistaken for an exercise
SURE = (1 / (1 + np.exp(-np.arange(0.0, 7.25, 0.25)))).round(5)
"""Candidate thresholds, evenly spaced in log odds because beliefs in a clear movement are near 1."""
LATER = 10**6  # stands for the tick of a threshold that is never reached


LogPosteriors = Callable[[np.ndarray], np.ndarray]  # maps a stretch's ticks (T, SIZE) to (T, 1 + exercises)


class StretchPosteriors(NamedTuple):
    """The network's log posteriors of a stretch, (n, 1 + exercises), with its truth."""

    log_posteriors: np.ndarray
    stretch: Stretch
    truth: int  # NONE, or 1 + the number of the exercise of its first rep
    turn: int  # tick at which the first rep turns; 0 without a rep
    end: int  # tick at which the first rep ends; the last one without a rep


def posteriors_of(log_posteriors: LogPosteriors, stretches: Sequence[Stretch]) -> list[StretchPosteriors]:
    """Return the posteriors of the stretches with a whole rep from its start, or without any part of one."""
    out = []
    for one in stretches:
        known = set(one.labels.tolist())
        truth = max(known)
        if truth > NONE:
            begun = one.reps_s[one.reps_s[:, 0] * one.pace >= one.t_s[0]]
            if not len(begun) or begun[0, 2] * one.pace > one.t_s[-1]:
                continue
            turn, end = np.searchsorted(one.t_s, begun[0, 1:] * one.pace).tolist()
        elif known == {NONE}:
            turn, end = 0, len(one.t_s) - 1
        else:
            continue
        out.append(StretchPosteriors(log_posteriors(one.ticks), one, truth, turn, end))
    return out


def chosen_rules(sets: Sequence[StretchPosteriors]) -> BeliefRules:
    """Return the rules, with one threshold, by which the first sure exercise is right most often less wrong, with equal
    weights for all. At most FALSE_SHARE of the sets without a rep may be mistaken. Raises ModelError where none
    does."""
    tried = [
        BeliefRules(none_prior=prior, weight=weight, enters=enters, leaves=leaves, sure=())
        for prior, weight, enters, leaves in itertools.product(*GRID.values())
    ]
    within, others = [one for one in sets if one.truth != NONE], [one for one in sets if one.truth == NONE]
    truth = np.array([one.truth - 1 for one in within])
    reached = np.stack([_ticks_reached(beliefs(tried, one.log_posteriors[: one.end + 1])[..., 1:]) for one in within])
    highest = np.stack([beliefs(tried, one.log_posteriors)[..., 1:].max((0, 2)) for one in others])
    scores = np.where((highest[..., None] >= SURE).mean(0) <= FALSE_SHARE, _scores(reached, truth), -np.inf)
    rule, level = np.unravel_index(scores.argmax(), scores.shape)
    if scores[rule, level] == -np.inf:
        raise ModelError("the network takes too many movements for exercises at every threshold. Train it longer.")
    exercises = reached.shape[2]
    return replace(tried[int(rule)], sure=(float(SURE[level]),) * exercises)


def _ticks_reached(believed: np.ndarray) -> np.ndarray:
    """Return the first tick at which each is likeliest, and at each level, (rules, exercises, SURE)."""
    likeliest = np.where(believed.argmax(2)[..., None] == np.arange(believed.shape[2]), believed, 0.0)
    is_there = likeliest[..., None] >= SURE
    return np.where(is_there.any(0), is_there.argmax(0), LATER)


def _scores(reached: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """Return the share of sets whose first sure exercise is right, less that of wrong ones, (rules, SURE)."""
    right = reached.argmin(2) == truth[:, None, None]
    said = np.where(reached.min(2) < LATER, np.where(right, 1.0, -1.0), 0.0)
    return np.mean([said[truth == k].mean(0) for k in set(truth.tolist())], 0)


def beliefs(tried: Sequence[BeliefRules], log_posteriors: np.ndarray) -> np.ndarray:
    """Return the belief after each tick by each of the rules, (n, rules, 1 + exercises)."""
    weight, enters, leaves = (
        np.array([[getattr(rules, name)] for rules in tried]) for name in ("weight", "enters", "leaves")
    )
    exercises = log_posteriors.shape[1] - 1
    prior = np.full(exercises, 1 / exercises)
    believed = np.stack([Belief(rules, prior).shares for rules in tried])
    out = np.empty((len(log_posteriors), *believed.shape))
    for i, said in enumerate(log_posteriors):
        believed = out[i] = advance(believed, said, weight, enters, leaves, prior)
    return out


class BeliefOutcome(NamedTuple):
    truth: str | None  # name of the exercise; None for none of them
    right: bool  # whether the exercise is sure at the end of the first rep, or none ever was where there is none
    sure: bool  # whether any exercise is sure then; without a rep: whether any ever was
    first_sure: str | None  # the first sure exercise; None without one
    known_after_s: float | None = None
    """Time from the first turn until the exercise stays sure, at least 0; None where it does not."""


def outcome(rules: BeliefRules, one: StretchPosteriors, exercises: Sequence[str]) -> BeliefOutcome:
    believed, t_s = beliefs([rules], one.log_posteriors)[:, 0], one.stretch.t_s
    best, highest = believed[:, 1:].argmax(1), believed[:, 1:].max(1)
    is_sure = (highest >= np.array(rules.sure)[best]) & (highest > believed[:, 0])
    first_sure = exercises[best[int(is_sure.argmax())]] if is_sure.any() else None
    if one.truth == NONE:
        return BeliefOutcome(None, right=not is_sure.any(), sure=bool(is_sure.any()), first_sure=first_sure)
    right, known = is_sure & (best == one.truth - 1), None
    if right[one.end]:
        wrong = np.flatnonzero(~right[: one.end + 1])
        first = int(wrong[-1]) + 1 if len(wrong) else 0
        known = max(float(t_s[first] - t_s[one.turn]), 0.0)
    return BeliefOutcome(exercises[one.truth - 1], bool(right[one.end]), bool(is_sure[one.end]), first_sure, known)
