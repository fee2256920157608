"""A movement in numbers: what they say, and what they do not depend on."""

from dataclasses import replace

import numpy as np
import pytest
from builders.observations import a_set
from builders.stick_figure import bends
from hypothesis import given, settings
from hypothesis import strategies as st

from livecoach.counting import features
from livecoach.counting.features import Movement
from livecoach.frame.body import WRIST, body, sizes_px

START, END = 20, 100


def a_movement(*, shift_px: float = 0.0, scale: float = 1.0, seed: int = 0) -> Movement:
    """One deadlift of a stick figure, as somewhere else or larger in the picture."""
    seen = [body(o) for o in a_set(bends(reps=1, rest=1.0), lift="deadlift", seed=seed)]
    bodies = [b for b in seen if b is not None]
    return Movement(
        t_s=np.array([b.t_s for b in bodies]),
        distance_from_rest=1 - bends(reps=1, rest=1.0),
        world=np.array([b.world for b in bodies], np.float64) * scale,
        points_px=np.array([b.points_px for b in bodies]) * scale + shift_px,
        start=START,
        end=END,
    )


def number(m: Movement, name: str) -> float:
    return float(features.extract(m).own[features.OWN.index(name)])


def test_every_number_has_a_name():
    described = features.extract(a_movement())
    assert described.own.shape == (len(features.OWN),) == (len(set(features.OWN)),)
    assert described.joints.shape == (features.TIMES, features.CHANNELS)
    assert np.isfinite(described.own).all()
    assert np.isfinite(described.joints).all()


@settings(max_examples=20)
@given(shift_px=st.floats(-2000, 2000), scale=st.floats(0.2, 5))
def test_place_and_size_of_the_lifter_change_nothing(shift_px, scale):
    """The same movement elsewhere in the picture, or nearer, or by a larger lifter, has the same numbers."""
    here, there = features.extract(a_movement()), features.extract(a_movement(shift_px=shift_px, scale=scale))
    np.testing.assert_allclose(there.own, here.own, atol=1e-4)
    np.testing.assert_allclose(there.joints, here.joints, atol=1e-4)


def test_durations_are_told():
    assert np.exp(number(a_movement(), "log_s")) == pytest.approx(80 / 30)


def test_feet_that_end_elsewhere_have_shifted():
    """A lifter who ends half a body length aside has walked."""
    still = a_movement()
    points_px = still.points_px.copy()
    size_px = np.percentile(sizes_px(points_px), 75)
    points_px[60:, ..., 0] += 0.5 * size_px
    walked = replace(still, points_px=points_px)
    assert number(still, "feet_shift") < 0.05
    assert number(walked, "feet_shift") == pytest.approx(0.5, abs=0.05)


def test_one_hand_on_the_floor_is_tilted():
    """Hands of which one is higher at the ends are not on a bar."""
    level = a_movement()
    points_px = level.points_px.copy()
    points_px[:, WRIST, 1, 1] -= 0.4 * np.percentile(sizes_px(points_px), 75)
    tilted = replace(level, points_px=points_px)
    assert number(level, "tilt_ends") < 0.05
    assert number(tilted, "tilt_ends") == pytest.approx(0.4, abs=0.05)


@settings(max_examples=50)
@given(rows=st.lists(st.floats(-1e3, 1e3), min_size=2, max_size=30), data=st.data())
def test_whatever_was_seen_the_numbers_are_finite(rows, data):
    """Landmarks on one spot, repeated times, a movement of one frame: no number is lost."""
    n = len(rows)
    start = data.draw(st.integers(0, n - 1))
    m = Movement(
        t_s=np.sort(np.array(data.draw(st.lists(st.floats(0, 10), min_size=n, max_size=n)))),
        distance_from_rest=np.array(rows),
        world=np.outer(rows, np.ones(36)).reshape(n, 6, 2, 3) * data.draw(st.sampled_from([0.0, 1.0])),
        points_px=np.outer(rows, np.arange(24)).reshape(n, 6, 2, 2) * data.draw(st.sampled_from([0.0, 1.0])),
        start=start,
        end=data.draw(st.integers(start, n - 1)),
    )
    described = features.extract(m)
    assert np.isfinite(described.own).all()
    assert np.isfinite(described.joints).all()
