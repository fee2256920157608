"""How fast a rep was, on stick figures whose times and ways are known."""

import pytest
from builders.rep_motions import TORSO_M, TRAVEL_M, a_deadlift_rep, a_squat_rep

from livecoach.rep import phases
from livecoach.rep.measures import RepMotion
from livecoach.rep.phases import Phases
from livecoach.rep.tempo import pace, torso_m, velocity_loss

HEIGHT_CM = 185.0


def of_deadlift(motion: RepMotion) -> Phases:
    height, knee = motion.bar_height, motion.knee_height
    found = phases.up_first(motion.t_s, height, knee, motion.start, motion.stop)
    assert found is not None
    return found


def of_squat(motion: RepMotion) -> Phases:
    found = phases.down_first(motion.t_s, motion.hip_height, motion.start, motion.stop)
    assert found is not None
    return found


def test_a_deadlifts_times_are_those_of_its_ways() -> None:
    """Up 1.2 s, held .4 s, down 1.6 s, except the tenth at each end that is too slow to differ from a hold."""
    motion = a_deadlift_rep(up_s=1.2, down_s=1.6)
    found = pace(motion, of_deadlift(motion), travel="bar")
    assert found is not None
    assert found.concentric_s == pytest.approx(0.8 * 1.2, abs=0.1)
    assert found.eccentric_s == pytest.approx(0.8 * 1.6, abs=0.1)
    assert found.pause_s == pytest.approx(0.4 + 0.1 * 1.2 + 0.1 * 1.6, abs=0.1)


def test_a_squats_pause_is_at_the_bottom() -> None:
    """Held .3 s between two ways; a longer way down is longer."""
    brisk, slow = (a_squat_rep(down_s=s) for s in (1.2, 2.4))
    first, second = (pace(motion, of_squat(motion), travel="hips") for motion in (brisk, slow))
    assert first is not None
    assert second is not None
    assert first.pause_s == pytest.approx(0.3 + 0.1 * 2.4, abs=0.1)
    assert second.eccentric_s == pytest.approx(2 * first.eccentric_s, rel=0.1)
    assert second.concentric_s == pytest.approx(first.concentric_s, abs=0.05)


def test_speed_is_the_way_up_over_its_time() -> None:
    """In torsos a second as long as the lifter's height is unknown; travel in torsos."""
    motion = a_deadlift_rep(up_s=1.2)
    found = pace(motion, of_deadlift(motion), travel="bar")
    assert found is not None
    assert (found.speed_unit, found.travel_unit) == ("torso/s", "torso")
    assert found.travel == pytest.approx(TRAVEL_M / TORSO_M, rel=0.02)
    assert found.speed == pytest.approx(found.travel / found.concentric_s, rel=0.05)


def test_with_the_lifters_height_speed_and_travel_are_in_metres() -> None:
    motion = a_deadlift_rep()
    plain, metric = (pace(motion, of_deadlift(motion), travel="bar", height_cm=cm) for cm in (None, HEIGHT_CM))
    assert plain is not None
    assert metric is not None
    assert (metric.speed_unit, metric.travel_unit) == ("m/s", "m")
    assert metric.travel == pytest.approx(plain.travel * torso_m(HEIGHT_CM))
    assert metric.speed == pytest.approx(plain.speed * torso_m(HEIGHT_CM))
    assert torso_m(HEIGHT_CM) == pytest.approx(0.4995)


def test_a_slower_rep_has_lost_velocity() -> None:
    """Against the fastest of the set so far; the fastest has lost none."""
    quick, slow = a_deadlift_rep(up_s=1.0), a_deadlift_rep(up_s=2.0)
    first, second = (pace(motion, of_deadlift(motion), travel="bar") for motion in (quick, slow))
    assert first is not None
    assert second is not None
    assert velocity_loss([first.speed, second.speed]) == pytest.approx(0.5, abs=0.03)
    assert velocity_loss([second.speed, first.speed]) == 0.0


def test_the_loss_of_a_set_is_its_last_reps() -> None:
    assert velocity_loss([0.4, 0.5, 0.3]) == pytest.approx(0.4)
    assert velocity_loss([0.5]) == 0.0
