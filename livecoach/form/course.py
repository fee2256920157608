"""The course of a movement: joints at the same moments of every movement, to hold one against another."""

import numpy as np

SHOULDER, ELBOW, WRIST, HIP, KNEE, ANKLE = range(6)
"""Joints in arrays (n, 6, 2, …); left and right."""
JOINTS = ((HIP, KNEE, ANKLE), (SHOULDER, HIP, KNEE), (SHOULDER, ELBOW, WRIST))
"""Knee, hip and elbow: the joint stands in the middle."""
TIMES = 13
"""Moments of a course: five on the way out, three at the turn, five on the way back."""
WITHIN_S = 0.07
"""A moment is the median over this time before and after."""


def median(values: np.ndarray) -> np.ndarray:
    """(...) medians along the first axis of (n, ...); of few values three times as fast as numpy's."""
    ordered = np.sort(values, 0)
    middle: np.ndarray = 0.5 * (ordered[(len(ordered) - 1) // 2] + ordered[len(ordered) // 2])
    return middle


def percentile(values: np.ndarray, percent: float) -> np.ndarray:
    """(...) percentiles along the first axis of (n, ...), between two values linearly."""
    ordered, place = np.sort(values, 0), (len(values) - 1) * percent / 100
    below = ordered[int(place)]
    between: np.ndarray = below + (ordered[min(int(place) + 1, len(ordered) - 1)] - below) * (place - int(place))
    return between


def angles_rad(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Angles between the vectors along the last axis."""
    lengths = np.sqrt((a * a).sum(-1) * (b * b).sum(-1))
    angles: np.ndarray = np.arccos(np.clip((a * b).sum(-1) / np.maximum(lengths, 1e-9), -1.0, 1.0))
    return angles


def joint_rad(world: np.ndarray, one: int, joint: int, other: int) -> np.ndarray:
    """(n, 2) angle at a joint, pi where it is straight; (n,) of joints (n, 6, 3) in the middle of both sides."""
    return angles_rad(world[:, one] - world[:, joint], world[:, other] - world[:, joint])


def lean_rad(world: np.ndarray) -> np.ndarray:
    """(n,) of the trunk from upright."""
    trunk = (world[:, SHOULDER] - world[:, HIP]).mean(1)
    lean: np.ndarray = np.arctan2(np.hypot(trunk[:, 0], trunk[:, 2]), -trunk[:, 1])
    return lean


def apart(world: np.ndarray, joint: int) -> np.ndarray:
    """(n,) way from a left joint to the right one."""
    distance: np.ndarray = np.sqrt(((world[:, joint, 0] - world[:, joint, 1]) ** 2).sum(-1))
    return distance


def torsos(world: np.ndarray) -> np.ndarray:
    """(n,) from mid-hip to mid-shoulder."""
    length: np.ndarray = np.linalg.norm((world[:, SHOULDER] - world[:, HIP]).mean(1), axis=-1)
    return length


def legs(world: np.ndarray) -> np.ndarray:
    """(n,) thigh and shin, mean of both sides."""
    bones = np.linalg.norm(world[:, (HIP, KNEE)] - world[:, (KNEE, ANKLE)], axis=-1)
    length: np.ndarray = bones.mean(2).sum(1)
    return length


def sizes_px(points_px: np.ndarray) -> np.ndarray:
    """(n,) torso, thigh and shin as seen."""
    middle = points_px.mean(2)
    limbs: np.ndarray = np.linalg.norm(middle[:, (SHOULDER, HIP, KNEE)] - middle[:, (HIP, KNEE, ANKLE)], axis=-1)
    return limbs.sum(1)


def channels(world: np.ndarray, points_px: np.ndarray) -> np.ndarray:
    """(n, CHANNELS) what is followed: angles in radians; places from mid-ankle, of hands also from their shoulder, as
    shares of the size as seen; hands from their hip, and from each other, in torso lengths.

    world: (n, 6, 2, 3). points_px: (n, 6, 2, 2).
    """
    size = max(float(percentile(sizes_px(points_px), 75)), 1e-6)
    torso = max(float(percentile(torsos(world), 75)), 1e-6)
    knees, hips, elbows = (joint_rad(world, *three) for three in JOINTS)
    on_feet = (points_px - points_px[:, ANKLE].mean(1)[:, None, None]) / size
    hanging = (points_px[:, WRIST] - points_px[:, SHOULDER]) / size
    at_hips = (world[:, WRIST] - world[:, HIP]) / torso
    n = len(world)
    return np.concatenate(
        [
            np.stack([knees.mean(1), hips.mean(1), lean_rad(world)], 1),
            elbows,
            on_feet[:, WRIST].reshape(n, 4),
            hanging.reshape(n, 4),
            at_hips.reshape(n, 6),
            on_feet[:, SHOULDER].mean(1)[:, :1],
            on_feet[:, HIP].mean(1),
            apart(world, WRIST)[:, None] / torso,
        ],
        1,
    )


CHANNELS = 23
STEADY = (0, 1, 2, 5, 6, 7, 8, 19, 20, 21, 22)
"""Channels whose restlessness at the turn is looked at: knees, hips, trunk, hands."""


def at_times(t_s: np.ndarray, values: np.ndarray, moments_s: np.ndarray) -> np.ndarray:
    """(len(moments_s), …) medians of the values around the moments."""
    rows = []
    for moment_s in moments_s:
        near = np.abs(t_s - moment_s) <= WITHIN_S
        rows.append(median(values[near]) if near.any() else values[int(np.argmin(np.abs(t_s - moment_s)))])
    return np.stack(rows)


def moments_s(start_s: float, first_s: float, last_s: float, end_s: float) -> np.ndarray:
    """(TIMES,) moments of a movement that is at its turn from `first_s` to `last_s`."""
    out, back = np.linspace(start_s, first_s, 6)[:5], np.linspace(last_s, end_s, 6)[1:]
    return np.concatenate([out, first_s + (last_s - first_s) * np.array([0.1, 0.5, 0.9]), back])
