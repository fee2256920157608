"""What of a fault's signature a rep has: generalized least squares, by populations made by hand."""

from dataclasses import replace

import numpy as np
import pytest
from builders.population import CERTAIN, COMPONENTS, a_population, a_posterior, a_taken, off_by
from hypothesis import given
from hypothesis import strategies as st

from livecoach.judging.detection import FARTHEST, Detection, detect, off

POPULATION = a_population()
BAND = POPULATION.bands[0]
LENGTH = len(BAND.usual)
KNOWN = a_posterior(np.zeros(LENGTH), np.eye(LENGTH))
FAULTS = [one.fault for one in POPULATION.signatures]


def detected(vector: np.ndarray, posterior=KNOWN) -> Detection:
    return detect(a_taken(POPULATION, vector=vector), posterior, BAND)


@given(number=st.integers(0, len(FAULTS) - 1), amplitude=st.floats(-3, 5))
def test_the_amplitude_of_a_signature_comes_back(number, amplitude):
    """Whatever the others are that it overlaps with."""
    vector = np.clip(amplitude * BAND.signatures[number], -FARTHEST, FARTHEST)
    if np.abs(vector).max() < FARTHEST:
        assert detected(vector).amplitudes[number] == pytest.approx(amplitude, abs=1e-9)


def test_the_spread_is_what_a_good_rep_has_by_chance():
    """Of ten thousand good reps, whose numbers are independent with a spread of one."""
    rng = np.random.default_rng(0)
    found = np.array([detected(vector).amplitudes for vector in rng.normal(size=(4000, LENGTH))])
    assert found.std(0) == pytest.approx(detected(np.zeros(LENGTH)).spreads, rel=0.05)


@given(amplitude=st.floats(0.2, 2))
def test_a_part_that_is_not_known_of_the_lifter_is_not_listened_to(amplitude):
    """The world's part of a measure may be anything: the picture's part alone tells."""
    number = FAULTS.index("bar_drift")
    world = COMPONENTS + 2 + POPULATION.measures.index("bar_offset")
    predictive = np.eye(LENGTH)
    predictive[world, world] = 1e9
    vector = amplitude * BAND.signatures[number]
    misled = vector.copy()
    misled[world] = 5.0
    both = [detected(v, a_posterior(np.zeros(LENGTH), predictive)).amplitudes[number] for v in (vector, misled)]
    assert both == pytest.approx([amplitude, amplitude], abs=1e-6)


def test_a_deviate_is_smaller_than_the_quotient_where_the_scatter_is_hardly_known():
    """Four degrees of freedom; with many it is the quotient."""
    vector = off_by(POPULATION, bar_offset=0.2)
    number = FAULTS.index("bar_drift")
    few, many = (detected(vector, replace(KNOWN, freedom=freedom)) for freedom in (4.0, CERTAIN))
    quotient = many.amplitudes[number] / many.spreads[number]
    assert many.deviates[number] == pytest.approx(quotient, rel=1e-6)
    assert few.deviates[number] < 0.6 * quotient
    assert few.amplitude_at(few.deviates[number], number) == pytest.approx(few.amplitudes[number])


def test_signatures_that_share_a_measure_are_correlated():
    """A lockout that is soft by the hips, and its opposite; a signature is itself; others have nothing in common."""
    found = detected(np.zeros(LENGTH)).correlations
    soft, leant = FAULTS.index("soft_lockout"), FAULTS.index("hyperextension")
    assert found[soft, leant] == pytest.approx(-1.0)
    assert np.diag(found) == pytest.approx(np.ones(len(FAULTS)))
    assert found[soft, FAULTS.index("bar_drift")] == pytest.approx(0.0)


def test_off_is_against_the_posterior_clipped_and_0_where_unknown():
    """Of three parts one is unknown, and one is wild."""
    known = np.ones(LENGTH, bool)
    known[1] = False
    vector = np.zeros(LENGTH)
    vector[:3] = 3.0, 3.0, 30.0
    found = off(a_taken(POPULATION, vector=vector, known=known), a_posterior(np.ones(LENGTH), np.eye(LENGTH)))
    assert found[:4].tolist() == [2.0, 0.0, FARTHEST, -1.0]


def test_distance_is_in_standard_deviations_over_the_directions():
    """2 along one of them with a spread of 1; what lies beside them does not count; the parts are all of it."""
    difference = np.zeros(LENGTH)
    difference[[0, COMPONENTS + 3]] = 2.0, 9.0
    found = detected(difference)
    assert found.distance == pytest.approx(2.0 / np.sqrt(COMPONENTS))
    assert found.parts.sum() == pytest.approx(found.distance**2 * COMPONENTS)
    assert np.flatnonzero(found.parts).tolist() == [0]


@given(more=st.floats(0, 100))
def test_distance_falls_with_what_is_not_known(more):
    """A lifter who is hardly known can hardly be unlike himself."""
    sure, unsure = (
        detected(np.ones(LENGTH), a_posterior(np.zeros(LENGTH), (1 + m) * np.eye(LENGTH))) for m in (0, more)
    )
    assert unsure.distance == pytest.approx(sure.distance / np.sqrt(1 + more))
