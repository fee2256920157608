"""The Romanian deadlift: a hip hinge that starts and ends standing, with the bar in the hands.

The knees bend by 15 to 30 degrees and then stay. The hips go back until they are flexed by 90 to 110 degrees, and the
bar reaches a height between the knee and mid-shin, close to the legs (McAllister et al. 2014; Lee et al. 2018).
"""

from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from livecoach.lab.synth.figure.body import BodyModel
from livecoach.lab.synth.figure.posture import AWAY_Z, Posture, add, put, spine_vector, stand
from livecoach.lab.synth.motion import faults
from livecoach.lab.synth.motion.deadlift import (
    arm_reach_m,
    hang_bar,
    lean_back_with_bar,
    lockout_z,
    pitch_to_bar,
    stray,
)
from livecoach.lab.synth.motion.lift import Lift, same_way, style_of
from livecoach.lab.synth.motion.lifter import Style, SyntheticLifter
from livecoach.lab.synth.motion.limbs import bend_spine, put_hips, raise_heels, turn_knees
from livecoach.lab.synth.motion.ranges import at_pace, by, log_uniform, pause, seconds, uniform, widened
from livecoach.lab.synth.motion.rep import (
    MIN_REST_S,
    Form,
    Phase,
    rhythm,
)

DEEPEST = 1.06  # progress of a rep, relative to the lifter's usual depth of 1
KNEES_AT = 0.45  # progress at which the knees have bent as far as they will
FROM_FLOOR = 0.5  # share of lifters who take the bar from the floor
STIFF_DEG = 36.0  # knee flexion above which it is no Romanian deadlift


@dataclass(frozen=True, slots=True, kw_only=True)
class RomanianStyle(Style):
    DAY: ClassVar[dict[str, float]] = {"thigh_deg": 1.2, "shin_deg": 0.8, "bottom": 0.05}

    from_floor: bool = by(lambda d: bool(d.rng.random() < FROM_FLOOR) and d.loaded)
    """The lifter takes the bar from the floor and puts it there again, instead of a rack."""
    half_stance_m: float = uniform(0.07, 0.17, wide=(0.05, 0.27))
    thigh_deg: float = uniform(15, 27, wide=(8, 33))
    """Tilt of the thighs at the bottom; with that of the shins, the flexion of the knees."""
    shin_deg: float = uniform(-3, 4, wide=(-6, 8))  # tilt of the shins at the bottom, > 0 forward
    bottom: float = uniform(0.5, 1.0, wide=(0.3, 1.25))
    """Height of the bar at the bottom over the ankles, in lengths of the shin; 1 is at the knees."""
    close_m: float = uniform(0.0, 0.02)  # how much closer the bar is at the top than at the bottom
    lower_s: float = seconds(1.0, 3.2)
    bottom_s: float = pause(0.15, 0.2, 1.0, 0.12)
    raise_s: float = seconds(0.7, 2.2)
    top_s: float = seconds(0.1, 1.5, wide=(0.06, 3.0))


def romanian_deadlift(body: BodyModel, lift: np.ndarray, lifter: SyntheticLifter, form: Form) -> Posture:
    """lift: (T,) 0 standing, 1 with the bar at its lowest."""
    style, lift = style_of(lifter, RomanianStyle), np.clip(lift, -0.02, DEEPEST)
    posture = stand(body, len(lift), style.half_stance_m, lifter.toe_out_rad)
    _hinge(posture, body, lift, style, form)
    add(posture, hip_y=form["shift"])
    spine = spine_vector(body, body.at("upperarm.L"), form["lumbar"], form["thoracic"])
    reach_m = arm_reach_m(body, lifter, form)
    top_z = lockout_z(body, lifter, style.half_stance_m)
    low_z = body.ankle_height_m + style.bottom * body.shin_m
    posture["bar_z"] = top_z + lift * (low_z - top_z)
    posture["bar_x"] = lifter.bar_x_m - style.close_m * np.clip(1 - 2 * lift, 0, 1) + form["forward"]
    posture["pitch"] = pitch_to_bar(posture, spine, reach_m)
    lean_back_with_bar(posture, spine, reach_m, form)
    bend_spine(posture, lifter, form)
    hang_bar(posture, lifter, form, lifter.tilt_rad + form["tilt"])
    if not lifter.loaded:
        put(posture, bar_z=AWAY_Z)
    turn_knees(posture, form, np.clip(lift, 0, 1))
    raise_heels(posture, body, form)
    return posture


