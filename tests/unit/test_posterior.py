"""The posterior of a lifter: the population at first, then his own reps; each one narrows it, and its limits."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from livecoach.judging.posterior import (
    Levels,
    OwnReps,
    ScatterPrior,
    f_of_normal,
    normal_of_f,
    normal_of_t,
    posterior,
    scatter_of,
    t_of_normal,
)

WITHIN, SETS, SESSIONS, LIFTERS = 1.0, 2.0, 4.0, 100.0
NOBODY = OwnReps()
REPS = st.lists(st.tuples(*[st.floats(-20, 20)] * 2), min_size=1, max_size=8)
KNOWN = ScatterPrior(freedom=1e9, of_rep=1.0)
"""A scatter that is 1 for all lifters."""


def levels(*, correlated: float = 0.0, scatter: ScatterPrior = KNOWN) -> Levels:
    """Two dimensions; everybody at (3, -1)."""
    shape = np.array([[1.0, correlated], [correlated, 1.0]])
    return Levels(
        usual=np.array([3.0, -1.0]),
        within=WITHIN * shape,
        sets=SETS * shape,
        sessions=SESSIONS * shape,
        lifters=LIFTERS * shape,
        scatter=scatter,
    )


def reps(place: float, count: int = 5) -> np.ndarray:
    return np.full((count, 2), place)


def test_without_reps_the_posterior_is_the_population():
    """Its mean, and the sum of all covariances above the rep."""
    found = posterior(levels(), NOBODY)
    assert found.mean == pytest.approx([3.0, -1.0])
    assert found.covariance == pytest.approx((LIFTERS + SESSIONS + SETS) * np.eye(2))
    assert found.predictive == pytest.approx(found.covariance + WITHIN * np.eye(2))


def test_many_reps_of_this_set_give_its_mean():
    """Whatever others do and earlier sessions were; what is left is the next rep's own."""
    now = np.random.default_rng(0).normal([10, 20], 1, (3000, 2))
    found = posterior(levels(correlated=0.5), OwnReps(sessions=[[np.zeros((5, 2))]], now=now))
    assert found.mean == pytest.approx(now.mean(0), abs=0.01)
    assert np.abs(found.covariance).max() < 0.01


def test_earlier_sessions_leave_room_for_a_session_and_a_set_to_differ():
    """However many reps they had."""
    sessions = [[reps(place, 1000)] for place in (8.0, 12.0) * 200]
    found = posterior(levels(), OwnReps(sessions=sessions))
    assert found.mean == pytest.approx([10, 10], abs=0.1)
    assert np.diag(found.covariance) == pytest.approx([SESSIONS + SETS] * 2, rel=0.05)


def test_an_earlier_set_of_this_session_leaves_room_for_a_set_alone():
    """The camera stands where it stood."""
    found = posterior(levels(), OwnReps(sets=[reps(8.0, 1000), reps(12.0, 1000)] * 100))
    assert found.mean == pytest.approx([10, 10], abs=0.1)
    assert np.diag(found.covariance) == pytest.approx([SETS] * 2, rel=0.05)


def test_a_set_of_many_reps_weighs_no_more_than_sets_differ():
    """A hundred reps at 0 and four at 10 are two sets of one lifter."""
    found = posterior(levels(), OwnReps(sessions=[[reps(0.0, 100)], [reps(10.0, 4)]]))
    assert found.mean == pytest.approx([5, 5], abs=0.4)


def test_this_set_weighs_more_than_an_earlier_one():
    """The reference follows the set under way."""
    for own in (OwnReps(sessions=[[reps(0.0)]], now=reps(10.0)), OwnReps(sets=[reps(0.0)], now=reps(10.0))):
        assert (posterior(levels(), own).mean > 9).all()


@given(earlier=st.lists(REPS, max_size=3), now=REPS, order=st.randoms(use_true_random=False))
def test_the_order_of_reps_does_not_matter(earlier, now, order):
    """Nor that of sessions: what is known is known."""
    shuffled, mixed = list(earlier), list(now)
    order.shuffle(shuffled)
    order.shuffle(mixed)
    one, other = (
        posterior(levels(correlated=0.3), OwnReps(sessions=[[np.array(s)] for s in sessions], now=np.array(last)))
        for sessions, last in ((earlier, now), (shuffled, mixed))
    )
    assert other.mean == pytest.approx(one.mean, abs=1e-6)
    assert other.predictive == pytest.approx(one.predictive, abs=1e-6)


