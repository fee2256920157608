"""Measures of trunk, hips, knees and feet: lean, depth, extension at the top, hips that rise before the shoulders,
knees that go inwards or forwards, heels off the floor; and of a lunge, whose front leg is the one whose ankle is
farther forward at the bottom."""

import math
from typing import Literal

import numpy as np

from livecoach.core import landmark
from livecoach.decisions.rep.measures.motion import (
    TOP_MARGIN_S,
    RepMotion,
    Span,
    around,
    at,
    held_max,
    held_min,
    within,
)
from livecoach.decisions.rep.phases import crossing
from livecoach.perception.body.quantiles import median

EARLY = 0.4  # share of the ascent's travel over which hips and shoulders are compared
LEAST_RISE = 0.02  # smallest divisor for rises, torsos: shoulders that do not rise still give a number


def trunk_change_to_knee_pass_deg(rep: RepMotion) -> float:
    """How far the trunk tips forward from lift-off until the bar passes the knees; NaN if it does not."""
    lean = rep.trunk_lean_deg
    return around(lean, rep.phases.knee_pass) - around(lean, rep.phases.ascent[0])


def trunk_change_early_ascent_deg(rep: RepMotion) -> float:
    """How far the trunk tips forward over the first 40 % of the hips' rise (squat)."""
    lean = rep.trunk_lean_deg
    return around(lean, _early_end(rep, "hips")) - around(lean, rep.phases.ascent[0])


def rise_ratio_by_bar(rep: RepMotion) -> float:
    """Rise of the hips / rise of the shoulders over the first 40 % of the bar's ascent."""
    return _rise_ratio(rep, _early_end(rep, "bar"))


def rise_ratio_by_hips(rep: RepMotion) -> float:
    """Rise of the hips / rise of the shoulders over the first 40 % of the hips' ascent."""
    return _rise_ratio(rep, _early_end(rep, "hips"))


def most_trunk_lean_deg(rep: RepMotion) -> float:
    """Farthest forward that lasts for a moment, over the whole lift."""
    return held_max(rep, rep.trunk_lean_deg[within(rep, rep.phases.whole)])


def least_trunk_lean_deg(rep: RepMotion) -> float:
    """Least forward lean that lasts for a moment, over the whole lift; a backward lean is below 0."""
    return held_min(rep, rep.trunk_lean_deg[within(rep, rep.phases.whole)])


def bottom_hip_angle_deg(rep: RepMotion) -> float:
    return around(rep.hip_angle_deg, rep.phases.turn)


def top_hip_angle_deg(rep: RepMotion) -> float:
    """Straightest that lasts at lockout; past straight above 180."""
    return held_max(rep, rep.hip_angle_deg[within(rep, rep.phases.top, TOP_MARGIN_S)])


def standing_hip_angle_deg(rep: RepMotion) -> float:
    """Straightest that lasts from the margin before a rep until its end; past straight above 180. For a rep that goes
    down first, which is judged as soon as the bar is up again: only the lean back before its descent is known."""
    return held_max(rep, rep.hip_angle_deg[: rep.stop])


def top_knee_angle_deg(rep: RepMotion) -> float:
    """Straightest that lasts at lockout."""
    return held_max(rep, rep.knee_angle_deg[within(rep, rep.phases.top, TOP_MARGIN_S)])


def _early_end(rep: RepMotion, travel: str) -> float:
    """Frame at which EARLY of the ascent is first reached, by the running maximum."""
    height = rep.bar_height if travel == "bar" else rep.hip_height
    first, last = rep.phases.ascent
    return crossing(height, height[first] + EARLY * (height[last] - height[first]), first, last)


def _rise_ratio(rep: RepMotion, end: float) -> float:
    first = rep.phases.ascent[0]
    if math.isnan(end):
        return math.nan
    rises = [at(curve, end) - curve[first] for curve in (rep.hip_height, rep.shoulder_height)]
    hips, shoulders = (max(float(rise), LEAST_RISE) if math.isfinite(rise) else math.nan for rise in rises)
    return hips / shoulders


DRIVE_S = 0.5  # before the bar leaves the shoulders, in which helping legs bend


def lift_off_knee_angle_deg(rep: RepMotion) -> float:
    return around(rep.knee_angle_deg, rep.phases.ascent[0])


def least_knee_angle_deg(rep: RepMotion) -> float:
    """Smallest that lasts for a moment, over the whole lift."""
    return held_min(rep, rep.knee_angle_deg[within(rep, rep.phases.whole)])


def drive_knee_angle_deg(rep: RepMotion) -> float:
    """Smallest that lasts for a moment, from shortly before the ascent to its end."""
    first, last = rep.phases.ascent
    span = max(first - rep.frames(DRIVE_S), 0), last
    return held_min(rep, rep.knee_angle_deg[within(rep, span)])


def knee_width_over_lift(rep: RepMotion) -> float:
    """Between the knees / between the ankles, sideways: the narrowest that lasts, over the whole lift."""
    return _knee_width(rep, rep.phases.whole)


def knee_width_over_ascent(rep: RepMotion) -> float:
    return _knee_width(rep, rep.phases.ascent)


def bottom_hip_height(rep: RepMotion) -> float:
    """Of the hips over the knees / length of the thigh, at the bottom."""
    height = rep.middles["H"][:, 2] - rep.middles["K"][:, 2]
    return around(height, rep.phases.turn) / _thigh(rep)


