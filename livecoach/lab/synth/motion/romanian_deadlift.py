"""The Romanian deadlift: a hip hinge that starts and ends standing, with the bar in the hands.

The knees bend by 15 to 30 degrees and then stay. The hips go back until they are flexed by 90 to 110 degrees, and the
bar reaches a height between the knee and mid-shin, close to the legs (McAllister et al. 2014; Lee et al. 2018).
"""

from dataclasses import dataclass

import numpy as np

from livecoach.lab.synth.figure.body import BodyModel
from livecoach.lab.synth.figure.posture import AWAY_Z, Posture, put, stand
from livecoach.lab.synth.motion import faults
from livecoach.lab.synth.motion.deadlift import hang_bar, lockout_z, loose, stray
from livecoach.lab.synth.motion.lift import Lift, style_of, taking_with
from livecoach.lab.synth.motion.lifter import SyntheticLifter
from livecoach.lab.synth.motion.limbs import move_legs, put_hips
from livecoach.lab.synth.motion.ranges import Draws, by, pause, seconds, some, uniform
from livecoach.lab.synth.motion.rep import MIN_REST_S, Form, Phase, rhythm

DEEPEST = 1.06  # progress of a rep, relative to the lifter's usual depth of 1
KNEES_AT = 0.45  # progress at which the knees have bent as far as they will
FROM_FLOOR = 0.5  # share of lifters who take the bar from the floor
STIFF_DEG = 36.0  # knee flexion above which it is no Romanian deadlift


@dataclass(frozen=True, slots=True, kw_only=True)
class RomanianStyle:
    from_floor: bool = by(lambda d: bool(d.rng.random() < FROM_FLOOR) and d.loaded)
    """The lifter takes the bar from the floor and puts it there again, instead of a rack."""
    half_stance_m: float = uniform(0.07, 0.17, wide=(0.05, 0.27))
    thigh_deg: float = uniform(15, 27, wide=(8, 33), day=1.2)
    """Tilt of the thighs at the bottom; with that of the shins, the flexion of the knees."""
    shin_deg: float = uniform(-3, 4, wide=(-6, 8), day=0.8)  # tilt of the shins at the bottom, > 0 forward
    bottom: float = uniform(0.5, 1.0, wide=(0.3, 1.25), day=0.05)
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
    top_z = lockout_z(body, lifter, style.half_stance_m)
    low_z = body.ankle_height_m + style.bottom * body.shin_m
    posture["bar_z"] = top_z + lift * (low_z - top_z)
    posture["bar_x"] = lifter.bar_x_m - style.close_m * np.clip(1 - 2 * lift, 0, 1) + form["forward"]
    hang_bar(posture, body, lifter, form, lifter.tilt_rad + form["tilt"])
    if not lifter.loaded:
        put(posture, bar_z=AWAY_Z)
    move_legs(posture, body, form, np.clip(lift, 0, 1))
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


OWN: Draws = {
    "loose_m": loose(0.02),
    "grip_half_m": lambda d: d.body.shoulder_half_m + d.rng.uniform(*((-0.02, 0.12) if d.loaded else (-0.06, 0.04))),
    "toe_out_rad": (0.0, 0.4),
    "bar_x_m": (0.09, 0.14),
}
WIDE: Draws = {
    "spine_rad": some(0.3, (0.2, 0.5)),
    "grip_half_m": some(0.2, lambda d: d.body.shoulder_half_m + d.rng.uniform(0.1, 0.3)),
    "bar_x_m": lambda d: d.usual + (d.rng.uniform(0.0, 0.1) if d.rng.random() < 0.3 and d.loaded else 0.0),
    "loose_m": loose(0.04),
}


ROMANIAN_DEADLIFT = Lift(
    name="romanian_deadlift",
    posture=romanian_deadlift,
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
    style=RomanianStyle,
    own=OWN,
    wide=WIDE,
    wide_pace=(0.5, 1.8),
    habits=stray,
    typical=lambda lifter: lifter.style.thigh_deg + lifter.style.shin_deg < STIFF_DEG,
    taking=taking_with("half_stance_m", when=lambda style: style.from_floor),
    same_as=("hip_hinge_stretch",),
    under_bar=0.06,
)
