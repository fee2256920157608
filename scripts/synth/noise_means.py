"""Fits the errors that all clips share, and each clip's own errors that depend on posture."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from noise_errors import Errors

from livecoach.core import landmark
from livecoach.lab.synth import noise_model
from livecoach.lab.synth.noise_model import ERRORS

EVERY_S = 0.3
"""Frames closer than this are redundant, because of the fast errors' correlation."""
SLOPE_PARTS = 36
EM_ROUNDS = 25
FIRST_GUESS = (0.5, 0.05, 0.05, 0.05, 0.02, 0.02)
"""Initial shares of the variance, by slope: small, because slopes that no clip determines keep them."""
REACH = 2.5
GAUSSIAN = 0.6745
"""Median of the absolute value of a standard normal variable."""
LOGIT_SHARE = 0.05
"""Weight of visibility relative to errors (torso lengths) where channels are weighted together."""


class Means(Protocol):
    """The part of a noise model that all clips share."""

    @property
    def geometry(self) -> np.ndarray: ...

    @property
    def lag_s(self) -> np.ndarray: ...

    @property
    def bias(self) -> np.ndarray: ...


def channel_weights(count: int) -> np.ndarray:
    """(C,)"""
    return np.where(np.arange(count) < ERRORS, 1.0, LOGIT_SHARE)


def frame_weights(clips: Sequence[Errors], left: Sequence[np.ndarray]) -> list[np.ndarray]:
    """Return (n,) for each clip: clips have equal weights; frames with gross errors weigh little. left: channels."""
    size = [np.sqrt((channels[:, :ERRORS] ** 2).mean(1)) for channels in left]
    usual = np.median(np.concatenate(size))
    weights = [1 / (1 + (frame / (2 * usual)) ** 2) for frame in size]
    return [weight / len(clip.channels) for weight, clip in zip(weights, clips, strict=True)]


def ridge(x: np.ndarray, y: np.ndarray, weight: np.ndarray, amount: float) -> np.ndarray:
    """Solve weighted least squares. amount: penalty as a share of the weights' sum, none on a first constant column."""
    penalty = amount * weight.sum() * np.eye(x.shape[1])
    penalty[0, 0] *= 1e-3
    weighted = x * weight[:, None]
    return np.linalg.solve(weighted.T @ x + penalty, weighted.T @ y)


def place_terms(clip: Errors, by_direction: bool) -> np.ndarray:
    """Return (n * 33, 12 or 3): a landmark's own place, times the terms of the azimuth or alone."""
    if not by_direction:
        return clip.points.reshape(-1, 3)
    terms = noise_model.direction(clip.azimuth)[:, None, :, None] * clip.points[:, :, None, :]
    return terms.reshape(-1, 12)


def errors_per_landmark(channels: np.ndarray) -> np.ndarray:
    """(n * 33, 6)"""
    return channels[:, :ERRORS].reshape(-1, 6)


def with_errors(channels: np.ndarray, per_landmark: np.ndarray) -> np.ndarray:
    """Return the channels less errors given by landmark."""
    out = channels.copy()
    out[:, :ERRORS] -= per_landmark.reshape(len(channels), ERRORS)
    return out


