"""Snatch, clean and jerk, bench press and barbell row: where hands, feet and trunk are."""

from functools import cache

import numpy as np
import pytest

from livecoach.lab.synth.figure.body import SIDES, TRAINING, BodyModel, load
from livecoach.lab.synth.figure.posture import Posture, solve
from livecoach.lab.synth.motion import clean_and_jerk, weightlifting
from livecoach.lab.synth.motion.lifter import SyntheticLifter
from livecoach.lab.synth.motion.lifts import LIFTS, draw_lifter
from livecoach.lab.synth.motion.programme import Programme
from livecoach.lab.synth.motion.rep import plain_form
from livecoach.lab.synth.motion.set_motion import SetMotion, play_set
from livecoach.lab.synth.motion.tokens import parse

LIFTED = ("snatch", "clean_and_jerk")
ALL = (*LIFTED, "bench_press", "barbell_row")
WAYS_UP = {"snatch": weightlifting.way_up, "clean_and_jerk": clean_and_jerk.way_up}
LIFTERS = range(6)
FPS = 30.0


@cache
def somebody(exercise: str, seed: int) -> tuple[BodyModel, SyntheticLifter]:
    rng = np.random.default_rng((seed, 3))
    body = load(TRAINING[int(rng.integers(len(TRAINING)))])
    return body, draw_lifter(rng, body, exercise)


def posed(exercise: str, seed: int, *progress: float, back: bool = False) -> tuple[BodyModel, Posture, np.ndarray]:
    """The body, its posture at some progress of a plain rep, and the positions of its joints."""
    body, lifter = somebody(exercise, seed)
    lift = np.array(progress)
    posture = LIFTS[exercise].posture(body, lift, lifter, plain_form(len(lift)), np.full(len(lift), back))
    return body, posture, solve(body, posture)[1]


def joint(body: BodyModel, positions: np.ndarray, name: str) -> np.ndarray:
    return positions[:, body.joint[name]]


def angle_deg(a: np.ndarray, b: np.ndarray, c: np.ndarray) -> np.ndarray:
    to_a, to_c = a - b, c - b
    cosine = (to_a * to_c).sum(-1) / np.linalg.norm(to_a, axis=-1) / np.linalg.norm(to_c, axis=-1)
    return np.degrees(np.arccos(np.clip(cosine, -1, 1)))


def least_deg(body: BodyModel, positions: np.ndarray, chain: tuple[str, str, str]) -> np.ndarray:
    """The angle in the middle of a chain of joints, of the side that is more bent."""
    sides = [angle_deg(*(joint(body, positions, f"{name}.{side}") for name in chain)) for side in SIDES]
    return np.min(sides, axis=0)


def knees_deg(body: BodyModel, positions: np.ndarray) -> np.ndarray:
    return least_deg(body, positions, ("thigh", "shin", "foot"))


def elbows_deg(body: BodyModel, positions: np.ndarray) -> np.ndarray:
    return least_deg(body, positions, ("upperarm", "forearm", "hand"))


def trunk_deg(body: BodyModel, positions: np.ndarray) -> np.ndarray:
    """The angle of the line from hips to shoulders from upright, > 0 forward."""
    shoulders = (joint(body, positions, "upperarm.L") + joint(body, positions, "upperarm.R")) / 2
    up = shoulders - joint(body, positions, "pelvis")
    return np.degrees(np.arctan2(up[:, 0], up[:, 2]))


def played(exercise: str, seed: int, items: str) -> tuple[BodyModel, SetMotion]:
    body, lifter = somebody(exercise, seed)
    rng = np.random.default_rng(seed)
    return body, play_set(Programme(body, exercise, FPS, rng, lifter, 40.0, bar=lifter.loaded), parse(items, exercise))


@pytest.mark.parametrize("seed", LIFTERS)
@pytest.mark.parametrize("exercise", ALL)
def test_hands_stay_on_the_bar_in_a_plain_rep(exercise, seed):
    """Both palms are within 2 cm of where they grip, all the way out."""
    body, posture, positions = posed(exercise, seed, *np.linspace(0, 1, 40))
    for side in SIDES:
        palm = np.stack([posture[f"hand_{axis}_{side}"] for axis in "xyz"], -1)
        reached = np.linalg.norm(palm - joint(body, positions, f"hand.{side}"), axis=-1)
        assert reached == pytest.approx(body.hand_m, abs=0.02)


@pytest.mark.parametrize("seed", LIFTERS)
@pytest.mark.parametrize("exercise", ALL)
def test_nothing_jumps_in_a_set(exercise, seed):
    """No joint is faster than a hand that turns a bar over; the lifter comes back to where he began."""
    body, made = played(exercise, seed, "idle:0.5,good*2,partial:0.5,good")
    positions = solve(body, made.posture)[1]
    assert np.isfinite(positions).all()
    metres_a_second = np.linalg.norm(np.diff(positions, axis=0), axis=-1).max() * FPS
    assert metres_a_second < 14
    assert len(made.reps) == 3
    first, last = made.reps[0].start_frame, made.reps[-1].end_frame
    assert made.posture["hip_z"][last] == pytest.approx(made.posture["hip_z"][first], abs=0.06)


