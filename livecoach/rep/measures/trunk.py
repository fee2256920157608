"""Measures of trunk and hips: lean, extension at the top, and whether the hips rise before the shoulders."""

import math

from livecoach.rep.measures.motion import TOP_MARGIN_S, PhasedRep, around, at, held_max, held_min, within
from livecoach.rep.phases import crossing

EARLY = 0.4
"""Share of the ascent's travel over which hips and shoulders are compared."""
LEAST_RISE = 0.02
"""Smallest divisor for rises, torsos: shoulders that do not rise still give a number."""


def trunk_change_to_knee_pass_deg(rep: PhasedRep) -> float:
    """How far the trunk tips forward from lift-off until the bar passes the knees; NaN if it does not."""
    lean = rep.motion.trunk_lean_deg
    return around(lean, rep.phases.knee_pass) - around(lean, rep.phases.ascent[0])


def trunk_change_early_ascent_deg(rep: PhasedRep) -> float:
    """How far the trunk tips forward over the first 40 % of the hips' rise (squat)."""
    lean = rep.motion.trunk_lean_deg
    return around(lean, _early_end(rep, "hips")) - around(lean, rep.phases.ascent[0])


def rise_ratio_by_bar(rep: PhasedRep) -> float:
    """Rise of the hips / rise of the shoulders over the first 40 % of the bar's ascent."""
    return _rise_ratio(rep, _early_end(rep, "bar"))


def rise_ratio_by_hips(rep: PhasedRep) -> float:
    """Rise of the hips / rise of the shoulders over the first 40 % of the hips' ascent."""
    return _rise_ratio(rep, _early_end(rep, "hips"))


def most_trunk_lean_deg(rep: PhasedRep) -> float:
    """Farthest forward that lasts for a moment, over the whole lift."""
    return held_max(rep.motion, rep.motion.trunk_lean_deg[within(rep.motion, rep.phases.whole)])


def least_trunk_lean_deg(rep: PhasedRep) -> float:
    """Least forward lean that lasts for a moment, over the whole lift; a backward lean is below 0."""
    return held_min(rep.motion, rep.motion.trunk_lean_deg[within(rep.motion, rep.phases.whole)])


def bottom_hip_angle_deg(rep: PhasedRep) -> float:
    return around(rep.motion.hip_angle_deg, rep.phases.turn)


def top_hip_angle_deg(rep: PhasedRep) -> float:
    """Straightest that lasts at lockout; past straight above 180."""
    return held_max(rep.motion, rep.motion.hip_angle_deg[within(rep.motion, rep.phases.top, TOP_MARGIN_S)])


def standing_hip_angle_deg(rep: PhasedRep) -> float:
    """Straightest that lasts from the margin before a rep until its end; past straight above 180. For a rep that goes
    down first, which is judged as soon as the bar is up again: only the lean back before its descent is known."""
    return held_max(rep.motion, rep.motion.hip_angle_deg[: rep.motion.stop])


def top_knee_angle_deg(rep: PhasedRep) -> float:
    """Straightest that lasts at lockout."""
    return held_max(rep.motion, rep.motion.knee_angle_deg[within(rep.motion, rep.phases.top, TOP_MARGIN_S)])


def _early_end(rep: PhasedRep, travel: str) -> float:
    """Frame at which EARLY of the ascent is first reached, by the running maximum."""
    height = rep.motion.bar_height if travel == "bar" else rep.motion.hip_height
    first, last = rep.phases.ascent
    return crossing(height, height[first] + EARLY * (height[last] - height[first]), first, last)


def _rise_ratio(rep: PhasedRep, end: float) -> float:
    first = rep.phases.ascent[0]
    if math.isnan(end):
        return math.nan
    rises = [at(curve, end) - curve[first] for curve in (rep.motion.hip_height, rep.motion.shoulder_height)]
    hips, shoulders = (max(float(rise), LEAST_RISE) if math.isfinite(rise) else math.nan for rise in rises)
    return hips / shoulders
