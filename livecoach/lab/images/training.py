"""Trains a scorer of rep images on a folder of good ones, with limits from held-out videos."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from livecoach.config.paths import install_command
from livecoach.errors import ConfigError, ModelError
from livecoach.lab.images import model, scorers
from livecoach.lab.images.model import ImageLimits
from livecoach.lab.images.pictures import Images, read_images
from livecoach.lab.measure.table import share
from livecoach.lab.model_files import check_place, new_files
from livecoach.lab.processes import Workshop
from livecoach.lab.train.recipes import ImagesRecipe, Method

SEED_GROUPS = 3
"""Number of groups of held-out videos for the method "seed", whose autoencoder trains for one to two minutes."""
AGREEMENT = 1e-4  # largest allowed difference between TFLite's and PyTorch's outputs for the training images
RULES: dict[Method, model.Rule] = {"seed": "or", "best": "mean"}
Progress = Callable[[float], object]
"""Called with the finished share of the work, 0…1. An exception that it raises ends the training."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Trained:
    """A trained scorer before it is written."""

    save: Callable[[Path], None]  # writes the files of the scorer to a folder
    left_out: np.ndarray  # (n, 2) parts of the training images, each by a scorer fitted without its video
    facts: dict[str, float]  # figures for the card


def make(recipe: ImagesRecipe, folder: Path, workshop: Workshop) -> str:
    """Fit a scorer to good images, find its limits, write it into a folder, and return its figures in words.

    The images of --valid are not used for fitting: they tell how many are flagged. Raises SourceError if the images are
    unusable, OutputError if a model can't be written; then, and on Ctrl-C, the folder is unchanged.
    """
    images = read_images(recipe.images or Path())
    valid = None if recipe.valid is None else read_images(recipe.valid)
    videos, method, progress = images.videos(), recipe.method, partial(workshop.progress, "training")
    ours = {name for names in model.FILES.values() for name in names}
    check_place(folder, ours, model.KIND, "scorer of rep images")
    trained = (
        _train_best(images.greys, videos, progress)
        if method == "best"
        else _train_seed(images.greys, videos, recipe.seed, progress)
    )
    limits = model.limits_of(trained.left_out, RULES[method])
    with new_files(folder, ours=ours) as written:
        trained.save(written)
        training = _training(images, videos, valid, recipe)
        metrics: dict[str, Any] = {
            "left_out": flagged_shares(limits, trained.left_out, model.PARTS[method]),
            **trained.facts,
        }
        if valid is not None:
            scorer: model.ImageScorer = scorers.load_best(written) if method == "best" else scorers.load_seed(written)
            known = set(images.digests())
            metrics["valid"] = {
                **flagged_shares(limits, scorer.parts(valid.greys), model.PARTS[method]),
                "of_training": sum(digest in known for digest in valid.digests()),
            }
        (written / model.README).write_text(model.readme(method, limits, training, metrics), encoding="utf-8")
        model.write_card(written, method, limits, training, list(images.digests()), metrics)
    return _in_words(method, training, metrics)


def _in_words(method: Method, training: dict[str, Any], metrics: dict[str, Any]) -> str:
    def flagged(of: dict[str, Any]) -> str:
        return f"{of['hits']} of {of['of']} ({of['low']:.3f}-{of['high']:.3f})"

    lines = [
        f"scorer of rep images, method {method}, of {training['images']} images of {training['videos']} videos.",
        f"Good images of videos left out that it flags: {flagged(metrics['left_out']['flagged'])}.",
    ]
    if "valid" in metrics:
        lines.append(f"Of --valid: {flagged(metrics['valid']['flagged'])}.")
        if repeated := metrics["valid"]["of_training"]:
            lines.append(f"{repeated} of the images of --valid are among those it was trained on.")
    return "\n".join(lines)


