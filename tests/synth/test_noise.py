"""The noise model: what a pose estimator makes of true landmarks."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from livecoach.core import landmark
from livecoach.lab.synth import noise_model
from livecoach.lab.synth.figure.body_mesh import TRAINING, load_body
from livecoach.lab.synth.figure.posture import solve_joints, standing_posture
from livecoach.lab.synth.noise import Noise, NoiseSeeds, load_noise, mirror_landmarks, steady_bone_lengths
from livecoach.lab.synth.noise_model import SHIPPED, read_parameters
from livecoach.lab.synth.synthetic_camera import VirtualCamera

SIZE_PX = (640, 480)
NOISE = load_noise()


def standing(view_deg: float, frames: int = 60) -> tuple[np.ndarray, np.ndarray]:
    """True image and world landmarks of somebody who stands still, seen from `view_deg`."""
    body = load_body(TRAINING[0], 1.0)
    points = body.landmark_positions(*solve_joints(body, standing_posture(body, frames, 0.15, 0.2)))
    return VirtualCamera(azimuth_deg=view_deg).project_landmarks(points)


def squatting(view_deg: float, fps: float, seconds: float = 4.0) -> tuple[np.ndarray, np.ndarray]:
    """True landmarks of somebody whose body above the knees moves down and up again, once in two seconds."""
    image, world = standing(view_deg, round(seconds * fps))
    down_m = 0.2 * (1 - np.cos(np.pi * np.arange(len(world)) / fps))[:, None]
    moving = [i for i in range(25) if i < landmark.KNEES[0]]
    world, image = world.copy(), image.copy()
    world[:, moving, 1] += down_m
    image[:, moving, 1] += down_m * 0.3
    return image, world - world[:, list(landmark.HIPS)].mean(1, keepdims=True)


@settings(max_examples=8)
@given(st.floats(-180, 180), st.sampled_from([12.0, 24.0, 60.0]), st.integers(0, 1000))
def test_noisy_landmarks_are_finite_from_every_side(view_deg, fps, seed):
    """The model was fitted for 0 to 105 degrees; behind the lifter it gives the errors of the edge, not nonsense."""
    image, world = squatting(view_deg, fps)
    seen = NOISE(np.random.default_rng(seed), image, world, view_deg, fps, SIZE_PX)
    assert seen.image.shape == (*image.shape[:2], 4)
    assert seen.lost.shape == (len(image),)
    assert np.isfinite(seen.image).all()
    assert np.isfinite(seen.world).all()
    assert ((seen.image[..., 3] >= 0) & (seen.image[..., 3] <= 1)).all()
    np.testing.assert_allclose(seen.world[:, list(landmark.HIPS)].mean(1), 0, atol=1e-9)


def test_without_noise_there_are_no_errors_and_nobody_is_lost():
    image, world = squatting(80.0, 30.0)
    seen = NOISE(np.random.default_rng(3), image, world, 80.0, 30.0, SIZE_PX, 0.0)
    np.testing.assert_allclose(seen.world, world, atol=1e-9)
    np.testing.assert_allclose(seen.image[..., :3], image, atol=1e-9)
    assert not seen.lost.any()


def test_noise_from_the_other_side_is_the_mirror_image():
    image, world = squatting(50.0, 30.0)
    left = NOISE(np.random.default_rng(5), image, world, 50.0, 30.0, SIZE_PX)
    flipped = mirror_landmarks(image) + np.array([1.0, 0.0, 0.0])
    right = NOISE(np.random.default_rng(5), flipped, mirror_landmarks(world), -50.0, 30.0, SIZE_PX)
    np.testing.assert_allclose(mirror_landmarks(right.world), left.world, atol=1e-6)
    np.testing.assert_array_equal(left.lost, right.lost)


def test_the_azimuth_of_noise_is_measured_on_the_body():
    for view_deg in (-150.0, -40.0, 0.0, 70.0, 120.0):
        _, world = standing(view_deg, 2)
        assert np.degrees(noise_model.azimuth_rad(world)) == pytest.approx(view_deg, abs=4)


def test_a_body_that_is_often_lost_is_lost_for_some_frames_in_a_row():
    level = read_parameters(SHIPPED).level.copy()
    level[:, 3] = (-0.5, 0)
    image, world = squatting(35.0, 30.0, 20.0)
    spread = np.diag([1.0, 1.0, 1.0, 0.0]) @ read_parameters(SHIPPED).level_spread
    often = Noise(replace(read_parameters(SHIPPED), level=level, level_spread=spread))
    clips = [often(np.random.default_rng(k), image, world, 35.0, 30.0, SIZE_PX).lost for k in range(5)]
    lost = np.concatenate(clips)
    gaps = (np.diff(lost.astype(int)) == 1).sum()
    assert 0.05 < lost.mean() < 0.95
    assert lost.sum() > 4 * gaps


def test_bones_get_steadier_and_keep_their_directions():
    """Proportions hold better than landmarks: only lengths are taken back."""
    _, world = squatting(30.0, 30.0)
    noisy = world + np.random.default_rng(0).normal(0, 0.03, world.shape)
    steady = steady_bone_lengths(noisy, world, np.full((3, 6), 0.3))
    before, after = (np.linalg.norm(w[:, 25] - w[:, 27], axis=-1) for w in (noisy, steady))
    assert after.std() == pytest.approx(0.3 * before.std(), rel=0.1)
    directions = [(w[:, 25] - w[:, 27]) / length[:, None] for w, length in ((noisy, before), (steady, after))]
    np.testing.assert_allclose(directions[0], directions[1], atol=1e-9)


def test_wrong_lengths_are_alike_on_both_sides():
    """A person's proportions are misjudged, rather than one arm."""
    _, world = squatting(30.0, 30.0)
    noisy = world.copy()
    noisy[:, [13, 15, 17, 19, 21]] += 0.3 * (world[:, 13] - world[:, 11])[:, None]
    kept = np.ones((3, 6))
    kept[1] = 0.0
    arms = [
        [np.linalg.norm(w[:, 11 + side] - w[:, 13 + side], axis=-1).mean() for side in (0, 1)]
        for w in (world, noisy, steady_bone_lengths(noisy, world, kept))
    ]
    assert arms[1][0] == pytest.approx(1.3 * arms[0][0], rel=1e-6)
    assert [after / true for after, true in zip(arms[2], arms[0], strict=True)] == pytest.approx([1.3**0.5] * 2)


