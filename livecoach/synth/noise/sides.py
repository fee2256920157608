"""Mirrors landmarks: swaps left and right."""

import numpy as np

from livecoach import landmark

SWAP = np.array(landmark.OTHER_SIDE)
"""(33,) index of each landmark's mirror image."""


def mirror(points: np.ndarray) -> np.ndarray:
    """Swap left and right and negate the first coordinate, (T, 33, 3)."""
    points = points[:, SWAP].copy()
    points[..., 0] *= -1
    return points


def mirror_both(errors: np.ndarray) -> np.ndarray:
    """Mirror image and world errors, (T, 33, 6)."""
    return np.concatenate([mirror(errors[..., :3]), mirror(errors[..., 3:])], -1)
