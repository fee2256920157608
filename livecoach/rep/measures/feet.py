"""Feet: heels off the floor, and a stance that is not where it was."""

import numpy as np

from livecoach import landmark
from livecoach.rep.measures.held import held_max, within
from livecoach.rep.measures.motion import Rep, RepMotion

STANDING_S = 0.5
"""Before a squat begins."""


def heel_rise_deadlift(rep: Rep) -> float:
    """How far the higher heel rises against its toes over what it does at lockout, torsos, over the whole lift."""
    return _heel_rise(rep, within(rep.motion, rep.phases.top))


def heel_rise_squat(rep: Rep) -> float:
    """How far the higher heel rises against its toes over what it does standing before the lift, torsos."""
    bends = rep.phases.descent[0]
    return _heel_rise(rep, slice(max(bends - rep.motion.frames(STANDING_S), 0), bends + 1))


def ankle_displacement(rep: Rep) -> float:
    """How far the farther moved ankle is from where it was in the rep before, torsos; NaN without one."""
    if rep.previous is None:
        return np.nan
    moved = _ankles(rep.motion) - _ankles(rep.previous)
    return float(np.sqrt((moved**2).sum(-1)).max() / rep.motion.torso)


def _heel_rise(rep: Rep, standing: slice) -> float:
    motion = rep.motion
    rise = (motion.points[:, list(landmark.HEELS), 2] - motion.points[:, list(landmark.TOES), 2]) / motion.torso
    rise = (rise - np.median(rise[standing], axis=0))[within(motion, rep.phases.whole)]
    return max(held_max(motion, rise[:, 0]), held_max(motion, rise[:, 1]))


def _ankles(motion: RepMotion) -> np.ndarray:
    """(2, 2) where the left and the right ankle are on the floor, usually."""
    return np.median(motion.points[motion.start : motion.stop, list(landmark.ANKLES), :2], axis=0)
