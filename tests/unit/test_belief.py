"""What is believed of a lifter: everybody at first, then his own reps; each one narrows it."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from livecoach.form.belief import Levels, believed

WITHIN, BETWEEN, LIFTERS = 1.0, 4.0, 100.0
NOBODY = np.empty((0, 2))
REPS = st.lists(st.tuples(*[st.floats(-20, 20)] * 2), min_size=1, max_size=8)


def levels(*, correlated: float = 0.0) -> Levels:
    """Two dimensions; everybody at (3, -1)."""
    shape = np.array([[1.0, correlated], [correlated, 1.0]])
    return Levels(usual=np.array([3.0, -1.0]), within=WITHIN * shape, between=BETWEEN * shape, lifters=LIFTERS * shape)


def test_without_reps_the_populations_mean_is_believed():
    """As doubtful as lifters and sets differ."""
    belief = believed(levels(), [], NOBODY)
    assert belief.mean == pytest.approx([3.0, -1.0])
    assert belief.doubt == pytest.approx((LIFTERS + BETWEEN) * np.eye(2))


def test_many_reps_of_this_set_are_believed():
    """Their mean, whatever others do and earlier sets were."""
    rng = np.random.default_rng(0)
    now = rng.normal([10, 20], 1, (3000, 2))
    belief = believed(levels(correlated=0.5), [np.zeros((5, 2))], now)
    assert belief.mean == pytest.approx(now.mean(0), abs=0.01)
    assert np.abs(belief.doubt).max() < 0.01


def test_earlier_sets_leave_room_for_a_set_to_differ():
    """However many reps they had: their mean, within what sets differ by."""
    sets = [np.full((1000, 2), place) for place in (8.0, 12.0) * 200]
    belief = believed(levels(), sets, NOBODY)
    assert belief.mean == pytest.approx([10, 10], abs=0.1)
    assert np.diag(belief.doubt) == pytest.approx([BETWEEN] * 2, rel=0.05)


def test_a_set_of_many_reps_weighs_no_more_than_sets_differ():
    """A hundred reps at 0 and four at 10 are two sets of one lifter."""
    belief = believed(levels(), [np.zeros((100, 2)), np.full((4, 2), 10.0)], NOBODY)
    assert belief.mean == pytest.approx([5, 5], abs=0.3)


def test_this_set_weighs_more_than_an_earlier_one():
    """The reference follows the set under way."""
    belief = believed(levels(), [np.zeros((5, 2))], np.full((5, 2), 10.0))
    assert (belief.mean > 9).all()


@given(earlier=st.lists(REPS, max_size=3), now=REPS, order=st.randoms(use_true_random=False))
def test_the_order_of_reps_does_not_matter(earlier, now, order):
    """Within sets, and of the earlier sets among each other."""
    sets = [np.array(reps) for reps in earlier]
    shuffled = [np.array(order.sample(reps, len(reps))) for reps in earlier]
    order.shuffle(shuffled)
    one = believed(levels(correlated=0.3), sets, np.array(now))
    other = believed(levels(correlated=0.3), shuffled, np.array(order.sample(now, len(now))))
    assert one.mean == pytest.approx(other.mean, abs=1e-6)
    assert one.doubt == pytest.approx(other.doubt, abs=1e-6)


@given(earlier=st.lists(REPS, max_size=3), now=REPS)
def test_doubt_shrinks_with_each_rep(earlier, now):
    """In every direction, whatever the reps are; it never goes below nothing."""
    sets = [np.array(reps) for reps in earlier]
    doubts = [
        believed(levels(correlated=0.6), sets, np.array(now[:count]).reshape(-1, 2)).doubt
        for count in range(len(now) + 1)
    ]
    for before, after in pairwise(doubts):
        assert np.linalg.eigvalsh(before - after).min() > 0
        assert np.linalg.eigvalsh(after).min() > 0


@given(reps=REPS)
def test_the_mean_lies_between_everybodys_and_ones_own(reps):
    """Shrunk towards the population, less the more reps there are; one dimension at a time."""
    now = np.array(reps)
    belief = believed(levels(), [], now)
    share = (LIFTERS + BETWEEN) / (LIFTERS + BETWEEN + WITHIN / len(now))
    usual = np.array([3.0, -1.0])
    assert belief.mean == pytest.approx(usual + share * (now.mean(0) - usual), abs=1e-9)
