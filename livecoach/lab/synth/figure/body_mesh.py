"""Loads bodies at any size: shape, skinning weights, 24 joints, and the positions of BlazePose's landmarks on the skin.

scripts/synth/export_bodies.py writes bodies/bodies.npz: a mean and principal components, rounded to small integers, and
a row of coefficients for each body.
"""

from functools import cache, lru_cache
from itertools import pairwise
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
from scipy.sparse import csr_matrix

from livecoach.core import landmark
from livecoach.core.errors import ConfigError

FILE = Path(__file__).resolve().parent / "bodies" / "bodies.npz"
PARTS = ("vertices", "joint_rest", "landmark_rest", "palm", "knuckle_axis")
"""Arrays that the components contain, in this order. Palms and lines of knuckles are left, then right."""
TRUNK = ("pelvis", "spine5", "spine4", "spine3", "spine2", "spine1")
BACK_HALF_WIDTH_M = 0.06  # Greatest distance of the vertices in SharedArrays.back from the middle of the body


class SharedArrays(NamedTuple):
    """The arrays that all bodies share, with J joints, V vertices, F faces and N vertices of the back.

    The arrays come from a cache, and must not be modified.
    """

    faces: np.ndarray  # (F, 3) int32
    weights: csr_matrix  # (V, J) skinning weights
    dominant: np.ndarray  # (V,) joint with the largest weight
    joint: dict[str, int]  # index of a joint by its name
    parent: np.ndarray  # (J,) index of the parent joint; -1 for the pelvis
    landmark_joint: np.ndarray  # (33,) joint that carries the landmark
    back: np.ndarray  # (N,) indices of the vertices of the back near the spine, from low to high


with np.load(FILE) as _stored:
    NAMES: tuple[str, ...] = tuple(_stored["name"].tolist())
    HEIGHT_M = MappingProxyType(dict(zip(NAMES, _stored["height_m"].tolist(), strict=True)))  # At scale 1, by name
    JUDGING: tuple[str, ...] = tuple(_stored["name"][_stored["judging"].astype(bool)].tolist())
TRAINING: tuple[str, ...] = tuple(name for name in NAMES if name not in JUDGING)
"""Names of the bodies for training. The bodies of JUDGING are for judging: no model may be trained on them."""


@cache
def _arrays() -> dict[str, np.ndarray]:
    with np.load(FILE) as stored:
        arrays = {key: stored[key] for key in stored.files}
    arrays["mean"] = arrays["mean"] * arrays["mean_step"]
    arrays["component"] = arrays["component"].astype(np.float32)
    return arrays


@cache
def _shape(name: str) -> dict[str, np.ndarray]:
    """Return PARTS of a body at scale 1, (rows, 3) each, in metres from between the hips; and its material (V,)."""
    arrays = _arrays()
    row = NAMES.index(name)
    parts = _split(arrays["mean"] + arrays["coefficient"][row] @ arrays["component"])
    return parts | {"material": arrays["material"][row]}


def _split(stacked: np.ndarray) -> dict[str, np.ndarray]:
    ends = np.concatenate([[0], 3 * np.cumsum(_arrays()["rows"])])
    parts = zip(PARTS, pairwise(ends), strict=True)
    return {part: stacked[low:high].reshape(-1, 3).astype(float) for part, (low, high) in parts}


@cache
def _shared_arrays() -> SharedArrays:
    arrays = _arrays()
    count, influences = arrays["weight"].shape
    joint = {str(name): i for i, name in enumerate(arrays["joint_names"])}
    rows = np.repeat(np.arange(count), influences)
    weights = csr_matrix(
        (arrays["weight"].ravel() / 65535.0, (rows, arrays["weight_joint"].ravel())), shape=(count, len(joint))
    )
    dominant = np.asarray(weights.argmax(1)).ravel()
    mean = _split(arrays["mean"])
    return SharedArrays(
        faces=arrays["faces"].astype(np.int32),
        weights=weights,
        dominant=dominant,
        joint=joint,
        parent=arrays["joint_parent"].astype(int),
        landmark_joint=arrays["landmark_joint"].astype(int),
        back=_back(mean["vertices"], mean["joint_rest"], dominant, joint),
    )


def _back(vertices: np.ndarray, rest: np.ndarray, dominant: np.ndarray, joint: dict[str, int]) -> np.ndarray:
    """Return the vertices of the mean body behind the line through the spine joints, above the hips."""
    spine = rest[[joint[name] for name in (*TRUNK, "neck")]]
    x, y, z = vertices.T
    behind = x < np.interp(z, spine[:, 2], spine[:, 0])
    trunk = np.isin(dominant, [joint[name] for name in TRUNK])
    near = np.flatnonzero(trunk & behind & (np.abs(y) < BACK_HALF_WIDTH_M) & (z > spine[0, 2]))
    return near[np.argsort(z[near])]


SIDES = ("L", "R")
SIGN = {"L": 1.0, "R": -1.0}  # Sign of y on each side
HEEL_AND_TOE = {"L": (29, 31), "R": (30, 32)}  # Landmarks of the heel and the toe


