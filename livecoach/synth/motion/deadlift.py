"""The deadlift, conventional and sumo: hips over planted feet, and the trunk solved from hips and bar.

Stance, feet and trunk follow Escamilla et al. (2000, 2002): sumo lifters stand about 70 cm wide against 32 cm, turn
their feet out by 42 against 14 degrees, grip narrower, and start with a more upright trunk and steeper shins.
"""

from dataclasses import dataclass, replace

import numpy as np
from scipy.interpolate import PchipInterpolator

from livecoach.synth.figure.body import SIDES, SIGN, BodyModel
from livecoach.synth.figure.geometry import minimum_jerk, wander
from livecoach.synth.figure.kinematics import from_hips, spine_vector
from livecoach.synth.figure.posture import Posture, stand
from livecoach.synth.motion.form import Form, FormBuilder
from livecoach.synth.motion.lift import FaultVariant, FaultVariants, Lift, one_side, same_way
from livecoach.synth.motion.lifter import Style, SyntheticLifter
from livecoach.synth.motion.limbs import bend_spine, hold_bar, lean, outward, put_hips, raise_heels, turn_knees
from livecoach.synth.motion.timing import MIN_PHASE_S, MIN_REST_S, Timing, about, moving, through, uneven
from livecoach.synth.motion.wide_deadlift import widen_deadlift

KNOTS = (0, 0.25, 0.5, 0.75, 1)
THIGH = PchipInterpolator(KNOTS, (1, 0.79, 0.54, 0.25, 0))
SHIN = PchipInterpolator(KNOTS, (1, 0.62, 0.25, 0.06, 0))
"""Share of the starting tilt that remains as the bar rises."""
AHEAD = 0.36  # share of the lift by which the hips lead at early = 1


def deadlift(body: BodyModel, lift: np.ndarray, lifter: SyntheticLifter, form: Form, hips_in_m: float = 0.0) -> Posture:
    """lift: (T,) height of the bar, 0 on the floor, 1 at lockout. hips_in_m: how much closer to the bar the hips start
    than legs that bend straight forward bring them."""
    posture = stand(body, len(lift), lifter.half_stance_m, lifter.toe_out_rad)
    _put_hips(posture, body, lift, lifter, form, hips_in_m)
    posture["hip_y"] = posture["hip_y"] + form["shift"]
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
    posture["bar_roll"] = tilt_rad
    posture["roll"], posture["side"] = 0.35 * tilt_rad, 0.65 * tilt_rad
    for side in SIDES:
        hold_bar(posture, side, outward(side, lifter.grip_half_m), posture["bar_x"], 0.0)
        for axis, apart in (("x", "ahead"), ("z", "above")):
            posture[f"hand_{axis}_{side}"] = posture[f"hand_{axis}_{side}"] + 0.5 * SIGN[side] * form[apart]


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
    posture["pitch"] = posture["pitch"] - form["lean_back"]
    x, z = from_hips(posture, spine)
    hanging_z = z - np.sqrt(np.maximum(reach_m**2 - (posture["bar_x"] - x) ** 2, 0.01))
    posture["bar_z"] = np.where(form["lean_back"] > 0, hanging_z, posture["bar_z"])


def rounded(builder: FormBuilder, lumbar: float, thoracic: float, neck: float) -> None:
    more = 1.25 * builder.bent * (1 + 0.25 * builder.middle)
    hips = np.radians(builder.rng.uniform(-9, 7))  # hips high or low
    builder.add(lumbar=lumbar * more, thoracic=thoracic * more, neck=neck * builder.bent, thigh=hips)


def _rounded_head_down(builder: FormBuilder, q: float) -> None:
    rounded(builder, 0.58 * q, 0.72 * q, 0.45 * q)


def _rounded_head_up(builder: FormBuilder, q: float) -> None:
    rounded(builder, 0.58 * q, 0.72 * q, -0.55 * q)


def _rounded_upper(builder: FormBuilder, q: float) -> None:
    rounded(builder, 0.12 * q, 1.15 * q, 0.2 * q)


def _rounded_lower(builder: FormBuilder, q: float) -> None:
    rounded(builder, 0.95 * q, 0.2 * q, -0.1 * q)


def _hips_shoot(builder: FormBuilder, q: float) -> None:
    builder.add(early=1.7 * q * builder.bump(0.22, 0.2) * (0.5 + 0.5 * builder.rising))


def _hips_lead(builder: FormBuilder, q: float) -> None:
    builder.add(early=1.2 * q * builder.bump(0.3, 0.3) * builder.rising, thoracic=0.12 * q * builder.bent)


