"""Makes a scorer of rep images: training on good images, limits from held-out videos, card, and evaluation.

A method measures two parts of the score of an image. Each is scaled so that the median good image is 0 and the limit
is 1, and the larger part decides.

    MODEL/  model.json with all digests, and best.npz, or encoder.tflite, decoder.tflite and kde.npz
"""

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np
from sklearn.model_selection import GroupKFold

from livecoach.core.errors import ModelError
from livecoach.core.model_files.model_folder import FORMAT, Format, check_digest, file_sha256, read_model_json
from livecoach.lab.images import scorers
from livecoach.lab.images.rep_image_files import SHAPE, RepImages, read_images
from livecoach.lab.images.scorers import METHODS, ScoreParts
from livecoach.lab.measure.table import Rounded, Table, auroc_interval, count_share, tables_as_content
from livecoach.lab.model_files import CARD, check_difference, new_files
from livecoach.lab.processes import JobRunner
from livecoach.lab.train.recipes import KIND, TRAIN, ImagesRecipe, Method
from livecoach.lab.train.results import JudgedRows

BUDGET = 0.05  # Share of good images of held-out videos that may be flagged: our choice, as 4 % are wrongly cut


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreScaling:
    """The scaling of the two parts of an image's score: the usual value becomes 0, and the limit 1."""

    usual: tuple[float, float]  # Median of each part in good images of held-out videos, which scales to 0
    limits: tuple[float, float]
    """Limit of each part, which scales to 1: equally rare in both, and as low as the budget allows."""

    def compute_scores(self, parts: np.ndarray) -> np.ndarray:
        """Return the score of each image, (n,), the larger of its two scaled parts; above 1, an image is anomalous.

        Args:
            parts: (n, 2) parts of each image's score, as `score_parts` of a scorer returns them.
        """
        usual = np.array(self.usual)  # The larger part was right for 69 of 95 images, the mean of both for 65
        return ((parts - usual) / (np.array(self.limits) - usual)).max(1)


def compute_scaling(parts: np.ndarray) -> ScoreScaling:
    """Compute the scaling of scores from the parts, (n, 2), of good images to which the scorer was not fitted."""
    usual = np.median(parts, 0)
    limits = np.maximum(_limits(parts), usual + 1e-9)  # identical images would have equal limits
    return ScoreScaling(usual=(float(usual[0]), float(usual[1])), limits=(float(limits[0]), float(limits[1])))


def _limits(parts: np.ndarray) -> np.ndarray:
    """Return the lowest limits (2,), equally rare in both parts, that at most BUDGET of the images exceed."""
    ordered = np.sort(parts, 0)[::-1]
    limits = ordered[0]
    for limit in ordered[1 : int(BUDGET * len(parts)) + 1]:
        if (parts > limit).any(1).mean() > BUDGET:
            break
        limits = limit
    return limits


def held_out_parts(
    greys: np.ndarray, videos: np.ndarray, groups: int, fit: Callable[[np.ndarray], ScoreParts]
) -> np.ndarray:
    """Return the parts of each image's score, (n, 2), measured by a scorer that was fitted to other videos.

    Args:
        greys: (n, 45, 100) uint8 images.
        videos: (n,) name of the video that each image comes from.
        groups: Number of groups into which the videos are divided, at most the number of videos.
        fit: Fits a scorer to images, (m, 45, 100) uint8, and returns its function from images to parts.
    """
    parts = np.zeros((len(greys), 2))
    for known, held_out in GroupKFold(groups).split(greys, groups=videos):
        parts[held_out] = fit(greys[known])(greys[held_out])
    return parts


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageCard:
    """The content of model.json in the model folder of a scorer of rep images."""

    format: Format
    kind: Literal["rep image scorer"]
    method: Method
    image_shape: tuple[int, int]
    limits: ScoreScaling
    files: dict[str, str]  # File name → SHA-256
    training: dict[str, Any]  # Command, seed, numbers of images and videos, and digest
    images: list[str]  # SHA-256 of the grey values of each training image, so that an evaluation can report reuse
    metrics: dict[str, Any]  # Figures on good images of held-out videos


class ImageModel(NamedTuple):
    """A scorer of rep images and its card, as loaded from a model folder."""

    card: ImageCard
    score_parts: ScoreParts


def load_image_model(folder: Path) -> ImageModel:
    """Load a scorer of rep images from its model folder. Raises ModelError if a file is missing, changed or invalid."""
    path = folder / CARD
    card = read_model_json(path, ImageCard)
    if card.image_shape != SHAPE:
        raise ModelError(f"{path}: image_shape is {card.image_shape}; this livecoach reads {SHAPE}. Train it again.")
    limits = card.limits
    scales = zip(limits.usual, limits.limits, strict=True)
    if not all(usual < limit for usual, limit in scales):
        raise ModelError(f"{path}: limits: each must be above the usual value. Train it again.")
    method = METHODS[card.method]
    for name in method.files:
        check_digest(folder / name, card.files.get(name), CARD)
    return ImageModel(card=card, score_parts=method.load(folder))


