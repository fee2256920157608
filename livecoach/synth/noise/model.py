"""What was fitted: the numbers of the noise model, as scripts/synth/fit_noise.py writes them.

Channels are the 198 errors (33 landmarks times image x, y, z and world x, y, z, in torso lengths) and, after them, the
33 visibilities as logits. The camera stands on the lifter's left (azimuth 0..105); the other side is the mirror image.
"""

from dataclasses import dataclass, fields
from functools import lru_cache
from pathlib import Path

import numpy as np

from livecoach import landmark
from livecoach.errors import ModelError

SHIPPED = Path(__file__).resolve().parents[1] / "noise_model.npz"
ERRORS = landmark.COUNT * 6
CHANNELS = landmark.COUNT * 7


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class NoiseModel:
    """Means, and how clips differ from them. K, L, M: numbers of components; C: CHANNELS."""

    geometry: np.ndarray
    """(4, 3, 6) errors of a landmark linear in its own place, for each term of the azimuth: scale, yaw, lean, depth."""
    geometry_spread: np.ndarray
    """(18, 18) root of the covariance between clips of a (3, 6) deviation from it."""
    lag_s: np.ndarray
    """(6,) by how much landmarks come late."""
    bias: np.ndarray
    """(28, C) on pose.bias_terms."""
    slope_parts: np.ndarray
    """(K, C) patterns of error that depend on posture, each clip in its own way."""
    slope_spread: np.ndarray
    """(K, 6, 6) root of the covariance between clips of each pattern's slopes on pose.slope_terms."""
    slope_gain: np.ndarray
    """(33,) what a landmark's part of the patterns is multiplied by."""
    offset: np.ndarray
    """(C,) what else differs between clips: standard deviation of a constant."""
    slow_parts: np.ndarray
    """(L, C) slow errors that channels share."""
    slow_rest: np.ndarray
    """(C,) standard deviation of a channel's own slow errors."""
    fast_parts: np.ndarray
    """(M, C)"""
    fast_rest: np.ndarray
    """(C,)"""
    slow_size: np.ndarray
    """(7, 33) logarithm of the size of a landmark's slow errors, on pose.uneven_terms."""
    fast_size: np.ndarray
    """(7, 33) the same of fast errors: BlazePose smooths less while the body moves."""
    burst: np.ndarray
    """(2, 2) bursts of slow and of fast errors: standard deviation of the logarithm of their size, and seconds between
    the knots of it."""
    pace: np.ndarray
    """(4,) knots of slow and of fast errors, s; clock's rate at rest, and what a torso length a second adds to it."""
    level: np.ndarray
    """(2, 4) of a clip: logarithms of the size of what depends on posture, of slow and of fast errors; proneness to
    loss; at azimuth 0, and what is added times the squared sine."""
    level_spread: np.ndarray
    """(4, 4) root of their covariance between clips."""
    limb_spread: np.ndarray
    """(99, 99) root of the covariance between clips of what landmarks' sizes of these, (3, 33), have beyond the
    clip's."""
    length_kept: np.ndarray
    """(2, 4) of the changes that errors make in the length of torso, thigh, shin and arm bones, which power is left;
    from the front and from the side. BlazePose keeps to a body's proportions better than errors drawn as they are."""
    loss: np.ndarray
    """(4,) proneness to loss on lean, crouch and wrists; and seconds between the knots of its noise, of variance 1."""
    swap: np.ndarray
    """(2, 3) of arms and legs: swaps of left and right a second facing the camera, side on, and their length, s."""

    def __post_init__(self) -> None:
        for field in fields(self):
            if not np.isfinite(getattr(self, field.name)).all():
                raise ModelError(
                    f"noise model: {field.name} is not finite. Fit it again with scripts/synth/fit_noise.py"
                )

    def write(self, path: Path) -> None:
        """As npz, in single precision."""
        arrays = {field.name: np.asarray(getattr(self, field.name), np.float32) for field in fields(self)}
        np.savez_compressed(path, **arrays)  # type: ignore[arg-type]


def read(path: Path) -> NoiseModel:
    """Raises ModelError where `path` holds no noise model."""
    try:
        with np.load(path) as arrays:
            return NoiseModel(**{field.name: arrays[field.name].astype(float) for field in fields(NoiseModel)})
    except (OSError, ValueError, KeyError) as err:
        raise ModelError(f"{path}: is no noise model ({err}). Fit one with scripts/synth/fit_noise.py") from err


@lru_cache(maxsize=1)
def shipped_model() -> NoiseModel:
    """The one that comes with livecoach."""
    return read(SHIPPED)
