"""The deadlift, conventional and sumo: hips over planted feet, and the trunk solved from hips and bar.

Stance, feet and trunk follow Escamilla et al. (2000, 2002): sumo lifters stand about 70 cm wide against 32 cm, turn
their feet out by 42 against 14 degrees, grip narrower, and start with a more upright trunk and steeper shins.
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy.interpolate import PchipInterpolator

from livecoach.lab.synth.figure.body import SIDES, SIGN, BodyModel
from livecoach.lab.synth.figure.geometry import wander
from livecoach.lab.synth.figure.posture import PLATE_RADIUS_M, Posture, add, from_hips, put, spine_vector, stand
from livecoach.lab.synth.motion import faults
from livecoach.lab.synth.motion.faults import AT_TOP
from livecoach.lab.synth.motion.lift import Lift, same_way, style_of
from livecoach.lab.synth.motion.lifter import Style, SyntheticLifter, at_tempo
from livecoach.lab.synth.motion.limbs import bend_spine, hold_bar, lean, put_hips, raise_heels, turn_knees
from livecoach.lab.synth.motion.ranges import log_uniform
from livecoach.lab.synth.motion.rep import (
    MIN_REST_S,
    Form,
    FormBuilder,
    Phase,
    rhythm,
)

KNOTS = (0, 0.25, 0.5, 0.75, 1)
THIGH = PchipInterpolator(KNOTS, (1, 0.79, 0.54, 0.25, 0))
SHIN = PchipInterpolator(KNOTS, (1, 0.62, 0.25, 0.06, 0))  # share of the starting tilt that remains as the bar rises
AHEAD = 0.36  # share of the lift by which the hips lead at early = 1


def deadlift(body: BodyModel, lift: np.ndarray, lifter: SyntheticLifter, form: Form, hips_in_m: float = 0.0) -> Posture:
    """lift: (T,) height of the bar, 0 on the floor, 1 at lockout. hips_in_m: how much closer to the bar the hips start
    than legs that bend straight forward bring them."""
    posture = stand(body, len(lift), lifter.half_stance_m, lifter.toe_out_rad)
    _put_hips(posture, body, lift, lifter, form, hips_in_m)
    add(posture, hip_y=form["shift"])
    spine = spine_vector(body, body.at("upperarm.L"), form["lumbar"], form["thoracic"])
    reach_m = arm_reach_m(body, lifter, form)
    _put_bar(posture, body, lift, lifter, form)
    posture["pitch"] = pitch_to_bar(posture, spine, reach_m)
    lean_back_with_bar(posture, spine, reach_m, form)
    bend_spine(posture, lifter, form)
    hang_bar(posture, lifter, form, lifter.tilt_rad * lift + form["tilt"])
    turn_knees(posture, form, np.clip(1 - lift, 0, 1))
    raise_heels(posture, body, form)
    return posture


def _put_hips(
    posture: Posture, body: BodyModel, lift: np.ndarray, lifter: SyntheticLifter, form: Form, hips_in_m: float
) -> None:
    ahead = np.clip(np.clip(lift, 0, 1) + AHEAD * form["early"], 0, 1)
    knees = ahead ** (1 / lifter.legs_first)
    low = 1 - ahead
    tilt = np.radians(lifter.start_thigh_deg) * THIGH(ahead) + form["thigh"] * low + form["unlock"]
    shin_tilt = np.radians(lifter.start_shin_deg) * SHIN(knees) + form["shin"] * low + 0.5 * form["unlock"]
    push_m = 0.3 * body.thigh_m * np.sin(form["lean_back"])
    put_hips(posture, body, tilt, shin_tilt, -0.01 + 0.02 * lift + push_m + hips_in_m * THIGH(ahead))


def _put_bar(posture: Posture, body: BodyModel, lift: np.ndarray, lifter: SyntheticLifter, form: Form) -> None:
    top_z = lockout_z(body, lifter, float(posture["foot_y_L"][0]))
    posture["bar_z"] = lifter.bar_start_m + lift * (top_z - lifter.bar_start_m)
    posture["bar_x"] = lifter.bar_x_m + form["forward"]


def hang_bar(posture: Posture, lifter: SyntheticLifter, form: Form, tilt_rad: np.ndarray) -> None:
    """The hands hold a hanging bar that is tilted by tilt_rad (T,); the trunk follows it."""
    put(posture, bar_roll=tilt_rad, roll=0.35 * tilt_rad, side=0.65 * tilt_rad)
    for side in SIDES:
        hold_bar(posture, side, SIGN[side] * lifter.grip_half_m, posture["bar_x"], 0.0)
        add(posture, side, hand_x=0.5 * SIGN[side] * form["ahead"], hand_z=0.5 * SIGN[side] * form["above"])


def arm_reach_m(body: BodyModel, lifter: SyntheticLifter, form: Form) -> np.ndarray:
    """Sagittal distance from shoulder to bar, (T,), with the elbow flexion of `form`."""
    flexion = 0.5 * (form["elbow_L"] + form["elbow_R"])
    upper, lower = body.upper_arm_m, body.forearm_m + body.hand_m
    arm_m = 0.992 * np.sqrt(upper**2 + lower**2 + 2 * upper * lower * np.cos(flexion))
    aside_m = lifter.grip_half_m - body.shoulder_half_m
    return np.sqrt(arm_m**2 - aside_m**2)


def lockout_z(body: BodyModel, lifter: SyntheticLifter, half_stance_m: float) -> float:
    """Height of the bar at lockout, with a straight trunk and the lifter's usual arms."""
    straight = spine_vector(body, body.at("upperarm.L"), np.array(0.0), np.array(0.0))
    upright = stand(body, 1, half_stance_m, 0.0)
    hips = np.array([0.01, upright["hip_z"][0]])
    x, z = hips + straight + np.array([-0.03, 0])
    aside_m = lifter.grip_half_m - body.shoulder_half_m
    upper, lower = body.upper_arm_m, body.forearm_m + body.hand_m
    bent = np.sqrt(1 - 2 * upper * lower * (1 - np.cos(lifter.elbow_rad)) / (upper + lower) ** 2)
    reach_m = np.sqrt((0.992 * body.arm_m * bent) ** 2 - aside_m**2)
    return float(z - np.sqrt(reach_m**2 - (lifter.bar_x_m - x) ** 2))


