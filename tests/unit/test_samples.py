"""Curves at even times, whatever pictures are left of a clip."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from livecoach.counting.samples import NEAR_S, STEP_S, even_times, local_means


def a_curve(t_s: np.ndarray) -> np.ndarray:
    """(n, 2) out and back in 2 s, and a straight rise."""
    return np.stack([0.5 - 0.5 * np.cos(np.pi * t_s), t_s], 1)


@given(fps=st.floats(15, 60), phase=st.floats(0, 1))
def test_a_curve_is_the_same_at_any_rate(fps, phase):
    fine_s, coarse_s = np.arange(0, 3, 1 / 240), np.arange(phase / fps, 3, 1 / fps)
    moments_s = even_times(coarse_s, float(coarse_s[len(coarse_s) // 2]))
    inside = (moments_s > 0.1) & (moments_s < 2.8)
    fine, coarse = (local_means(t_s, a_curve(t_s), moments_s[inside]) for t_s in (fine_s, coarse_s))
    assert coarse == pytest.approx(fine, abs=0.012)


@given(fps=st.floats(12, 120), from_share=st.floats(0, 1))
def test_moments_are_a_step_apart_and_one_is_where_it_is_wanted(fps, from_share):
    t_s = np.arange(0, 3, 1 / fps)
    moments_s = even_times(t_s, float(from_share * t_s[-1]))
    assert np.diff(moments_s) == pytest.approx(STEP_S)
    assert np.abs(moments_s - from_share * t_s[-1]).min() < 1e-6
    assert -1e-6 <= moments_s[0] < STEP_S
    assert moments_s[-1] <= t_s[-1] + 1e-6


def test_moments_at_which_nobody_is_seen_are_left_out():
    """The body was lost for half a second."""
    t_s = np.concatenate([np.arange(0, 1, 1 / 30), np.arange(1.5, 2.5, 1 / 30)])
    moments_s = even_times(t_s, 0.0)
    assert not ((moments_s > 1 + NEAR_S) & (moments_s < 1.5 - NEAR_S)).any()


def test_a_straight_line_keeps_its_values():
    """Within the times; the shape of a value does not matter."""
    t_s = np.sort(np.random.default_rng(1).uniform(0, 2, 40))
    moments_s = np.linspace(t_s[0] + 0.05, t_s[-1] - 0.05, 9)
    values = np.broadcast_to(t_s[:, None, None], (40, 3, 2))
    assert local_means(t_s, values, moments_s) == pytest.approx(np.broadcast_to(moments_s[:, None, None], (9, 3, 2)))
