"""Sets of a synthetic lifter, as postures and landmarks."""

from functools import cache

import numpy as np

from livecoach.lab.synth.figure.body_mesh import TRAINING, load_body
from livecoach.lab.synth.motion.lifter import vary_between_sets
from livecoach.lab.synth.motion.lifts import EXERCISES, LIFTS, draw_lifter
from livecoach.lab.synth.motion.motion_sequence import Performer
from livecoach.lab.synth.motion.set_motion import SetMotion, play_set
from livecoach.lab.synth.motion.tokens import EXERCISE_LIKE, NO_REPS, PEOPLE, parse_tokens
from livecoach.lab.synth.synthetic_camera import VirtualCamera
from livecoach.lab.synth.synthetic_set import SetSettings, SyntheticSet, make_set
from livecoach.lab.synth.synthetic_sets import SetRequest, random_set, random_settings

BODY = load_body(TRAINING[0])
LONGEST_LEG = 1.03  # of a stretched leg between its landmarks, in lengths of thigh and shin


@cache
def somebody(exercise: str, seed: int = 0, loaded: bool = True) -> Performer:
    rng = np.random.default_rng([seed, 3])
    lifter = draw_lifter(rng, BODY, exercise, loaded)
    return Performer(BODY, exercise, vary_between_sets(rng, lifter))


@cache
def played(exercise: str, items: str, seed: int = 0, loaded: bool = True, fps: float = 15.0) -> SetMotion:
    who = somebody(exercise, seed, loaded)
    return play_set(who, parse_tokens(items, exercise), np.random.default_rng(seed), fps, view_deg=45.0)


def fastest_m_s(made: SetMotion) -> float:
    """Of any landmark in the set."""
    return float(np.linalg.norm(np.diff(made.landmarks, axis=0), axis=-1).max() * made.fps)


def longest_legs(points: np.ndarray) -> np.ndarray:
    """From hip to ankle at most, of each leg, in lengths of thigh and shin, (2,)."""
    leg_m = np.linalg.norm(points[:, [23, 24]] - points[:, [27, 28]], axis=-1)
    return leg_m.max(0) / (BODY.thigh_m + BODY.shin_m)


def inner_deg(points: np.ndarray, chain: tuple[int, int, int]) -> np.ndarray:
    """The angle in the middle of three landmarks of the left and of the right side, (2, T); the chain is the left's."""
    above, at, below = (points[:, [number, number + 1]] for number in chain)
    a, b = above - at, below - at
    cosine = (a * b).sum(-1) / (np.linalg.norm(a, axis=-1) * np.linalg.norm(b, axis=-1))
    return np.degrees(np.arccos(np.clip(cosine, -1, 1))).T


def bend_deg(points: np.ndarray, joint: str) -> np.ndarray:
    """Flexion of both knees, hips or elbows, (2, T): 0 is straight."""
    chain = {"knees": (23, 25, 27), "hips": (11, 23, 25), "elbows": (11, 13, 15)}[joint]
    return 180 - inner_deg(points, chain)


def lean_deg(points: np.ndarray) -> np.ndarray:
    """Of the line from hips to shoulders from upright, (T,), > 0 forward."""
    up = points[:, [11, 12]].mean(1) - points[:, [23, 24]].mean(1)
    return np.degrees(np.arctan2(up[:, 0], up[:, 2]))


def a_set(
    exercise: str = "deadlift", items: str = "idle:0.5,good,uneven_bar:0.6", seed: int = 1, **wanted
) -> SyntheticSet:
    """As a perfect pose estimator sees it."""
    usual = {"fps": 30, "noise": 0.0, "lost": 0.0, "loaded": True, "graded": False}
    return random_set(seed, SetRequest(exercise=exercise, tokens=parse_tokens(items, exercise), **usual | wanted))


def some_settings(tokens: str = "good", **changed) -> SetSettings:
    """A deadlift before a small camera."""
    small = VirtualCamera(width_px=128, height_px=96, fps=12.0)
    wanted = {
        "exercise": "deadlift",
        "tokens": parse_tokens(tokens, "deadlift"),
        "seed": 0,
        "body": TRAINING[0],
        "camera": small,
    }
    return SetSettings(**(wanted | changed))


@cache
def everything(exercise: str) -> SyntheticSet:
    """Each variant of each fault, and much that is no rep, before somebody's camera."""
    number = EXERCISES.index(exercise)
    faults = (f"{fault}.{way}" for fault, ways in LIFTS[exercise].faults.items() for way in ways)
    others = [name for name in NO_REPS if name not in EXERCISE_LIKE]
    items = "good", *faults, *others, *EXERCISE_LIKE[number :: len(EXERCISES)], *PEOPLE
    tokens = parse_tokens(",".join(items), exercise)
    return make_set(random_settings([7, number], exercise, tokens, fps=12.0, size_px=(160, 120)))
