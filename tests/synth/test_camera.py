"""The camera: lens, shake, and where random ones stand."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from livecoach.lab.synth.synthetic_camera import VirtualCamera, random_camera, random_shake

LIFTER = np.array([(0, y, z) for y in (-0.3, 0.3) for z in (0.1, 1.75)])
"""Corners of somebody who stands at the origin."""


def landmarks_at(points: list[tuple[float, float, float]], frames: int = 1) -> np.ndarray:
    """(frames, 33, 3): all landmarks at the first point, but the other points at numbers 1, 2 ..."""
    made = np.tile(np.array(points[0], float), (frames, 33, 1))
    made[:, : len(points)] = points
    return made


def test_the_target_is_in_the_middle_of_the_picture():
    camera = VirtualCamera(azimuth_deg=40, roll_deg=3, distortion=0.3, target=(0.1, 0.2, 0.8))
    image, _ = camera.project_landmarks(landmarks_at([(0.1, 0.2, 0.8)]))
    np.testing.assert_allclose(image[0, :, :2], 0.5, atol=1e-9)


def test_distortion_draws_the_border_in_and_leaves_the_middle():
    """Barrel distortion: the further out, the nearer to the middle than a pinhole shows it."""
    points = landmarks_at([(0, 0.01, 0.9), (0, 0.6, 0.9), (0, 1.5, 0.9)])
    plain, bent = (
        VirtualCamera(azimuth_deg=0, distortion=s).project_landmarks(points)[0][0, :3, 0] - 0.5 for s in (0.0, 0.3)
    )
    shrink = bent / plain
    assert shrink[0] == pytest.approx(1, abs=1e-4)
    assert shrink[2] < shrink[1] < 1
    assert shrink[2] > 0.9


def test_shake_moves_everything_together():
    shake = random_shake(np.random.default_rng(0), 0.6)
    camera = VirtualCamera(azimuth_deg=0, shake=shake, fps=30)
    image, _ = camera.project_landmarks(landmarks_at([(0, 0, 1.0), (0, 0.2, 1.0)], frames=300))
    first, second = image[:, 0, :2], image[:, 1, :2]
    assert np.ptp(first, axis=0).min() > 0.01
    assert np.ptp(second - first, axis=0).max() < 0.005


@given(seed=st.integers(0, 10_000), view=st.floats(-180, 180), portrait=st.booleans())
def test_random_cameras_see_the_lifter(seed, view, portrait):
    camera = random_camera(np.random.default_rng(seed), (360, 640) if portrait else (640, 480), view)
    image, _ = replace(camera, shake=()).project_landmarks(landmarks_at([tuple(point) for point in LIFTER]))
    assert image[0, : len(LIFTER), :2].min() > -0.12
    assert image[0, : len(LIFTER), :2].max() < 1.12
