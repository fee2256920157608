"""Counting as livecoach does it, and simpler ways to count that it is measured beside."""

from collections.abc import Callable, Sequence

import numpy as np
from scipy.signal import find_peaks

from livecoach.frame.body import Measures, body
from livecoach.lab.counting import count, shipped
from livecoach.rep.measures import load_faults
from livecoach.rep.phases import KINDS
from livecoach.types import Observation

OF_HANDS, OF_HIPS = 0.35, 0.2
"""Prominence of a peak in the height of the wrists, or of the hips, in lengths of a leg."""
BENT_DEG, STRAIGHT_DEG = 100.0, 160.0
"""Both ends of the hysteresis that is usual in tutorials."""


def livecoach(observations: Sequence[Observation], exercise: str) -> int:
    """Return the count of livecoach as it ships."""
    return len(count(observations, *shipped(exercise)))


def one(_: Sequence[Observation], __: str) -> int:
    """Return 1: most deadlift clips have one rep."""
    return 1


def peaks(observations: Sequence[Observation], exercise: str) -> int:
    """Return the number of peaks in the height of the wrists or in the depth of the hips, by what leads a rep."""
    kind = KINDS[load_faults(exercise).travel]
    sign = 1.0 if kind.up_first else -1.0
    height = _curve(observations, lambda m: sign * (m.wrist_height if kind.of_hands else m.hip_height))
    padded = np.pad(height, 1, constant_values=height.min()) if len(height) else height
    return len(find_peaks(padded, prominence=OF_HANDS if kind.of_hands else OF_HIPS)[0])


def angle(observations: Sequence[Observation], exercise: str) -> int:
    """Return how often the hip (where hips lead a rep, the knee) is bent past BENT_DEG and straightened past
    STRAIGHT_DEG again."""
    of_hands = KINDS[load_faults(exercise).travel].of_hands
    angles_deg = _curve(observations, lambda m: m.hip_angle_deg if of_hands else m.knee_angle_deg)
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
