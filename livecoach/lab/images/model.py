"""A scorer of rep images as a folder: training on good ones, limits from held-out videos, cards, and evaluation.

A method measures two parts of an image; higher is stranger. They are scaled so that the median good image is 0 and the
limit is 1. The worse part decides.

    MODEL/  model.json  README.md  and best.npz, or encoder.tflite  decoder.tflite  kde.npz

`model.json` holds the digest of every other file. No file can run code, as there is no pickle.
"""

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from livecoach.core.config.paths import install_command
from livecoach.core.errors import ConfigError, ModelError
from livecoach.core.model_files.model_folder import FORMAT, Format, check, sha256
from livecoach.lab.images import scorers
from livecoach.lab.images.pictures import SHAPE, Images, read_images
from livecoach.lab.images.scorers import SCORERS, ImageScorer
from livecoach.lab.measure.table import Cell, Rounded, Table, as_content, as_text, auroc_interval, share_of
from livecoach.lab.model_files import CARD, check_place, difference, new_files, read_card
from livecoach.lab.processes import Workshop
from livecoach.lab.train.recipes import ImagesRecipe, Method

BUDGET = 0.05
"""Share of good images of held-out videos that may be flagged. Our choice, one in twenty: 4 % of the dissertation's
good training images show a wrongly cut rep, which would exceed any stricter limit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageLimits:
    """The limits of both parts."""

    usual: tuple[float, float]  # median of good images of held-out videos, which scales to 0
    limits: tuple[float, float]
    """Limit of each part, which scales to 1: equally rare in both, and as low as the budget allows."""

    def scaled(self, parts: np.ndarray) -> np.ndarray:
        """Scale parts (n, 2): 0 is usual, above 1 is anomalous."""
        usual = np.array(self.usual)
        return (parts - usual) / (np.array(self.limits) - usual)

    def values(self, parts: np.ndarray) -> np.ndarray:
        """Return the worse of both parts (n, 2), scaled, (n,): above 1 is anomalous. On the dissertation's images that
        is right about 69 of 95, and the mean of both about 65."""
        return self.scaled(parts).max(1)


def limits_of(parts: np.ndarray) -> ImageLimits:
    """Compute limits from the parts (n, 2) of good images, each measured by a scorer fitted without its video."""
    usual = np.median(parts, 0)
    limits = np.maximum(_limits(parts), usual + 1e-9)  # for identical images
    return ImageLimits(usual=(float(usual[0]), float(usual[1])), limits=(float(limits[0]), float(limits[1])))


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


README_TEMPLATE = Path(__file__).with_name("card.md")
KIND = "rep image scorer"
README = "README.md"


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
    path, card = folder / CARD, read_card(folder, ImageCard, KIND, "scorer")
    if card.image_shape != SHAPE:
        raise ModelError(f"{path}: image_shape is {card.image_shape}; this livecoach reads {SHAPE}. Train it again.")
    limits = card.limits
    scales = zip(limits.usual, limits.limits, strict=True)
    if not all(usual < limit for usual, limit in scales):
        raise ModelError(f"{path}: limits: each must be above the usual value. Train it again.")
    kind = SCORERS[card.method]
    for name in (*kind.files, README):
        check(folder / name, card.files.get(name), CARD)
    return ImageModel(card=card, scorer=kind.load(folder))


def by_rule(limits: ImageLimits, parts: np.ndarray, names: tuple[str, str]) -> dict[str, np.ndarray]:
    """Return the values (n,) of parts (n, 2) by either part, which decides, by both parts, and by each part alone,
    whose names are given; above 1 an image is flagged."""
    scaled = limits.scaled(parts)
    return {
        "either part": limits.values(parts),
        "both parts": scaled.min(1),
        **{name: scaled[:, column] for column, name in enumerate(names)},
    }


def judge(good: Images, bad: Images, model: ImageModel) -> list[Table]:
    """Return the figures by each rule, and the images that are not right."""
    card, scorer = model.card, model.scorer
    of_good, of_bad = (by_rule(card.limits, scorer.parts(one.greys), scorer.part_names) for one in (good, bad))
    of_training = [_repeated(images, card.images) for images in (good, bad)]
    rule = next(iter(of_good))
    return [
        Table(
            title=f"{len(good)} good and {len(bad)} bad images, method {card.method}",
            columns=("flagged by", "right", "good flagged", "bad flagged", "AUROC"),
            rows=tuple(
                (name, *_cells(of_good[name], of_bad[name], seed=int(card.training["seed"]))) for name in of_good
            ),
            notes=(f"{of_training[0]} of the good and {of_training[1]} of the bad images were used for training.",),
        ),
        Table(
            title="Images that are not right",
            columns=("image", "label", "value, flagged above 1"),
            rows=tuple(
                (name, label, Rounded(float(value), 2))
                for images, label, values in ((good, "good", of_good[rule]), (bad, "bad", of_bad[rule]))
                for name, value in zip(images.names, values, strict=True)
                if (value > 1) == (label == "good")
            ),
        ),
    ]


def _cells(good: np.ndarray, bad: np.ndarray, *, seed: int) -> tuple[Cell, ...]:
    """Return the figures of one rule; scores above 1 are flagged."""
    right = share_of(np.concatenate([good <= 1, bad > 1]))
    return right, share_of(good > 1), share_of(bad > 1), auroc_interval(good, bad, seed)


def _repeated(images: Images, known: Sequence[str]) -> int:
    """Count the images whose digests are known."""
    return sum(digest in set(known) for digest in images.digests())


SEED_GROUPS = 3
"""Number of groups of held-out videos for the method "seed", whose autoencoder trains for one to two minutes."""
AGREEMENT = 1e-4  # largest allowed difference between TFLite's and PyTorch's outputs for the training images


def make(recipe: ImagesRecipe, folder: Path, workshop: Workshop) -> str:
    """Fit a scorer to good images, find its limits, write it into a folder, and return its figures in words. The images
    of --valid are not used for fitting: they tell how many are flagged. Raises SourceError if the images are unusable,
    OutputError if a model can't be written; then, and on Ctrl-C, the folder is unchanged."""
    images = read_images(recipe.images or Path())
    valid = None if recipe.valid is None else read_images(recipe.valid)
    videos, method, kind = images.videos(), recipe.method, SCORERS[recipe.method]
    ours = {name for scorer in SCORERS.values() for name in (*scorer.files, README)}
    check_place(folder, ours, KIND, "scorer of rep images")
    groups = len(set(videos)) if method == "best" else min(SEED_GROUPS, len(set(videos)))
    fits = iter(range(groups + 1))

    def fitted(greys: np.ndarray) -> Fitted:
        number = next(fits)

        def progress(share: float) -> None:
            workshop.progress("training", (number + share) / (groups + 1))

        if method == "seed":
            return _fit_seed(greys, recipe.seed, progress)
        best = scorers.fit_best(greys)
        progress(1.0)
        return Fitted(best, best.save)

    left_out = held_out_parts(images.greys, videos, groups, lambda greys: fitted(greys).scorer.parts)
    whole, limits = fitted(images.greys), limits_of(left_out)
    with new_files(folder, ours=ours) as written:
        off = whole.save(written)
        table = _flagged(limits, left_out, kind.load(written), images, valid)
        training = _training(images, videos, valid, recipe)
        (written / README).write_text(_readme(method, limits, training, table, off), encoding="utf-8")
        card = ImageCard(
            format=FORMAT,
            kind=KIND,
            method=method,
            image_shape=SHAPE,
            limits=limits,
            files={name: sha256(written / name) for name in (*kind.files, README)},
            training=training,
            images=list(images.digests()),
            metrics={"tables": as_content([table]), "tflite_differs_by": off},
        )
        (written / CARD).write_text(json.dumps(asdict(card), indent=1) + "\n", encoding="utf-8")
    what = f"scorer of rep images, method {method}, of {len(images)} images of {training['videos']} videos."
    return f"{what}\n{as_text([table])}"