def fit_geometry(clips: Sequence[Errors], weights: Sequence[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Return the (4, 3, 6) map of a landmark's place to its errors, and the (6,) lag of the landmarks, s."""
    x = np.concatenate([place_terms(clip, by_direction=True) for clip in clips])
    y = np.concatenate([errors_per_landmark(clip.channels) for clip in clips])
    weight = np.concatenate([np.repeat(w, 33) for w in weights])
    penalty = 0.003 * weight.sum() * np.eye(12)
    weighted = x * weight[:, None]
    geometry = np.linalg.solve(weighted.T @ x + penalty, weighted.T @ y)
    velocity = np.concatenate([np.tile(clip.velocity, 2).reshape(-1, 6) for clip in clips])
    left = y - x @ geometry
    lag = -(weight[:, None] * velocity * left).sum(0) / (weight[:, None] * velocity**2).sum(0)
    return geometry.reshape(4, 3, 6), np.clip(lag, 0, 0.1)


def without_geometry(clip: Errors, geometry: np.ndarray, lag_s: np.ndarray) -> np.ndarray:
    """(n, C)"""
    mapped = place_terms(clip, by_direction=True) @ geometry.reshape(12, 6)
    return with_errors(clip.channels, mapped - np.tile(clip.velocity, 2).reshape(-1, 6) * lag_s)


def fit_bias(clips: Sequence[Errors], left: Sequence[np.ndarray], weights: Sequence[np.ndarray]) -> np.ndarray:
    """(28, C)"""
    x = np.concatenate([noise_model.bias_terms(clip.azimuth, clip.stance) for clip in clips])
    return ridge(x, np.concatenate(left), np.concatenate(weights), 0.03)


def own_geometry(clip: Errors, left: np.ndarray) -> np.ndarray:
    """Return the clip's own map, (3, 6)."""
    x, y = place_terms(clip, by_direction=False), errors_per_landmark(left)
    size = np.sqrt((left[:, :ERRORS] ** 2).mean(1))
    weight = np.repeat(1 / (1 + (size / (2 * np.median(size))) ** 2), 33)
    return ridge(x, y, weight, 0.02)


def parts_of(clip: Errors, model: Means) -> np.ndarray:
    """Return (3, 33) logarithms of the size of a clip's errors in the world, less those common to all clips: constant
    errors, errors that depend on posture, and the rest; root mean square, torso lengths."""
    left = without_geometry(clip, model.geometry, model.lag_s)
    left = left - noise_model.bias_terms(clip.azimuth, clip.stance) @ model.bias
    errors = left[:, :ERRORS].reshape(-1, landmark.COUNT, 6)[..., 3:].reshape(len(left), -1)
    middle = np.median(errors, 0)
    terms = noise_model.slope_terms(clip.stance)
    terms = terms - terms.mean(0)
    terms[:, 0] = 1
    going = terms[:, 1:] @ ridge(terms, errors - middle, np.full(len(terms), 1 / len(terms)), 0.05)[1:]
    squares = [
        (part**2).reshape(-1, landmark.COUNT, 3).mean((0, 2)) for part in (middle, going, errors - middle - going)
    ]
    return 0.5 * np.log(np.array(squares) + 1e-8)


def root_of(covariance: np.ndarray) -> np.ndarray:
    """Return the symmetric root, (n, n)."""
    size, direction = np.linalg.eigh(covariance)
    return (direction * np.sqrt(np.maximum(size, 0))) @ direction.T


def patterns(left: Sequence[np.ndarray], count: int) -> np.ndarray:
    """Return (count, C) principal components: rows of length 1 in weighted channels, in the channels' own units."""
    weigh = channel_weights(left[0].shape[1])
    covariance = sum((channels * weigh).T @ (channels * weigh) / len(channels) for channels in left)
    _, direction = np.linalg.eigh(covariance)
    return direction[:, ::-1][:, :count].T / weigh


def scores(channels: np.ndarray, parts: np.ndarray) -> np.ndarray:
    """Return (n, K): the amount of each pattern in the channels."""
    weigh = channel_weights(channels.shape[1])
    return (channels * weigh) @ (parts * weigh).T


def within_reach(score: np.ndarray) -> np.ndarray:
    """Clip scores at REACH robust deviations from their median: totally wrong frames show no slope."""
    middle = np.median(score)
    reach = REACH * np.median(np.abs(score - middle)) / GAUSSIAN
    return np.clip(score, middle - reach, middle + reach)


class Slopes:
    """Random slopes of a pattern's score on the terms of posture, by expectation and maximisation over clips."""

    def __init__(self, clips: Sequence[Errors]) -> None:
        self._terms = [noise_model.slope_terms(clip.stance) for clip in clips]
        self._share = [min(1.0, 1 / (EVERY_S * clip.fps)) for clip in clips]

    def fit(self, clip_scores: Sequence[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
        """Return the root of the covariance between clips (6, 6), and each clip's slopes (clips, 6). clip_scores: (n,)
        of each clip."""
        clip_scores = [within_reach(score) for score in clip_scores]
        noise = np.full(len(clip_scores), np.mean([score.var() for score in clip_scores]) / 2 + 1e-9)
        covariance = np.mean([score.var() + score.mean() ** 2 for score in clip_scores]) * np.diag(FIRST_GUESS)
        for _ in range(EM_ROUNDS):
            slopes, spread = [], []
            for k, (x, score, share) in enumerate(zip(self._terms, clip_scores, self._share, strict=True)):
                inner = np.linalg.inv(np.linalg.inv(covariance) + share * (x.T @ x) / noise[k])
                mean = inner @ (share * x.T @ score) / noise[k]
                noise[k] = 0.5 * noise[k] + 0.5 * (np.mean((score - x @ mean) ** 2) + 1e-9)
                slopes.append(mean)
                spread.append(np.outer(mean, mean) + inner)
            covariance = np.mean(spread, 0) + 1e-9 * np.eye(6)
        return root_of(covariance), np.array(slopes)

    def of(self, k: int, slopes: np.ndarray, parts: np.ndarray) -> np.ndarray:
        """Return (n, C): the errors of clip k by its slopes (K, 6)."""
        return self._terms[k] @ slopes.T @ parts
