"""Parts of postures that deadlift and squat share: hips over the feet, the spine, hands on a bar, rising heels."""

import numpy as np

from livecoach.synth.figure.body import SIDES, SIGN, BodyModel
from livecoach.synth.figure.posture import Posture
from livecoach.synth.motion.form import Form
from livecoach.synth.motion.lifter import SyntheticLifter

STRAIGHT = 0.985
"""Stretched length of a leg that looks straight, as a share of thigh plus shin."""
BALL_M = 0.13
"""Distance from the ankle forward to the ball of the foot, about which a heel rises."""


def put_hips(
    posture: Posture, body: BodyModel, thigh_rad: np.ndarray, shin_rad: np.ndarray, forward_m: np.ndarray
) -> None:
    """Place the hips over the feet, with the legs tilted in the sagittal plane and as wide as the feet."""
    thigh_m, shin_m = STRAIGHT * body.thigh_m, STRAIGHT * body.shin_m
    x = shin_m * np.sin(shin_rad) - thigh_m * np.sin(thigh_rad)
    z = shin_m * np.cos(shin_rad) + thigh_m * np.cos(thigh_rad)
    aside_m = posture["foot_y_L"] - body.at("thigh.L")[1]
    posture["hip_x"] = x + forward_m
    posture["hip_z"] = body.ankle_height_m + np.sqrt(np.maximum(z**2 - aside_m**2, 0.01))


def bend_spine(posture: Posture, lifter: SyntheticLifter, form: Form) -> None:
    """Bend the spine as in `form`; the head compensates a share of the trunk's lean."""
    posture["lumbar"], posture["thoracic"] = form["lumbar"], form["thoracic"]
    posture["twist"] = lifter.twist_rad + form["twist"]
    back = posture["pitch"] + form["lumbar"] + form["thoracic"]
    posture["neck"] = -lifter.head_up * np.clip(back, 0, 2) + lifter.neck_rad + form["neck"]


def hold_bar(posture: Posture, side: str, from_middle_m: float, x: np.ndarray, bar_y: np.ndarray | float) -> None:
    """Put one hand on the bar. from_middle_m: position along the bar, to the left."""
    posture[f"hand_x_{side}"] = x
    posture[f"hand_y_{side}"] = np.broadcast_to(from_middle_m + bar_y, x.shape).copy()
    posture[f"hand_z_{side}"] = posture["bar_z"] + from_middle_m * np.sin(posture["bar_roll"])
    posture[f"grip_{side}"] = np.ones_like(x)


def raise_heels(posture: Posture, body: BodyModel, form: Form) -> None:
    """Rotate each foot about its ball; the ankle moves up and slightly forward."""
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
    """Turn the knees inward as in `form`, times `weight` (T,)."""
    for side in SIDES:
        posture[f"knee_in_{side}"] = form[f"knee_in_{side}"] * weight


def point_elbows(posture: Posture, x: float, y: float, z: float) -> None:
    """Set the direction of both elbows; y points outwards."""
    for side in SIDES:
        for axis, value in (("x", x), ("y", y), ("z", z)):
            posture[f"pole_{axis}_{side}"] = np.full_like(posture["hip_x"], value)


def lean(vector: np.ndarray) -> np.ndarray:
    """Return the angle of sagittal (x, z) vectors from upright, forward positive."""
    angle: np.ndarray = np.arctan2(vector[..., 0], vector[..., 1])
    return angle


def outward(side: str, metres: float) -> float:
    """Return the y coordinate of a point `metres` outwards on a side."""
    return SIGN[side] * metres