def _hinge(posture: Posture, body: BodyModel, lift: np.ndarray, style: RomanianStyle, form: Form) -> None:
    """Bend the knees early and a little, and let the hips go back."""
    down = np.clip(lift, 0, None)
    early = np.clip(down + 0.25 * form["early"] * np.sqrt(down), 0, DEEPEST)
    soft = 1 - np.clip(1 - early / KNEES_AT, 0, 1) ** 2
    thigh = np.radians(style.thigh_deg) * (0.6 * soft + 0.4 * early) + form["thigh"] * down + form["unlock"]
    shin = np.radians(style.shin_deg) * soft + form["shin"] * down + 0.5 * form["unlock"]
    push_m = 0.3 * body.thigh_m * np.sin(form["lean_back"])
    put_hips(posture, body, thigh, shin, 0.01 - 0.01 * down + push_m)


def romanian_lifter(rng: np.random.Generator, body: BodyModel, lifter: SyntheticLifter) -> SyntheticLifter:
    loose_m = 0.0 if lifter.loaded else rng.uniform(0.005, 0.02)
    outside_m = rng.uniform(-0.02, 0.12) if lifter.loaded else rng.uniform(-0.06, 0.04)
    return replace(
        lifter,
        toe_out_rad=rng.uniform(0.0, 0.4),
        loose_m=loose_m,
        bar_x_m=rng.uniform(0.09, 0.14),
        grip_half_m=body.shoulder_half_m + outside_m,
    )


def _taking(_body: BodyModel, lifter: SyntheticLifter) -> SyntheticLifter | None:
    """The lifter as they take the bar from the floor; None with a rack."""
    style = style_of(lifter, RomanianStyle)
    return replace(lifter, half_stance_m=style.half_stance_m) if style.from_floor else None


def _widen(rng: np.random.Generator, body: BodyModel, lifter: SyntheticLifter) -> SyntheticLifter:
    """Draw stance, knees, depth, back, grip and pace from wider ranges."""
    slower, spine_rad, wider_m = log_uniform(rng, 0.5, 1.8), rng.uniform(0.2, 0.5), rng.uniform(0.1, 0.3)
    return replace(
        lifter,
        style=widened(at_pace(style_of(lifter, RomanianStyle), slower), rng, body, lifter.loaded),
        spine_rad=spine_rad if rng.random() < 0.3 else lifter.spine_rad,
        grip_half_m=body.shoulder_half_m + wider_m if rng.random() < 0.2 else lifter.grip_half_m,
        bar_x_m=lifter.bar_x_m + (rng.uniform(0.0, 0.1) if rng.random() < 0.3 and lifter.loaded else 0.0),
        loose_m=0.0 if lifter.loaded else rng.uniform(0.005, 0.04),
    )


def _soft_knees(lifter: SyntheticLifter) -> bool:
    style = style_of(lifter, RomanianStyle)
    return style.thigh_deg + style.shin_deg < STIFF_DEG


ROMANIAN_DEADLIFT = Lift(
    name="romanian_deadlift",
    posture=same_way(romanian_deadlift),
    rest="up",
    turn="deepest point",
    bent=lambda lift: lift,
    timing=rhythm(
        away_s=Phase("lower_s", 0.1),
        pause_s=Phase("bottom_s", 0.3, 0.0),
        back_s=Phase("raise_s", 0.1, tired=0.25),
        rest_s=Phase("top_s", 0.25, MIN_REST_S),
        tired=0.02,
        varies=0.025,
        rebound=0.4,
    ),
    faults=faults.ROMANIAN_DEADLIFT,
    loaded=0.75,
    widen=_widen,
    style=RomanianStyle,
    lifter=romanian_lifter,
    habits=stray,
    typical=_soft_knees,
    taking=_taking,
    same_as=("hip_hinge_stretch",),
    under_bar=0.06,
)
