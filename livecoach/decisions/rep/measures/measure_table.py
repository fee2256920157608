"""Lists all measures of a rep by name: their unit, phase and joints, and how they are computed from the rep's motion.

The front leg of a lunge is the leg whose ankle is farther forward at the bottom.
"""

import math
from collections.abc import Callable
from functools import lru_cache, partial
from typing import Literal, NamedTuple

import numpy as np

from livecoach.core import landmark
from livecoach.core.quantiles import median, percentile
from livecoach.decisions.rep.measures.timing import (
    descent_time_s,
    floor_acceleration,
    floor_pause_s,
    log_dimensionless_jerk,
    lowering_to_lifting_ratio,
    spectral_arc_length,
    stalling,
)
from livecoach.decisions.rep.motion import (
    BACK,
    LOWER_BACK,
    RepMotion,
    back_height,
    crossing_frame,
    frames_within,
    lasting_max,
    lasting_min,
    mean_around,
    value_at,
)

EARLY_RISE = 0.4  # Share of the ascent's travel over which hips and shoulders are compared
LEAST_RISE = 0.02  # Smallest rise in a ratio of rises, in torso lengths: shoulders that do not rise still give a number


def early_ascent_end(rep: RepMotion, height: np.ndarray) -> float:
    """Return the fractional frame at which a height (T,) has covered 40 % of its ascent; NaN if it does not rise."""
    first, last = rep.phases.ascent
    return crossing_frame(height, height[first] + EARLY_RISE * (height[last] - height[first]), first, last)


def trunk_tip_deg(rep: RepMotion, end: float) -> float:
    """Return how far the trunk tips forward from the start of the ascent to the frame `end`; NaN if `end` is NaN."""
    return mean_around(rep.trunk_lean_deg, end) - mean_around(rep.trunk_lean_deg, rep.phases.ascent[0])


def rise_ratio(rep: RepMotion, height: np.ndarray) -> float:
    """Return the ratio of the hips' rise to the shoulders' rise in the first 40 % of the ascent of `height` (T,).

    `height` belongs to the bar or the hips. The result is NaN if the end of these 40 %, or a rise, is unknown. A rise
    below LEAST_RISE counts as LEAST_RISE.
    """
    first, end = rep.phases.ascent[0], early_ascent_end(rep, height)
    hips, shoulders = rep.heights["H"], rep.heights["S"]
    rises = value_at(hips, end) - hips[first], value_at(shoulders, end) - shoulders[first]
    return float(np.divide(*np.maximum(rises, LEAST_RISE)))  # NaN stays NaN


LEAST_OPENING_DEG = 20.0  # Least opening of the knees over the pull; with straight legs, its share is chance
LEAST_SHARE = 0.1  # Least share: below it, the knees were misread. Lifters whose backs round first still have .14.


def knee_opening_share(rep: RepMotion) -> float:
    """Return the share of the knees' opening that is completed when the bar has risen 40 % of its way.

    A large share shows hips that rise before the bar leaves the floor: from the side, a lifter's good sets have .27 to
    .37, and a set with the hips first .53 to .75. The result is NaN if the knees hardly open, or were misread.
    """
    first, last = rep.phases.ascent
    start_deg, top_deg = mean_around(rep.knee_angle_deg, first), mean_around(rep.knee_angle_deg, last)
    if not top_deg - start_deg >= LEAST_OPENING_DEG:
        return math.nan
    end_deg = mean_around(rep.knee_angle_deg, early_ascent_end(rep, rep.heights["W"]))
    share = (end_deg - start_deg) / (top_deg - start_deg)
    return share if share >= LEAST_SHARE else math.nan


DRIVE_S = 0.5  # Time in seconds before the bar leaves the shoulders, in which helping legs bend


