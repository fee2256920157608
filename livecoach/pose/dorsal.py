"""The back's edge in a person's mask: what no landmark shows (FAULTS: dorsal sagitta)."""

import cv2
import numpy as np

from livecoach import landmark

STATIONS = np.linspace(0.05, 0.95, 19)
"""Along the line from mid-hip to mid-shoulder."""
LEAST_LEAN_DEG = 15.0
"""In the picture. A trunk that leans less is not bent over, and may lean backwards: its upper side is no back then."""
SHORTEST = 0.05
"""Trunk in the picture, its heights: 24 px of 480. A shorter one has an edge of three pixels' bulge at the most."""
REACH = 0.85
"""How far out the edge is looked for, lengths of trunk or thigh (the longer one). A back is .35 thick at the most, but
behind plates hips are seen up to .5 too far forward."""
LENGTHENED = 1 / 14
"""Of the line beyond the landmarks, at either end. BlazePose sees the hips of a bent body .05 of the torso too near the
shoulders, and the back is read best from what lies between .10 and .90 of its line: on 13 rendered sets from the side,
half rounded backs stood out by 4.4 spreads of good reps, without it (.15 to .85) by 3.0."""
MOST_STEPS = 96
INSIDE = 0.5


def back_edge(mask: np.ndarray, landmarks: np.ndarray) -> np.ndarray | None:
    """(19,) float32: heights of the back's edge over the line from mid-hip to mid-shoulder, at .05….95 of it, the line
    being a seventh longer than the landmarks have it (LENGTHENED).

    mask: (h, w) float32, how surely a pixel is the person's, 0…1, of the whole picture. landmarks: (33, 5) float32,
    x and y 0…1 of the picture. Heights are in lengths of the picture's height; NaN at a station without an edge: the
    line is outside of the mask there, or the mask goes on further than a back is thick, or beyond the picture. None
    where there is nothing to look for: a trunk that is (nearly) upright in the picture or too short, hips or shoulders
    outside of it, knees on the side where the back should be.
    """
    size = np.array(mask.shape[::-1], float)
    points = landmarks[:, :2] * size - 0.5  # a pixel's value is that of its middle
    hip, shoulder, knee = (points[list(pair)].mean(0) for pair in (landmark.HIPS, landmark.SHOULDERS, landmark.KNEES))
    trunk = shoulder - hip
    length = float(np.hypot(*trunk))
    ends = np.stack([hip, shoulder])
    if not ((ends >= 0) & (ends <= size - 1)).all() or length < SHORTEST * size[1]:
        return None
    # Whoever bends has his back above: the normal that points up.
    normal = np.array([trunk[1], -trunk[0]]) * np.sign(trunk[0]) / length
    if abs(trunk[0]) < np.sin(np.radians(LEAST_LEAN_DEG)) * length or not (knee - hip) @ normal <= 0:
        return None
    reach = REACH * max(length, float(np.hypot(*(knee - hip))))
    steps = np.linspace(0.0, reach, min(int(reach) + 2, MOST_STEPS))
    along = STATIONS * (1 + 2 * LENGTHENED) - LENGTHENED
    x, y = (hip[i] + along[:, None] * trunk[i] + steps * normal[i] for i in (0, 1))
    values = cv2.remap(  # between pixels, and NaN outside of the mask
        mask, x.astype(np.float32), y.astype(np.float32), cv2.INTER_LINEAR, None, cv2.BORDER_CONSTANT, np.nan
    )
    heights = _first_fall(values) * (steps[1] / size[1])
    return heights.astype(np.float32)


def _first_fall(values: np.ndarray) -> np.ndarray:
    """(n,) where each row of values (n, steps) first falls under INSIDE, in steps from its beginning.

    NaN where it does not, begins under it, or is unknown before.
    """
    outside = ~(values >= INSIDE)  # unknown ones too
    first = outside.argmax(1)
    rows = np.arange(len(values))
    before, after = values[rows, first - 1], values[rows, first]
    with np.errstate(invalid="ignore", divide="ignore"):
        place = first - 1 + (before - INSIDE) / (before - after)
    return np.where(first > 0, place, np.nan)
