"""Exercises on the floor that livecoach does not count: push-ups, planks, sit-ups, leg raises, bridges, burpees."""

from typing import TYPE_CHECKING

import numpy as np

from livecoach.synth.figure.body import SIDES, SIGN
from livecoach.synth.figure.geometry import minimum_jerk, wander
from livecoach.synth.figure.kinematics import spine_vector
from livecoach.synth.figure.posture import PARAMS, Posture
from livecoach.synth.motion import moves
from livecoach.synth.motion.gym_arms import SLOW, Exercise, RepetitionPace, keep_bar, repetitions, sequence, standing
from livecoach.synth.motion.limbs import Arm, between, both, lean, set_arms, shoulders
from livecoach.synth.motion.moves import SPOT, turn

if TYPE_CHECKING:
    from livecoach.synth.motion.programme import Programme

GRAVITY = 9.81
TOES_M = 0.19
"""Of the ankles of somebody who stands on the toes, face down."""
HAND_M = 0.04  # of a palm on the floor
BACK_M = 0.1  # of hip and shoulder joints over what a lying body lies on
BEHIND_HEAD = Arm((-0.1, 1.0, 0.45), (-0.1, -1.0, 0.4))
ON_CHEST = Arm((0.35, 0.15, -0.9), (0.3, -0.75, 0.6))
TO_KNEES = Arm((0.9, 0.0, -0.35), (1.0, 0.0, -0.3))
BESIDE = Arm((-0.05, 0.25, -1.0), (0.0, 0.1, -1.0))


def _prone(p: "Programme", shoulder_m: np.ndarray, hands_ahead_m: float, half_hands_m: float, sag_m: float) -> Posture:
    """A body on hands and toes, straight from ankles to shoulders. shoulder_m: (T,) height of the shoulders. The toes
    stay, and the hands are `hands_ahead_m` in front of the shoulders when these are highest."""
    body, count = p.body, len(shoulder_m)
    posture = standing(p, count, 0.08)
    leg_m = 0.985 * (body.thigh_m + body.shin_m)
    spine = spine_vector(body, body.at("upperarm.L"), np.zeros(count), np.zeros(count))
    spine_m = np.linalg.norm(spine, axis=-1)
    whole_m = leg_m + spine_m
    up = np.arcsin(np.clip((shoulder_m - TOES_M) / whole_m, -0.2, 0.8))
    ankle_x = -0.75 * float(whole_m[0])
    posture["hip_x"], posture["hip_z"] = ankle_x + leg_m * np.cos(up), TOES_M + leg_m * np.sin(up) - sag_m
    rise_m = shoulder_m - posture["hip_z"]
    posture["pitch"] = np.arccos(np.clip(rise_m / spine_m, -0.9, 0.9)) - lean(spine)
    posture["neck"] = np.full(count, -0.25)
    highest = int(np.argmax(shoulder_m))
    hand_x = float(shoulders(body, posture)[0][highest]) + hands_ahead_m
    for side in SIDES:
        posture[f"foot_x_{side}"] = np.full(count, ankle_x)
        posture[f"foot_z_{side}"] = np.full(count, TOES_M)
        posture[f"foot_yaw_{side}"] = np.zeros(count)
        posture[f"foot_pitch_{side}"] = np.full(count, 1.25)
        posture[f"knee_up_{side}"] = np.full(count, -1.4)
        posture[f"hand_x_{side}"] = np.full(count, hand_x)
        posture[f"hand_y_{side}"] = np.full(count, SIGN[side] * half_hands_m)
        posture[f"hand_z_{side}"] = np.full(count, HAND_M)
        for axis, value in (("x", -0.8), ("y", 0.7), ("z", 0.3)):
            posture[f"pole_{axis}_{side}"] = np.full(count, value)
    return posture


def _straight_arms_m(p: "Programme", half_hands_m: float) -> float:
    aside_m = half_hands_m - p.body.shoulder_half_m
    return HAND_M + float(np.sqrt((0.98 * p.body.arm_m) ** 2 - aside_m**2))


def _on_floor(p: "Programme", posture: Posture, kind: str) -> None:
    """At any angle to the camera, beside a bar that lies there."""
    yaw_rad = float(p.rng.uniform(-np.pi, np.pi))
    if p.place.bar and p.place.on_floor:
        yaw_rad = float(p.rng.choice([-1.0, 1.0]) * p.rng.uniform(1.7, np.pi))
    turn(p, SPOT, 0.0, yaw_rad, "turn")
    p.go(moves.place_at(posture, SPOT, yaw_rad, bar=False), 1.8 * p.rng.uniform(0.8, 1.3), kind)
    up = moves.place_at(standing(p, p.frames(0.3)), SPOT, yaw_rad, bar=False)
    p.go(up, 1.8 * p.rng.uniform(0.8, 1.3), kind)
    turn(p, SPOT, yaw_rad, 0.0, "turn")


