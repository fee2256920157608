"""A scorer of rep images as a folder: training on good ones, limits from held-out videos, cards, and evaluation.

A method measures two parts of an image; higher is stranger. They are scaled so that the median good image is 0 and the
limit is 1, and combined by the method's rule.

    MODEL/  model.json  README.md  and best.npz, or encoder.tflite  decoder.tflite  kde.npz

`model.json` holds the digest of every other file. No file can run code, as there is no pickle.
"""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np

from livecoach.core.config.paths import install_command
from livecoach.core.errors import ConfigError, ModelError
from livecoach.core.model_files.model_folder import FORMAT, Format, check, read_model, sha256
from livecoach.lab.images import scorers
from livecoach.lab.images.pictures import SHAPE, Images, read_images
from livecoach.lab.measure.table import Cell, Rounded, Table, auroc_interval, share, share_of
from livecoach.lab.model_files import CARD, check_place, new_files
from livecoach.lab.processes import Workshop
from livecoach.lab.train.recipes import ImagesRecipe, Method

BUDGET = 0.05
"""Share of good images of held-out videos that may be flagged. Our choice, one in twenty: 4 % of the dissertation's
good training images show a wrongly cut rep, which would exceed any stricter limit."""
Rule = Literal["or", "mean"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageLimits:
    """The limits of both parts, and the rule that combines them."""

    usual: tuple[float, float]  # median of good images of held-out videos, which scales to 0
    limits: tuple[float, float]
    """Limit of each part, which scales to 1: equally rare in both, and as low as the budget allows."""
    rule: Rule  # "or": the worse part decides; "mean": the mean of both parts over `mean_limit` decides
    mean_limit: float
    """Limit of the mean of both scaled parts, which a share BUDGET exceeds; for the rule "mean"."""

    def scaled(self, parts: np.ndarray) -> np.ndarray:
        """Scale parts (n, 2): 0 is usual, above 1 is anomalous."""
        usual = np.array(self.usual)
        scaled: np.ndarray = (parts - usual) / (np.array(self.limits) - usual)
        return scaled

    def values(self, parts: np.ndarray) -> np.ndarray:
        """Combine parts (n, 2) by the method's rule, (n,): above 1 is anomalous."""
        scaled = self.scaled(parts)
        values: np.ndarray = scaled.max(1) if self.rule == "or" else scaled.mean(1) / self.mean_limit
        return values


def limits_of(parts: np.ndarray, rule: Rule) -> ImageLimits:
    """Compute limits from the parts (n, 2) of good images, each measured by a scorer fitted without its video."""
    usual = np.median(parts, 0)
    limits = np.maximum(_limits(parts), usual + 1e-9)  # for identical images
    scaled = (parts - usual) / (limits - usual)
    return ImageLimits(
        usual=(float(usual[0]), float(usual[1])),
        limits=(float(limits[0]), float(limits[1])),
        rule=rule,
        mean_limit=max(float(np.quantile(scaled.mean(1), 1 - BUDGET, method="higher")), 1e-9),
    )


def _limits(parts: np.ndarray) -> np.ndarray:
    """Return the limits (2,) that equally many good images exceed, the lowest for which either is within BUDGET."""
    ordered = np.sort(parts, 0)[::-1]
    limits = ordered[0]
    for limit in ordered[1 : int(BUDGET * len(parts)) + 1]:
        if (parts > limit).any(1).mean() > BUDGET:
            break
        limits = limit
    return limits


def held_out_groups(videos: np.ndarray, groups: int) -> Iterator[np.ndarray]:
    """Yield the held-out images, (n,) bool, of at most `groups` groups of whole videos of similar size."""
    names, counts = np.unique(videos, return_counts=True)
    sizes = np.zeros(min(groups, len(names)), int)
    group_of = {}
    for name, count in sorted(zip(names, counts, strict=True), key=lambda pair: (-pair[1], pair[0])):
        group_of[name] = int(sizes.argmin())
        sizes[group_of[name]] += count
    numbers = np.array([group_of[name] for name in videos])
    for number in range(len(sizes)):
        yield numbers == number


def held_out_parts(
    greys: np.ndarray,
    videos: np.ndarray,
    groups: int,
    fitted: Callable[[np.ndarray], Callable[[np.ndarray], np.ndarray]],
) -> np.ndarray:
    """Return the parts (n, 2) of each image by a scorer fitted to the images of other videos. fitted: fits a scorer to
    images (m, …) and returns the function that measures images."""
    parts = np.zeros((len(greys), 2))
    for out in held_out_groups(videos, groups):
        parts[out] = fitted(greys[~out])(greys[out])
    return parts


WHAT = {
    "best": (
        "the distance of the image to the nearest good ones, and its likelihood in their normal distribution, both on"
        " the direction and presence of each joint's motion, averaged in time; the mean of both decides"
    ),
    "seed": (
        "the density of a convolutional autoencoder's code (64, 32 and 16 filters; exact Gaussian kernel density), and"
        " the autoencoder's reconstruction error; either one above its limit flags an image"
    ),
}
RULE_NAMES = {"flagged": "by the method's rule", "or": "either part", "and": "both parts"}
README_TEMPLATE = Path(__file__).with_name("card.md")


def readme(method: str, limits: ImageLimits, training: dict[str, Any], metrics: dict[str, Any]) -> str:
    rows = ["| good images flagged | of | by | share |", "| --- | --- | --- | --- |"]
    for key, called in (("left_out", "held-out videos"), ("valid", "more reps, --valid")):
        for by, of in metrics.get(key, {}).items():
            if isinstance(of, dict):
                rows.append(f"| {called} | {of['of']} | {RULE_NAMES.get(by, by)} | {share_text(of)} |")
    if "tflite_differs_by" in metrics:
        rows += ["", f"TFLite and PyTorch differ by at most {metrics['tflite_differs_by']:.1g}."]
    rows += [
        "",
        f"Usual {_pair(limits.usual)}, limits {_pair(limits.limits)}, limit of the mean {limits.mean_limit:.3g}.",
    ]
    text = README_TEMPLATE.read_text(encoding="utf-8")
    return text.format(method=method, what=WHAT[method], budget=BUDGET, figures="\n".join(rows), **training)


def share_text(of: dict[str, Any]) -> str:
    return f"{of['value']:.3f} ({of['low']:.3f}-{of['high']:.3f})"


def _pair(pair: tuple[float, float]) -> str:
    return " and ".join(f"{number:.4g}" for number in pair)


KIND = "rep image scorer"
README = "README.md"
FILES: Mapping[Method, tuple[str, ...]] = {"seed": (*scorers.SEED_FILES, README), "best": (scorers.BEST_FILE, README)}
PARTS: Mapping[Method, tuple[str, str]] = {"seed": scorers.SEED_PARTS, "best": scorers.BEST_PARTS}


ImageScorer = scorers.BestScorer | scorers.SeedScorer


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageCard:
    format: Format
    kind: str
    method: Method
    image_shape: tuple[int, int]
    limits: ImageLimits
    files: dict[str, str]  # file name → SHA-256
    training: dict[str, Any]  # command, seed, number of images and videos, digest
    images: list[str]
    """SHA-256 of the grey values of each training image, so that an evaluation can report reuse."""
    metrics: dict[str, Any]  # figures on good images of held-out videos


class ImageModel(NamedTuple):
    card: ImageCard
    scorer: ImageScorer


def load(folder: Path) -> ImageModel:
    """Load a model folder. Raises ModelError that names the file that is missing, changed or invalid."""
    path = folder / CARD
    card = read_model(path, ImageCard)
    if card.kind != KIND:
        raise ModelError(
            f"{path}: kind is {card.kind!r}, expected {KIND!r}. Give a folder of `livecoach lab train scorer`."
        )
    if card.image_shape != SHAPE:
        raise ModelError(f"{path}: image_shape is {card.image_shape}; this livecoach reads {SHAPE}. Train it again.")
    limits = card.limits
    scales = zip(limits.usual, limits.limits, strict=True)
    if not all(usual < limit for usual, limit in scales) or limits.mean_limit <= 0:
        raise ModelError(f"{path}: limits: each must be above the usual value. Train it again.")
    for name in FILES[card.method]:
        check(folder / name, card.files.get(name), CARD)
    return ImageModel(
        card=card, scorer=scorers.load_best(folder) if card.method == "best" else scorers.load_seed(folder)
    )


def judge(good: Images, bad: Images, model: ImageModel) -> list[Table]:
    """Return the figures by the method's rule, by either part, by both parts, and by each part alone."""
    card, scorer = model.card, model.scorer
    limits, names, seed = card.limits, PARTS[card.method], int(card.training["seed"])
    parts = [scorer.parts(images.greys) for images in (good, bad)]
    scaled, values = [limits.scaled(one) for one in parts], [limits.values(one) for one in parts]
    by = {
        "the method's rule": values,
        "either part": [one.max(1) for one in scaled],
        "both parts": [one.min(1) for one in scaled],
        **{name: [one[:, column] for one in scaled] for column, name in enumerate(names)},
    }
    known = set(card.images)
    of_training = [sum(digest in known for digest in images.digests()) for images in (good, bad)]
    return [
        Table(
            title=f"{len(good)} good and {len(bad)} bad images, method {card.method}",
            columns=("flagged by", "right", "good flagged", "bad flagged", "AUROC"),
            rows=tuple((name, *_cells(*of_rule, seed=seed)) for name, of_rule in by.items()),
            notes=(f"{of_training[0]} of the good and {of_training[1]} of the bad images were used for training.",),
        ),
        Table(
            title="Images that are not right",
            columns=("image", "label", "value, flagged above 1"),
            rows=tuple(
                (name, label, Rounded(float(value), 2))
                for images, label, of_images in zip((good, bad), ("good", "bad"), values, strict=True)
                for name, value in zip(images.names, of_images, strict=True)
                if (value > 1) == (label == "good")
            ),
        ),
    ]


def _cells(good: np.ndarray, bad: np.ndarray, *, seed: int) -> tuple[Cell, ...]:
    """Return the figures of one rule; scores above 1 are flagged."""
    right = share_of(np.concatenate([good <= 1, bad > 1]))
    return right, share_of(good > 1), share_of(bad > 1), auroc_interval(good, bad, seed)


SEED_GROUPS = 3
"""Number of groups of held-out videos for the method "seed", whose autoencoder trains for one to two minutes."""
AGREEMENT = 1e-4  # largest allowed difference between TFLite's and PyTorch's outputs for the training images
RULES: dict[Method, Rule] = {"seed": "or", "best": "mean"}
Progress = Callable[[float], object]
"""Called with the finished share of the work, 0…1. An exception that it raises ends the training."""


class Trained(NamedTuple):
    save: Callable[[Path], dict[str, float]]  # writes the scorer's files to a folder, and returns figures for the card
    left_out: np.ndarray  # (n, 2) parts of the training images, each by a scorer fitted without its video


def make(recipe: ImagesRecipe, folder: Path, workshop: Workshop) -> str:
    """Fit a scorer to good images, find its limits, write it into a folder, and return its figures in words. The images
    of --valid are not used for fitting: they tell how many are flagged. Raises SourceError if the images are unusable,
    OutputError if a model can't be written; then, and on Ctrl-C, the folder is unchanged."""
    images = read_images(recipe.images or Path())
    valid = None if recipe.valid is None else read_images(recipe.valid)
    videos, method, progress = images.videos(), recipe.method, partial(workshop.progress, "training")
    ours = {name for names in FILES.values() for name in names}
    check_place(folder, ours, KIND, "scorer of rep images")
    trained = (
        _train_best(images.greys, videos, progress)
        if method == "best"
        else _train_seed(images.greys, videos, recipe.seed, progress)
    )
    limits = limits_of(trained.left_out, RULES[method])
    with new_files(folder, ours=ours) as written:
        facts = trained.save(written)
        training = _training(images, videos, valid, recipe)
        metrics: dict[str, Any] = {
            "left_out": flagged_shares(limits, trained.left_out, PARTS[method]),
            **facts,
        }
        if valid is not None:
            scorer: ImageScorer = scorers.load_best(written) if method == "best" else scorers.load_seed(written)
            known = set(images.digests())
            metrics["valid"] = {
                **flagged_shares(limits, scorer.parts(valid.greys), PARTS[method]),
                "of_training": sum(digest in known for digest in valid.digests()),
            }
        (written / README).write_text(readme(method, limits, training, metrics), encoding="utf-8")
        card = ImageCard(
            format=FORMAT,
            kind=KIND,
            method=method,
            image_shape=SHAPE,
            limits=limits,
            files={name: sha256(written / name) for name in FILES[method]},
            training=training,
            images=list(images.digests()),
            metrics=metrics,
        )
        (written / CARD).write_text(json.dumps(asdict(card), indent=1) + "\n", encoding="utf-8")
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

    left_out = held_out_parts(greys, videos, total, fitted)
    scorer = scorers.fit_best(greys)
    progress(1.0)

    def save(folder: Path) -> dict[str, float]:
        scorer.save(folder)
        return {}

    return Trained(save, left_out)


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

    left_out = held_out_parts(greys, videos, groups, fitted)
    pictures = scorers.pictures_of(greys)
    network = autoencoder.train(pictures, seed_number, epoch_done)
    codes = autoencoder.encode_pictures(network, pictures)
    given_back = autoencoder.decode_codes(network, codes)

    def save(folder: Path) -> dict[str, float]:
        (folder / scorers.ENCODER).write_bytes(autoencoder.encoder_tflite(network))
        (folder / scorers.DECODER).write_bytes(autoencoder.decoder_tflite(network))
        scorers.save_density(scorers.density_of(codes), folder)
        return {"tflite_differs_by": _disagreement(folder, pictures, codes, given_back)}

    return Trained(save, left_out)


def _disagreement(folder: Path, pictures: np.ndarray, codes: np.ndarray, given_back: np.ndarray) -> float:
    """Return the largest difference between TFLite and PyTorch. Raises ModelError if it is above AGREEMENT."""
    lite_codes, lite_back = scorers.load_networks(folder)(pictures)
    largest = max(float(np.abs(lite_codes - codes).max()), float(np.abs(lite_back - given_back).max()))
    if largest > AGREEMENT:
        raise ModelError(f"TFLite and PyTorch differ by {largest:.1g}, more than {AGREEMENT:g}. Nothing was written.")
    return largest
