"""Scores rep images: "seed" by the dissertation's method, "best" by features of each joint's motion.

"seed" is an autoencoder with an exact Gaussian kernel density of its codes, in the whitened space of their main
components. The dissertation used the raw codes, and a library whose density is inaccurate in so many dimensions.

"best" reads a grey value as an angle. The value is .114 a + .587 b + .299 c of three angles, and jumps as b passes half
a turn; an angle whose full turn is .587 of 255 follows that jump. It raises the AUROC for bad clips from .68 to .88.
The method also uses mirror images, and probabilistic PCA (Tipping and Bishop, 1999): the variances of the main
components, and a single variance for the rest.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, NamedTuple

import numpy as np
from scipy.spatial.distance import cdist
from scipy.stats import gaussian_kde

from livecoach.core import landmark
from livecoach.core.errors import ModelError
from livecoach.core.model_files.model_folder import Numbers, read_arrays, require_shapes
from livecoach.core.model_files.tflite import TfliteNetwork
from livecoach.lab.images.rep_image_files import COLOURS, COLUMNS, DISSERTATION_TRAVERSAL, SHAPE, STILL
from livecoach.lab.train.recipes import Method

ENCODER, DECODER, KDE, BEST_FILE = "encoder.tflite", "decoder.tflite", "kde.npz", "best.npz"
PADDED = (48, 104, 3)  # Height, width and channels of a padded picture, which can be halved three times
CODE = (6, 13, 16)  # Height, width and channels of the code
DIMENSIONS = 16  # Number of main components of the density, our choice among 8…32: two hundred images support no more

ScoreParts = Callable[[np.ndarray], np.ndarray]
"""A function that measures both parts of the score of images, (n, 45, 100) uint8, and returns them, (n, 2)."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class KnownImages:
    """The numbers of the good images that a scorer is fitted to, a row for each image."""

    good: Annotated[np.ndarray, Numbers(ndim=2)]  # not `points`, as in files of up to version 3.0.0


def save_points(path: Path, points: np.ndarray) -> None:
    """Write the numbers of a scorer's good images, (n, length), to a .npz file."""
    np.savez_compressed(path, good=points)


def load_points(path: Path, length: int) -> np.ndarray:
    """Read what `save_points` wrote, (n, length). Raises ModelError for an unreadable file or another length."""
    known = read_arrays(path, KnownImages)
    require_shapes(path, known, {"good": (len(known.good), length)})
    return known.good


def to_network_inputs(greys: np.ndarray) -> np.ndarray:
    """Convert grey images, (n, 45, 100) uint8, to colour pictures padded with black, (n, *PADDED) float32, 0…1."""
    pictures = np.zeros((len(greys), *PADDED), np.float32)
    pictures[:, : SHAPE[0], : SHAPE[1]] = COLOURS[greys] / np.float32(255)
    return pictures


def fit_density(codes: np.ndarray) -> Callable[[np.ndarray], np.ndarray]:
    """Fit a Gaussian kernel density of main components by Scott's rule (1992), and return its logarithm as a function.

    The function maps codes, (m, prod(CODE)), to (m,). Raises ModelError if all codes are equal.

    Args:
        codes: (n, prod(CODE)).
    """
    mean = codes.mean(0)
    _, values, components = np.linalg.svd(codes - mean, full_matrices=False)
    kept = min(DIMENSIONS, int((values > 1e-6 * max(values[0], 1e-12)).sum()), len(codes) - 1)
    if not kept:
        raise ModelError("the network gives the same code for all images. Add more and more varied good images.")
    main = components[:kept].T
    density = gaussian_kde(((codes - mean) @ main).T)
    return lambda others: np.asarray(density.logpdf(((others - mean) @ main).T))


Networks = Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]
"""A function from pictures, (n, *PADDED), to codes, (n, prod(CODE)), and the pictures that the codes decode to."""


def dissertation_scorer(networks: Networks, codes: np.ndarray) -> ScoreParts:
    """Return the scorer of the method `seed`: the negative log density of the code, and the RMS error of decoding.

    Raises ModelError if all codes are equal.

    Args:
        codes: (n, prod(CODE)) codes of the good images.
    """
    log_density = fit_density(codes.astype(np.float64))

    def score_parts(greys: np.ndarray) -> np.ndarray:
        """Return both parts of the score of each image."""
        pictures = to_network_inputs(greys)
        own, decoded = networks(pictures)
        difference = (decoded - pictures)[:, : SHAPE[0], : SHAPE[1]].astype(np.float64)
        return np.stack([-log_density(own.astype(np.float64)), np.sqrt((difference**2).mean((1, 2, 3)))], 1)

    return score_parts


