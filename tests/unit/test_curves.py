"""One rep's curve on the band of good reps: which is chosen, whose band it is, and in what units."""

from dataclasses import replace

import numpy as np
import pytest
from builders.kept_reps import a_kept_rep, with_round_back
from builders.steps import a_fault, a_rep

from livecoach.core import landmark
from livecoach.core.types import RepDifference
from livecoach.decisions.rep.curves import (
    CURVE_KINDS,
    CURVE_OF_MEASURE,
    GAP_S,
    HALF,
    NEAR,
    POINTS,
    TIME_MEASURES,
    CurveBuilder,
    _is_in_gap,
    curve_names_for,
    nearest_point,
)
from livecoach.decisions.rep.measured import MeasuredRep
from livecoach.decisions.rep.measures import MEASURES, load_faults
from livecoach.decisions.rep.tempo import TYPICAL_HEIGHT_CM, torso_length_m

TABLES = {name: load_faults(name) for name in ("deadlift", "squat")}
DEADLIFT, SQUAT = TABLES["deadlift"], TABLES["squat"]
SQUATS = [a_kept_rep(lift="squat", seed=seed) for seed in range(5)]
PULLS = [a_kept_rep(seed=seed) for seed in range(5)]
DEEPER = a_kept_rep(lift="squat", seed=9, deepest_deg=(30.0, 90.0, 45.0))


def a_why(joint: str, at_s: float = 2.0) -> RepDifference:
    return RepDifference(joints=(joint,), phase="bottom", at_s=at_s, text="there")


def judged(**changes):
    return a_rep(**{"start_s": 0.8, "turn_s": 2.0, "end_s": 3.2, **changes})


def rep_curve(rep, window, against, table, height_cm=None):
    """The curve that best shows what is reported of a rep."""
    curves = CurveBuilder(table, height_cm)
    aligned = curves.align(window, against)
    return None if aligned is None else curves.primary_curve(rep, aligned)


def test_the_curve_of_the_heels_comes_from_the_pixels_that_show_them():
    """The landmarks leave heels on the floor."""
    window = SQUATS[0]
    seen = tuple(replace(o, heel=0.1) for o in window.observations)
    rep = MeasuredRep(replace(window, observations=seen), SQUAT)
    assert CURVE_KINDS["heels"].compute(rep) == pytest.approx(0.1)


def test_a_curve_starts_turns_and_ends_with_the_rep():
    """Hips that are high, low in the middle, and high again; on the band of the lifter's own."""
    curve = rep_curve(judged(), SQUATS[0], SQUATS[1:], SQUAT)
    assert (curve.words, curve.unit, curve.good_count) == ("height of the hips", "cm", 4)
    assert curve.marked_point == pytest.approx(HALF, abs=5)
    assert len(curve.values) == len(curve.usual) == len(curve.low) == len(curve.high) == POINTS
    assert np.argmin(curve.values) == pytest.approx(HALF, abs=5)
    assert ((curve.low < curve.usual) & (curve.usual < curve.high)).all()
    assert ((curve.low < curve.values) & (curve.values < curve.high)).all()


def test_a_rep_unlike_the_others_leaves_their_band_where_it_is_reported():
    """Deeper than one's own: at the bottom the curve is under the band."""
    curve = rep_curve(judged(why=a_why("left_hip")), DEEPER, SQUATS, SQUAT)
    assert not curve.low[curve.marked_point] < curve.values[curve.marked_point] < curve.high[curve.marked_point]
    assert curve.low[0] < curve.values[0] < curve.high[0]


@pytest.mark.parametrize("later_s", [-0.15, 0.15])
def test_the_farthest_point_is_marked_near_the_moment_that_is_reported(later_s):
    """Deeper hips are farthest off at the bottom."""
    shown = rep_curve(judged(why=a_why("left_hip", at_s=2.0 + later_s)), DEEPER, SQUATS, SQUAT)
    reported = nearest_point(2.0 + later_s, DEEPER)
    assert 0 < abs(shown.marked_point - reported) <= NEAR
    assert (shown.marked_point < reported) == (later_s > 0)