def drive_knee_angle_deg(rep: RepMotion) -> float:
    """Return the smallest knee angle that lasts for a moment, from DRIVE_S before the ascent to the ascent's end."""
    first, last = rep.phases.ascent
    return lasting_min(rep, rep.knee_angle_deg[frames_within(rep, (first - rep.whole_frames(DRIVE_S), last))])


def knee_width(rep: RepMotion, frames: slice) -> float:
    """Return the smallest lasting ratio of the knees' to the ankles' sideways distance, within `frames`."""
    knees_to_ankles = _sideways_distance(rep, landmark.KNEES) / _sideways_distance(rep, landmark.ANKLES)
    return lasting_min(rep, knees_to_ankles[frames])


def _sideways_distance(rep: RepMotion, pair: tuple[int, int]) -> np.ndarray:
    """Return the (T,) distances of a left joint to the left of the right joint; below 0 if the joints are crossed."""
    return rep.points[:, pair[0], 1] - rep.points[:, pair[1], 1]


STANDING_S = 0.5  # Time in seconds before a squat in which the standing feet are measured


def standing_frames(rep: RepMotion) -> slice:
    """Return the frames of STANDING_S before the descent, in which the lifter stands, as a slice."""
    bends = rep.phases.descent[0]
    return slice(max(bends - rep.whole_frames(STANDING_S), 0), bends + 1)


def heel_rise(rep: RepMotion, standing: slice) -> float:
    """Return the largest lasting rise of a heel above its toes since the `standing` frames, in torso lengths."""
    rise = (rep.points[:, list(landmark.HEELS), 2] - rep.points[:, list(landmark.TOES), 2]) / rep.torso_length
    rise = (rise - median(rise[standing]))[rep.phases.lift_frames]
    return max(lasting_max(rep, rise[:, 0]), lasting_max(rep, rise[:, 1]))


FOOT_VISIBLE = 0.7  # Least share of a lift's frames in which the rise of the heel is known. Our choice.
HIGH_PERCENT = 85  # Percentile of the heel's rise over the lift: the heel is as high for a seventh of it. Our choice.


def seen_heel_rise(rep: RepMotion, standing: slice) -> float:
    """Return how high the pictures show a heel since the `standing` frames, in torso lengths; NaN if unknown."""
    if rep.heel is None:
        return math.nan
    lift, stood = rep.heel[rep.phases.lift_frames], rep.heel[standing]
    known, stood = lift[np.isfinite(lift)], stood[np.isfinite(stood)]
    if len(known) < FOOT_VISIBLE * len(lift) or not len(stood):
        return math.nan
    return percentile(known, HIGH_PERCENT) - median(stood)


LEFT, RIGHT = 0, 1  # Indices of the sides in a pair of landmarks
Front = Literal["near", "far"]  # In the common view, near is the left leg, at the camera's side; far is the right leg


def front_leg(rep: RepMotion) -> Front | None:
    """Return the leg that is in front at the bottom; None if unknown. Raises ValueError if no phases were detected."""
    distance = left_ankle_lead(rep)
    return None if np.isnan(distance) else "near" if distance >= 0 else "far"


def bottom_hip_share(rep: RepMotion) -> float:
    """Return the height of the hips above the lower ankle at the bottom, divided by this height before the descent."""
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
    """Return how far the front knee is inwards from its ankle at the bottom, in lengths of its thigh."""
    points, side = rep.points, _front(rep)
    left = points[:, landmark.KNEES[side], 1] - points[:, landmark.ANKLES[side], 1]
    inwards = -left if side == LEFT else left
    return mean_around(inwards, rep.phases.turn) / _thigh_of(points, side)


def left_ankle_lead(rep: RepMotion) -> float:
    """Return how far the left ankle is ahead of the right at the bottom, in the landmarks' unit; negative if behind."""
    ankles = rep.points[:, list(landmark.ANKLES), 0]
    return mean_around(ankles[:, LEFT] - ankles[:, RIGHT], rep.phases.turn)


def _front(rep: RepMotion) -> int:
    return LEFT if left_ankle_lead(rep) >= 0 else RIGHT


