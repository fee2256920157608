"""Exercises that livecoach does not count, as the synthetic lifter does them."""

from functools import cache

import numpy as np
import pytest
from scipy.signal import find_peaks

from livecoach.lab.synth.figure.body import SIDES, TRAINING, load
from livecoach.lab.synth.figure.posture import solve
from livecoach.lab.synth.motion.lifts import LIFTS, draw_lifter
from livecoach.lab.synth.motion.programme import Programme
from livecoach.lab.synth.motion.set_motion import SetMotion, play_set
from livecoach.lab.synth.motion.tokens import EXERCISE_LIKE, parse

BODY = load(TRAINING[0])
FPS = 15.0
HELD = ("plank", "treadmill")
"""What has no repetitions of a posture, or very quick ones."""
ON_FLOOR = ("push_ups", "plank", "sit_ups", "leg_raises", "bridges")


@cache
def played(name: str, seed: int, exercise: str = "squat") -> SetMotion:
    rng = np.random.default_rng(seed)
    lifter = draw_lifter(rng, BODY, exercise, loaded=LIFTS[exercise].needs_bar)
    return play_set(
        Programme(BODY, exercise, FPS, rng, lifter, 45.0, bar=lifter.loaded), parse(f"idle:1,{name},idle:1")
    )


def during(made: SetMotion, name: str) -> slice:
    """The frames of the exercise itself, without the way there and back."""
    longest = max((e for e in made.events if e.kind == name), key=lambda e: e.end_frame - e.start_frame)
    return slice(longest.start_frame, longest.end_frame + 1)


def principal(positions: np.ndarray) -> np.ndarray:
    """The largest common movement of all joints, (T,)."""
    about = (positions - positions.mean(0)).reshape(len(positions), -1)
    return about @ np.linalg.svd(about, full_matrices=False)[2][0]


@pytest.mark.parametrize("name", EXERCISE_LIKE)
def test_each_is_played_as_itself_and_is_no_rep(name):
    """An event of its name, for some seconds; upright, and where it began, at the end."""
    for seed in range(2):
        made = played(name, seed)
        assert not made.reps
        assert name in {event.kind for event in made.events}
        frames = during(made, name)
        assert 1.5 < (frames.stop - frames.start) / FPS < 45
        posture = made.posture
        assert posture["hip_z"][-1] == pytest.approx(posture["hip_z"][0], abs=0.06)
        assert posture["hip_x"][-1] == pytest.approx(posture["hip_x"][0], abs=0.1)


@pytest.mark.parametrize("name", EXERCISE_LIKE)
def test_no_joint_jumps_or_goes_under_the_floor(name):
    """Faster than a punch is nothing, and a shoe's toe may sink in by its sole."""
    for seed in range(2):
        positions = solve(BODY, played(name, seed).posture)[1]
        assert np.isfinite(positions).all()
        assert np.linalg.norm(np.diff(positions, axis=0), axis=-1).max() * FPS < 12
        assert positions[..., 2].min() > -0.03


@pytest.mark.parametrize("name", [name for name in EXERCISE_LIKE if name not in HELD])
def test_it_is_repeated_in_a_rhythm(name):
    """At least three repetitions, whose times differ by less than half of their mean."""
    made = played(name, 1)
    way = principal(solve(BODY, made.posture)[1][during(made, name)])
    way = way * np.sign(way.max() + way.min() or 1)
    peaks, _ = find_peaks(way, prominence=0.35 * np.ptp(way))
    assert len(peaks) >= 3
    apart = np.diff(peaks)
    assert apart.std() < 0.5 * apart.mean()


@pytest.mark.parametrize("name", ON_FLOOR)
def test_what_is_done_on_the_floor_is_low(name):
    """The hips are never as high as a seat but under a plank's or a bridge's back."""
    made = played(name, 2)
    assert np.median(made.posture["hip_z"][during(made, name)]) < 0.6


@pytest.mark.parametrize("exercise", ["deadlift", "bench_press"])
@pytest.mark.parametrize("name", ["curls", "push_ups", "pull_ups"])
def test_it_is_done_between_the_sets_of_any_lift(exercise, name):
    """Beside a bar on the floor, or one in the rack of a bench."""
    made = played(name, 3, exercise)
    assert name in {event.kind for event in made.events}
    bar_z = made.posture["bar_z"][during(made, name)]
    assert np.ptp(bar_z) < 0.02


def test_hands_hang_from_one_place_in_a_pull_up():
    made = played("pull_ups", 1)
    frames = during(made, "pull_ups")
    for side in SIDES:
        assert np.ptp(made.posture[f"hand_z_{side}"][frames]) < 0.05
    assert np.ptp(made.posture["hip_z"][frames]) > 0.15
