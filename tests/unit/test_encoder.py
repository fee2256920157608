"""Trajectories as latents: what is left out of them, and the shipped networks."""

import numpy as np
import pytest
from builders.references import SCORER, a_measured_rep, a_reference, altered
from hypothesis import given
from hypothesis import strategies as st

from livecoach.decisions.judging.scorer import LEAST_KNOWN, fill_gaps
from livecoach.decisions.judging.verdict import relative_distance
from livecoach.decisions.rep.view_normalised import JOINTS, JOINTS_LOST_WITH, without_joints
from livecoach.perception.body.visibility import NO_TOES

MEAN = SCORER.population.mean


def unknown(points: np.ndarray) -> set[int]:
    return {JOINTS[i] for i in np.flatnonzero(np.isnan(points).all((0, 2)))}


@pytest.mark.parametrize("lost", JOINTS_LOST_WITH)
def test_a_joint_that_failed_is_unknown(lost):
    found = without_joints(MEAN, {lost: "jump"})
    assert unknown(found) == set(JOINTS_LOST_WITH[lost])
    assert np.isfinite(MEAN).all()


def test_joints_without_which_nothing_is_judged_are_not_left_out():
    """A rep without clear hips does not come so far."""
    assert unknown(without_joints(MEAN, {"hips": "jump", "shoulders": "swap", "knees": "jump"})) == set()


@given(lost=st.sets(st.sampled_from(sorted(JOINTS_LOST_WITH))))
def test_the_known_share_is_the_share_of_known_joints(lost):
    """From all of them down to those of trunk and knees, which are too few to judge by."""
    left = set(JOINTS) - {i for name in lost for i in JOINTS_LOST_WITH[name]}
    share = SCORER.width.known_share(without_joints(MEAN, dict.fromkeys(lost, "jump")))
    assert share == pytest.approx(len(left) / len(JOINTS))
    assert (share < LEAST_KNOWN) == ({"elbows", "wrists", "ankles"} <= lost)


@given(off=st.floats(-5, 5), lost=st.sets(st.sampled_from(["elbows", "wrists", "feet", NO_TOES])))
def test_an_unknown_joint_adds_nothing_to_the_distance(off, lost):
    points = MEAN.copy()
    places = [JOINTS.index(i) for name in lost for i in JOINTS_LOST_WITH[name]]
    points[:, places] += off
    found = fill_gaps(without_joints(points, dict.fromkeys(lost, "jump")), MEAN)
    assert np.array_equal(found, MEAN)


@given(off=st.floats(0.5, 30))
def test_a_rep_is_as_far_off_whether_its_wrists_are_known_or_not(off):
    """What is known tells for what is not: the distance is that of a mean over the known joints."""
    rep, own = a_measured_rep(off=off), a_reference()
    lost = altered(rep, points=without_joints(rep.points, {"wrists": "jump"}))
    assert relative_distance(lost, own) == pytest.approx(relative_distance(rep, own), rel=0.1, abs=0.05)
