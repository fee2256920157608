"""The key moment of a rep."""

from dataclasses import replace

import numpy as np
import pytest
from builders.kept_reps import a_kept_rep
from builders.reports import a_squat_fault
from builders.steps import a_fault

from livecoach.core.types.message import Message, join_texts
from livecoach.decisions.rep.curves import CURVE_KINDS, HALF, POINTS, RepCurve, rep_parts
from livecoach.decisions.rep.measures import load_faults
from livecoach.feedback.key_moment import find_key_moment

KEPT = replace(a_kept_rep(lift="squat"), start_s=1.0, turn_s=2.0, end_s=3.0)
SQUAT, DEADLIFT = load_faults("squat"), load_faults("deadlift")
SQUATTED, PULLED = rep_parts("hips", "bottom"), rep_parts("bar", "lockout")
AT = np.arange(POINTS)
USUAL = np.linspace(-0.2, 0.2, POINTS)
UP = np.concatenate([np.linspace(0, 1, HALF + 1), np.linspace(1, 0, HALF + 1)[1:]])


TOLD = join_texts(": ", "hips low at the start", Message("{text}, your good reps {text2}", text="107°", text2="120°"))


def peak(point: int) -> np.ndarray:
    """A curve that is highest at a point."""
    return np.exp(-(((AT - point) / 8) ** 2))


def drawn(way: str, rep: np.ndarray, *, at: int = 40, band: bool = True) -> RepCurve:
    """On a band that rises through nought."""
    usual = USUAL if band else None
    edges = {"low": None, "high": None} if usual is None else {"low": usual - 0.1, "high": usual + 0.1}
    kind = CURVE_KINDS[way]
    return RepCurve(
        words=kind.words, unit=kind.unit, values=rep, usual=usual, good_count=3 if band else 0, marked_point=at, **edges
    )


@pytest.mark.parametrize(
    ("name", "way", "curve", "point", "where"),
    [
        ("forward_lean", "trunk_lean", peak(58), 58, "where the trunk leans most"),
        ("shallow", "hip_height", -peak(53), 53, "where the hips are lowest"),
        ("shallow", "knee_angle", 90 - peak(47), 47, "where the knees are bent most"),
        ("knees_forward", "knees_ahead", peak(51), 51, "where the knees are farthest forward"),
        ("knee_cave", "knee_width", peak(60) - 2 * peak(80), 80, "where the knees are farthest in"),
        ("rushed", "hip_speed", peak(20) + 2 * peak(80), 20, "where you go down fastest"),
    ],
)
def test_a_fault_is_shown_where_its_measure_is_worst(name, way, curve, point, where):
    """Not where its phase begins, nor where another part of the curve is farther off."""
    then = find_key_moment(drawn(way, curve), KEPT, a_squat_fault(name, at_s=2.0), SQUAT, SQUATTED)
    assert (then.point, then.where, then.has_ring) == (point, where, True)
    assert then.into_s == pytest.approx(point / HALF)


@pytest.mark.parametrize(("told_deg", "ring"), [(106.0, True), (95.0, False)])
def test_a_fault_at_lift_off_is_shown_there(told_deg, ring):
    """Not where its angle comes by again later; without a ring where the curve begins after the lift-off."""
    fault = a_fault("knee_dominant", at_s=1.0, measure=told_deg, ref=120.0, unit="deg", phase="lift_off", text=TOLD)
    curve = 107 + 40 * UP - 20 * peak(20)
    then = find_key_moment(drawn("knee_angle", curve), KEPT, fault, DEADLIFT, PULLED)
    assert (then.point, then.where, then.has_ring) == (0, "as the bar leaves the floor", ring)


def test_a_fault_that_may_be_worst_anywhere_says_in_which_part_it_was():
    parts = [
        find_key_moment(drawn("trunk_lean", peak(point)), KEPT, a_squat_fault(at_s=2.0), SQUAT, SQUATTED).part
        for point in (20, 50, 55, 80)
    ]
    assert parts == ["way down", "bottom", "bottom", "way up"]
    assert (
        find_key_moment(drawn("hip_height", -peak(50)), KEPT, a_squat_fault("shallow", at_s=2.0), SQUAT, SQUATTED).part
        == ""
    )


def test_a_bar_that_sank_is_shown_where_it_is_deepest():
    hitched = UP + 0.4 * peak(20) - 0.3 * peak(34)
    then = find_key_moment(drawn("bar_height", hitched), KEPT, a_squat_fault("hitch", at_s=1.1), DEADLIFT, PULLED)
    before, after = hitched[: then.point], hitched[then.point : HALF]
    assert 24 < then.point < 40
    assert before.max() > hitched[then.point]
    assert hitched[then.point] == after.min()
    assert then.where == "where the bar has sunk farthest"