def flagged_shares(limits: ImageLimits, parts: np.ndarray, names: tuple[str, str]) -> dict[str, Any]:
    """Return how many images are flagged, with Wilson's interval: by the method's rule, and by other rules."""
    over: np.ndarray = limits.scaled(parts) > 1
    return {
        "flagged": share(limits.values(parts) > 1),
        "or": share(over.max(1)),
        "and": share(over.min(1)),
        **{name: share(over[:, column]) for column, name in enumerate(names)},
    }


def _training(images: Images, videos: np.ndarray, valid: Images | None, recipe: ImagesRecipe) -> dict[str, Any]:
    given = f" --valid {valid.folder.name}" if valid is not None else ""
    how = f"{given} --method {recipe.method} --seed {recipe.seed}"
    return {
        "command": f"livecoach lab train scorer --images {images.folder.name}{how}",
        "seed": recipe.seed,
        "images": len(images),
        "videos": len(set(videos)),
        "sha256": hashlib.sha256("".join(images.digests()).encode()).hexdigest(),
    }


def _train_best(greys: np.ndarray, videos: np.ndarray, progress: Progress) -> Trained:
    total, done = len(set(videos)) + 1, 0

    def fitted(others: np.ndarray) -> Callable[[np.ndarray], np.ndarray]:
        nonlocal done
        scorer = scorers.fit_best(others)
        done += 1
        progress(done / total)
        return scorer.parts

    left_out = model.held_out_parts(greys, videos, total, fitted)
    scorer = scorers.fit_best(greys)
    progress(1.0)
    return Trained(save=scorer.save, left_out=left_out, facts={})


def _train_seed(greys: np.ndarray, videos: np.ndarray, seed_number: int, progress: Progress) -> Trained:
    try:
        from livecoach.lab.images import autoencoder
    except ImportError as err:
        raise ConfigError(f"--method seed needs PyTorch to train. Run `{install_command('networks')}`.") from err
    groups = min(SEED_GROUPS, len(set(videos)))
    total, done = (groups + 1) * autoencoder.EPOCHS, 0

    def epoch_done() -> None:
        nonlocal done
        done += 1
        progress(done / total)

    def fitted(others: np.ndarray) -> Callable[[np.ndarray], np.ndarray]:
        network = autoencoder.train(scorers.pictures_of(others), seed_number, epoch_done)
        kde = scorers.density_of(autoencoder.encode_pictures(network, scorers.pictures_of(others)))

        def parts(left: np.ndarray) -> np.ndarray:
            pictures = scorers.pictures_of(left)
            codes = autoencoder.encode_pictures(network, pictures)
            return scorers.parts_of(kde, codes, pictures, autoencoder.decode_codes(network, codes))

        return parts

    left_out = model.held_out_parts(greys, videos, groups, fitted)
    pictures = scorers.pictures_of(greys)
    network = autoencoder.train(pictures, seed_number, epoch_done)
    codes = autoencoder.encode_pictures(network, pictures)
    given_back = autoencoder.decode_codes(network, codes)
    facts: dict[str, float] = {}

    def save(folder: Path) -> None:
        (folder / scorers.ENCODER).write_bytes(autoencoder.encoder_tflite(network))
        (folder / scorers.DECODER).write_bytes(autoencoder.decoder_tflite(network))
        facts["tflite_differs_by"] = _disagreement(folder, pictures, codes, given_back)
        scorers.save_density(scorers.density_of(codes), folder)

    return Trained(save=save, left_out=left_out, facts=facts)


def _disagreement(folder: Path, pictures: np.ndarray, codes: np.ndarray, given_back: np.ndarray) -> float:
    """Return the largest difference between TFLite and PyTorch. Raises ModelError if it is above AGREEMENT."""
    lite_codes, lite_back = scorers.load_networks(folder)(pictures)
    largest = max(float(np.abs(lite_codes - codes).max()), float(np.abs(lite_back - given_back).max()))
    if largest > AGREEMENT:
        raise ModelError(f"TFLite and PyTorch differ by {largest:.1g}, more than {AGREEMENT:g}. Nothing was written.")
    return largest
