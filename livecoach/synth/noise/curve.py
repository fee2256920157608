"""Random curves in time that do not depend on the frame rate."""

import numpy as np


def mix_patterns(rng: np.random.Generator, count: int, parts: np.ndarray, rest: np.ndarray) -> np.ndarray:
    """Draw (count, C) independent samples from shared patterns (K, C) and the channels' own deviations (C,)."""
    shared = rng.standard_normal((count, len(parts)), dtype=np.float32) @ parts.astype(np.float32)
    own = rng.standard_normal((count, len(rest)), dtype=np.float32)
    own *= rest.astype(np.float32)
    own += shared
    return own


def spline_weights(rng: np.random.Generator, clock_s: np.ndarray, knot_s: float) -> tuple[np.ndarray, np.ndarray]:
    """Return first knot (T,) and weights (T, 4) of cubic B-splines that keep the variance of independent knots.

    clock_s: (T,) ascending. A curve's correlation falls to .6 after .8 knots and ends after 4.
    """
    at = (clock_s - clock_s[0]) / knot_s + rng.random()
    first = at.astype(int)
    f = at - first
    weights = np.stack([(1 - f) ** 3, 4 - 6 * f**2 + 3 * f**3, 1 + 3 * f + 3 * f**2 - 3 * f**3, f**3], 1)
    return first, weights / np.linalg.norm(weights, axis=1, keepdims=True)


def spline(
    rng: np.random.Generator, clock_s: np.ndarray, knot_s: float, parts: np.ndarray, rest: np.ndarray
) -> np.ndarray:
    """Draw smooth noise over the clock, (T, C). parts, rest: as for `mixed`."""
    first, weights = spline_weights(rng, clock_s, knot_s)
    knots = mix_patterns(rng, int(first[-1]) + 4, parts, rest)
    weights = weights.astype(np.float32)
    curve = weights[:, :1] * knots[first]
    for k in range(1, 4):
        curve += weights[:, k, None] * knots[first + k]
    return curve


def single(rng: np.random.Generator, clock_s: np.ndarray, knot_s: float) -> np.ndarray:
    """Draw smooth noise of unit variance, (T,)."""
    return spline(rng, clock_s, knot_s, np.zeros((0, 1)), np.ones(1))[:, 0]
