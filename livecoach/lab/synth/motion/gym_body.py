"""Exercises that livecoach does not count on the floor (push-ups, planks, sit-ups, leg raises, bridges, burpees) and on
the feet (swings, hinges, bends, calf raises, running, jumping jacks)."""

import numpy as np

from livecoach.lab.synth.figure.body import SIDES, SIGN
from livecoach.lab.synth.figure.geometry import minimum_jerk, wander
from livecoach.lab.synth.figure.posture import Posture, add, join, length, put, spine_vector
from livecoach.lab.synth.motion import moves
from livecoach.lab.synth.motion.gym_arms import (
    QUICK,
    SLOW,
    Exercise,
    RepetitionPace,
    keep_bar,
    play,
    repetitions,
    sequence,
    standing,
    with_arms_raised,
)
from livecoach.lab.synth.motion.limbs import BALL_M, HANGING, Arm, between, both, lean, risen_m, set_arms, shoulders
from livecoach.lab.synth.motion.moves import SPOT, sink
from livecoach.lab.synth.motion.programme import Programme, facing

GRAVITY = 9.81
TOES_M = 0.19  # of the ankles of somebody who stands on the toes, face down
HAND_M = 0.04  # of a palm on the floor
BACK_M = 0.1  # of hip and shoulder joints over what a lying body lies on
BEHIND_HEAD = Arm((-0.1, 1.0, 0.45), (-0.1, -1.0, 0.4))
ON_CHEST = Arm((0.35, 0.15, -0.9), (0.3, -0.75, 0.6))
TO_KNEES = Arm((0.9, 0.0, -0.35), (1.0, 0.0, -0.3))
BESIDE = Arm((-0.05, 0.25, -1.0), (0.0, 0.1, -1.0))


def _prone(p: Programme, shoulder_m: np.ndarray, hands_ahead_m: float, half_hands_m: float, sag_m: float) -> Posture:
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
    highest = int(np.argmax(shoulder_m))
    hand_x = float(shoulders(body, posture)[0][highest]) + hands_ahead_m
    for side in SIDES:
        put(posture, side, foot_x=ankle_x, foot_z=TOES_M, foot_yaw=0.0, foot_pitch=1.25, knee_up=-1.4)
        put(posture, side, hand_x=hand_x, hand_y=SIGN[side] * half_hands_m, hand_z=HAND_M)
        put(posture, side, pole_x=-0.8, pole_y=0.7, pole_z=0.3)
    put(posture, neck=-0.25)
    return posture


def _straight_arms_m(p: Programme, half_hands_m: float) -> float:
    aside_m = half_hands_m - p.body.shoulder_half_m
    return HAND_M + float(np.sqrt((0.98 * p.body.arm_m) ** 2 - aside_m**2))


def _on_floor(p: Programme, posture: Posture, kind: str) -> None:
    """At any angle to the camera, beside a bar that lies there."""
    yaw_rad = float(p.rng.uniform(-np.pi, np.pi))
    if p.place.bar and p.place.on_floor:
        yaw_rad = float(p.rng.choice([-1.0, 1.0]) * p.rng.uniform(1.7, np.pi))
    with facing(p, yaw_rad):
        for part in (posture, standing(p, p.frames(0.3))):
            p.go(moves.place_at(part, SPOT, yaw_rad), 1.8 * p.rng.uniform(0.8, 1.3), kind)


def push_ups(p: Programme) -> None:
    rng, hill = p.rng, repetitions(p, RepetitionPace((0.5, 1.5), (0.03, 0.3), (0.5, 1.4), (0.03, 0.6)))
    half_m = p.body.shoulder_half_m + rng.uniform(-0.02, 0.2)
    top_m = _straight_arms_m(p, half_m)
    low_m = rng.uniform(0.14, 0.3)
    sag_m = rng.uniform(-0.06, 0.05)
    _on_floor(p, _prone(p, top_m + (low_m - top_m) * hill, rng.uniform(-0.02, 0.06), half_m, sag_m), "push_ups")


