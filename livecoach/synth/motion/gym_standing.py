"""Exercises on the feet that livecoach does not count: swings, hinges, bends, calf raises, running, jumping jacks."""

from typing import TYPE_CHECKING

import numpy as np

from livecoach.synth.figure.body import SIDES, SIGN
from livecoach.synth.figure.posture import BAR, Posture, length
from livecoach.synth.motion import moves
from livecoach.synth.motion.gym_arms import (
    QUICK,
    SLOW,
    Exercise,
    RepetitionPace,
    play,
    repetitions,
    standing,
    with_arms_raised,
)
from livecoach.synth.motion.limbs import BALL_M, HANGING, Arm, between, both, set_arms
from livecoach.synth.motion.moves import SPOT, sink

if TYPE_CHECKING:
    from livecoach.synth.motion.programme import Programme

LEVEL = Arm((1.0, -0.2, -0.05), (1.0, -0.35, 0.0))
BETWEEN_LEGS = Arm((-0.25, -0.12, -1.0), (-0.45, -0.25, -1.0))
ON_BACK = Arm((-0.35, 0.6, -0.7), (0.0, 0.35, 1.0))
ASIDE = Arm((0.1, 1.0, 0.0), (0.1, 1.0, 0.1))
OVERHEAD = Arm((0.1, 0.25, 1.0), (0.05, 0.05, 1.0))
AT_CHEST = Arm((0.5, 0.35, -0.6), (0.6, -0.7, 0.3))
HELD_OUT = Arm((1.0, -0.1, -0.1), (1.0, -0.35, -0.05))
RUNNING = Arm((0.0, 0.2, -1.0), (0.95, -0.1, 0.25))


def kettlebell_swings(p: "Programme") -> None:
    rng = p.rng
    hill = repetitions(p, RepetitionPace((0.45, 0.75), (0.01, 0.04), (0.4, 0.65), (0.01, 0.1)))
    posture = standing(p, len(hill), rng.uniform(0.17, 0.28))
    squats = rng.uniform(0.05, 0.3)
    sink(posture, -rng.uniform(0.14, 0.22) * hill, -(0.05 + 0.5 * squats) * hill)
    posture["pitch"] = posture["pitch"] + rng.uniform(0.8, 1.15) * (1 - 0.8 * squats) * hill - 0.05
    posture["neck"] = -0.5 * hill
    up = OVERHEAD if rng.random() < 0.2 else Arm((1.0, -0.2, rng.uniform(-0.45, 0.2)), (1.0, -0.35, 0.0))
    over = LEVEL if up is OVERHEAD else Arm((0.45, -0.15, -1.0), (0.5, -0.3, -1.0))
    set_arms(posture, p.body, both(between(up, BETWEEN_LEGS, hill, over)))
    play(p, posture, "kettlebell_swings", 0.9)


def good_mornings(p: "Programme") -> None:
    """Bow with straight back and nearly straight knees, a light bar on the shoulders."""
    rng, hill = p.rng, repetitions(p, SLOW)
    posture = standing(p, len(hill), rng.uniform(0.1, 0.22))
    deep_rad = rng.uniform(0.8, 1.45)
    sink(posture, -0.2 * np.sin(deep_rad) * hill, -rng.uniform(0.02, 0.08) * hill)
    posture["pitch"] = posture["pitch"] + deep_rad * hill
    posture["thoracic"] = rng.uniform(0.0, 0.2) * hill
    posture["neck"] = -rng.uniform(0.1, 0.7) * hill
    set_arms(posture, p.body, both(between(ON_BACK, ON_BACK, hill)), with_trunk=1.0)
    play(p, posture, "good_mornings")