def _drift_swing(builder: FormBuilder, q: float) -> None:
    builder.add(forward=q * (0.05 * builder.low + 0.17 * builder.middle))


def _drift_far(builder: FormBuilder, q: float) -> None:
    builder.add(forward=0.17 * q * np.sqrt(builder.low))


def _low_hips(builder: FormBuilder, q: float) -> None:
    builder.add(thigh=np.radians(20) * q, shin=np.radians(9) * q)


def _knees_over_bar(builder: FormBuilder, q: float) -> None:
    builder.add(thigh=np.radians(11) * q, shin=np.radians(17) * q, forward=0.04 * q * builder.low)


def _high_hips(builder: FormBuilder, q: float) -> None:
    builder.add(thigh=np.radians(-33) * q, shin=np.radians(-5) * q)


def _straight_legs(builder: FormBuilder, q: float) -> None:
    builder.add(thigh=np.radians(-27) * q, shin=np.radians(-11) * q, lumbar=0.08 * q * builder.bent)


def _short_of_lockout(timing: Timing, q: float) -> None:
    timing.amplitude *= 1 - 0.17 * q


def _knees_stay_bent(builder: FormBuilder, q: float) -> None:
    builder.add(unlock=0.5 * q * builder.lift)


def _a_little_short(timing: Timing, q: float) -> None:
    timing.amplitude *= 1 - 0.06 * q


def _top(builder: FormBuilder) -> np.ndarray:
    return minimum_jerk((builder.lift - 0.8) / 0.2)


def _lean_back(builder: FormBuilder, q: float) -> None:
    builder.add(lean_back=0.5 * q * _top(builder))


def _arch_back(builder: FormBuilder, q: float) -> None:
    top = _top(builder)
    builder.add(lumbar=-0.45 * q * top, lean_back=0.42 * q * top, neck=-0.3 * q * top)


def _hitch_on_thighs(timing: Timing, q: float) -> None:
    low = 0.88 - 0.3 * q
    timing.away = through((0.0, 0.88, low, 0.88, low, 1.0), (1.0, 1.6, 1.0, 1.6, 1.0))
    timing.away_s *= 1 + 2.0 * q


def _hitch_once(timing: Timing, q: float) -> None:
    timing.away = through((0.0, 0.72, 0.72 - 0.2 * q, 1.0), (1.0, 0.5, 1.0))
    timing.away_s *= 1 + 0.8 * q


def _knees_rebend(builder: FormBuilder, q: float) -> None:
    builder.add(unlock=0.3 * q * builder.bump(0.75, 0.15))


def _stalls(timing: Timing, q: float) -> None:
    times, phase, smooth = int(timing.rng.integers(2, 4)), timing.rng.uniform(0, 2 * np.pi), timing.away
    timing.away = lambda x: np.clip(
        smooth(x) + 0.085 * q * np.sin(2 * np.pi * times * x + phase) * np.sin(np.pi * x), 0, 1
    )
    timing.away_s *= 1 + 0.35 * q


def _yank(timing: Timing, q: float) -> None:
    """Yank the bar off the floor, get stuck, and continue."""
    smooth, torn = timing.away, through((0.0, 0.42, 1.0), (0.25, 1.0))
    timing.away = lambda x: (1 - q) * smooth(x) + q * torn(x)
    timing.away_s *= 1 + 0.3 * q


def _both_arms(builder: FormBuilder, q: float) -> None:
    flexion = np.radians(88) * q * (0.5 * builder.low + 0.5 * builder.bump(0.2, 0.35))
    builder.add(elbow_L=flexion, elbow_R=flexion)


def _curl(builder: FormBuilder, q: float) -> None:
    flexion = np.radians(66) * q * np.clip(builder.low + builder.middle, 0, 1)
    builder.add(elbow_L=flexion, elbow_R=flexion, thoracic=0.1 * q * builder.bent)


def _one_end_leads(builder: FormBuilder, q: float) -> None:
    builder.add(tilt=0.24 * builder.side * q * (builder.middle + 0.25 * builder.lift))
    builder.add(shift=0.06 * builder.side * q * np.sqrt(builder.bent))


def _crooked(builder: FormBuilder, q: float) -> None:
    builder.add(
        tilt=0.2 * builder.side * q * minimum_jerk(builder.lift / 0.3), twist=0.1 * builder.side * q * builder.bent
    )


def _knees_in(builder: FormBuilder, q: float) -> None:
    builder.add(knee_in_L=0.6 * q * np.sqrt(builder.bent), knee_in_R=0.6 * q * np.sqrt(builder.bent))


