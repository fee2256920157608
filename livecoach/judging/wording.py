"""A fault in words: in which direction the rep deviated and by how much, in everyday units.

Angles are in degrees, times in seconds, distances in centimetres, ratios in percent or as "N times". A measure with a
natural zero (a dip, a rise, a tilt, an angle) is given beside its reference; a mere position (how high the hips are
over the knees) is given by its deviation and direction.
"""

import math

from livecoach.judging.angle_words import angle, bend_of_hips, bend_of_knees, leant_back, tipped, top_of_hips
from livecoach.judging.deviation import Deviation, Style, beside, plain
from livecoach.judging.length_words import (
    HIPS_OF_STATURE,
    LEG_OF_STATURE,
    SHOULDERS_OF_STATURE,
    THIGH_OF_STATURE,
    acceleration,
    from_where,
    length,
    one_hand,
    place,
    sideways,
)
from livecoach.judging.ratio_words import hard, jerk, of_pull, ratio, smoothness, width
from livecoach.rep.tempo import TORSO_OF_STATURE


def explain(
    words: str,
    measure: str,
    value: float,
    ref: float,
    unit: str,
    *,
    height_cm: float | None = None,
    own: bool = True,
) -> str:
    """Returns a line like "leant forward: 52°, your good reps 41°", of at most 60 characters for most faults.

    words: what the rep showed (`Fault.words`). measure, unit: as in livecoach.rep.measures.registry; one that is not
    listed here is worded by its unit. value, ref: in `unit`; where one is NaN the words stand alone. height_cm: the
    lifter's stature. own: ref is the lifter's own, else the population's.
    """
    if not (math.isfinite(value) and math.isfinite(ref)):
        return words
    style = _STYLES.get(measure) or _BY_UNIT.get(unit, plain(f" {unit}"))
    return f"{words}: {style(Deviation(value, ref, own, height_cm))}"


def _time(off: Deviation) -> str:
    return beside(off, 1 if max(off.value, off.ref) >= 0.5 else 2, " s")


def _rest(off: Deviation) -> str:
    return beside(off, 2, " s", of=" of rest")


def _rise(off: Deviation) -> str:
    return beside(off, 1, "", of=" times the chest")


_BY_UNIT: dict[str, Style] = {
    "deg": angle(),
    "s": _time,
    "torso": length(TORSO_OF_STATURE),
    "1": ratio,
    "torso/s²": acceleration,
}
_STYLES: dict[str, Style] = {
    "dorsal_sagitta": place(TORSO_OF_STATURE, "rounder", "flatter"),
    "pelvic_tuck": place(TORSO_OF_STATURE, "rounder", "flatter"),
    "trunk_change_to_knee_pass_deg": tipped,
    "trunk_change_early_ascent_deg": tipped,
    "rise_ratio_by_bar": _rise,
    "rise_ratio_by_hips": _rise,
    "top_hip_angle_deg": top_of_hips,
    "standing_hip_angle_deg": top_of_hips,
    "top_knee_angle_deg": angle("knees"),
    "lift_off_knee_angle_deg": angle("knees"),
    "bottom_knee_angle_deg": bend_of_knees,
    "least_knee_angle_deg": bend_of_knees,
    "drive_knee_angle_deg": bend_of_knees,
    "bottom_hip_angle_deg": bend_of_hips,
    "least_trunk_lean_deg": leant_back,
    "pull_elbow_angle_deg": angle("elbows"),
    "top_elbow_angle_deg": angle("elbows"),
    "knee_width_over_lift": width,
    "knee_width_over_ascent": width,
    "bar_offset": place(TORSO_OF_STATURE, "farther", "nearer"),
    "top_bar_offset": place(TORSO_OF_STATURE, "farther forward", "farther back"),
    "lowered_bar_height": place(TORSO_OF_STATURE, "higher", "lower"),
    "bar_lost": length(TORSO_OF_STATURE, "deeper", "less deep"),
    "heel_rise_deadlift": length(TORSO_OF_STATURE, "higher", "lower"),
    "heel_rise_squat": length(TORSO_OF_STATURE, "higher", "lower"),
    "ankle_displacement": length(TORSO_OF_STATURE, "farther", "less far"),
    "bottom_hip_height": place(THIGH_OF_STATURE, "higher", "lower", "hips "),
    "bottom_hip_share": place(LEG_OF_STATURE, "higher", "lower", "hips "),
    "front_knee_past_toes": place(THIGH_OF_STATURE, "farther", "farther back"),
    "front_knee_inwards": place(THIGH_OF_STATURE, "farther in", "farther out"),
    "step_length": length(TORSO_OF_STATURE, "longer", "shorter"),
    "knees_past_toes": place(THIGH_OF_STATURE, "farther", "farther back"),
    "hand_height_difference": sideways(SHOULDERS_OF_STATURE, one_hand),
    "bottom_hip_shift": sideways(HIPS_OF_STATURE, from_where),
    "lowering_to_lifting_time": of_pull,
    "spectral_arc_length": smoothness,
    "log_dimensionless_jerk": jerk,
    "floor_acceleration": hard,
    "floor_pause_s": _rest,
}
"""Measures that are not worded by their unit alone."""
