"""Snatch, clean and jerk, bench press and barbell row: where hands, feet and trunk are."""

import numpy as np
import pytest
from builders.synthetic_motion import BODY, bend_deg, somebody

from livecoach.lab.synth.figure.posture import Posture, solve
from livecoach.lab.synth.motion.rep import plain_form

LIFTED = ("snatch", "clean_and_jerk")
LIFTERS = range(6)
HEAD, SHOULDERS, KNEES, ANKLES = 0, [11, 12], [25, 26], [27, 28]


def posed(exercise: str, seed: int, *progress: float, back: tuple[int, ...] = ()) -> tuple[Posture, np.ndarray]:
    """The posture at some progress of a plain rep, and its landmarks. back: the numbers of those on the way back."""
    who, lift = somebody(exercise, seed), np.array(progress)
    form = plain_form(len(lift)) | {"back": np.isin(np.arange(len(lift)), back) * 1.0}
    posture = who.lift.posture(BODY, lift, who.lifter, form)
    return posture, BODY.landmarks(*solve(BODY, posture))


def most_bent_deg(points: np.ndarray, joint: str) -> np.ndarray:
    """The inner angle of the side that is more bent, (T,)."""
    return 180 - bend_deg(points, joint).max(0)


@pytest.mark.parametrize("seed", LIFTERS)
@pytest.mark.parametrize("exercise", LIFTED)
def test_a_lift_overhead_ends_upright_with_straight_arms_over_the_feet(exercise, seed):
    """Knees and elbows straight, the bar higher than the head and over the feet."""
    posture, points = posed(exercise, seed, 1.0)
    assert most_bent_deg(points, "knees")[0] > 155
    assert most_bent_deg(points, "elbows")[0] > 150
    assert posture["bar_z"][0] > points[0, HEAD, 2] + 0.2
    assert abs(posture["bar_x"][0] - points[0, ANKLES[0], 0]) < 0.15


@pytest.mark.parametrize("seed", LIFTERS)
def test_a_pressed_bar_goes_round_the_face_and_ends_over_the_shoulders(seed):
    """Farther ahead half-way than in the rack, and back in over the feet."""
    posture, points = posed("overhead_press", seed, 0.0, 0.35, 1.0)
    rack_m, face_m, top_m = posture["bar_x"] - points[:, SHOULDERS, 0].mean(1)
    assert 0.1 < rack_m < face_m - 0.02
    assert abs(top_m) < 0.05


@pytest.mark.parametrize("seed", LIFTERS)
@pytest.mark.parametrize("exercise", LIFTED)
def test_the_way_back_begins_where_the_way_up_ends_and_ends_where_it_began(exercise, seed):
    """Dropped or lowered, the hands are on the bar again at the start of the next rep."""
    posture, points = posed(exercise, seed, 0.0, 1.0, 1.0, 0.0, back=(2, 3))
    assert points[1] == pytest.approx(points[2], abs=0.01)
    assert points[0] == pytest.approx(points[3], abs=0.01)
    for name in ("bar_x", "bar_z"):
        assert posture[name][0] == pytest.approx(posture[name][3], abs=0.02)
