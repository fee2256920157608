"""Left and right: what a mirror does to landmarks."""

import numpy as np

from livecoach import landmark

SWAP = np.array(landmark.OTHER_SIDE)
"""(33,) each landmark's mirror image."""


def mirror(points: np.ndarray) -> np.ndarray:
    """(T, 33, 3) with left and right swapped and the first coordinate negated."""
    points = points[:, SWAP].copy()
    points[..., 0] *= -1
    return points


def mirror_both(errors: np.ndarray) -> np.ndarray:
    """(T, 33, 6): image and world errors, both mirrored."""
    return np.concatenate([mirror(errors[..., :3]), mirror(errors[..., 3:])], -1)
