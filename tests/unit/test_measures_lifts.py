"""Measures of presses, hinges and lunges: a stick figure whose angles and ways are known gives them back."""

from dataclasses import replace

import pytest
from builders.lift_motions import OVERHEAD_M, a_hinge_rep, a_lunge_rep, a_press_rep
from builders.rep_motions import TORSO_M, TRAVEL_M, a_deadlift_rep, a_squat_rep

from livecoach.decisions.rep.measures import front_leg, load_faults, measure_all
from livecoach.decisions.rep.tempo import body_pace, speed_loss, torso_length_m

PRESS, HINGE, LUNGE = (load_faults(name) for name in ("overhead_press", "romanian_deadlift", "lunge"))


def test_a_press_that_is_not_lowered_has_no_lowering():
    values = measure_all(a_press_rep(lowered_m=OVERHEAD_M), PRESS)
    assert str(values["lowered_bar_height"]) == str(values["descent_time_s"]) == "nan"


def test_a_lean_after_a_hinge_belongs_to_the_next_rep():
    """A rep is judged when the bar is up again, so what comes after it is not looked at."""
    motion = a_hinge_rep()
    turned = replace(motion, points=motion.points[::-1].copy(), inside=slice(0, -15))
    leant = a_hinge_rep(before_lean_deg=-12.0)
    after = replace(turned, points=leant.points[::-1].copy())
    assert measure_all(after, HINGE)["standing_hip_angle_deg"] == measure_all(turned, HINGE)["standing_hip_angle_deg"]


def test_a_hinge_goes_down_before_it_goes_up():
    motion = a_hinge_rep()
    phases = motion.detected_phases
    assert phases.descent[0] < phases.descent[1] <= phases.turn <= phases.ascent[0] < phases.ascent[1] <= phases.top[1]
    tempo = body_pace(motion)
    assert 0.7 < tempo.eccentric_s <= 1.2
    assert tempo.pause_s == pytest.approx(0.3, abs=0.2)


@pytest.mark.parametrize(("step_m", "front"), [(0.7, "near"), (-0.7, "far")])
def test_the_leg_in_front_is_detected(step_m, front):
    """The left one is near the camera in the common view."""
    assert front_leg(a_lunge_rep(step_m=step_m)) == front


# How fast a rep was, on stick figures whose times and ways are known


HEIGHT_CM = 185.0


def test_a_deadlift_has_the_times_of_its_way_up_hold_and_way_down() -> None:
    """Up 1.2 s, held .4 s, down 1.6 s, except the tenth at each end that is too slow to differ from a hold."""
    found = body_pace(a_deadlift_rep(up_s=1.2, down_s=1.6))
    assert found.concentric_s == pytest.approx(0.8 * 1.2, abs=0.1)
    assert found.eccentric_s == pytest.approx(0.8 * 1.6, abs=0.1)
    assert found.pause_s == pytest.approx(0.4 + 0.1 * 1.2 + 0.1 * 1.6, abs=0.1)


def test_a_squats_pause_is_at_the_bottom() -> None:
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
    first, second = (body_pace(a_deadlift_rep(up_s=up_s)) for up_s in (1.0, 2.0))
    assert speed_loss([first.speed, second.speed]) == pytest.approx(0.5, abs=0.03)
    assert speed_loss([second.speed, first.speed]) == 0.0
