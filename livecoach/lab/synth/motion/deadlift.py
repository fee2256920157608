"""Defines the conventional, the sumo and the Romanian deadlift, with the trunk solved from hips and bar.

Stance, feet and trunk follow Escamilla et al. (2000, 2002): sumo lifters stand about 70 cm wide against 32 cm, turn
their feet out by 42 against 14 degrees, grip narrower, and start with a more upright trunk and steeper shins.

The Romanian deadlift is a hip hinge that starts and ends standing, with the bar in the hands. The knees bend by 15 to
30 degrees and then stay. The hips go back until they are flexed by 90 to 110 degrees, and the bar reaches a height
between the knee and mid-shin, close to the legs (McAllister et al. 2014; Lee et al. 2018).
"""

from dataclasses import dataclass, replace

import numpy as np
from scipy.interpolate import PchipInterpolator

from livecoach.lab.synth.figure.body_mesh import SIDES, SIGN, BodyModel
from livecoach.lab.synth.figure.geometry import slow_noise
from livecoach.lab.synth.figure.posture import (
    AWAY_Z,
    PLATE_RADIUS_M,
    Posture,
    spine_vector,
    standing_hip_m,
    standing_posture,
)
from livecoach.lab.synth.motion import fault_motion, ranges
from livecoach.lab.synth.motion.fault_motion import AT_TOP
from livecoach.lab.synth.motion.lift_motion import Lift, make_floor_pull, style_of
from livecoach.lab.synth.motion.lifter import SyntheticLifter
from livecoach.lab.synth.motion.limbs import bend_spine, hold_bar, lean_rad, move_legs, put_hips
from livecoach.lab.synth.motion.rep import MIN_REST_S, Form, FormBuilder, Phase, make_timing_draw

KNOTS = (0, 0.25, 0.5, 0.75, 1)  # Progress of the lift at which the tilts are known
# Shares of the starting tilts of thighs and shins that are left at a progress
THIGH = PchipInterpolator(KNOTS, (1, 0.79, 0.54, 0.25, 0))
SHIN = PchipInterpolator(KNOTS, (1, 0.62, 0.25, 0.06, 0))
AHEAD = 0.36  # Share of the lift by which the hips lead if the form's `early` is 1


def deadlift_posture(
    body: BodyModel, progress: np.ndarray, lifter: SyntheticLifter, form: Form, hips_in_m: float = 0.0
) -> Posture:
    """Return the posture of a deadlift at each progress (T,): 0 with the bar on the floor, 1 at lockout.

    Args:
        hips_in_m: Distance by which the hips start closer to the bar than in a conventional deadlift.
    """
    posture = standing_posture(body, len(progress), lifter.half_stance_m, lifter.toe_out_rad)
    _put_hips(posture, body, progress, lifter, form, hips_in_m)
    top_z = _lockout_z(body, lifter, float(posture["foot_y_L"][0]))
    posture["bar_z"] = lifter.bar_start_m + progress * (top_z - lifter.bar_start_m)
    posture["bar_x"] = lifter.bar_x_m + form["forward"]
    _hang_bar(posture, body, lifter, form, lifter.tilt_rad * progress + form["tilt"])
    move_legs(posture, body, form, np.clip(1 - progress, 0, 1))
    return posture


def _put_hips(
    posture: Posture, body: BodyModel, progress: np.ndarray, lifter: SyntheticLifter, form: Form, hips_in_m: float
) -> None:
    ahead = np.clip(np.clip(progress, 0, 1) + AHEAD * form["early"], 0, 1)
    knees = ahead ** (1 / lifter.legs_first)
    low = 1 - ahead
    tilt = np.radians(lifter.start_thigh_deg) * THIGH(ahead) + form["thigh"] * low + form["unlock"]
    shin_tilt = np.radians(lifter.start_shin_deg) * SHIN(knees) + form["shin"] * low + 0.5 * form["unlock"]
    push_m = 0.3 * body.thigh_m * np.sin(form["lean_back"])
    put_hips(posture, body, tilt, shin_tilt, -0.01 + 0.02 * progress + push_m + hips_in_m * THIGH(ahead))


