"""The encoder of trajectories, and its decoder: TFLite networks that LiteRT runs.

The encoder's weights are a metric: distances between latents are distances between reps in which what faults change
counts more than what good reps of one lifter differ by (livecoach.lab.scorer). Latents are in torso lengths: with an
encoder that learned nothing, the distance is the root mean square over all numbers of the trajectories.
"""

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from livecoach.frame.visibility import NO_TOES
from livecoach.model_files.tflite import TfliteNetwork
from livecoach.rep import trajectory

_FEET = tuple(range(29, 33))
LOST: dict[str, tuple[int, ...]] = {
    "elbows": (13, 14),
    "wrists": (15, 16),
    "ankles": (27, 28, *_FEET),
    "feet": _FEET,
    NO_TOES: _FEET,
}
"""Joint that failed its gate → the landmarks that are left out of the distance. Without shoulders, hips or knees a rep
is not judged."""
LEAST_KNOWN = 0.5
"""Share of the joints that must be known for a rep to be judged. Our choice: without arms hits fell from 158 to 127 of
163 (real sets), and without arms and feet nobody measured them."""


class Encoder:
    """Encoder and decoder of one exercise."""

    def __init__(self, folder: Path, latent: int) -> None:
        """latent: length of a latent. Raises ModelError."""
        shape = (1, *trajectory.SHAPE)
        self._encoder = TfliteNetwork(folder / "encoder.tflite", shape, (1, latent))
        self._decoder = TfliteNetwork(folder / "decoder.tflite", (1, latent), shape)

    def encode(self, points: np.ndarray) -> np.ndarray:
        """Return the latent (K,) of a trajectory without gaps, trajectory.SHAPE."""
        latent: np.ndarray = self._encoder(points[None].astype(np.float32))[0].astype(np.float64)
        return latent

    def error(self, points: np.ndarray, latent: np.ndarray) -> float:
        """Return how far the decoder's trajectory is from the one that was encoded: root mean square, torso lengths."""
        made = self._decoder(latent[None].astype(np.float32))[0]
        return float(np.sqrt(((made - points) ** 2).mean()))


def without(points: np.ndarray, failed: Mapping[str, str]) -> np.ndarray:
    """Return a trajectory with NaN at the joints that failed their gate. failed: as Gate's."""
    lost = {i for joint in failed for i in LOST.get(joint, ())}
    found = points.copy()
    found[:, [place for place, i in enumerate(trajectory.JOINTS) if i in lost]] = np.nan
    return found


def known_share(points: np.ndarray) -> float:
    """Return the share of the numbers of a trajectory that are known, 0…1."""
    return float(np.isfinite(points).mean())


def placed(points: np.ndarray, mean: np.ndarray) -> np.ndarray:
    """Return a trajectory turned to a mean, without gaps, as the encoder takes it."""
    return filled(trajectory.turned(points, mean), mean)


def filled(points: np.ndarray, mean: np.ndarray) -> np.ndarray:
    """Return a trajectory whose unknown joints are those of the mean: they add nothing to the distance from it."""
    return np.where(np.isfinite(points), points, mean)
