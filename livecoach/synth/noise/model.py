"""The parameters of the noise model, as scripts/synth/fit_noise.py writes them.

The channels are 198 errors (33 landmarks times image x, y, z and world x, y, z, in torso lengths), followed by the 33
visibilities as logits. The camera stands on the lifter's left (azimuth 0..105); the other side is the mirror image.
"""

from dataclasses import dataclass, fields
from functools import lru_cache
from pathlib import Path

import numpy as np

from livecoach import landmark
from livecoach.errors import ModelError

SHIPPED = Path(__file__).resolve().parents[1] / "noise_model.npz"
ERRORS = landmark.COUNT * 6


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class NoiseModel:
    """Means over clips, and variation between clips. K, L, M: numbers of components; C: CHANNELS."""

    geometry: np.ndarray
    """(4, 3, 6) errors linear in a landmark's own position (scale, yaw, lean, depth), for each term of the azimuth."""
    geometry_spread: np.ndarray
    """(18, 18) root of the covariance between clips of a (3, 6) deviation from `geometry`."""
    lag_s: np.ndarray  # (6,) of the landmarks
    bias: np.ndarray  # (28, C) coefficients on pose.bias_terms
    slope_parts: np.ndarray
    """(K, C) error patterns that depend on posture, differently in each clip."""
    slope_spread: np.ndarray
    """(K, 6, 6) root of the covariance between clips of each pattern's slopes on pose.slope_terms."""
    slope_gain: np.ndarray  # (33,) factor on a landmark's part of the patterns
    offset: np.ndarray  # (C,) standard deviation between clips of a constant offset
    slow_parts: np.ndarray  # (L, C) patterns of slow errors that channels share
    slow_rest: np.ndarray  # (C,) standard deviation of a channel's own slow errors
    fast_parts: np.ndarray  # (M, C) patterns of fast errors that channels share
    fast_rest: np.ndarray  # (C,) standard deviation of a channel's own fast errors
    slow_size: np.ndarray
    """(7, 33) logarithm of the size of a landmark's slow errors, on pose.uneven_terms."""
    fast_size: np.ndarray
    """(7, 33) the same for fast errors: BlazePose smooths less while the body moves."""
    burst: np.ndarray
    """(2, 2) slow and fast errors: standard deviation of the logarithm of their size, and seconds between its knots."""
    pace: np.ndarray
    """(4,) knot spacing of slow and of fast errors, s; clock rate at rest, and its increase per torso length/s."""
    level: np.ndarray
    """(2, 4) logarithms of the sizes of posture-dependent, slow and fast errors, and the loss rate: at azimuth 0, and
    the coefficient of the squared sine of the azimuth."""
    level_spread: np.ndarray  # (4, 4) root of the covariance of `level` between clips
    limb_spread: np.ndarray
    """(99, 99) root of the covariance between clips of the landmarks' own deviations of these sizes, (3, 33)."""
    length_kept: np.ndarray
    """(2, 4) exponent on relative length changes of torso, thigh, shin and arm bones, from the front and from the
    side."""
    loss: np.ndarray
    """(4,) coefficients of the loss rate on lean, crouch and wrists; seconds between the knots of its unit noise."""
    swap: np.ndarray
    """(2, 3) for arms and legs: left-right swaps per second facing the camera and side on, and their duration, s."""

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
    """Raises ModelError if `path` holds none."""
    try:
        with np.load(path) as arrays:
            return NoiseModel(**{field.name: arrays[field.name].astype(float) for field in fields(NoiseModel)})
    except (OSError, ValueError, KeyError) as err:
        raise ModelError(f"{path}: not a noise model ({err}). Fit one with scripts/synth/fit_noise.py") from err


@lru_cache(maxsize=1)
def shipped_model() -> NoiseModel:
    return read(SHIPPED)
