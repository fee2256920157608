"""Tempo of a rep by the bar itself: in m/s, without knowing the lifter's height."""

import numpy as np

from livecoach.rep.bar_path import BarPath, smoothed
from livecoach.rep.phases import down_first, up_first
from livecoach.rep.tempo import TYPICAL_HEIGHT_CM, pace_of, torso_m
from livecoach.rep.travel import KINDS, Travel
from livecoach.types import Pace

FINE_S = 0.005
"""Interval at which the path is resampled."""
SMOOTHED_S = 0.15
"""Length of the running mean, as for the heights of hands and hips."""


def pace_of_bar(path: BarPath, travel: Travel) -> Pace | None:
    """Measure the pace of a rep from the bar's path; None where the bar never rises.

    travel: as `FaultTable.travel`: it tells whether the rep begins upwards or downwards.
    """
    unit_m = torso_m(TYPICAL_HEIGHT_CM)  # phases want heights in torsos, for the least that is a rep
    # Between frames: a way up of .6 s has 15 of them at 25 a second, and is off by a fifteenth where one end is.
    t_s = np.arange(path.t_s[0], path.t_s[-1], FINE_S)
    height = smoothed(t_s, np.interp(t_s, path.t_s, path.up_m / unit_m), SMOOTHED_S)
    start, stop = (int(np.searchsorted(t_s, path.t_s[frame])) for frame in (path.start, path.stop - 1))
    if KINDS[travel].up_first:
        phases = up_first(t_s, height, np.full_like(height, np.inf), start, stop)
    else:
        phases = down_first(t_s, height, start, stop)
    if phases is None:
        return None
    return pace_of(t_s, height, phases, travel=travel, scale_m=unit_m, measured_from="bar")
