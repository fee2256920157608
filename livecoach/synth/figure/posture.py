"""Pose parameters: a posture is a dict of arrays (T,), one for each name in PARAMS; postures can be blended."""

import numpy as np

from livecoach.synth.figure.body import SIDES, SIGN, BodyModel
from livecoach.synth.figure.geometry import minimum_jerk

Posture = dict[str, np.ndarray]

PLATE_RADIUS_M = 0.225
AWAY_Z = -5.0
"""Of an absent bar, far below the floor."""
BAR = ("bar_x", "bar_y", "bar_z", "bar_roll", "bar_yaw")
PELVIS = ("hip_x", "hip_y", "hip_z", "yaw", "pitch", "roll")
"""Mid-hip position and rotation of the pelvis; pitch > 0 leans forward."""
SPINE = ("lumbar", "thoracic", "side", "twist", "neck", "head_yaw", "shrug")
"""Flexion (> 0 rounds the back or looks down), side bend, twist, rotation of the head, and the angle by which both
clavicles turn up."""
FOOT = ("foot_x", "foot_y", "foot_z", "foot_yaw", "foot_pitch", "knee_in", "knee_up")
"""Ankle (pitch > 0 lifts the heel), inward rotation of the knee, and the direction in which it bends (0: forward over
the foot, pi / 2: upwards, as of somebody who lies on the back)."""
HAND = ("hand_x", "hand_y", "hand_z", "grip", "pole_x", "pole_y", "pole_z")
"""Palm; grip (1: knuckles along the bar, 0: hanging); direction of the elbow (y outwards)."""
PARAMS = (*PELVIS, *SPINE, *BAR, *(f"{name}_{side}" for side in SIDES for name in FOOT + HAND))


def length(posture: Posture) -> int:
    """In frames."""
    return len(posture["hip_x"])


def add(posture: Posture, side: str = "", /, **amounts: np.ndarray | float) -> None:
    """To parameters. side: that of all of them, for those that stand twice."""
    for name, amount in amounts.items():
        key = f"{name}_{side}" if side else name
        posture[key] = posture[key] + amount


def put(posture: Posture, side: str = "", /, **values: np.ndarray | float) -> None:
    """Set parameters to values, (T,) or constant. side: as in `add`."""
    for name, value in values.items():
        posture[f"{name}_{side}" if side else name] = np.full(length(posture), value, float)


def stand(body: BodyModel, count: int, half_stance_m: float, toe_out_rad: float) -> Posture:
    """Upright at the origin, facing forward, arms hanging beside the body."""
    posture = {name: np.zeros(count) for name in PARAMS}
    hip_z = standing_hip_m(body, half_stance_m)
    put(posture, hip_x=-0.01, hip_z=hip_z, pitch=0.02, bar_x=0.1, bar_z=PLATE_RADIUS_M)
    hand_z = hip_z + body.at("upperarm.L")[2] - 0.975 * body.arm_m
    for side in SIDES:
        aside = SIGN[side]
        put(posture, side, foot_y=aside * half_stance_m, foot_z=body.ankle_height_m, foot_yaw=aside * toe_out_rad)
        put(posture, side, hand_x=0.04, hand_y=aside * (body.shoulder_half_m + 0.1), hand_z=hand_z)
        put(posture, side, pole_x=-1.0, pole_y=0.5)
    return posture


def standing_hip_m(body: BodyModel, half_stance_m: float) -> float:
    """Wide feet lower the hips."""
    leg_m = body.standing_hip_m - body.ankle_height_m
    aside_m = half_stance_m - body.at("thigh.L")[1]
    return float(body.ankle_height_m + np.sqrt(leg_m**2 - aside_m**2))


def blend(a: Posture, b: Posture, count: int) -> Posture:
    """`count` frames between a's last and b's first frame, both excluded."""
    weight = minimum_jerk((np.arange(count) + 1) / (count + 1))
    return {name: (1 - weight) * a[name][-1] + weight * b[name][0] for name in PARAMS}


def freeze(posture: Posture, count: int) -> Posture:
    return {name: np.repeat(posture[name][-1], count) for name in PARAMS}


def join(parts: list[Posture]) -> Posture:
    return {name: np.concatenate([part[name] for part in parts]) for name in PARAMS}