def test_a_noise_model_is_written_and_read_again(tmp_path):
    read_parameters(SHIPPED).write(tmp_path / "noise.npz")
    again = read_parameters(tmp_path / "noise.npz")
    np.testing.assert_allclose(again.bias, read_parameters(SHIPPED).bias, rtol=1e-6)
    assert SHIPPED.stat().st_size < 300_000


def middles_of(clips: dict[str, Callable[[int], NoiseSeeds]]) -> dict[str, list[np.ndarray]]:
    """Return the median world errors of 30 clips of each kind; a kind maps the number of a clip to its seeds."""
    image, world = squatting(40.0, 30.0)
    return {
        name: [
            np.median(
                NOISE(np.random.default_rng((k, day)), image, world, 40.0, 30.0, SIZE_PX, 1.0, seeds_of(k)).world
                - world,
                0,
            )
            for k in range(30)
        ]
        for day, (name, seeds_of) in enumerate(clips.items())
    }


def test_a_lifters_clips_share_more_errors_in_a_session_than_on_different_days():
    """The camera stayed where it was, and the clothes and the light are the same; they are not the same clip."""
    found = middles_of(
        {
            "one set": lambda k: NoiseSeeds(lifter=k, session=k),
            "next set": lambda k: NoiseSeeds(lifter=k, session=k),
            "other day": lambda k: NoiseSeeds(lifter=k, session=1000 + k),
        }
    )
    session, days = (correlation(found["one set"], found[name]) for name in ("next set", "other day"))
    assert days > 0.2
    assert days + 0.2 < session < 1


def correlation(first: Sequence[np.ndarray], second: Sequence[np.ndarray]) -> float:
    """Return the correlation between the arrays of two lists, less the mean of each list."""
    left, right = (np.array(side) - np.mean(side, 0) for side in (first, second))
    return float((left * right).sum() / np.sqrt((left**2).sum() * (right**2).sum()))
