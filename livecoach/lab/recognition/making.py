"""Make the recognition model: sets, network, rules of the belief, threshold, figures, files."""

import json
import time
from collections.abc import Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch

from livecoach import __version__
from livecoach.core.charts import template
from livecoach.core.model_files.model_folder import FORMAT, sha256
from livecoach.core.model_files.tflite import TfliteNetwork
from livecoach.decisions.recognition.model_file import CARD, NETWORK
from livecoach.decisions.recognition.recogniser import CHANNELS, BeliefRules
from livecoach.lab import real_sets
from livecoach.lab.measure.table import share
from livecoach.lab.model_files import new_files
from livecoach.lab.processes import Workshop
from livecoach.lab.recognition.beliefs import BeliefOutcome, chosen_rules, outcome, posteriors_of
from livecoach.lab.recognition.sets import Stretch, gathered, stretches
from livecoach.lab.recognition.training import WINDOW, Streaming, Tcn, as_tflite, train
from livecoach.lab.synth.motion.lifts import EXERCISES
from livecoach.lab.train.recipes import RecognitionRecipe

CARD_TEMPLATE = Path(__file__).with_name("card.md.j2")
CHOOSING, JUDGING = 400_000, 0
"""First numbers of the sets to choose the rules on, with lifters and cameras of their own, and of those to judge on."""
OF_PERSON = ("first_sure_right", "first_sure_wrong", "refused")  # figures of each real person to judge on
TIMED = 200
FEWER = 8  # divisor of the number of training sets: each real person to judge on has this part of it


def make(recipe: RecognitionRecipe, folder: Path, workshop: Workshop) -> dict[str, Any]:
    """Train a network and choose its rules; write the kind that ships; return the figures. Raises SourceError."""
    seed, steps = recipe.seed, recipe.steps

    def synthetic(name: str, first: int, count: int, seed: int) -> list[Stretch]:
        return gathered(name, range(first, first + count), seed, workshop)

    def real(people: Sequence[str], count: int) -> list[Stretch]:
        if recipe.motion is None:
            return []
        work = partial(_of_people, recipe.motion, seed, tuple(people))
        return [one for of_set in workshop.each(work, range(count), "sets of people") for one in of_set]

    training = synthetic("training", 0, recipe.sets, seed) + real(real_sets.TRAINING, recipe.real)

    def progress(done: int, loss: float) -> None:
        workshop.progress(f"network ({recipe.kind})", done / steps, loss)

    streaming = train(recipe.kind, training, 1 + len(EXERCISES), steps, seed, progress)
    choosing = synthetic("choosing", CHOOSING, recipe.choosing, seed)
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
