"""Smoothing by timestamps."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from livecoach.core.quantiles import median, percentile
from livecoach.decisions.counting.body_reader import ExponentialSmoother, OneEuroFilter, RunningMedian

RATES = (12, 24, 30, 60)
steps = st.lists(st.tuples(st.sampled_from([-0.1, 0.0, 1e-6, 1 / 30, 0.2, 5.0]), st.floats(-1e3, 1e3)), min_size=1)


def filters():
    return ExponentialSmoother(0.1), OneEuroFilter(cutoff_hz=1.2, speed_gain=4.0)


def one_euro(values, fps: float) -> list[float]:
    smooth = OneEuroFilter(cutoff_hz=1.2, speed_gain=4.0)
    return [smooth.add(i / fps, float(value)) for i, value in enumerate(values)]


@given(steps=steps)
def test_output_stays_between_least_and_greatest_input(steps):
    """No overshoot, no NaN, whatever the times do: repeated, backward, far apart."""
    for smooth in filters():
        t_s, seen = 0.0, []
        for dt_s, value in steps:
            t_s += dt_s
            seen.append(value)
            out = smooth.add(t_s, value)
            assert min(seen) - 1e-9 <= out <= max(seen) + 1e-9


def test_time_that_stands_still_or_goes_back_changes_nothing():
    for smooth in filters():
        before = [smooth.add(t_s, 1.0) for t_s in (0.0, 0.1)][-1]
        assert smooth.add(0.1, 100.0) == before
        assert smooth.add(0.05, 100.0) == before


def a_movement(t_s: np.ndarray, lasts_s: float) -> np.ndarray:
    """Out to 1 and back, after a second of rest."""
    return 0.5 - 0.5 * np.cos(2 * np.pi * np.clip((t_s - 1) / lasts_s, 0, 1))


@pytest.mark.parametrize("fps", RATES)
@pytest.mark.parametrize("lasts_s", [1.0, 3.0])
@pytest.mark.parametrize(
    "make", [lambda: ExponentialSmoother(0.05), lambda: OneEuroFilter(cutoff_hz=1.2, speed_gain=4.0)]
)
def test_a_movement_is_followed_the_same_at_any_rate(make, lasts_s, fps):
    """As at 120 frames a second, to a fortieth of the way."""
    often, seldom = make(), make()
    fine_s, coarse_s = np.arange(0, 5, 1 / 120), np.arange(0, 5, 1 / fps)
    fine = [often.add(t_s, x) for t_s, x in zip(fine_s, a_movement(fine_s, lasts_s), strict=True)]
    coarse = [seldom.add(t_s, x) for t_s, x in zip(coarse_s, a_movement(coarse_s, lasts_s), strict=True)]
    assert coarse == pytest.approx(np.interp(coarse_s, fine_s, fine), abs=0.025)


@pytest.mark.parametrize("fps", RATES)
def test_exponential_lags_by_its_time_constant_at_any_rate(fps):
    smooth = ExponentialSmoother(0.05)
    for i in range(2 * fps):
        out = smooth.add(i / fps, i / fps)
    assert i / fps - out == pytest.approx(0.05, abs=1e-6)


@pytest.mark.parametrize("fps", RATES)
def test_lift_is_followed_closely_at_any_rate(fps):
    """In mid-lift (one unit a second) the lag is 80 ms at most."""
    ramp = np.arange(0, 2, 1 / fps)
    lag = ramp[-1] - one_euro(ramp, fps)[-1]
    assert 0 < lag < 0.08


def test_trembling_at_rest_is_taken_away():
    """A tremble of .02 around rest becomes less than half of it."""
    rng = np.random.default_rng(1)
    trembling = rng.normal(0, 0.02, 300)
    assert np.std(one_euro(trembling, 30)[30:]) < 0.5 * np.std(trembling)


def test_after_a_gap_the_filter_jumps_to_the_input():
    smooth = OneEuroFilter(cutoff_hz=1.2, speed_gain=4.0)
    smooth.add(0.0, 0.0)
    assert smooth.add(10.0, 1.0) == pytest.approx(1.0, abs=0.05)


@pytest.mark.parametrize("fps", RATES)
def test_median_takes_a_short_spike_away(fps):
    """A few wrong frames are fewer than half of those of .25 s."""
    smooth = RunningMedian(0.25)
    values = [5.0 if 1.0 <= i / fps < 1.08 else 0.0 for i in range(2 * fps)]
    assert [smooth.add(i / fps, value) for i, value in enumerate(values)] == [0.0] * len(values)


def test_median_over_no_time_is_the_value_itself():
    smooth = RunningMedian(0.0)
    assert [smooth.add(i / 30, value) for i, value in enumerate((1.0, 5.0, 2.0))] == [1.0, 5.0, 2.0]


# Medians and percentiles as NumPy has them


KNOWN = st.floats(-1e3, 1e3, width=32)
VALUES = arrays.arrays(
    st.sampled_from([np.float32, np.float64]),
    st.tuples(st.integers(1, 12), st.integers(1, 3)),
    elements=KNOWN | st.just(float("nan")),
)


@settings(max_examples=60)
@given(values=VALUES, percent=st.sampled_from([0.0, 10.0, 50.0, 90.0, 97.0, 100.0]))
def test_median_and_percentile_equal_those_of_numpy(values, percent):
    np.testing.assert_array_equal(median(values), np.median(values, axis=0))
    np.testing.assert_array_equal(percentile(values, percent), np.percentile(values, percent, axis=0))


@pytest.mark.parametrize("of", [median, lambda values: percentile(values, 90)])
def test_median_and_percentile_of_no_values_are_nan(of):
    assert np.isnan(of(np.empty((0, 2)))).tolist() == [True, True]
    assert np.isnan(of(np.array([])))