def plank(p: Programme) -> None:
    rng, count = p.rng, p.frames((5.0, 15.0))
    sway_m = wander(rng, count, p.fps, 0.6, 0.006)
    half_m, sag_m = p.body.shoulder_half_m, rng.uniform(-0.1, 0.05)
    if rng.random() < 0.5:
        posture = _prone(p, _straight_arms_m(p, half_m) + sway_m, 0.0, half_m, sag_m)
    else:
        fore_m = p.body.forearm_m + 0.9 * p.body.hand_m
        posture = _prone(p, p.body.upper_arm_m + 0.05 + sway_m, fore_m, half_m, sag_m)
        for side in SIDES:
            put(posture, side, pole_x=0.0, pole_y=0.1, pole_z=-1.0)
    _on_floor(p, posture, "plank")


def _supine(p: Programme, count: int, feet_m: float) -> Posture:
    """On the back, head towards -x, knees bent, feet flat `feet_m` from the hips."""
    posture = standing(p, count, 0.1)
    put(posture, hip_x=0.0, hip_z=BACK_M, pitch=-np.pi / 2)
    for side in SIDES:
        put(posture, side, foot_x=feet_m, knee_up=1.3)
    return posture


def _flatten(p: Programme, posture: Posture, shoulder_m: np.ndarray) -> None:
    """Turn the pelvis of a body on its back so that the shoulders are at that height, (T,) m."""
    spine = spine_vector(p.body, p.body.at("upperarm.L"), posture["lumbar"], posture["thoracic"])
    rise = np.clip((shoulder_m - posture["hip_z"]) / np.linalg.norm(spine, axis=-1), -0.9, 1)
    posture["pitch"] = -np.arccos(rise) - lean(spine)


def sit_ups(p: Programme) -> None:
    """Or crunches, with the hands at the head, on the chest or towards the knees."""
    rng, hill = p.rng, repetitions(p, RepetitionPace((0.6, 1.4), (0.03, 0.4), (0.6, 1.6), (0.03, 0.5)))
    posture = _supine(p, len(hill), rng.uniform(0.32, 0.55))
    crunch = rng.random() < 0.4
    put(posture, lumbar=rng.uniform(0.1, 0.45) * hill, thoracic=rng.uniform(0.25, 0.5) * hill, neck=0.3 * hill)
    spine_m = float(np.linalg.norm(p.body.at("upperarm.L")[[0, 2]]))
    most_m = BACK_M + spine_m * (rng.uniform(0.25, 0.4) if crunch else rng.uniform(0.75, 0.97))
    _flatten(p, posture, BACK_M + (most_m - BACK_M) * minimum_jerk(hill))
    arm = (BEHIND_HEAD, ON_CHEST, TO_KNEES)[rng.integers(3)]
    set_arms(posture, p.body, both(between(arm, arm, hill)), with_trunk=1.0)
    _on_floor(p, posture, "sit_ups")


def leg_raises(p: Programme) -> None:
    rng, body, hill = p.rng, p.body, repetitions(p, SLOW)
    posture = _supine(p, len(hill), 0.5)
    low, high = rng.uniform(0.02, 0.3), rng.uniform(1.0, 1.55)
    angle = low + (high - low) * hill
    leg_m = (body.thigh_m + body.shin_m) * rng.uniform(0.965, 0.985)
    _flatten(p, posture, np.full(len(hill), BACK_M))
    for side in SIDES:
        foot_x, foot_z = posture["hip_x"] + leg_m * np.cos(angle), posture["hip_z"] + leg_m * np.sin(angle)
        put(posture, side, foot_x=foot_x, foot_z=foot_z, foot_yaw=0.0)
        put(posture, side, foot_pitch=-(np.pi / 2 + angle) + 0.5, knee_up=angle + np.pi / 2)
    set_arms(posture, body, both(between(BESIDE, BESIDE, hill)), with_trunk=1.0)
    _on_floor(p, posture, "leg_raises")


