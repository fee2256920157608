"""Computes lifts from key postures in time, for lifts with several phases on each way: snatch, clean and jerk."""

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass, replace
from typing import Any, Literal, NamedTuple

import numpy as np
from scipy.interpolate import PchipInterpolator

from livecoach.lab.synth.figure.body_mesh import SIDES, BodyModel
from livecoach.lab.synth.figure.geometry import fall_height_m
from livecoach.lab.synth.figure.posture import BOTH, Posture, spine_vector, standing_hip_m, standing_posture
from livecoach.lab.synth.motion import limbs
from livecoach.lab.synth.motion.lifter import SyntheticLifter
from livecoach.lab.synth.motion.rep import Form

STEP_UP_M = 0.05  # Height of the foot in the middle of a step
LEAST_STEP_M = 0.01  # Movement of a foot below which the foot stays on the floor
EMPTY_HANDED_M = 0.25  # Distance that a lifter steps back from a dropped bar
SHRUG_M = 0.15  # Rise of the shoulder joints for each radian by which the clavicles turn up
LEAST_S = 0.25  # Smallest time from an early turn to the next key posture
EASE_S = 0.05  # Time for which the first and the last key posture are held, so that a way begins and ends at rest
Elbows = tuple[float, float, float]  # Direction of the elbows: forward, outward, up
DOWN_ELBOWS: Elbows = (-0.6, 0.5, -0.1)
HIGH_ELBOWS: Elbows = (0.1, 1.0, 0.45)
UNDER_BAR: Elbows = (0.5, 0.45, -0.8)
IN_FRONT: Elbows = (1.0, 0.35, -0.25)


@dataclass(frozen=True, slots=True)
class KeyPosture:
    """A posture that a lift passes through at a known time."""

    hands: Literal["hang", "shoulders", "overhead"]
    """Reference of `ahead_m` and `up_m`. "shoulders": distances from the shoulders. "hang" and "overhead": `ahead_m` is
    the distance in front of the ankles, and straight arms would reach `up_m` further down or up."""
    at_s: float  # time since the start of the ascent or descent
    shin_deg: float  # tilt of the shins from upright, with the knees forward
    thigh_deg: float  # tilt of the thighs from upright, with the hips behind the knees
    lean_deg: float | None
    """Lean of the line from hips to shoulders, forward positive; None to lean until straight arms reach the bar."""
    ahead_m: float
    _: KW_ONLY
    up_m: float = 0.0
    elbows: Elbows = DOWN_ELBOWS
    heels_m: float = 0.0  # height by which the heels are lifted
    shrug_rad: float = 0.0  # angle by which both clavicles turn up
    front_m: float = 0.0  # distance of the front foot in front of its usual place, in a split
    rear_m: float = 0.0  # distance of the rear foot behind its usual place
    sink_m: float = 0.0  # height by which the hips are lower than with both feet side by side
    stepped_m: float = 0.0  # distance of the lifter in front of the place of the set

    def at_time(self, at_s: float, **changes: Any) -> "KeyPosture":
        """Return a copy of the posture at a different time, with changed fields."""
        return replace(self, at_s=at_s, **changes)

    def with_angles(self, shin_deg: float, thigh_deg: float, lean_deg: float) -> "KeyPosture":
        """Return a copy of the posture with different angles of shins, thighs and trunk."""
        return replace(self, shin_deg=shin_deg, thigh_deg=thigh_deg, lean_deg=lean_deg)


FIELDS = ("hip_x", "hip_z", "lean", "hand_x", "hand_z", "heels", "shrug", "front", "rear", "stepped", "ex", "ey", "ez")
"""Columns of the rows from which postures are computed; the last three are the direction of the elbows."""


class GripAndStance(NamedTuple):
    """The settings of a lift from key postures: body, lifter, grip, stance, and the bar's height at the start."""

    body: BodyModel
    lifter: SyntheticLifter
    grip_half_m: float
    half_stance_m: float
    toe_out_rad: float
    bar_m: float  # height of the bar at the start


def _way_rows(hold: GripAndStance, keys: Sequence[KeyPosture], share: np.ndarray) -> np.ndarray:
    """Return the rows (`FIELDS`) of an ascent or descent, (T, 13), at shares (T,) of its time."""
    rows = np.array([_row(hold, key) for key in keys])
    return _interpolate_rows([key.at_s for key in keys], rows, share)