def _one_knee_in(builder: FormBuilder, q: float) -> None:
    builder.add(**{one_side(builder, "knee_in_L", "knee_in_R"): 1.1 * q * np.sqrt(builder.bent)})


def _heels_at_start(builder: FormBuilder, q: float) -> None:
    rise_m = 0.07 * q * np.sqrt(builder.low) * builder.rising
    builder.add(heel_L=rise_m, heel_R=rise_m, forward=0.03 * q * builder.low)


def _on_toes(builder: FormBuilder, q: float) -> None:
    rise_m = 0.07 * q * builder.bump(0.45, 0.25)
    builder.add(heel_L=rise_m, heel_R=rise_m)


def _fast_down(timing: Timing, q: float) -> None:
    timing.back_s = max(timing.back_s * (1 - q) + 0.25 * q, 0.25)
    timing.back = moving(0.0, 0.4)


def _free_fall(timing: Timing, q: float) -> None:
    """Hold the bar for a moment, then let it fall."""
    smooth, fallen = timing.back, through((0.0, 0.1, 1.0), (0.5, 1.0))
    timing.back = lambda x: (1 - q) * smooth(x) + q * fallen(x)
    timing.back_s = max(timing.back_s * (1 - q) + 0.3 * q, 0.3)


def _bounce(timing: Timing, q: float) -> None:
    timing.away = moving(0.4, 0.0)
    timing.away_s *= 1 - 0.15 * q
    timing.rest_s *= max(1 - 1.6 * q, 0.0)


FAULT_VARIANTS: FaultVariants = {
    "rounded_back": {
        "head_down": FaultVariant(_rounded_head_down),
        "head_up": FaultVariant(_rounded_head_up),
        "upper": FaultVariant(_rounded_upper),
        "lower": FaultVariant(_rounded_lower),
    },
    "hips_early": {"shoot": FaultVariant(_hips_shoot), "lead": FaultVariant(_hips_lead)},
    "bar_drift": {"swing": FaultVariant(_drift_swing), "far": FaultVariant(_drift_far)},
    "knee_dominant": {"low_hips": FaultVariant(_low_hips), "knees_over_bar": FaultVariant(_knees_over_bar)},
    "stiff_legged": {"high_hips": FaultVariant(_high_hips), "straight_legs": FaultVariant(_straight_legs)},
    "soft_lockout": {
        "hips": FaultVariant(timing=_short_of_lockout),
        "knees": FaultVariant(_knees_stay_bent, _a_little_short),
    },
    "hyperextension": {"lean": FaultVariant(_lean_back), "arch": FaultVariant(_arch_back)},
    "hitch": {"on_thighs": FaultVariant(_knees_rebend, _hitch_on_thighs), "once": FaultVariant(timing=_hitch_once)},
    "jerky": {"stalls": FaultVariant(timing=_stalls), "yank": FaultVariant(timing=_yank)},
    "bent_arms": {"start": FaultVariant(_both_arms), "curl": FaultVariant(_curl)},
    "uneven_bar": {"one_end_leads": FaultVariant(_one_end_leads), "crooked": FaultVariant(_crooked)},
    "knee_cave": {"both": FaultVariant(_knees_in), "one": FaultVariant(_one_knee_in)},
    "heel_lift": {"start": FaultVariant(_heels_at_start), "past_knees": FaultVariant(_on_toes)},
    "dropped": {"fast": FaultVariant(timing=_fast_down), "free_fall": FaultVariant(timing=_free_fall)},
    "bounced": {"touch": FaultVariant(timing=_bounce)},
    "stance_shift": {"step": FaultVariant(), "turn": FaultVariant()},
}
"""bounced and stance_shift also change what precedes the rep, in livecoach.synth.motion.programme."""


STRAY_S = 0.4
CONVENTIONAL_M = 0.25
"""Half stance; a wider one is sumo."""


def deadlift_timing(rng: np.random.Generator, lifter: SyntheticLifter, tired: float) -> Timing:
    away_s = about(rng, lifter, lifter.raise_s * (1 + 0.25 * tired), 0.1, MIN_PHASE_S)
    back_s = about(rng, lifter, lifter.lower_s, 0.1, MIN_PHASE_S)
    pause_s = about(rng, lifter, lifter.top_s, 0.2, MIN_REST_S)
    rest_s = about(rng, lifter, lifter.floor_s, 0.25, MIN_PHASE_S)
    return Timing(
        away_s=away_s,
        pause_s=pause_s,
        back_s=back_s,
        rest_s=rest_s,
        amplitude=(1 - 0.02 * tired) * (1 - lifter.short),
        away=uneven(rng, lifter, (0.0, 0.0)),
        back=uneven(rng, lifter, (0.0, lifter.landing)),
        rng=rng,
    )


