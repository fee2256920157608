"""Measures of a rep: a stick figure whose angles and ways are known gives them back."""

import math
from dataclasses import replace

import numpy as np
import pytest
from builders.rep_motions import FPS, TORSO_M, a_deadlift_rep, a_squat_rep, shape
from hypothesis import given, settings
from hypothesis import strategies as st

from livecoach.core import landmark
from livecoach.decisions.rep.measures import load_faults, measure_all
from livecoach.decisions.rep.motion import RepMotion, Travel, lasting_max, lasting_min, mean_around

DEADLIFT, SQUAT = load_faults("deadlift"), load_faults("squat")


LEAN = "most_trunk_lean_deg"


def without(rep: RepMotion, *joints: int, frames: slice = slice(None), travel: Travel = "hips") -> RepMotion:
    """The rep with joints that are not known in some frames."""
    points = rep.points.copy()
    points[frames, joints] = np.nan
    return replace(rep, points=points, travel=travel)


def at_rest(knee_deg: float, lean_deg: float, travel: Travel = "hips") -> RepMotion:
    points = shape(knee_deg=[knee_deg] * 30, lean_deg=[lean_deg] * 30)
    return RepMotion(points=points, t_s=np.arange(30) / FPS, torso_length=TORSO_M, travel=travel)


def test_a_soft_lockout_ends_lower_and_a_bar_elsewhere_does_not_rise_less() -> None:
    """The plate in the picture: its height in lengths of its own diameter, 45 cm. One that lies still is another's."""
    rep = a_deadlift_rep()
    rises = np.interp(rep.heights["W"], (rep.heights["W"].min(), rep.heights["W"].max()), (0.0, 1.0))

    def plate(by: float, at: float = 0.0) -> tuple[float, float]:
        seen = np.stack([100.0 * (at + by * rises), np.full(len(rises), 100.0)], 1)
        values = measure_all(replace(rep, plate=seen), DEADLIFT)
        return values["plate_travel_cm"], values["plate_top_cm"]

    (travel, top), (short, low) = plate(1.2), plate(1.1)
    assert (travel - short, top - low) == (pytest.approx(4.5, abs=0.3), pytest.approx(4.5, abs=0.3))
    assert plate(1.2, at=0.2) == (pytest.approx(travel), pytest.approx(top + 9.0))
    assert all(map(math.isnan, plate(0.1)))
    assert all(map(math.isnan, (measure_all(rep, DEADLIFT)[name] for name in ("plate_travel_cm", "plate_top_cm"))))


def test_a_still_figure_has_its_angles():
    bent = at_rest(120.0, 40.0)
    assert bent.knee_angle_deg == pytest.approx(120.0)
    assert bent.trunk_lean_deg == pytest.approx(40.0)
    assert bent.inside == slice(0, len(bent.t_s)), "without a margin all is the rep"
    assert replace(bent, t_s=np.arange(30) / 29.9997).whole_frames(0.1) == 3, "whatever the clock of the camera"
    back = at_rest(180.0, -12.0)
    assert back.hip_angle_deg == pytest.approx(192.0)


def test_a_bar_that_is_not_lowered_has_no_time_of_the_way_down():
    rep = a_deadlift_rep(fps=30)
    top = int(np.argmax(rep.heights["W"])) + 1
    values = measure_all(replace(rep, points=rep.points[:top], t_s=rep.t_s[:top]), DEADLIFT)
    assert values["lift_off_knee_angle_deg"] == pytest.approx(measure_all(rep, DEADLIFT)["lift_off_knee_angle_deg"])
    assert math.isnan(values["descent_time_s"])
    assert math.isnan(values["lowering_to_lifting_ratio"])


def test_legs_that_hardly_open_have_no_share_of_knee_opening():
    assert math.isnan(measure_all(a_deadlift_rep(lift_off_knee_deg=165.0), DEADLIFT)["knee_opening_share"])


