"""Curves at even times, whatever the frame rate: features of a movement are computed on these."""

import numpy as np

STEP_S = 1 / 24
"""Time between two moments: about that of the sets which the models learned from, of 12 to 60 frames a second."""
WITHIN_S = 1 / 30
"""A value is the mean over this time before and after. It is half a frame at 15 a second, and four at 60."""
NEAR_S = 0.1
"""A moment without a frame this near is left out: the body was lost."""


def even_times(t_s: np.ndarray, from_s: float) -> np.ndarray:
    """Return moments a step apart, of which one is at `from_s`, from the first to the last of the times."""
    before, after = (from_s - t_s[0]) / STEP_S, (t_s[-1] - from_s) / STEP_S
    moments_s = from_s + STEP_S * np.arange(-np.floor(before + 1e-6), np.floor(after + 1e-6) + 1)
    near = np.abs(moments_s[:, None] - t_s).min(1) <= NEAR_S
    kept: np.ndarray = moments_s[near]
    return kept


def means(t_s: np.ndarray, values: np.ndarray, moments_s: np.ndarray) -> np.ndarray:
    """Return (m, …): the mean, around each moment, of the line through all values.

    t_s: (n,) rising; values: (n, …); moments_s: (m,) between the first and the last time.
    """
    flat = values.reshape(len(values), -1)
    areas = np.cumsum(0.5 * (flat[1:] + flat[:-1]) * np.diff(t_s)[:, None], 0)
    areas = np.concatenate([np.zeros_like(flat[:1]), areas])

    def area_until(at_s: np.ndarray) -> np.ndarray:
        i = np.clip(np.searchsorted(t_s, at_s, side="right") - 1, 0, len(t_s) - 2)
        since_s = (at_s - t_s[i])[:, None]
        slope = (flat[i + 1] - flat[i]) / (t_s[i + 1] - t_s[i])[:, None]
        area: np.ndarray = areas[i] + since_s * (flat[i] + 0.5 * since_s * slope)
        return area

    from_s, to_s = (np.clip(moments_s + sign * WITHIN_S, t_s[0], t_s[-1]) for sign in (-1, 1))
    mean: np.ndarray = (area_until(to_s) - area_until(from_s)) / (to_s - from_s)[:, None]
    return mean.reshape(len(moments_s), *values.shape[1:])