def _hang_bar(posture: Posture, body: BodyModel, lifter: SyntheticLifter, form: Form, tilt_rad: np.ndarray) -> None:
    """Set trunk and arms so that straight arms hold the bar; leaning past upright moves the shoulders back."""
    posture.add(hip_y=form["shift"])
    spine, reach_m = spine_vector(body, form["lumbar"], form["thoracic"]), _arm_reach_m(body, lifter, form)
    posture["pitch"] = _pitch_to_bar(posture, spine, reach_m) - form["lean_back"]
    x, z = posture.end_from_hips(spine)
    hanging_z = z - np.sqrt(np.maximum(reach_m**2 - (posture["bar_x"] - x) ** 2, 0.01))
    posture["bar_z"] = np.where(form["lean_back"] > 0, hanging_z, posture["bar_z"])
    bend_spine(posture, lifter, form)
    posture.put(bar_roll=tilt_rad, roll=0.35 * tilt_rad, side=0.65 * tilt_rad)
    hold_bar(posture, lifter.grip_half_m, posture["bar_x"], 0.0)
    for side in SIDES:
        posture.add(side, hand_x=0.5 * SIGN[side] * form["ahead"], hand_z=0.5 * SIGN[side] * form["above"])


def _arm_reach_m(body: BodyModel, lifter: SyntheticLifter, form: Form) -> np.ndarray:
    """Return the sagittal distance from shoulder to bar, (T,), with the elbow flexion of `form`."""
    flexion = 0.5 * (form["elbow_L"] + form["elbow_R"])
    upper, lower = body.upper_arm_m, body.forearm_m + body.hand_m
    arm_m = 0.992 * np.sqrt(upper**2 + lower**2 + 2 * upper * lower * np.cos(flexion))
    aside_m = lifter.grip_half_m - body.shoulder_half_m
    return np.sqrt(arm_m**2 - aside_m**2)


def _lockout_z(body: BodyModel, lifter: SyntheticLifter, half_stance_m: float) -> float:
    """Return the height in metres of the bar at lockout, with a straight trunk and the lifter's usual arms."""
    straight = spine_vector(body, np.array(0.0), np.array(0.0))
    x, z = np.array([0.01, standing_hip_m(body, half_stance_m)]) + straight + np.array([-0.03, 0])
    aside_m = lifter.grip_half_m - body.shoulder_half_m
    upper, lower = body.upper_arm_m, body.forearm_m + body.hand_m
    bent = np.sqrt(1 - 2 * upper * lower * (1 - np.cos(lifter.elbow_rad)) / (upper + lower) ** 2)
    reach_m = np.sqrt((0.992 * body.arm_m * bent) ** 2 - aside_m**2)
    return float(z - np.sqrt(reach_m**2 - (lifter.bar_x_m - x) ** 2))


def _pitch_to_bar(posture: Posture, spine: np.ndarray, reach_m: np.ndarray) -> np.ndarray:
    """Return the pitch of the pelvis, (T,), at which the arms reach the bar, from the triangle hips, shoulders, bar."""
    to_bar = np.stack([posture["bar_x"] - posture["hip_x"], posture["bar_z"] - posture["hip_z"]], -1)
    bar_m, spine_m = np.linalg.norm(to_bar, axis=-1), np.linalg.norm(spine, axis=-1)
    cosine = (spine_m**2 + bar_m**2 - reach_m**2) / (2 * spine_m * bar_m)
    return lean_rad(to_bar) - np.arccos(np.clip(cosine, -1, 1)) - lean_rad(spine)


STRAIGHT_M = 0.5  # Height of a bar over its usual start at which the thighs start upright


def _thigh_deg(d: ranges.DrawContext) -> float:
    usual = ranges.by_variant("start", squat_like=(82, 102), stiff=(14, 42))(d)
    return float(usual * (1 - max(d.values["bar_start_m"] - PLATE_RADIUS_M, 0) / STRAIGHT_M))