def push_ups(p: "Programme") -> None:
    rng, hill = p.rng, repetitions(p, RepetitionPace((0.5, 1.5), (0.03, 0.3), (0.5, 1.4), (0.03, 0.6)))
    half_m = p.body.shoulder_half_m + rng.uniform(-0.02, 0.2)
    top_m = _straight_arms_m(p, half_m)
    low_m = rng.uniform(0.14, 0.3)
    sag_m = rng.uniform(-0.06, 0.05)
    _on_floor(p, _prone(p, top_m + (low_m - top_m) * hill, rng.uniform(-0.02, 0.06), half_m, sag_m), "push_ups")


def plank(p: "Programme") -> None:
    rng, count = p.rng, p.frames(p.rng.uniform(5.0, 15.0))
    sway_m = wander(rng, count, p.fps, 0.6, 0.006)
    half_m, sag_m = p.body.shoulder_half_m, rng.uniform(-0.1, 0.05)
    if rng.random() < 0.5:
        posture = _prone(p, _straight_arms_m(p, half_m) + sway_m, 0.0, half_m, sag_m)
    else:
        fore_m = p.body.forearm_m + 0.9 * p.body.hand_m
        posture = _prone(p, p.body.upper_arm_m + 0.05 + sway_m, fore_m, half_m, sag_m)
        for side in SIDES:
            posture[f"pole_x_{side}"], posture[f"pole_z_{side}"] = np.zeros(count), np.full(count, -1.0)
            posture[f"pole_y_{side}"] = np.full(count, 0.1)
    _on_floor(p, posture, "plank")


def _supine(p: "Programme", count: int, feet_m: float) -> Posture:
    """On the back, head towards -x, knees bent, feet flat `feet_m` from the hips."""
    posture = standing(p, count, 0.1)
    posture["hip_x"], posture["hip_z"] = np.zeros(count), np.full(count, BACK_M)
    posture["pitch"] = np.full(count, -np.pi / 2)
    for side in SIDES:
        posture[f"foot_x_{side}"] = np.full(count, feet_m)
        posture[f"knee_up_{side}"] = np.full(count, 1.3)
    return posture


def _flatten(p: "Programme", posture: Posture, shoulder_m: np.ndarray) -> None:
    """Turn the pelvis of a body on its back so that the shoulders are at that height, (T,) m."""
    spine = spine_vector(p.body, p.body.at("upperarm.L"), posture["lumbar"], posture["thoracic"])
    rise = np.clip((shoulder_m - posture["hip_z"]) / np.linalg.norm(spine, axis=-1), -0.9, 1)
    posture["pitch"] = -np.arccos(rise) - lean(spine)


def sit_ups(p: "Programme") -> None:
    """Or crunches, with the hands at the head, on the chest or towards the knees."""
    rng, hill = p.rng, repetitions(p, RepetitionPace((0.6, 1.4), (0.03, 0.4), (0.6, 1.6), (0.03, 0.5)))
    posture = _supine(p, len(hill), rng.uniform(0.32, 0.55))
    crunch = rng.random() < 0.4
    posture["lumbar"] = rng.uniform(0.1, 0.45) * hill
    posture["thoracic"] = rng.uniform(0.25, 0.5) * hill
    spine_m = float(np.linalg.norm(p.body.at("upperarm.L")[[0, 2]]))
    most_m = BACK_M + spine_m * (rng.uniform(0.25, 0.4) if crunch else rng.uniform(0.75, 0.97))
    _flatten(p, posture, BACK_M + (most_m - BACK_M) * minimum_jerk(hill))
    posture["neck"] = 0.3 * hill
    arm = (BEHIND_HEAD, ON_CHEST, TO_KNEES)[rng.integers(3)]
    set_arms(posture, p.body, both(between(arm, arm, hill)), with_trunk=1.0)
    _on_floor(p, posture, "sit_ups")


def leg_raises(p: "Programme") -> None:
    rng, body, hill = p.rng, p.body, repetitions(p, SLOW)
    posture = _supine(p, len(hill), 0.5)
    low, high = rng.uniform(0.02, 0.3), rng.uniform(1.0, 1.55)
    angle = low + (high - low) * hill
    leg_m = (body.thigh_m + body.shin_m) * rng.uniform(0.965, 0.985)
    _flatten(p, posture, np.full(len(hill), BACK_M))
    for side in SIDES:
        posture[f"foot_x_{side}"] = posture["hip_x"] + leg_m * np.cos(angle)
        posture[f"foot_z_{side}"] = posture["hip_z"] + leg_m * np.sin(angle)
        posture[f"foot_yaw_{side}"] = np.zeros(len(hill))
        posture[f"foot_pitch_{side}"] = -(np.pi / 2 + angle) + 0.5
        posture[f"knee_up_{side}"] = angle + np.pi / 2
    set_arms(posture, body, both(between(BESIDE, BESIDE, hill)), with_trunk=1.0)
    _on_floor(p, posture, "leg_raises")