def load_networks(folder: Path) -> Networks:
    """Load the encoder and the decoder of a folder as a function. Raises ModelError if a file is missing or invalid."""
    picture, code = (1, *PADDED), (1, math.prod(CODE))
    encoder = TfliteNetwork(folder / ENCODER, picture, code)
    decoder = TfliteNetwork(folder / DECODER, code, picture)

    def encode_and_decode(pictures: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        codes = np.concatenate([encoder(picture[None]) for picture in pictures])
        return codes, np.concatenate([decoder(code[None]) for code in codes])

    return encode_and_decode


JOINTS = tuple(sorted(set(DISSERTATION_TRAVERSAL)))
ROWS = tuple(DISSERTATION_TRAVERSAL.index(joint) for joint in JOINTS)  # One row per joint; the other 22 rows are copies
TURN = 0.587 * 255  # Number of grey values in a full turn
BINS = 16  # Number of time bins; 3 to 25 were tried, with little difference above 12
SMOOTH = 2.0  # Standard deviation of the window that smooths the image first, in columns; 0 to 6 were tried
MOVES_WEIGHT = 2.0
"""Weight of the presence of motion relative to its direction: AUROC .89 on lifts of the depth camera, .72 with 0."""
LENGTH_KNEE = 0.05
"""Length of a mean direction above which its square root counts, so that directions during part of a bin count more."""
LENGTH = len(ROWS) * BINS * 3  # Number of features of an image


def image_features(greys: np.ndarray) -> np.ndarray:
    """Convert images, (n, 45, 100) uint8, to direction and presence of motion, by joint and time, (n, LENGTH)."""
    rows = greys[:, list(ROWS)].astype(np.float64)
    moves = (rows != STILL).astype(np.float64)
    angle = 2 * np.pi * rows / TURN
    motion = np.stack([moves * np.cos(angle), moves * np.sin(angle), MOVES_WEIGHT * moves], -1)
    averaged = np.einsum("njtc,bt->njbc", motion, _AVERAGES)
    lengths = np.linalg.norm(averaged[..., :2], axis=-1, keepdims=True)
    averaged[..., :2] /= np.sqrt(lengths + LENGTH_KNEE)
    return averaged.reshape(len(greys), LENGTH)


def mirror_features(points: np.ndarray) -> np.ndarray:
    """Return features, (n, LENGTH), with left and right joints swapped. The small effect on angles is ignored."""
    by_joint = points.reshape(len(points), len(JOINTS), -1)
    other = [JOINTS.index(landmark.OTHER_SIDE[joint]) for joint in JOINTS]
    return by_joint[:, other].reshape(points.shape)


def _averages() -> np.ndarray:
    """Return the weights of the columns in each time bin, smoothed by a Gaussian, (BINS, COLUMNS)."""
    columns = np.arange(COLUMNS)
    smeared = np.exp(-0.5 * ((columns[:, None] - columns) / SMOOTH) ** 2)  # (to, from)
    smeared /= smeared.sum(1, keepdims=True)
    edges = np.linspace(0, COLUMNS, BINS + 1)
    inside = np.minimum(edges[1:, None], columns + 1) - np.maximum(edges[:-1, None], columns)
    shares = np.clip(inside, 0, None) / (COLUMNS / BINS)
    return shares @ smeared


_AVERAGES = _averages()


NEIGHBOURS = 3  # Number of nearest good images whose mean distance counts
COMPONENTS = 20  # 5, 10, 20, 40 and 60 components and 2 to 15 neighbours were tried, with little difference


def motion_scorer(points: np.ndarray) -> ScoreParts:
    """Return the scorer of the method `best`: how the joints' motion differs from the motion in good images.

    The parts are the mean distance to the nearest good images, and the squared Mahalanobis distance from all.

    Args:
        points: (n, LENGTH) features of at least two good images. Their mirror images count, too.
    """
    known = np.concatenate([points, mirror_features(points)])
    mean = known.mean(0)
    _, values, components = np.linalg.svd(known - mean, full_matrices=False)
    kept = min(COMPONENTS, len(known) - 2)
    spread = values**2 / len(known)
    # Variance along every direction but the main components; identical images have none.
    rest = max(spread[kept:].sum() / max(min(known.shape) - kept, 1), 1e-6)

    def score_parts(greys: np.ndarray) -> np.ndarray:
        """Return both parts of the score of each image."""
        at = image_features(greys)
        nearest = np.sort(cdist(at, known), 1)[:, :NEIGHBOURS].mean(1)
        off = at - mean
        along = off @ components[:kept].T
        across = np.maximum((off**2).sum(1) - (along**2).sum(1), 0)
        return np.stack([nearest, (along**2 / (spread[:kept] + rest)).sum(1) + across / rest], 1)

    return score_parts


class ImageMethod(NamedTuple):
    """A method to score rep images."""

    files: tuple[str, ...]  # Files in the model folder, besides the card
    load: Callable[[Path], ScoreParts]  # Loads the scorer of a model folder, or raises ModelError


METHODS: dict[Method, ImageMethod] = {
    "best": ImageMethod((BEST_FILE,), lambda folder: motion_scorer(load_points(folder / BEST_FILE, LENGTH))),
    "seed": ImageMethod(
        (ENCODER, DECODER, KDE),
        lambda folder: dissertation_scorer(load_networks(folder), load_points(folder / KDE, math.prod(CODE))),
    ),
}