def pitch_to_bar(posture: Posture, spine: np.ndarray, reach_m: np.ndarray) -> np.ndarray:
    """Pitch of the pelvis, (T,), at which the arms reach the bar, by the triangle hips, shoulders, bar."""
    to_bar = np.stack([posture["bar_x"] - posture["hip_x"], posture["bar_z"] - posture["hip_z"]], -1)
    bar_m, spine_m = np.linalg.norm(to_bar, axis=-1), np.linalg.norm(spine, axis=-1)
    cosine = (spine_m**2 + bar_m**2 - reach_m**2) / (2 * spine_m * bar_m)
    return lean(to_bar) - np.arccos(np.clip(cosine, -1, 1)) - lean(spine)


def lean_back_with_bar(posture: Posture, spine: np.ndarray, reach_m: np.ndarray, form: Form) -> None:
    """Past upright, with the shoulders behind the hips and the bar hanging from the arms."""
    add(posture, pitch=-form["lean_back"])
    x, z = from_hips(posture, spine)
    hanging_z = z - np.sqrt(np.maximum(reach_m**2 - (posture["bar_x"] - x) ** 2, 0.01))
    posture["bar_z"] = np.where(form["lean_back"] > 0, hanging_z, posture["bar_z"])


# Wider ranges: squat-like, stiff-legged, from blocks, with a round back, or short of lockout.
SQUAT_LIKE = 0.25  # share of lifters who start with low hips, as in a squat
STIFF = 0.25  # share of lifters who start with high hips and nearly straight legs
WIDE_STANCE, NARROW_STANCE = 0.25, 0.15  # shares of lifters with a wide and with a narrow stance
WIDE_GRIP, NARROW_GRIP = 0.2, 0.15  # shares of lifters with a snatch grip and with a narrow grip
OFF_FLOOR = 0.35  # share of lifters whose bar starts on blocks, small plates or rack pins
OFF_FLOOR_M = (0.1, 0.45)
STRAIGHT_M = 0.5  # height above full plates at which the bar requires no bend in the hips
FAR_BAR = 0.25
FAR_BAR_M = (0.12, 0.24)
BENT_ARMS = 0.2
ROUND = 0.35
SOFT = 0.3  # share of lifters who never stand fully upright
LEANS_BACK = 0.2
NO_BAR = 0.3  # share of lifters without a bar, whose hands move independently
TOUCHES, STOPS = 0.25, 0.25  # shares of touch-and-go lifters, and of lifters who wait on the floor
STOPS_S = (1.0, 6.0)
TOP_S = (0.1, 3.0)
TEMPO = (0.4, 1.8)