def _thigh_of(points: np.ndarray, side: int) -> float:
    thighs = points[:, landmark.HIPS[side]] - points[:, landmark.KNEES[side]]
    return float(median(np.sqrt((thighs**2).sum(-1))))


KNOWN = 0.5  # Share of the frames, at least two, in which the edge must be known
EARLY = 0.45  # Share of the ascent's travel over which the back is judged: there it is most bent over and loaded
MOMENT_S = 0.1  # Time in seconds before and after a frame over which the edge is measured
LARGEST_SPREAD = 0.04
"""Largest distance in torso lengths between the quartiles of the back's heights early in an ascent. In good and rounded
real reps of one lifter it is .026 at most, and .034 in 124 rendered reps; it was .056 when somebody passed close behind
(2026-11-28)."""
MOST_FRAMES = 24  # Most frames in a median, evenly spread: an edge takes longer than all other measures of a frame


def back_rounding(rep: RepMotion) -> float:
    """Return how far the back bulges above a line between two of its points early in the ascent, in torso lengths.

    The result is below 0 if the back is hollow, and NaN if few of the back's heights are known, or vary too much.
    """
    height, (first, last) = rep.heights["W"], rep.phases.ascent
    progress = (np.maximum.accumulate(height[first : last + 1]) - height[first]) / (height[last] - height[first])
    return _median_height(rep, first + np.flatnonzero(progress <= EARLY), BACK, LARGEST_SPREAD)


def pelvic_tuck(rep: RepMotion) -> float:
    """Return how much rounder the lower back is at the bottom than half way down, in torso lengths; NaN if unknown."""
    height, (first, _), turn = rep.heights["H"], rep.phases.descent, rep.phases.turn
    half = first + int(np.argmax(height[first : turn + 1] <= (height[first] + height[turn]) / 2))
    bottom, before = (_median_height(rep, _around(rep, frame), LOWER_BACK, math.inf) for frame in (turn, half))
    return bottom - before


def _around(rep: RepMotion, frame: int) -> np.ndarray:
    reach = max(1, rep.whole_frames(MOMENT_S))
    return np.arange(max(frame - reach, 0), min(frame + reach + 1, len(rep.t_s)))


def _median_height(rep: RepMotion, frames: np.ndarray, span: tuple[float, float], most_spread: float) -> float:
    if rep.back is None or len(frames) == 0:
        return math.nan
    thinned = frames[np.linspace(0, len(frames) - 1, min(len(frames), MOST_FRAMES)).round().astype(int)]
    values = back_height(rep.back(thinned), span)
    known = values[np.isfinite(values)]
    if len(known) < max(2, KNOWN * len(thinned)) or percentile(known, 75) - percentile(known, 25) > most_spread:
        return math.nan
    return float(median(known))


def lowered_bar_height(rep: RepMotion) -> float:
    """Return the bar's height over the shoulders at the end of a lowering, in torso lengths; NaN without a lowering."""
    leaves, ends = rep.phases.descent
    height = (rep.middles["W"][:, 2] - rep.middles["S"][:, 2]) / rep.torso_length
    return mean_around(height, ends) if ends > leaves else math.nan


def lost_bar_height(rep: RepMotion) -> float:
    """Return how far the bar sinks between knees and lockout, in torso lengths; NaN if the knees are not passed."""
    if math.isnan(rep.phases.knee_pass):
        return math.nan
    height = rep.heights["W"][math.ceil(rep.phases.knee_pass) : rep.phases.ascent[1] + 1]
    return lasting_max(rep, np.maximum.accumulate(height) - height)


PLATE_M = 0.45  # Diameter of a full plate in metres (IWF)
PLATE_VISIBLE = 0.6  # Least share of a rep's frames that show the plate. Our choice.
LEAST_RISE_CM = 12.0  # Least rise of the plate in a rep: a plate that rises less lies on the floor, apart from the bar
LASTING = 5  # Number of frames whose mean is the plate's highest or lowest place