def deadlift_habits(builder: FormBuilder, fps: float) -> None:
    """Hips that lead on the way down, bent arms, a lean at the top, and hands that no bar holds together."""
    lifter = builder.lifter
    builder.add(early=lifter.lowering_early * builder.bump(0.4, 0.3) * (1 - builder.rising))
    builder.add(elbow_L=lifter.elbow_rad, elbow_R=lifter.elbow_rad)
    builder.add(lean_back=lifter.lean_back_rad * minimum_jerk((builder.lift - 0.8) / 0.2))
    if lifter.loose_m > 0:
        stray(builder, fps, lifter.loose_m)


def stray(builder: FormBuilder, fps: float, amount_m: float) -> None:
    """Hands move independently, as no bar holds them together."""
    for name in ("ahead", "above"):
        strays = wander(builder.rng, len(builder.lift), fps, STRAY_S, 0.3 * amount_m)
        builder.add(**{name: amount_m * builder.rng.normal() + strays})


def _conventional(lifter: SyntheticLifter) -> bool:
    return lifter.half_stance_m < CONVENTIONAL_M


DEADLIFT = Lift(
    name="deadlift",
    posture=same_way(deadlift),
    rest="down",
    turn="lockout",
    bar="floor",
    bent=lambda lift: 1 - lift,
    timing=deadlift_timing,
    faults=FAULT_VARIANTS,
    before=("idle", "walkin", "fiddle", "load_plate", "lift_end", "tie_shoe", "stretch", "shift", "failed_pull"),
    between=("idle", "bend", "fiddle", "shift", "failed_pull", "stretch", "let_go"),
    after=("idle", "walkout", "bend", "let_go", "load_plate", "stretch", "sit"),
    loaded=1.0,
    widen=widen_deadlift,
    habits=deadlift_habits,
    typical=_conventional,
)


HALF_STANCE_M = (0.3, 0.42)  # from the middle to each ankle, for a standing hip height of HIP_M
TOE_OUT_RAD = (0.5, 0.9)
GRIP_HALF_M = (0.12, 0.2)
HIP_M = 0.88
WIDER_STANCE_M = (0.27, 0.47)
WIDER_GRIP_M = (0.1, 0.24)
LEAST_HALF_STANCE_M = 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class SumoStyle(Style):
    hips_in_m: float
    """How much closer to the bar the hips start than in a deadlift, as the thighs point outwards."""


def sumo_deadlift(body: BodyModel, lift: np.ndarray, lifter: SyntheticLifter, form: Form) -> Posture:
    """lift: (T,) height of the bar, 0 on the floor, 1 at lockout."""
    assert isinstance(lifter.style, SumoStyle)
    return deadlift(body, lift, lifter, form, lifter.style.hips_in_m)


def _sumo(rng: np.random.Generator, body: BodyModel, lifter: SyntheticLifter) -> SyntheticLifter:
    wide = replace(
        lifter,
        half_stance_m=rng.uniform(*HALF_STANCE_M) * body.standing_hip_m / HIP_M,
        toe_out_rad=rng.uniform(*TOE_OUT_RAD),
        grip_half_m=rng.uniform(*GRIP_HALF_M),
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
    wide, stance_m, out_rad = widen_deadlift(rng, body, lifter), rng.uniform(*WIDER_STANCE_M), rng.uniform(0.35, 1.05)
    wide = replace(
        wide,
        half_stance_m=stance_m * body.standing_hip_m / HIP_M,
        toe_out_rad=out_rad,
        grip_half_m=rng.uniform(*WIDER_GRIP_M),
        start_thigh_deg=float(np.clip(wide.start_thigh_deg, 44.0, 88.0)),
        start_shin_deg=min(wide.start_shin_deg, 22.0),
    )
    return _with_hips_in(body, wide)


def _wide_enough(lifter: SyntheticLifter) -> bool:
    return lifter.half_stance_m > LEAST_HALF_STANCE_M and lifter.grip_half_m < lifter.half_stance_m


FAULTS: FaultVariants = {name: ways for name, ways in FAULT_VARIANTS.items() if name != "stiff_legged"}
SUMO_DEADLIFT = replace(
    DEADLIFT,
    name="sumo_deadlift",
    posture=same_way(sumo_deadlift),
    faults=FAULTS,
    lifter=_sumo,
    widen=_widen,
    typical=_wide_enough,
)
