"""What is no rep and goes down and up as one does."""

from functools import cache

import numpy as np
import pytest

from livecoach.lab.synth.figure.body import SIDES, TRAINING, load
from livecoach.lab.synth.figure.posture import solve
from livecoach.lab.synth.motion.lifter import random_lifter
from livecoach.lab.synth.motion.programme import Programme
from livecoach.lab.synth.motion.set_motion import SetMotion, play_set
from livecoach.lab.synth.motion.tokens import HARD_OTHERS, WITH_BAR_ON_FLOOR, parse

BODY = load(TRAINING[0])
FPS = 15.0
LASTS_S = {"pick_up": (7, 26), "plate_carry": (8, 30), "hip_hinge_stretch": (2, 36), "jump": (1, 12)}
"""At least, at most, where it is not as LASTS_ELSE_S."""
LASTS_ELSE_S = (2.5, 32)
WHERE_THE_BAR_IS = ("deadlift", "squat")
"""One lift with its bar on the floor, and one that holds it: what else is done differs by nothing but that."""
SINKS_M = {"lunge": 0.12, "kneel": 0.3, "sit_bench": 0.25, "pick_up": 0.03, "plate_carry": 0.03}
"""How far the hips sink at least, of what is known to sink."""


@cache
def played(exercise: str, name: str, seed: int = 0, bar: bool = True) -> SetMotion:
    rng = np.random.default_rng(seed)
    lifter = random_lifter(rng, BODY, loaded=bar)
    return play_set(Programme(BODY, exercise, FPS, rng, lifter, 45.0, bar), parse(f"idle:1,{name},idle:1"))


def lasts_s(made: SetMotion) -> float:
    return sum(e.end_s - e.start_s + 1 / FPS for e in made.events if e.kind not in ("idle", "rerack"))


@pytest.mark.parametrize("exercise", WHERE_THE_BAR_IS)
@pytest.mark.parametrize("name", HARD_OTHERS)
def test_each_is_played_as_itself_for_some_seconds(exercise, name):
    """An event of its name, as long as people take for it; no rep."""
    if exercise == "squat" and name in WITH_BAR_ON_FLOOR:
        pytest.skip("a squat has no bar on the floor")
    for seed in range(4):
        made = played(exercise, name, seed, bar=exercise == "deadlift")
        assert not made.reps
        assert name in {event.kind for event in made.events}
        least_s, most_s = LASTS_S.get(name, LASTS_ELSE_S)
        assert least_s < lasts_s(made) < most_s


@pytest.mark.parametrize("exercise", WHERE_THE_BAR_IS)
@pytest.mark.parametrize("name", HARD_OTHERS)
def test_feet_are_on_the_floor_again_and_never_under_it(exercise, name):
    """Where it ends both stand, the lifter is upright, and is where it began."""
    for seed in range(4):
        posture = played(exercise, name, seed, bar=exercise == "deadlift").posture
        for side in SIDES:
            height = posture[f"foot_z_{side}"] - BODY.ankle_height_m
            assert height.min() > -0.02
            assert height[-1] == pytest.approx(0, abs=0.01)
            assert posture[f"foot_x_{side}"][-1] == pytest.approx(posture[f"foot_x_{side}"][0], abs=0.1)
        assert posture["hip_z"][-1] == pytest.approx(posture["hip_z"][0], abs=0.06)
        assert abs(posture["yaw"][-1]) < 0.2


@pytest.mark.parametrize("exercise", WHERE_THE_BAR_IS)
@pytest.mark.parametrize("name", HARD_OTHERS)
def test_bones_keep_their_length_and_nothing_jumps(exercise, name):
    """Legs reach their feet, and no landmark is faster than a hand can be."""
    for seed in range(3):
        posture = played(exercise, name, seed, bar=exercise == "deadlift").posture
        points = BODY.landmarks(*solve(BODY, posture))
        assert np.isfinite(points).all()
        assert np.linalg.norm(np.diff(points, axis=0), axis=-1).max() * FPS < 11.0
        for hip, ankle in ((23, 27), (24, 28)):
            assert np.linalg.norm(points[:, hip] - points[:, ankle], axis=1).max() < 1.03 * (BODY.thigh_m + BODY.shin_m)


@pytest.mark.parametrize(("name", "least_m"), SINKS_M.items())
def test_hips_go_down_in_what_goes_down(name, least_m):
    for seed in range(4):
        hip_z = played("deadlift", name, seed).posture["hip_z"]
        assert hip_z[0] - hip_z.min() > least_m


def test_what_needs_a_bar_on_the_floor_is_waiting_in_a_squat():
    assert {event.kind for event in played("squat", "roll_bar").events} <= {"idle", "rerack", "unrack", "ready"}
