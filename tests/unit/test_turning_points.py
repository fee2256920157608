"""Where a rep starts, turns and ends on the curve of its travel."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from livecoach.counting.machine import turning_points

FPS = 30


def a_ramp(start: float, end: float, seconds: float) -> np.ndarray:
    """A minimum-jerk movement, as limbs move."""
    x = (np.arange(round(seconds * FPS)) + 1) / round(seconds * FPS)
    return start + (end - start) * x**3 * (10 - 15 * x + 6 * x * x)


def a_curve(*parts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Times and values of the parts one after the other."""
    away = np.concatenate(parts)
    return np.arange(len(away)) / FPS, away


def still(value: float, seconds: float) -> np.ndarray:
    return np.full(round(seconds * FPS), value)


def test_a_rep_starts_where_the_bar_leaves_the_floor_and_ends_where_it_is_back():
    """Start, lockout and end are within .15 s of the movement's own, whatever the rests are."""
    t_s, away = a_curve(still(0, 1.5), a_ramp(0, 1, 1.2), still(1, 1.0), a_ramp(1, 0, 1.4), still(0, 0.3))
    start, turn, end = turning_points(t_s, away, lockout=True)
    assert t_s[[start, turn, end]] == pytest.approx([1.5, 2.7, 5.1], abs=0.2)


def test_settling_before_the_pull_is_not_its_start():
    """A lifter who slowly comes up by a tenth of the range before the pull has not begun it."""
    t_s, away = a_curve(a_ramp(0, 0.1, 1.5), a_ramp(0.1, 1, 1.2), still(1, 0.5), a_ramp(1, 0.1, 1.4))
    start, _, _ = turning_points(t_s, away, lockout=True)
    assert t_s[start] == pytest.approx(1.5, abs=0.2)


def test_a_bar_that_is_lost_on_the_way_up_was_not_locked_out_before():
    """The lockout is after the last climb."""
    lost = (a_ramp(0, 0.85, 0.8), a_ramp(0.85, 0.45, 1.0), a_ramp(0.45, 1, 0.8))
    t_s, away = a_curve(still(0, 0.5), *lost, still(1, 0.4), a_ramp(1, 0, 1.0))
    _, turn, _ = turning_points(t_s, away, lockout=True)
    assert t_s[turn] == pytest.approx(3.1, abs=0.2)


def test_the_turn_of_a_squat_is_its_deepest_point():
    """Without a lockout the farthest point counts."""
    t_s, away = a_curve(still(0, 0.5), a_ramp(0, 1, 1.0), a_ramp(1, 0, 1.0))
    _, turn, _ = turning_points(t_s, away, lockout=False)
    assert turn == int(away.argmax())


@given(arrays(float, st.integers(3, 60), elements=st.floats(-2, 2)), st.booleans())
def test_any_curve_has_its_boundaries_in_order(away: np.ndarray, lockout: bool):
    """Start ≤ turn ≤ end, inside the curve, however wild it is."""
    start, turn, end = turning_points(np.arange(len(away)) / FPS, away, lockout=lockout)
    assert 0 <= start <= turn <= end < len(away)
