"""BlazePose's filters: what stands still is steadied, what moves is followed, and a visibility is a slow mean."""

import numpy as np
import pytest

from livecoach.pose.one_euro import OneEuro, Steadied

FPS = 30


def last(values: list[float], filtered: OneEuro) -> float:
    """The last of these values, filtered, at 30 a second."""
    return [float(filtered.step(np.array([value]), 1.0, number / FPS)[0]) for number, value in enumerate(values)][-1]


def test_the_first_value_stays() -> None:
    """There is nothing to steady it by."""
    assert last([3.0], OneEuro(0.05, 80.0)) == 3.0


def test_one_that_trembles_is_steadied() -> None:
    """To a tenth of what it trembles."""
    trembling = [0.001 * (-1) ** number for number in range(60)]
    assert abs(last(trembling, OneEuro(0.05, 80.0))) < 0.0001


def test_one_that_moves_fast_is_followed() -> None:
    """Within a tenth of a frame's way."""
    moving = [0.1 * number for number in range(30)]
    assert last(moving, OneEuro(0.05, 80.0)) == pytest.approx(moving[-1], abs=0.01)


def test_the_unit_scales_the_speed() -> None:
    """A large person's landmarks move more, and are steadied as much."""
    small, large = OneEuro(0.05, 80.0), OneEuro(0.05, 80.0)
    for number in range(9):
        value = np.array([float(number % 3)])
        assert large.step(10 * value, 10.0, number / FPS) == pytest.approx(10 * small.step(value, 1.0, number / FPS))


def test_a_visibility_changes_by_a_tenth() -> None:
    """Also where another person is followed then, whose points begin anew."""
    steadied = Steadied()
    assert steadied.visibility(np.ones(33))[0] == 1.0
    steadied.begin_anew()
    assert steadied.visibility(np.zeros(33))[0] == pytest.approx(0.9)


def test_another_person_begins_anew_in_the_picture() -> None:
    """In the world, as in MediaPipe, the posture goes on from the one before."""
    steadied = Steadied()
    for place, t_s in ((1.0, 0.0), (7.0, 0.01)):
        points = np.full((33, 3), place)
        steadied.begin_anew()
        assert np.array_equal(steadied.points(points, 100.0, t_s), points)
        world = steadied.world(points, t_s)
    assert 1.0 < world[0, 0] < 7.0
