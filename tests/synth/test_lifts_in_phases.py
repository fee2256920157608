"""Snatch, clean and jerk, bench press and barbell row: where hands, feet and trunk are."""

import numpy as np
import pytest
from builders.synthetic_motion import BODY, bend_deg, lean_deg, played, somebody

from livecoach.lab.synth.figure.body import SIDES
from livecoach.lab.synth.figure.posture import Posture, solve
from livecoach.lab.synth.motion import weightlifting
from livecoach.lab.synth.motion.rep import plain_form

LIFTED = ("snatch", "clean_and_jerk")
WAYS_UP = {"snatch": weightlifting.snatch, "clean_and_jerk": weightlifting.clean_and_jerk}
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
def test_the_knees_bend_again_before_the_second_pull(exercise, seed):
    """From the floor or from the hang; a full catch is as deep as a squat, a power catch is not."""
    style = somebody(exercise, seed).lifter.style
    _, points = posed(exercise, seed, *np.linspace(0, 1, 400))
    knees = most_bent_deg(points, "knees")
    keys = WAYS_UP[exercise](style)
    scooped, pulled = (int(key.at_s / keys[-1].at_s * 400) for key in weightlifting.pull(style)[-2:])
    assert knees[scooped] == pytest.approx(126, abs=12)
    assert knees[pulled] > 149
    assert knees[:scooped].max() > knees[scooped] + 5
    assert (knees[pulled:].min() > 80) == style.power
    assert 10 < lean_deg(points)[0] < 85


@pytest.mark.parametrize("seed", LIFTERS)
@pytest.mark.parametrize("exercise", LIFTED)
def test_the_way_back_begins_where_the_way_up_ends_and_ends_where_it_began(exercise, seed):
    """Dropped or lowered, the hands are on the bar again at the start of the next rep."""
    posture, points = posed(exercise, seed, 0.0, 1.0, 1.0, 0.0, back=(2, 3))
    assert points[1] == pytest.approx(points[2], abs=0.01)
    assert points[0] == pytest.approx(points[3], abs=0.01)
    for name in ("bar_x", "bar_z"):
        assert posture[name][0] == pytest.approx(posture[name][3], abs=0.02)


def test_a_dropped_bar_falls_while_the_hands_come_down_empty():
    """On the floor within a second; the lifter has stepped back from it."""
    seed = next(k for k in range(40) if (s := somebody("snatch", k).lifter.style).drops and not s.from_hang)
    lifter = somebody("snatch", seed).lifter
    posture, _ = posed("snatch", seed, 0.0, 1.0, *(1 - np.linspace(0, 1, 100)), back=tuple(range(2, 102)))
    landed = 2 + int(np.ceil(1.0 / lifter.style.back_s * 99))
    assert posture["bar_z"][landed] == pytest.approx(lifter.bar_start_m, abs=0.2)
    assert posture["hand_z_L"][landed] > 0.5
    assert posture["foot_x_L"][landed] < posture["foot_x_L"][0] - 0.2


@pytest.mark.parametrize("seed", LIFTERS)
def test_a_bench_press_is_done_lying(seed):
    """Hips and shoulders level on the bench, feet on the floor; straight arms, then the bar on the chest."""
    posture, points = posed("bench_press", seed, 0.0, 1.0)
    assert lean_deg(points) == pytest.approx(-90, abs=8)
    assert posture["hip_z"] == pytest.approx(0.535, abs=0.06)
    for side in SIDES:
        assert posture[f"foot_z_{side}"] == pytest.approx(BODY.ankle_height_m, abs=0.02)
    assert (points[:, KNEES, 2] > 0.35).all()
    straight, bent = most_bent_deg(points, "elbows")
    assert straight > 155
    assert bent < 110
    shoulders = points[:, SHOULDERS].mean(1)
    assert 0.04 < posture["bar_z"][1] - shoulders[1, 2] < 0.3
    assert posture["bar_x"][0] == pytest.approx(shoulders[0, 0], abs=0.1)


@pytest.mark.parametrize("seed", LIFTERS)
def test_a_row_is_pulled_over_a_held_hinge(seed):
    """The trunk stays leant, the legs hardly move, and the elbows go from straight to bent behind it."""
    posture, points = posed("barbell_row", seed, 0.0, 0.5, 1.0)
    trunk = lean_deg(points)
    assert (trunk > 20).all()
    assert (trunk < 115).all()
    assert np.ptp(trunk) < 20
    assert np.ptp(posture["hip_z"]) < 0.06
    straight, _, bent = most_bent_deg(points, "elbows")
    assert straight > 150
    assert bent < 115
    assert posture["hand_z_L"][2] > posture["hand_z_L"][0] + 0.15


def test_a_row_from_the_hang_takes_the_bar_from_the_floor_first():
    seed = next(k for k in range(20) if not somebody("barbell_row", k).lifter.style.from_floor)
    made = played("barbell_row", "idle:1,good*2,bend", seed)
    lifted = made.posture["bar_z"] > made.posture["bar_z"][0] + 0.06
    assert lifted.any()
    apart_m = np.abs(made.posture["hand_z_L"] - made.posture["bar_z"])
    assert apart_m[lifted].max() < 0.12
