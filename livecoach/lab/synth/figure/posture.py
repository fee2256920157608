"""Computes joints from pose parameters, by forward kinematics of the trunk and inverse kinematics of legs and arms."""

from collections.abc import Iterator, Mapping

import numpy as np

from livecoach.lab.synth.figure.body_mesh import SIDES, SIGN, BodyModel
from livecoach.lab.synth.figure.geometry import (
    bases,
    perpendicular_part,
    rotate_vectors,
    rotation,
    solve_two_bones,
    unit_vectors,
)

Value = np.ndarray | float  # (T,) or constant

PLATE_RADIUS_M = 0.225
AWAY_Z = -5.0  # Height of an absent bar in metres, far below the floor
BAR = ("bar_x", "bar_y", "bar_z", "bar_roll", "bar_yaw")
PELVIS = ("hip_x", "hip_y", "hip_z", "yaw", "pitch", "roll")
"""Position of the middle of the hips, and rotation of the pelvis; pitch > 0 leans forward."""
SPINE = ("lumbar", "thoracic", "side", "twist", "neck", "head_yaw", "shrug")
"""Flexion of the spine (> 0 rounds the back), side bend, twist, flexion of the neck (> 0 looks down), rotation of the
head, and rise of both clavicles."""
FOOT = ("foot_x", "foot_y", "foot_z", "foot_yaw", "foot_pitch", "knee_in", "knee_up")
"""Position of the ankle, rotation of the foot (pitch > 0 lifts the heel), inward rotation of the knee, and the
direction in which the knee bends (0: forward over the foot, pi / 2: upwards, as of a lifter who lies on the back)."""
HAND = ("hand_x", "hand_y", "hand_z", "grip", "pole_x", "pole_y", "pole_z")
"""Position of the palm, grip (1: knuckles along the bar, 0: hanging), and direction of the elbow (y outwards)."""
OUTWARDS = ("foot_y", "foot_yaw", "hand_y")  # Parameters of limbs that are positive outwards if given for BOTH
BOTH = "both"  # Stands for both sides
PARAMS = (*PELVIS, *SPINE, *BAR, *(f"{name}_{side}" for side in SIDES for name in FOOT + HAND))


