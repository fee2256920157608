"""A reference made of own good reps: their mean, their groups, and which reps are measured at all."""

from dataclasses import replace

import numpy as np
import pytest
from builders.kept_reps import a_kept_rep
from builders.references import DEADLIFT, SCORER, a_measured_rep, a_reference, altered, an_own_rep
from builders.scorers import USUAL, a_scorer
from hypothesis import given
from hypothesis import strategies as st

from livecoach.core import landmark
from livecoach.decisions.judging.reference import EARLIER_DAYS, EARLIER_SET, THIS_SET, Reference, prepare_reference
from livecoach.decisions.judging.verdict import judge, relative_distance
from livecoach.decisions.rep.measured import Azimuth, MeasuredRep, latest_mirroring, prepare_own_reps, reps_of_same_view
from livecoach.decisions.rep.measures import load_faults
from livecoach.decisions.rep.view_normalised import IMPROVEMENTS, JOINTS, MOMENTS, REMAINING_VARIANCE, SIGHT_WEIGHT

# The reference


@given(offs=st.lists(st.floats(-5, 5), min_size=1, max_size=6))
def test_the_mean_is_that_of_the_reps(offs):
    found = a_reference(*offs)
    expected = a_measured_rep(off=float(np.mean(offs))).points
    assert found.mean == pytest.approx(expected, abs=1e-6)
    assert len(found.density.latents) == len(offs)


@given(offs=st.lists(st.floats(-5, 5), min_size=2, max_size=6), order=st.randoms(use_true_random=False))
def test_the_order_of_reps_does_not_matter(offs, order):
    shuffled = list(offs)
    order.shuffle(shuffled)
    one, other = a_reference(*offs), a_reference(*shuffled)
    assert other.mean == pytest.approx(one.mean, abs=1e-6)
    assert other.density.deviation == pytest.approx(one.density.deviation)


def test_reps_that_faced_elsewhere_are_turned_to_each_other():
    reps = [an_own_rep(i) for i in range(4)]
    for degrees, rep in zip((-10.0, -3.0, 4.0, 9.0), reps, strict=True):
        angle = np.radians(degrees)
        turn = np.array([[np.cos(angle), np.sin(angle), 0], [-np.sin(angle), np.cos(angle), 0], [0, 0, 1]])
        rep.points = rep.points @ turn
    found, alike = prepare_reference(SCORER, reps, THIS_SET), a_reference(0.0, 0.0, 0.0, 0.0)
    assert found.density.deviation == pytest.approx(alike.density.deviation, rel=1e-3)


@pytest.mark.parametrize("lost", [1, 4, 5])
def test_a_joint_that_was_lost_in_some_reps_is_taken_from_the_others(lost):
    """And only from them: everybody, who may stand elsewhere, fills the place of a joint that all have lost."""
    own, mean = [an_own_rep(i) for i in range(5)], a_measured_rep().points.copy()
    for place, rep in enumerate(own):
        rep.points[:, 5] += 0.3 if place >= lost else np.nan
    mean[:, 5] += 0.3 if lost < 5 else 0.0
    assert prepare_reference(SCORER, own, THIS_SET).mean == pytest.approx(mean, abs=0.02)


@pytest.mark.parametrize("reps", [1, 4])
def test_a_joint_that_was_lost_in_all_own_reps_makes_no_difference(reps):
    own, rep = [an_own_rep(i) for i in range(reps)], a_measured_rep()
    for of_own in own:
        of_own.points[:, 5] = np.nan
    rep.points[:, 5] += 0.3
    assert relative_distance(rep, prepare_reference(SCORER, own, THIS_SET)) == pytest.approx(0.0, abs=1e-6)


@given(back=st.floats(-5, 5), off=st.floats(0.5, 5))
def test_a_rep_that_ended_at_its_turn_is_as_far_as_its_way_there(back, off):
    """Whatever the ways back of one's own reps: as far as a whole rep that is as far off on both ways."""
    own = [an_own_rep(i, off=one) for i, one in enumerate((-1.0, 0.0, 1.0))]
    other = [altered(rep, points=rep.points.copy()) for rep in own]
    for number, rep in enumerate(other):
        rep.points[MOMENTS:] += back * number * USUAL
    rep, whole = a_measured_rep(off=off), prepare_reference(SCORER, own, THIS_SET)
    far = relative_distance(rep.cut_way_back(), prepare_reference(SCORER, other, THIS_SET).way_out)
    assert far == pytest.approx(relative_distance(rep.cut_way_back(), whole.way_out))
    assert far == pytest.approx(relative_distance(rep, whole), rel=1e-3, abs=1e-3)