@lru_cache(1)  # two measures follow from it
def plate_height_range_cm(rep: RepMotion) -> tuple[float, float]:
    """Return the lowest and the highest height of the bar's plate in cm, with its diameter taken for PLATE_M.

    The camera decides where the height is 0. The lowest height is also sought in the frames around the rep. Both are
    NaN if too few frames of the rep show the plate, or if the plate rises less than LEAST_RISE_CM.
    """
    plate = np.full((len(rep.t_s), 2), np.nan) if rep.plate is None else rep.plate
    known = np.isfinite(plate).all(1)
    inside = plate[rep.inside][known[rep.inside]]
    if len(inside) < max(PLATE_VISIBLE * len(plate[rep.inside]), LASTING):
        return math.nan, math.nan
    scale = 100 * PLATE_M / float(median(inside[:, 1]))
    lowest = scale * float(np.sort(plate[known, 0])[:LASTING].mean())
    highest = scale * float(np.sort(inside[:, 0])[-LASTING:].mean())
    return (lowest, highest) if highest - lowest >= LEAST_RISE_CM else (math.nan, math.nan)


def hand_height_difference(rep: RepMotion) -> float:
    """Return the height of the left wrist above the right wrist, divided by the median width of the shoulders.

    The result is the 10th or the 90th percentile over the lift, whichever is farther from level.
    """
    points, frames = rep.points, rep.phases.lift_frames
    (left, right), (left_shoulder, right_shoulder) = landmark.WRISTS, landmark.SHOULDERS
    apart = points[frames, left, 2] - points[frames, right, 2]
    shoulders = np.sqrt(((points[frames, left_shoulder] - points[frames, right_shoulder]) ** 2).sum(-1))
    lowest, highest = percentile(apart, 10), percentile(apart, 90)
    return float((highest if highest > -lowest else lowest) / median(shoulders))


def pull_elbow_angle_deg(rep: RepMotion) -> float:
    """Return the more bent elbow's mean angle from lift-off until the bar passes the knees; NaN if it never does."""
    if math.isnan(rep.phases.knee_pass):
        return math.nan
    frames = slice(rep.phases.ascent[0], math.ceil(rep.phases.knee_pass) + 1)
    return float(rep.elbow_angles_deg(frames).mean(0).min())


ARMS, HANDS, LEGS, HIPS, FEET, TRUNK = "elbows", "wrists", "knees", "hips", "feet", "shoulders"
"""Groups of joints, named as in livecoach.perception.body.visibility."""


class Measure(NamedTuple):
    """A measure of a rep: its unit, the phase in which it begins, the joints that it needs, and how it is computed."""

    unit: str  # deg, s, cm, torso (lengths of the standing torso), 1 (a ratio), torso/s²
    phase: str  # Phase of the rep in which the measurement begins
    joints: tuple[str, ...]  # Groups of joints that it needs
    compute: Callable[[RepMotion], float]
    """Returns the value; NaN if it can't be measured. Most measures raise ValueError if no phases could be detected."""


def _distance_at_turn(rep: RepMotion, joint: str, of: str, axis: int) -> float:
    """Return how far a middle is from another: forward (axis 0), to the left (1), up (2)."""
    return mean_around(rep.middles[joint][:, axis] - rep.middles[of][:, axis], rep.phases.turn)


