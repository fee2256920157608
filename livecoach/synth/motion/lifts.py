"""Where a deadlift and a squat put the body: hips over planted feet, trunk solved from hips and bar.

Both take `lift` (T,), the way through the lift, and `form`: how this rep departs from the lifter's plain movement, a
dict of (T,) arrays, one per name in FORM.
"""

from collections.abc import Callable

import numpy as np
from scipy.interpolate import PchipInterpolator

from livecoach.synth.figure.body import SIDES, SIGN, Body
from livecoach.synth.figure.kinematics import from_hips, spine_vector
from livecoach.synth.figure.posture import AWAY_Z, PLATE_RADIUS_M, Posture, stand
from livecoach.synth.motion.lifter import Lifter

Form = dict[str, np.ndarray]

FORM = ("lumbar", "thoracic", "neck", "drift", "early", "tilt", "shift", "knee_in", "depth")
"""lumbar, thoracic, neck: flexion, radians. drift: m the bar is forward. early: 0..1, hips ahead of the bar (deadlift)
or pushed back (squat). tilt: radians of bar roll. shift: m of hips sideways. knee_in: radians. depth: radians on the
tilt of the thighs at the bottom."""
KNOTS = (0, 0.25, 0.5, 0.75, 1)
DEADLIFT_THIGH = (1, 0.79, 0.54, 0.25, 0)
DEADLIFT_SHIN = (1, 0.62, 0.25, 0.06, 0)
"""Share of the starting tilt left at each of KNOTS."""


def plain_form(count: int) -> Form:
    """No departure at all, `count` frames."""
    return {name: np.zeros(count) for name in FORM}


def deadlift(body: Body, lift: np.ndarray, lifter: Lifter, form: Form) -> Posture:
    """Posture of a deadlift; `lift`: height of the bar, 0 on the floor, 1 at lockout."""
    posture = stand(body, len(lift), lifter.half_stance_m, lifter.toe_out_rad)
    _deadlift_hips(posture, body, lift, lifter, form)
    spine = spine_vector(body, body.at("upperarm.L"), form["lumbar"], form["thoracic"])
    reach_m = np.sqrt((0.992 * body.arm_m) ** 2 - (lifter.grip_half_m - body.shoulder_half_m) ** 2)
    lockout_z = _lockout_z(body, lifter, reach_m)
    posture["bar_z"] = PLATE_RADIUS_M + lift * (lockout_z - PLATE_RADIUS_M)
    posture["bar_x"] = lifter.bar_x_m + form["drift"]
    posture["pitch"] = _pitch_to_bar(posture, spine, reach_m)
    _bend_spine(posture, lifter, form, head_up=0.55)
    posture["bar_roll"] = form["tilt"]
    posture["roll"], posture["side"] = 0.35 * form["tilt"], 0.65 * form["tilt"]
    for side in SIDES:
        _hand_on_bar(posture, side, posture["bar_x"], SIGN[side] * lifter.grip_half_m, 0.0)
        posture[f"knee_in_{side}"] = form["knee_in"] * np.clip(1 - lift, 0, 1)
    return posture


def _deadlift_hips(posture: Posture, body: Body, lift: np.ndarray, lifter: Lifter, form: Form) -> None:
    thigh = PchipInterpolator(KNOTS, np.radians(DEADLIFT_THIGH) * lifter.start_thigh_deg)
    shin = PchipInterpolator(KNOTS, np.radians(DEADLIFT_SHIN) * lifter.start_shin_deg)
    bump = np.exp(-(((lift - 0.22) / 0.2) ** 2)) * np.clip(lift / 0.08, 0, 1)
    ahead = np.clip(np.clip(lift, 0, 1) + 0.36 * form["early"] * bump, 0, 1)
    a, b = thigh(ahead) + form["depth"] * (1 - ahead), shin(ahead)
    thigh_m, shin_m = 0.985 * body.thigh_m, 0.985 * body.shin_m
    posture["hip_x"] = shin_m * np.sin(b) - thigh_m * np.sin(a) - 0.01 + 0.02 * lift
    posture["hip_y"] = posture["hip_y"] + form["shift"]
    posture["hip_z"] = body.ankle_height_m + shin_m * np.cos(b) + thigh_m * np.cos(a)


def _lockout_z(body: Body, lifter: Lifter, reach_m: float) -> float:
    """Height of the bar at lockout: straight arms from a straight trunk."""
    straight = spine_vector(body, body.at("upperarm.L"), np.array(0.0), np.array(0.0))
    x, z = np.array([0.01, body.standing_hip_m]) + straight + np.array([-0.03, 0])
    return float(z - np.sqrt(reach_m**2 - (lifter.bar_x_m - x) ** 2))


def _pitch_to_bar(posture: Posture, spine: np.ndarray, reach_m: float) -> np.ndarray:
    """(T,) pitch of the pelvis that lets straight arms reach the bar: a triangle of hips, shoulders and bar."""
    to_bar = np.stack([posture["bar_x"] - posture["hip_x"], posture["bar_z"] - posture["hip_z"]], -1)
    bar_m, spine_m = np.linalg.norm(to_bar, axis=-1), np.linalg.norm(spine, axis=-1)
    cosine = (spine_m**2 + bar_m**2 - reach_m**2) / (2 * spine_m * bar_m)
    return _lean(to_bar) - np.arccos(np.clip(cosine, -1, 1)) - _lean(spine)


