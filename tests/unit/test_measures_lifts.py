"""Measures of presses, hinges and lunges: a stick figure whose angles and ways are known gives them back."""

from dataclasses import replace

import pytest
from builders.lift_motions import OVERHEAD_M, SHOULDERS_M, a_hinge_rep, a_lunge_rep, a_press_rep
from builders.rep_motions import TORSO_M, TRAVEL_M, a_deadlift_rep, a_squat_rep

from livecoach.decisions.rep.measures import front_leg, load_faults, measure_all
from livecoach.decisions.rep.tempo import body_pace, speed_loss, torso_length_m

PRESS, HINGE, LUNGE = (load_faults(name) for name in ("overhead_press", "romanian_deadlift", "lunge"))


def test_a_press_gives_what_it_was_made_with():
    """Upright, legs still, elbows straight, the bar over the feet and back at the shoulders."""
    values = measure_all(a_press_rep(), PRESS)
    assert values["least_trunk_lean_deg"] == pytest.approx(0.0, abs=0.1)
    assert values["drive_knee_angle_deg"] == pytest.approx(180.0, abs=0.1)
    assert values["top_elbow_angle_deg"] == pytest.approx(180.0, abs=0.5)
    assert values["top_bar_offset"] == pytest.approx(0.0, abs=1e-6)
    assert values["lowered_bar_height"] == pytest.approx(0.0, abs=0.05)
    assert values["descent_time_s"] == pytest.approx(1.0, abs=0.2)


@pytest.mark.parametrize(
    ("changes", "measure", "value"),
    [
        ({"lean_deg": -15.0}, "least_trunk_lean_deg", -15.0),
        ({"dip_knee_deg": 140.0}, "drive_knee_angle_deg", 140.0),
        ({"left_elbow_deg": 140.0}, "top_elbow_angle_deg", 140.0),
        ({"bar_forward": 0.3}, "top_bar_offset", 0.3),
        ({"lowered_m": SHOULDERS_M + 0.4 * TORSO_M}, "lowered_bar_height", 0.4),
    ],
)
def test_what_is_wrong_with_a_press_shows_in_its_measure(changes, measure, value):
    assert measure_all(a_press_rep(**changes), PRESS)[measure] == pytest.approx(value, abs=0.02 * max(abs(value), 1.0))


def test_a_press_that_is_not_lowered_has_no_lowering():
    """Neither its end nor its time is measured."""
    values = measure_all(a_press_rep(lowered_m=OVERHEAD_M), PRESS)
    assert str(values["lowered_bar_height"]) == str(values["descent_time_s"]) == "nan"


def test_a_hinge_gives_what_it_was_made_with():
    """Angles of hips and knees at the bottom, and of the hips where the lifter stands."""
    values = measure_all(a_hinge_rep(bottom_lean_deg=75.0), HINGE)
    assert values["bottom_hip_angle_deg"] == pytest.approx(105.0, abs=0.5)
    assert values["least_knee_angle_deg"] == pytest.approx(180.0, abs=0.1)
    assert values["standing_hip_angle_deg"] == pytest.approx(180.0, abs=1.0)
    assert measure_all(a_hinge_rep(bottom_knee_deg=120.0), HINGE)["least_knee_angle_deg"] == pytest.approx(
        120.0, abs=0.5
    )
    leant = a_hinge_rep(before_lean_deg=-12.0)
    assert measure_all(leant, HINGE)["standing_hip_angle_deg"] == pytest.approx(192.0, abs=1.0)


def test_a_lean_after_a_hinge_belongs_to_the_next_rep():
    """A rep is judged when the bar is up again, so what comes after it is not looked at."""
    motion = a_hinge_rep()
    turned = replace(motion, points=motion.points[::-1].copy(), end=len(motion.t_s) - 15)
    leant = a_hinge_rep(before_lean_deg=-12.0)
    after = replace(turned, points=leant.points[::-1].copy())
    assert measure_all(after, HINGE)["standing_hip_angle_deg"] == measure_all(turned, HINGE)["standing_hip_angle_deg"]


def test_a_hinge_goes_down_before_it_goes_up():
    """Its phases follow the bar, and its pause is at the bottom."""
    motion = a_hinge_rep()
    phases = motion.detected_phases
    assert phases.descent[0] < phases.descent[1] <= phases.turn <= phases.ascent[0] < phases.ascent[1] <= phases.top[1]
    tempo = body_pace(motion)
    assert 0.7 < tempo.eccentric_s <= 1.2
    assert tempo.pause_s == pytest.approx(0.3, abs=0.2)


