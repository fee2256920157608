"""Lists all measures of a rep by name: their unit, phase and joints, and how they are computed."""

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from livecoach.core.quantiles import median
from livecoach.decisions.rep.measures import back, bar, joints
from livecoach.decisions.rep.measures.motion import RepMotion, frames_within, lasting_max, lasting_min, mean_around

ARMS, HANDS, LEGS, HIPS, FEET, TRUNK = "elbows", "wrists", "knees", "hips", "feet", "shoulders"
"""Groups of joints, named as in livecoach.perception.body.visibility."""


class Measure(NamedTuple):
    """A measure of a rep: its unit, the phase and the joints that it needs, and the function that computes it."""

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
        "knee_pass", (TRUNK, HIPS), lambda rep: joints.trunk_tip_deg(rep, rep.phases.knee_pass)
    ),
    # How far the trunk tips forward over the first 40 % of the hips' rise (squat)
    "trunk_change_early_ascent_deg": degrees(
        "ascent", (TRUNK, HIPS), lambda rep: joints.trunk_tip_deg(rep, joints.early_ascent_end(rep, rep.heights["H"]))
    ),
    # Largest and smallest lean that lasts for a moment, over the whole lift; a backward lean is below 0
    "most_trunk_lean_deg": degrees(
        "bottom", (TRUNK, HIPS), lambda rep: lasting_max(rep, rep.trunk_lean_deg[rep.lift_frames])
    ),
    "least_trunk_lean_deg": degrees(
        "ascent", (TRUNK, HIPS), lambda rep: lasting_min(rep, rep.trunk_lean_deg[rep.lift_frames])
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
        "descent", (TRUNK, HIPS, LEGS), lambda rep: lasting_max(rep, rep.hip_angle_deg[: rep.stop])
    ),
    "lift_off_knee_angle_deg": degrees(
        "lift_off", (HIPS, LEGS), lambda rep: mean_around(rep.knee_angle_deg, rep.phases.ascent[0])
    ),
    "bottom_knee_angle_deg": degrees(
        "bottom", (HIPS, LEGS), lambda rep: mean_around(rep.knee_angle_deg, rep.phases.turn)
    ),
    # Smallest angle that lasts for a moment, over the whole lift
    "least_knee_angle_deg": degrees(
        "bottom", (HIPS, LEGS), lambda rep: lasting_min(rep, rep.knee_angle_deg[rep.lift_frames])
    ),
    "drive_knee_angle_deg": degrees("ascent", (HIPS, LEGS), joints.drive_knee_angle_deg),
    "pull_elbow_angle_deg": degrees("lift_off", (TRUNK, ARMS, HANDS), bar.pull_elbow_angle_deg),
    # Largest angle of the more bent elbow that lasts at lockout
    "top_elbow_angle_deg": degrees(
        "lockout", (TRUNK, ARMS, HANDS), lambda rep: lasting_max(rep, rep.elbow_angles_deg[rep.top_frames].min(1))
    ),
    "dorsal_sagitta": torsos("lift_off", (TRUNK, HIPS), back.dorsal_sagitta),
    "pelvic_tuck": torsos("bottom", (TRUNK, HIPS), back.pelvic_tuck),
    # Largest distance of the bar in front of mid-foot that lasts, over the whole lift
    "bar_offset": torsos(
        "lift_off",
        (HANDS, FEET),
        lambda rep: lasting_max(rep, rep.x_distance("W", "F")[rep.lift_frames] / rep.torso_length),
    ),
    # Median distance of the bar in front of mid-foot from lockout to the lowering
    "top_bar_offset": torsos(
        "lockout", (HANDS, FEET), lambda rep: float(median(rep.x_distance("W", "F")[rep.top_frames]) / rep.torso_length)
    ),
    "lowered_bar_height": torsos("lowering", (TRUNK, HANDS), bar.lowered_bar_height),
    "bar_lost": torsos("knee_pass", (HANDS,), bar.bar_lost),
    "plate_travel_cm": Measure("cm", "lockout", (), bar.plate_travel_cm),
    "plate_top_cm": Measure("cm", "lockout", (), bar.plate_top_cm),
    # Compared with the standing feet: at lockout in a deadlift, before the lift in a squat
    "heel_rise_deadlift": torsos(
        "lift_off", (FEET,), lambda rep: joints.heel_rise(rep, frames_within(rep, rep.phases.top))
    ),
    "heel_rise_squat": torsos("bottom", (FEET,), lambda rep: joints.heel_rise(rep, joints.standing_frames(rep))),
    "ankle_displacement": torsos("lift_off", (FEET,), joints.ankle_displacement),
    "rise_ratio_by_bar": ratio("lift_off", (TRUNK, HIPS), lambda rep: joints.rise_ratio(rep, rep.heights["W"])),
    "rise_ratio_by_hips": ratio("ascent", (TRUNK, HIPS), lambda rep: joints.rise_ratio(rep, rep.heights["H"])),
    "knee_opening_share": ratio("lift_off", (HIPS, LEGS), joints.knee_opening_share),
    "hand_height_difference": ratio("ascent", (TRUNK, HANDS), bar.hand_height_difference),
    "knee_width_over_lift": ratio("ascent", (LEGS, FEET), lambda rep: joints.knee_width(rep, rep.lift_frames)),
    "knee_width_over_ascent": ratio(
        "ascent", (LEGS, FEET), lambda rep: joints.knee_width(rep, frames_within(rep, rep.phases.ascent))
    ),
    # Height of the hips over the knees, in lengths of the thigh
    "bottom_hip_height": ratio("bottom", (HIPS, LEGS), lambda rep: _distance_at_turn(rep, "H", "K", 2) / rep.thigh),
    # How far the knees are in front of the toes, in lengths of the thigh
    "knees_past_toes": ratio("bottom", (LEGS, FEET), lambda rep: _distance_at_turn(rep, "K", "T", 0) / rep.thigh),
    # How far the hips are to the left of the middle of the ankles, in distances between the hips
    "bottom_hip_shift": ratio(
        "bottom", (HIPS, FEET), lambda rep: _distance_at_turn(rep, "H", "A", 1) / joints.hip_width(rep)
    ),
    "bottom_hip_share": ratio("bottom", (HIPS, FEET), joints.bottom_hip_share),
    "front_knee_past_toes": ratio("bottom", (LEGS, FEET), joints.front_knee_past_toes),
    "front_knee_inwards": ratio("bottom", (LEGS, FEET), joints.front_knee_inwards),
    # Forward distance from the rear ankle to the front ankle at the bottom
    "step_length": torsos("bottom", (FEET,), lambda rep: abs(joints.left_ankle_lead(rep)) / rep.torso_length),
    "lowering_to_lifting_time": ratio("lowering", (HANDS,), bar.lowering_to_lifting_time),
    "spectral_arc_length": ratio("ascent", (HANDS,), bar.spectral_arc_length),
    "log_dimensionless_jerk": ratio("ascent", (HANDS,), bar.log_dimensionless_jerk),
    "descent_time_s": Measure("s", "descent", (HIPS,), bar.descent_time_s),
    "floor_pause_s": Measure("s", "lift_off", (HANDS,), bar.floor_pause_s),
    "floor_acceleration": Measure("torso/s²", "lift_off", (HANDS,), bar.floor_acceleration),
}