degrees, torsos, ratio = (partial(Measure, unit) for unit in ("deg", "torso", "1"))
MEASURES: dict[str, Measure] = {
    # How far the trunk tips forward from lift-off until the bar passes the knees; NaN if the bar does not pass them
    "trunk_change_to_knee_pass_deg": degrees(
        "knee_pass", (TRUNK, HIPS), lambda rep: trunk_tip_deg(rep, rep.phases.knee_pass)
    ),
    # How far the trunk tips forward over the first 40 % of the hips' rise (squat)
    "trunk_change_early_ascent_deg": degrees(
        "ascent", (TRUNK, HIPS), lambda rep: trunk_tip_deg(rep, early_ascent_end(rep, rep.heights["H"]))
    ),
    # Largest and smallest lean that lasts for a moment, over the whole lift; a backward lean is below 0
    "most_trunk_lean_deg": degrees(
        "bottom", (TRUNK, HIPS), lambda rep: lasting_max(rep, rep.trunk_lean_deg[rep.phases.lift_frames])
    ),
    "least_trunk_lean_deg": degrees(
        "ascent", (TRUNK, HIPS), lambda rep: lasting_min(rep, rep.trunk_lean_deg[rep.phases.lift_frames])
    ),
    "bottom_hip_angle_deg": degrees(
        "bottom", (TRUNK, HIPS, LEGS), lambda rep: mean_around(rep.hip_angle_deg, rep.phases.turn)
    ),
    # Largest angle that lasts at lockout; above 180 if bent backwards
    "top_hip_angle_deg": degrees(
        "lockout", (TRUNK, HIPS, LEGS), lambda rep: lasting_max(rep, rep.hip_angle_deg[rep.top_frames])
    ),
    "top_knee_angle_deg": degrees(
        "lockout", (TRUNK, HIPS, LEGS), lambda rep: lasting_max(rep, rep.knee_angle_deg[rep.top_frames])
    ),
    # Largest angle that lasts from the margin before a rep until its end. It is for a rep that goes down first, which
    # is judged as soon as the bar is up again: only the backward lean before its descent is known.
    "standing_hip_angle_deg": degrees(
        "descent", (TRUNK, HIPS, LEGS), lambda rep: lasting_max(rep, rep.hip_angle_deg[: rep.inside.stop])
    ),
    "lift_off_knee_angle_deg": degrees(
        "lift_off", (HIPS, LEGS), lambda rep: mean_around(rep.knee_angle_deg, rep.phases.ascent[0])
    ),
    "bottom_knee_angle_deg": degrees(
        "bottom", (HIPS, LEGS), lambda rep: mean_around(rep.knee_angle_deg, rep.phases.turn)
    ),
    # Smallest angle that lasts for a moment, over the whole lift
    "least_knee_angle_deg": degrees(
        "bottom", (HIPS, LEGS), lambda rep: lasting_min(rep, rep.knee_angle_deg[rep.phases.lift_frames])
    ),
    "drive_knee_angle_deg": degrees("ascent", (HIPS, LEGS), drive_knee_angle_deg),
    "pull_elbow_angle_deg": degrees("lift_off", (TRUNK, ARMS, HANDS), pull_elbow_angle_deg),
    # Largest angle of the more bent elbow that lasts at lockout
    "top_elbow_angle_deg": degrees(
        "lockout", (TRUNK, ARMS, HANDS), lambda rep: lasting_max(rep, rep.elbow_angles_deg(rep.top_frames).min(1))
    ),
    "dorsal_sagitta": torsos("lift_off", (TRUNK, HIPS), back_rounding),
    "pelvic_tuck": torsos("bottom", (TRUNK, HIPS), pelvic_tuck),
    # Largest distance of the bar in front of mid-foot that lasts, over the whole lift
    "bar_offset": torsos(
        "lift_off",
        (HANDS, FEET),
        lambda rep: lasting_max(rep, rep.forward_distance("W", "F")[rep.phases.lift_frames] / rep.torso_length),
    ),
    # Median distance of the bar in front of mid-foot from lockout to the lowering
    "top_bar_offset": torsos(
        "lockout",
        (HANDS, FEET),
        lambda rep: float(median(rep.forward_distance("W", "F")[rep.top_frames]) / rep.torso_length),
    ),
    "lowered_bar_height": torsos("lowering", (TRUNK, HANDS), lowered_bar_height),
    "bar_lost": torsos("knee_pass", (HANDS,), lost_bar_height),
    "plate_travel_cm": Measure("cm", "lockout", (), lambda rep: float(np.ptp(plate_height_range_cm(rep)))),
    # To be compared only within a set, because the camera decides where the height is 0
    "plate_top_cm": Measure("cm", "lockout", (), lambda rep: plate_height_range_cm(rep)[1]),
    # Compared with the standing feet: at lockout in a deadlift, before the lift in a squat
    "heel_rise_deadlift": torsos("lift_off", (FEET,), lambda rep: heel_rise(rep, frames_within(rep, rep.phases.top))),
    "heel_rise_squat": torsos("bottom", (FEET,), lambda rep: heel_rise(rep, standing_frames(rep))),
    "seen_heel_rise": torsos("bottom", (FEET,), lambda rep: seen_heel_rise(rep, standing_frames(rep))),
    # The larger distance that an ankle has moved since the previous rep, which a single motion does not show
    "ankle_displacement": torsos("lift_off", (FEET,), lambda _: math.nan),
    "rise_ratio_by_bar": ratio("lift_off", (TRUNK, HIPS), lambda rep: rise_ratio(rep, rep.heights["W"])),
    "rise_ratio_by_hips": ratio("ascent", (TRUNK, HIPS), lambda rep: rise_ratio(rep, rep.heights["H"])),
    "knee_opening_share": ratio("lift_off", (HIPS, LEGS), knee_opening_share),
    "hand_height_difference": ratio("ascent", (TRUNK, HANDS), hand_height_difference),
    "knee_width_over_lift": ratio("ascent", (LEGS, FEET), lambda rep: knee_width(rep, rep.phases.lift_frames)),
    "knee_width_over_ascent": ratio(
        "ascent", (LEGS, FEET), lambda rep: knee_width(rep, frames_within(rep, rep.phases.ascent))
    ),
    # Height of the hips over the knees, in lengths of the thigh
    "bottom_hip_height": ratio(
        "bottom", (HIPS, LEGS), lambda rep: _distance_at_turn(rep, "H", "K", 2) / rep.thigh_length
    ),
    # How far the knees are in front of the toes, in lengths of the thigh
    "knees_past_toes": ratio(
        "bottom", (LEGS, FEET), lambda rep: _distance_at_turn(rep, "K", "T", 0) / rep.thigh_length
    ),
    # How far the hips are to the left of the middle of the ankles, in median sideways distances between the hips
    "bottom_hip_shift": ratio(
        "bottom",
        (HIPS, FEET),
        lambda rep: _distance_at_turn(rep, "H", "A", 1) / float(median(_sideways_distance(rep, landmark.HIPS))),
    ),
    "bottom_hip_share": ratio("bottom", (HIPS, FEET), bottom_hip_share),
    "front_knee_past_toes": ratio("bottom", (LEGS, FEET), front_knee_past_toes),
    "front_knee_inwards": ratio("bottom", (LEGS, FEET), front_knee_inwards),
    # Forward distance from the rear ankle to the front ankle at the bottom
    "step_length": torsos("bottom", (FEET,), lambda rep: abs(left_ankle_lead(rep)) / rep.torso_length),
    "lowering_to_lifting_ratio": ratio("lowering", (HANDS,), lowering_to_lifting_ratio),
    "stalling": ratio("ascent", (TRUNK, HANDS), stalling),
    "spectral_arc_length": ratio("ascent", (HANDS,), spectral_arc_length),
    "log_dimensionless_jerk": ratio("ascent", (HANDS,), log_dimensionless_jerk),
    "descent_time_s": Measure("s", "descent", (HIPS,), descent_time_s),
    "floor_pause_s": Measure("s", "lift_off", (HANDS,), floor_pause_s),
    "floor_acceleration": Measure("torso/s²", "lift_off", (HANDS,), floor_acceleration),
}
