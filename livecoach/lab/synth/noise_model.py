"""Reads the parameters of the noise model, and computes the covariates of the errors from true landmarks.

scripts/synth/fit_noise.py writes the parameters. The covariates are scale, posture and azimuth. The channels are 198
errors (33 landmarks times image x, y, z and world x, y, z, in torso lengths), followed by the 33 visibilities as
logits. The camera stands on the lifter's left (azimuth 0..105°); the other side is the mirror image. Functions take
azimuths (T,) in radians, and postures (T, 3), which `measure_posture` returns.
"""

from dataclasses import dataclass, fields
from pathlib import Path
from typing import NamedTuple

import numpy as np
from scipy.ndimage import gaussian_filter1d

from livecoach.core import landmark
from livecoach.perception.body.body import pair_middle

SHIPPED = Path(__file__).resolve().with_suffix(".npz")
ERRORS = landmark.COUNT * 6  # Number of error channels
CONSTANT, POSTURAL, SLOW, FAST = range(4)
"""Kinds of a clip's own errors: constant, dependent on posture, slow (about a second), and from frame to frame."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class NoiseParameters:
    """The parameters of the noise model, `Noise`: means over clips, and variation between clips.

    K, L and M are numbers of components, C is the number of channels.
    """

    geometry: np.ndarray
    """(4, 3, 6) errors linear in a landmark's own position (scale, yaw, lean, depth), for each term of the azimuth."""
    geometry_spread: np.ndarray  # (18, 18) root of the covariance between clips of a (3, 6) deviation from `geometry`
    lag_s: np.ndarray  # (6,) delay of the landmarks behind the movement
    bias: np.ndarray  # (28, C) coefficients on bias_terms
    slope_parts: np.ndarray  # (K, C) error patterns that depend on posture, differently in each clip
    slope_spread: np.ndarray  # (K, 6, 6) root of the covariance between clips of each pattern's slopes on slope_terms
    size: np.ndarray  # (2, 4, C) factors on CONSTANT .. FAST, seen from the front and from the side
    recurring: np.ndarray  # () share of the slow errors' variance that recurs whenever the body passes a posture
    offset: np.ndarray  # (C,) standard deviation between clips of a constant offset
    slow_parts: np.ndarray  # (L, C) patterns of slow errors that channels share
    slow_rest: np.ndarray  # (C,) standard deviation of a channel's own slow errors
    fast_parts: np.ndarray  # (M, C) patterns of fast errors that channels share
    fast_rest: np.ndarray  # (C,) standard deviation of a channel's own fast errors
    slow_size: np.ndarray  # (7, 33) logarithm of the size of a landmark's slow errors, on size_terms
    fast_size: np.ndarray  # (7, 33) as slow_size, for fast errors: BlazePose smooths less while the body moves
    burst: np.ndarray
    """(2, 2) slow and fast errors: standard deviation of the logarithm of their size, and seconds between its knots."""
    pace: np.ndarray
    """(4,) knot spacing of slow and of fast errors, s; clock rate at rest, and its increase per torso length/s."""
    level: np.ndarray
    """(2, 4) logarithms of the sizes of lasting (constant or postural), slow and fast errors, and the loss rate: at
    azimuth 0, and the coefficient of the squared sine of the azimuth."""
    level_spread: np.ndarray  # (4, 4) root of the covariance of `level` between clips
    length_kept: np.ndarray
    """(2, 3, 6) share that is left of a bone's deviations: from the front and from the side; of its mean length, of the
    difference between its sides, and of its changes in time; for torso, thigh, shin, upper arm, forearm, and the width
    of shoulders and hips. The deviations are logarithms of length ratios."""
    loss: np.ndarray
    """(4,) coefficients of the loss rate on lean, crouch and wrists; seconds between the knots of its unit noise."""
    swap: np.ndarray
    """(2, 3) for arms and legs: left-right swaps per second seen from the front and from the side, and their duration
    in seconds."""

    def write(self, path: Path) -> None:
        """Write the parameters to a file of NumPy arrays (npz)."""
        arrays = {field.name: np.asarray(getattr(self, field.name), np.float32) for field in fields(self)}
        np.savez_compressed(path, **arrays)  # type: ignore[arg-type]


def read_parameters(path: Path) -> NoiseParameters:
    """Read the parameters of the noise model from a file that `NoiseParameters.write` wrote."""
    with np.load(path) as arrays:
        return NoiseParameters(**{field.name: arrays[field.name].astype(float) for field in fields(NoiseParameters)})


STANDING = 1.66  # Height of the hips above the ankles while standing, in torso lengths
POSTURE_MEAN = np.array([0.55, 0.25, 0.2])  # Mean of lean (rad), crouch and wrist height over the frames of sets
POSTURE_SPREAD = np.array([0.45, 0.25, 0.6])  # Standard deviation of lean, crouch and wrist height
REACH = 2.5  # Limit of a posture, in standard deviations from the mean: the model was fitted within it
BEHIND = -0.26  # Cosine of the largest fitted azimuth, 105°; larger azimuths get the errors of that azimuth

SPEED_OVER_S = 0.1  # Time over which speeds are smoothed (standard deviation)
STILL = 0.02  # Speed below which a body counts as still, in torso lengths per second
FASTEST = 3.0  # Greatest speed to which the model was fitted, in torso lengths per second


class PictureScale(NamedTuple):
    """The scale of T frames of a set: the length of the lifter's torso in metres and, in each frame, in pixels."""

    torso_m: float  # From shoulders to hips
    torso_px: np.ndarray  # (T,) Torso length as it would appear upright at the distance of the hips


