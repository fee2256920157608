"""Defines the squat and the lunge. The bar lies on the back; without a bar, the hands have their own places.

Squat: the bar, or without a bar the body's centre, stays over the planted feet.

Lunge: forward, backward, or as a split squat, with alternating legs or the same leg in front. At the bottom the front
knee is flexed by 80 to 110 degrees with a shin near vertical, and the rear knee is near the floor (Escamilla et al.
2008, 2010; Schuetz et al. 2014 for split squats). The trunk stays within 20 degrees of upright.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from livecoach.core.config import read_yaml
from livecoach.lab.synth.figure.body_mesh import SIDES, SIGN, BodyModel
from livecoach.lab.synth.figure.geometry import minimum_jerk
from livecoach.lab.synth.figure.posture import AWAY_Z, BOTH, Posture, spine_vector, standing_posture
from livecoach.lab.synth.motion import fault_motion, limbs, ranges
from livecoach.lab.synth.motion.lift_motion import Lift, style_of
from livecoach.lab.synth.motion.lifter import HANDS, HandPositions, SyntheticLifter
from livecoach.lab.synth.motion.moves import OTHER_SIDE
from livecoach.lab.synth.motion.rep import MIN_REST_S, Form, FormBuilder, Phase, make_timing_draw

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
    posture.add(hip_y=form["shift"])
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
    posture.put(bar_roll=tilt, roll=0.4 * tilt, side=0.6 * tilt)
    if not lifter.loaded:
        posture.put(bar_x=0.0, bar_z=AWAY_Z)
        limbs.put_hands(posture, body, hands, down)
        return
    posture["bar_x"], posture["bar_z"] = posture.end_from_hips(_to_bar(body, lifter, form))
    posture["bar_y"] = posture["hip_y"] - np.sin(tilt) * 0.4
    limbs.hold_bar(posture, lifter.grip_half_m + 0.16, posture["bar_x"] + 0.01, posture["bar_y"])
    posture.put(BOTH, pole_x=-0.55, pole_y=0.1, pole_z=-1.0)


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


DEEPEST_LUNGE = 1.06  # Greatest progress of a rep, relative to the lifter's usual depth of 1
STEP_UP_M = 0.07  # Height of the foot in the middle of a step
LEAST_KNEE_M = 0.06  # Height of a knee that touches the floor
STEEP = 0.25  # Missing share of the stride at which the rear thigh is vertical at the bottom
REAR_HEEL_RAD = 0.75  # Pitch of the rear foot at the bottom, on its toes
TOES_M = 0.165  # Distance from the ankle to the toes, about which the rear foot turns: the mesh has no joint there
MOST_THIGH_DEG = 97.0  # Largest tilt of the front thigh: beyond it, the hips are below the knee
MOST_REAR_RAD = np.radians(35)  # Largest tilt of the rear thigh at the bottom
SOFT_M = 0.02  # Width of the transition between the wanted height of the hips and the height that the legs reach
IN_LUNGES = ("sides", "sides", "hips", "clasped", "crossed", "goblet")
"""Names in HANDS for lunges; repeated names are drawn more often."""
KINDS = {"forward": 0.4, "reverse": 0.35, "split": 0.25}  # Shares of lifters
ALTERNATES = 0.65  # Share of lifters who alternate their legs, except in split squats


@dataclass(frozen=True, slots=True, kw_only=True)
class _LungeStyle:
    """The personal style of a lifter's lunge: kind, angles, stance and tempo."""

    kind: Literal["forward", "reverse", "split"] = ranges.choice(KINDS)
    knee_deg: float = ranges.uniform(84, 108, wide=(62, 115), set_sd=2.5)  # flexion of the front knee at the bottom
    first: float = ranges.choice((-1.0, 1.0))  # leg that is in front in the first rep: 1 left, -1 right
    alternates: bool = ranges.drawn_by(lambda d: bool(d.rng.random() < ALTERNATES) and d.values["kind"] != "split")
    half_stance_m: float = ranges.uniform(0.06, 0.14, wide=(0.03, 0.19))
    shin_deg: float = ranges.drawn_by(
        lambda d: max(d.rng.uniform(-2, 18), d.values["knee_deg"] - MOST_THIGH_DEG),
        wide=lambda d: max(d.rng.uniform(-8, 30), d.values["knee_deg"] - MOST_THIGH_DEG),
        set_sd=1.5,
    )
    """Forward tilt of the front shin at the bottom."""
    rear_knee_m: float = ranges.uniform(0.08, 0.16, wide=(0.07, 0.3), set_sd=0.01)  # height of the knee at the bottom
    lean_deg: float = ranges.uniform(0, 18, wide=(-3, 38), set_sd=1.5)  # lean of the trunk at the bottom
    step_share: float = ranges.uniform(0.4, 0.55, wide=(0.35, 0.65))  # progress at which the foot has landed
    hands: str = ranges.choice(IN_LUNGES)  # places of the hands without a bar
    descend_s: float = ranges.duration(0.9, 2.2)
    bottom_s: float = ranges.pause(0.15, 0.15, 0.8, 0.1)
    ascend_s: float = ranges.duration(0.8, 1.9)
    top_s: float = ranges.duration(0.12, 1.2, wide=(0.06, 2.5))


