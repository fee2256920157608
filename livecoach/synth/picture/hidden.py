"""Determines which landmarks a picture does not show."""

import numpy as np

from livecoach import landmark

BEHIND_M = 0.08
"""A landmark is hidden if it lies this far behind the visible surface, beyond its depth below its own skin."""
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
"""(33,) largest depth of a landmark below the surface of a body of average size, clothes included."""


def hidden_landmarks(xy: np.ndarray, behind_m: np.ndarray, scale: float = 1.0) -> np.ndarray:
    """Return which landmarks are outside the picture or occluded by the body, a plate or another person, (33,) bool.

    xy: (33, 2) in 0..1 of the picture. behind_m: (33,) from Renderer.behind_m. scale: size of the body.
    """
    inside = ((xy >= 0) & (xy < 1)).all(1)
    return ~inside | (behind_m > scale * UNDER_SKIN_M + BEHIND_M)
