"""The density of a lifter's own latents: distances, and how wide they are."""

import math
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from livecoach.decisions.judging.scorer import KERNEL, Density, WidthPrior, equivalent_student_t, estimate_density

PRIOR = WidthPrior(usual=0.1, freedom=4.0, of_rep=5.0)
NUMBERS = st.floats(-3, 3)
LATENTS = arrays.arrays(float, st.tuples(st.integers(1, 8), st.just(3)), elements=NUMBERS)
PLACES = arrays.arrays(float, 3, elements=NUMBERS)


def of_one_set(latents: Sequence[Sequence[float]] | np.ndarray, prior: WidthPrior = PRIOR) -> Density:
    found = np.array(latents, float)
    every = np.arange(len(found))
    return estimate_density(found, [every], [every], prior)


def of_two_forms(one: Sequence[Sequence[float]], other: Sequence[Sequence[float]]) -> Density:
    groups = [np.arange(len(one)), len(one) + np.arange(len(other))]
    return estimate_density(np.array([*one, *other], float), groups, groups, PRIOR)


# The distance


@given(at=PLACES)
def test_the_distance_from_one_rep_is_how_far_it_is(at):
    assert of_one_set([[0.0, 0.0, 0.0]]).distance(at) == pytest.approx(float(np.linalg.norm(at)), abs=1e-6)


@given(away=st.floats(0, 1))
def test_a_rep_near_one_of_two_forms_is_compared_with_that_form(away):
    """A lifter who calls two forms good is compared with the one that the rep is of."""
    own = of_two_forms([[0.0, 0.0]] * 3, [[10.0, 0.0]] * 3)
    one = of_one_set([[0.0, 0.0]] * 3)
    for middle in (0.0, 10.0):
        distance = own.distance(np.array([middle, away]))
        assert distance == pytest.approx(one.distance(np.array([0.0, away])), abs=0.3)
    assert own.distance(np.array([5.0, 0.0])) == pytest.approx(5.0, rel=0.1)


def test_a_form_of_few_reps_weighs_as_much_as_one_of_many():
    own = of_two_forms([[0.0]] * 20, [[10.0]] * 2)
    assert own.weights[:20].sum() == pytest.approx(0.5)
    assert own.log_density(np.array([0.0])) == pytest.approx(own.log_density(np.array([10.0])))


# The sum over the kernels


@given(latents=LATENTS, at=PLACES)
def test_the_density_is_the_weighted_mean_of_its_kernels(latents, at):
    """Against the sum written out one by one, wherever that can be written out."""
    own = of_one_set(latents, WidthPrior(usual=2.0, freedom=4.0, of_rep=5.0))
    scale = KERNEL * own.deviation
    naive = sum(
        weight * math.exp(-sum((a - b) ** 2 for a, b in zip(latent, at, strict=True)) / scale**2 / 2)
        for latent, weight in zip(latents, own.weights, strict=True)
    )
    if naive > 1e-300:
        assert own.log_density(at) == pytest.approx(math.log(naive), abs=1e-9)


def test_far_away_nothing_is_lost_in_the_sum():
    own = of_one_set([[0.0], [0.1]])
    assert own.distance(np.array([1e6])) == pytest.approx(1e6, rel=1e-6)


# The width


def test_without_two_reps_of_a_set_the_width_is_the_usual_one():
    """One rep differs from nothing: its limits are those of the prior, and as wide as two reps differ."""
    own = of_one_set([[1.0, 2.0]])
    assert (own.deviation, own.freedom) == (pytest.approx(0.1), 4.0)
    assert own.width == pytest.approx(0.1 * math.sqrt(2))


@given(apart=st.floats(0, 0.5), count=st.integers(2, 40))
def test_the_width_goes_from_the_usual_one_to_ones_own(apart, count):
    """Between the two, nearer to one's own with each rep."""
    latents = np.array([[apart * (-1) ** i] for i in range(2 * count)])
    own, more = of_one_set(latents), 2 * count - 1
    of_reps = apart**2 * 2 * count / more
    share = PRIOR.of_rep * more / (PRIOR.freedom + PRIOR.of_rep * more)
    assert own.freedom == pytest.approx(PRIOR.freedom + PRIOR.of_rep * more)
    assert own.deviation**2 == pytest.approx((1 - share) * PRIOR.usual**2 + share * of_reps)


def test_only_differences_within_a_set_make_the_width():
    """Two sets that are far apart are two good sets."""
    latents = np.array([[0.0], [0.0], [5.0], [5.0]])
    groups = [np.arange(4)]
    together = estimate_density(latents, groups, groups, PRIOR)
    apart = estimate_density(latents, [np.array([0, 1]), np.array([2, 3])], groups, PRIOR)
    assert apart.deviation < PRIOR.usual < together.deviation
    assert apart.freedom < together.freedom


@pytest.mark.parametrize(("freedom", "t", "deviate"), [(4, 4.604, 2.576), (10, 3.169, 2.576), (20, 2.528, 2.326)])
def test_quantiles_of_students_t_are_those_of_tables(freedom, t, deviate):
    """Two-sided 1 % of 4 and 10 degrees of freedom, among others."""
    assert equivalent_student_t(deviate, freedom) == pytest.approx(t, abs=0.12)


def test_the_usual_distance_leaves_each_one_out_in_turn():
    """Of lifters in a row the one at its end is farthest from the others."""
    row = np.array([[0.0], [0.1], [0.2], [0.3], [1.0]])
    of = Density(latents=row, weights=np.full(5, 0.2), deviation=0.1, freedom=math.inf)
    of_others = Density(latents=row[:4], weights=np.full(4, 0.25), deviation=0.1, freedom=math.inf)
    assert of.distance_quantile(1.0) == pytest.approx(of_others.distance(row[4]))
    assert of.distance_quantile(0.5) < of.distance_quantile(1.0) / 2
    assert of_one_set(row[:1]).distance_quantile(0.95) == math.inf
