"""Defines the squat: the bar, or without a bar the body's centre, stays over the planted feet."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from livecoach.core.config import read_yaml
from livecoach.lab.synth.figure.body_mesh import SIDES, SIGN, BodyModel
from livecoach.lab.synth.figure.posture import AWAY_Z, Posture, add, end_from_hips, put, spine_vector, standing_posture
from livecoach.lab.synth.motion import fault_motion, limbs, ranges
from livecoach.lab.synth.motion.lift_motion import Lift
from livecoach.lab.synth.motion.lifter import HandPositions, SyntheticLifter
from livecoach.lab.synth.motion.rep import Form, Phase, make_timing_draw

MOST_KNEE_RAD = np.radians(138)  # Knee flexion at which calf and thigh touch
DEEPEST = 1.05  # Greatest depth of a rep, relative to the lifter's usual depth of 1
PLACES = read_yaml(Path(__file__).with_name("hands.yaml"), dict[str, list[float]])  # Places of the hands by name
FOR_BALANCE = ("clasped", "in front", "low in front", "on the thighs")
"""Hand positions at the bottom for lifters who move their hands."""
STAY = 0.55  # Share of lifters who do not move their hands
USUAL_DEPTH_DEG = 95.0  # Mean tilt of the thighs at the bottom
LEAST_HIP_M = 0.15  # Smallest height of the hips over the ankles


def squat_posture(body: BodyModel, progress: np.ndarray, lifter: SyntheticLifter, form: Form) -> Posture:
    """Return the posture of a squat at each progress (T,): 0 standing, 1 at the lifter's usual depth."""
    posture = standing_posture(body, len(progress), lifter.squat_half_stance_m, lifter.squat_toe_out_rad)
    progress = np.clip(progress, 0, DEEPEST)
    _put_hips(posture, body, progress, lifter, form)
    add(posture, hip_y=form["shift"])
    spine = _to_bar(body, lifter, form)
    over_midfoot_m = -0.025 + (0.06 + lifter.balance_m) * progress + form["forward"] - posture["hip_x"]
    angle = np.arcsin(np.clip(over_midfoot_m / np.linalg.norm(spine, axis=-1), -0.95, 0.95))
    posture["pitch"] = angle - limbs.lean_rad(spine) - (0 if lifter.loaded else 0.1) - form["lean_back"]
    limbs.bend_spine(posture, lifter, form)
    limbs.move_legs(posture, body, form, np.clip(progress / 0.6, 0, 1))
    place_bar_and_hands(posture, body, lifter, form, lifter.hands, np.clip(progress / 0.6, 0, 1))
    return posture


def _to_bar(body: BodyModel, lifter: SyntheticLifter, form: Form) -> np.ndarray:
    """Return the vector from the hips to the middle of a bar on the back, (T, 2), at pitch 0."""
    on_back = body.bar_on_back - np.array([0.25 * lifter.bar_low_m, 0, lifter.bar_low_m])
    return spine_vector(body, form["lumbar"], form["thoracic"], on_back)


def _put_hips(posture: Posture, body: BodyModel, progress: np.ndarray, lifter: SyntheticLifter, form: Form) -> None:
    deepest = np.radians(lifter.squat_thigh_deg)
    tilt = 0.01 + deepest * progress + form["thigh"] * progress
    hips_back = 1 - 0.75 * form["early"] * np.clip(progress / 0.1, 0, 1)
    shin_tilt = np.radians(lifter.squat_shin_deg) * progress**lifter.squat_shin_power + form["shin"] * progress
    shin_tilt = shin_tilt * hips_back + 0.5 * form["unlock"]
    tilt = np.minimum(tilt + form["unlock"], MOST_KNEE_RAD - shin_tilt)
    limbs.put_hips(posture, body, tilt, shin_tilt, np.full_like(progress, -0.01))


def place_bar_and_hands(
    posture: Posture, body: BodyModel, lifter: SyntheticLifter, form: Form, hands: HandPositions, down: np.ndarray
) -> None:
    """Put a bar on the back and the hands on it, in place; without a bar, put the hands in the places `hands`.

    The trunk tilts sideways in both cases.

    Args:
        down: (T,) descent, 0 standing, 1 at the bottom.
    """
    tilt = lifter.tilt_rad + form["tilt"]
    put(posture, bar_roll=tilt, roll=0.4 * tilt, side=0.6 * tilt)
    if not lifter.loaded:
        put(posture, bar_x=0.0, bar_z=AWAY_Z)
        limbs.put_hands(posture, body, hands, down)
        return
    posture["bar_x"], posture["bar_z"] = end_from_hips(posture, _to_bar(body, lifter, form))
    posture["bar_y"] = posture["hip_y"] - np.sin(tilt) * 0.4
    half_m, x = lifter.grip_half_m + 0.16, posture["bar_x"] + 0.01
    for side in SIDES:
        limbs.hold_bar(posture, side, SIGN[side] * half_m, x, posture["bar_y"])
    limbs.point_elbows(posture, -0.55, 0.1, -1.0)


