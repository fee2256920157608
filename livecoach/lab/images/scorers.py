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
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, ClassVar

import numpy as np
from pydantic import Field
from scipy.special import logsumexp
from scipy.stats import norm

from livecoach.core import landmark
from livecoach.core.errors import ModelError
from livecoach.core.model_files.model_folder import Numbers, read_arrays, require_shapes
from livecoach.core.model_files.tflite import TfliteNetwork
from livecoach.lab.images.rep_image_files import COLOURS, COLUMNS, DISSERTATION_TRAVERSAL, SHAPE, STILL
from livecoach.lab.train.recipes import Method

ENCODER, DECODER, KDE = "encoder.tflite", "decoder.tflite", "kde.npz"
PADDED = (48, 104, 3)  # Height, width and channels of a padded picture, which can be halved three times
CODE = (6, 13, 16)  # Height, width and channels of the code
DIMENSIONS = 16  # Number of main components of the density, our choice among 8…32: two hundred images support no more


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Kde:
    """A Gaussian kernel density of codes in a whitened space of k dimensions, computed exactly from all points."""

    points: Annotated[np.ndarray, Numbers(ndim=2)]  # (n, k) whitened training codes
    mean: Annotated[np.ndarray, Numbers(ndim=1)]  # (prod(CODE),) mean of the codes
    whitening: Annotated[np.ndarray, Numbers(ndim=2)]  # (prod(CODE), k): whitened = (code - mean) @ whitening
    bandwidth: Annotated[float, Field(gt=0)]  # Standard deviation of the kernel, in the whitened space

    def log_density(self, code: np.ndarray) -> float:
        """Return the natural logarithm of the density in the whitened space at a code, (prod(CODE),)."""
        at = (code - self.mean) @ self.whitening
        kernels = norm.logpdf(at, self.points, self.bandwidth).sum(1)
        return float(logsumexp(kernels) - math.log(len(kernels)))


def to_network_inputs(greys: np.ndarray) -> np.ndarray:
    """Convert grey images, (n, 45, 100) uint8, to colour pictures padded with black, (n, *PADDED) float32, 0…1."""
    pictures = np.zeros((len(greys), *PADDED), np.float32)
    pictures[:, : SHAPE[0], : SHAPE[1]] = COLOURS[greys] / np.float32(255)
    return pictures


def fit_density(codes: np.ndarray) -> Kde:
    """Fit a `Kde` to codes, (n, prod(CODE)), by Scott's rule (1992). Raises ModelError if all codes are equal."""
    mean = codes.astype(np.float64).mean(0)
    off = codes - mean
    _, values, components = np.linalg.svd(off, full_matrices=False)
    wide = values > 1e-6 * max(values[0], 1e-12)
    kept = min(DIMENSIONS, int(wide.sum()), len(codes) - 1)
    if not kept:
        raise ModelError("the network gives the same code for all images. Add more and more varied good images.")
    whitening = components[:kept].T / (values[:kept] / math.sqrt(len(codes)))
    return Kde(points=off @ whitening, mean=mean, whitening=whitening, bandwidth=len(codes) ** (-1 / (kept + 4)))


Networks = Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]
"""A function from pictures, (n, *PADDED), to codes, (n, prod(CODE)), and the pictures that the codes decode to."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DissertationScorer:
    """A scorer of rep images (method `seed`) by an autoencoder's reconstruction error and the density of its codes."""

    files: ClassVar = (ENCODER, DECODER, KDE)
    what: ClassVar = (
        "the density of a convolutional autoencoder's code (64, 32 and 16 filters; exact Gaussian kernel density), and"
        " the autoencoder's reconstruction error; either one above its limit flags an image"
    )
    networks: Networks
    kde: Kde

    def score_parts(self, greys: np.ndarray) -> np.ndarray:
        """Return the negative log density and the RMS error of decoding, (n, 2), of images (n, 45, 100) uint8."""
        pictures = to_network_inputs(greys)
        codes, decoded = self.networks(pictures)
        density = [-self.kde.log_density(code.astype(np.float64)) for code in codes]
        difference = (decoded - pictures)[:, : SHAPE[0], : SHAPE[1]].astype(np.float64)
        return np.stack([np.array(density), np.sqrt((difference**2).mean((1, 2, 3)))], 1)

    @classmethod
    def load(cls, folder: Path) -> "DissertationScorer":
        """Load the scorer from a model folder. Raises ModelError if a file is missing or invalid."""
        path = folder / KDE
        kde = read_arrays(path, Kde)
        (count, kept), code = kde.points.shape, math.prod(CODE)
        require_shapes(path, kde, {"points": (count, kept), "mean": (code,), "whitening": (code, kept)})
        return cls(networks=load_networks(folder), kde=kde)


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
    """Convert images, (n, 45, 100) uint8, to the motion's direction and presence by joint and time, (n, LENGTH)."""
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