def calf_raises(p: "Programme") -> None:
    rng, hill = p.rng, repetitions(p, QUICK if p.rng.random() < 0.5 else SLOW)
    posture = standing(p, len(hill))
    angle = np.arcsin(rng.uniform(0.45, 0.75) * hill)
    up_m, ahead_m = BALL_M * np.sin(angle), BALL_M * (1 - np.cos(angle)) + p.body.ankle_height_m * np.sin(angle)
    sink(posture, ahead_m, up_m)
    for side in SIDES:
        posture[f"foot_x_{side}"] = posture[f"foot_x_{side}"] + ahead_m
        posture[f"foot_z_{side}"] = posture[f"foot_z_{side}"] + up_m
        posture[f"foot_pitch_{side}"] = angle
    arm = HELD_OUT if rng.random() < 0.4 else HANGING
    set_arms(posture, p.body, both(between(arm, arm, hill)))
    play(p, posture, "calf_raises")


def side_bends(p: "Programme") -> None:
    """To one side or to both in turn, hands hanging, at the head or overhead."""
    rng = p.rng
    hill, raised = with_arms_raised(p, repetitions(p, SLOW))
    begins = np.cumsum(np.diff((hill > 0).astype(int), prepend=0) == 1)
    way = np.where(begins % 2 == 1, 1.0, -1.0) if rng.random() < 0.7 else np.full(len(hill), rng.choice([-1.0, 1.0]))
    posture = standing(p, len(hill))
    bend = rng.uniform(0.3, 0.6) * hill * way
    posture["side"], posture["roll"] = 0.8 * bend, 0.2 * bend
    posture["hip_y"] = posture["hip_y"] + 0.08 * bend
    arm = (HANGING, OVERHEAD, Arm((-0.1, 1.0, 0.4), (-0.1, -1.0, 0.4)))[rng.integers(3)]
    set_arms(posture, p.body, both(between(HANGING, arm, raised, ASIDE)))
    if arm is not HANGING:  # arms that are up go with the trunk
        _lean_hands(posture, p.body.at("upperarm.L")[2], bend)
    play(p, posture, "side_bends")


def _lean_hands(posture: Posture, shoulder_m: float, bend: np.ndarray) -> None:
    """Turn the hands about the middle of the shoulders by the trunk's bend to a side."""
    middle_y, middle_z = posture["hip_y"] - shoulder_m * np.sin(bend), posture["hip_z"] + shoulder_m * np.cos(bend)
    c, s = np.cos(bend), np.sin(bend)
    for side in SIDES:
        y, z = posture[f"hand_y_{side}"] - middle_y, posture[f"hand_z_{side}"] - middle_z
        posture[f"hand_y_{side}"], posture[f"hand_z_{side}"] = middle_y + c * y - s * z, middle_z + s * y + c * z


def rotations(p: "Programme") -> None:
    """Of the trunk, left and right, with the hands at the chest, held out or aside."""
    rng = p.rng
    period_s = rng.uniform(1.2, 3.2)
    count = p.frames(period_s * rng.uniform(3.5, 9.0))
    posture = standing(p, count, rng.uniform(0.12, 0.24))
    angle = rng.uniform(0.5, 0.95) * np.sin(2 * np.pi * np.arange(count) / p.fps / period_s)
    posture["pitch"] = posture["pitch"] + rng.uniform(0.0, 0.3)
    arm = (AT_CHEST, HELD_OUT, ASIDE)[rng.integers(3)]
    posture["twist"] = angle
    set_arms(posture, p.body, {side: _turned(arm, side, angle) for side in SIDES})
    play(p, posture, "rotations")


