"""Lifters further apart than those usually drawn, for what must not learn how a squat usually looks.

People squat with their hands anywhere, with the trunk nearly level, and twice as slowly as most. A model that has seen
the usual lifters only takes those for no lift.
"""

from dataclasses import replace

import numpy as np

from livecoach.synth.motion.lifter import ANYWHERE, Hands, Lifter, at_tempo

PLACES = {
    "at the sides": (0.05, 0.1, -0.93),
    "on the hips": (0.05, 0.1, -0.65),
    "on the thighs": (0.3, 0.0, -0.75),
    "crossed": (0.22, -0.3, -0.1),
    "clasped": (0.35, -0.22, -0.2),
    "front rack": (0.22, -0.02, 0.05),
    "goblet": (0.3, -0.2, -0.1),
    "behind the head": (-0.1, 0.05, 0.25),
    "on a bar": (-0.05, 0.3, 0.05),
    "overhead": (0.1, 0.15, 0.9),
    "in front": (0.9, -0.05, 0.0),
    "low in front": (0.7, -0.1, -0.5),
}
"""Hands by name: arm lengths forwards, outwards and up from the shoulder."""
FOR_BALANCE = ("clasped", "in front", "low in front", "on the thighs")
"""Where they go on the way down, where they do not stay."""
STAY = 0.55
"""Share of lifters whose hands stay where they are."""
USUAL = 0.3
"""Share of lifters whose hands are as usual."""
TEMPO = (0.8, 1.8)
MORE_LEAN_M = (-0.02, 0.13)
"""Shoulders further in front than usual at the bottom: leans of up to 75 degrees."""
WIDER_GRIP_M = (-0.05, 0.25)


def widened(rng: np.random.Generator, lifter: Lifter) -> Lifter:
    """The same lifter with hands, lean and tempo drawn from further apart."""
    tempo = float(np.exp(rng.uniform(*np.log(TEMPO))))
    lean_m, grip_m = rng.uniform(*MORE_LEAN_M), rng.uniform(*WIDER_GRIP_M)
    hands, usual = _random_hands(rng), rng.random() < USUAL
    return replace(
        at_tempo(lifter, tempo),
        balance_m=lifter.balance_m + lean_m,
        grip_half_m=lifter.grip_half_m + (grip_m if lifter.loaded else 0.0),
        arms=lifter.arms if usual else ANYWHERE,
        hands=None if usual else hands,
    )


def _random_hands(rng: np.random.Generator) -> Hands:
    names = tuple(PLACES)
    standing = names[rng.integers(len(names))]
    bottom = standing if rng.random() < STAY else FOR_BALANCE[rng.integers(len(FOR_BALANCE))]
    return Hands(
        standing=_near(rng, PLACES[standing], 0.06),
        bottom=_near(rng, PLACES[bottom], 0.1 if bottom != standing else 0.04),
        with_trunk=float(rng.uniform(0, 1) if rng.random() < 0.5 else 1.0),
        elbows=(float(rng.uniform(-0.6, 0.6)), float(rng.uniform(0.1, 1.0)), float(rng.uniform(-1.0, 0.0))),
        uneven=_near(rng, (0.0, 0.0, 0.0), 0.03),
    )


def _near(rng: np.random.Generator, place: tuple[float, ...], spread: float) -> tuple[float, float, float]:
    forward, aside, up = (float(value + spread * rng.normal()) for value in place)
    return forward, aside, up