@pytest.mark.parametrize("out", [0.3, 0.5, 0.7])
def test_the_way_to_the_turn_varies_by_the_share_that_is_usual_of_the_exercise(out):
    scorer = replace(SCORER, width=replace(SCORER.width, out=out))
    of_one = prepare_reference(scorer, [an_own_rep()], THIS_SET)
    assert of_one.way_out.density.deviation == pytest.approx(USUAL * (REMAINING_VARIANCE * out) ** 0.5)
    assert of_one.density.deviation == pytest.approx(USUAL * REMAINING_VARIANCE**0.5)


def test_depth_counts_less_beside_reps_of_the_same_set():
    """One camera shows it less exactly; two sets differ as much in every direction."""

    def far(axis, source):
        rep = altered(an_own_rep(3, azimuth_deg=90.0), points=an_own_rep(3, azimuth_deg=90.0).points.copy())
        rep.points[:, 0, axis] += 0.1
        own = [an_own_rep(i, azimuth_deg=90.0) for i in range(3)]
        return relative_distance(rep, prepare_reference(SCORER, own, source))

    assert far(1, THIS_SET) == pytest.approx(SIGHT_WEIGHT * far(2, THIS_SET), rel=0.1)
    assert far(1, EARLIER_SET) == pytest.approx(far(2, EARLIER_SET), rel=0.1)


def test_chosen_reps_are_a_group_of_their_own():
    reps = [an_own_rep(0), an_own_rep(1), an_own_rep(2, off=40.0, chosen=True)]
    found = prepare_reference(SCORER, reps, EARLIER_DAYS)
    assert len(found.groups) == 2
    for group, off in zip(found.groups, (40.0, 0.0), strict=True):
        latent = SCORER.encoder.encode(a_measured_rep(off=off).points)
        assert np.linalg.norm(group.latent - latent) == pytest.approx(0.0, abs=5 * USUAL)
    assert len(a_reference(0.0, 1.0).groups) == 1


def test_usual_values_are_medians_of_ones_own_reps():
    reps = [an_own_rep(i, top_knee_angle_deg=change) for i, change in enumerate((-1.0, 0.0, 4.0))]
    reps.append(an_own_rep(3, top_knee_angle_deg=np.nan, bar_offset=np.nan))
    (group,) = prepare_reference(SCORER, reps, THIS_SET).groups
    assert group.usual_value("top_knee_angle_deg") == pytest.approx(a_measured_rep().values["top_knee_angle_deg"])
    (unknown,) = prepare_reference(SCORER, reps[3:], THIS_SET).groups
    assert np.isnan(unknown.usual_value("bar_offset"))


def test_the_day_of_a_reference_is_that_of_its_newest_rep():
    days = [None, "2026-03-01", "2026-02-01"]
    reps = [an_own_rep(i, day=day) for i, day in enumerate(days)]
    assert prepare_reference(SCORER, reps, EARLIER_DAYS).latest_other_day == "2026-03-01"
    assert a_reference().latest_other_day is None


# Better is not worse

SQUAT = load_faults("squat")
SQUATTER = a_scorer(SQUAT)


def squats(*, way: str | None = None, by: float = 0.0, up: float = 0.0) -> tuple[Reference, MeasuredRep]:
    """A lifter's squats, and a rep that is better by so much in the measure `way`, and off by `up` usual distances."""
    own = prepare_reference(SQUATTER, [a_measured_rep(table=SQUAT, off=off) for off in (-1.0, 0.0, 1.0)], THIS_SET)
    rep = a_measured_rep(table=SQUAT, off=up)
    return own, rep if way is None else altered(rep, points=rep.points + by * IMPROVEMENTS[way](own.mean))


@given(by=st.floats(0, 1), up=st.floats(-20, 20))
def test_other_differences_of_a_deeper_rep_count_in_full(by, up):
    """A fault is not made good by depth."""
    (own, plain), (_, deeper) = (squats(way=way, by=by, up=up) for way in (None, "bottom_hip_height"))
    assert relative_distance(deeper, own) > 0.9 * relative_distance(plain, own) - 0.2


