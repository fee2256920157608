"""Sets parts of postures: hips over the feet, the spine, arms by direction, hands on a bar, rising heels."""

from typing import NamedTuple

import numpy as np

from livecoach.lab.synth.figure.body_mesh import SIDES, SIGN, BodyModel
from livecoach.lab.synth.figure.geometry import rotate_vectors, rotation, unit_vectors
from livecoach.lab.synth.figure.posture import BOTH, Posture, Value, solve_joints, spine_vector
from livecoach.lab.synth.motion.lifter import HandPositions, SyntheticLifter
from livecoach.lab.synth.motion.rep import Form

STRAIGHT = 0.985  # Stretched length of a leg that looks straight, as a share of thigh plus shin
BALL_M = 0.13  # Distance from the ankle forward to the ball of the foot, about which a heel rises


def put_hips(
    posture: Posture, body: BodyModel, thigh_rad: np.ndarray, shin_rad: np.ndarray, forward_m: np.ndarray
) -> None:
    """Put the hips of a posture over the feet, in place, by the tilts of thighs and shins in the sagittal plane.

    Args:
        thigh_rad: (T,) tilt of the thighs from upright, with the hips behind the knees.
        shin_rad: (T,) tilt of the shins from upright, with the knees forward.
        forward_m: (T,) distance by which the hips are farther forward than these tilts put them.
    """
    thigh_m, shin_m = STRAIGHT * body.thigh_m, STRAIGHT * body.shin_m
    x = shin_m * np.sin(shin_rad) - thigh_m * np.sin(thigh_rad)
    z = shin_m * np.cos(shin_rad) + thigh_m * np.cos(thigh_rad)
    aside_m = posture["foot_y_L"] - body.joint_position("thigh.L")[1]
    posture["hip_x"] = x + forward_m
    posture["hip_z"] = body.ankle_height_m + np.sqrt(np.maximum(z**2 - aside_m**2, 0.01))


def bend_spine(posture: Posture, lifter: SyntheticLifter, form: Form) -> None:
    """Bend and twist the spine of a posture as in `form`, in place; the head compensates for a share of the lean."""
    posture["lumbar"], posture["thoracic"] = form["lumbar"], form["thoracic"]
    posture["twist"] = lifter.twist_rad + form["twist"]
    back = posture["pitch"] + form["lumbar"] + form["thoracic"]
    posture["neck"] = -lifter.head_up * np.clip(back, 0, 2) + lifter.neck_rad + form["neck"]


def hold_bar(posture: Posture, half_m: Value, x: np.ndarray, bar_y: Value) -> None:
    """Change a posture in place so that both hands hold the bar.

    Args:
        half_m: Distance of each hand from the bar's middle.
        x: (T,) x of the hands, in metres.
        bar_y: y of the bar's middle, in metres, constant or (T,).
    """
    for side in SIDES:
        left_m = SIGN[side] * half_m
        posture[f"hand_x_{side}"] = x
        posture[f"hand_y_{side}"] = np.broadcast_to(left_m + bar_y, x.shape).copy()
        posture[f"hand_z_{side}"] = posture["bar_z"] + left_m * np.sin(posture["bar_roll"])
        posture[f"grip_{side}"] = np.ones_like(x)


def ankle_shift_m(body: BodyModel, angle: Value, ahead_m: float = BALL_M) -> tuple[np.ndarray, np.ndarray]:
    """Return the shift of the ankle, forward and up in metres, after the foot has rotated about a point on the floor.

    Args:
        angle: Angle of this rotation, in radians, constant or (T,); > 0 lifts the heel.
        ahead_m: Distance of the point in front of the ankle.
    """
    forward_m = ahead_m * (1 - np.cos(angle)) + body.ankle_height_m * np.sin(angle)
    return forward_m, ahead_m * np.sin(angle) - body.ankle_height_m * (1 - np.cos(angle))


def arm_reach_m(body: BodyModel, grip_half_m: float) -> float:
    """Return the distance in metres from the shoulder to a bar in straight arms, seen from the side."""
    return float(np.sqrt((0.99 * body.arm_m) ** 2 - (grip_half_m - body.shoulder_half_m) ** 2))


def raise_heels(posture: Posture, body: BodyModel, form: Form) -> None:
    """Rotate each foot of a posture about its ball as in `form`, in place; the ankle moves up and slightly forward."""
    for side in SIDES:
        rise_m = np.clip(form[f"heel_{side}"], 0, 0.9 * BALL_M)
        angle = np.arcsin(rise_m / BALL_M)
        forward_m, _ = ankle_shift_m(body, angle)
        yaw, up_m = posture[f"foot_yaw_{side}"], rise_m - body.ankle_height_m * (1 - np.cos(angle))
        posture.add(side, foot_x=forward_m * np.cos(yaw), foot_y=forward_m * np.sin(yaw), foot_z=up_m)
        posture.add(side, foot_pitch=angle)


def turn_knees(posture: Posture, form: Form, weight: np.ndarray) -> None:
    """Set the inward rotation of the knees of a posture, in place: the rotation of `form` times `weight`, (T,)."""
    for side in SIDES:
        posture[f"knee_in_{side}"] = form[f"knee_in_{side}"] * weight


