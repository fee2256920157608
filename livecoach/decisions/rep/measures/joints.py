"""Measures trunk, hips, knees and feet: angles, distances, and ratios of their motions.

The front leg of a lunge is the leg whose ankle is farther forward at the bottom.
"""

import math
from typing import Literal

import numpy as np

from livecoach.core import landmark
from livecoach.core.quantiles import median
from livecoach.decisions.rep.measures.motion import (
    RepMotion,
    frames_within,
    lasting_max,
    lasting_min,
    mean_around,
    value_at,
)
from livecoach.decisions.rep.phases import crossing

EARLY = 0.4  # Share of the ascent's travel over which hips and shoulders are compared
LEAST_RISE = 0.02  # Smallest rise that is divided, in torsos: shoulders that do not rise still give a number


def early_ascent_end(rep: RepMotion, height: np.ndarray) -> float:
    """Return the fractional frame at which a height (T,) has covered 40 % of its ascent; NaN if that never happens."""
    first, last = rep.phases.ascent
    return crossing(height, height[first] + EARLY * (height[last] - height[first]), first, last)


def trunk_tip_deg(rep: RepMotion, end: float) -> float:
    """Return the degrees by which the trunk tips forward from the start of the ascent to a frame; NaN at frame NaN."""
    return mean_around(rep.trunk_lean_deg, end) - mean_around(rep.trunk_lean_deg, rep.phases.ascent[0])


def rise_ratio(rep: RepMotion, height: np.ndarray) -> float:
    """Return the ratio of the hips' rise to the shoulders' rise over the first 40 % of the ascent of a height (T,).

    The result is NaN if the end of these 40 %, or a rise, is unknown. A rise counts as LEAST_RISE or more.
    """
    first, end = rep.phases.ascent[0], early_ascent_end(rep, height)
    if math.isnan(end):
        return math.nan
    rises = [value_at(curve, end) - curve[first] for curve in (rep.heights["H"], rep.heights["S"])]
    hips, shoulders = (max(float(rise), LEAST_RISE) if math.isfinite(rise) else math.nan for rise in rises)
    return hips / shoulders


LEAST_OPENING_DEG = 20.0  # Least opening of the knees over the pull; with straight legs, its share is chance
LEAST_SHARE = 0.1  # Least share: below it, the knees were misread. Lifters whose backs round first still have .14.


def knee_opening_share(rep: RepMotion) -> float:
    """Return the share of the knees' opening that is completed when the bar has risen 40 % of its way.

    A large share shows hips that rise before the bar leaves the floor: from the side, a lifter's good sets have .27 to
    .37, and a set with the hips first .53 to .75. NaN if the knees hardly open, or were misread.
    """
    first, last = rep.phases.ascent
    end = early_ascent_end(rep, rep.heights["W"])
    start_deg, end_deg, top_deg = (mean_around(rep.knee_angle_deg, frame) for frame in (first, end, last))
    if not top_deg - start_deg >= LEAST_OPENING_DEG:
        return math.nan
    share = (end_deg - start_deg) / (top_deg - start_deg)
    return share if share >= LEAST_SHARE else math.nan


DRIVE_S = 0.5  # Time in seconds before the bar leaves the shoulders, in which helping legs bend


def drive_knee_angle_deg(rep: RepMotion) -> float:
    """Return the smallest knee angle that lasts (`lasting_min`), from DRIVE_S before the ascent to its end."""
    first, last = rep.phases.ascent
    span = max(first - rep.whole_frames(DRIVE_S), 0), last
    return lasting_min(rep, rep.knee_angle_deg[frames_within(rep, span)])


def knee_width(rep: RepMotion, frames: slice) -> float:
    """Return the knees' sideways distance divided by the ankles': the smallest ratio that lasts in `frames`."""
    return lasting_min(
        rep, (_sideways_distance(rep, landmark.KNEES) / _sideways_distance(rep, landmark.ANKLES))[frames]
    )


def _sideways_distance(rep: RepMotion, pair: tuple[int, int]) -> np.ndarray:
    """Return the (T,) distances of a left joint to the left of the right joint; below 0 if the joints are crossed."""
    return rep.points[:, pair[0], 1] - rep.points[:, pair[1], 1]


