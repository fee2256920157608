"""Single values of curves: at a moment, and the extreme that is held long enough to count."""

import math

import numpy as np

from livecoach.rep.measures.motion import RepMotion

HELD_S = 0.1
HELD_FRAMES = 3
"""How long a value is past a limit before it counts."""
TOP_MARGIN_S = 0.1
"""Time around lockout that is looked at, because lockout may be a moment only."""

Span = tuple[int, int]
"""First and last frame of a span."""


def at(curve: np.ndarray, frame: float) -> float:
    """Interpolate a curve (T,) at a fractional frame; NaN at frame NaN."""
    if math.isnan(frame):
        return math.nan
    below = int(frame)
    above, share = min(below + 1, len(curve) - 1), frame - below
    return float((1 - share) * curve[below] + share * curve[above])


def around(curve: np.ndarray, frame: float) -> float:
    """Return the mean of a curve (T,) over the frame and its neighbours: an angle of one frame alone trembles."""
    if math.isnan(frame):
        return math.nan
    last = len(curve) - 1
    return (at(curve, max(frame - 1, 0)) + at(curve, frame) + at(curve, min(frame + 1, last))) / 3


def within(motion: RepMotion, span: Span, margin_s: float = 0.0) -> slice:
    """Return the frames of a span, with a margin on both sides."""
    margin = motion.frames(margin_s)
    return slice(max(span[0] - margin, 0), span[1] + margin + 1)


def held_max(motion: RepMotion, curve: np.ndarray) -> float:
    """Return the largest value under which a piece of a curve (n,) does not fall for HELD_S and HELD_FRAMES; NaN where
    the piece is shorter, or any of it is unknown."""
    frames = max(HELD_FRAMES, math.ceil(HELD_S * motion.fps - 1e-3))
    if len(curve) < frames:
        return math.nan
    count = len(curve) - frames + 1
    floor = curve[:count]
    for i in range(1, frames):
        floor = np.minimum(floor, curve[i : i + count])
    return float(floor.max())


def held_min(motion: RepMotion, curve: np.ndarray) -> float:
    """Return the smallest value above which a piece of a curve does not rise, as in `held_max`."""
    return -held_max(motion, -curve)
