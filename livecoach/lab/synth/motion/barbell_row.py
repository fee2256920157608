"""Defines the barbell row: the hips stay bent while the arms pull the bar to the belly and let it down.

The trunk is at 15 to 60° from level and hardly moves in the strict form: Fenwick, Brown and McGill (2009). Some lifters
pull every rep from the floor, as Pendlay did.
"""

from dataclasses import dataclass

import numpy as np

from livecoach.lab.synth.figure.body_mesh import SIDES, SIGN, BodyModel
from livecoach.lab.synth.figure.posture import (
    AWAY_Z,
    PLATE_RADIUS_M,
    Posture,
    add,
    end_from_hips,
    put,
    spine_vector,
    standing_posture,
)
from livecoach.lab.synth.motion import limbs
from livecoach.lab.synth.motion.lift_motion import Lift, make_floor_pull, style_of
from livecoach.lab.synth.motion.lifter import SyntheticLifter
from livecoach.lab.synth.motion.ranges import drawn_by, duration, uniform
from livecoach.lab.synth.motion.rep import Form, Phase, make_timing_draw

FROM_FLOOR = 0.2  # Share of lifters who put the bar down between reps
BELLY_M = 0.13  # Distance of the pulled bar from the line between hips and shoulders
SHIN_CLEAR_M = 0.06  # Smallest distance of the hanging bar in front of the ankles


@dataclass(frozen=True, slots=True, kw_only=True)
class _BarbellRowStyle:
    from_floor: bool = drawn_by(lambda d: bool(d.rng.random() < FROM_FLOOR) and d.loaded)
    lean_rad: float = drawn_by(
        lambda d: np.radians(90 - d.rng.uniform(*((5, 25) if d.values["from_floor"] else (15, 60)))), set_sd=0.05
    )
    """Lean of the trunk from upright between the pulls."""
    heave_rad: float = drawn_by(
        lambda d: np.radians(abs(d.rng.normal(3, 5))), wide=lambda d: np.radians(d.rng.uniform(0, 22)), set_sd=0.02
    )
    """Angle by which the trunk rises with the pull."""
    thigh_rad: float = drawn_by(
        lambda d: np.radians(d.rng.uniform(*((40, 62) if d.values["from_floor"] else (22, 42)))), set_sd=0.04
    )
    """Tilt of the thighs."""
    shin_rad: float = drawn_by(lambda d: np.radians(d.rng.uniform(0, 16)))
    pull_target: float = uniform(0.5, 0.85, wide=(0.35, 0.95), set_sd=0.03)
    """Place to which the bar is pulled: 0 the shoulders, 1 the hips."""
    swing_m: float = uniform(-0.01, 0.05)  # distance by which the bar's path curves to the front
    elbows_out: float = uniform(0.1, 0.9, wide=(0.0, 1.4))
    grip_half_m: float = drawn_by(
        lambda d: d.body.shoulder_half_m + d.rng.uniform(-0.03, 0.16),
        wide=lambda d: d.body.shoulder_half_m + d.rng.uniform(-0.06, 0.25),
    )
    pull_s: float = duration(0.45, 1.5, wide=(0.3, 3.0))
    top_s: float = duration(0.06, 0.6)
    lower_s: float = duration(0.5, 2.2, wide=(0.3, 3.5))
    bottom_s: float = duration(0.15, 1.2)


