"""Measures the back's edge, which no landmark shows: its height over the line from the hips to the shoulders.

The heights of a dorsal profile, at 19 stations (`landmark.STATIONS`), are distances from that line along the normal on
the dorsal side, in lengths of the standing torso.
"""

import math

import numpy as np

from livecoach.core.landmark import STATIONS
from livecoach.core.quantiles import median
from livecoach.decisions.rep.measures.motion import RepMotion

BACK, LOWER_BACK = (0.15, 0.85), (0.2, 0.7)
"""Stations between which the back is judged: for rounding, and for a pelvis that tucks under. Stations below .2 follow
the buttocks, which flatten with depth."""
TORN = 0.06
"""Largest difference between the rises of two neighbouring stations, in torso lengths, measured on rendered sets.
Beyond it, the mask includes something that stands behind the back."""
KNOWN = 0.5  # Share of the frames, at least two, in which the edge must be known
EARLY = 0.45  # Share of the ascent's travel over which the back is judged: there it is most bent over and loaded
MOMENT_S = 0.1  # Time in seconds before and after a frame over which the edge is measured
MOST_FRAMES = 24  # Most frames in a median, evenly spread: an edge takes longer than all other measures of a frame


def back_height(profile: np.ndarray, span: tuple[float, float] = BACK) -> np.ndarray:
    """Return the (n,) mean heights of the back over a straight line between two of its points; below 0 if hollow.

    The largest height, which sagitta usually means, lies at an end of a hollow back, and misses its first rounding.
    A height is NaN if the edge is torn, or unknown at two neighbouring stations.

    Args:
        profile: (n, 19) heights in lengths of the standing torso. A single unknown station is interpolated.
        span: Ends of the line, as shares of the way from mid-hip to mid-shoulder.
    """
    profile = without_gaps(profile)
    first, last = stations(span)
    share = (STATIONS[first + 1 : last] - STATIONS[first]) / (STATIONS[last] - STATIONS[first])
    line = profile[:, [first]] * (1 - share) + profile[:, [last]] * share
    whole = np.abs(np.diff(profile[:, first : last + 1], 2, axis=1)).max(1) <= TORN
    return np.where(whole, (profile[:, first + 1 : last] - line).mean(1), np.nan)


def stations(span: tuple[float, float]) -> tuple[int, int]:
    """Return the indices of the stations nearest to two points, as shares of the way from mid-hip to mid-shoulder."""
    first, last = (int(np.argmin(np.abs(STATIONS - station))) for station in span)
    return first, last


def without_gaps(profile: np.ndarray) -> np.ndarray:
    """Return profiles (n, 19) in which single unknown stations are interpolated between two known stations."""
    between = (profile[:, :-2] + profile[:, 2:]) / 2
    filled = profile.copy()
    filled[:, 1:-1] = np.where(np.isnan(profile[:, 1:-1]), between, profile[:, 1:-1])
    return filled


def dorsal_sagitta(rep: RepMotion) -> float:
    """Return the median height of the back early in the ascent, in torsos; NaN if too few heights are known."""
    if rep.back is None:
        return math.nan
    height, (first, last) = rep.heights["W"], rep.phases.ascent
    progress = (np.maximum.accumulate(height[first : last + 1]) - height[first]) / (height[last] - height[first])
    return _median_height(rep, first + np.flatnonzero(progress <= EARLY), BACK)


def pelvic_tuck(rep: RepMotion) -> float:
    """Return how much higher the lower back is at the bottom than half way down, in torsos; NaN if unknown."""
    if rep.back is None:
        return math.nan
    height, (first, _), turn = rep.heights["H"], rep.phases.descent, rep.phases.turn
    half = first + int(np.argmax(height[first : turn + 1] <= (height[first] + height[turn]) / 2))
    bottom, before = (_median_height(rep, _around(rep, frame), LOWER_BACK) for frame in (turn, half))
    return bottom - before


def _around(rep: RepMotion, frame: int) -> np.ndarray:
    reach = max(1, rep.whole_frames(MOMENT_S))
    return np.arange(max(frame - reach, 0), min(frame + reach + 1, len(rep.t_s)))


def _median_height(rep: RepMotion, frames: np.ndarray, span: tuple[float, float]) -> float:
    if rep.back is None or len(frames) == 0:
        return math.nan
    thinned = frames[np.linspace(0, len(frames) - 1, min(len(frames), MOST_FRAMES)).round().astype(int)]
    values = back_height(rep.back(thinned), span)
    known = values[np.isfinite(values)]
    return float(median(known)) if len(known) >= max(2, KNOWN * len(thinned)) else math.nan
