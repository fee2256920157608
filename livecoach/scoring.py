"""Scoring: how unlike good reps is this one? An autoencoder's latent density and reconstruction error.

The encoder and decoder are TFLite networks, run by LiteRT. The density is an exact Gaussian KDE over all training
latents: scikit-learn's tree-based KernelDensity is wrong in many dimensions (its issues 7492, 25799, 27186).
"""

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from livecoach import landmark, model_folder
from livecoach.errors import ModelError
from livecoach.model_folder import ModelCard, Thresholds
from livecoach.skelemotion import TRAVERSAL

TOP_JOINTS = 3
"""How many joints are named for an anomalous rep."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """How anomalous a rep is."""

    value: float
    """0 and more; above 1 is anomalous. Higher is stranger."""
    joints: tuple[str, ...]
    """Landmarks that are reconstructed worst, worst first."""


class Scorer(Protocol):
    """Scores rep tensors."""

    def score(self, tensor: np.ndarray) -> Score:
        """tensor: skelemotion.SHAPE float32."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Kde:
    """Gaussian kernel density in a whitened space, exact: log-sum-exp over all points."""

    points: np.ndarray
    """(n, d) whitened training latents."""
    mean: np.ndarray
    """(d,) of the latents."""
    whitening: np.ndarray
    """(d, d): whitened = (latent - mean) @ whitening."""
    bandwidth: float
    """Standard deviation of the kernel, in the whitened space."""

    def log_density(self, latent: np.ndarray) -> float:
        """Natural logarithm of the density in the whitened space; latent: (d,)."""
        at = (latent - self.mean) @ self.whitening
        exponents = -0.5 * ((self.points - at) ** 2).sum(1) / self.bandwidth**2
        largest = exponents.max()
        total = largest + math.log(np.exp(exponents - largest).sum())
        count, dimensions = self.points.shape
        return float(total - math.log(count) - dimensions * math.log(self.bandwidth * math.sqrt(2 * math.pi)))


class TfliteNetwork:
    """A TFLite network of one float input and one float output, on one thread."""

    def __init__(self, path: Path, input_shape: tuple[int, ...], output_shape: tuple[int, ...]) -> None:
        from ai_edge_litert.interpreter import Interpreter  # noqa: PLC0415 - 0.1 s, and only where reps are scored

        try:
            self._interpreter: Any = Interpreter(model_path=str(path), num_threads=1)
            self._interpreter.allocate_tensors()
        except (ValueError, RuntimeError) as err:
            raise ModelError(f"{path}: is no TFLite network. Restore the model folder.") from err
        (self._input,), (self._output,) = (
            self._interpreter.get_input_details(),
            self._interpreter.get_output_details(),
        )
        for what, details, wanted in (("input", self._input, input_shape), ("output", self._output, output_shape)):
            shape = tuple(int(n) for n in details["shape"])
            if shape != wanted or details["dtype"] != np.float32:
                raise ModelError(f"{path}: {what} is {details['dtype'].__name__} {shape}, expected float32 {wanted}.")

    def __call__(self, value: np.ndarray) -> np.ndarray:
        """value: float32 of the input's shape, the batch axis first."""
        self._interpreter.set_tensor(self._input["index"], value)
        self._interpreter.invoke()
        output: np.ndarray = self._interpreter.get_tensor(self._output["index"])
        return output


class AutoencoderScorer:
    """Latent density and reconstruction error; a rep is as anomalous as the worse of the two says."""

    def __init__(self, encoder: TfliteNetwork, decoder: TfliteNetwork, kde: Kde, thresholds: Thresholds) -> None:
        self._encoder, self._decoder, self._kde, self._thresholds = encoder, decoder, kde, thresholds

    def parts(self, tensor: np.ndarray) -> tuple[float, np.ndarray]:
        """Log density of the latent, and the squared reconstruction errors (times, joints)."""
        latent = self._encoder(tensor[None])
        errors = ((self._decoder(latent)[0] - tensor) ** 2).mean(-1)
        return self._kde.log_density(latent[0].astype(np.float64)), errors

    def score(self, tensor: np.ndarray) -> Score:
        """tensor: skelemotion.SHAPE float32."""
        log_density, errors = self.parts(tensor)
        limits = self._thresholds
        density = (limits.log_density_usual - log_density) / (limits.log_density_usual - limits.log_density_limit)
        reconstruction = math.sqrt(errors.mean()) / limits.reconstruction_limit
        return Score(value=max(density, reconstruction, 0.0), joints=_worst_joints(errors))


def _worst_joints(errors: np.ndarray) -> tuple[str, ...]:
    """Names of the joints with the largest errors; errors: (times, joints of the traversal)."""
    by_joint = {index: errors[:, [i for i, j in enumerate(TRAVERSAL) if j == index]].mean() for index in set(TRAVERSAL)}
    worst = sorted(by_joint, key=lambda index: (-by_joint[index], index))[:TOP_JOINTS]
    return tuple(landmark.NAMES[index] for index in worst)


def load(folder: Path) -> tuple[AutoencoderScorer, ModelCard]:
    """The scorer in a model folder, and its card. Raises ModelError that names the file at fault."""
    card = model_folder.read(folder)
    tensor, latent = (1, *card.tensor_shape), (1, card.latent)
    encoder = TfliteNetwork(folder / "encoder.tflite", tensor, latent)
    decoder = TfliteNetwork(folder / "decoder.tflite", latent, tensor)
    return AutoencoderScorer(encoder, decoder, _load_kde(folder / "kde.npz", card.latent), card.thresholds), card


def _load_kde(path: Path, latent: int) -> Kde:
    try:
        with np.load(path, allow_pickle=False) as arrays:
            kde = Kde(
                points=arrays["points"].astype(np.float64),
                mean=arrays["mean"].astype(np.float64),
                whitening=arrays["whitening"].astype(np.float64),
                bandwidth=float(arrays["bandwidth"]),
            )
    except (OSError, ValueError, KeyError, TypeError) as err:
        raise ModelError(f"{path}: is no density of this livecoach ({err}). Restore the model folder.") from err
    shapes = {"points": (len(kde.points), latent), "mean": (latent,), "whitening": (latent, latent)}
    for name, wanted in shapes.items():
        array = getattr(kde, name)
        if array.shape != wanted or not len(kde.points) or not np.isfinite(array).all():
            raise ModelError(f"{path}: {name} has shape {array.shape}, expected {wanted} of finite numbers.")
    if not kde.bandwidth > 0:
        raise ModelError(f"{path}: bandwidth must be positive, got {kde.bandwidth}.")
    return kde
