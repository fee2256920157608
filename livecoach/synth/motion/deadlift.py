"""The posture of a deadlift: hips over planted feet, and the trunk solved from hips and bar."""

import numpy as np
from scipy.interpolate import PchipInterpolator

from livecoach.synth.figure.body import SIDES, SIGN, BodyModel
from livecoach.synth.figure.kinematics import from_hips, spine_vector
from livecoach.synth.figure.posture import Posture, stand
from livecoach.synth.motion.form import Form
from livecoach.synth.motion.lifter import SyntheticLifter
from livecoach.synth.motion.limbs import bend_spine, hold_bar, lean, outward, put_hips, raise_heels, turn_knees

KNOTS = (0, 0.25, 0.5, 0.75, 1)
THIGH = PchipInterpolator(KNOTS, (1, 0.79, 0.54, 0.25, 0))
SHIN = PchipInterpolator(KNOTS, (1, 0.62, 0.25, 0.06, 0))
"""Share of the starting tilt that remains as the bar rises."""
AHEAD = 0.36
"""Share of the lift by which the hips lead at early = 1."""


def deadlift(body: BodyModel, lift: np.ndarray, lifter: SyntheticLifter, form: Form, hips_in_m: float = 0.0) -> Posture:
    """Return the posture of a deadlift.

    lift: (T,) height of the bar, 0 on the floor, 1 at lockout. hips_in_m: how much closer to the bar the hips start
    than legs that bend straight forward bring them.
    """
    posture = stand(body, len(lift), lifter.half_stance_m, lifter.toe_out_rad)
    _put_hips(posture, body, lift, lifter, form, hips_in_m)
    posture["hip_y"] = posture["hip_y"] + form["shift"]
    spine = spine_vector(body, body.at("upperarm.L"), form["lumbar"], form["thoracic"])
    reach_m = arm_reach_m(body, lifter, form)
    _put_bar(posture, body, lift, lifter, form)
    posture["pitch"] = pitch_to_bar(posture, spine, reach_m)
    lean_back_with_bar(posture, spine, reach_m, form)
    bend_spine(posture, lifter, form)
    hang_bar(posture, lifter, form, lifter.tilt_rad * lift + form["tilt"])
    turn_knees(posture, form, np.clip(1 - lift, 0, 1))
    raise_heels(posture, body, form)
    return posture


def _put_hips(
    posture: Posture, body: BodyModel, lift: np.ndarray, lifter: SyntheticLifter, form: Form, hips_in_m: float
) -> None:
    ahead = np.clip(np.clip(lift, 0, 1) + AHEAD * form["early"], 0, 1)
    knees = ahead ** (1 / lifter.legs_first)
    low = 1 - ahead
    tilt = np.radians(lifter.start_thigh_deg) * THIGH(ahead) + form["thigh"] * low + form["unlock"]
    shin_tilt = np.radians(lifter.start_shin_deg) * SHIN(knees) + form["shin"] * low + 0.5 * form["unlock"]
    push_m = 0.3 * body.thigh_m * np.sin(form["lean_back"])
    put_hips(posture, body, tilt, shin_tilt, -0.01 + 0.02 * lift + push_m + hips_in_m * THIGH(ahead))


def _put_bar(posture: Posture, body: BodyModel, lift: np.ndarray, lifter: SyntheticLifter, form: Form) -> None:
    top_z = lockout_z(body, lifter, float(posture["foot_y_L"][0]))
    posture["bar_z"] = lifter.bar_start_m + lift * (top_z - lifter.bar_start_m)
    posture["bar_x"] = lifter.bar_x_m + form["forward"]


def hang_bar(posture: Posture, lifter: SyntheticLifter, form: Form, tilt_rad: np.ndarray) -> None:
    """Let the hands hold a hanging bar that is tilted by tilt_rad (T,); the trunk follows it."""
    posture["bar_roll"] = tilt_rad
    posture["roll"], posture["side"] = 0.35 * tilt_rad, 0.65 * tilt_rad
    for side in SIDES:
        hold_bar(posture, side, outward(side, lifter.grip_half_m), posture["bar_x"], 0.0)
        for axis, apart in (("x", "ahead"), ("z", "above")):
            posture[f"hand_{axis}_{side}"] = posture[f"hand_{axis}_{side}"] + 0.5 * SIGN[side] * form[apart]


def arm_reach_m(body: BodyModel, lifter: SyntheticLifter, form: Form) -> np.ndarray:
    """Return the sagittal distance from shoulder to bar, (T,), with the elbow flexion of `form`."""
    flexion = 0.5 * (form["elbow_L"] + form["elbow_R"])
    upper, lower = body.upper_arm_m, body.forearm_m + body.hand_m
    arm_m = 0.992 * np.sqrt(upper**2 + lower**2 + 2 * upper * lower * np.cos(flexion))
    aside_m = lifter.grip_half_m - body.shoulder_half_m
    reach: np.ndarray = np.sqrt(arm_m**2 - aside_m**2)
    return reach


def lockout_z(body: BodyModel, lifter: SyntheticLifter, half_stance_m: float) -> float:
    """Return the height of the bar at lockout, with a straight trunk and the lifter's usual arms."""
    straight = spine_vector(body, body.at("upperarm.L"), np.array(0.0), np.array(0.0))
    upright = stand(body, 1, half_stance_m, 0.0)
    hips = np.array([0.01, upright["hip_z"][0]])
    x, z = hips + straight + np.array([-0.03, 0])
    aside_m = lifter.grip_half_m - body.shoulder_half_m
    upper, lower = body.upper_arm_m, body.forearm_m + body.hand_m
    bent = np.sqrt(1 - 2 * upper * lower * (1 - np.cos(lifter.elbow_rad)) / (upper + lower) ** 2)
    reach_m = np.sqrt((0.992 * body.arm_m * bent) ** 2 - aside_m**2)
    return float(z - np.sqrt(reach_m**2 - (lifter.bar_x_m - x) ** 2))


def pitch_to_bar(posture: Posture, spine: np.ndarray, reach_m: np.ndarray) -> np.ndarray:
    """Return the pitch of the pelvis, (T,), at which the arms reach the bar, by the triangle hips, shoulders, bar."""
    to_bar = np.stack([posture["bar_x"] - posture["hip_x"], posture["bar_z"] - posture["hip_z"]], -1)
    bar_m, spine_m = np.linalg.norm(to_bar, axis=-1), np.linalg.norm(spine, axis=-1)
    cosine = (spine_m**2 + bar_m**2 - reach_m**2) / (2 * spine_m * bar_m)
    pitch: np.ndarray = lean(to_bar) - np.arccos(np.clip(cosine, -1, 1)) - lean(spine)
    return pitch


def lean_back_with_bar(posture: Posture, spine: np.ndarray, reach_m: np.ndarray, form: Form) -> None:
    """Lean back past upright, with the shoulders behind the hips and the bar hanging from the arms."""
    posture["pitch"] = posture["pitch"] - form["lean_back"]
    x, z = from_hips(posture, spine)
    hanging_z = z - np.sqrt(np.maximum(reach_m**2 - (posture["bar_x"] - x) ** 2, 0.01))
    posture["bar_z"] = np.where(form["lean_back"] > 0, hanging_z, posture["bar_z"])