@pytest.mark.parametrize("seed", LIFTERS)
@pytest.mark.parametrize("exercise", LIFTED)
def test_a_lift_overhead_ends_upright_with_straight_arms_over_the_feet(exercise, seed):
    """Knees and elbows straight, the bar higher than the head and over the feet."""
    body, posture, positions = posed(exercise, seed, 1.0)
    assert knees_deg(body, positions)[0] > 155
    assert elbows_deg(body, positions)[0] > 150
    assert posture["bar_z"][0] > joint(body, positions, "head")[0, 2] + 0.2
    assert abs(posture["bar_x"][0] - joint(body, positions, "foot.L")[0, 0]) < 0.15


@pytest.mark.parametrize("seed", LIFTERS)
@pytest.mark.parametrize("exercise", LIFTED)
def test_the_knees_bend_again_before_the_second_pull(exercise, seed):
    """From the floor or from the hang; a full catch is as deep as a squat, a power catch is not."""
    style = somebody(exercise, seed)[1].style
    body, _, positions = posed(exercise, seed, *np.linspace(0, 1, 400))
    knees = knees_deg(body, positions)
    keys = WAYS_UP[exercise](style)
    scooped, pulled = (int(key.at_s / keys[-1].at_s * 400) for key in weightlifting.pull(style)[-2:])
    assert knees[scooped] == pytest.approx(126, abs=12)
    assert knees[pulled] > 150
    assert knees[:scooped].max() > knees[scooped] + 5
    assert (knees[pulled:].min() > 80) == style.power
    assert 10 < trunk_deg(body, positions)[0] < 85


@pytest.mark.parametrize("seed", LIFTERS)
@pytest.mark.parametrize("exercise", LIFTED)
def test_the_way_back_begins_where_the_way_up_ends_and_ends_where_it_began(exercise, seed):
    """Dropped or lowered, the hands are on the bar again at the start of the next rep."""
    body, lifter = somebody(exercise, seed)
    lift = np.array([0.0, 1.0, 1.0, 0.0])
    posture = LIFTS[exercise].posture(body, lift, lifter, plain_form(4), np.array([False, False, True, True]))
    positions = solve(body, posture)[1]
    assert positions[1] == pytest.approx(positions[2], abs=0.01)
    assert positions[0] == pytest.approx(positions[3], abs=0.01)
    for name in ("bar_x", "bar_z"):
        assert posture[name][0] == pytest.approx(posture[name][3], abs=0.02)


def test_a_dropped_bar_falls_while_the_hands_come_down_empty():
    """On the floor within a second; the lifter has stepped back from it."""
    seed = next(k for k in range(40) if (s := somebody("snatch", k)[1].style).drops and not s.from_hang)
    body, lifter = somebody("snatch", seed)
    lift = np.concatenate([[0.0, 1.0], 1 - np.linspace(0, 1, 100)])
    back = np.arange(len(lift)) >= 2
    posture = LIFTS["snatch"].posture(body, lift, lifter, plain_form(len(lift)), back)
    landed = 2 + int(np.ceil(1.0 / lifter.style.back_s * 99))
    assert posture["bar_z"][landed] == pytest.approx(lifter.bar_start_m, abs=0.2)
    assert posture["hand_z_L"][landed] > 0.5
    assert posture["foot_x_L"][landed] < posture["foot_x_L"][0] - 0.2


@pytest.mark.parametrize("seed", LIFTERS)
def test_a_bench_press_is_done_lying(seed):
    """Hips and shoulders level on the bench, feet on the floor; straight arms, then the bar on the chest."""
    body, posture, positions = posed("bench_press", seed, 0.0, 1.0)
    assert trunk_deg(body, positions) == pytest.approx(-90, abs=8)
    assert posture["hip_z"] == pytest.approx(0.535, abs=0.06)
    for side in SIDES:
        assert joint(body, positions, f"foot.{side}")[:, 2] == pytest.approx(body.ankle_height_m, abs=0.02)
        assert (joint(body, positions, f"shin.{side}")[:, 2] > 0.35).all()  # knees up
    straight, bent = elbows_deg(body, positions)
    assert straight > 155
    assert bent < 110
    shoulder = joint(body, positions, "upperarm.L")
    assert 0.04 < posture["bar_z"][1] - shoulder[1, 2] < 0.3
    assert posture["bar_x"][0] == pytest.approx(shoulder[0, 0], abs=0.1)


@pytest.mark.parametrize("seed", LIFTERS)
def test_a_row_is_pulled_over_a_held_hinge(seed):
    """The trunk stays leant, the legs hardly move, and the elbows go from straight to bent behind it."""
    body, posture, positions = posed("barbell_row", seed, 0.0, 0.5, 1.0)
    trunk = trunk_deg(body, positions)
    assert (trunk > 20).all()
    assert (trunk < 115).all()
    assert np.ptp(trunk) < 20
    assert np.ptp(posture["hip_z"]) < 0.06
    straight, _, bent = elbows_deg(body, positions)
    assert straight > 150
    assert bent < 115
    assert posture["hand_z_L"][2] > posture["hand_z_L"][0] + 0.15


def test_a_row_from_the_hang_takes_the_bar_from_the_floor_first():
    seed = next(k for k in range(20) if (one := somebody("barbell_row", k)[1]).loaded and not one.style.from_floor)
    _, made = played("barbell_row", seed, "idle:1,good*2,bend")
    lifted = made.posture["bar_z"] > made.posture["bar_z"][0] + 0.06
    assert lifted.any()
    apart_m = np.abs(made.posture["hand_z_L"] - made.posture["bar_z"])
    assert apart_m[lifted].max() < 0.12