BEST_FILE = "best.npz"
NEIGHBOURS = 3  # Number of nearest good images whose mean distance counts
COMPONENTS = 20  # 5, 10, 20, 40 and 60 components and 2 to 15 neighbours were tried, with little difference


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MotionScorer:
    """A scorer of rep images (method `best`) by how the joints' motion differs from that of good images."""

    files: ClassVar = (BEST_FILE,)
    what: ClassVar = (
        "the distance of the image to the nearest good ones, and its likelihood in their normal distribution, both on"
        " the direction and presence of each joint's motion, averaged in time; either one above its limit flags"
        " an image"
    )
    points: Annotated[np.ndarray, Numbers(ndim=2)]
    """(n, LENGTH) float64, features of the good images, followed by features of their mirror images."""
    mean: Annotated[np.ndarray, Numbers(ndim=1)]  # (LENGTH,) float64
    components: Annotated[np.ndarray, Numbers(ndim=2)]  # (k, LENGTH) float64, of unit length
    variances: Annotated[np.ndarray, Numbers(ndim=1, positive=True)]
    """(k + 1,) float64: variance along each component, and along every other direction."""

    def score_parts(self, greys: np.ndarray) -> np.ndarray:
        """Return the mean distance of `greys` to the nearest good images, and squared Mahalanobis distance, (n, 2)."""
        at = image_features(greys)
        squares = (at**2).sum(1)[:, None] + (self.points**2).sum(1) - 2 * at @ self.points.T
        nearest = np.sort(np.sqrt(np.maximum(squares, 0)), 1)[:, :NEIGHBOURS].mean(1)
        off = at - self.mean
        along = off @ self.components.T
        across = np.maximum((off**2).sum(1) - (along**2).sum(1), 0)
        return np.stack([nearest, (along**2 / self.variances[:-1]).sum(1) + across / self.variances[-1]], 1)

    def save(self, folder: Path) -> None:
        """Write the scorer into a model folder."""
        np.savez_compressed(folder / BEST_FILE, **asdict(self))

    @classmethod
    def load(cls, folder: Path) -> "MotionScorer":
        """Load the scorer from a model folder. Raises ModelError if the file is missing or invalid."""
        path = folder / BEST_FILE
        best = read_arrays(path, cls)
        count, kept = len(best.points), len(best.components)
        shapes = {"points": (count, LENGTH), "mean": (LENGTH,), "components": (kept, LENGTH), "variances": (kept + 1,)}
        require_shapes(path, best, shapes)
        return best


def fit_motion_scorer(greys: np.ndarray) -> MotionScorer:
    """Fit a `MotionScorer` to at least two good images, (n, 45, 100) uint8, and to their mirror images."""
    points = image_features(greys)
    points = np.concatenate([points, mirror_features(points)])
    mean = points.mean(0)
    _, values, components = np.linalg.svd(points - mean, full_matrices=False)
    kept = min(COMPONENTS, len(points) - 2)
    spread = values**2 / len(points)
    rest = max(spread[kept:].sum() / max(min(points.shape) - kept, 1), 1e-6)  # identical images have no variance
    return MotionScorer(
        points=points, mean=mean, components=components[:kept], variances=np.append(spread[:kept] + rest, rest)
    )


ImageScorer = MotionScorer | DissertationScorer
SCORERS: dict[Method, type[ImageScorer]] = {"best": MotionScorer, "seed": DissertationScorer}
