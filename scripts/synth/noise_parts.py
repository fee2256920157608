"""Fits the parts of the noise model to errors in rendered clips.

The parts are errors that all clips share, each clip's own errors that depend on posture, changes in time, swaps of left
and right, and frames in which nobody is detected.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from noise_errors import Errors
from numpy.random import default_rng
from scipy.ndimage import gaussian_filter1d

from livecoach.core import landmark
from livecoach.lab.synth import noise, noise_model
from livecoach.lab.synth.noise_model import ERRORS, NoiseParameters

EVERY_S = 0.3  # frames closer than this are redundant, because of the fast errors' correlation
SLOPE_PARTS = 36
EM_ROUNDS = 25
FIRST_GUESS = (0.5, 0.05, 0.05, 0.05, 0.02, 0.02)
"""Initial shares of the variance, by slope: small, because slopes that no clip determines keep them."""
REACH = 2.5
GAUSSIAN = 0.6745  # median of the absolute value of a standard normal variable
LOGIT_SHARE = 0.05  # weight of visibility relative to errors (torso lengths) where channels are weighted together


def channel_weights(count: int) -> np.ndarray:
    """Return the weight of each of `count` channels, (C,)."""
    return np.where(np.arange(count) < ERRORS, 1.0, LOGIT_SHARE)


def frame_weights(clips: Sequence[Errors], left: Sequence[np.ndarray]) -> list[np.ndarray]:
    """Return the weights of each clip's frames, (n,): clips weigh the same, frames with gross errors in `left` less."""
    size = [np.sqrt((channels[:, :ERRORS] ** 2).mean(1)) for channels in left]
    usual = np.median(np.concatenate(size))
    weights = [1 / (1 + (frame / (2 * usual)) ** 2) for frame in size]
    return [weight / len(clip.channels) for weight, clip in zip(weights, clips, strict=True)]


def ridge(x: np.ndarray, y: np.ndarray, weight: np.ndarray, amount: float) -> np.ndarray:
    """Solve weighted least squares with a penalty of `amount` times the weights' sum, nearly 0 on the first column."""
    penalty = amount * weight.sum() * np.eye(x.shape[1])
    penalty[0, 0] *= 1e-3
    weighted = x * weight[:, None]
    return np.linalg.solve(weighted.T @ x + penalty, weighted.T @ y)


def place_terms(clip: Errors, by_direction: bool) -> np.ndarray:
    """Return places of landmarks, (n * 33, 3), or with `by_direction` times the azimuth's terms, (n * 33, 12)."""
    if not by_direction:
        return clip.points.reshape(-1, 3)
    terms = noise_model.azimuth_terms(clip.azimuth)[:, None, :, None] * clip.points[:, :, None, :]
    return terms.reshape(-1, 12)


def errors_per_landmark(channels: np.ndarray) -> np.ndarray:
    """Return the six errors of each landmark in each frame, (n * 33, 6)."""
    return channels[:, :ERRORS].reshape(-1, 6)


def without_errors(channels: np.ndarray, per_landmark: np.ndarray) -> np.ndarray:
    """Return channels (n, C) minus the errors of each landmark, `per_landmark` (n * 33, 6)."""
    out = channels.copy()
    out[:, :ERRORS] -= per_landmark.reshape(len(channels), ERRORS)
    return out


