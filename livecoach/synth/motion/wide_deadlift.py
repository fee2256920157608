"""Deadlifts from wider ranges: squat-like, stiff-legged, from blocks, with a round back, or short of lockout."""

from dataclasses import replace
from typing import Any

import numpy as np

from livecoach.synth.figure.body import BodyModel
from livecoach.synth.figure.posture import PLATE_RADIUS_M
from livecoach.synth.motion.lifter import SyntheticLifter, at_tempo, seconds_between

SQUAT_LIKE = 0.25  # share of lifters who start with low hips, as in a squat
STIFF = 0.25  # share of lifters who start with high hips and nearly straight legs
WIDE_STANCE, NARROW_STANCE = 0.25, 0.15  # shares of lifters with a wide and with a narrow stance
WIDE_GRIP, NARROW_GRIP = 0.2, 0.15  # shares of lifters with a snatch grip and with a narrow grip
OFF_FLOOR = 0.35
"""Share of lifters whose bar starts on blocks, small plates or rack pins."""
OFF_FLOOR_M = (0.1, 0.45)
STRAIGHT_M = 0.5
"""Height above full plates at which the bar requires no bend in the hips."""
FAR_BAR = 0.25
FAR_BAR_M = (0.12, 0.24)
BENT_ARMS = 0.2
ROUND = 0.35
SOFT = 0.3
"""Share of lifters who never stand fully upright."""
LEANS_BACK = 0.2
NO_BAR = 0.3
"""Share of lifters without a bar, whose hands move independently."""
TOUCHES, STOPS = 0.25, 0.25  # shares of touch-and-go lifters, and of lifters who wait on the floor
STOPS_S = (1.0, 6.0)
TOP_S = (0.1, 3.0)
TEMPO = (0.4, 1.8)


def widen_deadlift(rng: np.random.Generator, body: BodyModel, lifter: SyntheticLifter) -> SyntheticLifter:
    """Draw posture, stance, grip, bar, lockout and pace from wider ranges."""
    changed = {
        **_start(rng, lifter),
        **_stance(rng, lifter),
        **_grip(rng, body, lifter),
        **_bar(rng, lifter),
        **_form(rng, lifter),
    }
    changed["start_thigh_deg"] *= 1 - max(changed["bar_start_m"] - PLATE_RADIUS_M, 0) / STRAIGHT_M
    tempo = float(np.exp(rng.uniform(*np.log(TEMPO))))
    return replace(at_tempo(lifter, tempo), **changed, **_pauses(rng, lifter))


def _start(rng: np.random.Generator, lifter: SyntheticLifter) -> dict[str, Any]:
    way, squat_like, stiff = rng.random(), (rng.uniform(82, 102), rng.uniform(20, 36)), rng.uniform(14, 42)
    if way < SQUAT_LIKE:
        return {"start_thigh_deg": squat_like[0], "start_shin_deg": squat_like[1], "legs_first": rng.uniform(0.6, 1.3)}
    if way < SQUAT_LIKE + STIFF:
        return {"start_thigh_deg": stiff, "start_shin_deg": rng.uniform(-3, 8)}
    return {"start_thigh_deg": lifter.start_thigh_deg, "start_shin_deg": lifter.start_shin_deg}


def _stance(rng: np.random.Generator, lifter: SyntheticLifter) -> dict[str, Any]:
    way, wide_m, out_rad, narrow_m = (
        rng.random(),
        rng.uniform(0.28, 0.45),
        rng.uniform(0.3, 0.9),
        rng.uniform(0.06, 0.1),
    )
    if way < WIDE_STANCE:
        return {"half_stance_m": wide_m, "toe_out_rad": out_rad}
    if way < WIDE_STANCE + NARROW_STANCE:
        return {"half_stance_m": narrow_m, "toe_out_rad": rng.uniform(-0.05, 0.3)}
    return {"half_stance_m": lifter.half_stance_m, "toe_out_rad": lifter.toe_out_rad}


def _grip(rng: np.random.Generator, body: BodyModel, lifter: SyntheticLifter) -> dict[str, Any]:
    way, wider_m, narrow_m = rng.random(), rng.uniform(0.15, 0.36), rng.uniform(0.1, 0.16)
    if way < WIDE_GRIP:
        return {"grip_half_m": body.shoulder_half_m + wider_m}
    return {"grip_half_m": narrow_m if way < WIDE_GRIP + NARROW_GRIP else lifter.grip_half_m}


def _bar(rng: np.random.Generator, lifter: SyntheticLifter) -> dict[str, Any]:
    """The bar's starting height and distance; without a bar, the hands are uneven and drift."""
    height_m, far_m, loose_m = rng.uniform(*OFF_FLOOR_M), rng.uniform(*FAR_BAR_M), rng.uniform(0.01, 0.06)
    return {
        "bar_start_m": height_m if rng.random() < OFF_FLOOR else PLATE_RADIUS_M,
        "bar_x_m": far_m if rng.random() < FAR_BAR else lifter.bar_x_m,
        "loose_m": loose_m if rng.random() < NO_BAR else 0.0,
    }


def _form(rng: np.random.Generator, lifter: SyntheticLifter) -> dict[str, Any]:
    elbow_rad, spine_rad = rng.uniform(0.2, 0.9), rng.uniform(0.2, 0.55)
    bent_rad, short, back_rad = rng.uniform(0.0, 0.45), rng.uniform(0.0, 0.14), rng.uniform(0.15, 0.4)
    soft = rng.random() < SOFT
    return {
        "elbow_rad": elbow_rad if rng.random() < BENT_ARMS else 0.0,
        "spine_rad": spine_rad if rng.random() < ROUND else lifter.spine_rad,
        "lockout_rad": bent_rad if soft else lifter.lockout_rad,
        "short": short if soft else 0.0,
        "lean_back_rad": back_rad if rng.random() < LEANS_BACK and not soft else 0.0,
    }


def _pauses(rng: np.random.Generator, lifter: SyntheticLifter) -> dict[str, Any]:
    way, waits_s, top_s = rng.random(), seconds_between(rng, *STOPS_S), seconds_between(rng, *TOP_S)
    landing = rng.uniform(0.3, 0.45)
    if way < TOUCHES:
        return {"floor_s": 0.05, "landing": landing, "top_s": top_s}
    return {"floor_s": waits_s if way < TOUCHES + STOPS else lifter.floor_s, "top_s": top_s}
