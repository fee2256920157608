"""Trains the scorer of an exercise on good reps, evaluates it, and writes its model folder."""

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from livecoach.anomaly.scoring import Kde, Parts, block_errors, value
from livecoach.anomaly.skelemotion import SHAPE
from livecoach.config.exercise import Exercise
from livecoach.errors import ModelError
from livecoach.judging import population_file
from livecoach.judging.population import Population
from livecoach.lab.dataset import Dataset
from livecoach.lab.new_files import new_files
from livecoach.lab.processes import Progress
from livecoach.lab.scorers import compare
from livecoach.lab.scorers.autoencoder import (
    EPOCHS,
    LATENT,
    MOST_POINTS,
    TensorAutoencoder,
    decode_latents,
    decoder_tflite,
    density,
    encode_tensors,
    encoder_tflite,
    train,
)
from livecoach.lab.scorers.card import Card, write_card
from livecoach.lab.scorers.evaluation import own_reference
from livecoach.lab.scorers.limits import RealLimit, synthetic_limits, widen_limits
from livecoach.model_files.model_folder import MADE_BEFORE, Thresholds
from livecoach.model_files.tflite import TfliteNetwork
from livecoach.rep.measures import load_faults

AGREEMENT = 1e-4
"""Largest allowed difference between PyTorch's and TFLite's outputs."""
LEAST_REPS, LEAST_LIFTERS = 50, 4
"""Fewest good reps and lifters for which a limit is meaningful."""


class TrainedScorer(NamedTuple):
    """A trained scorer."""

    network: TensorAutoencoder
    kde: Kde
    thresholds: Thresholds

    def parts(self, tensors: np.ndarray) -> list[Parts]:
        """Return the parts of the score of each tensor, as the shipped scorer computes them."""
        latents = encode_tensors(self.network, tensors)
        differences = decode_latents(self.network, latents) - tensors
        return [
            Parts(log_density=self.kde.log_density(latent.astype(np.float64)), errors=block_errors(difference))
            for latent, difference in zip(latents, differences, strict=True)
        ]


@dataclass(frozen=True, kw_only=True)
class TrainingTask:
    """What to train."""

    exercise: Exercise
    dataset: Dataset
    command: str
    """The command that reproduces the model."""
    seed: int
    real: RealLimit | None
    """Figures measured on real reps; None if there are none."""
    comparing: bool = True
    """Whether to evaluate the other kinds of scorers, too."""


def train_scorer(task: TrainingTask, folder: Path, before: Path, progress: Progress) -> dict[str, Any]:
    """Write a model folder and return its figures; on failure, the folder is unchanged.

    before: the folder with the files that a scorer depends on, usually `folder` itself. progress: receives the current
    work and its finished share. Raises ModelError.
    """
    data = task.dataset
    parts = compare.Split(train=data.part("train"), valid=data.part("valid"), test=data.part("test"))
    _check(parts)
    _check_before(before)
    tensors = parts.train.tensors[parts.train.good]
    network = train(tensors, task.seed, progress=lambda epoch: progress("training", epoch / EPOCHS))
    kde = density(encode_tensors(network, tensors)[:MOST_POINTS])
    model = TrainedScorer(network, kde, unlimited := synthetic_limits_of(network, kde, parts))
    population = population_file.load(before, load_faults(task.exercise.name))
    metrics = _judged(task, model, parts, population, progress)
    shipped = unlimited if task.real is None else widen_limits(unlimited, task.real)
    with new_files(folder, "model.json") as made:
        _write(model, parts, made, before)
        card = Card(
            exercise=task.exercise,
            parts=parts,
            kde=kde,
            thresholds=shipped,
            real=task.real,
            metrics=metrics,
            training={"command": task.command, "seed": task.seed, "tensors": len(tensors), "data": data.digest()},
            synthetic=data.synthetic,
        )
        write_card(card, made)
    return metrics


def synthetic_limits_of(network: TensorAutoencoder, kde: Kde, parts: compare.Split) -> Thresholds:
    """Compute limits from the good reps of the calibration lifters."""
    nothing = Thresholds(log_density_usual=0.0, limits=(), factor=1.0, origin="")
    return synthetic_limits(TrainedScorer(network, kde, nothing).parts(parts.valid.tensors[parts.valid.good]))


