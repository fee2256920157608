"""Pose parameters: a posture is a dict of arrays of length T, one per name in PARAMS; any two can be blended."""

import numpy as np

from livecoach.synth.curves import minimum_jerk
from livecoach.synth.figure.body import SIDES, SIGN, Body

Posture = dict[str, np.ndarray]

PLATE_RADIUS_M = 0.225
AWAY_Z = -5.0
"""Height of a bar that is not there: far under the floor."""
BAR = ("bar_x", "bar_y", "bar_z", "bar_roll", "bar_yaw")
PELVIS = ("hip_x", "hip_y", "hip_z", "yaw", "pitch", "roll")
"""Middle of the hips, and the pelvis' turn: pitch > 0 leans forward."""
SPINE = ("lumbar", "thoracic", "side", "twist", "neck", "head_yaw")
"""Flexion (> 0 rounds the back, looks down), side bend, twist, turn of the head."""
FOOT = ("foot_x", "foot_y", "foot_z", "foot_yaw", "foot_pitch", "knee_in")
"""Ankle (pitch > 0 lifts the heel) and the knee's turn towards the middle."""
HAND = ("hand_x", "hand_y", "hand_z", "grip", "pole_x", "pole_y", "pole_z")
"""Palm; grip 1: knuckles along the bar, 0: hanging; where the elbow points (y: outwards)."""
PARAMS = (*PELVIS, *SPINE, *BAR, *(f"{name}_{side}" for side in SIDES for name in FOOT + HAND))


def length(posture: Posture) -> int:
    """Number of frames."""
    return len(posture["hip_x"])


def stand(body: Body, count: int, half_stance_m: float, toe_out_rad: float) -> Posture:
    """Standing upright at the origin, facing forward, arms hanging beside the body."""
    posture = {name: np.zeros(count) for name in PARAMS}
    posture["hip_x"] += -0.01
    posture["hip_z"] += standing_hip_m(body, half_stance_m)
    posture["pitch"] += 0.02
    posture["bar_x"] += 0.1
    posture["bar_z"] += PLATE_RADIUS_M
    for side in SIDES:
        posture[f"foot_y_{side}"] += SIGN[side] * half_stance_m
        posture[f"foot_z_{side}"] += body.ankle_height_m
        posture[f"foot_yaw_{side}"] += SIGN[side] * toe_out_rad
        posture[f"hand_x_{side}"] += 0.04
        posture[f"hand_y_{side}"] += SIGN[side] * (body.shoulder_half_m + 0.1)
        posture[f"hand_z_{side}"] += posture["hip_z"] + body.at("upperarm.L")[2] - 0.975 * body.arm_m
        posture[f"pole_x_{side}"] += -1.0
        posture[f"pole_y_{side}"] += 0.5
    return posture


def standing_hip_m(body: Body, half_stance_m: float) -> float:
    """Height of the hips over feet that far from the middle: wide feet let them down."""
    leg_m = body.standing_hip_m - body.ankle_height_m
    aside_m = half_stance_m - body.at("thigh.L")[1]
    return float(body.ankle_height_m + np.sqrt(leg_m**2 - aside_m**2))


def blend(a: Posture, b: Posture, count: int) -> Posture:
    """`count` frames from a's last frame to b's first one, neither of them included."""
    weight = minimum_jerk((np.arange(count) + 1) / (count + 1))
    return {name: (1 - weight) * a[name][-1] + weight * b[name][0] for name in PARAMS}


def freeze(posture: Posture, count: int) -> Posture:
    """The last frame, `count` times."""
    return {name: np.repeat(posture[name][-1], count) for name in PARAMS}


def join(parts: list[Posture]) -> Posture:
    """One after the other."""
    return {name: np.concatenate([part[name] for part in parts]) for name in PARAMS}
