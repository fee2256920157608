"""Counting as livecoach does it, and simpler ways to count that it is measured beside."""

from collections.abc import Callable, Sequence

import numpy as np
from scipy.signal import find_peaks

from livecoach.frame.body import Measures, body
from livecoach.lab.counting import count, shipped
from livecoach.types import Observation

PROMINENCE = {"deadlift": 0.35, "squat": 0.2}
"""Of a peak, in lengths of a leg."""
BENT_DEG, STRAIGHT_DEG = 100.0, 160.0
"""Both ends of the hysteresis that is usual in tutorials."""


def livecoach(observations: Sequence[Observation], exercise: str) -> int:
    """Return the count of livecoach as it ships."""
    return len(count(observations, *shipped(exercise)))


def one(_: Sequence[Observation], __: str) -> int:
    """Return 1: most deadlift clips have one rep."""
    return 1


def peaks(observations: Sequence[Observation], exercise: str) -> int:
    """Return the number of peaks in the height of the wrists, or for a squat in the depth of the hips."""
    down = exercise == "squat"
    height = _curve(observations, lambda m: -m.hip_height if down else m.wrist_height)
    padded = np.pad(height, 1, constant_values=height.min()) if len(height) else height
    return len(find_peaks(padded, prominence=PROMINENCE["squat" if down else "deadlift"])[0])


def angle(observations: Sequence[Observation], exercise: str) -> int:
    """Return how often the hip (squat: the knee) is bent past BENT_DEG and straightened past STRAIGHT_DEG again."""
    squat = exercise == "squat"
    angles_deg = _curve(observations, lambda m: m.knee_angle_deg if squat else m.hip_angle_deg)
    reps, bent = 0, False
    for angle_deg in angles_deg:
        if angle_deg < BENT_DEG:
            bent = True
        elif angle_deg > STRAIGHT_DEG and bent:
            reps, bent = reps + 1, False
    return reps


COUNTERS: dict[str, Callable[[Sequence[Observation], str], int]] = {
    "livecoach": livecoach,
    "one": one,
    "peaks": peaks,
    "angle": angle,
}


def _curve(observations: Sequence[Observation], of: Callable[[Measures], float]) -> np.ndarray:
    bodies = [body(observation) for observation in observations]
    return np.array([of(b.measures) for b in bodies if b is not None])
