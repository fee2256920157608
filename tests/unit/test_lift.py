"""What tells a lift from another movement: trees as plain arrays, read from a file that is checked."""

import json
from pathlib import Path

import numpy as np
import pytest

from livecoach import lift
from livecoach.errors import ModelError
from livecoach.form import course, numbers
from livecoach.form.movement import Described

SPREAD = {"spread_own": [1.0] * len(numbers.OWN), "spread_course": [[1.0] * course.CHANNELS] * course.TIMES}
ONE_TREE = {
    "features": list(lift.NAMES),
    "feature": [[numbers.OWN.index("log_s"), lift.NAMES.index("unlike"), 0]],
    "threshold": [[0.5, 2.0, 0.0]],
    "leaf": [[3.0, -1.0, -2.0, -2.0]],
    "limit": 0.0,
    **SPREAD,
}
"""A short movement is a lift where it is like those before it."""


def a_described(log_s: float, course_value: float = 0.0) -> Described:
    own = np.zeros(len(numbers.OWN))
    own[numbers.OWN.index("log_s")] = log_s
    return Described(own=own, course=np.full((course.TIMES, course.CHANNELS), course_value))


def a_file(folder: Path, **changes: object) -> Path:
    path = folder / "lift.json"
    path.write_text(json.dumps({**ONE_TREE, **changes}), encoding="utf-8")
    return path


def test_trees_are_followed_to_their_leaf(tmp_path):
    """What is no more than the threshold goes to the first branch."""
    model = lift.load(a_file(tmp_path))
    assert model.is_lift(a_described(0.5), ())
    assert not model.is_lift(a_described(0.6), ())


def test_a_movement_unlike_the_sets_lifts_is_none(tmp_path):
    """The same movement counts on its own, and not after lifts of which it is nothing like."""
    model = lift.load(a_file(tmp_path))
    before = [a_described(0.4), a_described(0.4), a_described(0.4)]
    assert model.is_lift(a_described(0.4, 1.0), before)
    assert not model.is_lift(a_described(0.4, 3.0), before)


def test_one_odd_lift_before_does_not_count(tmp_path):
    """A single outlier among the lifts before changes nothing: their median is taken."""
    model = lift.load(a_file(tmp_path))
    odd = [a_described(0.4), a_described(0.4, 50.0), a_described(0.4)]
    assert model.is_lift(a_described(0.4), odd)


def test_without_lifts_before_there_is_nothing_to_compare():
    """All that is held against others is 0."""
    told = lift.compared(a_described(1.0, 9.0), (), lift.Spread(own=np.ones(1), course=np.ones(1)))
    assert told.shape == (len(lift.NAMES),)
    assert not told[len(numbers.OWN) :].any()


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"features": ["log_s"]}, "features are not"),
        ({"leaf": [[1.0, 2.0, 3.0]]}, "whole trees"),
        ({"leaf": [1.0]}, "whole trees"),
        ({"threshold": [[0.0, 0.0]]}, "whole trees"),
        ({"feature": [[0, 1, 100000]]}, "feature must be"),
        ({"feature": [[0, -1, 0]]}, "feature must be"),
        ({"threshold": [[0.0, float("nan"), 0.0]]}, "finite"),
        ({"limit": float("inf")}, "finite"),
        ({"spread_own": [1.0]}, "spread_own"),
        ({"spread_own": [0.0] * len(numbers.OWN)}, "spread_own"),
        ({"limit": "much"}, "missing or wrong"),
        ({"feature": None}, "missing or wrong"),
    ],
)
def test_wrong_content_is_an_error_that_names_the_file(tmp_path, changes, says):
    """Nothing wrong gets as far as a set."""
    path = a_file(tmp_path, **changes)
    with pytest.raises(ModelError, match=says) as raised:
        lift.load(path)
    assert str(path) in str(raised.value)


@pytest.mark.parametrize("content", [None, "{"])
def test_missing_or_broken_file_is_named(tmp_path, content):
    """With what to do."""
    path = tmp_path / "lift.json"
    if content is not None:
        path.write_text(content, encoding="utf-8")
    with pytest.raises(ModelError, match=r"lift\.json"):
        lift.load(path)
