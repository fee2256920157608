"""Faces are taken out of pictures, whatever is known of where they are."""

import numpy as np
import pytest
from builders.observations import a_pose, an_observation

from livecoach.core.types import Observation
from livecoach.feedback.face_blur import FACE, blur_face

HEIGHT, WIDTH = 480, 640


def noise(height: int = HEIGHT, width: int = WIDTH) -> np.ndarray:
    """A picture in which any unchanged pixel can be recognised."""
    return np.random.default_rng(0).integers(0, 256, (height, width, 3), dtype=np.uint8)


def a_lifter(*, at: tuple[float, float] = (0.5, 0.14), width: float = 0.12, visibility: float = 1.0) -> Observation:
    """Somebody whose ears are a sixth of the shoulders' `width` apart."""
    pose = a_pose(visibility=visibility)
    pose[list(FACE), :2] = at
    pose[7, 0], pose[8, 0] = at[0] + width / 12, at[0] - width / 12
    pose[11, 0], pose[12, 0] = at[0] + width / 2, at[0] - width / 2
    return an_observation(landmarks=pose)


def touched(picture: np.ndarray, seen: Observation) -> np.ndarray:
    """(h, w) bool: where something else is shown."""
    changed: np.ndarray = (blur_face(picture, seen) != picture).any(axis=2)
    return changed


def test_the_head_is_covered_and_the_rest_is_not():
    """From the crown to the chin, twice as wide as the ears; knees and feet are as they were."""
    picture = noise()
    where = touched(picture, a_lifter())
    assert np.array_equal(picture, noise()), "what was given is left as it is"
    assert where[int(0.06 * HEIGHT) : int(0.22 * HEIGHT), WIDTH // 2].mean() > 0.95
    assert where[int(0.14 * HEIGHT), WIDTH // 2 - 30 : WIDTH // 2 + 30].mean() > 0.95
    assert not where[HEIGHT // 2 :].any()
    smaller = touched(noise(240, 320), a_lifter())  # the landmarks are shares of the picture
    assert smaller[int(0.14 * 240), 160]
    assert not smaller[120:].any()


def test_no_detail_is_left_of_a_covered_face():
    """What is shown instead of noise is smooth: neighbours differ by next to nothing."""
    covered = blur_face(noise(), a_lifter()).astype(int)
    face = covered[int(0.10 * HEIGHT) : int(0.18 * HEIGHT), WIDTH // 2 - 20 : WIDTH // 2 + 20]
    assert np.abs(np.diff(face, axis=1)).max() < 20


def test_a_face_in_profile_is_covered_with_hair_and_chin():
    """Ears, eyes and shoulders lie behind each other; the trunk's length tells how large a head is."""
    where = touched(noise(), a_lifter(width=0.001))
    trunk = 0.26 * HEIGHT
    middle = int(0.14 * HEIGHT)
    assert where[middle - int(0.35 * trunk) : middle + int(0.35 * trunk), WIDTH // 2].mean() > 0.95


def test_a_hidden_face_is_covered_where_it_is_guessed_to_be():
    """Behind a plate in this frame, and not in the next."""
    assert np.array_equal(touched(noise(), a_lifter(visibility=0.0)), touched(noise(), a_lifter()))


@pytest.mark.parametrize("unknown", ["nobody", "no face"])
def test_where_nobody_is_detected_the_whole_picture_is_covered(unknown):
    pose = a_pose()
    pose[0, 0] = np.nan
    seen = an_observation(nobody=True) if unknown == "nobody" else an_observation(landmarks=pose)
    assert touched(noise(), seen).mean() > 0.95


@pytest.mark.parametrize("at", [(-0.2, 0.5), (1.01, 0.5), (0.5, -0.02), (0.0, 0.0), (4.0, -4.0)])
def test_a_face_is_covered_as_far_as_it_lies_in_the_picture(at):
    where = touched(noise(), a_lifter(at=at))
    column, row = np.clip(at, 0, 1) * (WIDTH - 1, HEIGHT - 1)
    assert where[int(row), int(column)] == (at != (4.0, -4.0))