def bridges(p: Programme) -> None:
    """Lie on the back and raise the hips, shoulders on the floor or on a bench."""
    rng, hill = p.rng, repetitions(p, SLOW)
    on_bench = rng.random() < 0.5
    shoulder_m = 0.38 if on_bench else BACK_M
    posture = _supine(p, len(hill), rng.uniform(0.36, 0.46))
    least_m, most_m = (0.2, rng.uniform(0.42, 0.5)) if on_bench else (BACK_M, rng.uniform(0.3, 0.42))
    posture["hip_z"] = least_m + (most_m - least_m) * hill
    _flatten(p, posture, np.full(len(hill), shoulder_m))
    x, _ = shoulders(p.body, posture)
    add(posture, hip_x=-(x - x[0]))  # the shoulders stay, as the feet do
    put(posture, neck=0.2)
    set_arms(posture, p.body, both(between(BESIDE, BESIDE, hill)), with_trunk=1.0)
    _on_floor(p, posture, "bridges")


def burpees(p: Programme) -> None:
    """Crouch, jump back to a plank, perhaps a push-up, crouch, and jump up."""
    rng = p.rng
    pace, deep = rng.uniform(0.75, 1.4), rng.random() < 0.6
    up = standing(p, 1)
    half_m = p.body.shoulder_half_m
    top_m = _straight_arms_m(p, half_m)
    plank_at = {k: _prone(p, np.array([m]), 0.0, half_m, 0.0) for k, m in (("top", top_m), ("low", 0.2))}
    hand_x = float(plank_at["top"]["hand_x_L"][0])
    for posture in plank_at.values():
        put(posture, hand_x_L=hand_x, hand_x_R=hand_x)
    crouched = _crouch(p, hand_x)
    keys = [(crouched, 0.55), (plank_at["top"], 0.4)]
    keys += [(plank_at["low"], 0.5), (plank_at["top"], 0.45)] if deep else []
    keys += [(crouched, 0.4), (up, 0.4)]
    once = [(posture, seconds * pace) for posture, seconds in keys]
    parts = [part for _ in range(int(rng.integers(3, 9))) for part in (sequence(p, once), _jump(p))]
    whole = join(parts)
    keep_bar(p, whole)
    _on_floor(p, whole, "burpees")


def _crouch(p: Programme, hand_x: float) -> Posture:
    """A deep crouch with the hands on the floor, one frame."""
    posture = standing(p, 1, 0.14)
    feet_x = hand_x - 0.3
    put(posture, hip_x=feet_x - 0.18, hip_z=0.42, pitch=0.85, lumbar=0.3, thoracic=0.3)
    for side in SIDES:
        put(posture, side, foot_x=feet_x, hand_x=hand_x, hand_y=SIGN[side] * p.body.shoulder_half_m, hand_z=HAND_M)
    return posture


def _jump(p: Programme) -> Posture:
    high_m = p.rng.uniform(0.08, 0.28)
    ground, air = p.frames(0.42), p.frames(float(np.sqrt(8 * high_m / GRAVITY)))
    share = (np.arange(air) + 1) / (air + 1)
    up_m = np.concatenate([-0.12 * np.sin(np.pi * np.arange(ground) / ground), 4 * high_m * share * (1 - share)])
    posture = standing(p, ground + air)
    add(posture, hip_z=up_m)
    raised = np.concatenate([minimum_jerk(np.arange(ground) / ground), 1 - minimum_jerk(share)])
    set_arms(posture, p.body, both(between(BESIDE, Arm((0.3, 0.2, 1.0), (0.1, 0.1, 1.0)), raised, TO_KNEES)))
    for side in SIDES:
        add(posture, side, foot_z=np.maximum(up_m, 0))
        put(posture, side, foot_pitch=np.clip(4 * np.maximum(up_m, 0), 0, 0.6))
    return posture


