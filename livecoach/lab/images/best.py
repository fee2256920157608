"""The best method: how far an image is from the nearest good ones, and how unlikely in a normal distribution of them.

Both on `features` of the good images and of their mirror images: a lifter has two like sides. The distribution is that
of probabilistic PCA (Tipping and Bishop, 1999): the main components as they spread, one variance for all others.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np

from livecoach.lab.images.features import LENGTH, features, mirrored
from livecoach.model_files.reading import Numbers, read_arrays, require_shapes

PARTS = ("nearest", "unlikely")
FILE = "best.npz"
NEIGHBOURS = 3
COMPONENTS = 20
"""5, 10, 20, 40 and 60 were tried, and 2 to 15 neighbours: little changes."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BestScorer:
    """Fitted to good images."""

    points: Annotated[np.ndarray, Numbers(ndim=2)]
    """(n, LENGTH) float64, features of the good images, then of their mirror images."""
    mean: Annotated[np.ndarray, Numbers(ndim=1)]
    """(LENGTH,) float64."""
    components: Annotated[np.ndarray, Numbers(ndim=2)]
    """(k, LENGTH) float64, of unit length."""
    variances: Annotated[np.ndarray, Numbers(ndim=1, positive=True)]
    """(k + 1,) float64: along each component, and along every direction across them."""

    def parts(self, greys: np.ndarray) -> np.ndarray:
        """Images (n, 45, 100) uint8 to (n, 2): mean distance to the NEIGHBOURS nearest, and the squared Mahalanobis
        distance to the mean, in features."""
        at = features(greys)
        squares = (at**2).sum(1)[:, None] + (self.points**2).sum(1) - 2 * at @ self.points.T
        nearest = np.sort(np.sqrt(np.maximum(squares, 0)), 1)[:, :NEIGHBOURS].mean(1)
        off = at - self.mean
        along = off @ self.components.T
        across = np.maximum((off**2).sum(1) - (along**2).sum(1), 0)
        return np.stack([nearest, (along**2 / self.variances[:-1]).sum(1) + across / self.variances[-1]], 1)

    def save(self, folder: Path) -> None:
        """Write FILE."""
        np.savez_compressed(
            folder / FILE,
            points=self.points,
            mean=self.mean,
            components=self.components,
            variances=self.variances,
        )


def fit(greys: np.ndarray) -> BestScorer:
    """greys: (n, 45, 100) uint8, of at least two good images."""
    points = features(greys)
    points = np.concatenate([points, mirrored(points)])
    mean = points.mean(0)
    _, values, components = np.linalg.svd(points - mean, full_matrices=False)
    kept = min(COMPONENTS, len(points) - 2)
    spread = values**2 / len(points)
    rest = max(spread[kept:].sum() / max(min(points.shape) - kept, 1), 1e-6)  # images that are all alike have none
    return BestScorer(
        points=points,
        mean=mean,
        components=components[:kept],
        variances=np.append(spread[:kept] + rest, rest),
    )


def load(folder: Path) -> BestScorer:
    """Read the scorer of a folder. Raises ModelError that names the file where it is not what `save` wrote."""
    path = folder / FILE
    best = read_arrays(path, BestScorer)
    count, kept = len(best.points), len(best.components)
    shapes = {"points": (count, LENGTH), "mean": (LENGTH,), "components": (kept, LENGTH), "variances": (kept + 1,)}
    require_shapes(path, {name: getattr(best, name) for name in shapes}, shapes)
    return best
