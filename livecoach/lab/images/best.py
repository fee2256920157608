"""The best method: distance of an image to the nearest good ones, and its likelihood in their normal distribution.

Both use `features` of the good images and of their mirror images, as a lifter has two similar sides. The distribution
is probabilistic PCA (Tipping and Bishop, 1999): the variances of the main components, and one variance for the rest.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np

from livecoach.lab.images.features import LENGTH, features, mirror_features
from livecoach.model_files.model_folder import Numbers, read_arrays, require_shapes

PARTS = ("nearest", "unlikely")
FILE = "best.npz"
NEIGHBOURS = 3
COMPONENTS = 20
"""5, 10, 20, 40 and 60 components and 2 to 15 neighbours were tried, with little difference."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BestScorer:
    """A scorer fitted to good images."""

    points: Annotated[np.ndarray, Numbers(ndim=2)]
    """(n, LENGTH) float64, features of the good images, followed by those of their mirror images."""
    mean: Annotated[np.ndarray, Numbers(ndim=1)]
    """(LENGTH,) float64."""
    components: Annotated[np.ndarray, Numbers(ndim=2)]
    """(k, LENGTH) float64, of unit length."""
    variances: Annotated[np.ndarray, Numbers(ndim=1, positive=True)]
    """(k + 1,) float64: variance along each component, and along every other direction."""

    def parts(self, greys: np.ndarray) -> np.ndarray:
        """Measure images (n, 45, 100) uint8; returns (n, 2).

        The parts are the mean distance to the NEIGHBOURS nearest images, and the squared Mahalanobis distance to the
        mean, in feature space.
        """
        at = features(greys)
        squares = (at**2).sum(1)[:, None] + (self.points**2).sum(1) - 2 * at @ self.points.T
        nearest = np.sort(np.sqrt(np.maximum(squares, 0)), 1)[:, :NEIGHBOURS].mean(1)
        off = at - self.mean
        along = off @ self.components.T
        across = np.maximum((off**2).sum(1) - (along**2).sum(1), 0)
        return np.stack([nearest, (along**2 / self.variances[:-1]).sum(1) + across / self.variances[-1]], 1)

    def save(self, folder: Path) -> None:
        """Write FILE into the folder."""
        np.savez_compressed(
            folder / FILE,
            points=self.points,
            mean=self.mean,
            components=self.components,
            variances=self.variances,
        )


def fit(greys: np.ndarray) -> BestScorer:
    """Fit the scorer. greys: (n, 45, 100) uint8, at least two good images."""
    points = features(greys)
    points = np.concatenate([points, mirror_features(points)])
    mean = points.mean(0)
    _, values, components = np.linalg.svd(points - mean, full_matrices=False)
    kept = min(COMPONENTS, len(points) - 2)
    spread = values**2 / len(points)
    rest = max(spread[kept:].sum() / max(min(points.shape) - kept, 1), 1e-6)  # identical images have no variance
    return BestScorer(
        points=points,
        mean=mean,
        components=components[:kept],
        variances=np.append(spread[:kept] + rest, rest),
    )


def load(folder: Path) -> BestScorer:
    """Load the scorer that `save` wrote. Raises ModelError that names an invalid file."""
    path = folder / FILE
    best = read_arrays(path, BestScorer)
    count, kept = len(best.points), len(best.components)
    shapes = {"points": (count, LENGTH), "mean": (LENGTH,), "components": (kept, LENGTH), "variances": (kept + 1,)}
    require_shapes(path, {name: getattr(best, name) for name in shapes}, shapes)
    return best