def test_the_joint_that_is_farthest_off_chooses_the_curve():
    curve = rep_curve(judged(verdict="anomalous", why=a_why("right_hip")), DEEPER, SQUATS, SQUAT)
    assert curve.words == CURVE_KINDS["hip_angle"].words


def test_without_two_own_reps_there_is_no_band():
    """One is compared with, although it has no spread."""
    alone, beside_one = (rep_curve(judged(), SQUATS[2], SQUATS[:count], SQUAT) for count in (0, 1))
    assert (alone.usual, alone.low, alone.high, alone.good_count) == (None, None, None, 0)
    assert alone.values.shape == (POINTS,)
    assert (beside_one.low, beside_one.high, beside_one.good_count) == (None, None, 1)
    assert beside_one.usual == pytest.approx(rep_curve(judged(), SQUATS[0], [], SQUAT).values)


def test_a_rep_of_which_too_little_was_visible_has_no_curve():
    short = replace(SQUATS[0], observations=SQUATS[0].observations[:5])
    assert rep_curve(judged(), short, SQUATS[1:], SQUAT) is None


def test_distances_are_in_centimetres_as_in_the_words_of_a_fault():
    """All lines by the same factor; for a usual height where the lifter's is not known, and then it says so. Angles
    stay as they are."""
    bare, tall = (rep_curve(judged(), SQUATS[0], SQUATS[1:], SQUAT, height_cm) for height_cm in (None, 180.0))
    assert (tall.unit, tall.unit_words, bare.unit_words) == ("cm", "cm", "cm, estimated")
    assert tall.per_unit == pytest.approx(100 * torso_length_m(180.0))
    assert tall.values == pytest.approx(bare.values * 180.0 / TYPICAL_HEIGHT_CM)
    assert tall.high - tall.low == pytest.approx((bare.high - bare.low) * 180.0 / TYPICAL_HEIGHT_CM)
    lean = rep_curve(judged(faults=(a_fault("forward_lean"),)), SQUATS[0], SQUATS[1:], SQUAT, 180.0)
    assert lean.unit == "deg"


def test_a_speed_is_never_below_nothing():
    curve = rep_curve(judged(faults=(a_fault("rushed"),)), SQUATS[0], SQUATS[1:], SQUAT, 180.0)
    assert (curve.words, curve.unit) == ("speed of the hips", "m/s")
    assert curve.per_unit == pytest.approx(torso_length_m(180.0))
    assert curve.low.min() >= 0
    assert curve.values.min() >= 0


@pytest.mark.parametrize(
    ("fault", "reps", "table"),
    [
        ("rounded_back", PULLS, DEADLIFT),  # measured on the mask, and there is none
        ("of_another_table", SQUATS, SQUAT),  # of a session that is older than the table: how it went, not an error
    ],
)
def test_a_measure_that_can_not_be_drawn_shows_the_height_of_the_hips(fault, reps, table):
    curve = rep_curve(judged(faults=(a_fault(fault),)), reps[0], reps[1:], table)
    assert curve.words == "height of the hips"


ROUNDED = judged(faults=(a_fault("rounded_back", at_s=0.8, phase="lift_off", measure=0.02, ref=-0.03, unit="torso"),))
FROM_SIDE = a_kept_rep(azimuth_deg=75.0)


def test_a_back_is_drawn_where_it_was_seen():
    """While the trunk leans, less than half of the rep, for good reps as for bad ones; not through the lockout."""
    hollow = [with_round_back(FROM_SIDE, bulge, set_name="good") for bulge in (-0.05, -0.04, -0.03)]
    curve = rep_curve(ROUNDED, with_round_back(FROM_SIDE, 0.03), hollow, DEADLIFT, 170.0)
    assert (curve.words, curve.unit, curve.good_count) == ("roundness of the back", "cm", 3)
    for line in (curve.values, curve.usual, curve.low, curve.high):
        assert np.isfinite(line[[0, 10, 90, POINTS - 1]]).all()
        assert np.isnan(line[HALF])
    assert (curve.values[:10] > curve.high[:10]).all()
    low, high = curve.plot_range
    assert low < np.nanmin(curve.low) < np.nanmax(curve.values) < high