WIDE: ranges.Draws = {
    "start": ranges.by_share(squat_like=0.25, stiff=0.25),  # with low hips, or with high hips and nearly straight legs
    "start_shin_deg": ranges.by_variant("start", squat_like=(20, 36), stiff=(-3, 8)),
    "legs_first": ranges.by_variant("start", squat_like=(0.6, 1.3)),
    "bar_start_m": ranges.sometimes(0.35, (0.1, 0.45), PLATE_RADIUS_M),  # on blocks, small plates or rack pins
    "start_thigh_deg": _thigh_deg,
    "stance": ranges.by_share(far=0.25, narrow=0.15),
    "half_stance_m": ranges.by_variant("stance", far=(0.28, 0.45), narrow=(0.06, 0.1)),
    "toe_out_rad": ranges.by_variant("stance", far=(0.3, 0.9), narrow=(-0.05, 0.3)),
    "grip": ranges.by_share(snatch=0.2, narrow=0.15),
    "grip_half_m": ranges.by_variant(
        "grip", snatch=lambda d: d.body.shoulder_half_m + d.rng.uniform(0.15, 0.36), narrow=(0.1, 0.16)
    ),
    "bar_x_m": ranges.sometimes(0.25, (0.12, 0.24)),
    "hand_offset_m": ranges.sometimes(0.3, (0.01, 0.06), 0.0),  # even with a bar
    "elbow_rad": ranges.sometimes(0.2, (0.2, 0.9), 0.0),
    "spine_rad": ranges.sometimes(0.35, (0.2, 0.55)),
    "lockout": ranges.by_share(soft=0.3, leans_back=0.14),
    "lockout_rad": ranges.by_variant("lockout", soft=(0.0, 0.45)),
    "short": ranges.by_variant("lockout", soft=(0.0, 0.14)),
    "lean_back_rad": ranges.by_variant("lockout", leans_back=(0.15, 0.4)),
    "floor": ranges.by_share(touches=0.25, stops=0.25),
    "floor_s": ranges.by_variant("floor", touches=0.05, stops=ranges.log_uniform_draw(1.0, 6.0)),
    "landing": ranges.by_variant("floor", touches=(0.3, 0.45)),
    "top_s": ranges.log_uniform_draw(0.1, 3.0),
}
"""Draws from wide ranges: squat-like, stiff-legged, from blocks, with a round back, or short of lockout."""


STRAY_S = 0.4  # Time over which the movement of independent hands is correlated
SUMO_FROM_M = 0.25  # Half stance from which a deadlift counts as sumo


def _deadlift_habits(builder: FormBuilder, fps: float) -> None:
    lifter = builder.lifter
    builder.add(early=lifter.lowering_early * builder.bump(0.4, 0.3) * (1 - builder.rising))
    builder.add(elbow=lifter.elbow_rad, lean_back=lifter.lean_back_rad * AT_TOP(builder))
    add_hand_movement(builder, fps)


def add_hand_movement(builder: FormBuilder, fps: float) -> None:
    """Add constant and slow random differences between the hands to a form, by the lifter's `hand_offset_m`."""
    amount_m = builder.lifter.hand_offset_m
    if amount_m <= 0:
        return
    for name in ("ahead", "above"):
        strays = slow_noise(builder.rng, len(builder.lift), fps, STRAY_S, 0.3 * amount_m)
        builder.add(**{name: amount_m * builder.rng.normal() + strays})


def hand_offset_draw(most_m: float) -> ranges.Draw:
    """Return a function that draws `SyntheticLifter.hand_offset_m`: 0.005 to `most_m` without a bar, 0 with a bar."""
    return lambda d: 0.0 if d.loaded else d.rng.uniform(0.005, most_m)


DEADLIFT = Lift(
    name="deadlift",
    posture=deadlift_posture,
    turns_low=False,
    turn="lockout",
    on_floor=True,
    bent=lambda progress: 1 - progress,
    timing=make_timing_draw(
        away_s=Phase("raise_s", 0.1, tired=0.25),
        back_s=Phase("lower_s", 0.1),
        pause_s=Phase("top_s", 0.2, MIN_REST_S),
        rest_s=Phase("floor_s", 0.25),
        tired=0.02,
        lands=(1.0, "landing"),
    ),
    faults=fault_motion.DEADLIFT,
    before=("idle", "walkin", "fiddle", "load_plate", "lift_end", "tie_shoe", "stretch", "shift", "failed_pull"),
    between=("idle", "bend", "fiddle", "shift", "failed_pull", "stretch", "let_go"),
    after=("idle", "walkout", "bend", "let_go", "load_plate", "stretch", "sit"),
    loaded=1.0,
    wide_draws=WIDE,
    wide_pace=(0.4, 1.8),
    habits=_deadlift_habits,
    typical=lambda lifter: lifter.half_stance_m < SUMO_FROM_M,
)


