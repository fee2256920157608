"""Computes the inputs of the recognition network: numbers relative to the body that depend little on the camera.

Lengths are in lengths of torso, thigh and shin together. The world's joints are turned so that the first axis points
where hips and shoulders face. They also scale the picture, which foreshortens the thighs of a squat and the trunk of a
hinge.
"""

import numpy as np

from livecoach.core import landmark
from livecoach.perception.body.body import ANKLE, HIP, JOINT_CHAINS, KNEE, SHOULDER, WRIST

TICK_S = 0.1  # Duration of a tick in seconds
JOINT_PAIRS = len(landmark.JOINTS)  # Number of pairs of joints, left and right
WORLD, PICTURE = JOINT_PAIRS * 2 * 3, JOINT_PAIRS * 2 * 2  # Number of coordinates of a tick in world and picture
SIZE = WORLD + PICTURE + JOINT_PAIRS * 2
"""Number of values of a tick: world coordinates in metres, picture coordinates in pixels, and whether a joint lies in
the picture (1 or 0), for shoulders, elbows, wrists, hips, knees, ankles, left and right."""


OTHER_JOINTS = [joint for joint in range(JOINT_PAIRS) if joint != HIP]  # without the hips, the origin
UPPER, MIDDLES, LOWER = map(list, zip(*JOINT_CHAINS, strict=True))  # joints with an angle, and the joints next to them
HEADING_TICKS = 5  # Ticks over which the body's direction is averaged; in a single tick it errs by 20° at the side
FACING_ASIDE = -4  # Index of the feature that is 1 if the body faces aside, and 0 if it faces to the camera or away
FEATURES = 30 + 10 + 6 + 3 + 10 + 4 + 5 + 2 + 2  # Number of features of a tick


def tick_features(ticks: np.ndarray) -> np.ndarray:
    """Compute the (..., T, FEATURES) float32 features of consecutive ticks (..., T, SIZE) of TICK_S seconds.

    Speeds are 0 at the first tick. Features are limited to -4…4.
    """
    lead = ticks.shape[:-1]
    world = ticks[..., :WORLD].reshape(*lead, JOINT_PAIRS, 2, 3)
    points = ticks[..., WORLD : WORLD + PICTURE].reshape(*lead, JOINT_PAIRS, 2, 2)
    inside = ticks[..., WORLD + PICTURE :].reshape(*lead, JOINT_PAIRS, 2)
    size_m = _body_length(world)
    centred = (world - _middle(world, HIP)[..., None, None, :]) / size_m[..., None, None, None]
    facing = _facing(centred)
    turned = _turn_joints(centred, facing)[..., OTHER_JOINTS, :, :]
    own = points - _middle(points, HIP)[..., None, None, :]
    scale_px = _scale(centred, own)
    in_picture = own / scale_px[..., None, None, None]
    others = in_picture[..., OTHER_JOINTS, :, :]
    middle = np.concatenate([_middle(points, HIP), _middle(points, ANKLE)], -1)
    parts = (
        turned.reshape(*lead, -1),
        others[..., 1].reshape(*lead, -1),
        _angles(centred).reshape(*lead, -1),
        _trunk(centred, in_picture),
        _speed(turned[..., 2].reshape(*lead, -1)),  # vertical, relative to the hips
        _speed(middle) / scale_px[..., None] * (1, -1, 1, -1),  # to the right and up, in body lengths/s
        np.abs(others[..., 1, 0] - others[..., 0, 0]),
        _joined(np.abs(facing[..., 0]), facing[..., 1]),
        _joined(inside[..., KNEE:, :].mean((-1, -2)), inside[..., 1:HIP, :].mean((-1, -2))),
    )
    return np.minimum(np.maximum(np.concatenate(parts, -1), -4), 4).astype(np.float32)


def _middle(points: np.ndarray, joint: int) -> np.ndarray:
    """Return the mean of a pair of joints (..., 6, 2, xyz), in a third of the time of NumPy's mean."""
    mean: np.ndarray = (points[..., joint, 0, :] + points[..., joint, 1, :]) / 2
    return mean


def _joined(*values: np.ndarray) -> np.ndarray:
    """Join arrays along a new last axis, in a third of the time of NumPy's stack."""
    result = np.empty((*values[0].shape, len(values)))
    for place, value in enumerate(values):
        result[..., place] = value
    return result