def _flagged(
    limits: ImageLimits, left_out: np.ndarray, scorer: ImageScorer, images: Images, valid: Images | None
) -> Table:
    """Return how many good images are flagged: of videos left out, by their parts, and of `valid`."""
    parts, notes = {"videos left out": left_out}, tuple[str, ...]()
    if valid is not None:
        parts["--valid"] = scorer.parts(valid.greys)
        notes = (f"{_repeated(valid, images.digests())} of the images of --valid are among those it was trained on.",)
    return Table(
        title="Good images flagged",
        columns=("images", "by", "flagged"),
        rows=tuple(
            (name, rule, share_of(values > 1))
            for name, of in parts.items()
            for rule, values in by_rule(limits, of, scorer.part_names).items()
        ),
        notes=notes,
    )


def _readme(method: Method, limits: ImageLimits, training: dict[str, Any], table: Table, off: float | None) -> str:
    lines = [as_text([table])]
    if off is not None:
        lines.append(f"TFLite and PyTorch differ by at most {off:.1g}.")
    usual, limit = (" and ".join(f"{number:.4g}" for number in pair) for pair in (limits.usual, limits.limits))
    lines.append(f"Usual {usual}, limits {limit}.")
    text, what = README_TEMPLATE.read_text(encoding="utf-8"), SCORERS[method].what
    return text.format(method=method, what=what, budget=BUDGET, figures="\n\n".join(lines), **training)


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


class Fitted(NamedTuple):
    scorer: ImageScorer
    save: Callable[[Path], float | None]
    """Writes the scorer's files into a folder, and returns by how much TFLite differs from PyTorch; None without
    either."""


def _fit_seed(greys: np.ndarray, seed: int, progress: Callable[[float], object]) -> Fitted:
    try:
        from livecoach.lab.images import autoencoder
    except ImportError as err:
        raise ConfigError(f"--method seed needs PyTorch to train. Run `{install_command('networks')}`.") from err
    pictures = scorers.pictures_of(greys)
    network = autoencoder.train(pictures, seed, progress)
    kde = scorers.density_of(network.both(pictures)[0])

    def save(folder: Path) -> float:
        autoencoder.save(network, folder)
        scorers.save_density(kde, folder)
        of_both = zip(scorers.load_networks(folder)(pictures), network.both(pictures), strict=True)
        return max(difference(lite, trained, AGREEMENT) for lite, trained in of_both)

    return Fitted(scorers.SeedScorer(networks=network.both, kde=kde), save)
