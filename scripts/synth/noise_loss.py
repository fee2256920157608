"""Fits how often, and in which postures, nobody is detected: a part of the noise model."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from noise_errors import Errors
from numpy.random import default_rng

from livecoach.lab.synth import noise

KNOT_S = 0.6
"""Time between the knots of the deciding noise: losses last about as long."""
ROUNDS = 12
DRAWS = 24
EVERY = 3
"""Every third frame is simulated."""
PROBIT = 1.7
"""A logistic slope is this many times a probit's."""
HARDLY, OFTEN = 0.01, 0.1
"""Share of lost frames below which a clip has no loss, and above which it has much."""
SLOPE_LIMIT = 1.0


class Loss(NamedTuple):
    """Proneness to loss."""

    terms: np.ndarray
    """(4,) of NoiseModel.loss"""
    level: np.ndarray
    """(2,) of NoiseModel.level's last column"""
    spread: float
    """Standard deviation between clips."""


def fit_slopes(clips: Sequence[Errors]) -> np.ndarray:
    """Return (3,) probit slopes on posture in clips that lose some frames (Newton; each clip has its own constant)."""
    some = [clip for clip in clips if 0.02 < 1 - clip.detected.mean() < 0.98]
    if not some:
        return np.zeros(3)
    x = np.concatenate([clip.every_stance for clip in some])
    own = np.repeat(np.eye(len(some)), [len(clip.detected) for clip in some], axis=0)
    terms, lost = np.concatenate([x, own], 1), ~np.concatenate([clip.detected for clip in some])
    weight = np.concatenate([np.full(len(clip.detected), 100 / len(clip.detected)) for clip in some])
    slopes = np.zeros(terms.shape[1])
    for _ in range(ROUNDS):
        share = 1 / (1 + np.exp(-terms @ slopes))
        gradient = terms.T @ (weight * (lost - share)) - 3 * slopes
        curvature = (terms * (weight * share * (1 - share))[:, None]).T @ terms + 3 * np.eye(len(slopes))
        slopes += np.linalg.solve(curvature, gradient)
    return np.clip(slopes[:3] / PROBIT, -SLOPE_LIMIT, SLOPE_LIMIT)


def fit_loss(clips: Sequence[Errors]) -> Loss:
    """Fit the level and spread of proneness to the clips' shares without loss and with much, and their mean loss."""
    slopes, rng = fit_slopes(clips), default_rng(0)
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
    return Loss(np.array([*slopes, KNOT_S]), np.array(best[:2]), best[2])


def _latent(rng: np.random.Generator, clip: Errors, slopes: np.ndarray) -> np.ndarray:
    """Return (T / EVERY, DRAWS) of a clip of usual proneness."""
    time_s = np.arange(len(clip.detected)) / clip.fps
    deciding = noise.spline(rng, time_s, KNOT_S, np.zeros((0, DRAWS)), np.ones(DRAWS))
    return (clip.every_stance @ slopes)[::EVERY, None] + deciding[::EVERY]


def _summary(shares: np.ndarray, side: np.ndarray) -> np.ndarray:
    """Return (6,): shares of clips without loss and with much, and mean loss, from the front and from the side. shares:
    (clips, draws)."""
    out = []
    for group in (shares[side < 0.5], shares[side >= 0.5]):
        if len(group):
            out += [(group < HARDLY).mean(), (group > OFTEN).mean(), group.mean()]
    return np.array(out)
