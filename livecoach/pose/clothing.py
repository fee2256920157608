"""The colours of a person's clothes. They are not stored, and serve only to recognise the lifter."""

import numpy as np

from livecoach import landmark

ACROSS = np.array([0.2, 0.5, 0.8])[:, None, None]
"""Sample positions across the trunk, from left to right."""
DOWN = np.array([0.15, 0.3, 0.45, 0.6, 0.75, 0.85])[:, None]
"""Sample positions along the trunk, from the shoulders to the hips."""
THIGH = np.array([0.25, 0.4, 0.55, 0.7])[:, None, None]
"""Sample positions along each thigh, from the hip to the knee."""
_CORNERS = [*landmark.SHOULDERS, *landmark.HIPS, *landmark.KNEES]


def clothes(picture: np.ndarray, landmarks: np.ndarray) -> tuple[float, ...]:
    """Return the mean blue, green and red (0…255) of 18 pixels of the trunk, then of 8 of the thighs.

    picture: (height, width, 3) uint8; landmarks: (33, 5), x and y 0…1.
    """
    size = np.array(picture.shape[1::-1])
    corners = landmarks[_CORNERS, :2] * size
    shoulders, hips, knees = corners[:2], corners[2:4], corners[4:]
    top, bottom = (ends[0] + ACROSS * (ends[1] - ends[0]) for ends in (shoulders, hips))
    trunk = (top + DOWN * (bottom - top)).reshape(-1, 2)
    thighs = (hips + THIGH * (knees - hips)).reshape(-1, 2)
    at = np.clip(np.concatenate([trunk, thighs]), 0, size - 1).astype(int)
    colours = picture[at[:, 1], at[:, 0]].astype(np.float64)
    return (*colours[: len(trunk)].mean(0).tolist(), *colours[len(trunk) :].mean(0).tolist())
