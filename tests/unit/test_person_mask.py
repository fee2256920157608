"""Where the person is: a network's mask of its crop, looked up by the picture's pixels."""

import numpy as np

from livecoach.pose.dorsal import PersonMask, whole_picture_mask


def columns(*x: float, y: float = 2.0) -> tuple[np.ndarray, np.ndarray]:
    return np.array([x]), np.full((1, len(x)), y)


def test_values_lie_between_those_of_the_pixels() -> None:
    values = np.tile(np.arange(5, dtype=np.float32) / 4, (5, 1))
    found = whole_picture_mask(values).at(*columns(1.0, 1.5, -0.1, 4.1))
    assert np.allclose(found[0, :2], (0.25, 0.375))
    assert np.isnan(found[0, 2:]).all()


def test_nobody_is_outside_the_crop() -> None:
    """But in the picture: the network saw nothing of it, because the person is not there."""
    half = np.array([[0.5, 0.0, -1.0], [0.0, 0.5, 0.0]])
    mask = PersonMask(values=lambda *_: np.ones((4, 4), np.float32), from_picture=half, size_px=(40, 40))
    assert mask.at(*columns(4.0, 20.0)).tolist() == [[1.0, 0.0]]