def _check(parts: compare.Split) -> None:
    for name in ("train", "valid", "test"):
        reps = getattr(parts, name)
        lifters = len(np.unique(reps.lifters[reps.good]))
        if reps.good.sum() < LEAST_REPS or lifters < LEAST_LIFTERS:
            raise ModelError(
                f"dataset: {name} has {int(reps.good.sum())} good reps of {lifters} lifters; a scorer needs "
                f"{LEAST_REPS} of {LEAST_LIFTERS}. Add recordings of more lifters with `livecoach dataset`."
            )
    if not parts.test.bad.any():
        raise ModelError(
            "dataset: the test part has no bad reps, so the scorer can't be evaluated. Label some with "
            "`livecoach annotate`."
        )


def _judged(
    task: TrainingTask, model: TrainedScorer, parts: compare.Split, population: Population, progress: Progress
) -> dict[str, Any]:
    """Return figures on lifters that were used neither for training nor for the limits."""
    test = parts.test
    limit = model.thresholds.at(compare.ALARMS)
    usual = model.thresholds.log_density_usual
    scores = np.array([value(one, usual, limit) for one in model.parts(test.tensors)])
    known = compare.judged_rows(test)
    outcome = compare.Outcome(
        kind="autoencoder, as it ships",
        values=compare.TENSORS,
        setting=compare.Setting(own=0),
        scores=scores[known],
        rows=known,
    )
    metrics: dict[str, Any] = {
        "synthetic": task.dataset.synthetic,
        "autoencoder": compare.figures(test, outcome, task.seed),
        "autoencoder_by": compare.by_group(test, outcome, task.seed),
        "compared": [],
    }
    references = own_reference(test, population)
    metrics["own"] = [compare.figures(test, one, task.seed) for one in references]
    with_usual = [one for one in references if one.setting == compare.Setting(own=compare.USUAL_OWN)]
    metrics["own_by"] = compare.by_group(test, with_usual[0], task.seed) if with_usual else {}
    for number, other in enumerate(compare.compare_scorers(parts, task.seed) if task.comparing else (), 1):
        progress("comparing", number / compare.COMPARED)
        metrics["compared"].append(compare.figures(test, other, task.seed))
    return metrics


def _write(model: TrainedScorer, parts: compare.Split, folder: Path, before: Path) -> None:
    """Write all files except the card. Raises ModelError if TFLite's outputs differ."""
    (folder / "encoder.tflite").write_bytes(encoder_tflite(model.network))
    (folder / "decoder.tflite").write_bytes(decoder_tflite(model.network))
    arrays = {name: getattr(model.kde, name).astype(np.float32) for name in ("points", "mean", "whitening")}
    np.savez(folder / "kde.npz", bandwidth=np.float64(model.kde.bandwidth), **arrays)
    check_agreement(model.network, parts.test.tensors[:64], folder)
    for name in MADE_BEFORE:
        shutil.copy(before / name, folder / name)


def _check_before(folder: Path) -> None:
    """Raise ModelError if a file that other commands make is missing."""
    for name in MADE_BEFORE:
        if not (folder / name).is_file():
            raise ModelError(f"{folder / name}: missing, but the scorer depends on it. See docs/models.md.")


def check_agreement(network: TensorAutoencoder, tensors: np.ndarray, folder: Path) -> None:
    """Raise ModelError if the TFLite files in `folder` compute other outputs than PyTorch."""
    encoder = TfliteNetwork(folder / "encoder.tflite", (1, *SHAPE), (1, LATENT))
    decoder = TfliteNetwork(folder / "decoder.tflite", (1, LATENT), (1, *SHAPE))
    latents = np.concatenate([encoder(tensor[None]).copy() for tensor in tensors])
    outputs = np.concatenate([decoder(latent[None]).copy() for latent in latents])
    wanted = encode_tensors(network, tensors)
    off = max(np.abs(latents - wanted).max(), np.abs(outputs - decode_latents(network, wanted)).max())
    if not off <= AGREEMENT:
        raise ModelError(f"{folder}: the TFLite networks differ by {off:.1e}. Update ai-edge-litert.")