@pytest.mark.parametrize(("place", "way"), [(0, "most_trunk_lean_deg"), (1, "bottom_hip_height")])
@pytest.mark.parametrize("by", [0.5, -0.5])
def test_a_better_measure_of_a_rep_is_neither_distance_nor_a_fault(place, way, by):
    """Deeper in the same movement, or more upright, by a model that takes any change along this direction for faults.

    Shallower, or leaning farther, is both.
    """
    own, rep = squats(way=way, by=by)
    assert relative_distance(rep, own) < 0.2 if by > 0 else relative_distance(rep, own) > 1
    model, along = SQUATTER.faults, own.better[place]
    linear = np.zeros_like(model.function.linear)
    linear[:, : len(along)] = 40 * by * along / (along @ along)
    misled = replace(SQUATTER, faults=replace(model, function=replace(model.function, linear=linear)))
    assert bool(judge(rep, replace(own, scorer=misled))[0].faults) == (by < 0)


def test_nobody_is_more_upright_than_upright():
    """Where the shoulders are never in front of the hips, as of some who lie, a distance is known all the same."""
    straight = a_measured_rep(table=SQUAT).points.copy()
    straight[:, [JOINTS.index(i) for i in landmark.SHOULDERS], 0] = -0.1
    reps = [altered(a_measured_rep(table=SQUAT, off=off), points=straight) for off in (-1.0, 0.0, 1.0)]
    assert np.isfinite(relative_distance(reps[0], prepare_reference(SQUATTER, reps, THIS_SET)))


def test_a_pull_has_no_better_side():
    """One that goes on beyond lockout leans back."""
    assert a_reference().better == []


# Own reps


def test_kept_reps_are_used_again_without_poorly_visible_ones():
    reps = [a_kept_rep(seed=i, set_name=name) for i, name in enumerate(("1", "1", "2"))]
    found = prepare_own_reps([reps[0], replace(reps[1], observations=()), *reps[1:]], DEADLIFT)
    assert [own.window for own in found] == reps
    moved = [own.values["ankle_displacement"] for own in found]
    assert np.isnan(moved).tolist() == [True, False, True]


def test_a_stored_rep_is_measured_when_it_is_first_compared():
    """And only then: most reps of a long history are of other views. What is large is let go of once it is measured."""
    found = prepare_own_reps([a_kept_rep(seed=i, set_name="monday 1") for i in range(3)], DEADLIFT)
    assert latest_mirroring(found, found[0].azimuth_deg) is found[0].mirrored
    assert len(reps_of_same_view(found, found[0].azimuth)) == 3
    before = [{*vars(rep)} for rep in found]
    found[1].settle()
    assert [{*vars(rep)} == known for rep, known in zip(found, before, strict=True)] == [False, False, True]
    assert (found[1].previous, {"normalised", "motion"} & {*vars(found[1])}) == (None, set())
    assert found[1].world_values is found[1].world_values


def test_a_rep_that_was_not_visible_can_not_be_measured():
    with pytest.raises(ValueError, match="enough visible frames"):
        _ = MeasuredRep(replace(a_kept_rep(), observations=()), DEADLIFT).values


@given(azimuth_deg=st.floats(0, 105))
def test_reps_of_a_view_are_those_within_15_degrees(azimuth_deg):
    reps = [an_own_rep(i, azimuth_deg=float(view)) for i, view in enumerate(range(0, 106, 5))]
    near = [rep.azimuth_deg for rep in reps if abs(rep.azimuth_deg - azimuth_deg) <= 15]
    assert [rep.azimuth_deg for rep in reps_of_same_view(reps, Azimuth(azimuth_deg))] == near


def test_reps_of_another_pose_network_are_not_compared():
    """A lifter who bends low in a deadlift may be taken to lie: MoveNet, which has no toes, then sees a few reps."""
    rep, other = an_own_rep(0), altered(an_own_rep(1), has_toes=False)
    assert reps_of_same_view([rep, other], an_own_rep(2)) == [rep]
    assert reps_of_same_view([rep, other], altered(an_own_rep(2), has_toes=False)) == [other]


def test_near_the_front_the_latest_rep_decides_the_side():
    """There the sign of a view is chance, and must not swap left and right."""
    reps = prepare_own_reps([a_kept_rep(azimuth_deg=3.0)], DEADLIFT)
    assert (latest_mirroring(reps, -4.0), latest_mirroring([], -4.0)) == (reps[0].mirrored, None)
    assert latest_mirroring(reps, -60.0) is None