@pytest.mark.parametrize(
    ("name", "at_s", "point"), [("hitch", 1.5, 25), ("old_fault", 0.5, 0), ("stance_shift", 0.5, 0)]
)
def test_a_fault_that_no_curve_shows_has_no_ring(name, at_s, point):
    """Or whose deviation is too small to be visible: pictures show the phase's beginning, and name no place."""
    then = find_key_moment(drawn("bar_height", UP), KEPT, a_squat_fault(name, at_s=at_s), DEADLIFT, PULLED)
    assert (then.point, then.into_s, then.has_ring, then.where) == (point, max(at_s - KEPT.start_s, 0), False, "")


def test_a_fault_of_the_way_back_is_shown_there_where_no_phases_were_found():
    """The fault then has no other time than the start of the rep."""
    curve = 2 * peak(10) - peak(60)
    tipped = a_fault("good_morning", at_s=KEPT.start_s, phase="ascent")
    then = find_key_moment(drawn("trunk_lean", curve), KEPT, tipped, SQUAT, SQUATTED)
    assert (then.point, then.where) == (60, "where it differs most from your other reps")
    pulled = replace(tipped, name="uneven_bar")
    assert find_key_moment(drawn("hands_apart", curve), KEPT, pulled, DEADLIFT, PULLED).point == 10


def test_the_angle_of_the_words_stands_at_the_ring_too():
    """The curve is smoothed and jitters, so that another angle would stand there; how far the chest tips is no point
    of a curve."""
    arms, elbows = a_fault("bent_arms", measure=130.0, text="arms bent: 130°, yours 158°"), 160 - 40 * peak(15)
    then = find_key_moment(drawn("elbow_angle", elbows), KEPT, arms, DEADLIFT, PULLED)
    assert (then.value_deg, then.where, then.has_ring) == (130.0, "where it was measured", True)
    assert elbows[then.point] == pytest.approx(130, abs=3)
    lean, leant = (
        drawn("trunk_lean", 78 * peak(50)),
        a_fault("forward_lean", measure=65.0, text="leant: 65°, yours 44°"),
    )
    assert find_key_moment(lean, KEPT, leant, SQUAT, SQUATTED).value_deg == 65.0
    assert find_key_moment(lean, KEPT, replace(leant, text="leant forward"), SQUAT, SQUATTED).value_deg is None
    assert find_key_moment(lean, KEPT, a_fault("good_morning"), SQUAT, SQUATTED).value_deg is None


def test_without_a_fault_the_key_moment_is_where_the_rep_is_farthest_off():
    then = find_key_moment(drawn("hip_height", peak(50), at=33), KEPT, None, SQUAT, SQUATTED)
    assert (then.point, then.has_ring, then.where) == (33, True, "where it differs most from your other reps")
    bare = find_key_moment(drawn("hip_height", peak(50), at=33, band=False), KEPT, None, SQUAT, SQUATTED, at_s=1.5)
    assert (bare.point, bare.has_ring) == (25, False)


def test_without_a_drawn_curve_the_turn_or_the_time_of_the_fault_is_shown():
    assert find_key_moment(None, KEPT, None, SQUAT, SQUATTED).point == HALF
    assert find_key_moment(None, KEPT, a_squat_fault(at_s=2.5), SQUAT, SQUATTED).point == 75


def test_a_rounded_back_is_shown_where_it_is_as_much_rounder_as_was_measured():
    """The measure is the median over the first half of the way up; the most of the curve is more. What is not known of
    the curve is passed over."""
    fault = a_fault("rounded_back", at_s=1.0, phase="lift_off", measure=0.01, ref=-0.03, unit="torso", text=ROUNDER)
    rising = np.where(AT < 8, np.nan, AT / 250)
    then = find_key_moment(drawn("back", rising + USUAL), KEPT, fault, DEADLIFT, PULLED)
    assert (then.point, then.where, then.has_ring) == (10, "where it was measured", True)
    tall = replace(drawn("back", rising * 50 + USUAL), per_unit=50.0)
    assert find_key_moment(tall, KEPT, fault, DEADLIFT, PULLED).point == 10
    unknown = find_key_moment(drawn("back", np.where(AT < 60, np.nan, 0.1)), KEPT, fault, DEADLIFT, PULLED)
    assert (unknown.point, unknown.has_ring) == (0, False), "where the phase begins"


ROUNDER = "back rounded: about 2.0 cm rounder than in your good reps"