def hip_width(rep: RepMotion) -> float:
    """Return the median sideways distance of the left hip from the right hip, in the unit of the landmarks."""
    return float(median(_sideways_distance(rep, landmark.HIPS)))


STANDING_S = 0.5  # Time in seconds before a squat in which the standing feet are measured


def ankle_displacement(rep: RepMotion) -> float:
    """Return how far the ankle that moved more is from its place in the previous rep, in torsos; NaN in a first rep."""
    if rep.previous is None:
        return np.nan
    moved = _ankles(rep) - _ankles(rep.previous)
    return float(np.sqrt((moved**2).sum(-1)).max() / rep.torso_length)


def standing_frames(rep: RepMotion) -> slice:
    """Return the frames of STANDING_S before the descent, in which the lifter stands."""
    bends = rep.phases.descent[0]
    return slice(max(bends - rep.whole_frames(STANDING_S), 0), bends + 1)


def heel_rise(rep: RepMotion, standing: slice) -> float:
    """Return how far the higher heel rises above its toes in the lift, compared with `standing` frames, in torsos."""
    rise = (rep.points[:, list(landmark.HEELS), 2] - rep.points[:, list(landmark.TOES), 2]) / rep.torso_length
    rise = (rise - median(rise[standing]))[rep.lift_frames]
    return max(lasting_max(rep, rise[:, 0]), lasting_max(rep, rise[:, 1]))


def _ankles(rep: RepMotion) -> np.ndarray:
    """Return the (2, 2) median places of the left and the right ankle on the floor."""
    return median(rep.points[rep.start : rep.stop, list(landmark.ANKLES), :2])


LEFT, RIGHT = 0, 1  # Indices of the sides in a pair of landmarks
Front = Literal["near", "far"]  # In the common view, near is the left leg, at the camera's side; far is the right leg


def front_leg(rep: RepMotion) -> Front | None:
    """Return the leg that is in front at the bottom; None if unknown."""
    distance = left_ankle_lead(rep)
    return None if np.isnan(distance) else "near" if distance >= 0 else "far"


def bottom_hip_share(rep: RepMotion) -> float:
    """Return the height of the hips above the lower ankle at the bottom, divided by their height when standing."""
    points = rep.points
    height = rep.middles["H"][:, 2] - points[:, list(landmark.ANKLES), 2].min(1)
    stood = mean_around(height, rep.phases.descent[0])
    return mean_around(height, rep.phases.turn) / stood


def front_knee_past_toes(rep: RepMotion) -> float:
    """Return the distance of the front knee in front of its toes at the bottom, in lengths of its thigh."""
    points, side = rep.points, _front(rep)
    forward = points[:, landmark.KNEES[side], 0] - points[:, landmark.TOES[side], 0]
    return mean_around(forward, rep.phases.turn) / _thigh_of(points, side)


def front_knee_inwards(rep: RepMotion) -> float:
    """Return the distance of the front knee from its ankle towards the other leg at the bottom, in thighs."""
    points, side = rep.points, _front(rep)
    left = points[:, landmark.KNEES[side], 1] - points[:, landmark.ANKLES[side], 1]
    inwards = -left if side == LEFT else left
    return mean_around(inwards, rep.phases.turn) / _thigh_of(points, side)


def left_ankle_lead(rep: RepMotion) -> float:
    """Return the distance of the left ankle in front of the right ankle at the bottom, in the unit of the landmarks."""
    ankles = rep.points[:, list(landmark.ANKLES), 0]
    return mean_around(ankles[:, LEFT] - ankles[:, RIGHT], rep.phases.turn)


def _front(rep: RepMotion) -> int:
    return LEFT if left_ankle_lead(rep) >= 0 else RIGHT


def _thigh_of(points: np.ndarray, side: int) -> float:
    thighs = points[:, landmark.HIPS[side]] - points[:, landmark.KNEES[side]]
    return float(median(np.sqrt((thighs**2).sum(-1))))