def bridges(p: "Programme") -> None:
    """Lie on the back and raise the hips, shoulders on the floor or on a bench."""
    rng, hill = p.rng, repetitions(p, SLOW)
    on_bench = rng.random() < 0.5
    shoulder_m = 0.38 if on_bench else BACK_M
    posture = _supine(p, len(hill), rng.uniform(0.36, 0.46))
    least_m, most_m = (0.2, rng.uniform(0.42, 0.5)) if on_bench else (BACK_M, rng.uniform(0.3, 0.42))
    posture["hip_z"] = least_m + (most_m - least_m) * hill
    _flatten(p, posture, np.full(len(hill), shoulder_m))
    x, _ = shoulders(p.body, posture)
    for name in ("hip_x", *(f"foot_x_{side}" for side in SIDES)):  # the shoulders and the feet stay
        posture[name] = posture[name] - ((x - x[0]) if name == "hip_x" else 0.0)
    posture["neck"] = np.full(len(hill), 0.2)
    set_arms(posture, p.body, both(between(BESIDE, BESIDE, hill)), with_trunk=1.0)
    _on_floor(p, posture, "bridges")


def burpees(p: "Programme") -> None:
    """Crouch, jump back to a plank, perhaps a push-up, crouch, and jump up."""
    rng = p.rng
    pace, deep = rng.uniform(0.75, 1.4), rng.random() < 0.6
    up = standing(p, 1)
    half_m = p.body.shoulder_half_m
    top_m = _straight_arms_m(p, half_m)
    plank_at = {k: _prone(p, np.array([m]), 0.0, half_m, 0.0) for k, m in (("top", top_m), ("low", 0.2))}
    hand_x = float(plank_at["top"]["hand_x_L"][0])
    for posture in plank_at.values():
        for side in SIDES:
            posture[f"hand_x_{side}"] = np.array([hand_x])
    crouched = _crouch(p, hand_x)
    keys = [(crouched, 0.55), (plank_at["top"], 0.4)]
    keys += [(plank_at["low"], 0.5), (plank_at["top"], 0.45)] if deep else []
    keys += [(crouched, 0.4), (up, 0.4)]
    once = [(posture, seconds * pace) for posture, seconds in keys]
    parts = [part for _ in range(int(rng.integers(3, 9))) for part in (sequence(p, once), _jump(p))]
    whole = {name: np.concatenate([part[name] for part in parts]) for name in PARAMS}
    keep_bar(p, whole)
    _on_floor(p, whole, "burpees")


def _crouch(p: "Programme", hand_x: float) -> Posture:
    """A deep crouch with the hands on the floor, one frame."""
    posture = standing(p, 1, 0.14)
    feet_x = hand_x - 0.3
    posture["hip_x"], posture["hip_z"] = np.array([feet_x - 0.18]), np.array([0.42])
    posture["pitch"], posture["lumbar"], posture["thoracic"] = np.array([0.85]), np.array([0.3]), np.array([0.3])
    for side in SIDES:
        posture[f"foot_x_{side}"] = np.array([feet_x])
        posture[f"hand_x_{side}"] = np.array([hand_x])
        posture[f"hand_y_{side}"] = np.array([SIGN[side] * p.body.shoulder_half_m])
        posture[f"hand_z_{side}"] = np.array([HAND_M])
    return posture


def _jump(p: "Programme") -> Posture:
    high_m = p.rng.uniform(0.08, 0.28)
    ground, air = p.frames(0.42), p.frames(float(np.sqrt(8 * high_m / GRAVITY)))
    share = (np.arange(air) + 1) / (air + 1)
    up_m = np.concatenate([-0.12 * np.sin(np.pi * np.arange(ground) / ground), 4 * high_m * share * (1 - share)])
    posture = standing(p, ground + air)
    posture["hip_z"] = posture["hip_z"] + up_m
    raised = np.concatenate([minimum_jerk(np.arange(ground) / ground), 1 - minimum_jerk(share)])
    set_arms(posture, p.body, both(between(BESIDE, Arm((0.3, 0.2, 1.0), (0.1, 0.1, 1.0)), raised, TO_KNEES)))
    for side in SIDES:
        posture[f"foot_z_{side}"] = posture[f"foot_z_{side}"] + np.maximum(up_m, 0)
        posture[f"foot_pitch_{side}"] = np.clip(4 * np.maximum(up_m, 0), 0, 0.6)
    return posture


FLOOR_EXERCISES: dict[str, Exercise] = {
    "push_ups": push_ups,
    "plank": plank,
    "sit_ups": sit_ups,
    "leg_raises": leg_raises,
    "bridges": bridges,
    "burpees": burpees,
}
