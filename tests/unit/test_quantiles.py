"""Medians and percentiles as NumPy has them."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from livecoach.frame.quantiles import median, percentile

KNOWN = st.floats(-1e3, 1e3, width=32)
VALUES = arrays.arrays(
    st.sampled_from([np.float32, np.float64]),
    st.tuples(st.integers(1, 12), st.integers(1, 3)),
    elements=KNOWN | st.just(float("nan")),
)


@settings(max_examples=60)
@given(values=VALUES, percent=st.sampled_from([0.0, 10.0, 50.0, 90.0, 97.0, 100.0]))
def test_both_are_those_of_numpy(values, percent):
    np.testing.assert_array_equal(median(values), np.median(values, axis=0))
    np.testing.assert_array_equal(percentile(values, percent), np.percentile(values, percent, axis=0))


@pytest.mark.parametrize("of", [median, lambda values: percentile(values, 90)])
def test_of_no_values_nothing_is_known(of):
    assert np.isnan(of(np.empty((0, 2)))).tolist() == [True, True]
    assert np.isnan(of(np.array([])))