SQUATS_DEG = 60.0  # Smallest tilt of the thighs at the bottom of a squat; a movement with less tilt is a bow


def _thigh_deg(d: ranges.DrawContext) -> float:
    """Draw the tilt of the thighs at the bottom, with the hips at least at LEAST_HIP_M; a wide stance allows more."""
    body = d.body
    leg_m = np.hypot(LEAST_HIP_M, d.values["squat_half_stance_m"] - body.joint_position("thigh.L")[1])
    cosine = (leg_m - body.shin_m * np.cos(np.radians(d.values["squat_shin_deg"]))) / body.thigh_m
    wanted = d.usual if d.values["depth"] == "" else d.values["depth_deg"]
    return min(wanted, float(np.degrees(np.arccos(np.clip(cosine, -1, 1)))))


def _random_hands(d: ranges.DrawContext) -> HandPositions:
    rng, standing = d.rng, ranges.pick(d.rng, tuple(PLACES))
    bottom = standing if rng.random() < STAY else ranges.pick(rng, FOR_BALANCE)
    return HandPositions(
        standing=_near(rng, PLACES[standing], 0.06),
        bottom=_near(rng, PLACES[bottom], 0.1 if bottom != standing else 0.04),
        with_trunk=rng.uniform(0, 1) if rng.random() < 0.5 else 1.0,
        elbows=(rng.uniform(-0.6, 0.6), rng.uniform(0.1, 1.0), rng.uniform(-1.0, 0.0)),
        uneven=_near(rng, (0.0, 0.0, 0.0), 0.03),
    )


def _near(rng: np.random.Generator, place: Sequence[float], spread: float) -> tuple[float, float, float]:
    forward, aside, up = (float(value + spread * rng.normal()) for value in place)
    return forward, aside, up


WIDE: ranges.Draws = {
    "hands": ranges.sometimes(0.7, _random_hands),
    "grip_half_m": lambda d: d.usual + (d.rng.uniform(-0.05, 0.25) if d.loaded else 0.0),
    "stance": ranges.by_share(any=0.5),
    "squat_half_stance_m": ranges.by_variant("stance", any=(0.08, 0.42)),
    "squat_toe_out_rad": ranges.by_variant(
        "stance", any=lambda d: d.values["squat_half_stance_m"] + d.rng.uniform(-0.05, 0.4)
    ),
    # A bow resembles a good morning: hips back, trunk level, knees hardly bent.
    "depth": ranges.by_share(bows=0.12, any=0.4),
    "depth_deg": ranges.by_variant("depth", bows=(30, 58), any=(46, 128)),  # at 46°, hips sink a third as far as at 95°
    "squat_shin_deg": ranges.by_variant(
        "depth", bows=(0, 10), any=lambda d: d.usual * min(d.values["depth_deg"] / USUAL_DEPTH_DEG, 1.0)
    ),
    "squat_thigh_deg": _thigh_deg,
    "balance_m": lambda d: (
        d.rng.uniform(0.08, 0.26) if d.values["depth"] == "bows" else ranges.usual_plus(-0.02, 0.13)(d)
    ),
    "bottom_s": ranges.sometimes(0.25, ranges.log_uniform_draw(0.2, 3.0)),
    "pace": ranges.by_share(any=0.4),
    "whole_s": ranges.log_uniform_draw(0.8, 8.0),  # descent plus ascent
    "descend_s": ranges.by_variant("pace", any=lambda d: d.rng.uniform(0.35, 0.65) * d.values["whole_s"]),
    "ascend_s": ranges.by_variant("pace", any=lambda d: d.values["whole_s"] - d.values["descend_s"]),
}
"""Draws from wide ranges: hands anywhere, any stance, depth and pace, and leans of up to 75 degrees."""

SQUAT = Lift(
    name="squat",
    posture=squat_posture,
    timing=make_timing_draw(
        away_s=Phase("descend_s", 0.1),
        back_s=Phase("ascend_s", 0.1, tired=0.25),
        pause_s=Phase("bottom_s", 0.3, 0.0),
        rest_s=Phase(lambda lifter: 0.3 + 0.5 * lifter.floor_s, 0.25),
        tired=0.02,
        varies=0.02,
        rebound=0.4,
    ),
    faults=fault_motion.SQUAT,
    before=("idle", "walkin", "tie_shoe", "stretch", "shift", "bend", "sit"),
    between=("idle", "shift", "bend", "stretch"),
    loaded=0.6,
    wide_draws=WIDE,
    wide_pace=(0.6, 2.2),
    typical=lambda lifter: lifter.squat_thigh_deg >= SQUATS_DEG,
)