LEVEL = Arm((1.0, -0.2, -0.05), (1.0, -0.35, 0.0))
BETWEEN_LEGS = Arm((-0.25, -0.12, -1.0), (-0.45, -0.25, -1.0))
ON_BACK = Arm((-0.35, 0.6, -0.7), (0.0, 0.35, 1.0))
ASIDE = Arm((0.1, 1.0, 0.0), (0.1, 1.0, 0.1))
OVERHEAD = Arm((0.1, 0.25, 1.0), (0.05, 0.05, 1.0))
AT_CHEST = Arm((0.5, 0.35, -0.6), (0.6, -0.7, 0.3))
HELD_OUT = Arm((1.0, -0.1, -0.1), (1.0, -0.35, -0.05))
RUNNING = Arm((0.0, 0.2, -1.0), (0.95, -0.1, 0.25))


def kettlebell_swings(p: Programme) -> None:
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


def good_mornings(p: Programme) -> None:
    """Bow with straight back and nearly straight knees, a light bar on the shoulders."""
    rng, hill = p.rng, repetitions(p, SLOW)
    posture = standing(p, len(hill), rng.uniform(0.1, 0.22))
    deep_rad = rng.uniform(0.8, 1.45)
    sink(posture, -0.2 * np.sin(deep_rad) * hill, -rng.uniform(0.02, 0.08) * hill)
    add(posture, pitch=deep_rad * hill)
    put(posture, thoracic=rng.uniform(0.0, 0.2) * hill, neck=-rng.uniform(0.1, 0.7) * hill)
    set_arms(posture, p.body, both(between(ON_BACK, ON_BACK, hill)), with_trunk=1.0)
    play(p, posture, "good_mornings")


def calf_raises(p: Programme) -> None:
    rng, hill = p.rng, repetitions(p, QUICK if p.rng.random() < 0.5 else SLOW)
    posture = standing(p, len(hill))
    angle = np.arcsin(rng.uniform(0.45, 0.75) * hill)
    up_m, ahead_m = BALL_M * np.sin(angle), risen_m(p.body, angle)[0]
    sink(posture, ahead_m, up_m)
    for side in SIDES:
        add(posture, side, foot_x=ahead_m, foot_z=up_m)
        put(posture, side, foot_pitch=angle)
    arm = HELD_OUT if rng.random() < 0.4 else HANGING
    set_arms(posture, p.body, both(between(arm, arm, hill)))
    play(p, posture, "calf_raises")


def side_bends(p: Programme) -> None:
    """To one side or to both in turn, hands hanging, at the head or overhead."""
    rng = p.rng
    hill, raised = with_arms_raised(p, repetitions(p, SLOW))
    begins = np.cumsum(np.diff((hill > 0).astype(int), prepend=0) == 1)
    way = np.where(begins % 2 == 1, 1.0, -1.0) if rng.random() < 0.7 else np.full(len(hill), rng.choice([-1.0, 1.0]))
    posture = standing(p, len(hill))
    bend = rng.uniform(0.3, 0.6) * hill * way
    put(posture, side=0.8 * bend, roll=0.2 * bend)
    add(posture, hip_y=0.08 * bend)
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


def rotations(p: Programme) -> None:
    """Of the trunk, left and right, with the hands at the chest, held out or aside."""
    rng = p.rng
    period_s = rng.uniform(1.2, 3.2)
    count = p.frames(period_s * rng.uniform(3.5, 9.0))
    posture = standing(p, count, rng.uniform(0.12, 0.24))
    angle = rng.uniform(0.5, 0.95) * np.sin(2 * np.pi * np.arange(count) / p.fps / period_s)
    add(posture, pitch=rng.uniform(0.0, 0.3), twist=angle)
    arm = (AT_CHEST, HELD_OUT, ASIDE)[rng.integers(3)]
    set_arms(posture, p.body, {side: _turned(arm, side, angle) for side in SIDES})
    play(p, posture, "rotations")


