"""Make the recognition model: sets, network, rules of the belief, threshold, figures, files."""

import itertools
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch

from livecoach import __version__
from livecoach.core.charts import template
from livecoach.core.errors import ModelError
from livecoach.core.model_files.model_folder import FORMAT, sha256
from livecoach.core.model_files.tflite import TfliteNetwork
from livecoach.decisions.recognition.model_file import CARD, NETWORK
from livecoach.decisions.recognition.recogniser import CHANNELS, Belief, BeliefRules, advance
from livecoach.lab import real_sets
from livecoach.lab.measure.table import share
from livecoach.lab.model_files import new_files
from livecoach.lab.processes import Workshop
from livecoach.lab.recognition.sets import NONE, Stretch, gathered, stretches
from livecoach.lab.recognition.training import WINDOW, Streaming, Tcn, as_tflite, train
from livecoach.lab.synth.motion.lifts import EXERCISES
from livecoach.lab.train.recipes import RecognitionRecipe

CARD_TEMPLATE = Path(__file__).with_name("card.md.j2")
CHOOSING, JUDGING = 400_000, 0
"""First numbers of the sets to choose the rules on, with lifters and cameras of their own, and of those to judge on."""
OF_PERSON = ("first_sure_right", "first_sure_wrong", "refused")  # figures of each real person to judge on
TIMED = 200
FEWER = 8  # divisor of the number of training sets: each real person to judge on has this part of it


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


def make(recipe: RecognitionRecipe, folder: Path, workshop: Workshop) -> dict[str, Any]:
    """Train a network and choose its rules; write the kind that ships; return the figures. Raises SourceError."""
    seed, steps = recipe.seed, recipe.steps

    def synthetic(bodies: str, first: int, count: int, seed: int) -> list[Stretch]:
        return workshop.kept(gathered, bodies, range(first, first + count), seed)

    def real(people: Sequence[str], count: int) -> list[Stretch]:
        if recipe.motion is None:
            return []
        work = partial(_of_people, recipe.motion, seed, tuple(people))
        return [one for of_set in workshop.each(work, range(count), "sets of people") for one in of_set]

    training = synthetic("training", 0, recipe.sets, seed) + real(real_sets.TRAINING, recipe.real)

    def progress(done: int, loss: float) -> None:
        workshop.progress(f"network ({recipe.kind})", done / steps, loss)

    streaming = train(recipe.kind, training, 1 + len(EXERCISES), steps, seed, progress)
    choosing = synthetic("training", CHOOSING, recipe.choosing, seed)
    choosing += real(real_sets.CHOOSING, recipe.choosing)
    rules = chosen_rules(posteriors_of(streaming.log_posteriors, choosing))

    def outcomes(sets: Sequence[Stretch]) -> list[BeliefOutcome]:
        return [outcome(rules, one, EXERCISES) for one in posteriors_of(streaming.log_posteriors, sets)]

    figures = figures_of(outcomes(synthetic("judging", JUDGING, recipe.judging, seed + 1)))
    figures["real_people"] = {}
    for name in real_sets.JUDGING if recipe.motion else ():
        of_person = figures_of(outcomes(real([name], max(recipe.real // FEWER, 1))))
        figures["real_people"][name] = {what: of_person[what] for what in OF_PERSON}
    if recipe.is_written:
        with new_files(folder, CARD) as made:
            _write(recipe, streaming, rules, figures, made)
    return figures


def _of_people(folder: Path, seed: int, people: Sequence[str], number: int) -> list[Stretch]:
    made = real_sets.real_set(folder, seed, number, people)
    return list(stretches(made, made.pace))


def figures_of(outcomes: Sequence[BeliefOutcome]) -> dict[str, Any]:
    """Return the shares of sets that are recognised and refused, and when exercises are known."""
    of_class = {name: [one for one in outcomes if one.truth == name] for name in EXERCISES}
    within = [one for ones in of_class.values() for one in ones]
    others = [one for one in outcomes if one.truth is None]
    after_s = [one.known_after_s for one in within if one.known_after_s is not None]
    return {
        "first_sure_right": share(np.array([one.first_sure == one.truth for one in within])),
        "first_sure_wrong": share(np.array([one.first_sure not in (None, one.truth) for one in within])),
        "right": share(np.array([one.right for one in within])),
        "refused": share(np.array([one.right for one in others])),
        "never_sure": share(np.array([not one.sure for one in within])),
        "known_after_s": {str(p): round(float(np.percentile(after_s, p)), 2) for p in (50, 90)} if after_s else {},
        "by_exercise": {
            name: share(np.array([one.first_sure == name for one in ones])) for name, ones in of_class.items()
        },
    }


def _write(
    recipe: RecognitionRecipe, streaming: Streaming, rules: BeliefRules, figures: dict[str, Any], folder: Path
) -> None:
    if not isinstance(streaming.network, Tcn):
        raise TypeError(f"{recipe.kind}: only the convolutional network can be written as TFLite")
    (folder / NETWORK).write_bytes(as_tflite(streaming.network, CHANNELS))
    card = {
        "format": FORMAT,
        "exercises": list(EXERCISES),
        "window": WINDOW,
        "centre": [round(value, 5) for value in streaming.scaling.centre.tolist()],
        "spread": [round(value, 5) for value in streaming.scaling.spread.tolist()],
        "belief": asdict(rules),
        "files": {NETWORK: sha256(folder / NETWORK)},
        "training": {
            "command": recipe.command(),
            "livecoach": __version__,
            "pytorch": torch.__version__,
            "synthetic": recipe.motion is None,
        },
        "metrics": {**figures, "ms_a_tick": round(_tick_ms(folder / NETWORK, 1 + len(EXERCISES)), 3)},
    }
    (folder / "README.md").write_text(template(CARD_TEMPLATE).render(card), encoding="utf-8")
    (folder / CARD).write_text(json.dumps(card, indent=1) + "\n", encoding="utf-8")


def _tick_ms(path: Path, outputs: int) -> float:
    network = TfliteNetwork(path, (1, WINDOW, 1, CHANNELS), (1, outputs))
    window = np.zeros((1, WINDOW, 1, CHANNELS), np.float32)
    taken = []
    for _ in range(TIMED):
        begun = time.perf_counter()
        network(window)
        taken.append(time.perf_counter() - begun)
    return float(np.median(taken) * 1e3)