class BodyModel:
    """The mesh, joints and landmarks of a body in the rest pose, in metres from midway between the hips.

    Attributes:
        scale: Factor on the size of the body.
        vertices: (V, 3) positions.
        faces: (F, 3) indices of vertices.
        material: (V,) 0 skin, 1 shirt, 2 shorts, 3 shoes, 4 hair, 5 eye, 6 lip, 7 sock.
        back_vertices: (N,) indices of the trunk's skin behind the spine, within 6 cm of its line, from the hips up to
            the neck. They are the same in every body.
        rest: (J, 3) positions of the joints in the rest pose.
        landmark_rest: (33, 3) positions of the landmarks in the rest pose.
        palm: Side → (3,) position of the palm in the rest pose.
        knuckle_axis: Side → (3,) direction of the line of knuckles in the rest pose.
    """

    def __init__(self, name: str, scale: float = 1.0) -> None:
        """Load the body. Raises ConfigError for an unknown name."""
        if name not in NAMES:
            women, men = ([known for known in NAMES if known[0] == sex] for sex in "fm")
            there = f"{women[0]} to {women[-1]} (women), {men[0]} to {men[-1]} (men)"
            raise ConfigError(f"body {name!r}: unknown. There are: {there}")
        self.name, self.scale = name, scale
        common, own = _shared_arrays(), _shape(name)
        self.faces, self.weights, self.dominant = common[:3]
        self.joint, self.parent, self.landmark_joint, self.back_vertices = common[3:]
        self.material = own["material"]
        self.vertices = own["vertices"] * scale
        self.rest = own["joint_rest"] * scale
        self.landmark_rest = own["landmark_rest"] * scale
        shoulders, hips = (self.landmark_rest[list(pair)].mean(0) for pair in (landmark.SHOULDERS, landmark.HIPS))
        self.torso_m = float(np.linalg.norm(shoulders - hips))
        self.knuckle_axis = dict(zip(SIDES, own["knuckle_axis"], strict=True))
        self.palm = dict(zip(SIDES, own["palm"] * scale, strict=True))
        self.thigh_m = self._distance("thigh.L", "shin.L")
        self.shin_m = self._distance("shin.L", "foot.L")
        self.upper_arm_m = self._distance("upperarm.L", "forearm.L")
        self.forearm_m = self._distance("forearm.L", "hand.L")
        self.hand_m = float(np.linalg.norm(self.palm["L"] - self.joint_position("hand.L")))
        self.arm_m = self.upper_arm_m + self.forearm_m + self.hand_m
        self.shoulder_half_m = abs(self.joint_position("upperarm.L")[1])
        pointing = {
            side: self.landmark_rest[toe] - self.landmark_rest[heel] for side, (heel, toe) in HEEL_AND_TOE.items()
        }
        self.toe_yaw = {side: float(np.arctan2(y, x)) for side, (x, y, _) in pointing.items()}
        """Direction of the foot of each side in the rest pose, in radians from x towards y."""
        sole = self.vertices[self.dominant == self.joint["foot.L"], 2].min()
        self.ankle_height_m = self.joint_position("foot.L")[2] - sole
        shoulder_z = self.joint_position("upperarm.L")[2]
        torso = self.vertices[np.isin(self.dominant, [self.joint["spine1"], self.joint["spine2"]])]
        band = torso[(np.abs(torso[:, 2] - shoulder_z - 0.02) < 0.03) & (np.abs(torso[:, 1]) < 0.12)]
        self.bar_on_back = np.array([band[:, 0].min() - 0.012, 0, shoulder_z + 0.03])
        """Middle of the bar in a squat, (3,): behind the upper back, just above the shoulder joints."""
        self.standing_hip_m = self.ankle_height_m + 0.985 * (self.thigh_m + self.shin_m)

    def _distance(self, a: str, b: str) -> float:
        return float(np.linalg.norm(self.joint_position(a) - self.joint_position(b)))

    def joint_position(self, joint: str) -> np.ndarray:
        """Return the position of a joint in the rest pose, (3,) in metres."""
        return self.rest[self.joint[joint]]

    def landmark_positions(self, rotations: np.ndarray, positions: np.ndarray) -> np.ndarray:
        """Return the landmarks, (T, 33, 3) metres, for rotations (T, J, 3, 3) and positions (T, J, 3) of the joints."""
        i = self.landmark_joint
        offset = self.landmark_rest - self.rest[i]
        return positions[:, i] + np.einsum("tlij,lj->tli", rotations[:, i], offset)

    def skin(self, rotations: np.ndarray, positions: np.ndarray) -> np.ndarray:
        """Return all vertices, (V, 3) metres, for rotations (J, 3, 3) and positions (J, 3) of the joints in a frame."""
        offset = positions - np.einsum("jik,jk->ji", rotations, self.rest)
        mixed = self.weights @ np.concatenate([rotations.reshape(-1, 9), offset], 1)
        return np.einsum("vij,vj->vi", mixed[:, :9].reshape(-1, 3, 3), self.vertices) + mixed[:, 9:]

    def skin_vertices(self, indices: np.ndarray, rotations: np.ndarray, positions: np.ndarray) -> np.ndarray:
        """Return the positions of selected vertices in T frames, (T, N, 3) metres; faster than `skin` if N is small.

        Args:
            indices: (N,) indices of the vertices.
            rotations: (T, J, 3, 3) rotations of the joints.
            positions: (T, J, 3) positions of the joints.
        """
        frames, joints = positions.shape[:2]
        offset = positions - np.einsum("tjik,jk->tji", rotations, self.rest)
        moves = np.concatenate([rotations.reshape(frames, joints, 9), offset], 2)
        mixed = self.weights[indices].toarray() @ moves
        turned = mixed[..., :9].reshape(frames, -1, 3, 3) @ self.vertices[indices, :, None]
        return turned[..., 0] + mixed[..., 9:]


@lru_cache(maxsize=256)
def load_body(name: str, scale: float = 1.0) -> BodyModel:
    """Load a body, or return it from a cache; callers must not modify it. Raises ConfigError for an unknown name."""
    return BodyModel(name, scale)
