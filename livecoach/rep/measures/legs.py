"""Measures of knees and hips: angles, depth, knees inwards or forwards, hips to one side."""

import numpy as np

from livecoach import landmark
from livecoach.frame.quantiles import median
from livecoach.rep.measures.held import Span, around, held_min, within
from livecoach.rep.measures.motion import Rep

DRIVE_S = 0.5
"""Time before the bar leaves the shoulders in which legs that help are bent."""


def lift_off_knee_angle_deg(rep: Rep) -> float:
    """Return the knee angle when the bar leaves the floor."""
    return around(rep.motion.knee_angle_deg, rep.phases.ascent[0])


def least_knee_angle_deg(rep: Rep) -> float:
    """Return the smallest knee angle that lasts for a moment, over the whole lift."""
    return held_min(rep.motion, rep.motion.knee_angle_deg[within(rep.motion, rep.phases.whole)])


def drive_knee_angle_deg(rep: Rep) -> float:
    """Return the smallest knee angle that lasts for a moment, from shortly before the ascent to its end."""
    first, last = rep.phases.ascent
    span = max(first - rep.motion.frames(DRIVE_S), 0), last
    return held_min(rep.motion, rep.motion.knee_angle_deg[within(rep.motion, span)])


def knee_width_over_lift(rep: Rep) -> float:
    """Return the distance between the knees / between the ankles, sideways: the narrowest that lasts, over the whole
    lift."""
    return _knee_width(rep, rep.phases.whole)


def knee_width_over_ascent(rep: Rep) -> float:
    """Return the same as `knee_width_over_lift`, on the ascent only."""
    return _knee_width(rep, rep.phases.ascent)


def bottom_hip_height(rep: Rep) -> float:
    """Return the height of the hips over the knees / length of the thigh, at the bottom."""
    height = rep.motion.middles["H"][:, 2] - rep.motion.middles["K"][:, 2]
    return around(height, rep.phases.turn) / _thigh(rep)


def bottom_knee_angle_deg(rep: Rep) -> float:
    """Return the knee angle at the bottom."""
    return around(rep.motion.knee_angle_deg, rep.phases.turn)


def knees_past_toes(rep: Rep) -> float:
    """Return how far the knees are in front of the toes / length of the thigh, at the bottom."""
    forward = rep.motion.middles["K"][:, 0] - rep.motion.middles["T"][:, 0]
    return around(forward, rep.phases.turn) / _thigh(rep)


def bottom_hip_shift(rep: Rep) -> float:
    """Return how far the hips are to the left of the middle of the ankles / distance between the hips, at the
    bottom."""
    aside = rep.motion.middles["H"][:, 1] - rep.motion.middles["A"][:, 1]
    return around(aside, rep.phases.turn) / float(median(_apart(rep, landmark.HIPS)))


def _knee_width(rep: Rep, span: Span) -> float:
    ratio = _apart(rep, landmark.KNEES) / _apart(rep, landmark.ANKLES)
    return held_min(rep.motion, ratio[within(rep.motion, span)])


def _apart(rep: Rep, pair: tuple[int, int]) -> np.ndarray:
    """Return the (T,) distances of the left joint to the left of the right one; crossed knees are below 0."""
    return rep.motion.points[:, pair[0], 1] - rep.motion.points[:, pair[1], 1]


def _thigh(rep: Rep) -> float:
    """Return the length of the thigh, mean of both sides."""
    points = rep.motion.points
    thighs = points[:, list(landmark.HIPS)] - points[:, list(landmark.KNEES)]
    return float(np.sqrt((thighs**2).sum(-1)).mean())