def move_legs(posture: Posture, body: BodyModel, form: Form, bent: np.ndarray) -> None:
    """Turn the knees inward and raise the heels as in `form`, in place; `bent`, (T,) 0…1, is a factor for the knees."""
    turn_knees(posture, form, bent)
    raise_heels(posture, body, form)


def put_hands(posture: Posture, body: BodyModel, hands: HandPositions, down: np.ndarray) -> None:
    """Set the hands and elbows of a posture without a bar, in place; the hands are on an arc from standing to bottom.

    Args:
        down: (T,) 0 standing, 1 at the bottom.
    """
    x, z = shoulder_middle(body, posture)
    angle = hands.with_trunk * trunk_lean_rad(posture)
    ends, shares = np.array([hands.standing, hands.bottom]), np.stack([1 - down, down], -1)
    far_m = body.arm_m * (shares @ np.linalg.norm(ends, axis=1))[:, None]
    place = far_m * unit_vectors(shares @ ends)
    for side in SIDES:
        forward, aside, up = (place + body.arm_m * (side == "L") * np.array(hands.uneven)).T
        posture.put(
            side,
            hand_x=x + np.cos(angle) * forward + np.sin(angle) * up,
            hand_y=posture["hip_y"] + SIGN[side] * (body.shoulder_half_m + aside),
            hand_z=z - np.sin(angle) * forward + np.cos(angle) * up,
        )
    pole_x, pole_y, pole_z = hands.elbows
    posture.put(BOTH, pole_x=pole_x, pole_y=pole_y, pole_z=pole_z)


def lean_rad(vector: np.ndarray) -> np.ndarray:
    """Return the angle of sagittal vectors (x, z) from upright, forward positive, in radians."""
    return np.arctan2(vector[..., 0], vector[..., 1])


Direction = tuple[float, float, float]  # Forward, outward, up; of any length
Directions = tuple[np.ndarray, np.ndarray]  # Directions of upper arm and forearm, (T, 3) each
POLE_BACK = np.array([-0.12, 0.06, -0.06])  # Direction in which a straight arm bends; hardly affects a bent arm


class Arm(NamedTuple):
    """The directions of the bones of an arm."""

    upper: Direction
    fore: Direction


def shoulder_middle(body: BodyModel, posture: Posture) -> tuple[np.ndarray, np.ndarray]:
    """Return x and z of the middle of the shoulders, (T,) each in metres, for a trunk without yaw and side bend."""
    return posture.end_from_hips(spine_vector(body, posture["lumbar"], posture["thoracic"]))


def set_arms(posture: Posture, body: BodyModel, directions: dict[str, Directions], with_trunk: float = 0.0) -> None:
    """Change a posture in place so that its arms point in `directions`, by setting hands and elbows.

    Args:
        directions: Side → directions of upper arm and forearm, (T, 3) each: forward, outward, up.
        with_trunk: Share of the trunk's rotation that the directions follow, 0…1.
    """
    position = solve_joints(body, posture)[1]
    twist, pitch, aside = posture["twist"], trunk_lean_rad(posture), posture["roll"] + posture["side"]
    trunk = rotation(2, with_trunk * twist) @ rotation(1, with_trunk * pitch) @ rotation(0, with_trunk * aside)
    axes = rotation(2, posture["yaw"]) @ trunk
    for side, (upper, fore) in directions.items():
        out = np.array([1.0, SIGN[side], 1.0])
        lower_m = body.forearm_m + body.hand_m
        hand = body.upper_arm_m * unit_vectors(upper) + 0.999 * lower_m * unit_vectors(fore)
        place = position[:, body.joint[f"upperarm.{side}"]] + rotate_vectors(axes, hand * out)
        bend = rotate_vectors(trunk, (unit_vectors(upper) - unit_vectors(fore) + POLE_BACK) * out) * out
        posture.put_point("hand", side, place)
        posture.put_point("pole", side, bend)


def trunk_lean_rad(posture: Posture) -> np.ndarray:
    """Return the pitch of the upper trunk, (T,), in radians, forward positive."""
    return posture["pitch"] + posture["lumbar"] + posture["thoracic"]


def arm_directions(a: Arm, b: Arm, share: np.ndarray, over: Arm | None = None) -> Directions:
    """Return the directions of the upper arm and forearm of an arm that moves from `a` to `b`.

    Args:
        share: (T,) finished share of the movement, 0…1.
        over: Directions of the arm halfway; None for the direct way.
    """
    arms, weights = [a, b], [1 - share, share]
    if over is not None:
        arms = [a, b, over]
        weights = [np.clip(1 - 2 * share, 0, 1), np.clip(2 * share - 1, 0, 1), 4 * share * (1 - share)]
    total = sum(weights)
    upper, fore = (
        sum((w / total)[:, None] * unit_vectors(np.array(arm[k])) for w, arm in zip(weights, arms, strict=True))
        for k in range(2)
    )
    return upper, fore
