"""Steadies the bone lengths of noisy landmarks without changing bone directions."""

import numpy as np

from livecoach import landmark

TORSO, THIGH, SHIN, ARM = range(4)
"""Kinds of bones."""
ARM_FROM_ELBOW, HAND_FROM_WRIST = (13, 15, 17, 19, 21), (15, 17, 19, 21)
LEG_FROM_KNEE, FOOT_FROM_ANKLE = (25, 27, 29, 31), (27, 29, 31)
CHAINS = (
    (ARM, 11, 13, ARM_FROM_ELBOW),
    (ARM, 13, 15, HAND_FROM_WRIST),
    (THIGH, 23, 25, LEG_FROM_KNEE),
    (SHIN, 25, 27, FOOT_FROM_ANKLE),
)
"""Kind, upper and lower landmark of a bone, and landmarks that move with the lower one; on the right side add 1."""
UPPER_BODY = tuple(range(landmark.HIPS[0]))
SHORTEST = 1e-3


def steady_bone_lengths(world: np.ndarray, kept: np.ndarray) -> np.ndarray:
    """Return landmarks (T, 33, 3), m, whose bone lengths are mean * (length / mean) ** kept; kept: (4,) by kind."""
    out = world.copy()
    out[:, UPPER_BODY] += _shift(
        landmark.middle(world, landmark.SHOULDERS) - landmark.middle(world, landmark.HIPS), kept[TORSO]
    )[:, None]
    for side in (0, 1):
        for kind, upper, lower, moving in CHAINS:
            points = [point + side for point in moving]
            out[:, points] += _shift(world[:, lower + side] - world[:, upper + side], kept[kind])[:, None]
    return out


def _shift(bone: np.ndarray, kept: float) -> np.ndarray:
    """Return the shift of a bone's lower end along the bone, (T, 3)."""
    length = np.maximum(np.sqrt((bone * bone).sum(1)), SHORTEST)
    share: np.ndarray = (length / length.mean()) ** (kept - 1) - 1
    return share[:, None] * bone