def widen_deadlift(rng: np.random.Generator, body: BodyModel, lifter: SyntheticLifter) -> SyntheticLifter:
    """Draw posture, stance, grip, bar, lockout and pace from wider ranges."""
    changed = {
        **_wide_start(rng, lifter),
        **_wide_stance(rng, lifter),
        **_wide_grip(rng, body, lifter),
        **_wide_bar(rng, lifter),
        **_wide_form(rng, lifter),
    }
    changed["start_thigh_deg"] *= 1 - max(changed["bar_start_m"] - PLATE_RADIUS_M, 0) / STRAIGHT_M
    tempo = log_uniform(rng, *TEMPO)
    return replace(at_tempo(lifter, tempo), **changed, **_wide_pauses(rng, lifter))


def _wide_start(rng: np.random.Generator, lifter: SyntheticLifter) -> dict[str, Any]:
    way, squat_like, stiff = rng.random(), (rng.uniform(82, 102), rng.uniform(20, 36)), rng.uniform(14, 42)
    if way < SQUAT_LIKE:
        return {"start_thigh_deg": squat_like[0], "start_shin_deg": squat_like[1], "legs_first": rng.uniform(0.6, 1.3)}
    if way < SQUAT_LIKE + STIFF:
        return {"start_thigh_deg": stiff, "start_shin_deg": rng.uniform(-3, 8)}
    return {"start_thigh_deg": lifter.start_thigh_deg, "start_shin_deg": lifter.start_shin_deg}


def _wide_stance(rng: np.random.Generator, lifter: SyntheticLifter) -> dict[str, Any]:
    way, wide_m = rng.random(), rng.uniform(0.28, 0.45)
    out_rad, narrow_m = rng.uniform(0.3, 0.9), rng.uniform(0.06, 0.1)
    if way < WIDE_STANCE:
        return {"half_stance_m": wide_m, "toe_out_rad": out_rad}
    if way < WIDE_STANCE + NARROW_STANCE:
        return {"half_stance_m": narrow_m, "toe_out_rad": rng.uniform(-0.05, 0.3)}
    return {"half_stance_m": lifter.half_stance_m, "toe_out_rad": lifter.toe_out_rad}


def _wide_grip(rng: np.random.Generator, body: BodyModel, lifter: SyntheticLifter) -> dict[str, Any]:
    way, wider_m, narrow_m = rng.random(), rng.uniform(0.15, 0.36), rng.uniform(0.1, 0.16)
    if way < WIDE_GRIP:
        return {"grip_half_m": body.shoulder_half_m + wider_m}
    return {"grip_half_m": narrow_m if way < WIDE_GRIP + NARROW_GRIP else lifter.grip_half_m}


def _wide_bar(rng: np.random.Generator, lifter: SyntheticLifter) -> dict[str, Any]:
    """The bar's starting height and distance; without a bar, the hands are uneven and drift."""
    height_m, far_m, loose_m = rng.uniform(*OFF_FLOOR_M), rng.uniform(*FAR_BAR_M), rng.uniform(0.01, 0.06)
    return {
        "bar_start_m": height_m if rng.random() < OFF_FLOOR else PLATE_RADIUS_M,
        "bar_x_m": far_m if rng.random() < FAR_BAR else lifter.bar_x_m,
        "loose_m": loose_m if rng.random() < NO_BAR else 0.0,
    }


def _wide_form(rng: np.random.Generator, lifter: SyntheticLifter) -> dict[str, Any]:
    elbow_rad, spine_rad = rng.uniform(0.2, 0.9), rng.uniform(0.2, 0.55)
    bent_rad, short, back_rad = rng.uniform(0.0, 0.45), rng.uniform(0.0, 0.14), rng.uniform(0.15, 0.4)
    soft = rng.random() < SOFT
    return {
        "elbow_rad": elbow_rad if rng.random() < BENT_ARMS else 0.0,
        "spine_rad": spine_rad if rng.random() < ROUND else lifter.spine_rad,
        "lockout_rad": bent_rad if soft else lifter.lockout_rad,
        "short": short if soft else 0.0,
        "lean_back_rad": back_rad if rng.random() < LEANS_BACK and not soft else 0.0,
    }


def _wide_pauses(rng: np.random.Generator, lifter: SyntheticLifter) -> dict[str, Any]:
    way, waits_s, top_s = rng.random(), log_uniform(rng, *STOPS_S), log_uniform(rng, *TOP_S)
    landing = rng.uniform(0.3, 0.45)
    if way < TOUCHES:
        return {"floor_s": 0.05, "landing": landing, "top_s": top_s}
    return {"floor_s": waits_s if way < TOUCHES + STOPS else lifter.floor_s, "top_s": top_s}


STRAY_S = 0.4
SUMO_FROM_M = 0.25  # half stance from which a deadlift is sumo