def lunge_posture(body: BodyModel, progress: np.ndarray, lifter: SyntheticLifter, form: Form) -> Posture:
    """Return the posture of a lunge at each progress (T,): 0 standing, 1 with the rear knee near the floor.

    The origin is at the rear foot in a forward lunge, at the front foot in a reverse lunge, and between both feet in a
    split squat.
    """
    style, progress = style_of(lifter, _LungeStyle), np.clip(progress, 0, DEEPEST_LUNGE)
    posture = standing_posture(body, len(progress), style.half_stance_m, 0.4 * lifter.toe_out_rad)
    leg = style.first if form["leg"][0] == 0 else float(form["leg"][0])
    front = "L" if leg > 0 else "R"
    _put_feet(posture, body, progress, style, form, front)
    _put_hips_back(posture, body, progress, style, form, front)
    posture.add(hip_y=form["shift"])
    lean = np.radians(style.lean_deg) * progress + 2.0 * form["forward"]
    posture["pitch"] = 0.02 + lean - form["lumbar"] - form["thoracic"] * 0.5
    limbs.bend_spine(posture, lifter, form)
    posture[f"knee_in_{front}"] = form[f"knee_in_{front}"] * np.clip(progress / 0.6, 0, 1)
    place_bar_and_hands(posture, body, lifter, form, HANDS[style.hands], np.zeros_like(progress))
    return posture


def _stride_m(body: BodyModel, style: _LungeStyle) -> float:
    """Return the distance between front and rear ankle at the bottom of a lunge."""
    thigh, shin = np.radians([style.knee_deg - style.shin_deg, style.shin_deg])
    hip_z = body.ankle_height_m + body.shin_m * np.cos(shin) + body.thigh_m * np.cos(thigh)
    rear = min(np.arccos(np.clip((hip_z - style.rear_knee_m) / body.thigh_m, -1, 1)), MOST_REAR_RAD)
    knee_z = hip_z - body.thigh_m * np.cos(rear)
    ankle_z = body.ankle_height_m * np.cos(REAR_HEEL_RAD) + TOES_M * np.sin(REAR_HEEL_RAD)
    level_m = np.sqrt(max(body.shin_m**2 - (knee_z - ankle_z) ** 2, 0.01))
    toes_m, _ = limbs.ankle_shift_m(body, REAR_HEEL_RAD, TOES_M)
    ahead_m = body.thigh_m * np.sin(thigh) - body.shin_m * np.sin(shin)
    return float(ahead_m + body.thigh_m * np.sin(rear) + level_m + toes_m)


