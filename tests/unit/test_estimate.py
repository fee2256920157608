"""A measure's true change from all that was seen: the least-squares estimate, by populations made by hand."""

from dataclasses import replace

import numpy as np
import pytest
from a_population import COMPONENTS, TRUE, a_population, a_taken, off_by
from hypothesis import given
from hypothesis import strategies as st

from livecoach.form.belief import Belief
from livecoach.form.estimate import FARTHEST, distance, estimate, off

POPULATION = a_population()
BAND = POPULATION.bands[0]
NAMES = POPULATION.measures
LENGTH = len(BAND.usual)
CERTAIN = Belief(mean=np.zeros(LENGTH), doubt=np.zeros((LENGTH, LENGTH)))
DIRECT = replace(BAND, spread=BAND.spread - np.eye(LENGTH) * (1 - 1e-9))
"""Where a measure's two parts show nothing but its true change."""


@given(name=st.sampled_from(NAMES), change=st.floats(-0.4, 0.4))
def test_a_known_linear_relation_comes_back(name, change):
    """Each measure by itself; the others stay where they are."""
    found = estimate(off_by(POPULATION, **{name: change}), CERTAIN, DIRECT).change
    expected = np.zeros(len(NAMES))
    expected[NAMES.index(name)] = change
    assert found == pytest.approx(expected, abs=1e-5)


def test_what_noise_makes_smaller_is_made_larger_again():
    """With errors of one spread in each part a share of 2·25/(1 + 2·25) is certain; the change is not shrunk by it."""
    found = estimate(off_by(POPULATION, top_knee_angle_deg=-8.0), CERTAIN, BAND)
    at = NAMES.index("top_knee_angle_deg")
    assert found.change[at] == pytest.approx(-8.0)
    assert found.spread[at] == pytest.approx(2.0 / np.sqrt(2))  # mean of two parts of 2°


def test_an_estimate_that_tells_little_is_made_larger_by_two_at_the_most():
    """Where a hundredth of the variance is explained, the estimate stays small: it knows nothing."""
    blind = replace(BAND, spread=BAND.spread + 100 * 2 * TRUE**2 * np.eye(LENGTH))
    found = estimate(off_by(POPULATION, top_knee_angle_deg=-8.0), CERTAIN, blind).change
    assert abs(found).max() < 0.2


@given(change=st.floats(-0.4, 0.4))
def test_doubt_in_a_direction_makes_the_estimate_ignore_it(change):
    """The world's part of a measure is not known of this lifter: the picture's part alone tells."""
    name = "bar_offset"
    world = COMPONENTS + 2 + NAMES.index(name)
    doubt = np.zeros((LENGTH, LENGTH))
    doubt[world, world] = 1e9
    seen = off_by(POPULATION, **{name: change})
    picture_alone = seen.copy()
    picture_alone[world] = 5.0
    belief = replace(CERTAIN, doubt=doubt)
    both = [estimate(vector, belief, BAND).change[NAMES.index(name)] for vector in (seen, picture_alone)]
    assert both[0] == pytest.approx(both[1], abs=1e-6)
    assert both[0] == pytest.approx(change, abs=1e-6)


@given(doubt=st.floats(0, 50), more=st.floats(0.1, 50))
def test_doubt_widens_the_spread_or_leaves_the_estimate_smaller(doubt, more):
    """Change in spreads falls as less is known of the lifter."""
    vector = off_by(POPULATION, heel_rise_deadlift=0.1)
    at = NAMES.index("heel_rise_deadlift")
    ratios = []
    for size in (doubt, doubt + more):
        found = estimate(vector, replace(CERTAIN, doubt=size * np.eye(LENGTH)), BAND)
        ratios.append(found.change[at] / found.spread[at])
    assert ratios[1] < ratios[0]


def test_off_is_against_the_belief_clipped_and_0_where_unknown():
    """Of three parts one is unknown, and one is wild."""
    known = np.ones(LENGTH, bool)
    known[1] = False
    vector = np.zeros(LENGTH)
    vector[:3] = 3.0, 3.0, 30.0
    belief = replace(CERTAIN, mean=np.ones(LENGTH))
    found = off(a_taken(POPULATION, vector=vector, known=known), belief)
    assert found[:4].tolist() == [2.0, 0.0, FARTHEST, -1.0]


def test_distance_is_in_standard_deviations_over_the_directions_of_form():
    """2 along one of them with a spread of 1; what lies beside them does not count; the parts are all of it."""
    difference = np.zeros(LENGTH)
    difference[[0, COMPONENTS + 3]] = 2.0, 9.0
    far, parts = distance(difference, CERTAIN, BAND)
    assert far == pytest.approx(2.0 / np.sqrt(COMPONENTS))
    assert parts.sum() == pytest.approx(far**2 * COMPONENTS)
    assert np.flatnonzero(parts).tolist() == [0]


@given(doubt=st.floats(0, 100))
def test_distance_falls_with_doubt(doubt):
    """A lifter who is hardly known can hardly be unlike himself."""
    difference = np.ones(LENGTH)
    sure, _ = distance(difference, CERTAIN, BAND)
    unsure, _ = distance(difference, replace(CERTAIN, doubt=doubt * np.eye(LENGTH)), BAND)
    assert unsure == pytest.approx(sure / np.sqrt(1 + doubt))
