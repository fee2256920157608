"""Train the scorer of an exercise on synthetic motion and write its model folder, card and figures included.

    python scripts/train_scorer.py deadlift            # writes models/deadlift, which must hold the other models

Good reps only are trained on. Takes about three minutes on one core. Needs `pip install '.[train]'`. The limits are
those of good synthetic reps, moved out by what scripts/measure_alarms.py found on real ones (scripts/real_limits.yaml).
"""

import argparse
import shutil
import sys
import time
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from intervals import auroc_interval, share
from scorer_card import Card, interval, write_card
from scorer_limits import REAL_LIMITS, RealLimit, moved_out, read_real_limits, synthetic_limits
from scorer_network import Autoencoder, decoded, decoder_tflite, encoded, encoder_tflite, train
from scorer_reps import Reps, synthetic_reps

from livecoach import exercise as exercises
from livecoach.errors import LivecoachError
from livecoach.exercise import Exercise
from livecoach.model_folder import MADE_BEFORE, Thresholds
from livecoach.paths import models_dir
from livecoach.scoring import Kde, Parts, TfliteNetwork, block_errors, value
from livecoach.skelemotion import SHAPE

LATENT = 32
LEAST_SEVERITY = 0.5
"""Measured, of the faulty reps that judge."""
LEAST_VARIANCE = 1e-3
"""Of the latent's largest: directions that vary less are not blown up by the whitening."""
AGREEMENT = 1e-4
"""Largest difference between PyTorch's numbers and TFLite's."""


class Data(NamedTuple):
    """The parts; sets of a part share no lifter with another."""

    train: Reps
    calibration: Reps
    test: Reps
    faulty: Reps


class Model(NamedTuple):
    """What is trained."""

    network: Autoencoder
    kde: Kde
    synthetic: Thresholds
    shipped: Thresholds

    def parts(self, tensors: np.ndarray) -> list[Parts]:
        """As the scorer computes them."""
        latents = encoded(self.network, tensors)
        differences = decoded(self.network, latents) - tensors
        return [
            Parts(log_density=self.kde.log_density(latent.astype(np.float64)), errors=block_errors(difference))
            for latent, difference in zip(latents, differences, strict=True)
        ]

    def scores(self, tensors: np.ndarray) -> np.ndarray:
        """At the synthetic limits."""
        return np.array([value(parts, self.synthetic) for parts in self.parts(tensors)])


def density(latents: np.ndarray) -> Kde:
    """Exact density of latents (n, d), whitened; Scott's bandwidth n^(-1 / (d + 4)) (Scott 1992)."""
    latents = latents.astype(np.float64)
    mean = latents.mean(0)
    variances, axes = np.linalg.eigh(np.cov(latents.T))
    whitening = axes / np.sqrt(np.maximum(variances, LEAST_VARIANCE * variances.max()))
    count, dimensions = latents.shape
    return Kde(
        # float32 as it is stored
        points=((latents - mean) @ whitening).astype(np.float32).astype(np.float64),
        mean=mean.astype(np.float32).astype(np.float64),
        whitening=whitening.astype(np.float32).astype(np.float64),
        bandwidth=float(count ** (-1 / (dimensions + 4))),
    )


def fit(data: Data, epochs: int, seed: int, real: RealLimit | None) -> Model:
    """Train on good reps, and set the limits on other good reps."""
    network = train(data.train.tensors, LATENT, epochs, seed, print)
    kde = density(encoded(network, data.train.of("good")))
    unlimited = Thresholds(log_density_usual=0, log_density_limit=-1, reconstruction_limit=1, factor=1, origin="")
    limits = synthetic_limits(Model(network, kde, unlimited, unlimited).parts(data.calibration.of("good")))
    return Model(network, kde, limits, limits if real is None else moved_out(limits, real))


def judge(model: Model, data: Data, seed: int) -> dict[str, Any]:
    """Figures on lifters that were neither trained on nor used for the limits."""
    is_fault = data.faulty.severities >= LEAST_SEVERITY
    good, faulty = model.scores(data.test.of("good")), model.scores(data.faulty.tensors[is_fault])
    names = data.faulty.faults[is_fault]
    factor = model.shipped.factor

    def shares(scores: np.ndarray) -> dict[str, Any]:
        return {"synthetic_limits": share(scores > 1), "shipped_limits": share(scores > factor)}

    faults = [str(name) for name in np.unique(names)]
    return {
        "synthetic": True,
        "alarms": shares(good),
        "hits": shares(faulty),
        "hits_by_fault": {name: shares(faulty[names == name]) for name in faults},
        "auroc": auroc_interval(good, faulty, seed),
        "auroc_by_fault": {name: auroc_interval(good, faulty[names == name], seed) for name in faults},
        "strangest": {name: round(float(faulty[names == name].max() / factor), 3) for name in faults},
    }


