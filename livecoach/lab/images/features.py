"""What the best method reads of a rep image: where each joint's motion points and whether it moves, averaged in time.

A grey value is .114 a + .587 b + .299 c of three angles in turns (drawing.py). The angle b, in the plane of depth and
height, has the largest weight, and where it passes half a turn the grey value jumps by .587 of 255. Read as an angle
whose full turn is that jump, a grey value does not change there. Measured against a full turn of 256, with nearest
neighbours: parts good images of unseen videos from spoilt ones by .94 (area under the ROC), not .92; the depth camera's
good lifts from its bad ones by .82, not .80; good from bad clips by .88, not .68.
"""

import numpy as np

from livecoach import landmark
from livecoach.anomaly.skelemotion import SEED_TRAVERSAL
from livecoach.lab.images.drawing import COLUMNS, STILL

JOINTS = tuple(sorted(set(SEED_TRAVERSAL)))
ROWS = tuple(SEED_TRAVERSAL.index(joint) for joint in JOINTS)
"""One of each joint: the other 22 rows are copies."""
TURN = 0.587 * 255
"""Grey values of a full turn."""
BINS = 16
"""Stretches of time. 3 to 25 were tried; above 12 little changes."""
SMOOTH = 2.0
"""Columns, standard deviation of the window over which moments are averaged first. 0 to 6 were tried."""
MOVES_WEIGHT = 2.0
"""Of whether a joint moves, beside the direction. 0 to 3 were tried: the depth camera's bad lifts are told from good
ones by .72 without it, by .89 with this."""
LENGTH_KNEE = 0.05
"""How long a mean direction is from which on its length counts by its root, so that a direction that is seen for a part
of a stretch counts too."""
LENGTH = len(ROWS) * BINS * 3


def features(greys: np.ndarray) -> np.ndarray:
    """Images (n, 45, 100) uint8 to (n, LENGTH) float64: joints, stretches of time, (cosine, sine, moves)."""
    rows = greys[:, list(ROWS)].astype(np.float64)
    moves = (rows != STILL).astype(np.float64)
    angle = 2 * np.pi * rows / TURN
    seen = np.stack([moves * np.cos(angle), moves * np.sin(angle), MOVES_WEIGHT * moves], -1)
    averaged = np.einsum("njtc,bt->njbc", seen, _AVERAGES)
    lengths = np.linalg.norm(averaged[..., :2], axis=-1, keepdims=True)
    averaged[..., :2] /= np.sqrt(lengths + LENGTH_KNEE)
    return averaged.reshape(len(greys), LENGTH)


def mirrored(points: np.ndarray) -> np.ndarray:
    """Features (n, LENGTH) with the joints of the left and right side exchanged.

    The two angles that know left from right are not: they have the small weights in a grey value.
    """
    by_joint = points.reshape(len(points), len(JOINTS), -1)
    other = [JOINTS.index(landmark.OTHER_SIDE[joint]) for joint in JOINTS]
    return by_joint[:, other].reshape(points.shape)


def _averages() -> np.ndarray:
    """(BINS, COLUMNS) weights of the columns in each stretch, each smeared by a Gaussian first."""
    columns = np.arange(COLUMNS)
    smeared = np.exp(-0.5 * ((columns[:, None] - columns) / SMOOTH) ** 2)  # (to, from)
    smeared /= smeared.sum(1, keepdims=True)
    edges = np.linspace(0, COLUMNS, BINS + 1)
    inside = np.minimum(edges[1:, None], columns + 1) - np.maximum(edges[:-1, None], columns)
    shares = np.clip(inside, 0, None) / (COLUMNS / BINS)
    averages: np.ndarray = shares @ smeared
    return averages


_AVERAGES = _averages()
