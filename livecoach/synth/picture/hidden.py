"""Which landmarks a picture does not show."""

import numpy as np

from livecoach import landmark

BEHIND_M = 0.08
"""A landmark that lies this far behind what is seen there, more than it lies under its own skin, is hidden."""
FACE = tuple(range(11))


def _under_skin() -> np.ndarray:
    depth = np.full(landmark.COUNT, 0.04)  # hands and feet
    depth[list(FACE)] = 0.02
    for pair, metres in (
        (landmark.SHOULDERS, 0.08),
        (landmark.ELBOWS, 0.06),
        (landmark.WRISTS, 0.045),
        (landmark.HIPS, 0.13),
        (landmark.KNEES, 0.075),
        (landmark.ANKLES, 0.055),
    ):
        depth[list(pair)] = metres
    return depth


UNDER_SKIN_M = _under_skin()
"""(33,) how deep a landmark lies in a body of average size, seen from where it is deepest, clothes included."""


def hidden_landmarks(xy: np.ndarray, behind_m: np.ndarray, scale: float = 1.0) -> np.ndarray:
    """(33,) bool: out of the picture, or behind something: the own body, a plate, somebody else.

    xy: (33, 2) in 0..1 of the picture; behind_m: (33,) as Renderer.behind_m; scale: size of the body.
    """
    inside = ((xy >= 0) & (xy < 1)).all(1)
    return ~inside | (behind_m > scale * UNDER_SKIN_M + BEHIND_M)