def test_a_lunge_gives_what_it_was_made_with():
    """The step, and the front knee against its own foot."""
    values = measure_all(a_lunge_rep(step_m=0.7), LUNGE)
    assert values["step_length"] == pytest.approx(0.7 / TORSO_M, abs=0.01)
    assert values["front_knee_inwards"] == pytest.approx(0.0, abs=0.01)
    deeper = measure_all(a_lunge_rep(bottom_knee_deg=60.0), LUNGE)
    assert deeper["bottom_hip_share"] < values["bottom_hip_share"] < 0.9


@pytest.mark.parametrize(("step_m", "front"), [(0.7, "near"), (-0.7, "far")])
def test_the_leg_in_front_is_detected(step_m, front):
    """The left one is near the camera in the common view."""
    assert front_leg(a_lunge_rep(step_m=step_m)) == front


@pytest.mark.parametrize("step_m", [0.7, -0.7])
def test_the_front_knee_is_measured_whichever_leg_is_in_front(step_m):
    """A left knee that goes in or forward is measured with the left leg in front, and only then."""
    plain = measure_all(a_lunge_rep(step_m=step_m), LUNGE)
    inwards = measure_all(a_lunge_rep(step_m=step_m, knee_in_m=0.1), LUNGE)["front_knee_inwards"]
    forward = measure_all(a_lunge_rep(step_m=step_m, knee_forward_m=0.1), LUNGE)["front_knee_past_toes"]
    changes = inwards - plain["front_knee_inwards"], forward - plain["front_knee_past_toes"]
    if step_m > 0:
        assert all(0.12 < change < 0.25 for change in changes)
    else:
        assert changes == pytest.approx((0.0, 0.0))


# How fast a rep was, on stick figures whose times and ways are known


HEIGHT_CM = 185.0


def test_a_deadlifts_times_are_those_of_its_ways() -> None:
    """Up 1.2 s, held .4 s, down 1.6 s, except the tenth at each end that is too slow to differ from a hold."""
    found = body_pace(a_deadlift_rep(up_s=1.2, down_s=1.6))
    assert found.concentric_s == pytest.approx(0.8 * 1.2, abs=0.1)
    assert found.eccentric_s == pytest.approx(0.8 * 1.6, abs=0.1)
    assert found.pause_s == pytest.approx(0.4 + 0.1 * 1.2 + 0.1 * 1.6, abs=0.1)


def test_a_squats_pause_is_at_the_bottom() -> None:
    """Held .3 s between two ways; a longer way down is longer."""
    first, second = (body_pace(a_squat_rep(down_s=down_s)) for down_s in (1.2, 2.4))
    assert first.pause_s == pytest.approx(0.3 + 0.1 * 2.4, abs=0.1)
    assert second.eccentric_s == pytest.approx(2 * first.eccentric_s, rel=0.1)
    assert second.concentric_s == pytest.approx(first.concentric_s, abs=0.05)


def test_speed_is_the_way_up_over_its_time() -> None:
    """In torsos a second as long as the lifter's height is unknown; travel in torsos."""
    found = body_pace(a_deadlift_rep(up_s=1.2))
    assert (found.speed_unit, found.travel_unit) == ("torso/s", "torso")
    assert found.travel == pytest.approx(TRAVEL_M / TORSO_M, rel=0.02)
    assert found.speed == pytest.approx(found.travel / found.concentric_s, rel=0.05)


def test_with_the_lifters_height_speed_and_travel_are_in_metres() -> None:
    plain, metric = (body_pace(a_deadlift_rep(), cm) for cm in (None, HEIGHT_CM))
    assert (metric.speed_unit, metric.travel_unit) == ("m/s", "m")
    assert metric.travel == pytest.approx(plain.travel * torso_length_m(HEIGHT_CM))
    assert metric.speed == pytest.approx(plain.speed * torso_length_m(HEIGHT_CM))
    assert torso_length_m(HEIGHT_CM) == pytest.approx(0.4995)


def test_a_slower_rep_has_lost_velocity() -> None:
    """Against the fastest of the set so far; the fastest has lost none."""
    first, second = (body_pace(a_deadlift_rep(up_s=up_s)) for up_s in (1.0, 2.0))
    assert speed_loss([first.speed, second.speed]) == pytest.approx(0.5, abs=0.03)
    assert speed_loss([second.speed, first.speed]) == 0.0