def judge_images(good: RepImages, bad: RepImages, model: ImageModel) -> tuple[list[Table], JudgedRows]:
    """Judge labelled images by a model.

    Returns:
        A table of the figures, a table of the wrongly judged images, and a row for each image, the good images first.
    """
    card, both = model.card, (good, bad)
    values = np.concatenate([card.limits.compute_scores(model.score_parts(images.greys)) for images in both])
    is_bad, names = np.repeat((False, True), (len(good), len(bad))), [*good.names, *bad.names]
    flagged, labels = values > 1, np.where(is_bad, "bad", "good").tolist()
    of_training = [sum(digest in card.images for digest in images.digests()) for images in both]
    area = auroc_interval(values, ~is_bad, is_bad, groups=np.arange(len(values)))
    figures = count_share(flagged == is_bad), count_share(flagged[~is_bad]), count_share(flagged[is_bad]), area
    wrong = flagged != is_bad
    tables = [
        Table(
            title=f"{len(good)} good and {len(bad)} bad images, method {card.method}",
            columns=("right", "good flagged", "bad flagged", "AUROC"),
            rows=(figures,),
            notes=(f"{of_training[0]} of the good and {of_training[1]} of the bad images were used for training.",),
        ),
        Table(
            title="Images that are not right",
            columns=("image", "label", "value, flagged above 1"),
            rows=tuple((names[i], labels[i], Rounded(float(values[i]), 2)) for i in np.flatnonzero(wrong)),
        ),
    ]
    verdicts = np.where(flagged, "anomalous", "good").tolist()
    rows = {"image": names, "label": labels, "score": values.round(4).tolist(), "verdict": verdicts}
    return tables, JudgedRows(rows=rows, values=values, bad=is_bad, good=~is_bad)


DISSERTATION_GROUPS = 3
"""Number of groups of held-out videos for the method "seed", whose autoencoder trains for one to two minutes."""


def train(recipe: ImagesRecipe, folder: Path, runner: JobRunner) -> list[Table]:
    """Fit a scorer to good images, find its limits, write it into a folder, and return its figures.

    After an error or Ctrl-C before all files are complete, the folder is unchanged. Raises SourceError if the images
    can't be used, and ModelError if the codes of all images are the same, or TFLite differs from PyTorch.
    """
    images = read_images(recipe.images or Path())
    videos, method = images.video_names(), METHODS[recipe.method]
    names = {name for each in METHODS.values() for name in each.files}
    groups = len(set(videos)) if recipe.method == "best" else min(DISSERTATION_GROUPS, len(set(videos)))
    fits = iter(range(groups + 1))

    def fit(greys: np.ndarray) -> tuple[ScoreParts, Save]:
        """Fit a scorer to images, report the progress, and return the scorer and the function that saves it."""
        number = next(fits)

        def progress(share: float, loss: float | None = None) -> None:
            runner.progress(f"fit {number + 1} of {groups + 1}", (number + share) / (groups + 1), loss)

        if recipe.method == "seed":
            return _fit_seed(greys, recipe.seed, progress)
        points = scorers.image_features(greys)
        progress(1.0)
        return scorers.motion_scorer(points), lambda place: scorers.save_points(place / scorers.BEST_FILE, points)

    left_out = held_out_parts(images.greys, videos, groups, lambda greys: fit(greys)[0])
    (_, save), limits = fit(images.greys), compute_scaling(left_out)
    with new_files(folder, known_names=names) as written:
        off = save(written)
        method.load(written)
        flagged = count_share(limits.compute_scores(left_out) > 1)
        title = f"{len(images)} good images of {len(set(videos))} videos, each judged by a scorer of the other videos"
        table = Table(title=title, columns=("flagged",), rows=((flagged,),))
        training = {
            "command": f"{TRAIN} scorer --images {images.folder.name} --method {recipe.method} --seed {recipe.seed}",
            "seed": recipe.seed,
            "images": len(images),
            "videos": len(set(videos)),
            "sha256": hashlib.sha256("".join(images.digests()).encode()).hexdigest(),
        }
        card = ImageCard(
            format=FORMAT,
            kind=KIND,
            method=recipe.method,
            image_shape=SHAPE,
            limits=limits,
            files={name: file_sha256(written / name) for name in method.files},
            training=training,
            images=list(images.digests()),
            metrics={"tables": tables_as_content([table]), "tflite_differs_by": off},
        )
        (written / CARD).write_text(json.dumps(asdict(card), indent=1) + "\n", encoding="utf-8")
    return [table]


Save = Callable[[Path], float | None]
"""A function that writes a scorer's files, and returns the largest difference of TFLite from PyTorch, or None."""


def _fit_seed(greys: np.ndarray, seed: int, progress: Callable[[float, float], object]) -> tuple[ScoreParts, Save]:
    from livecoach.lab.images import autoencoder  # needs PyTorch

    pictures = scorers.to_network_inputs(greys)
    network = autoencoder.train(pictures, seed, progress)
    codes = network.encode_and_decode(pictures)[0]

    def save(folder: Path) -> float:
        autoencoder.save(network, folder)
        scorers.save_points(folder / scorers.KDE, codes)
        of_both = zip(scorers.load_networks(folder)(pictures), network.encode_and_decode(pictures), strict=True)
        return max(check_difference(lite, trained) for lite, trained in of_both)

    return scorers.dissertation_scorer(network.encode_and_decode, codes), save
