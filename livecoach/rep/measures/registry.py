"""The measures by name, with their units."""

from collections.abc import Callable
from dataclasses import dataclass

from livecoach.rep.measures import back, bar, legs, trunk
from livecoach.rep.measures.motion import PhasedRep

TORSO, DEGREES, SECONDS, RATIO = "torso", "deg", "s", "1"


ARMS, HANDS, LEGS, HIPS, FEET, TRUNK = "elbows", "wrists", "knees", "hips", "feet", "shoulders"
"""Groups of joints, named as in livecoach.frame.visibility."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    take: Callable[[PhasedRep], float]  # naN if it can't be measured
    unit: str  # deg, s, torso (lengths of the standing torso), 1 (a ratio), torso/s²
    phase: str  # of the rep, in which it is measured or the measurement begins
    joints: tuple[str, ...]  # without which it can't be measured


def _of(unit: str, phase: str, joints: tuple[str, ...], *functions: Callable[[PhasedRep], float]) -> dict[str, Measure]:
    return {f.__name__: Measure(take=f, unit=unit, phase=phase, joints=joints) for f in functions}


MEASURES: dict[str, Measure] = (
    _of(DEGREES, "knee_pass", (TRUNK, HIPS), trunk.trunk_change_to_knee_pass_deg)
    | _of(DEGREES, "ascent", (TRUNK, HIPS), trunk.trunk_change_early_ascent_deg)
    | _of(DEGREES, "bottom", (TRUNK, HIPS), trunk.most_trunk_lean_deg)
    | _of(DEGREES, "bottom", (TRUNK, HIPS, LEGS), trunk.bottom_hip_angle_deg)
    | _of(DEGREES, "ascent", (TRUNK, HIPS), trunk.least_trunk_lean_deg)
    | _of(DEGREES, "lockout", (TRUNK, HIPS, LEGS), trunk.top_hip_angle_deg, trunk.top_knee_angle_deg)
    | _of(DEGREES, "descent", (TRUNK, HIPS, LEGS), trunk.standing_hip_angle_deg)
    | _of(DEGREES, "lift_off", (HIPS, LEGS), legs.lift_off_knee_angle_deg)
    | _of(DEGREES, "bottom", (HIPS, LEGS), legs.bottom_knee_angle_deg, legs.least_knee_angle_deg)
    | _of(DEGREES, "ascent", (HIPS, LEGS), legs.drive_knee_angle_deg)
    | _of(DEGREES, "lift_off", (TRUNK, ARMS, HANDS), bar.pull_elbow_angle_deg)
    | _of(DEGREES, "lockout", (TRUNK, ARMS, HANDS), bar.top_elbow_angle_deg)
    | _of(TORSO, "lift_off", (TRUNK, HIPS), back.dorsal_sagitta)
    | _of(TORSO, "bottom", (TRUNK, HIPS), back.pelvic_tuck)
    | _of(TORSO, "lift_off", (HANDS, FEET), bar.bar_offset)
    | _of(TORSO, "lockout", (HANDS, FEET), bar.top_bar_offset)
    | _of(TORSO, "lowering", (TRUNK, HANDS), bar.lowered_bar_height)
    | _of(TORSO, "knee_pass", (HANDS,), bar.bar_lost)
    | _of(TORSO, "lift_off", (FEET,), legs.heel_rise_deadlift, legs.ankle_displacement)
    | _of(TORSO, "bottom", (FEET,), legs.heel_rise_squat)
    | _of(RATIO, "lift_off", (TRUNK, HIPS), trunk.rise_ratio_by_bar)
    | _of(RATIO, "ascent", (TRUNK, HIPS), trunk.rise_ratio_by_hips)
    | _of(RATIO, "ascent", (TRUNK, HANDS), bar.hand_height_difference)
    | _of(RATIO, "ascent", (LEGS, FEET), legs.knee_width_over_lift, legs.knee_width_over_ascent)
    | _of(RATIO, "bottom", (HIPS, LEGS), legs.bottom_hip_height)
    | _of(RATIO, "bottom", (LEGS, FEET), legs.knees_past_toes)
    | _of(RATIO, "bottom", (HIPS, FEET), legs.bottom_hip_shift, legs.bottom_hip_share)
    | _of(RATIO, "bottom", (LEGS, FEET), legs.front_knee_past_toes, legs.front_knee_inwards)
    | _of(TORSO, "bottom", (FEET,), legs.step_length)
    | _of(RATIO, "lowering", (HANDS,), bar.lowering_to_lifting_time)
    | _of(RATIO, "ascent", (HANDS,), bar.spectral_arc_length, bar.log_dimensionless_jerk)
    | _of(SECONDS, "descent", (HIPS,), bar.descent_time_s)
    | _of(SECONDS, "lift_off", (HANDS,), bar.floor_pause_s)
    | _of("torso/s²", "lift_off", (HANDS,), bar.floor_acceleration)
)
"""Name (that of the function) → measure."""
