"""Squats from wider ranges: hands anywhere, and any stance, depth, lean and pace."""

from dataclasses import replace
from typing import Any

import numpy as np

from livecoach.synth.figure.body import BodyModel
from livecoach.synth.motion.lifter import ANYWHERE, HandPositions, SyntheticLifter, at_tempo, seconds_between

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
    "stick overhead": (0.05, 0.5, 0.75),
    "in front": (0.9, -0.05, 0.0),
    "low in front": (0.7, -0.1, -0.5),
}
"""Forward, outward and up from the shoulder, in arm lengths."""
FOR_BALANCE = ("clasped", "in front", "low in front", "on the thighs")
"""Hand positions at the bottom for lifters who move their hands."""
STAY = 0.55  # share of lifters whose hands do not move
USUAL = 0.3  # share of lifters with the usual hand positions
TEMPO = (0.6, 2.2)
MORE_LEAN_M = (-0.02, 0.13)
"""Extra forward shift of the shoulders at the bottom, for leans of up to 75 degrees."""
WIDER_GRIP_M = (-0.05, 0.25)
ANY_STANCE = 0.5
"""Share of lifters with any stance from narrow to wide."""
STANCE_M = (0.08, 0.42)
ANY_DEPTH = 0.4
"""Share of lifters with any depth from a third to the full depth."""
DEPTH_DEG = (46.0, 128.0)
"""Tilt of the thighs at the bottom; at 46 degrees the hips sink a third as far as at 95."""
USUAL_DEPTH_DEG = 95.0
BOWS = 0.12
"""Share of lifters whose squat resembles a good morning: hips back, trunk level, knees hardly bent."""
LEAST_HIP_M = 0.15  # of the hips over the ankles
ANY_PACE = 0.4  # share of lifters whose durations are drawn from WHOLE_S
WHOLE_S = (0.8, 8.0)  # descent plus ascent
WAITS = 0.25  # share of lifters who pause at the bottom, for WAITS_S
WAITS_S = (0.2, 3.0)


def widen_squat(rng: np.random.Generator, body: BodyModel, lifter: SyntheticLifter) -> SyntheticLifter:
    """Draw hands, stance, depth, lean and pace from wider ranges."""
    tempo = float(np.exp(rng.uniform(*np.log(TEMPO))))
    lean_m, grip_m = rng.uniform(*MORE_LEAN_M), rng.uniform(*WIDER_GRIP_M)
    hands, usual = _random_hands(rng), rng.random() < USUAL
    wide = replace(
        at_tempo(lifter, tempo),
        balance_m=lifter.balance_m + lean_m,
        grip_half_m=lifter.grip_half_m + (grip_m if lifter.loaded else 0.0),
        arms=lifter.arms if usual else ANYWHERE,
        hands=None if usual else hands,
        **_stance(rng, lifter),
    )
    wide = replace(wide, **_depth(rng, wide))
    deepest_deg = _deepest_deg(body, wide)
    return replace(wide, squat_thigh_deg=min(wide.squat_thigh_deg, deepest_deg), **_pace(rng, wide))


def _stance(rng: np.random.Generator, lifter: SyntheticLifter) -> dict[str, Any]:
    half_m, out_rad = rng.uniform(*STANCE_M), rng.uniform(-0.05, 0.4)
    if rng.random() >= ANY_STANCE:
        return {"squat_half_stance_m": lifter.squat_half_stance_m, "squat_toe_out_rad": lifter.squat_toe_out_rad}
    return {"squat_half_stance_m": half_m, "squat_toe_out_rad": out_rad + half_m}


def _depth(rng: np.random.Generator, lifter: SyntheticLifter) -> dict[str, Any]:
    way, thigh_deg = rng.random(), rng.uniform(*DEPTH_DEG)
    bow = {"squat_thigh_deg": rng.uniform(30, 58), "squat_shin_deg": rng.uniform(0, 10)}
    if way < BOWS:
        return {**bow, "balance_m": rng.uniform(0.08, 0.26)}
    if way >= BOWS + ANY_DEPTH:
        return {"squat_thigh_deg": lifter.squat_thigh_deg}
    shallower = min(thigh_deg / USUAL_DEPTH_DEG, 1.0)
    return {"squat_thigh_deg": thigh_deg, "squat_shin_deg": lifter.squat_shin_deg * shallower}


def _deepest_deg(body: BodyModel, lifter: SyntheticLifter) -> float:
    """Thigh tilt at which the hips are at LEAST_HIP_M; a wide stance allows more."""
    aside_m = lifter.squat_half_stance_m - body.at("thigh.L")[1]
    leg_m = np.hypot(LEAST_HIP_M, aside_m)
    cosine = (leg_m - body.shin_m * np.cos(np.radians(lifter.squat_shin_deg))) / body.thigh_m
    return float(np.degrees(np.arccos(np.clip(cosine, -1, 1))))


def _pace(rng: np.random.Generator, lifter: SyntheticLifter) -> dict[str, Any]:
    whole_s, down, waits_s = seconds_between(rng, *WHOLE_S), rng.uniform(0.35, 0.65), seconds_between(rng, *WAITS_S)
    bottom_s = waits_s if rng.random() < WAITS else lifter.bottom_s
    if rng.random() >= ANY_PACE:
        return {"bottom_s": bottom_s}
    return {"bottom_s": bottom_s, "descend_s": down * whole_s, "ascend_s": (1 - down) * whole_s}


def _random_hands(rng: np.random.Generator) -> HandPositions:
    names = tuple(PLACES)
    standing = names[rng.integers(len(names))]
    bottom = standing if rng.random() < STAY else FOR_BALANCE[rng.integers(len(FOR_BALANCE))]
    return HandPositions(
        standing=_near(rng, PLACES[standing], 0.06),
        bottom=_near(rng, PLACES[bottom], 0.1 if bottom != standing else 0.04),
        with_trunk=float(rng.uniform(0, 1) if rng.random() < 0.5 else 1.0),
        elbows=(float(rng.uniform(-0.6, 0.6)), float(rng.uniform(0.1, 1.0)), float(rng.uniform(-1.0, 0.0))),
        uneven=_near(rng, (0.0, 0.0, 0.0), 0.03),
    )


def _near(rng: np.random.Generator, place: tuple[float, ...], spread: float) -> tuple[float, float, float]:
    forward, aside, up = (float(value + spread * rng.normal()) for value in place)
    return forward, aside, up