def deadlift_habits(builder: FormBuilder, fps: float) -> None:
    """Hips that lead on the way down, bent arms, a lean at the top, and hands that no bar holds together."""
    lifter = builder.lifter
    builder.add(early=lifter.lowering_early * builder.bump(0.4, 0.3) * (1 - builder.rising))
    builder.add(elbow=lifter.elbow_rad, lean_back=lifter.lean_back_rad * AT_TOP(builder))
    stray(builder, fps)


def stray(builder: FormBuilder, fps: float) -> None:
    """Hands move independently where no bar holds them together."""
    amount_m = builder.lifter.loose_m
    if amount_m <= 0:
        return
    for name in ("ahead", "above"):
        strays = wander(builder.rng, len(builder.lift), fps, STRAY_S, 0.3 * amount_m)
        builder.add(**{name: amount_m * builder.rng.normal() + strays})


DEADLIFT = Lift(
    name="deadlift",
    posture=same_way(deadlift),
    rest="down",
    turn="lockout",
    bar="floor",
    bent=lambda lift: 1 - lift,
    timing=rhythm(
        away_s=Phase("raise_s", 0.1, tired=0.25),
        back_s=Phase("lower_s", 0.1),
        pause_s=Phase("top_s", 0.2, MIN_REST_S),
        rest_s=Phase("floor_s", 0.25),
        tired=0.02,
        lands=(1.0, "landing"),
    ),
    faults=faults.DEADLIFT,
    before=("idle", "walkin", "fiddle", "load_plate", "lift_end", "tie_shoe", "stretch", "shift", "failed_pull"),
    between=("idle", "bend", "fiddle", "shift", "failed_pull", "stretch", "let_go"),
    after=("idle", "walkout", "bend", "let_go", "load_plate", "stretch", "sit"),
    loaded=1.0,
    widen=widen_deadlift,
    habits=deadlift_habits,
    typical=lambda lifter: lifter.half_stance_m < SUMO_FROM_M,
)


HIP_M = 0.88  # standing hip height for which the ranges of a sumo stance are


@dataclass(frozen=True, slots=True, kw_only=True)
class SumoStyle(Style):
    hips_in_m: float  # how much closer to the bar the hips start than in a deadlift, as the thighs point outwards


def sumo_deadlift(body: BodyModel, lift: np.ndarray, lifter: SyntheticLifter, form: Form) -> Posture:
    """lift: (T,) height of the bar, 0 on the floor, 1 at lockout."""
    return deadlift(body, lift, lifter, form, style_of(lifter, SumoStyle).hips_in_m)


def _sumo(rng: np.random.Generator, body: BodyModel, lifter: SyntheticLifter) -> SyntheticLifter:
    wide = replace(
        lifter,
        half_stance_m=rng.uniform(0.3, 0.42) * body.standing_hip_m / HIP_M,
        toe_out_rad=rng.uniform(0.5, 0.9),
        grip_half_m=rng.uniform(0.12, 0.2),
        start_thigh_deg=float(np.clip(rng.normal(70, 7), 54, 84)),
        start_shin_deg=float(np.clip(rng.normal(7, 4), 0, 18)),
    )
    return _with_hips_in(body, wide)


def _with_hips_in(body: BodyModel, lifter: SyntheticLifter) -> SyntheticLifter:
    """Hips as close to the bar as thighs bring them that point where the feet do."""
    back_m = body.thigh_m * np.sin(np.radians(lifter.start_thigh_deg))
    return replace(lifter, style=SumoStyle(hips_in_m=float(back_m * (1 - np.cos(lifter.toe_out_rad)))))


def _widen(rng: np.random.Generator, body: BodyModel, lifter: SyntheticLifter) -> SyntheticLifter:
    """As for any deadlift, but with feet wide and hands between the knees."""
    wide, stance_m, out_rad = widen_deadlift(rng, body, lifter), rng.uniform(0.27, 0.47), rng.uniform(0.35, 1.05)
    wide = replace(
        wide,
        half_stance_m=stance_m * body.standing_hip_m / HIP_M,
        toe_out_rad=out_rad,
        grip_half_m=rng.uniform(0.1, 0.24),
        start_thigh_deg=float(np.clip(wide.start_thigh_deg, 44.0, 88.0)),
        start_shin_deg=min(wide.start_shin_deg, 22.0),
    )
    return _with_hips_in(body, wide)


SUMO_DEADLIFT = replace(
    DEADLIFT,
    name="sumo_deadlift",
    posture=same_way(sumo_deadlift),
    faults=faults.SUMO_DEADLIFT,
    lifter=_sumo,
    widen=_widen,
    typical=lambda lifter: lifter.half_stance_m > SUMO_FROM_M and lifter.grip_half_m < lifter.half_stance_m,
)