class Posture(dict[str, np.ndarray]):
    """The posture of a lifter and the bar in T frames: an array (T,) for each name in PARAMS."""

    @property
    def count(self) -> int:
        """Number of frames, T."""
        return len(self["hip_x"])

    def add(self, side: str = "", /, **amounts: Value) -> None:
        """Add amounts to parameters, in place: of no side, of one side or, if `side` is BOTH, of both sides."""
        for key, amount in _by_parameter(side, amounts):
            self[key] = self[key] + amount

    def put(self, side: str = "", /, **values: Value) -> None:
        """Set parameters, in place: of no side, of one side or, if `side` is BOTH, of both sides."""
        for key, value in _by_parameter(side, values):
            self[key] = np.full(self.count, value, float)

    def point(self, name: str, side: str = "") -> np.ndarray:
        """Return the parameters {name}_x, {name}_y and {name}_z, of a side if `side` is set, as points (T, 3)."""
        end = f"_{side}" if side else ""
        return np.stack([self[f"{name}_{axis}{end}"] for axis in "xyz"], -1)

    def put_point(self, name: str, side: str, place: np.ndarray) -> None:
        """Set the parameters {name}_x, {name}_y and {name}_z of a side to the points `place`, (T, 3), in place."""
        for axis, values in zip("xyz", place.T, strict=True):
            self[f"{name}_{axis}_{side}"] = values

    def put_bar_of(self, other: "Posture") -> None:
        """Put the bar, in place, where it is in the first frame of another posture."""
        self.put(**{name: other[name][0] for name in BAR})

    def end_from_hips(self, vector: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Turn a sagittal vector (T, 2) from the hips by the pitch; return world x and z of the vector's end."""
        c, s = np.cos(self["pitch"]), np.sin(self["pitch"])
        x = self["hip_x"] + c * vector[..., 0] + s * vector[..., 1]
        return x, self["hip_z"] - s * vector[..., 0] + c * vector[..., 1]

    def at_frames(self, frames: np.ndarray | slice) -> "Posture":
        """Return the posture in some of the frames."""
        return Posture({name: values[frames] for name, values in self.items()})

    def copy(self) -> "Posture":
        """Return a copy, in which parameters can be replaced."""
        return Posture(self)

    def shifted_forward(self, forward_m: float) -> "Posture":
        """Return a copy with the lifter and the bar moved forward by `forward_m`."""
        out = self.copy()
        out.add(hip_x=forward_m, bar_x=forward_m)
        out.add(BOTH, foot_x=forward_m, hand_x=forward_m)
        return out


def _by_parameter(side: str, values: Mapping[str, Value]) -> Iterator[tuple[str, Value]]:
    """Yield the parameter of each value; of both sides, the right one has the opposite sign if it is of OUTWARDS."""
    for name, value in values.items():
        for end in SIDES if side == BOTH else (side,):
            mirrored = side == BOTH and name in OUTWARDS
            yield f"{name}_{end}" if end else name, SIGN[end] * value if mirrored else value


def standing_posture(body: BodyModel, count: int, half_stance_m: float, toe_out_rad: float) -> Posture:
    """Return the posture of a lifter who stands upright at the origin, faces forward and lets the arms hang.

    The bar lies on the floor, 10 cm in front.

    Args:
        half_stance_m: Distance of each ankle from the middle.
    """
    posture = Posture({name: np.zeros(count) for name in PARAMS})
    hip_z = standing_hip_m(body, half_stance_m)
    posture.put(hip_x=-0.01, hip_z=hip_z, pitch=0.02, bar_x=0.1, bar_z=PLATE_RADIUS_M)
    hand_z = hip_z + body.joint_position("upperarm.L")[2] - 0.975 * body.arm_m
    posture.put(BOTH, foot_y=half_stance_m, foot_z=body.ankle_height_m, foot_yaw=toe_out_rad)
    posture.put(BOTH, hand_x=0.04, hand_y=body.shoulder_half_m + 0.1, hand_z=hand_z, pole_x=-1.0, pole_y=0.5)
    return posture


def standing_hip_m(body: BodyModel, half_stance_m: float) -> float:
    """Return the height of the hips of a lifter who stands with each ankle `half_stance_m` from the middle."""
    leg_m = body.standing_hip_m - body.ankle_height_m
    aside_m = half_stance_m - body.joint_position("thigh.L")[1]
    return float(body.ankle_height_m + np.sqrt(leg_m**2 - aside_m**2))


SPINE_SHARES = (
    ("spine5", 0.33, 0.0),
    ("spine4", 0.67, 0.0),
    ("spine3", 1.0, 0.0),
    ("spine2", 1.0, 0.5),
    ("spine1", 1.0, 1.0),
)
"""Joints of the spine, with the cumulative share of lumbar and of thoracic flexion up to each joint."""


def solve_joints(body: BodyModel, posture: Posture) -> tuple[np.ndarray, np.ndarray]:
    """Compute the rotations (T, J, 3, 3) of all joints, and their positions (T, J, 3) in metres, in the world frame."""
    joints = _Joints(body, posture)
    joints.place_trunk()
    for side in SIDES:
        joints.place_leg(side)
        joints.place_arm(side)
    return joints.rotations, joints.positions


def spine_vector(
    body: BodyModel, lumbar: np.ndarray, thoracic: np.ndarray, top: np.ndarray | None = None
) -> np.ndarray:
    """Return the sagittal vector (x, z) in metres, (..., 2), from the hips to a point of the upper body.

    The pelvis is upright; `end_from_hips` turns the vector by the pitch of a posture.

    Args:
        lumbar: (...) flexion of the lower back, in radians.
        thoracic: (...) flexion of the upper back, in radians.
        top: (3,) place of the point in the rest pose; None for the shoulders.
    """
    joints = [body.joint_position("pelvis"), *(body.joint_position(name) for name, _, _ in SPINE_SHARES)]
    points = [*joints, body.joint_position("upperarm.L") if top is None else top]
    angles = [0 * lumbar, *(low * lumbar + high * thoracic for _, low, high in SPINE_SHARES)]
    vector = np.zeros((*np.shape(lumbar), 2))
    for angle, below, above in zip(angles, points[:-1], points[1:], strict=True):
        dx, _, dz = above - below
        vector[..., 0] += np.cos(angle) * dx + np.sin(angle) * dz
        vector[..., 1] += -np.sin(angle) * dx + np.cos(angle) * dz
    return vector


class _Joints:
    """The joints of T frames, computed from the pelvis outwards."""

    def __init__(self, body: BodyModel, posture: Posture) -> None:
        frames = posture.count
        self.body, self.posture = body, posture
        self.rotations = np.zeros((frames, len(body.joint), 3, 3))
        self.positions = np.zeros((frames, len(body.joint), 3))
        self.heading = rotation(2, posture["yaw"])

    def place_trunk(self) -> None:
        """Compute the joints of the pelvis, the spine and the head."""
        p = self.posture
        pelvis = self._tilt(p["pitch"], p["roll"], 0 * p["yaw"])
        self._place("pelvis", pelvis, p.point("hip"))
        for i, (name, low, high) in enumerate(SPINE_SHARES):
            pitch = p["pitch"] + low * p["lumbar"] + high * p["thoracic"]
            part = 0.2 * (i + 1)
            self._hang(name, self._tilt(pitch, p["roll"] + part * p["side"], part * p["twist"]))
        top, lean = p["pitch"] + p["lumbar"] + p["thoracic"], p["roll"] + p["side"]
        self._hang("neck", self._tilt(top + 0.5 * p["neck"], lean, p["twist"] + 0.4 * p["head_yaw"]))
        self._hang("head", self._tilt(top + p["neck"], 0.6 * lean, p["twist"] + p["head_yaw"]))

    def place_leg(self, side: str) -> None:
        """Place the thigh, shin and foot of one side, "L" or "R". Call this after the trunk has been placed."""
        p, body = self.posture, self.body
        hip = self._start(f"thigh.{side}", "pelvis")
        yaw, up = p[f"foot_yaw_{side}"] - SIGN[side] * p[f"knee_in_{side}"], p[f"knee_up_{side}"]
        pole = np.stack([np.cos(yaw) * np.cos(up), np.sin(yaw) * np.cos(up), np.sin(up)], -1)
        knee, ankle, _ = solve_two_bones(hip, p.point("foot", side), body.thigh_m, body.shin_m, pole)
        toe_yaw = body.toe_yaw[side]
        rest_pole = np.array([np.cos(toe_yaw), np.sin(toe_yaw), 0])
        for bone, end, start, along in (("thigh", "shin", hip, knee - hip), ("shin", "foot", knee, ankle - knee)):
            rest = bases(body.joint_position(f"{end}.{side}") - body.joint_position(f"{bone}.{side}"), rest_pole)
            self._place(f"{bone}.{side}", bases(along, pole) @ rest.T, start)
        foot = rotation(2, p[f"foot_yaw_{side}"] - toe_yaw) @ rotation(1, p[f"foot_pitch_{side}"])
        self._place(f"foot.{side}", foot, ankle)

    def place_arm(self, side: str) -> None:
        """Compute the joints of the arm of a side. The trunk must have been placed before."""
        body = self.body
        raised = self.rotations[:, body.joint["spine1"]] @ rotation(0, SIGN[side] * self.posture["shrug"])
        self._hang(f"clavicle.{side}", raised)
        shoulder = self._start(f"upperarm.{side}", "spine1")
        pole = self.posture.point("pole", side) * [1, SIGN[side], 1]
        pole = rotate_vectors(self.heading, pole)
        lower = body.forearm_m + body.hand_m
        elbow, palm, hinge = solve_two_bones(shoulder, self.posture.point("hand", side), body.upper_arm_m, lower, pole)
        rest = [body.joint_position(f"{name}.{side}") for name in ("upperarm", "forearm", "hand")]
        upper_bone, fore_bone = rest[1] - rest[0], rest[2] - rest[1]
        rest_hinge = np.cross(upper_bone, fore_bone)
        self._place(f"upperarm.{side}", bases(elbow - shoulder, hinge) @ bases(upper_bone, rest_hinge).T, shoulder)
        forearm = bases(palm - elbow, hinge) @ bases(fore_bone, rest_hinge).T
        self._place(f"forearm.{side}", forearm, elbow)
        self._hand(side, forearm, elbow, unit_vectors(palm - elbow))

    def _hand(self, side: str, forearm: np.ndarray, elbow: np.ndarray, along: np.ndarray) -> None:
        """Turn the knuckles along the bar, or let the hand hang. The lower forearm turns half as far."""
        body = self.body
        elbow_rest, wrist_rest = body.joint_position(f"forearm.{side}"), body.joint_position(f"hand.{side}")
        want = self._knuckles(side)
        plain = rotate_vectors(forearm, unit_vectors(body.knuckle_axis[side]))
        half = unit_vectors(perpendicular_part(plain, along)) + unit_vectors(perpendicular_part(want, along))
        half_turn = bases(along, half) @ bases(wrist_rest - elbow_rest, body.knuckle_axis[side]).T
        middle = elbow + rotate_vectors(forearm, body.joint_position(f"forearm2.{side}") - elbow_rest)
        self._place(f"forearm2.{side}", half_turn, middle)
        hand = bases(along, want) @ bases(body.palm[side] - wrist_rest, body.knuckle_axis[side]).T
        self._place(f"hand.{side}", hand, elbow + along * body.forearm_m)

    def _knuckles(self, side: str) -> np.ndarray:
        p = self.posture
        bar_turn = rotation(2, p["bar_yaw"]) @ rotation(0, p["bar_roll"])
        along_bar = rotate_vectors(bar_turn, np.array([0, SIGN[side], 0.0]))
        hanging = rotate_vectors(self.heading, np.array([-1.0, 0.35 * SIGN[side], 0]))
        grip = p[f"grip_{side}"][:, None]
        return grip * along_bar + (1 - grip) * hanging

    def _tilt(self, pitch: np.ndarray, roll: np.ndarray, twist: np.ndarray) -> np.ndarray:
        return self.heading @ rotation(1, pitch) @ rotation(0, roll) @ rotation(2, twist)

    def _place(self, name: str, matrices: np.ndarray, position: np.ndarray) -> None:
        i = self.body.joint[name]
        self.rotations[:, i], self.positions[:, i] = matrices, position

    def _hang(self, name: str, matrices: np.ndarray) -> None:
        i = self.body.joint[name]
        parent = self.body.parent[i]
        offset = self.body.rest[i] - self.body.rest[parent]
        self._place(name, matrices, self.positions[:, parent] + rotate_vectors(self.rotations[:, parent], offset))

    def _start(self, name: str, like: str) -> np.ndarray:
        """Attach a joint with the rotation of joint `like`, and return its position (T, 3)."""
        self._hang(name, self.rotations[:, self.body.joint[like]])
        return self.positions[:, self.body.joint[name]]