def hand_height(tick: np.ndarray) -> float:
    """Return the mean height of wrists over shoulders in a tick (SIZE,), in body lengths (torso, thigh and shin)."""
    world = tick[:WORLD].reshape(JOINT_PAIRS, 2, 3)
    return float((world[SHOULDER, :, 1] - world[WRIST, :, 1]).mean() / _body_length(world))


def hands_ahead(features: np.ndarray) -> float:
    """Return how far the wrists are ahead of the ankles by a tick's features, in body lengths (torso, thigh and shin).

    The result is 0 if the body faces the camera, or away from it, to within 30°: depth is too uncertain then.
    """
    turned = features[: 2 * 3 * len(OTHER_JOINTS)].reshape(len(OTHER_JOINTS), 2, 3)
    wrists, ankles = (turned[OTHER_JOINTS.index(joint), :, 0].mean() for joint in (WRIST, ANKLE))
    return float(wrists - ankles) if features[FACING_ASIDE] >= 0.5 else 0.0


def _body_length(world: np.ndarray) -> np.ndarray:
    """Return the (..., T) lengths of torso, thigh and shin together, the means of both sides, in metres."""
    chain = world[..., [SHOULDER, HIP, KNEE], :, :] - world[..., [HIP, KNEE, ANKLE], :, :]
    return np.maximum(np.sqrt((chain**2).sum(-1)).mean(-1).sum(-1), 1e-3)


def _facing(centred: np.ndarray) -> np.ndarray:
    """Return the (..., T, 2) unit vector in which the body faces, right and away, averaged over HEADING_TICKS."""
    across = (centred[..., (SHOULDER, HIP), 0, :] - centred[..., (SHOULDER, HIP), 1, :]).sum(-2)
    # From the right side to the left, turned by 90°: towards the camera where the left side is at the right.
    ahead = _joined(across[..., 2], -across[..., 0])
    total = ahead.copy()
    for back in range(1, HEADING_TICKS):
        total[..., back:, :] += ahead[..., :-back, :] if back < ahead.shape[-2] else 0.0
    length = np.sqrt((total**2).sum(-1, keepdims=True))
    return np.where(length > 1e-6, total / np.maximum(length, 1e-6), (0.0, -1.0))


def _turn_joints(centred: np.ndarray, facing: np.ndarray) -> np.ndarray:
    """Return the (..., T, 6, 2, 3) joints, with the axes forward, to the lifter's left, and up."""
    ahead_x, ahead_z = facing[..., None, None, 0], facing[..., None, None, 1]
    x, y, z = centred[..., 0], centred[..., 1], centred[..., 2]
    return _joined(ahead_x * x + ahead_z * z, -ahead_z * x + ahead_x * z, -y)


def _scale(centred: np.ndarray, own: np.ndarray) -> np.ndarray:
    """Return the (..., T) pixels per body length, from the joints' distances to the hips in picture and world."""
    in_picture = np.sqrt((own**2).sum((-1, -2, -3)))
    in_world = np.sqrt((centred[..., :2] ** 2).sum((-1, -2, -3)))
    return np.maximum(in_picture / np.maximum(in_world, 1e-3), 1e-3)


def _angles(centred: np.ndarray) -> np.ndarray:
    """Return the (..., T, 3, 2) angles of knees, hips and elbows, left and right, in half turns."""
    a, b = (centred[..., joints, :, :] - centred[..., MIDDLES, :, :] for joints in (UPPER, LOWER))
    lengths = np.sqrt((a * a).sum(-1) * (b * b).sum(-1))
    cosines = (a * b).sum(-1) / np.maximum(lengths, 1e-9)
    angles: np.ndarray = np.arccos(np.minimum(np.maximum(cosines, -1.0), 1.0)) / np.pi
    return angles


def _trunk(centred: np.ndarray, in_picture: np.ndarray) -> np.ndarray:
    """Return (..., T, 3): the lean of the trunk in half turns, and its direction in the picture, up and aside."""
    trunk = _middle(centred[..., SHOULDER : SHOULDER + 1, :, :] - centred[..., HIP : HIP + 1, :, :], 0)
    lean = np.arctan2(np.hypot(trunk[..., 0], trunk[..., 2]), -trunk[..., 1]) / np.pi
    line = _middle(in_picture, SHOULDER)
    length = np.maximum(np.sqrt((line**2).sum(-1)), 1e-6)
    return _joined(lean, -line[..., 1] / length, np.abs(line[..., 0]) / length)


def _speed(values: np.ndarray) -> np.ndarray:
    before = np.concatenate([values[..., :1, :], values[..., :-1, :]], -2)
    return (values - before) / TICK_S
