"""Makes the recognition model: its sets, network, belief rules, threshold, figures and files."""

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
from livecoach.core.charts import load_template
from livecoach.core.errors import ModelError
from livecoach.core.model_files.model_folder import FORMAT, file_sha256
from livecoach.core.model_files.tflite import TfliteNetwork
from livecoach.decisions.recognition.model_file import CARD, NETWORK
from livecoach.decisions.recognition.recogniser import CHANNELS, Belief, BeliefRules, advance_beliefs
from livecoach.lab import real_sets
from livecoach.lab.measure.table import share_figures
from livecoach.lab.model_files import new_files
from livecoach.lab.processes import JobRunner
from livecoach.lab.recognition.labelled_sets import NONE, Stretch, gather_stretches, stretches_of_set
from livecoach.lab.recognition.training import WINDOW, Tcn, TrainedNetwork, tcn_to_tflite, train_network
from livecoach.lab.synth.motion.lifts import EXERCISES
from livecoach.lab.synth.synthetic_sets import BodyGroup
from livecoach.lab.train.recipes import RecognitionRecipe

CARD_TEMPLATE = Path(__file__).with_name("card.md.j2")
CHOOSING, JUDGING = 400_000, 0
"""Number of the first set for choosing the rules, and for judging. Each series has lifters and cameras of its own."""
PERSON_FIGURES = ("first_sure_right", "first_sure_wrong", "refused")  # Figures of each real person in the judging sets
TIMED = 200  # Number of runs of the network that are timed
FEWER = 8  # Each real person in the judging sets has the number of real training sets divided by this


GRID = {
    "none_prior": (0.3, 0.6),
    "weight": (0.06, 0.1, 0.15, 0.25, 0.4, 0.7),
    "enters": (0.003, 0.01, 0.03),
    "leaves": (0.001, 0.005, 0.02),
}
"""Candidate values of each rule."""
FALSE_SHARE = 0.05  # Largest share of sets without reps that may be mistaken for an exercise
SURE = (1 / (1 + np.exp(-np.arange(0.0, 7.25, 0.25)))).round(5)
"""Candidate thresholds, evenly spaced in log odds because beliefs in a clear movement are near 1."""
LATER = 10**6  # Stands for the tick of a threshold that is never reached


LogPosteriors = Callable[[np.ndarray], np.ndarray]  # Maps a stretch's ticks (T, SIZE) to (T, 1 + exercises)


class StretchPosteriors(NamedTuple):
    """A stretch of n ticks with the network's log posteriors, (n, 1 + exercises), and the exercise that was done."""

    log_posteriors: np.ndarray
    stretch: Stretch
    truth: int  # NONE, or 1 + the index of the first rep's exercise in EXERCISES
    turn: int  # Tick at which the first rep turns; 0 without a rep
    end: int  # Tick at which the first rep ends; the last tick without a rep


def _stretch_posteriors(log_posteriors: LogPosteriors, stretches: Sequence[Stretch]) -> list[StretchPosteriors]:
    """Return the posteriors of the stretches that have a whole first rep, or no part of a rep."""
    out = []
    for stretch in stretches:
        known = set(stretch.labels.tolist())
        truth = max(known)
        if truth > NONE:
            whole_reps = stretch.reps_s[stretch.reps_s[:, 0] >= stretch.t_s[0]]
            if not len(whole_reps) or whole_reps[0, 2] > stretch.t_s[-1]:
                continue
            turn, end = np.searchsorted(stretch.t_s, whole_reps[0, 1:]).tolist()
        elif known == {NONE}:
            turn, end = 0, len(stretch.t_s) - 1
        else:
            continue
        out.append(StretchPosteriors(log_posteriors(stretch.ticks), stretch, truth, turn, end))
    return out


def choose_rules(sets: Sequence[StretchPosteriors]) -> BeliefRules:
    """Choose the belief rules by which the first sure exercise of a set is most often right and least often wrong.

    The share of wrong sets is subtracted from the share of right sets; all exercises have the same weight and the same
    threshold. At most 5 % (FALSE_SHARE) of the sets without a rep are mistaken for an exercise; raises ModelError if
    every threshold mistakes more.

    Args:
        sets: Sets to choose by, at least one with a rep and one without.
    """
    tried = [
        BeliefRules(none_prior=prior, weight=weight, enters=enters, leaves=leaves, sure=())
        for prior, weight, enters, leaves in itertools.product(*GRID.values())
    ]
    within, others = [item for item in sets if item.truth != NONE], [item for item in sets if item.truth == NONE]
    truth = np.array([item.truth - 1 for item in within])
    reached = np.stack(
        [_ticks_reached(compute_beliefs(tried, item.log_posteriors[: item.end + 1])[..., 1:]) for item in within]
    )
    highest = np.stack([compute_beliefs(tried, item.log_posteriors)[..., 1:].max((0, 2)) for item in others])
    scores = np.where((highest[..., None] >= SURE).mean(0) <= FALSE_SHARE, _scores(reached, truth), -np.inf)
    rule, level = np.unravel_index(scores.argmax(), scores.shape)
    if scores[rule, level] == -np.inf:
        raise ModelError("the network takes too many movements for exercises at every threshold. Train it longer.")
    exercises = reached.shape[2]
    return replace(tried[int(rule)], sure=(float(SURE[level]),) * exercises)