def test_a_back_that_is_lost_for_a_moment_is_drawn_through():
    """A few frames of a torn edge are no gap."""
    rep = with_round_back(FROM_SIDE, 0.03)
    torn = replace(rep, observations=tuple(replace(o, back=None) if 0.9 < o.t_s < 1.0 else o for o in rep.observations))
    whole, mended = (rep_curve(ROUNDED, one, [], DEADLIFT).values for one in (rep, torn))
    assert np.isfinite(mended).sum() == np.isfinite(whole).sum()


def test_good_reps_of_which_the_back_was_not_seen_are_not_counted():
    kept = [with_round_back(FROM_SIDE, -0.04), with_round_back(FROM_SIDE, -0.03), FROM_SIDE]
    assert rep_curve(ROUNDED, with_round_back(FROM_SIDE, 0.03), kept, DEADLIFT).good_count == 2


def test_a_tucked_pelvis_is_shown_at_the_lower_back():
    assert curve_names_for(judged(faults=(a_fault("butt_wink"),)), SQUAT) == ("lower_back",)


def test_hands_are_the_lifters_own_from_either_side():
    left = [a_kept_rep(azimuth_deg=side, seed=2) for side in (30.0, -30.0)]
    raised = [replace(rep, observations=tuple(with_hand_up(o) for o in rep.observations)) for rep in left]
    for rep, window in zip(raised, left, strict=True):
        curve = rep_curve(judged(faults=(a_fault("uneven_bar"),)), rep, [window, window], DEADLIFT)
        assert (curve.values - curve.usual).mean() > 0.1


def with_hand_up(observation):
    """The lifter's left hand higher, in the picture and in the world."""
    picture, world = observation.landmarks.copy(), observation.world.copy()
    picture[landmark.WRISTS[0], 1] -= 0.05
    world[landmark.WRISTS[0], 1] -= 0.1
    return replace(observation, landmarks=picture, world=world)


# What shows what


@pytest.mark.parametrize("exercise", TABLES)
def test_every_fault_and_every_joint_has_a_curve(exercise):
    """One that there is; of a fault that no curve shows what its joints point to."""
    faults = [judged(faults=(a_fault(name),), why=a_why("left_knee")) for name in TABLES[exercise].faults]
    named = [landmark.NAMES[index] for index in (0, *range(11, 17), *range(23, 33))]
    joints = [judged(verdict="anomalous", why=a_why(joint)) for joint in named]
    found = [curve_names_for(rep, TABLES[exercise]) for rep in faults + joints]
    assert all(names and set(names) <= set(CURVE_KINDS) for names in found)


def test_every_measure_with_a_curve_exists():
    assert {*CURVE_OF_MEASURE, *TIME_MEASURES} <= set(MEASURES)


def test_ankles_that_seem_to_coincide_tell_nothing_of_the_knees():
    """They are poorly visible: no number of ankles' widths, however large, is drawn."""
    together = []
    for o in SQUATS[0].observations:
        landmarks, world = o.landmarks.copy(), o.world.copy()
        for values in (landmarks, world):
            values[landmark.ANKLES[0], :3] = 0.1 * values[landmark.ANKLES[0], :3] + 0.9 * values[landmark.ANKLES[1], :3]
        together.append(replace(o, landmarks=landmarks, world=world))
    rep = replace(SQUATS[0], observations=tuple(together))
    curve = rep_curve(judged(verdict="anomalous", why=a_why("left_knee")), rep, SQUATS[1:], SQUAT)
    assert curve.words != CURVE_KINDS["knee_width"].words


def test_a_moment_far_from_any_that_is_known_is_in_a_gap():
    """Between two by more than GAP_S, before the first and after the last by half of that."""
    known_s = np.array([1.0, 1.0 + 0.9 * GAP_S, 1.0 + 2.0 * GAP_S])
    moments = {-0.6: True, -0.4: False, 0.45: False, 1.5: True, 2.4: False, 2.6: True}
    asked_s = 1.0 + GAP_S * np.array(list(moments))
    assert _is_in_gap(asked_s, known_s).tolist() == list(moments.values())