def _interpolate_rows(at_s: Sequence[float], rows: np.ndarray, share: np.ndarray) -> np.ndarray:
    seconds = np.array([0.0, *at_s]) + EASE_S
    seconds[0] = 0.0
    held = np.concatenate([rows[:1], rows, rows[-1:]])
    times = np.append(seconds, seconds[-1] + EASE_S)
    return PchipInterpolator(times, held)(np.clip(share, 0, 1) * times[-1])


def rep_posture(
    hold: GripAndStance, up: Sequence[KeyPosture], down: Sequence[KeyPosture], progress: np.ndarray, form: Form
) -> Posture:
    """Return the posture of a rep from the key postures of its ascent and descent.

    Args:
        down: Key postures of the descent, from the top.
        progress: (T,) finished share of the ascent's time, and after the turn the remaining share of the descent's.
            If the turn is below 1, both ways are cut.
    """
    rows, back = _way_rows(hold, up, progress), form["back"] > 0
    if back.any():
        most = float(np.clip(progress.max(), 1e-3, 1))
        turned = _way_rows(hold, up, np.array([most]))
        left_s = down[-1].at_s * most
        from_s = down[-1].at_s - left_s
        between = [key for key in down[1:-1] if key.at_s > from_s + (LEAST_S if most < 1 else 0)]
        at_s = [0.0, *(key.at_s - from_s for key in between), left_s]
        home = np.concatenate([turned, [_row(hold, key) for key in (*between, down[-1])]])
        rows[back] = _interpolate_rows(at_s, home, 1 - progress[back] / most)
    return _posture(hold, rows, form)


def _posture(hold: GripAndStance, rows: np.ndarray, form: Form) -> Posture:
    body, lifter = hold.body, hold.lifter
    value = dict(zip(FIELDS, rows.T, strict=True))
    posture = standing_posture(body, len(rows), hold.half_stance_m, hold.toe_out_rad)
    posture.put(hip_x=value["hip_x"], hip_z=value["hip_z"], shrug=value["shrug"])
    posture.add(hip_y=form["shift"])
    spine = spine_vector(body, form["lumbar"], form["thoracic"])
    posture["pitch"] = value["lean"] - limbs.lean_rad(spine)
    limbs.bend_spine(posture, lifter, form)
    limbs.turn_knees(posture, form, np.ones(len(rows)))
    _place_feet(posture, body, value, front=SIDES[int(lifter.tilt_rad > 0)])
    posture["bar_x"] = value["hand_x"] + 0.5 * form["forward"]
    posture["bar_z"] = value["hand_z"]
    _within_reach(posture, hold, spine)
    tilt = 0.6 * lifter.tilt_rad + form["tilt"]
    posture["bar_roll"], posture["roll"], posture["side"] = tilt, 0.35 * tilt, 0.65 * tilt
    empty = np.clip(-value["stepped"] / EMPTY_HANDED_M, 0, 1)
    limbs.hold_bar(posture, hold.grip_half_m, posture["bar_x"], posture["hip_y"])
    posture.add(BOTH, hand_y=empty * (body.shoulder_half_m + 0.1 - hold.grip_half_m))
    posture.put(BOTH, grip=1 - empty, pole_x=value["ex"], pole_y=value["ey"], pole_z=value["ez"])
    posture["bar_y"] = posture["hip_y"]
    return posture


def drop_bar(posture: Posture, floor_m: float, since_release_s: np.ndarray, bar_x_m: float) -> None:
    """Change a posture in place so that the bar falls from the hands, bounces once and comes to rest.

    Args:
        floor_m: Height at which the bar comes to rest.
        since_release_s: (T,) time since the lifter let go; negative before.
        bar_x_m: Forward position at which the bar comes to rest.
    """
    free = since_release_s >= 0
    if not free.any():
        return
    last = max(int(np.argmax(free)) - 1, 0)
    for name in ("bar_x", "bar_z", "bar_roll"):
        posture[name] = posture[name].copy()  # the hands may share the arrays
    top_z, top_x = posture["bar_z"][last], posture["bar_x"][last]
    height = fall_height_m(top_z, floor_m, since_release_s[free])
    fallen = np.maximum.accumulate((top_z - height) / (top_z - floor_m))
    posture["bar_z"][free] = height
    posture["bar_x"][free] = top_x + (bar_x_m - top_x) * fallen
    posture["bar_roll"][free] = posture["bar_roll"][free] * (1 - fallen)


