"""The measures by name, with their units."""

from collections.abc import Callable
from dataclasses import dataclass

from livecoach.form.measures import back, bar, feet, legs, tempo, trunk
from livecoach.form.measures.motion import Rep

TORSO, DEGREES, SECONDS, RATIO = "torso", "deg", "s", "1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """One number of a rep."""

    take: Callable[[Rep], float]
    """NaN where it can't be had."""
    unit: str
    """deg, s, torso (lengths of the standing torso, L0), 1 (a ratio), torso/s²."""


def _in(unit: str, *functions: Callable[[Rep], float]) -> dict[str, Measure]:
    return {function.__name__: Measure(take=function, unit=unit) for function in functions}


MEASURES: dict[str, Measure] = (
    _in(
        DEGREES,
        trunk.trunk_change_to_knee_pass_deg,
        trunk.trunk_change_early_ascent_deg,
        trunk.most_trunk_lean_deg,
        trunk.top_hip_angle_deg,
        trunk.top_knee_angle_deg,
        legs.lift_off_knee_angle_deg,
        legs.bottom_knee_angle_deg,
        bar.pull_elbow_angle_deg,
    )
    | _in(TORSO, back.dorsal_sagitta, back.pelvic_tuck, bar.bar_offset, bar.bar_lost)
    | _in(TORSO, feet.heel_rise_deadlift, feet.heel_rise_squat, feet.ankle_displacement)
    | _in(RATIO, trunk.rise_ratio_by_bar, trunk.rise_ratio_by_hips, bar.hand_height_difference)
    | _in(RATIO, legs.knee_width_over_lift, legs.knee_width_over_ascent, legs.bottom_hip_height)
    | _in(RATIO, legs.knees_past_toes, legs.bottom_hip_shift)
    | _in(RATIO, tempo.lowering_to_lifting_time, tempo.spectral_arc_length, tempo.log_dimensionless_jerk)
    | _in(SECONDS, tempo.descent_time_s, tempo.floor_pause_s)
    | _in("torso/s²", tempo.floor_acceleration)
)
"""Name (the function's own) → measure."""