HIP_M = 0.88  # Height of the hips for which the ranges of a sumo stance are stated


def sumo_deadlift_posture(body: BodyModel, progress: np.ndarray, lifter: SyntheticLifter, form: Form) -> Posture:
    """Return the posture of a sumo deadlift, with the hips near the bar, at each progress (T,): 0 floor, 1 lockout."""
    back_m = body.thigh_m * np.sin(np.radians(lifter.start_thigh_deg))
    return deadlift_posture(body, progress, lifter, form, float(back_m * (1 - np.cos(lifter.toe_out_rad))))


def _sumo_stance_m(low: float, high: float) -> ranges.Draw:
    return lambda d: d.rng.uniform(low, high) * d.body.standing_hip_m / HIP_M


# Draws of all sumo lifters
SUMO: ranges.Draws = {
    "half_stance_m": _sumo_stance_m(0.3, 0.42),
    "toe_out_rad": (0.5, 0.9),
    "grip_half_m": (0.12, 0.2),
    "start_thigh_deg": ranges.clipped_normal(70, 7, 54, 84),
    "start_shin_deg": ranges.clipped_normal(7, 4, 0, 18),
}
WIDE_SUMO: ranges.Draws = {
    **WIDE,
    "half_stance_m": _sumo_stance_m(0.27, 0.47),
    "toe_out_rad": (0.35, 1.05),
    "grip_half_m": (0.1, 0.24),
    "start_shin_deg": ranges.by_variant("start", squat_like=(20, 22), stiff=(-3, 8)),
    "start_thigh_deg": lambda d: float(np.clip(_thigh_deg(d), 44.0, 88.0)),
}
"""Draws from wide ranges, as for any deadlift, but with wide feet and the hands between the knees."""
SUMO_DEADLIFT = replace(
    DEADLIFT,
    name="sumo_deadlift",
    posture=sumo_deadlift_posture,
    faults=fault_motion.SUMO_DEADLIFT,
    own_draws=SUMO,
    wide_draws=WIDE_SUMO,
    typical=lambda lifter: lifter.half_stance_m > SUMO_FROM_M and lifter.grip_half_m < lifter.half_stance_m,
)


DEEPEST = 1.06  # Greatest progress of a rep, relative to the lifter's usual depth of 1
KNEES_AT = 0.45  # Progress at which the knees have their final bend
FROM_FLOOR = 0.5  # Share of lifters who take the bar from the floor
STIFF_DEG = 36.0  # Knee flexion above which a lift is no Romanian deadlift


@dataclass(frozen=True, slots=True, kw_only=True)
class _RomanianStyle:
    from_floor: bool = ranges.drawn_by(lambda d: bool(d.rng.random() < FROM_FLOOR) and d.loaded)
    """Whether the lifter takes the bar from the floor, and puts it there again, instead of a rack."""
    half_stance_m: float = ranges.uniform(0.07, 0.17, wide=(0.05, 0.27))
    thigh_deg: float = ranges.uniform(15, 27, wide=(8, 33), set_sd=1.2)
    """Tilt of the thighs at the bottom; the sum of the tilts of thighs and shins is the flexion of the knees."""
    shin_deg: float = ranges.uniform(-3, 4, wide=(-6, 8), set_sd=0.8)  # tilt of the shins at the bottom, > 0 forward
    bottom: float = ranges.uniform(0.5, 1.0, wide=(0.3, 1.25), set_sd=0.05)
    """Height of the bar at the bottom over the ankles, in lengths of the shin; 1 is at the knees."""
    close_m: float = ranges.uniform(0.0, 0.02)  # distance by which the bar is closer at the top than at the bottom
    lower_s: float = ranges.duration(1.0, 3.2)
    bottom_s: float = ranges.pause(0.15, 0.2, 1.0, 0.12)
    raise_s: float = ranges.duration(0.7, 2.2)
    top_s: float = ranges.duration(0.1, 1.5, wide=(0.06, 3.0))


