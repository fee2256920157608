"""Limits of rep images: videos that are left out, and the budget."""

import numpy as np
import pytest

from livecoach.lab.images.model import BUDGET, held_out_groups, held_out_parts, limits_of

VIDEOS = np.array(["a"] * 5 + ["b"] * 3 + ["c"] * 2 + ["d"] * 2)


def two_parts(count: int = 400) -> np.ndarray:
    return np.random.default_rng(0).normal(size=(count, 2))


@pytest.mark.parametrize("groups", [2, 3, 4, 9])
def test_each_image_is_left_out_once_with_all_of_its_video(groups):
    """Reps of one video are alike: a random split would leak."""
    out = np.stack(list(held_out_groups(VIDEOS, groups)))
    assert (out.sum(0) == 1).all()
    assert len(out) == min(groups, 4)
    for group in out:
        assert not set(VIDEOS[group]) & set(VIDEOS[~group])


def test_groups_are_of_about_one_size():
    """The largest videos are dealt out first."""
    assert sorted(int(out.sum()) for out in held_out_groups(VIDEOS, 2)) == [5, 7]


def test_no_image_is_measured_by_what_was_fitted_to_its_video():
    """The scorer of each image knows the others only."""

    def fitted(others):
        return lambda images: np.array([[float(image in others), 0.0] for image in images])

    assert not held_out_parts(VIDEOS, VIDEOS, 4, fitted).any()


@pytest.mark.parametrize("rule", ["or", "mean"])
def test_the_budget_is_kept_and_used(rule):
    """Of good images left out, nearly that share is flagged and no more."""
    parts = two_parts()
    flagged = float((limits_of(parts, rule).values(parts) > 1).mean())
    assert BUDGET - 0.01 <= flagged <= BUDGET


def test_usual_is_nothing_and_the_limit_one():
    """The scale of both parts."""
    limits = limits_of(two_parts(), "or")
    assert limits.scaled(np.array([limits.usual, limits.limits])).tolist() == [[0, 0], [1, 1]]


def test_either_part_flags_by_or_both_together_by_mean():
    """One part far out is enough for the one rule and not for the other."""
    parts = two_parts()
    one_far = np.array([[3.2, -3.0]])
    assert limits_of(parts, "or").values(one_far) > 1
    assert limits_of(parts, "mean").values(one_far) < 1


def test_images_that_are_all_alike():
    """They are within their own limits, and anything else is not."""
    limits = limits_of(np.ones((10, 2)), "or")
    assert limits.values(np.array([[1.0, 1.0]])) <= 1
    assert limits.values(np.array([[1.1, 1.0]])) > 1
