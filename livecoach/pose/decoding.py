"""Keypoints from networks' outputs: heat maps, or one distribution along each axis (SimCC)."""

import cv2
import numpy as np

BLUR = 11
"""Kernel that smooths a heat map before its peak is refined, as in the tests of HRNet and ViTPose."""
LEAST_HEAT = 1e-10  # lower values of a smoothed heat map are raised to it


def decode_heat_maps(maps: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return places (K, 2) as shares 0…1 of the picture, and scores (K,), of heat maps (K, h, w).

    The peak's place between the pixels is that of the second-order Taylor expansion of the logarithm of the smoothed
    map (Zhang et al., Distribution-aware coordinate representation for human pose estimation, CVPR 2020); where that is
    not within a pixel, a quarter of a pixel towards the higher neighbour, as before that paper. A pixel's value belongs
    to its centre.
    """
    count, height, width = maps.shape
    best = maps.reshape(count, -1).argmax(1)
    y, x = np.unravel_index(best, (height, width))
    places = np.stack([x, y], -1).astype(np.float64)
    for k in range(count):
        if 1 < x[k] < width - 2 and 1 < y[k] < height - 2:
            places[k] += _refinement(maps[k], int(x[k]), int(y[k]))
    scores: np.ndarray = maps.reshape(count, -1).max(1).astype(np.float64)
    return (places + 0.5) / (width, height), scores


def _refinement(heat: np.ndarray, x: int, y: int) -> np.ndarray:
    """How far (x, y) the peak of a map (h, w) lies from its highest pixel, which is not at the border."""
    smooth = np.log(np.maximum(cv2.GaussianBlur(heat, (BLUR, BLUR), 0), LEAST_HEAT))
    part = smooth[y - 2 : y + 3, x - 2 : x + 3].astype(np.float64)
    slope = np.array([part[2, 3] - part[2, 1], part[3, 2] - part[1, 2]]) / 2
    across = (part[2, 4] - 2 * part[2, 2] + part[2, 0]) / 4
    down = (part[4, 2] - 2 * part[2, 2] + part[0, 2]) / 4
    both = (part[3, 3] - part[1, 3] - part[3, 1] + part[1, 1]) / 4
    bend = np.array([[across, both], [both, down]])
    if across < 0 and np.linalg.det(bend) > 0:
        step = -np.linalg.solve(bend, slope)
        if np.abs(step).max() <= 1:
            return step
    right, below = heat[y, x + 1] - heat[y, x - 1], heat[y + 1, x] - heat[y - 1, x]
    return 0.25 * np.sign(np.array([right, below], np.float64))


def decode_simcc(across: np.ndarray, down: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return places (K, 2) as shares 0…1 of the picture, and scores (K,), of distributions along x (K, bins) and y. Li
    et al., SimCC, ECCV 2022. The score is the lower of the two peaks, as RTMPose takes it."""
    x, sure_x = _peaks(across)
    y, sure_y = _peaks(down)
    return np.stack([x, y], -1), np.minimum(sure_x, sure_y)


def _peaks(bins: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Where rows (K, n) are highest, as shares of their length, by a parabola through three bins; and how high."""
    count, length = bins.shape
    rows, best = np.arange(count), bins.argmax(1)
    inner = np.clip(best, 1, length - 2)
    before, at, after = (bins[rows, inner + step].astype(np.float64) for step in (-1, 0, 1))
    bend = before - 2 * at + after
    peaked = (best == inner) & (bend < 0)
    step = np.where(peaked, 0.5 * (before - after) / np.where(peaked, bend, 1.0), 0.0)
    return (best + step + 0.5) / length, bins[rows, best].astype(np.float64)


def sigmoid(logits: np.ndarray) -> np.ndarray:
    """0…1, of the shape and type of the logits."""
    probabilities: np.ndarray = 1 / (1 + np.exp(-np.clip(logits, -80.0, 80.0)))
    return probabilities
