"""Measures of the bar, for which the wrists stand: its path, its level, and the arms it hangs from."""

import math

import numpy as np

from livecoach import landmark
from livecoach.frame.quantiles import median, percentile
from livecoach.rep.measures.held import TOP_MARGIN_S, around, held_max, within
from livecoach.rep.measures.motion import Rep, RepMotion


def bar_offset(rep: Rep) -> float:
    """Return how far the bar is in front of mid-foot, torsos: the farthest that lasts, over the whole lift."""
    motion = rep.motion
    forward = (motion.middles["W"][:, 0] - motion.middles["F"][:, 0]) / motion.torso
    return held_max(motion, forward[within(motion, rep.phases.whole)])


def top_bar_offset(rep: Rep) -> float:
    """Return how far the bar is in front of mid-foot at the top, torsos: the median from lockout to the lowering."""
    motion, frames = rep.motion, within(rep.motion, rep.phases.top, TOP_MARGIN_S)
    forward = motion.middles["W"][frames, 0] - motion.middles["F"][frames, 0]
    return float(median(forward) / motion.torso)


def lowered_bar_height(rep: Rep) -> float:
    """Return how far the bar is over the shoulders where its lowering ends, torsos; NaN where it is not lowered."""
    motion, (leaves, ends) = rep.motion, rep.phases.descent
    height = (motion.middles["W"][:, 2] - motion.middles["S"][:, 2]) / motion.torso
    return around(height, ends) if ends > leaves else math.nan


def bar_lost(rep: Rep) -> float:
    """Return how far the bar sinks between the knees and lockout, torsos; NaN where it does not pass the knees."""
    if math.isnan(rep.phases.knee_pass):
        return math.nan
    height = rep.motion.bar_height[math.ceil(rep.phases.knee_pass) : rep.phases.ascent[1] + 1]
    return held_max(rep.motion, np.maximum.accumulate(height) - height)


def hand_height_difference(rep: Rep) -> float:
    """Return the height of the left wrist over the right one / width of the shoulders: the 90th percentile over the
    whole lift, on the side that is farther from level."""
    points, frames = rep.motion.points, within(rep.motion, rep.phases.whole)
    (left, right), (left_shoulder, right_shoulder) = landmark.WRISTS, landmark.SHOULDERS
    apart = points[frames, left, 2] - points[frames, right, 2]
    shoulders = np.sqrt(((points[frames, left_shoulder] - points[frames, right_shoulder]) ** 2).sum(-1))
    lowest, highest = percentile(apart, 10), percentile(apart, 90)
    return float((highest if highest > -lowest else lowest) / median(shoulders))


def pull_elbow_angle_deg(rep: Rep) -> float:
    """Return the angle of the more bent elbow, mean from lift-off until the bar passes the knees; NaN where it does
    not."""
    if math.isnan(rep.phases.knee_pass):
        return math.nan
    frames = slice(rep.phases.ascent[0], math.ceil(rep.phases.knee_pass) + 1)
    return float(_elbow_angles_deg(rep.motion, frames).mean(0).min())


def top_elbow_angle_deg(rep: Rep) -> float:
    """Return the straightest angle of the more bent elbow that lasts at lockout."""
    angles = _elbow_angles_deg(rep.motion, within(rep.motion, rep.phases.top, TOP_MARGIN_S))
    return held_max(rep.motion, angles.min(1))


def _elbow_angles_deg(motion: RepMotion, frames: slice) -> np.ndarray:
    """Return the (n, 2) angles shoulder-elbow-wrist, left and right, 0…180."""
    points = motion.points[frames]
    elbows = points[:, list(landmark.ELBOWS)]
    up, down = points[:, list(landmark.SHOULDERS)] - elbows, points[:, list(landmark.WRISTS)] - elbows
    lengths = np.sqrt((up**2).sum(-1) * (down**2).sum(-1))
    return np.degrees(np.arccos(np.clip((up * down).sum(-1) / lengths, -1, 1)))