def bottom_knee_angle_deg(rep: RepMotion) -> float:
    return around(rep.knee_angle_deg, rep.phases.turn)


def knees_past_toes(rep: RepMotion) -> float:
    """How far the knees are in front of the toes / length of the thigh, at the bottom."""
    forward = rep.middles["K"][:, 0] - rep.middles["T"][:, 0]
    return around(forward, rep.phases.turn) / _thigh(rep)


def bottom_hip_shift(rep: RepMotion) -> float:
    """Hips to the left of the middle of the ankles / distance between the hips, at the bottom."""
    aside = rep.middles["H"][:, 1] - rep.middles["A"][:, 1]
    return around(aside, rep.phases.turn) / float(median(_apart(rep, landmark.HIPS)))


def _knee_width(rep: RepMotion, span: Span) -> float:
    ratio = _apart(rep, landmark.KNEES) / _apart(rep, landmark.ANKLES)
    return held_min(rep, ratio[within(rep, span)])


def _apart(rep: RepMotion, pair: tuple[int, int]) -> np.ndarray:
    """(T,) of the left joint to the left of the right one; crossed knees are below 0."""
    return rep.points[:, pair[0], 1] - rep.points[:, pair[1], 1]


def _thigh(rep: RepMotion) -> float:
    """Mean of both sides."""
    points = rep.points
    thighs = points[:, list(landmark.HIPS)] - points[:, list(landmark.KNEES)]
    return float(np.sqrt((thighs**2).sum(-1)).mean())


STANDING_S = 0.5  # before a squat, when the standing feet are measured


def heel_rise_deadlift(rep: RepMotion) -> float:
    """Of the higher heel against its toes, beyond its height at lockout, torsos, over the whole lift."""
    return _heel_rise(rep, within(rep, rep.phases.top))


def heel_rise_squat(rep: RepMotion) -> float:
    """Of the higher heel against its toes, beyond its height when standing before the lift, torsos."""
    bends = rep.phases.descent[0]
    return _heel_rise(rep, slice(max(bends - rep.frames(STANDING_S), 0), bends + 1))


def ankle_displacement(rep: RepMotion) -> float:
    """Of the ankle that moved more, from its place in the previous rep, torsos; NaN without one."""
    if rep.previous is None:
        return np.nan
    moved = _ankles(rep) - _ankles(rep.previous)
    return float(np.sqrt((moved**2).sum(-1)).max() / rep.torso)


def _heel_rise(rep: RepMotion, standing: slice) -> float:
    rise = (rep.points[:, list(landmark.HEELS), 2] - rep.points[:, list(landmark.TOES), 2]) / rep.torso
    rise = (rise - median(rise[standing]))[within(rep, rep.phases.whole)]
    return max(held_max(rep, rise[:, 0]), held_max(rep, rise[:, 1]))


def _ankles(rep: RepMotion) -> np.ndarray:
    """(2, 2) median places of the left and the right ankle on the floor."""
    return median(rep.points[rep.start : rep.stop, list(landmark.ANKLES), :2])


LEFT, RIGHT = 0, 1
Front = Literal["near", "far"]  # in the common view, near is the left leg, at the camera's side; far is the right one


def front_leg(rep: RepMotion) -> Front | None:
    """None if that can't be measured."""
    ahead = _ahead(rep)
    return None if np.isnan(ahead) else "near" if ahead >= 0 else "far"


def bottom_hip_share(rep: RepMotion) -> float:
    """Height of the hips over the lower ankle at the bottom / the same when standing."""
    points = rep.points
    height = rep.middles["H"][:, 2] - points[:, list(landmark.ANKLES), 2].min(1)
    stood = around(height, rep.phases.descent[0])
    return around(height, rep.phases.turn) / stood


def front_knee_past_toes(rep: RepMotion) -> float:
    """How far the front knee is in front of its toes / length of its thigh, at the bottom."""
    points, side = rep.points, _front(rep)
    forward = points[:, landmark.KNEES[side], 0] - points[:, landmark.TOES[side], 0]
    return around(forward, rep.phases.turn) / _thigh_of(points, side)


def front_knee_inwards(rep: RepMotion) -> float:
    """How far the front knee is towards the other leg from its ankle / length of its thigh, at the bottom."""
    points, side = rep.points, _front(rep)
    left = points[:, landmark.KNEES[side], 1] - points[:, landmark.ANKLES[side], 1]
    inwards = -left if side == LEFT else left
    return around(inwards, rep.phases.turn) / _thigh_of(points, side)


def step_length(rep: RepMotion) -> float:
    """From the other ankle to the front one at the bottom, forwards, torsos."""
    return abs(_ahead(rep)) / rep.torso


def _ahead(rep: RepMotion) -> float:
    """How far the left ankle is in front of the right one at the bottom."""
    ankles = rep.points[:, list(landmark.ANKLES), 0]
    return around(ankles[:, LEFT] - ankles[:, RIGHT], rep.phases.turn)


def _front(rep: RepMotion) -> int:
    return LEFT if _ahead(rep) >= 0 else RIGHT


def _thigh_of(points: np.ndarray, side: int) -> float:
    thighs = points[:, landmark.HIPS[side]] - points[:, landmark.KNEES[side]]
    return float(median(np.sqrt((thighs**2).sum(-1))))