def squat(body: Body, lift: np.ndarray, lifter: Lifter, form: Form) -> Posture:
    """Posture of a squat, with a bar on the back or without; `lift`: 0 standing, 1 full depth."""
    posture = stand(body, len(lift), lifter.half_stance_m + 0.05, lifter.toe_out_rad + 0.15)
    lift = np.clip(lift, 0, 1.05)
    _squat_hips(posture, body, lift, lifter, form)
    spine = spine_vector(body, body.bar_on_back, form["lumbar"], form["thoracic"])
    over_midfoot = -0.025 + 0.06 * lift + 0.6 * form["drift"] - posture["hip_x"]
    lean = np.arcsin(np.clip(over_midfoot / np.linalg.norm(spine, axis=-1), -0.95, 0.95))
    posture["pitch"] = lean - _lean(spine) - (0 if lifter.loaded else 0.1)
    _bend_spine(posture, lifter, form, head_up=0.7)
    posture["bar_roll"] = form["tilt"]
    posture["roll"], posture["side"] = 0.4 * form["tilt"], 0.6 * form["tilt"]
    for side in SIDES:
        posture[f"knee_in_{side}"] = form["knee_in"] * np.clip(lift / 0.6, 0, 1)
    if lifter.loaded:
        _bar_on_back(posture, spine, lifter, form)
    else:
        _arms_forward(posture, body, lift)
    return posture


def _squat_hips(posture: Posture, body: Body, lift: np.ndarray, lifter: Lifter, form: Form) -> None:
    deepest = np.radians(lifter.squat_thigh_deg)
    thigh = PchipInterpolator([0, 0.5, 1.05], [0.01, 0.5 * deepest, 1.05 * deepest])
    a = thigh(lift) + form["depth"] * lift
    hips_back = 1 - 0.75 * form["early"] * np.clip(lift / 0.1, 0, 1)
    b = np.radians(lifter.squat_shin_deg) * lift**0.9 * hips_back
    thigh_m, shin_m = 0.975 * body.thigh_m, 0.975 * body.shin_m
    posture["hip_x"] = shin_m * np.sin(b) - thigh_m * np.sin(a) - 0.01
    posture["hip_y"] = posture["hip_y"] + form["shift"]
    posture["hip_z"] = body.ankle_height_m + 0.01 + shin_m * np.cos(b) + thigh_m * np.cos(a)


def _bar_on_back(posture: Posture, spine: np.ndarray, lifter: Lifter, form: Form) -> None:
    posture["bar_x"], posture["bar_z"] = from_hips(posture, spine)
    posture["bar_y"] = posture["hip_y"] - np.sin(form["tilt"]) * 0.4
    for side in SIDES:
        _hand_on_bar(posture, side, posture["bar_x"] + 0.01, SIGN[side] * (lifter.grip_half_m + 0.16), posture["bar_y"])
        for axis, value in (("x", -0.55), ("y", 0.1), ("z", -1.0)):
            posture[f"pole_{axis}_{side}"] = np.full_like(posture["bar_x"], value)


def _arms_forward(posture: Posture, body: Body, lift: np.ndarray) -> None:
    """No bar: the arms rise to the front while the lifter goes down."""
    shoulder = spine_vector(body, body.at("upperarm.L"), posture["lumbar"], posture["thoracic"])
    x, z = from_hips(posture, shoulder)
    up = np.clip(lift / 0.5, 0, 1)
    hanging_m = 0.97 * body.arm_m * np.sqrt(1 - up**2)
    for side in SIDES:
        posture[f"hand_x_{side}"] = x + up * 0.9 * body.arm_m + (1 - up) * 0.05
        posture[f"hand_y_{side}"] = SIGN[side] * body.shoulder_half_m * (1.1 - 0.3 * up)
        posture[f"hand_z_{side}"] = z + 0.05 - (1 - up) * hanging_m
        posture[f"pole_x_{side}"], posture[f"pole_z_{side}"] = -1 + up, -up
        posture[f"pole_y_{side}"] = np.full_like(up, 0.6)
    posture["bar_x"] = np.zeros_like(up)
    posture["bar_z"] = np.full_like(up, AWAY_Z)


def _bend_spine(posture: Posture, lifter: Lifter, form: Form, head_up: float) -> None:
    """Spine as in `form`; the head is lifted by a share of the trunk's lean."""
    posture["lumbar"], posture["thoracic"] = form["lumbar"], form["thoracic"]
    back = posture["pitch"] + form["lumbar"] + form["thoracic"]
    posture["neck"] = -head_up * np.clip(back, 0, 2) + lifter.neck_rad + form["neck"]


def _hand_on_bar(posture: Posture, side: str, x: np.ndarray, from_middle_m: float, bar_y: np.ndarray | float) -> None:
    """`from_middle_m`: along the bar, to the left."""
    y = from_middle_m + bar_y
    posture[f"hand_x_{side}"] = x
    posture[f"hand_y_{side}"] = np.broadcast_to(y, x.shape).copy()
    posture[f"hand_z_{side}"] = posture["bar_z"] + from_middle_m * np.sin(posture["bar_roll"])
    posture[f"grip_{side}"] = np.ones_like(x)


def _lean(vector: np.ndarray) -> np.ndarray:
    """Angle of sagittal (x, z) vectors from upright, forward positive."""
    return np.arctan2(vector[..., 0], vector[..., 1])


LIFTS: dict[str, Callable[[Body, np.ndarray, Lifter, Form], Posture]] = {"deadlift": deadlift, "squat": squat}