def _turned(arm: Arm, side: str, angle: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Directions of an arm that turns with the trunk, (T, 3) each. angle: (T,) rad to the left."""
    c, s = np.cos(angle), SIGN[side] * np.sin(angle)
    upper, fore = (
        np.stack([c * ahead - s * out, s * ahead + c * out, np.full(len(angle), up)], -1) for ahead, out, up in arm
    )
    return upper, fore


def jumping_jacks(p: Programme) -> None:
    rng = p.rng
    count, period_s = p.frames(rng.uniform(5.0, 14.0)), rng.uniform(0.85, 1.4)
    phase = np.arange(count) / p.fps / period_s
    apart = 0.5 - 0.5 * np.cos(2 * np.pi * phase)
    posture = standing(p, count, 0.09)
    hop_m = rng.uniform(0.03, 0.07) * np.abs(np.sin(2 * np.pi * phase))
    sink(posture, np.zeros(count), hop_m - 0.05 * apart)
    wide_m = rng.uniform(0.16, 0.3)
    for side in SIDES:
        add(posture, side, foot_y=SIGN[side] * wide_m * apart, foot_z=hop_m)
        put(posture, side, foot_pitch=4 * hop_m)
    top = Arm((0.1, rng.uniform(0.2, 0.9), 1.0), (0.05, rng.uniform(-0.2, 0.4), 1.0))
    set_arms(posture, p.body, both(between(HANGING, top, apart, ASIDE)))
    play(p, posture, "jumping_jacks", 0.5)


def high_knees(p: Programme) -> None:
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
        add(posture, side, foot_z=hop_m, foot_x=-kick_m * own)
        add(posture, side, foot_z=high_m * own)
        put(posture, side, foot_pitch=(0.4 + 2.5 * kick_m) * own)
        forward = swing * SIGN[side] * -beat
        ways[side] = _swung(np.array(RUNNING.upper), forward), _swung(np.array(RUNNING.fore), forward)
    set_arms(posture, p.body, ways)
    play(p, posture, "high_knees", 0.4)


def _swung(bone: np.ndarray, forward: np.ndarray) -> np.ndarray:
    """A bone's direction turned forward about the line through the shoulders, (T, 3). forward: (T,) rad."""
    c, s = np.cos(forward), np.sin(forward)
    return np.stack([c * bone[0] - s * bone[2], np.full(len(forward), bone[1]), s * bone[0] + c * bone[2]], -1)


def treadmill(p: Programme) -> None:
    yaw_rad = p.rng.uniform(-np.pi, np.pi)
    goal = SPOT + p.rng.uniform(6.0, 12.0) * np.array([np.cos(yaw_rad), np.sin(yaw_rad)])
    walking = moves.walk(p.body, p.rng, p.fps, SPOT, goal)
    gone = np.linspace(0, 1, length(walking) + 1)[1:, None] * (goal - SPOT)
    x, y = -gone.T
    add(walking, hip_x=x, hip_y=y)
    for side in SIDES:
        add(walking, side, foot_x=x, foot_y=y, hand_x=x, hand_y=y)
    keep_bar(p, walking)
    play(p, walking, "treadmill", 0.8)


ON_FLOOR = (push_ups, plank, sit_ups, leg_raises, bridges, burpees)
SWINGS_AND_BENDS = (kettlebell_swings, good_mornings, calf_raises, side_bends, rotations)
RUNS_AND_JUMPS = (jumping_jacks, high_knees, treadmill)
BODY_EXERCISES: dict[str, Exercise] = {
    played.__name__: played for played in (*ON_FLOOR, *SWINGS_AND_BENDS, *RUNS_AND_JUMPS)
}
