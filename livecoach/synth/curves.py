"""Smooth curves in time: from rest to rest, and slow random drift."""

import numpy as np
from scipy.ndimage import gaussian_filter1d


def minimum_jerk(x: np.ndarray) -> np.ndarray:
    """Return a smooth step from 0 at x <= 0 to 1 at x >= 1, at rest at both ends (Flash and Hogan 1985)."""
    x = np.clip(x, 0, 1)
    return x**3 * (10 - 15 * x + 6 * x * x)


def low_passed(rng: np.random.Generator, count: int, width: int, sigma: float, pad: int) -> np.ndarray:
    """Draw unit-variance Gaussian noise, (count, width), smoothed over `sigma` frames; `pad` frames are cut off."""
    x = gaussian_filter1d(rng.normal(size=(count + 2 * pad, width)), sigma, axis=0)[pad : pad + count]
    return x * np.sqrt(2 * sigma * np.sqrt(np.pi))


def wander(rng: np.random.Generator, count: int, fps: float, seconds: float, amount: float) -> np.ndarray:
    """Draw slow noise, (count,), of standard deviation `amount`, correlated over about `seconds`."""
    sigma = max(seconds * fps, 0.5)
    return amount * low_passed(rng, count, 1, sigma, int(4 * sigma))[:, 0]