def _row(hold: GripAndStance, key: KeyPosture) -> np.ndarray:
    body = hold.body
    shin, thigh = np.radians(key.shin_deg), np.radians(key.thigh_deg)
    shin_m, thigh_m = limbs.STRAIGHT * body.shin_m, limbs.STRAIGHT * body.thigh_m
    aside_m = hold.half_stance_m - body.joint_position("thigh.L")[1]
    leg_z = np.sqrt(max((shin_m * np.cos(shin) + thigh_m * np.cos(thigh)) ** 2 - aside_m**2, 0.01))
    heels = np.arcsin(np.clip(key.heels_m / limbs.BALL_M, 0, 0.9))
    hip_x = shin_m * np.sin(shin) - thigh_m * np.sin(thigh) + limbs.ankle_shift_m(body, heels)[0]
    hip_z = min(body.ankle_height_m + leg_z, standing_hip_m(body, hold.half_stance_m)) + 0.9 * key.heels_m - key.sink_m
    spine_m = float(np.linalg.norm(spine_vector(body, np.array(0.0), np.array(0.0))))
    lean_rad = _solved_lean(hold, key, hip_x, hip_z, spine_m) if key.lean_deg is None else np.radians(key.lean_deg)
    shoulder = np.array([hip_x + spine_m * np.sin(lean_rad), hip_z + spine_m * np.cos(lean_rad)])
    x, z = _hands(hold, key, shoulder)
    # The x above are those of a lifter at the place of the set; hips and hands move with the steps.
    return np.array(
        [hip_x, hip_z, lean_rad, x, z, key.heels_m, key.shrug_rad, key.front_m, key.rear_m, key.stepped_m, *key.elbows]
    ) + np.where(np.isin(FIELDS, ("hip_x", "hand_x")), key.stepped_m, 0.0)


def _solved_lean(hold: GripAndStance, key: KeyPosture, hip_x: float, hip_z: float, spine_m: float) -> float:
    """Return the lean at which straight arms reach the bar at its starting height, in radians."""
    across, up = key.ahead_m - hip_x, hold.bar_m - hip_z
    bar_m = float(np.hypot(across, up))
    cosine = (spine_m**2 + bar_m**2 - limbs.arm_reach_m(hold.body, hold.grip_half_m) ** 2) / (2 * spine_m * bar_m)
    return float(np.arctan2(across, up) - np.arccos(np.clip(cosine, -1, 1)))


def _hands(hold: GripAndStance, key: KeyPosture, shoulder: np.ndarray) -> tuple[float, float]:
    raised_m = SHRUG_M * key.shrug_rad
    if key.hands == "shoulders":
        return shoulder[0] + key.ahead_m, shoulder[1] + key.up_m + raised_m
    up = 1.0 if key.hands == "overhead" else -1.0
    reach_z = np.sqrt(max(limbs.arm_reach_m(hold.body, hold.grip_half_m) ** 2 - (key.ahead_m - shoulder[0]) ** 2, 0.01))
    return key.ahead_m, shoulder[1] + up * (reach_z - key.up_m) + raised_m


def _place_feet(posture: Posture, body: BodyModel, value: dict[str, np.ndarray], front: str) -> None:
    """Put the feet in their places. In a split, the foot of the side `front` is in front."""
    for side in SIDES:
        to = value["front"] if side == front else -value["rear"]
        rear = np.clip(value["rear"] / 0.4, 0, 1) if side != front else 0.0
        angle = np.arcsin(np.clip(value["heels"] / limbs.BALL_M, 0, 0.9)) + 0.6 * rear
        ahead_m, up_m = limbs.ankle_shift_m(body, angle)
        lifted = STEP_UP_M * _moving(to + value["stepped"]) * (1 if side == front else 0.6)
        posture.add(side, foot_x=ahead_m, foot_z=up_m, foot_pitch=angle)
        posture.add(side, foot_x=to, foot_z=lifted)
        posture.add(side, foot_x=value["stepped"])


def _moving(way: np.ndarray) -> np.ndarray:
    """Return 1 while a foot moves along its way, (T,) m, and 0 while the foot stands, (T,)."""
    if np.ptp(way) < LEAST_STEP_M:
        return np.zeros_like(way)
    speed = np.abs(np.gradient(way))
    return np.clip(speed / (0.4 * speed.max()), 0, 1)


def _within_reach(posture: Posture, hold: GripAndStance, spine: np.ndarray) -> None:
    """Bring the bar so near to the shoulders that straight arms reach it."""
    x, z = posture.end_from_hips(spine)
    z = z + SHRUG_M * posture["shrug"]
    across, up = posture["bar_x"] - x, posture["bar_z"] - z
    reach_m = 1.005 * limbs.arm_reach_m(hold.body, hold.grip_half_m)
    nearer = np.minimum(1, reach_m / np.maximum(np.hypot(across, up), 1e-6))
    posture["bar_x"], posture["bar_z"] = x + nearer * across, z + nearer * up
