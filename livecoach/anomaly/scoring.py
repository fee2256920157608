"""Scoring: how unlike good reps is this one? An autoencoder's latent density and reconstruction error.

The encoder and decoder are TFLite networks, run by LiteRT. The density is an exact Gaussian KDE over all training
latents: scikit-learn's tree-based KernelDensity is wrong in many dimensions (its issues 7492, 25799, 27186).
"""

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Protocol

import numpy as np
from pydantic import Field

from livecoach import landmark
from livecoach.anomaly.skelemotion import JOINTS, SHAPE, TRAVERSAL
from livecoach.errors import ModelError
from livecoach.model_files import model_folder
from livecoach.model_files.model_folder import Limit, ModelCard
from livecoach.model_files.reading import Numbers, read_arrays, require_shapes
from livecoach.model_files.tflite import TfliteNetwork

TOP_JOINTS = 3
"""Number of joints that are named for an anomalous rep."""
BLOCK = 4
"""Moments whose reconstruction error is averaged, with its sign, before it is squared: a rep whose boundaries lie a
little elsewhere is no other rep. On real deadlifts good and bad separate better so (area under the ROC .83, not
.71)."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Score:
    """How anomalous a rep is."""

    value: float
    """Score, 0 and more; above 1 is anomalous."""
    joints: tuple[str, ...]
    """Landmarks that are reconstructed worst, worst first; of a tensor, where the camera is at the lifter's left."""
    shares: np.ndarray | None = None
    """(blocks of moments, skelemotion.JOINTS) squared errors of the reconstruction; None where they are not known."""


class Scorer(Protocol):
    """Scores rep tensors."""

    def score(self, tensor: np.ndarray) -> Score:
        """tensor: skelemotion.SHAPE float32."""
        ...


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


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Parts:
    """The parts of a score."""

    log_density: float
    """Log density of the latent."""
    errors: np.ndarray
    """(blocks of moments, joints of the traversal) squared errors of the reconstruction."""

    @property
    def reconstruction(self) -> float:
        """Root mean square error."""
        return math.sqrt(self.errors.mean())


class AutoencoderScorer:
    """Latent density and reconstruction error; a rep is as anomalous as the worse of the two says."""

    def __init__(self, encoder: TfliteNetwork, decoder: TfliteNetwork, kde: Kde, usual: float, limit: Limit) -> None:
        """usual: log density that scores 0."""
        self._encoder, self._decoder, self._kde, self._usual, self._limit = encoder, decoder, kde, usual, limit

    def parts(self, tensor: np.ndarray) -> Parts:
        """tensor: skelemotion.SHAPE float32."""
        latent = self._encoder(tensor[None])
        log_density = self._kde.log_density(latent[0].astype(np.float64))
        return Parts(log_density=log_density, errors=block_errors(self._decoder(latent)[0] - tensor))

    def score(self, tensor: np.ndarray) -> Score:
        """tensor: skelemotion.SHAPE float32, of finite numbers."""
        parts = self.parts(tensor)
        shares = by_landmark(parts.errors)
        return Score(value=value(parts, self._usual, self._limit), joints=_worst_joints(shares), shares=shares)


def block_errors(difference: np.ndarray) -> np.ndarray:
    """Return the squared errors (times / BLOCK, joints) of a difference (times, joints, 3) of tensors."""
    times, joints, axes = difference.shape
    blocks = difference.astype(np.float64).reshape(times // BLOCK, BLOCK, joints, axes).mean(1)
    squares: np.ndarray = (blocks**2).mean(-1)
    return squares


def value(parts: Parts, usual: float, limit: Limit) -> float:
    """Return the score: 0 and more, 1 at the limits.

    A log density falls with the square of the distance; its root grows as the reconstruction error does.
    """
    fall = (usual - parts.log_density) / (usual - limit.log_density)
    return max(math.sqrt(max(fall, 0.0)), parts.reconstruction / limit.reconstruction)


def by_landmark(errors: np.ndarray) -> np.ndarray:
    """Return the (blocks, JOINTS) mean errors; errors: (blocks, joints of the traversal), in which some come twice or
    more."""
    return np.stack([errors[:, [i for i, j in enumerate(TRAVERSAL) if j == joint]].mean(1) for joint in JOINTS], 1)


def _worst_joints(shares: np.ndarray) -> tuple[str, ...]:
    """Return the names of the landmarks with the largest errors; shares: (blocks, JOINTS)."""
    worst = np.argsort(-shares.mean(0), kind="stable")[:TOP_JOINTS]
    return tuple(landmark.NAMES[JOINTS[i]] for i in worst)


def load(folder: Path, false_alarms: float = model_folder.FALSE_ALARMS) -> tuple[AutoencoderScorer, ModelCard]:
    """Load the scorer of a model folder, with the limits for a share of false alarms among good reps, and its card.

    Raises ModelError that names the file at fault.
    """
    card = model_folder.read(folder)
    if card.tensor_shape != SHAPE:
        raise ModelError(f"{folder / 'model.json'}: tensor_shape is {card.tensor_shape}, this livecoach makes {SHAPE}.")
    tensor, latent = (1, *card.tensor_shape), (1, card.latent)
    encoder = TfliteNetwork(folder / "encoder.tflite", tensor, latent)
    decoder = TfliteNetwork(folder / "decoder.tflite", latent, tensor)
    kde, thresholds = _load_kde(folder / "kde.npz", card.latent), card.thresholds
    limit = thresholds.at(false_alarms)
    return AutoencoderScorer(encoder, decoder, kde, thresholds.log_density_usual, limit), card


def _load_kde(path: Path, latent: int) -> Kde:
    kde = read_arrays(path, Kde)
    shapes = {"points": (len(kde.points), latent), "mean": (latent,), "whitening": (latent, latent)}
    require_shapes(path, {name: getattr(kde, name) for name in shapes}, shapes)
    return kde
