"""Geometry of six joints on both sides: angles, distances, and the size of the body."""

import numpy as np

SHOULDER, ELBOW, WRIST, HIP, KNEE, ANKLE = range(6)
"""Indices of the joints in arrays (n, 6, 2, …): frame, joint, left and right."""
JOINTS = ((HIP, KNEE, ANKLE), (SHOULDER, HIP, KNEE), (SHOULDER, ELBOW, WRIST))
"""Knee, hip and elbow as triples with the joint in the middle."""


def angles_rad(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return the angles between vectors along the last axis."""
    lengths = np.sqrt((a * a).sum(-1) * (b * b).sum(-1))
    angles: np.ndarray = np.arccos(np.clip((a * b).sum(-1) / np.maximum(lengths, 1e-9), -1.0, 1.0))
    return angles


def joint_rad(world: np.ndarray, one: int, joint: int, other: int) -> np.ndarray:
    """Return the angle at a joint, pi where it is straight: (n, 2) for world (n, 6, 2, 3), (n,) for means (n, 6, 3)."""
    return angles_rad(world[:, one] - world[:, joint], world[:, other] - world[:, joint])


def lean_rad(world: np.ndarray) -> np.ndarray:
    """Return (n,): the lean of the trunk from upright."""
    trunk = (world[:, SHOULDER] - world[:, HIP]).mean(1)
    lean: np.ndarray = np.arctan2(np.hypot(trunk[:, 0], trunk[:, 2]), -trunk[:, 1])
    return lean


def side_distances(world: np.ndarray, joint: int) -> np.ndarray:
    """Return (n,): the distance from a left joint to the right one."""
    distance: np.ndarray = np.sqrt(((world[:, joint, 0] - world[:, joint, 1]) ** 2).sum(-1))
    return distance


def torso_lengths(world: np.ndarray) -> np.ndarray:
    """Return (n,): the distance from mid-hip to mid-shoulder."""
    length: np.ndarray = np.linalg.norm((world[:, SHOULDER] - world[:, HIP]).mean(1), axis=-1)
    return length


def leg_lengths(world: np.ndarray) -> np.ndarray:
    """Return (n,): the length of thigh and shin together, mean of both sides."""
    bones = np.linalg.norm(world[:, (HIP, KNEE)] - world[:, (KNEE, ANKLE)], axis=-1)
    length: np.ndarray = bones.mean(2).sum(1)
    return length


def sizes_px(points_px: np.ndarray) -> np.ndarray:
    """Return (n,): the length of torso, thigh and shin together in the picture."""
    middle = points_px.mean(2)
    limbs: np.ndarray = np.linalg.norm(middle[:, (SHOULDER, HIP, KNEE)] - middle[:, (HIP, KNEE, ANKLE)], axis=-1)
    return limbs.sum(1)
