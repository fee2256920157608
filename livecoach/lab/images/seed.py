"""The dissertation's method: an autoencoder of rep images, the density of its codes, and its reconstruction error.

The density is an exact Gaussian kernel density over the codes of good images, in the whitened space of their main
components. The dissertation used the raw codes, the distance to the nearest neighbour as the bandwidth, and a library
whose density is inaccurate in so many dimensions.
"""

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
from pydantic import Field

from livecoach.errors import ModelError
from livecoach.lab.images.drawing import COLOURS, SHAPE
from livecoach.model_files.model_folder import Numbers, read_arrays, require_shapes
from livecoach.model_files.tflite import TfliteNetwork

PARTS = ("density", "reconstruction")
ENCODER, DECODER, KDE = "encoder.tflite", "decoder.tflite", "kde.npz"
FILES = (ENCODER, DECODER, KDE)
PADDED = (48, 104, 3)
"""Height, width and channels of a padded picture, which can be halved three times."""
CODE = (6, 13, 16)
"""Height, width and channels of the code."""
DIMENSIONS = 16
"""Number of main components of the density, our choice among 8…32: two hundred images support no more."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Kde:
    """Gaussian kernel density in a whitened space, exact: log-sum-exp over all points."""

    points: Annotated[np.ndarray, Numbers(ndim=2)]
    """(n, d) whitened training latents."""
    mean: Annotated[np.ndarray, Numbers(ndim=1)]
    """(d,) mean of the latents."""
    whitening: Annotated[np.ndarray, Numbers(ndim=2)]
    """(d, d) whitening matrix: whitened = (latent - mean) @ whitening."""
    bandwidth: Annotated[float, Field(gt=0)]
    """Standard deviation of the kernel, in the whitened space."""

    def log_density(self, latent: np.ndarray) -> float:
        """Return the natural logarithm of the density in the whitened space; latent: (d,)."""
        at = (latent - self.mean) @ self.whitening
        exponents = -0.5 * ((self.points - at) ** 2).sum(1) / self.bandwidth**2
        largest = exponents.max()
        total = largest + math.log(np.exp(exponents - largest).sum())
        count, dimensions = self.points.shape
        return float(total - math.log(count) - dimensions * math.log(self.bandwidth * math.sqrt(2 * math.pi)))


def pictures_of(greys: np.ndarray) -> np.ndarray:
    """Convert images (n, 45, 100) uint8 to network inputs (n, *PADDED) float32, 0…1, padded right and below."""
    pictures = np.zeros((len(greys), *PADDED), np.float32)
    pictures[:, : SHAPE[0], : SHAPE[1]] = COLOURS[greys] / np.float32(255)
    return pictures


def density_of(codes: np.ndarray) -> Kde:
    """Fit the density of codes (n, prod(CODE)) of good images, with the bandwidth by Scott's rule (1992)."""
    mean = codes.astype(np.float64).mean(0)
    off = codes - mean
    _, values, components = np.linalg.svd(off, full_matrices=False)
    wide = values > 1e-6 * max(values[0], 1e-12)
    kept = min(DIMENSIONS, int(wide.sum()), len(codes) - 1)
    if not kept:
        raise ModelError("the network gives the same code for all images. Add more and more varied good images.")
    whitening = components[:kept].T / (values[:kept] / math.sqrt(len(codes)))
    return Kde(points=off @ whitening, mean=mean, whitening=whitening, bandwidth=len(codes) ** (-1 / (kept + 4)))


def parts_of(kde: Kde, codes: np.ndarray, pictures: np.ndarray, given_back: np.ndarray) -> np.ndarray:
    """Return minus the log density of the codes and the root mean square reconstruction error, (n, 2)."""
    density = [-kde.log_density(code.astype(np.float64)) for code in codes]
    difference = (given_back - pictures)[:, : SHAPE[0], : SHAPE[1]].astype(np.float64)
    return np.stack([np.array(density), np.sqrt((difference**2).mean((1, 2, 3)))], 1)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Networks:
    """The encoder and the decoder as TFLite networks."""

    encoder: TfliteNetwork
    decoder: TfliteNetwork

    def __call__(self, pictures: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return codes (n, prod(CODE)) and reconstructions (n, *PADDED) of pictures (n, *PADDED)."""
        codes = np.concatenate([self.encoder(picture[None]) for picture in pictures])
        return codes, np.concatenate([self.decoder(code[None]) for code in codes])


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SeedScorer:
    """The dissertation's scorer, trained on good images."""

    networks: Networks
    kde: Kde

    def parts(self, greys: np.ndarray) -> np.ndarray:
        """Measure images (n, 45, 100) uint8 as `parts_of` does; returns (n, 2)."""
        pictures = pictures_of(greys)
        codes, given_back = self.networks(pictures)
        return parts_of(self.kde, codes, pictures, given_back)


def load_networks(folder: Path) -> Networks:
    """Load both networks. Raises ModelError that names the invalid file."""
    picture, code = (1, *PADDED), (1, math.prod(CODE))
    return Networks(
        encoder=TfliteNetwork(folder / ENCODER, picture, code), decoder=TfliteNetwork(folder / DECODER, code, picture)
    )


def save_density(kde: Kde, folder: Path) -> None:
    """Write KDE into the folder."""
    np.savez_compressed(
        folder / KDE, points=kde.points, mean=kde.mean, whitening=kde.whitening, bandwidth=np.float64(kde.bandwidth)
    )


def load(folder: Path) -> SeedScorer:
    """Load the scorer. Raises ModelError that names the invalid file."""
    return SeedScorer(networks=load_networks(folder), kde=_load_density(folder / KDE))


def _load_density(path: Path) -> Kde:
    kde = read_arrays(path, Kde)
    count, dimensions = kde.points.shape
    shapes = {"points": (count, dimensions), "mean": (math.prod(CODE),), "whitening": (math.prod(CODE), dimensions)}
    require_shapes(path, {name: getattr(kde, name) for name in shapes}, shapes)
    return kde