def fit_geometry(clips: Sequence[Errors], weights: Sequence[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Return the map of a landmark's place to its errors, (4, 3, 6), and the lag of the landmarks in seconds, (6,)."""
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
    """Return the channels of a clip minus the errors of the map and of the lag, (n, C)."""
    mapped = place_terms(clip, by_direction=True) @ geometry.reshape(12, 6)
    return without_errors(clip.channels, mapped - np.tile(clip.velocity, 2).reshape(-1, 6) * lag_s)


def without_common(clip: Errors, model: NoiseParameters) -> np.ndarray:
    """Return the channels of a clip minus the errors that all clips share, (n, C)."""
    late = np.tile(clip.velocity, 2).reshape(-1, 6) * model.lag_s
    common = noise_model.mean_errors(model, clip.points, clip.azimuth, clip.stance)
    return without_errors(clip.channels - common, -late)


def fit_bias(clips: Sequence[Errors], left: Sequence[np.ndarray], weights: Sequence[np.ndarray]) -> np.ndarray:
    """Return the coefficients of the bias on the terms of azimuth and posture, (28, C)."""
    x = np.concatenate([noise_model.bias_terms(clip.azimuth, clip.stance) for clip in clips])
    return ridge(x, np.concatenate(left), np.concatenate(weights), 0.03)


def own_geometry(clip: Errors, left: np.ndarray) -> np.ndarray:
    """Return a clip's own map of a landmark's place to its errors, (3, 6)."""
    x, y = place_terms(clip, by_direction=False), errors_per_landmark(left)
    size = np.sqrt((left[:, :ERRORS] ** 2).mean(1))
    weight = np.repeat(1 / (1 + (size / (2 * np.median(size))) ** 2), 33)
    return ridge(x, y, weight, 0.02)


def root_of(covariance: np.ndarray) -> np.ndarray:
    """Return the symmetric square root of a covariance, (n, n)."""
    size, direction = np.linalg.eigh(covariance)
    return (direction * np.sqrt(np.maximum(size, 0))) @ direction.T


def patterns(left: Sequence[np.ndarray], count: int) -> np.ndarray:
    """Return (count, C) principal components: rows of length 1 in weighted channels, in the channels' own units."""
    weigh = channel_weights(left[0].shape[1])
    covariance = sum((channels * weigh).T @ (channels * weigh) / len(channels) for channels in left)
    _, direction = np.linalg.eigh(covariance)
    return direction[:, ::-1][:, :count].T / weigh


def scores(channels: np.ndarray, parts: np.ndarray) -> np.ndarray:
    """Return the amount of each pattern in the channels, (n, K)."""
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
        """Return the root of the slopes' covariance (6, 6), and each clip's slopes (clips, 6), from scores (n,)."""
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
        """Return the errors of clip `k` that follow from its slopes (K, 6), (n, C)."""
        return self._terms[k] @ slopes.T @ parts


SPLIT_S = 0.12  # errors smoothed over this time are slow errors, the rest are fast errors
FAST_BURST_S, SLOW_BURST_S = (0.06, 0.25), (0.3, 1.0)
"""Time over which the sizes of errors are smoothed, and time between the knots of their bursts."""
LEAST = 1e-4
LEAST_FPS = 20.0
SPLINE_WIDTH = 0.816  # A cubic B-spline's correlation falls like a Gaussian this many knots wide


def split(channels: np.ndarray, fps: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the slow and the fast part of channels, each (n, C)."""
    slow = gaussian_filter1d(channels, SPLIT_S * fps, axis=0)
    return slow, channels - slow


def size_terms(clip: Errors) -> np.ndarray:
    """Return the terms on which the sizes of a clip's errors depend, (n, 7)."""
    return noise_model.size_terms(clip.azimuth, clip.stance, clip.speed)


def log_size(channels: np.ndarray) -> np.ndarray:
    """Return the logarithm of the size of each landmark's errors in image and world together, (n, 33)."""
    size = np.sqrt((channels[:, :ERRORS].reshape(-1, landmark.COUNT, 6) ** 2).mean(-1))
    return np.log(np.maximum(size, LEAST))


def fit_size(clips: Sequence[Errors], channels: Sequence[np.ndarray]) -> np.ndarray:
    """Return coefficients of `size_terms` for the logarithm of errors' sizes, relative to each clip's mean, (7, 33)."""
    terms = np.concatenate([size_terms(clip) for clip in clips])
    logs = np.concatenate([log - log.mean() for log in map(log_size, channels)])
    weight = np.concatenate([np.full(len(clip.channels), 1 / len(clip.channels)) for clip in clips])
    weighted = terms * weight[:, None]
    return np.linalg.solve(weighted.T @ terms + 0.02 * weight.sum() * np.eye(7), weighted.T @ logs)


def divided(channels: np.ndarray, log: np.ndarray) -> np.ndarray:
    """Return channels (n, C) divided by the sizes of each landmark's errors, of which `log` has logarithms (n, 33)."""
    size = np.exp(log)
    return channels / np.concatenate([np.repeat(size, 6, axis=-1), size], -1)


def fit_burst(
    clips: Sequence[Errors], channels: Sequence[np.ndarray], size: np.ndarray, times_s: tuple[float, float]
) -> tuple[np.ndarray, list[np.ndarray], np.ndarray]:
    """Return NoiseParameters.burst (2,), logarithms of each clip's bursts (n, 1), and of clips' own sizes (clips, 33).

    `times_s` are the time over which sizes are smoothed, and the time between knots.
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
    """Return the width, in frames, of a correlation exp(-t^2 / 2 width^2) from the ratio of its differences."""
    widths = np.linspace(0.4, 6, 200)
    near, far = np.exp(-0.5 / widths**2), np.exp(-2 / widths**2)
    ratios = np.sqrt((6 - 8 * near + 2 * far) / (2 - 2 * near))
    return float(np.interp(-ratio, -ratios, widths))


def fit_pace(clips: Sequence[Errors], slow: Sequence[np.ndarray], fast: Sequence[np.ndarray]) -> np.ndarray:
    """Return NoiseParameters.pace, (4,): how fast errors change, at rest and in motion."""
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
    """Return NoiseParameters.swap, (2, 3): rates of swaps from front and side, and mean length, for each limb."""
    out = []
    for limbs in noise.LIMBS:
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
    """Return whether world landmarks fit the other side's truth much better than their own, in each frame, (n,)."""
    estimated = clip.points + clip.channels[:, :ERRORS].reshape(-1, landmark.COUNT, 6)[..., 3:]
    left = [i for i in limbs if i % 2]
    right = [i + 1 for i in left]
    apart = np.linalg.norm(clip.points[:, left] - clip.points[:, right], axis=-1).sum(1)
    own = sum(np.linalg.norm(estimated[:, a] - clip.points[:, a], axis=-1).sum(1) for a in (left, right))
    other = np.linalg.norm(estimated[:, left] - clip.points[:, right], axis=-1).sum(1)
    other = other + np.linalg.norm(estimated[:, right] - clip.points[:, left], axis=-1).sum(1)
    return (own - other > apart) & (apart > 0.15 * len(left))


LOSS_KNOT_S = 0.6  # time between the knots of the deciding noise: losses last about as long
NEWTON_ROUNDS = 12
DRAWS = 24
EVERY = 3  # every third frame is simulated
PROBIT = 1.7  # Ratio of a logistic slope to a probit slope
HARDLY, OFTEN = 0.01, 0.1  # share of lost frames below which a clip has no loss, and above which it has much
SLOPE_LIMIT = 1.0


class Loss(NamedTuple):
    """The proneness of clips to lose the lifter."""

    terms: np.ndarray  # (4,) of NoiseParameters.loss
    level: np.ndarray  # (2,) of NoiseParameters.level's last column
    spread: float  # standard deviation between clips


def fit_loss_slopes(clips: Sequence[Errors]) -> np.ndarray:
    """Return probit slopes on posture, (3,), in clips that lose some frames (Newton's method, a constant per clip)."""
    some = [clip for clip in clips if 0.02 < 1 - clip.detected.mean() < 0.98]
    if not some:
        return np.zeros(3)
    x = np.concatenate([clip.every_stance for clip in some])
    own = np.repeat(np.eye(len(some)), [len(clip.detected) for clip in some], axis=0)
    terms, lost = np.concatenate([x, own], 1), ~np.concatenate([clip.detected for clip in some])
    weight = np.concatenate([np.full(len(clip.detected), 100 / len(clip.detected)) for clip in some])
    slopes = np.zeros(terms.shape[1])
    for _ in range(NEWTON_ROUNDS):
        share = 1 / (1 + np.exp(-terms @ slopes))
        gradient = terms.T @ (weight * (lost - share)) - 3 * slopes
        curvature = (terms * (weight * share * (1 - share))[:, None]).T @ terms + 3 * np.eye(len(slopes))
        slopes += np.linalg.solve(curvature, gradient)
    return np.clip(slopes[:3] / PROBIT, -SLOPE_LIMIT, SLOPE_LIMIT)


def fit_loss(clips: Sequence[Errors]) -> Loss:
    """Fit level and spread of proneness to the shares of clips without and with much loss, and to the mean loss."""
    slopes, rng = fit_loss_slopes(clips), default_rng(0)
    side = np.array([np.median(np.sin(clip.every_azimuth) ** 2) for clip in clips])
    latent = [_latent(rng, clip, slopes) for clip in clips]
    measured = _summary(np.array([[1 - clip.detected.mean()] for clip in clips]), side)
    normal = rng.standard_normal((len(clips), DRAWS))
    best, least = (0.0, 0.0, 1.0), np.inf
    for front in np.arange(-6, 0, 0.5):
        for more in np.arange(-1, 5, 0.5):
            for spread in (0.5, 1.0, 1.5, 2.0, 2.5, 3.0):
                threshold = -(front + more * side[:, None] + spread * normal)
                shares = np.array([(a > b).mean(0) for a, b in zip(latent, threshold, strict=True)])
                off = float((((_summary(shares, side) - measured) / (0.05 + measured)) ** 2).sum())
                if off < least:
                    best, least = (front, more, spread), off
    return Loss(np.array([*slopes, LOSS_KNOT_S]), np.array(best[:2]), best[2])


def _latent(rng: np.random.Generator, clip: Errors, slopes: np.ndarray) -> np.ndarray:
    """Return the simulated values that decide on loss, for a clip of usual proneness, (T / EVERY, DRAWS)."""
    time_s = np.arange(len(clip.detected)) / clip.fps
    deciding = noise.draw_spline_noise(rng, time_s, LOSS_KNOT_S, np.zeros((0, DRAWS)), np.ones(DRAWS))
    return (clip.every_stance @ slopes)[::EVERY, None] + deciding[::EVERY]


def _summary(shares: np.ndarray, side: np.ndarray) -> np.ndarray:
    """Return the shares of clips without and with much loss and the mean loss, from the front, then the side, (6,)."""
    out = []
    for group in (shares[side < 0.5], shares[side >= 0.5]):
        if len(group):
            out += [(group < HARDLY).mean(), (group > OFTEN).mean(), group.mean()]
    return np.array(out)