def _ticks_reached(believed: np.ndarray) -> np.ndarray:
    """Return the first tick at which each exercise is likeliest and reaches each level, (rules, exercises, SURE)."""
    likeliest = np.where(believed.argmax(2)[..., None] == np.arange(believed.shape[2]), believed, 0.0)
    is_there = likeliest[..., None] >= SURE
    return np.where(is_there.any(0), is_there.argmax(0), LATER)


def _scores(reached: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """Return the share of right first sure exercises, less the share of wrong exercises, (rules, SURE)."""
    right = reached.argmin(2) == truth[:, None, None]
    credit = np.where(reached.min(2) < LATER, np.where(right, 1.0, -1.0), 0.0)
    return np.mean([credit[truth == k].mean(0) for k in set(truth.tolist())], 0)


def compute_beliefs(tried: Sequence[BeliefRules], log_posteriors: np.ndarray) -> np.ndarray:
    """Return the belief after each of n ticks, by each of several rules, (n, rules, 1 + exercises), from an even prior.

    Args:
        tried: Candidate rules; their thresholds `sure` are not used.
        log_posteriors: (n, 1 + exercises) log posteriors of the network.
    """
    weight, enters, leaves = (
        np.array([[getattr(rules, name)] for rules in tried]) for name in ("weight", "enters", "leaves")
    )
    exercises = log_posteriors.shape[1] - 1
    prior = np.full(exercises, 1 / exercises)
    believed = np.stack([Belief(rules, prior).shares for rules in tried])
    out = np.empty((len(log_posteriors), *believed.shape))
    for i, log_posterior in enumerate(log_posteriors):
        believed = out[i] = advance_beliefs(believed, log_posterior, weight, enters, leaves, prior)
    return out


class BeliefOutcome(NamedTuple):
    """The exercise that was sure first in a stretch, and whether and when the true exercise was sure."""

    truth: str | None  # Name of the exercise; None if the stretch shows none of the exercises
    right: bool  # Whether the true exercise is sure at the end of the first rep; without a rep, whether no exercise was
    first_sure: str | None  # The first exercise that was sure; None if no exercise was
    known_after_s: float | None = None
    """Seconds from the first turn until the true exercise stays sure to the rep's end, at least 0; else None."""


def follow_belief(rules: BeliefRules, stretch: StretchPosteriors, exercises: Sequence[str]) -> BeliefOutcome:
    """Return which exercise is recognised first in a stretch, and whether and when the true exercise is recognised.

    Args:
        rules: Rules of the belief, with the probability from which each exercise counts as recognised.
        exercises: Names of the exercises, in the order of the posteriors.
    """
    believed, t_s = compute_beliefs([rules], stretch.log_posteriors)[:, 0], stretch.stretch.t_s
    best, highest = believed[:, 1:].argmax(1), believed[:, 1:].max(1)
    is_sure = (highest >= np.array(rules.sure)[best]) & (highest > believed[:, 0])
    first_sure = exercises[best[int(is_sure.argmax())]] if is_sure.any() else None
    if stretch.truth == NONE:
        return BeliefOutcome(None, right=not is_sure.any(), first_sure=first_sure)
    right, known = is_sure & (best == stretch.truth - 1), None
    if right[stretch.end]:
        wrong = np.flatnonzero(~right[: stretch.end + 1])
        first = int(wrong[-1]) + 1 if len(wrong) else 0
        known = max(float(t_s[first] - t_s[stretch.turn]), 0.0)
    return BeliefOutcome(exercises[stretch.truth - 1], bool(right[stretch.end]), first_sure, known)


def train(recipe: RecognitionRecipe, folder: Path, runner: JobRunner) -> dict[str, Any]:
    """Train a recognition network, choose the rules of its belief, and return the figures of both on other sets.

    The network, its rules and a card are written to `folder` if `recipe.writes_files`.

    Raises:
        SourceError: The recorded movements can't be read.
        ModelError: All candidate rules mistake too many sets without a rep for an exercise.
    """
    seed, steps = recipe.seed, recipe.steps

    def synthetic(bodies: BodyGroup, first: int, count: int, seed: int) -> list[Stretch]:
        return runner.load_or_make(gather_stretches, bodies, range(first, first + count), seed)

    def real(people: Sequence[str], count: int) -> list[Stretch]:
        if recipe.motion is None:
            return []
        work = partial(_of_people, recipe.motion, seed, tuple(people))
        return [stretch for of_set in runner.map(work, range(count), "sets of people") for stretch in of_set]

    training = synthetic("training", 0, recipe.sets, seed) + real(real_sets.TRAINING, recipe.real)

    def progress(done: int, loss: float) -> None:
        runner.progress(f"network ({recipe.kind})", done / steps, loss)

    streaming = train_network(recipe.kind, training, 1 + len(EXERCISES), steps, seed, progress)
    choosing = synthetic("training", CHOOSING, recipe.choosing, seed)
    choosing += real(real_sets.CHOOSING, recipe.choosing)
    rules = choose_rules(_stretch_posteriors(streaming.log_posteriors, choosing))

    def outcomes(sets: Sequence[Stretch]) -> list[BeliefOutcome]:
        return [
            follow_belief(rules, stretch, EXERCISES) for stretch in _stretch_posteriors(streaming.log_posteriors, sets)
        ]

    figures = _outcome_figures(outcomes(synthetic("judging", JUDGING, recipe.judging, seed + 1)))
    figures["real_people"] = {}
    for name in real_sets.JUDGING if recipe.motion else ():
        of_person = _outcome_figures(outcomes(real([name], max(recipe.real // FEWER, 1))))
        figures["real_people"][name] = {what: of_person[what] for what in PERSON_FIGURES}
    if recipe.writes_files:
        with new_files(folder, CARD) as made:
            _write(recipe, streaming, rules, figures, made)
    return figures


def _of_people(folder: Path, seed: int, people: Sequence[str], number: int) -> list[Stretch]:
    return list(stretches_of_set(real_sets.film_real_set(folder, seed, number, people)))


def _outcome_figures(outcomes: Sequence[BeliefOutcome]) -> dict[str, Any]:
    """Return name → share of sets, or for "known_after_s" the 50th and 90th percentile, empty if none became known."""
    of_class = {name: [item for item in outcomes if item.truth == name] for name in EXERCISES}
    within = [item for items in of_class.values() for item in items]
    others = [item for item in outcomes if item.truth is None]
    after_s = [item.known_after_s for item in within if item.known_after_s is not None]
    return {
        "first_sure_right": share_figures(np.array([item.first_sure == item.truth for item in within])),
        "first_sure_wrong": share_figures(np.array([item.first_sure not in (None, item.truth) for item in within])),
        "right": share_figures(np.array([item.right for item in within])),
        "refused": share_figures(np.array([item.right for item in others])),
        "known_after_s": {str(p): round(float(np.percentile(after_s, p)), 2) for p in (50, 90)} if after_s else {},
        "by_exercise": {
            name: share_figures(np.array([item.first_sure == name for item in items]))
            for name, items in of_class.items()
        },
    }


def _write(
    recipe: RecognitionRecipe, streaming: TrainedNetwork, rules: BeliefRules, figures: dict[str, Any], folder: Path
) -> None:
    if not isinstance(streaming.network, Tcn):
        raise TypeError(f"{recipe.kind}: only the convolutional network can be written as TFLite")
    (folder / NETWORK).write_bytes(tcn_to_tflite(streaming.network, CHANNELS))
    card = {
        "format": FORMAT,
        "exercises": list(EXERCISES),
        "window": WINDOW,
        "centre": [round(value, 5) for value in streaming.scaling.centre.tolist()],
        "spread": [round(value, 5) for value in streaming.scaling.spread.tolist()],
        "belief": asdict(rules),
        "files": {NETWORK: file_sha256(folder / NETWORK)},
        "training": {
            "command": recipe.command(),
            "livecoach": __version__,
            "pytorch": torch.__version__,
            "synthetic": recipe.motion is None,
        },
        "metrics": {**figures, "ms_a_tick": round(_tick_ms(folder / NETWORK, 1 + len(EXERCISES)), 3)},
    }
    (folder / "README.md").write_text(load_template(CARD_TEMPLATE).render(card), encoding="utf-8")
    (folder / CARD).write_text(json.dumps(card, indent=1) + "\n", encoding="utf-8")


def _tick_ms(path: Path, outputs: int) -> float:
    network = TfliteNetwork(path, (1, WINDOW, 1, CHANNELS), (1, outputs))
    window = np.zeros((1, WINDOW, 1, CHANNELS), np.float32)
    durations_s = []
    for _ in range(TIMED):
        began_s = time.perf_counter()
        network(window)
        durations_s.append(time.perf_counter() - began_s)
    return float(np.median(durations_s) * 1e3)