@given(now=REPS)
def test_each_rep_narrows_the_covariance_of_the_mean(now):
    """In every direction."""
    found = [
        posterior(levels(correlated=0.3), OwnReps(now=np.array(now[:n]).reshape(-1, 2))) for n in range(len(now) + 1)
    ]
    for before, after in pairwise(found):
        assert (np.linalg.eigvalsh(before.covariance - after.covariance) > -1e-9).all()


# The scatter of a lifter

LEARNED = ScatterPrior(freedom=4.0, of_rep=2.0)


def test_without_two_reps_of_a_set_the_scatter_is_the_populations():
    """One rep differs from nothing."""
    for sets in ([], [reps(1.0, 1)], [reps(1.0, 1), reps(5.0, 1)]):
        assert scatter_of(levels(scatter=LEARNED), sets) == (1.0, 4.0)


@given(size=st.floats(0.3, 2.0), count=st.integers(3, 40))
def test_the_scatter_goes_from_the_populations_to_the_lifters_own(size, count):
    """Between 1 and his own variance, nearer to it with each rep; degrees of freedom count the reps."""
    wide = np.tile([[size, -size], [-size, size]], (count, 1))
    scatter, freedom = scatter_of(levels(scatter=LEARNED), [wide])
    own = size**2 * len(wide) / (len(wide) - 1)
    share = LEARNED.of_rep * (len(wide) - 1) / freedom
    assert freedom == pytest.approx(LEARNED.freedom + LEARNED.of_rep * (len(wide) - 1))
    assert scatter == pytest.approx((1 - share) + share * own)


def test_a_steady_lifter_has_narrow_limits_and_an_unsteady_one_wide_ones():
    """The same mean; the predictive covariance is his own."""
    rng = np.random.default_rng(0)
    steady, unsteady = (
        posterior(levels(scatter=LEARNED), OwnReps(now=rng.normal(0, size, (9, 2)))).predictive for size in (0.2, 2.0)
    )
    assert np.trace(steady) < 0.3 * np.trace(unsteady)


def test_one_wild_number_hardly_widens_the_limits():
    """A leg that the pose estimator lost for a rep: a thousand spreads count as five."""
    wild = np.zeros((6, 2))
    wild[2, 0] = 1000.0
    scatter, _ = scatter_of(levels(scatter=LEARNED), [wild])
    assert scatter < 6


# Distributions


@given(deviate=st.floats(-5, 5), freedom=st.floats(3, 200))
def test_students_t_comes_back_from_its_normal_deviate(deviate, freedom):
    """And is the larger, the fewer degrees of freedom there are."""
    t = t_of_normal(deviate, freedom)
    assert float(normal_of_t(np.array(t), freedom)) == pytest.approx(deviate, abs=1e-9)
    assert abs(t) >= abs(deviate) * 0.98 - 1e-9
    assert abs(t) <= abs(t_of_normal(deviate, freedom / 2)) + 1e-9


@pytest.mark.parametrize(
    ("freedom", "t", "deviate"), [(4, 4.604, 2.576), (10, 3.169, 2.576), (3, 9.219, 3.0), (20, 2.528, 2.326)]
)
def test_students_t_is_as_in_tables(freedom, t, deviate):
    """Two-sided 1 % of 4 and 10 degrees of freedom, among others."""
    assert float(normal_of_t(np.array(t), freedom)) == pytest.approx(deviate, abs=0.06)


@given(deviate=st.floats(0, 3), above=st.floats(3, 30), below=st.floats(10, 300))
def test_f_comes_back_from_its_normal_deviate(deviate, above, below):
    """Both ways."""
    assert normal_of_f(f_of_normal(deviate, above, below), above, below) == pytest.approx(deviate, abs=1e-6)


@pytest.mark.parametrize(
    ("above", "below", "f", "deviate"), [(10, 20, 3.368, 2.326), (5, 30, 2.534, 1.645), (15, 60, 1.836, 1.645)]
)
def test_f_is_as_in_tables(above, below, f, deviate):
    """One-sided 1 and 5 %."""
    assert normal_of_f(f, above, below) == pytest.approx(deviate, abs=0.03)


def test_a_deviate_that_no_value_of_f_has_is_infinite():
    """With few degrees of freedom nothing is so unlikely."""
    assert f_of_normal(6.0, 4.0, 4.0) == float("inf")