def _turned(arm: Arm, side: str, angle: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Directions of an arm that turns with the trunk, (T, 3) each. angle: (T,) rad to the left."""
    c, s = np.cos(angle), SIGN[side] * np.sin(angle)
    upper, fore = (
        np.stack([c * ahead - s * out, s * ahead + c * out, np.full(len(angle), up)], -1) for ahead, out, up in arm
    )
    return upper, fore


def jumping_jacks(p: "Programme") -> None:
    rng = p.rng
    count, period_s = p.frames(rng.uniform(5.0, 14.0)), rng.uniform(0.85, 1.4)
    phase = np.arange(count) / p.fps / period_s
    apart = 0.5 - 0.5 * np.cos(2 * np.pi * phase)
    posture = standing(p, count, 0.09)
    hop_m = rng.uniform(0.03, 0.07) * np.abs(np.sin(2 * np.pi * phase))
    sink(posture, np.zeros(count), hop_m - 0.05 * apart)
    wide_m = rng.uniform(0.16, 0.3)
    for side in SIDES:
        posture[f"foot_y_{side}"] = posture[f"foot_y_{side}"] + SIGN[side] * wide_m * apart
        posture[f"foot_z_{side}"] = posture[f"foot_z_{side}"] + hop_m
        posture[f"foot_pitch_{side}"] = 4 * hop_m
    top = Arm((0.1, rng.uniform(0.2, 0.9), 1.0), (0.05, rng.uniform(-0.2, 0.4), 1.0))
    set_arms(posture, p.body, both(between(HANGING, top, apart, ASIDE)))
    play(p, posture, "jumping_jacks", 0.5)


def high_knees(p: "Programme") -> None:
    """Run on the spot, with high knees, heels to the seat, or low."""
    rng = p.rng
    count, step_s = p.frames(rng.uniform(4.0, 12.0)), rng.uniform(0.24, 0.45)
    high_m, kick_m = rng.uniform(0.15, 0.5), rng.uniform(0.0, 0.15)
    if rng.random() < 0.25:
        high_m, kick_m = rng.uniform(0.25, 0.4), rng.uniform(0.3, 0.45)
    posture = standing(p, count, 0.08)
    beat = np.sin(np.pi * np.arange(count) / p.fps / step_s)
    hop_m = rng.uniform(0.01, 0.05) * np.abs(beat)
    sink(posture, np.zeros(count), hop_m - 0.03)
    swing, ways = rng.uniform(0.3, 0.8), {}
    for side, own in zip(SIDES, (np.clip(beat, 0, 1), np.clip(-beat, 0, 1)), strict=True):
        posture[f"foot_z_{side}"] = posture[f"foot_z_{side}"] + hop_m + high_m * own
        posture[f"foot_x_{side}"] = posture[f"foot_x_{side}"] - kick_m * own
        posture[f"foot_pitch_{side}"] = (0.4 + 2.5 * kick_m) * own
        forward = swing * SIGN[side] * -beat
        ways[side] = tuple(_swung(np.array(bone), forward) for bone in RUNNING)
    set_arms(posture, p.body, {side: (way[0], way[1]) for side, way in ways.items()})
    play(p, posture, "high_knees", 0.4)


def _swung(bone: np.ndarray, forward: np.ndarray) -> np.ndarray:
    """A bone's direction turned forward about the line through the shoulders, (T, 3). forward: (T,) rad."""
    c, s = np.cos(forward), np.sin(forward)
    return np.stack([c * bone[0] - s * bone[2], np.full(len(forward), bone[1]), s * bone[0] + c * bone[2]], -1)


def treadmill(p: "Programme") -> None:
    yaw_rad = p.rng.uniform(-np.pi, np.pi)
    goal = SPOT + p.rng.uniform(6.0, 12.0) * np.array([np.cos(yaw_rad), np.sin(yaw_rad)])
    walking = moves.walk(p.body, p.rng, p.fps, SPOT, goal)
    gone = np.linspace(0, 1, length(walking) + 1)[1:, None] * (goal - SPOT)
    for name in ("hip", "foot", "hand"):
        for end in ("",) if name == "hip" else ("_L", "_R"):
            for k, axis in enumerate("xy"):
                walking[f"{name}_{axis}{end}"] = walking[f"{name}_{axis}{end}"] - gone[:, k]
    there = p.place.upright(1)
    walking |= {name: np.full(length(walking), there[name][0]) for name in BAR}
    play(p, walking, "treadmill", 0.8)


STANDING_EXERCISES: dict[str, Exercise] = {
    "kettlebell_swings": kettlebell_swings,
    "good_mornings": good_mornings,
    "calf_raises": calf_raises,
    "side_bends": side_bends,
    "rotations": rotations,
    "jumping_jacks": jumping_jacks,
    "high_knees": high_knees,
    "treadmill": treadmill,
}
