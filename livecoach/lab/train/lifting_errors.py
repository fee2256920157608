"""Errors of keypoints, with which the lifting network is trained."""

import numpy as np

from livecoach import landmark
from livecoach.pose.keypoints import BODY

SPREAD = {0: 0.04, 11: 0.04, 13: 0.06, 15: 0.08, 23: 0.06, 25: 0.06, 27: 0.06, 29: 0.08, 31: 0.08}
"""Standard deviation along x and y of the errors of the landmark and of its group's others, torso lengths: those of
MoveNet on 16 rendered clips were .05 (shoulders) to .10 (wrists) far off, .07 at hips, knees and ankles."""
AMOUNTS = (0.2, 1.4)
"""Range of factors on SPREAD, drawn for each frame."""
SHARED = 0.03
"""Standard deviation of a shift that left and right joint of a pair share."""
WITHOUT_FEET = 0.6
"""Share of frames without heels and toes: COCO's keypoints have none."""
WITHOUT_FACE, WITHOUT_POINT = 0.1, 0.1
"""Share of frames without eyes and ears, and of single points of the face or the feet that are not known."""
_FACE, _FEET = (0, 2, 5, 7, 8), tuple(range(29, 33))


def _spreads() -> np.ndarray:
    """Return (33,) SPREAD by landmark."""
    firsts = sorted(SPREAD)
    return np.array([SPREAD[max(first for first in firsts if first <= i)] for i in range(landmark.COUNT)])


def with_errors(rng: np.random.Generator, picture: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return points with errors (n, 33, 2), and which of them are known (n, 33).

    picture: (n, 33, 2) true points, torso lengths.
    """
    count = len(picture)
    amount = rng.uniform(*AMOUNTS, (count, 1, 1))
    off = rng.standard_normal((count, landmark.COUNT, 2)) * _spreads()[:, None] * amount
    shared = rng.standard_normal((count, landmark.COUNT, 2)) * SHARED
    pairs = np.minimum(np.arange(landmark.COUNT), landmark.OTHER_SIDE)
    known = np.zeros((count, landmark.COUNT), bool)
    known[:, BODY] = True
    known[:, _FACE] = rng.random((count, len(_FACE))) > WITHOUT_POINT
    known[:, _FACE[1:]] &= rng.random((count, 1)) > WITHOUT_FACE
    known[:, _FEET] = (rng.random((count, len(_FEET))) > WITHOUT_POINT) & (rng.random((count, 1)) > WITHOUT_FEET)
    return picture + off + shared[:, pairs], known
