"""Scorers and their protocol: what a rep is held against, and that each kind finds what is plainly strange."""

import numpy as np
import pytest

pytest.importorskip("sklearn", reason="the extra 'train' is not installed")

from builders.datasets import of_lifters, some_reps

from livecoach.lab.scorers import compare
from livecoach.lab.scorers.compare import TRAJECTORIES, Setting, Split
from livecoach.lab.scorers.kinds import SIMPLE
from livecoach.lab.scorers.references import OF_THIS_SET, comparisons, differences


def test_own_reps_are_the_first_good_ones_and_never_of_the_judged_set():
    """The bad one of the first set is no reference, and its set is not judged."""
    reps = some_reps(
        ("anna", "monday", "hitch"),
        ("anna", "monday", "good"),
        ("anna", "monday", "good"),
        ("anna", "friday", "good"),
        ("anna", "friday", "hitch"),
        ("ben", "his", "good"),
    )
    found = comparisons(reps, 2)
    assert [one.row for one in found] == [3, 4]
    assert all(one.own.tolist() == [1, 2] for one in found)


def test_more_own_reps_judge_the_same_reps():
    """Sets are set apart for as many as are reserved, so that figures can be compared."""
    reps = of_lifters("anna", "ben", sets=4)
    rows = {own: [one.row for one in comparisons(reps, own, reserved=8)] for own in (0, 3, 8)}
    assert rows[0] == rows[3] == rows[8]
    assert {len(one.own) for one in comparisons(reps, 3, reserved=8)} == {3}


def test_reps_of_the_set_itself_are_those_before():
    """Good ones alone, and what comes before they are known is not judged."""
    reps = some_reps(*[("anna", "one", "good")] * 2, *[("anna", "two", x) for x in ("good", "hitch", "good", "good")])
    found = comparisons(reps, 2, now=2)
    assert [(one.row, one.now.tolist()) for one in found] == [(5, [2, 4])]


def test_a_rep_is_held_against_the_middle_of_its_own():
    """Those of the set itself count for more."""
    reps = some_reps(*[("anna", "one", "good")] * 2, *[("anna", "two", "good")] * 2)
    values = np.array([[0.0], [2.0], [5.0], [9.0]])
    assert differences(values, comparisons(reps, 2)).tolist() == [[4.0], [8.0]]
    (late,) = comparisons(reps, 2, now=1)
    assert differences(values, [late]).tolist() == [[9.0 - (1.0 + OF_THIS_SET * 4.0)]]
    assert differences(values, comparisons(reps, 0)).tolist() == values.tolist()


def parts(apart: float) -> Split:
    names = [[f"{part}{number}" for number in range(8)] for part in ("train", "valid", "test")]
    return Split(
        train=of_lifters(*names[0], sets=4, reps=6),
        valid=of_lifters(*names[1], sets=4, reps=6, bad=3, apart=apart),
        test=of_lifters(*names[2], sets=4, reps=6, bad=3, apart=apart),
    )


@pytest.mark.parametrize("kind", SIMPLE)
def test_a_plainly_strange_rep_is_found_with_own_reps(kind):
    """Far off in every number that the fault moves."""
    far = parts(apart=12.0)
    outcome = compare.run(far, TRAJECTORIES, Setting(own=5), kind())
    figures = compare.figures(far.test, outcome, 0)
    assert figures["auroc"]["value"] > 0.95
    assert figures["auroc"]["bad"] == 24


@pytest.mark.parametrize("kind", SIMPLE)
def test_what_is_like_good_reps_is_not_told_apart(kind):
    """The measure itself does not make scorers look good."""
    near = parts(apart=0.0)
    figures = compare.figures(near.test, compare.run(near, TRAJECTORIES, Setting(own=5), kind()), 0)
    assert 0.3 < figures["auroc"]["value"] < 0.7


def test_the_limit_is_that_of_other_lifters():
    """A score of 1 is what 2 % of the calibrating lifters' good reps are past."""
    far = parts(apart=12.0)
    outcome = compare.run(far, TRAJECTORIES, Setting(own=5), SIMPLE[0]())
    groups = compare.by_group(far.test, outcome, 0)
    assert groups["fault hitch"]["hits"]["of"] == 24
    assert groups["severity 0.75 to 1"]["auroc"]["value"] == groups["fault hitch"]["auroc"]["value"]
    assert "azimuth 40 to 65" in groups
