"""Landmarks are smoothed without holding up a lift; test_pose_reference holds BlazePose's to MediaPipe's."""

import numpy as np
import pytest

from livecoach.perception.pose.smoothing import KeypointSmoother, LandmarkFilter, LandmarkSmoother

UNIT = 400.0
FPS = 30


def smoothed(points: np.ndarray, fps: float = 30.0) -> np.ndarray:
    """All pictures' points, (T, n, 2), after the filter."""
    steady = KeypointSmoother()
    return np.array([steady.step(one, UNIT, i / fps) for i, one in enumerate(points)])


def test_points_of_a_lifter_who_stands_still_tremble_less():
    noise = np.random.default_rng(0).normal(0, 2.0, (150, 5, 2))
    after = smoothed(100 + noise)
    assert np.diff(after, 2, axis=0).std() < 0.5 * np.diff(noise, 2, axis=0).std()


@pytest.mark.parametrize("fps", [15, 30, 60])
def test_a_fast_lift_is_followed(fps):
    """A third of the picture up in half a second: behind by a twentieth of that at most."""
    t_s = np.arange(0, 1.0, 1 / fps)
    lift = np.zeros((len(t_s), 1, 2))
    lift[:, 0, 1] = -0.33 * UNIT * (1 - np.cos(np.pi * np.clip((t_s - 0.2) / 0.5, 0, 1))) / 2
    assert np.abs(smoothed(lift, fps) - lift).max() < 0.05 * 0.33 * UNIT * 30 / min(fps, 30)


def test_a_frame_of_the_same_time_changes_no_point():
    """As in files with two frames of one stamp."""
    steady = KeypointSmoother()
    first = steady.step(np.zeros((1, 2)), UNIT, 1.0)
    assert np.array_equal(steady.step(np.full((1, 2), 9.0), UNIT, 1.0), first)


def test_a_point_that_is_not_known_does_not_spoil_what_follows():
    points = np.zeros((4, 2, 2))
    points[:2, 1] = np.nan
    after = smoothed(points)
    assert np.isnan(after[:2, 1]).all()
    assert (after[2:] == 0).all()
    assert (after[:, 0] == 0).all()


def test_the_unit_scales_the_speed() -> None:
    small, large = LandmarkFilter(0.05, 80.0), LandmarkFilter(0.05, 80.0)
    for number in range(9):
        value = np.array([float(number % 3)])
        assert large.step(10 * value, 10.0, number / FPS) == pytest.approx(10 * small.step(value, 1.0, number / FPS))


def test_a_cut_off_of_one_radian_a_frame_goes_half_of_the_way() -> None:
    steady = LandmarkFilter(FPS / (2 * np.pi), 0.0)
    assert [steady.step(np.array([x]), UNIT, x / FPS)[0] for x in (0.0, 1.0)] == pytest.approx([0.0, 0.5])


def test_a_visibility_changes_by_a_tenth() -> None:
    """Also where another person is followed then, whose points begin anew."""
    smoother = LandmarkSmoother()
    assert smoother.smooth_visibility(np.ones(33))[0] == 1.0
    smoother.reset()
    assert smoother.smooth_visibility(np.zeros(33))[0] == pytest.approx(0.9)


def test_another_person_begins_anew_in_the_picture() -> None:
    """In the world, as in MediaPipe, the posture goes on from the one before."""
    smoother = LandmarkSmoother()
    for place, t_s in ((1.0, 0.0), (7.0, 0.01)):
        points = np.full((33, 3), place)
        smoother.reset()
        assert np.array_equal(smoother.points.step(points, 100.0, t_s), points)
        world = smoother.world.step(points, 1.0, t_s)
    assert 1.0 < world[0, 0] < 7.0
