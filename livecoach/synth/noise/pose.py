"""Covariates of the pose estimator's errors, from the truth: scale, posture and azimuth."""

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import gaussian_filter1d

from livecoach import landmark

STANDING = 1.66  # of the hips above the ankles, torso lengths
POSTURE_MEAN = np.array([0.55, 0.25, 0.2])
POSTURE_SPREAD = np.array([0.45, 0.25, 0.6])
"""Mean and spread of `posture` over the frames of sets, to normalise the terms."""
REACH = 2.5  # limit of posture in spreads from the mean; nothing was fitted beyond
BEHIND = -0.26
"""Cosine of the largest fitted azimuth (105 degrees); larger azimuths get the errors of that one."""

SPEED_OVER_S = 0.1
STILL, FASTEST = 0.02, 3.0
"""Torso lengths/s: slower counts as still, and nothing was fitted to faster movement."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Scale:
    torso_m: float  # from shoulders to hips
    torso_px: np.ndarray  # (T,) a torso length, upright, at the distance of the hips


def scale_of(world: np.ndarray, xy_px: np.ndarray) -> Scale:
    """From true world landmarks (T, 33, 3) and pixels (T, 33, 2)."""
    torso = landmark.middle(world, landmark.SHOULDERS) - landmark.middle(world, landmark.HIPS)
    torso_m = float(np.median(np.linalg.norm(torso, axis=1)))
    height_m = np.ptp(world[:, :, 1], axis=1)  # y is nearly parallel to the picture
    return Scale(torso_m=torso_m, torso_px=torso_m * np.ptp(xy_px[..., 1], axis=1) / height_m)


def azimuth_rad(world: np.ndarray) -> np.ndarray:
    """Azimuth of the camera relative to the body in each frame, (T,): 0 front, pi/2 left side, pi behind."""
    across = world[:, landmark.SHOULDERS[0]] - world[:, landmark.SHOULDERS[1]]
    across = across + world[:, landmark.HIPS[0]] - world[:, landmark.HIPS[1]]
    return np.arctan2(-across[:, 2], across[:, 0])


def posture(world: np.ndarray, torso_m: float) -> np.ndarray:
    """Lean of the trunk, crouch, and wrist height above the hips, (T, 3), normalised to -2.5..2.5."""
    hips = landmark.middle(world, landmark.HIPS)
    up = landmark.middle(world, landmark.SHOULDERS) - hips
    lean = np.arctan2(np.hypot(up[:, 0], up[:, 2]), -up[:, 1])
    crouch = 1 - (landmark.middle(world, landmark.ANKLES) - hips)[:, 1] / torso_m / STANDING
    wrists = (hips - landmark.middle(world, landmark.WRISTS))[:, 1] / torso_m
    plain = (np.stack([lean, crouch, wrists], 1) - POSTURE_MEAN) / POSTURE_SPREAD
    return np.clip(plain, -REACH, REACH)


def with_ones(columns: np.ndarray) -> np.ndarray:
    """A constant column before (T, k) columns."""
    return np.concatenate([np.ones((len(columns), 1)), columns], 1)


def direction(azimuth: np.ndarray) -> np.ndarray:
    """(T, 4): 1, sine, its square, cosine."""
    sine = np.sin(azimuth)
    return np.stack([np.ones_like(sine), sine, sine * sine, np.maximum(np.cos(azimuth), BEHIND)], 1)


def bias_terms(azimuth: np.ndarray, stance: np.ndarray) -> np.ndarray:
    """(1, posture, squares of lean and crouch, lean times crouch) times the terms of the azimuth, (T, 28)."""
    lean, crouch = stance[:, 0], stance[:, 1]
    shape = with_ones(np.column_stack([stance, lean**2 - 1, crouch**2 - 1, lean * crouch]))
    return (shape[:, :, None] * direction(azimuth)[:, None, :]).reshape(len(stance), -1)


def slope_terms(stance: np.ndarray) -> np.ndarray:
    """1, posture, and the squares of lean and crouch, (T, 6)."""
    return with_ones(np.column_stack([stance, stance[:, :2] ** 2 - 1]))


def body_speed(points: np.ndarray, fps: float) -> np.ndarray:
    """Mean of the landmarks below the head, (T,), torso lengths/s. points: (T, 33, 3)."""
    step = np.linalg.norm(np.gradient(points[:, landmark.SHOULDERS[0] :], axis=0), axis=-1).mean(1)
    smooth: np.ndarray = gaussian_filter1d(step * fps, SPEED_OVER_S * fps)
    return np.minimum(smooth, FASTEST)


def uneven_terms(azimuth: np.ndarray, stance: np.ndarray, speed: np.ndarray) -> np.ndarray:
    """1, the sine of the azimuth, its square, posture, and the logarithm of the speed, (T, 7)."""
    sine = np.sin(azimuth)
    return with_ones(np.column_stack([sine, sine * sine, stance, np.log(speed + STILL) + 1]))
