"""Fits how the residual errors change in time, and how often left and right are swapped."""

from collections.abc import Sequence

import numpy as np
from noise_errors import Errors
from scipy.ndimage import gaussian_filter1d

from livecoach.core import landmark
from livecoach.lab.synth import noise_model
from livecoach.lab.synth.noise import LIMBS
from livecoach.lab.synth.noise_model import ERRORS

SPLIT_S = 0.12
"""Errors smoothed over this time are slow errors, the rest are fast ones."""
FAST_BURST_S, SLOW_BURST_S = (0.06, 0.25), (0.3, 1.0)
"""Time over which the sizes of errors are smoothed, and time between the knots of their bursts."""
LEAST = 1e-4
LEAST_FPS = 20.0
SPLINE_WIDTH = 0.816
"""A cubic B-spline's correlation falls like a Gaussian this many knots wide."""


def split(channels: np.ndarray, fps: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the slow and the fast part of (n, C)."""
    slow = gaussian_filter1d(channels, SPLIT_S * fps, axis=0)
    return slow, channels - slow


def size_terms(clip: Errors) -> np.ndarray:
    """(n, 7)"""
    return noise_model.uneven_terms(clip.azimuth, clip.stance, clip.speed)


def log_size(channels: np.ndarray) -> np.ndarray:
    """Return (n, 33) logarithms of the size of each landmark's errors, image and world."""
    size = np.sqrt((channels[:, :ERRORS].reshape(-1, landmark.COUNT, 6) ** 2).mean(-1))
    return np.log(np.maximum(size, LEAST))


def fit_size(clips: Sequence[Errors], channels: Sequence[np.ndarray]) -> np.ndarray:
    """Return (7, 33): the logarithm of the size of a landmark's errors on the terms, less each clip's mean."""
    terms = np.concatenate([size_terms(clip) for clip in clips])
    logs = np.concatenate([log - log.mean() for log in map(log_size, channels)])
    weight = np.concatenate([np.full(len(clip.channels), 1 / len(clip.channels)) for clip in clips])
    weighted = terms * weight[:, None]
    return np.linalg.solve(weighted.T @ terms + 0.02 * weight.sum() * np.eye(7), weighted.T @ logs)


def divided(channels: np.ndarray, log: np.ndarray) -> np.ndarray:
    """Return (n, C) divided by the exponential of (n, 33)."""
    size = np.exp(log)
    return channels / np.concatenate([np.repeat(size, 6, axis=-1), size], -1)


def fit_burst(
    clips: Sequence[Errors], channels: Sequence[np.ndarray], size: np.ndarray, times_s: tuple[float, float]
) -> tuple[np.ndarray, list[np.ndarray], np.ndarray]:
    """Return (2,) of NoiseModel.burst; (n, 1) logarithms of the bursts, clip by clip; (clips, 33) each clip's own size.

    times_s: the smoothing time of sizes, and the time between knots.
    """
    over_s, knot_s = times_s
    bursts, of_clip = [], []
    for clip, errors in zip(clips, channels, strict=True):
        log = log_size(errors) - size_terms(clip) @ size
        of_clip.append(log.mean(0))
        common = (log - of_clip[-1]).mean(1, keepdims=True)
        bursts.append(gaussian_filter1d(common, over_s * clip.fps, axis=0))
    spread = np.median([common.std() for common in bursts])
    return np.array([spread, knot_s]), bursts, np.array(of_clip) - np.mean(of_clip)


def fast_knot(clips: Sequence[Errors], fast: Sequence[np.ndarray]) -> float:
    """Return the seconds between the knots of fast errors, from the ratio of second to first differences."""
    knots_s = []
    for clip, channels in zip(clips, fast, strict=True):
        if clip.fps >= LEAST_FPS:
            first, second = (np.median(np.abs(np.diff(channels[:, :ERRORS], n, axis=0))) for n in (1, 2))
            knots_s.append(_width(second / first) / clip.fps)
    return float(np.median(knots_s)) / SPLINE_WIDTH


def _width(ratio: float) -> float:
    """Return the width, in frames, of a correlation exp(-t^2 / 2 width^2) with this ratio of differences."""
    widths = np.linspace(0.4, 6, 200)
    near, far = np.exp(-0.5 / widths**2), np.exp(-2 / widths**2)
    ratios = np.sqrt((6 - 8 * near + 2 * far) / (2 - 2 * near))
    return float(np.interp(-ratio, -ratios, widths))


def fit_pace(clips: Sequence[Errors], slow: Sequence[np.ndarray], fast: Sequence[np.ndarray]) -> np.ndarray:
    """Return (4,) of NoiseModel.pace: how fast slow errors change, at rest and in motion."""
    speeds, rates = [], []
    for clip, channels in zip(clips, slow, strict=True):
        change = np.gradient(channels[:, :ERRORS], axis=0) * clip.fps
        scale = np.sqrt((channels[:, :ERRORS] ** 2).mean())
        rates.append(np.sqrt((change**2).mean(1)) / max(scale, 1e-6))
        speeds.append(clip.speed)
    x, y = np.concatenate(speeds), np.concatenate(rates)
    still, moving = np.median(y[x < 0.05]), np.median(y[x > 0.5])
    per_speed = max(moving - still, 0) / max(np.median(x[x > 0.5]), 1e-6)
    # A cubic B-spline with unit variance and knots h apart changes at 1.18 / h a second.
    usual = still + per_speed * np.median(x)
    return np.array([1.18 / usual, fast_knot(clips, fast), still / usual, per_speed / usual])


def fit_swaps(clips: Sequence[Errors]) -> np.ndarray:
    """Return (2, 3) of NoiseModel.swap."""
    out = []
    for limbs in LIMBS:
        begun, seconds, side, lengths = [], [], [], []
        for clip in clips:
            swapped = swapped_frames(clip, limbs)
            edges = np.diff(np.concatenate([[0], swapped.astype(int), [0]]))
            begun.append((edges == 1).sum())
            lengths += ((np.flatnonzero(edges == -1) - np.flatnonzero(edges == 1)) / clip.fps).tolist()
            seconds.append(len(swapped) / clip.fps)
            side.append(np.median(np.sin(clip.azimuth) ** 2))
        rate = np.array(begun) / np.array(seconds)
        x = np.column_stack([np.ones(len(side)), side])
        weighted = x * np.array(seconds)[:, None]
        front, more = np.linalg.solve(weighted.T @ x, weighted.T @ rate)
        out.append([max(front, 0.0), max(front + more, 0.0), np.mean(lengths) if lengths else 0.1])
    return np.array(out)


def swapped_frames(clip: Errors, limbs: Sequence[int]) -> np.ndarray:
    """Return (n,) frames in which these world landmarks fit the other side's truth much better than their own."""
    estimated = clip.points + clip.channels[:, :ERRORS].reshape(-1, landmark.COUNT, 6)[..., 3:]
    left = [i for i in limbs if i % 2]
    right = [i + 1 for i in left]
    apart = np.linalg.norm(clip.points[:, left] - clip.points[:, right], axis=-1).sum(1)
    own = sum(np.linalg.norm(estimated[:, a] - clip.points[:, a], axis=-1).sum(1) for a in (left, right))
    other = np.linalg.norm(estimated[:, left] - clip.points[:, right], axis=-1).sum(1)
    other = other + np.linalg.norm(estimated[:, right] - clip.points[:, left], axis=-1).sum(1)
    return (own - other > apart) & (apart > 0.15 * len(left))