def romanian_deadlift_posture(body: BodyModel, progress: np.ndarray, lifter: SyntheticLifter, form: Form) -> Posture:
    """Return the posture of a Romanian deadlift at each progress (T,): 0 standing, 1 with the bar at its lowest."""
    style, progress = style_of(lifter, _RomanianStyle), np.clip(progress, -0.02, DEEPEST)
    posture = standing_posture(body, len(progress), style.half_stance_m, lifter.toe_out_rad)
    _hinge(posture, body, progress, style, form)
    top_z = _lockout_z(body, lifter, style.half_stance_m)
    low_z = body.ankle_height_m + style.bottom * body.shin_m
    posture["bar_z"] = top_z + progress * (low_z - top_z)
    posture["bar_x"] = lifter.bar_x_m - style.close_m * np.clip(1 - 2 * progress, 0, 1) + form["forward"]
    _hang_bar(posture, body, lifter, form, lifter.tilt_rad + form["tilt"])
    if not lifter.loaded:
        posture.put(bar_z=AWAY_Z)
    move_legs(posture, body, form, np.clip(progress, 0, 1))
    return posture


def _hinge(posture: Posture, body: BodyModel, progress: np.ndarray, style: _RomanianStyle, form: Form) -> None:
    """Bend the knees early and slightly, and move the hips back."""
    down = np.clip(progress, 0, None)
    early = np.clip(down + 0.25 * form["early"] * np.sqrt(down), 0, DEEPEST)
    soft = 1 - np.clip(1 - early / KNEES_AT, 0, 1) ** 2
    thigh = np.radians(style.thigh_deg) * (0.6 * soft + 0.4 * early) + form["thigh"] * down + form["unlock"]
    shin = np.radians(style.shin_deg) * soft + form["shin"] * down + 0.5 * form["unlock"]
    push_m = 0.3 * body.thigh_m * np.sin(form["lean_back"])
    put_hips(posture, body, thigh, shin, 0.01 - 0.01 * down + push_m)


# Draws of all lifters of a Romanian deadlift
ROMANIAN: ranges.Draws = {
    "hand_offset_m": hand_offset_draw(0.02),
    "grip_half_m": lambda d: d.body.shoulder_half_m + d.rng.uniform(*((-0.02, 0.12) if d.loaded else (-0.06, 0.04))),
    "toe_out_rad": (0.0, 0.4),
    "bar_x_m": (0.09, 0.14),
}
WIDE_ROMANIAN: ranges.Draws = {
    "spine_rad": ranges.sometimes(0.3, (0.2, 0.5)),
    "grip_half_m": ranges.sometimes(0.2, lambda d: d.body.shoulder_half_m + d.rng.uniform(0.1, 0.3)),
    "bar_x_m": lambda d: d.usual + (d.rng.uniform(0.0, 0.1) if d.rng.random() < 0.3 and d.loaded else 0.0),
    "hand_offset_m": hand_offset_draw(0.04),
}


ROMANIAN_DEADLIFT = Lift(
    name="romanian_deadlift",
    posture=romanian_deadlift_posture,
    timing=make_timing_draw(
        away_s=Phase("lower_s", 0.1),
        pause_s=Phase("bottom_s", 0.3, 0.0),
        back_s=Phase("raise_s", 0.1, tired=0.25),
        rest_s=Phase("top_s", 0.25, MIN_REST_S),
        tired=0.02,
        varies=0.025,
        rebound=0.4,
    ),
    faults=fault_motion.ROMANIAN_DEADLIFT,
    loaded=0.75,
    style=_RomanianStyle,
    own_draws=ROMANIAN,
    wide_draws=WIDE_ROMANIAN,
    wide_pace=(0.5, 1.8),
    habits=add_hand_movement,
    typical=lambda lifter: lifter.style.thigh_deg + lifter.style.shin_deg < STIFF_DEG,
    floor_pull=make_floor_pull("half_stance_m", when=lambda style: style.from_floor),
    same_as=("hip_hinge_stretch",),
    under_bar=0.06,
)