def barbell_row_posture(body: BodyModel, progress: np.ndarray, lifter: SyntheticLifter, form: Form) -> Posture:
    """Return the posture of a barbell row at each progress (T,): 0 with hanging arms, 1 with the bar at the belly."""
    style, pulled = style_of(lifter, _BarbellRowStyle), np.clip(progress, 0, 1.05)
    posture = standing_posture(body, len(progress), max(lifter.half_stance_m, 0.09), lifter.toe_out_rad)
    straighter = 0.25 * style.heave_rad * pulled
    limbs.put_hips(
        posture,
        body,
        style.thigh_rad + 0.4 * form["thigh"] - straighter,
        style.shin_rad + 0.4 * form["shin"] + np.zeros_like(progress),
        np.full_like(progress, -0.01),
    )
    add(posture, hip_y=form["shift"])
    spine = spine_vector(body, form["lumbar"], form["thoracic"])
    held_rad: np.ndarray | float = style.lean_rad
    if style.from_floor:  # the trunk leans so that straight arms reach the bar, but not less than usual
        up_m = limbs.arm_reach_m(body, style.grip_half_m) + PLATE_RADIUS_M - posture["hip_z"]
        held_rad = np.arccos(np.clip(up_m / np.linalg.norm(spine, axis=-1), -0.35, np.cos(style.lean_rad)))
    posture["pitch"] = held_rad - style.heave_rad * pulled - limbs.lean_rad(spine)
    limbs.bend_spine(posture, lifter, form)
    limbs.turn_knees(posture, form, np.full_like(progress, 0.5))
    _pull(posture, body, style, pulled, spine, form)
    tilt = 0.5 * lifter.tilt_rad + form["tilt"]
    put(posture, bar_roll=tilt, roll=0.2 * tilt, side=0.3 * tilt)
    _hold(posture, body, style, lifter.loaded)
    return posture


def _pull(
    posture: Posture, body: BodyModel, style: _BarbellRowStyle, pulled: np.ndarray, spine: np.ndarray, form: Form
) -> None:
    x, z = end_from_hips(posture, spine)
    hang_x = np.maximum(x - 0.02, SHIN_CLEAR_M + posture["foot_x_L"]) + 0.5 * form["forward"]
    reach_m = limbs.arm_reach_m(body, style.grip_half_m)
    hang_z = z - np.sqrt(np.maximum(reach_m**2 - (hang_x - x) ** 2, 0.04))
    up = np.stack([x - posture["hip_x"], z - posture["hip_z"]], -1)
    along = up / np.linalg.norm(up, axis=-1, keepdims=True)
    belly_x = x - style.pull_target * up[:, 0] + BELLY_M * along[:, 1]
    belly_z = z - style.pull_target * up[:, 1] - BELLY_M * along[:, 0]
    posture["bar_x"] = hang_x + (belly_x - hang_x) * pulled + style.swing_m * np.sin(np.pi * np.clip(pulled, 0, 1))
    posture["bar_z"] = hang_z + (belly_z - hang_z) * pulled


def _hold(posture: Posture, body: BodyModel, style: _BarbellRowStyle, barbell: bool) -> None:
    half_m = style.grip_half_m if barbell else body.shoulder_half_m + 0.04
    for side in SIDES:
        limbs.hold_bar(posture, side, SIGN[side] * half_m, posture["bar_x"], posture["hip_y"])
    limbs.point_elbows(posture, -0.6, style.elbows_out, 0.7)
    posture["bar_y"] = posture["hip_y"]
    if not barbell:
        put(posture, bar_z=AWAY_Z, grip_L=0.0, grip_R=0.0)  # palms inward, as on dumbbells


BARBELL_ROW = Lift(
    name="barbell_row",
    posture=barbell_row_posture,
    turns_low=False,
    turn="bar at the belly",
    on_floor=True,
    bent=np.ones_like,
    timing=make_timing_draw(
        away_s=Phase("pull_s", 0.12, tired=0.2),
        pause_s=Phase("top_s", 0.3, 0.0),
        back_s=Phase("lower_s", 0.12),
        rest_s=Phase("bottom_s", 0.25, 0.06),
        tired=0.05,
        varies=0.03,
        lands=(0.3, "landing"),
    ),
    before=("idle", "walkin", "fiddle", "load_plate", "tie_shoe", "stretch", "shift"),
    between=("idle", "bend", "shift"),
    after=("idle", "walkout", "bend", "stretch", "sit"),
    loaded=0.75,
    style=_BarbellRowStyle,
    floor_pull=make_floor_pull("grip_half_m", when=lambda style: not style.from_floor),
)