@pytest.mark.parametrize("fps", [24, 60])
def test_a_bounce_is_short_and_hard(fps):
    bounced = measure_all(a_deadlift_rep(bounced=True, up_s=0.8, fps=fps), DEADLIFT)
    set_down = measure_all(a_deadlift_rep(floor_s=0.5, before_s=1.0, up_s=0.8, fps=fps), DEADLIFT)
    assert bounced["floor_pause_s"] < 0.08
    assert 0.5 < set_down["floor_pause_s"] < 0.75
    assert bounced["floor_acceleration"] > 1.5 * set_down["floor_acceleration"]


@pytest.mark.parametrize("table", [DEADLIFT, SQUAT], ids=lambda table: table.exercise)
def test_a_rep_without_movement_has_no_made_up_values(table):
    still = at_rest(180.0, 0.0, travel=table.travel)
    gone = without(a_squat_rep(), *landmark.HIPS, *landmark.WRISTS, frames=slice(20, 21), travel=table.travel)
    for motion in (still, gone):
        values = measure_all(motion, table)
        assert set(values) == set(table.signs)
        assert all(math.isnan(value) for value in values.values())


@pytest.mark.parametrize(
    ("rep", "table", "unknown", "known"),
    [
        # Whether the bar rested before cannot be known without a margin.
        (a_deadlift_rep(margin=False), DEADLIFT, ["floor_pause_s", "floor_acceleration"], "lift_off_knee_angle_deg"),
        # A bar that never passes the knees says nothing of the stretch from lift-off to them.
        (
            a_deadlift_rep(high_start=True),
            DEADLIFT,
            ["trunk_change_to_knee_pass_deg", "bar_lost", "pull_elbow_angle_deg"],
            "top_hip_angle_deg",
        ),
        (without(a_squat_rep(), *landmark.KNEES), SQUAT, ["bottom_knee_angle_deg", "knee_width_over_ascent"], LEAN),
        # At 15 frames a second a hitch is not measured, but a bar in front of the feet is.
        (
            a_deadlift_rep(fps=15),
            DEADLIFT,
            ["bar_lost", "stalling", "spectral_arc_length", "log_dimensionless_jerk", "floor_acceleration"],
            "bar_offset",
        ),
    ],
)
def test_a_part_that_cannot_be_measured_costs_only_the_measures_that_need_it(rep, table, unknown, known):
    values = measure_all(rep, table)
    assert [name for name in unknown if not math.isnan(values[name])] == []
    assert math.isfinite(values[known])


def test_a_largest_or_smallest_value_counts_only_when_it_is_held():
    motion = a_squat_rep(fps=30)
    assert lasting_max(motion, np.array([0.0, 0, 9, 9, 0, 0])) == 0
    assert lasting_max(motion, np.array([0.0, 0, 9, 8, 9, 0])) == 8
    assert lasting_min(motion, np.array([0.0, 0, -9, -8, -9, 0])) == -8
    assert math.isnan(lasting_max(motion, np.array([9.0, 9])))
    fast = a_squat_rep(fps=60)
    assert lasting_max(fast, np.array([0.0, 9, 9, 9, 9, 9, 0])) == 0, "five frames are 83 ms"
    assert lasting_max(fast, np.array([0.0, 9, 9, 9, 9, 9, 9])) == 9
    around = [mean_around(np.array([1.0, 4, 16]), frame) for frame in (0, 0.5, 1.5, 2)]
    assert around == pytest.approx([(1 + 1 + 4) / 3, (1 + 2.5 + 10) / 3, (2.5 + 10 + 16) / 3, (4 + 16 + 16) / 3])


@settings(max_examples=10)
@given(seed=st.integers(0, 10_000), fps=st.sampled_from([15, 24, 30, 60]))
def test_trembling_landmarks_move_phases_little(seed, fps):
    """A centimetre of jitter, as estimated landmarks have, moves lift-off and lockout by less than .25 s, and the knee
    pass by less than .12 s."""
    clean = a_deadlift_rep(fps=fps)
    rng = np.random.default_rng(seed)
    points = clean.points + rng.normal(0, 0.01, clean.points.shape)
    noisy = replace(clean, points=points)
    before, after = clean.detected_phases, noisy.detected_phases
    for a, b in zip((*before.ascent, *before.descent), (*after.ascent, *after.descent), strict=True):
        assert abs(a - b) / fps < 0.25
    assert abs(before.knee_pass - after.knee_pass) / fps < 0.12
