"""What deadlift and squat have in common: legs that reach the feet, a bent spine, hands on a bar, a heel that rises."""

import numpy as np

from livecoach.synth.figure.body import SIDES, SIGN, BodyModel
from livecoach.synth.figure.posture import Posture
from livecoach.synth.motion.form import Form
from livecoach.synth.motion.lifter import SyntheticLifter

STRAIGHT = 0.985
"""How far a leg that looks straight is stretched."""
BALL_M = 0.13
"""From the ankle forwards to the ball of the foot, on which a heel rises."""


def put_hips(
    posture: Posture, body: BodyModel, thigh_rad: np.ndarray, shin_rad: np.ndarray, forward_m: np.ndarray
) -> None:
    """Hips over the feet of a posture: legs tilted in the sagittal plane, and spread as wide as the feet are."""
    thigh_m, shin_m = STRAIGHT * body.thigh_m, STRAIGHT * body.shin_m
    x = shin_m * np.sin(shin_rad) - thigh_m * np.sin(thigh_rad)
    z = shin_m * np.cos(shin_rad) + thigh_m * np.cos(thigh_rad)
    aside_m = posture["foot_y_L"] - body.at("thigh.L")[1]
    posture["hip_x"] = x + forward_m
    posture["hip_z"] = body.ankle_height_m + np.sqrt(np.maximum(z**2 - aside_m**2, 0.01))


def bend_spine(posture: Posture, lifter: SyntheticLifter, form: Form) -> None:
    """Spine as in `form`; the head is lifted by a share of the trunk's lean."""
    posture["lumbar"], posture["thoracic"] = form["lumbar"], form["thoracic"]
    posture["twist"] = lifter.twist_rad + form["twist"]
    back = posture["pitch"] + form["lumbar"] + form["thoracic"]
    posture["neck"] = -lifter.head_up * np.clip(back, 0, 2) + lifter.neck_rad + form["neck"]


def hold_bar(posture: Posture, side: str, from_middle_m: float, x: np.ndarray, bar_y: np.ndarray | float) -> None:
    """One hand on the bar; `from_middle_m`: along the bar, to the left."""
    posture[f"hand_x_{side}"] = x
    posture[f"hand_y_{side}"] = np.broadcast_to(from_middle_m + bar_y, x.shape).copy()
    posture[f"hand_z_{side}"] = posture["bar_z"] + from_middle_m * np.sin(posture["bar_roll"])
    posture[f"grip_{side}"] = np.ones_like(x)


def raise_heels(posture: Posture, body: BodyModel, form: Form) -> None:
    """Each foot turns about its ball; the ankle goes up and a little forward."""
    for side in SIDES:
        rise_m = np.clip(form[f"heel_{side}"], 0, 0.9 * BALL_M)
        angle = np.arcsin(rise_m / BALL_M)
        forward_m = BALL_M * (1 - np.cos(angle)) + body.ankle_height_m * np.sin(angle)
        yaw = posture[f"foot_yaw_{side}"]
        posture[f"foot_x_{side}"] = posture[f"foot_x_{side}"] + forward_m * np.cos(yaw)
        posture[f"foot_y_{side}"] = posture[f"foot_y_{side}"] + forward_m * np.sin(yaw)
        up_m = rise_m - body.ankle_height_m * (1 - np.cos(angle))
        posture[f"foot_z_{side}"] = posture[f"foot_z_{side}"] + up_m
        posture[f"foot_pitch_{side}"] = posture[f"foot_pitch_{side}"] + angle


def turn_knees(posture: Posture, form: Form, weight: np.ndarray) -> None:
    """Knees towards the middle as in `form`, times `weight` (T,)."""
    for side in SIDES:
        posture[f"knee_in_{side}"] = form[f"knee_in_{side}"] * weight


def point_elbows(posture: Posture, x: float, y: float, z: float) -> None:
    """Where both elbows point; y outwards."""
    for side in SIDES:
        for axis, value in (("x", x), ("y", y), ("z", z)):
            posture[f"pole_{axis}_{side}"] = np.full_like(posture["hip_x"], value)


def lean(vector: np.ndarray) -> np.ndarray:
    """Angle of sagittal (x, z) vectors from upright, forward positive."""
    angle: np.ndarray = np.arctan2(vector[..., 0], vector[..., 1])
    return angle


def outward(side: str, metres: float) -> float:
    """y of what lies `metres` to the outside."""
    return SIGN[side] * metres