def _put_feet(
    posture: Posture, body: BodyModel, progress: np.ndarray, style: _LungeStyle, form: Form, front: str
) -> None:
    """Put the feet apart with a step, and raise the rear heel while the hips sink."""
    far_m = _stride_m(body, style) * (1 - form["step"])
    rear = OTHER_SIDE[front]
    step = (
        np.ones_like(progress)
        if style.kind == "split"
        else np.sin(np.pi / 2 * np.clip(progress / style.step_share, 0, 1))
    )
    steps, ahead = {"forward": (front, 1.0), "reverse": (rear, 0.0), "split": (front, 0.5)}[style.kind]
    posture.add(front, foot_x=ahead * far_m * step)
    posture.add(rear, foot_x=-(1 - ahead) * far_m * step)
    posture.add(steps, foot_z=STEP_UP_M * np.sin(np.pi * step))
    posture[f"foot_yaw_{rear}"] = 0.5 * posture[f"foot_yaw_{rear}"]
    sunk = minimum_jerk((progress - 0.3) / 0.6) if style.kind != "split" else 0.35 + 0.65 * minimum_jerk(progress / 0.8)
    angle = REAR_HEEL_RAD * np.maximum(sunk, 0.5 * step if steps == rear else 0.0)
    forward_m, up_m = limbs.ankle_shift_m(body, angle, TOES_M)
    posture.add(rear, foot_z=up_m, foot_x=forward_m)
    posture.put(rear, foot_pitch=angle)


def _put_hips_back(
    posture: Posture, body: BodyModel, progress: np.ndarray, style: _LungeStyle, form: Form, front: str
) -> None:
    """Move the hips from over the standing foot to behind the front foot, not higher than both legs reach."""
    shin = np.radians(style.shin_deg) + form["shin"]
    thigh = np.radians(style.knee_deg - style.shin_deg) + form["thigh"]
    low_x = posture[f"foot_x_{front}"] + body.shin_m * np.sin(shin) - body.thigh_m * np.sin(thigh)
    low_z = body.ankle_height_m + body.shin_m * np.cos(shin) + body.thigh_m * np.cos(thigh)
    steep = np.cos(MOST_REAR_RAD) + (1 - np.cos(MOST_REAR_RAD)) * np.clip(form["step"] / STEEP, 0, 1)
    low_z = np.maximum(low_z, LEAST_KNEE_M + body.thigh_m * steep)  # the rear knee stays above the floor
    rear_x = posture[f"foot_x_{OTHER_SIDE[front]}"]
    middle_x = 0.5 * (posture[f"foot_x_{front}"] + rear_x) - 0.01
    share = progress if style.kind == "split" else minimum_jerk(progress / 0.9)
    posture["hip_x"] = middle_x + (low_x - middle_x) * share
    sinking = progress if style.kind == "split" else np.clip((progress - 0.12) / 0.88, 0, None)
    high_z = posture["hip_z"] - 0.01
    wanted = high_z + (low_z - high_z) * sinking
    leg_m = limbs.STRAIGHT * (body.thigh_m + body.shin_m)
    for side in SIDES:
        aside_m = posture[f"foot_y_{side}"] - SIGN[side] * abs(body.joint_position("thigh.L")[1])
        away2 = (posture[f"foot_x_{side}"] - posture["hip_x"]) ** 2 + aside_m**2
        reach_z = posture[f"foot_z_{side}"] + np.sqrt(np.maximum(leg_m**2 - away2, 0.01))
        # The smaller of both heights, rounded off where they meet.
        wanted = 0.5 * (wanted + reach_z - np.sqrt((wanted - reach_z) ** 2 + SOFT_M**2))
    posture["hip_z"] = wanted


def _alternate_legs(builder: FormBuilder, _fps: float) -> None:
    style = style_of(builder.lifter, _LungeStyle)
    builder.add(leg=style.first * (-1.0 if style.alternates and builder.number % 2 else 1.0))


LUNGE = Lift(
    name="lunge",
    posture=lunge_posture,
    timing=make_timing_draw(
        away_s=Phase("descend_s", 0.1),
        pause_s=Phase("bottom_s", 0.3, 0.0),
        back_s=Phase("ascend_s", 0.1, tired=0.2),
        rest_s=Phase("top_s", 0.25, MIN_REST_S),
        tired=0.02,
        varies=0.025,
        rebound=0.3,
    ),
    faults=fault_motion.LUNGE,
    loaded=0.3,
    wide_draws={"grip_half_m": ranges.usual_plus(-0.05, 0.2)},
    wide_pace=(0.6, 2.0),
    style=_LungeStyle,
    habits=_alternate_legs,
    same_as=("lunge",),
)