def write_networks(model: Model, data: Data, folder: Path) -> None:
    """encoder.tflite, decoder.tflite, kde.npz. Raises LivecoachError where TFLite computes something else."""
    (folder / "encoder.tflite").write_bytes(encoder_tflite(model.network))
    (folder / "decoder.tflite").write_bytes(decoder_tflite(model.network))
    kde = model.kde
    arrays = {name: getattr(kde, name).astype(np.float32) for name in ("points", "mean", "whitening")}
    np.savez(folder / "kde.npz", bandwidth=np.float64(kde.bandwidth), **arrays)
    check_agreement(model.network, data.test.tensors[:64], folder)


def check_agreement(network: Autoencoder, tensors: np.ndarray, folder: Path) -> None:
    """PyTorch and the TFLite files in `folder` give the same numbers."""
    encoder = TfliteNetwork(folder / "encoder.tflite", (1, *SHAPE), (1, LATENT))
    decoder = TfliteNetwork(folder / "decoder.tflite", (1, LATENT), (1, *SHAPE))
    latents = np.concatenate([encoder(tensor[None]).copy() for tensor in tensors])
    outputs = np.concatenate([decoder(latent[None]).copy() for latent in latents])
    wanted = encoded(network, tensors)
    off = max(np.abs(latents - wanted).max(), np.abs(outputs - decoded(network, wanted)).max())
    if not off <= AGREEMENT:
        raise LivecoachError(f"{folder}: the TFLite networks are off by {off:.1e}. Is ai-edge-litert up to date?")
    print(f"TFLite agrees with PyTorch to {off:.1e}")


def train_folder(exercise: Exercise, folder: Path, sets: int, seed: int, epochs: int, limits: Path) -> dict[str, Any]:
    """Make the model folder; returns its figures. `folder` holds the models that are made before."""
    command = f"python scripts/train_scorer.py {exercise.name} --sets {sets} --seed {seed} --epochs {epochs}"
    judging = max(sets // 3, 1)
    counts = {"train": sets, "calibration": judging, "test": judging, "faulty": judging}
    started = time.monotonic()
    data = Data(**{part: synthetic_reps(exercise, part, count, seed) for part, count in counts.items()})
    print(f"{len(data.train.tensors)} tensors to train on after {time.monotonic() - started:.0f} s")
    real = read_real_limits(limits).get(exercise.name)
    model = fit(data, epochs, seed, real)
    metrics = judge(model, data, seed)
    write_networks(model, data, folder)
    digest = data.train.sha256()
    card = Card(
        exercise=exercise,
        data=[(name, counts[name], reps) for name, reps in data._asdict().items()],
        kde=model.kde,
        limits=model.shipped,
        real=real,
        metrics=metrics,
        training={"command": command, "seed": seed, "tensors": len(data.train.tensors), "tensors_sha256": digest},
    )
    write_card(card, folder)
    print(f"AUROC {interval(metrics['auroc'])} on synthetic reps; {time.monotonic() - started:.0f} s in all")
    return metrics


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("exercise", choices=exercises.names())
    parser.add_argument("--sets", type=int, default=600, help="sets to train on; a third as many for each other part")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--epochs", type=int, default=30)
    parser.add_argument("--limits", type=Path, default=REAL_LIMITS, help="what was measured on real reps")
    parser.add_argument("--out", type=Path, default=None, help="folder (default: the exercise's in models/)")
    arguments = parser.parse_args()
    exercise = exercises.load(arguments.exercise)
    shipped = models_dir() / exercise.model
    folder: Path = arguments.out or shipped
    try:
        if folder != shipped:
            folder.mkdir(parents=True, exist_ok=True)
            for name in MADE_BEFORE:
                shutil.copy(shipped / name, folder / name)
        train_folder(exercise, folder, arguments.sets, arguments.seed, arguments.epochs, arguments.limits)
    except LivecoachError as err:
        print(f"error: {err}", file=sys.stderr)
        return err.exit_code
    print(f"wrote {folder}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
