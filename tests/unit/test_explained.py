"""Where most of a score comes from: joints and phase of a rep, and how they are put."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from livecoach.core import landmark
from livecoach.decisions.judging.wording import PHASE_WORDS, joint_words, largest_contribution, phase_spans

PULL_S = {"lift_off": 1.0, "knee_pass": 1.6, "lockout": 2.2, "lowering": 2.6, "floor": 4.0}
SQUAT_S = {"descent": 0.5, "floor": 1.9, "ascent": 2.1}
PULL = phase_spans("bar", PULL_S, 0.8, 2.3, 4.0)
SQUAT = phase_spans("hips", SQUAT_S, 0.5, 2.0, 3.5)
PRESS = phase_spans("raised_bar", PULL_S, 0.8, 2.3, 4.0)
UNKNOWN = phase_spans("bar", {}, 1.0, 2.5, 4.0)


def told(parts, at_s: float, joint: str = "left_knee", *others: str):
    """What is said of a rep in which one joint adds at one moment, and others a little."""
    names = (joint, *others)
    moments_s = np.array([at_s - 0.01, at_s, 9.0])
    shares = np.array([[0.0] * len(names), [1.0 / (1 + i) for i in range(len(names))], [0.0] * len(names)])
    return largest_contribution(shares, [landmark.NAMES.index(name) for name in names], moments_s, parts)


@pytest.mark.parametrize(
    ("parts", "at_s", "phase", "words"),
    [
        (PULL, 0.8, "setup", "before the bar moves"),
        (PULL, 1.05, "lift_off", "as the bar leaves the floor"),
        (PULL, 1.5, "lift_off", "with the bar just below the knees"),
        (PULL, 1.65, "knee_pass", "as the bar passes the knees"),
        (PULL, 2.3, "lockout", "at lockout"),
        (PULL, 3.3, "lowering", "on the way down"),
        (PRESS, 1.05, "raising", "as the bar starts up"),
        (PRESS, 2.1, "top", "at the top"),
        (SQUAT, 0.6, "descent", "early on the way down"),
        (SQUAT, 1.7, "descent", "just before the bottom"),
        (SQUAT, 2.0, "bottom", "at the bottom"),
        (SQUAT, 2.3, "ascent", "just after the bottom"),
        (SQUAT, 3.4, "ascent", "near the top"),
    ],
)
def test_the_phase_is_named_in_words(parts, at_s, phase, words):
    found = told(parts, at_s)
    assert (found.phase, found.at_s, found.text) == (phase, at_s, f"left knee, {words}")


@pytest.mark.parametrize(
    ("names", "words"),
    [
        (("left_knee", "nose"), "left knee and head"),
        (("left_knee", "nose", "right_knee"), "knees and head"),
        (("right_wrist", "right_knee"), "right hand and right knee"),
        (("left_hip", "right_hip", "left_knee"), "hips and left knee"),
        (("left_wrist", "right_wrist"), "hands"),
        (("left_foot_index", "left_heel", "left_knee"), "left toes and left knee"),
    ],
)
def test_joints_are_called_as_people_call_them(names, words):
    assert joint_words(names) == words


def test_a_second_region_is_named_only_if_it_differs_half_as_much():
    """The second of these regions contributes half as much as the first, the third a third."""
    assert told(SQUAT, 2.0, "left_knee", "nose", "left_hip").text == "left knee and head, at the bottom"
    faint = largest_contribution(np.array([[1.0, 0.4]]), (landmark.NAMES.index("left_knee"), 0), np.array([2.0]), SQUAT)
    assert faint.text == "left knee, at the bottom"


def test_the_phase_that_adds_most_wins_over_the_moment_that_does():
    """Two moments on the way up add more than a larger one at the bottom; of the joints that are named."""
    shares = np.array([[5.0, 0.0], [3.0, 0.0], [3.5, 0.0], [0.0, 0.1]])
    found = largest_contribution(shares, (landmark.NAMES.index("left_hip"), 0), np.array([2.0, 2.5, 2.7, 0.6]), SQUAT)
    assert (found.joints, found.phase, found.at_s) == (("left_hip", "nose"), "ascent", 2.7)


def test_at_most_three_joints_are_named_the_worst_one_first():
    """As many as are named of an anomalous rep; none of one at the very middle of good ones."""
    found = told(SQUAT, 2.0, "left_knee", "left_hip", "nose", "left_ankle")
    assert found.joints == ("left_knee", "left_hip", "nose")
    assert largest_contribution(np.zeros((3, 2)), (0, 11), np.arange(3.0), SQUAT) is None


@given(known=st.dictionaries(st.sampled_from([*PULL_S, *SQUAT_S]), st.floats(-1, 6)), turn_s=st.floats(0.5, 3.5))
@pytest.mark.parametrize("travel", ["bar", "hips"])
def test_phases_follow_each_other_whatever_is_known(travel, known, turn_s):
    """One ends where the next begins, also where moments are missing or out of order."""
    found = phase_spans(travel, known, 0.5, turn_s, 4.0)
    assert all(end_s == next_s for (_, end_s), (next_s, _) in pairwise(found.values()))
    assert all(start_s <= end_s for start_s, end_s in found.values())
    assert ("knee_pass" in found) == (travel == "bar" and "knee_pass" in known)


@pytest.mark.parametrize(
    ("spans", "begins_s", "end_s"),
    [
        (PULL, {"setup": 0.7, "lift_off": 1.0, "knee_pass": 1.6, "lockout": 2.1, "lowering": 2.7}, 4.0),
        (PRESS, {"setup": 0.7, "raising": 1.0, "top": 2.1, "lowering": 2.7}, 4.0),
        (SQUAT, {"descent": 0.5, "bottom": 1.8, "ascent": 2.2}, 3.5),
        (UNKNOWN, {"setup": 0.9, "lift_off": 1.0, "lockout": 2.4, "lowering": 2.6}, 4.0),
        (phase_spans("hips", {}, 0.5, 2.0, 2.05), {"descent": 0.5, "bottom": 1.9, "ascent": 2.1}, 2.1),
    ],
)
def test_a_phase_begins_at_its_moment_and_a_brief_one_a_tenth_before(spans, begins_s, end_s):
    starts_s, ends_s = zip(*spans.values(), strict=True)
    assert dict(zip(spans, starts_s, strict=True)) == pytest.approx(begins_s)
    assert ends_s == pytest.approx((*[*begins_s.values()][1:], end_s))


def test_a_pull_whose_way_past_the_knees_is_unknown_is_one_way_up():
    assert told(UNKNOWN, 1.7).text == "left knee, on the way up"
    assert {*PULL, *PRESS, *SQUAT} == set(PHASE_WORDS)
