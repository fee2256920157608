"""Body measures: angles and ratios of a figure whose angles are known, whatever the framing."""

import numpy as np
import pytest
from builders.observations import a_pose, a_sighting, an_observation
from builders.stick_figure import SHIN_M, THIGH_M, TORSO_M, a_stick_figure
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from livecoach.perception.body.body import NAMES, SHOULDER, WRIST, find_body, measure_body

VIEWS_DEG = (0.0, 35.0, -90.0, 180.0)


def test_a_frame_without_anybody_has_no_body():
    assert find_body(an_observation(nobody=True)) is None


@settings(max_examples=50)
@given(world=arrays.arrays(np.float32, (33, 3), elements=st.floats(-8, 8, width=32)))
def test_any_finite_pose_gives_finite_measures(world):
    measures = measure_body(world)
    for name in NAMES:
        value = getattr(measures, name)
        assert np.isfinite(value)
        assert not name.endswith("deg") or -1e-6 <= value <= 180 + 1e-6


@pytest.mark.parametrize("view_deg", VIEWS_DEG)
def test_measures_of_the_bottom_of_a_deadlift(view_deg):
    """Shin 15° and trunk 70° forward, thigh 55° back: angles and heights as trigonometry has them, from any side."""
    measures = measure_body(a_stick_figure(1.0, lift="deadlift", view_deg=view_deg))
    hip_m = SHIN_M * np.cos(np.radians(15)) + THIGH_M * np.cos(np.radians(55))
    shoulder_m = hip_m + TORSO_M * np.cos(np.radians(70))
    # Feet are wider than hips and hips narrower than shoulders: limbs lean sideways too.
    assert measures.trunk_lean_deg == pytest.approx(70, abs=0.01)
    assert measures.hip_angle_deg == pytest.approx(180 - 55 - 70, abs=3)
    assert measures.knee_angle_deg == pytest.approx(180 - 15 - 55, abs=3)
    assert measures.hip_height == pytest.approx(hip_m / (SHIN_M + THIGH_M), rel=0.01)
    assert measures.shoulder_height == pytest.approx(shoulder_m / (SHIN_M + THIGH_M + TORSO_M), rel=0.01)
    assert measures.wrist_height == pytest.approx((shoulder_m - 0.6) / (SHIN_M + THIGH_M), rel=0.01)
    assert measures.wrist_over_shoulder == pytest.approx(-0.6 / (SHIN_M + THIGH_M), rel=0.01)
    assert measures.elbow_angle_deg == pytest.approx(175, abs=5)


def test_measures_do_not_depend_on_the_framing():
    figure = a_stick_figure(0.6)
    near, far = find_body(a_sighting(figure)), find_body(a_sighting(figure, feet=(0.2, 0.6), height=0.21))
    assert near.measures == far.measures
    assert near.size_px == pytest.approx(2 * far.size_px, rel=1e-4)


def test_points_of_a_body_are_in_pixels_of_the_picture():
    seen = find_body(an_observation(landmarks=a_pose(), width_px=1000, height_px=500))
    assert seen.points_px[WRIST] == pytest.approx(np.array([(570, 265), (430, 265)]), abs=0.1)
    assert seen.points_px[SHOULDER] == pytest.approx(np.array([(560, 130), (440, 130)]), abs=0.1)
    assert seen.feet_px == pytest.approx((500, 440), abs=0.1)
    assert seen.size_px == pytest.approx(310, abs=0.1)


def test_share_inside_counts_the_joints_of_trunk_and_legs():
    low = {"left_ankle": (0.55, 1.02), "right_ankle": (0.45, 1.02)}
    assert find_body(an_observation(landmarks=a_pose(moved=low))).share_inside == pytest.approx(0.75)
    assert find_body(an_observation(landmarks=a_pose(moved={"left_wrist": (-0.2, 0.5)}))).share_inside == 1.0