def measure_scale(world: np.ndarray, xy_px: np.ndarray) -> PictureScale:
    """Measure the scale of T frames from world landmarks, (T, 33, 3) in metres with y down, and `xy_px`, (T, 33, 2)."""
    torso = pair_middle(world, landmark.SHOULDERS) - pair_middle(world, landmark.HIPS)
    torso_m = float(np.median(np.linalg.norm(torso, axis=1)))
    height_m = np.ptp(world[:, :, 1], axis=1)  # y is nearly parallel to the picture
    return PictureScale(torso_m, torso_m * np.ptp(xy_px[..., 1], axis=1) / height_m)


def azimuth_rad(world: np.ndarray) -> np.ndarray:
    """Return the camera's azimuth, (T,): 0 in front of the body, pi/2 at the left side, -pi/2 at the right side.

    Args:
        world: (T, 33, 3) world landmarks: x right, z away from the camera, in any unit.
    """
    across = world[:, landmark.SHOULDERS[0]] - world[:, landmark.SHOULDERS[1]]
    across = across + world[:, landmark.HIPS[0]] - world[:, landmark.HIPS[1]]
    return np.arctan2(-across[:, 2], across[:, 0])


def measure_posture(points: np.ndarray) -> np.ndarray:
    """Measure the trunk's lean, the crouch, and the wrists' height above the hips, (T, 3).

    Values are in standard deviations from the mean over sets (POSTURE_SPREAD, POSTURE_MEAN), limited to ±REACH.

    Args:
        points: (T, 33, 3) landmarks, y down, in torso lengths.
    """
    hips = pair_middle(points, landmark.HIPS)
    up = pair_middle(points, landmark.SHOULDERS) - hips
    lean = np.arctan2(np.hypot(up[:, 0], up[:, 2]), -up[:, 1])
    crouch = 1 - (pair_middle(points, landmark.ANKLES) - hips)[:, 1] / STANDING
    wrists = (hips - pair_middle(points, landmark.WRISTS))[:, 1]
    plain = (np.stack([lean, crouch, wrists], 1) - POSTURE_MEAN) / POSTURE_SPREAD
    return np.clip(plain, -REACH, REACH)


def _with_intercept(columns: np.ndarray) -> np.ndarray:
    return np.concatenate([np.ones((len(columns), 1)), columns], 1)


def azimuth_terms(azimuth: np.ndarray) -> np.ndarray:
    """Return the covariates of azimuths, (T, 4): 1, sine, squared sine, and cosine of at least BEHIND."""
    sine = np.sin(azimuth)
    return np.stack([np.ones_like(sine), sine, sine * sine, np.maximum(np.cos(azimuth), BEHIND)], 1)


def bias_terms(azimuth: np.ndarray, posture: np.ndarray) -> np.ndarray:
    """Return the covariates of the systematic error, (T, 28).

    The covariates are the products of seven terms of the posture (1, the three columns of `posture`, the squares of
    lean and of crouch, each minus 1, and lean times crouch) and the four terms of the azimuth.
    """
    lean, crouch = posture[:, 0], posture[:, 1]
    shape = _with_intercept(np.column_stack([posture, lean**2 - 1, crouch**2 - 1, lean * crouch]))
    return (shape[:, :, None] * azimuth_terms(azimuth)[:, None, :]).reshape(len(posture), -1)


def slope_terms(posture: np.ndarray) -> np.ndarray:
    """Return the covariates (T, 6) of errors that change with the posture.

    The covariates are 1, the columns of `posture`, and the squares of lean and of crouch (columns 0 and 1), minus 1.
    """
    return _with_intercept(np.column_stack([posture, posture[:, :2] ** 2 - 1]))


def body_speed(points: np.ndarray, fps: float) -> np.ndarray:
    """Return the mean speed (T,) of landmarks (T, 33, 3) below the head, in torso lengths per second.

    The speed is smoothed over about SPEED_OVER_S, and is at most FASTEST.
    """
    step = np.linalg.norm(np.gradient(points[:, landmark.SHOULDERS[0] :], axis=0), axis=-1).mean(1)
    smooth: np.ndarray = gaussian_filter1d(step * fps, SPEED_OVER_S * fps)
    return np.minimum(smooth, FASTEST)


def size_terms(azimuth: np.ndarray, posture: np.ndarray, speed: np.ndarray) -> np.ndarray:
    """Return the covariates of the size of slow and fast errors, (T, 7).

    The covariates are 1, the sine of the azimuth, its square, the columns of `posture`, and 1 + log(speed + STILL).

    Args:
        speed: (T,) speeds in torso lengths per second, as from `body_speed`.
    """
    sine = np.sin(azimuth)
    return _with_intercept(np.column_stack([sine, sine * sine, posture, np.log(speed + STILL) + 1]))


def mean_errors(model: NoiseParameters, points: np.ndarray, azimuth: np.ndarray, posture: np.ndarray) -> np.ndarray:
    """Return the errors of landmarks and the visibility logits, as means over clips, (T, C), without the delay `lag_s`.

    Args:
        points: (T, 33, 3) world landmarks, y down, in torso lengths.
    """
    channels = bias_terms(azimuth, posture) @ model.bias
    by_place = points @ np.einsum("tk,kij->tij", azimuth_terms(azimuth), model.geometry)
    channels[:, :ERRORS] += by_place.reshape(len(points), ERRORS)
    return np.asarray(channels)
