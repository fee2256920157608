"""Measures of the feet: heels off the floor, and a stance that has moved."""

import numpy as np

from livecoach import landmark
from livecoach.frame.quantiles import median
from livecoach.rep.measures.held import held_max, within
from livecoach.rep.measures.motion import Rep, RepMotion

STANDING_S = 0.5
"""Time before a squat in which the standing feet are measured."""


def heel_rise_deadlift(rep: Rep) -> float:
    """Return how far the higher heel rises against its toes, beyond its height at lockout, torsos, over the whole
    lift."""
    return _heel_rise(rep, within(rep.motion, rep.phases.top))


def heel_rise_squat(rep: Rep) -> float:
    """Return how far the higher heel rises against its toes, beyond its height when standing before the lift,
    torsos."""
    bends = rep.phases.descent[0]
    return _heel_rise(rep, slice(max(bends - rep.motion.frames(STANDING_S), 0), bends + 1))


def ankle_displacement(rep: Rep) -> float:
    """Return how far the ankle that moved more is from its place in the rep before, torsos; NaN without one."""
    if rep.previous is None:
        return np.nan
    moved = _ankles(rep.motion) - _ankles(rep.previous)
    return float(np.sqrt((moved**2).sum(-1)).max() / rep.motion.torso)


def _heel_rise(rep: Rep, standing: slice) -> float:
    motion = rep.motion
    rise = (motion.points[:, list(landmark.HEELS), 2] - motion.points[:, list(landmark.TOES), 2]) / motion.torso
    rise = (rise - median(rise[standing]))[within(motion, rep.phases.whole)]
    return max(held_max(motion, rise[:, 0]), held_max(motion, rise[:, 1]))


def _ankles(motion: RepMotion) -> np.ndarray:
    """Return the (2, 2) median places of the left and the right ankle on the floor."""
    return median(motion.points[motion.start : motion.stop, list(landmark.ANKLES), :2])
