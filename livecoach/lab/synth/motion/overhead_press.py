"""Defines the overhead press: from the shoulders to straight arms over the middle of the feet, standing.

The bar starts on the collarbones with the forearms near vertical, passes the face closely and ends over shoulders and
mid-foot; the trunk leans back a little until the bar has passed the head. Dumbbells start beside the shoulders and may
come together at the top (Saeterbakken and Fimland 2013). Durations and path are our choice.
"""

from dataclasses import dataclass

import numpy as np

from livecoach.lab.synth.figure.body_mesh import SIDES, SIGN, BodyModel
from livecoach.lab.synth.figure.geometry import minimum_jerk
from livecoach.lab.synth.figure.posture import AWAY_Z, Posture, add, put, standing_posture
from livecoach.lab.synth.motion import fault_motion
from livecoach.lab.synth.motion.deadlift import add_hand_movement, hand_offset_draw
from livecoach.lab.synth.motion.lift_motion import Lift, style_of
from livecoach.lab.synth.motion.lifter import SyntheticLifter
from livecoach.lab.synth.motion.limbs import bend_spine, hold_bar, put_hips, raise_heels, shoulder_middle
from livecoach.lab.synth.motion.ranges import by_flag, drawn_by, duration, sometimes, uniform, usual_plus
from livecoach.lab.synth.motion.rep import MIN_REST_S, Form, FormBuilder, Phase, make_timing_draw

REACH = 0.992  # Stretched length of an arm that looks straight, as a share of its length
SHRUG_M = 0.03  # Rise of the shoulders under the bar at the top
PAST_HEAD = 0.6  # Progress at which the bar is above the head
DIP_RAD = 7.0  # Flexion of the knees in a dip, for each unit of progress below 0
SHINS = 0.45  # Share of the knees' flexion in a dip that tilts the shins


@dataclass(frozen=True, slots=True, kw_only=True)
class _PressStyle:
    half_stance_m: float = uniform(0.08, 0.2, wide=(0.05, 0.3))
    grip_half_m: float = drawn_by(
        lambda d: d.body.shoulder_half_m + d.rng.uniform(*((0.02, 0.14) if d.loaded else (0.07, 0.14))),
        wide=sometimes(0.4, lambda d: d.body.shoulder_half_m + d.rng.uniform(-0.03, 0.3)),
    )
    rack_up_m: float = by_flag(
        "loaded", (0.05, 0.11), (0.07, 0.16), wide=sometimes(0.3, usual_plus(0.0, 0.16)), set_sd=0.006
    )
    """Height of the hands over the shoulder joints at the start."""
    rack_ahead_m: float = by_flag("loaded", (0.12, 0.16), (0.09, 0.15), wide=usual_plus(-0.01, 0.05), set_sd=0.006)
    """Distance of the hands in front of the shoulder joints at the start."""
    clear_m: float = uniform(0.03, 0.07, wide=(0.0, 0.1))
    """Distance by which the hands are further forward when they pass the face."""
    top_ahead_m: float = uniform(-0.04, 0.04, wide=(-0.08, 0.12), set_sd=0.01)
    """Distance of the hands in front of the shoulder joints at the top."""
    closer_m: float = uniform(0.0, 0.12)  # distance by which each dumbbell is closer to the middle at the top
    turned: float = drawn_by(lambda d: 1.0 if d.rng.random() < 0.6 else d.rng.uniform(0.0, 0.5))
    """Rotation of the grip on dumbbells: 1 as on a bar, 0 with the palms inward."""
    lean_rad: float = uniform(0.02, 0.16, wide=(-0.03, 0.28), set_sd=0.02)
    """Lean of the trunk past upright while the bar passes the head."""
    elbows_out: float = by_flag("loaded", (0.05, 0.5), (0.3, 0.9), wide=(0.0, 1.0))
    """Direction of the elbows at the start: 0 forward, 1 aside."""
    raise_s: float = duration(0.8, 2.2)
    top_s: float = duration(0.1, 1.2, wide=(0.06, 2.5))
    lower_s: float = duration(0.7, 2.4)
    rest_s: float = duration(0.12, 1.2, wide=(0.06, 2.5))


def overhead_press_posture(body: BodyModel, progress: np.ndarray, lifter: SyntheticLifter, form: Form) -> Posture:
    """Return the posture of an overhead press at each progress (T,): 0 at the shoulders, 1 overhead, < 0 in a dip."""
    style = style_of(lifter, _PressStyle)
    posture = standing_posture(body, len(progress), style.half_stance_m, 0.6 * lifter.toe_out_rad)
    up, passing = np.clip(progress, 0, 1.01), 1 - minimum_jerk((progress - 0.3) / (PAST_HEAD - 0.3))
    knees = DIP_RAD * np.clip(-progress, 0, 0.2) + 1.5 * form["unlock"]
    push_m = 0.35 * body.thigh_m * np.sin(form["lean_back"])  # the hips go forward as the trunk leans back
    put_hips(posture, body, (1 - SHINS) * knees, SHINS * knees, push_m - 0.005)
    add(posture, hip_y=form["shift"])
    posture["pitch"] = 0.02 - style.lean_rad * passing - form["lean_back"]
    bend_spine(posture, lifter, form)
    posture["neck"] = posture["neck"] - 0.25 * passing * np.clip(up / 0.1, 0, 1) - 0.5 * form["lean_back"]
    tilt = 0.6 * lifter.tilt_rad + form["tilt"]
    put(posture, bar_roll=tilt, roll=0.15 * tilt, side=0.3 * tilt)
    _put_hands(posture, body, up, lifter, form)
    raise_heels(posture, body, form)
    return posture


def _put_hands(posture: Posture, body: BodyModel, up: np.ndarray, lifter: SyntheticLifter, form: Form) -> None:
    style = style_of(lifter, _PressStyle)
    x, z = shoulder_middle(body, posture)
    aside_m = style.grip_half_m - style.closer_m * up * (not lifter.loaded) - body.shoulder_half_m
    flexion = 0.25 * (form["elbow_L"] + form["elbow_R"])
    reach_m = REACH * body.arm_m * np.cos(flexion)
    straight_m = style.rack_ahead_m + (style.top_ahead_m - style.rack_ahead_m) * minimum_jerk((up - 0.25) / 0.75)
    around_m = style.clear_m * np.sin(np.pi * np.clip(up / 0.75, 0, 1)) ** 2  # a bar goes around the face
    ahead_m = straight_m + (around_m if lifter.loaded else 0.0) + form["forward"]
    top_m = np.sqrt(np.maximum(reach_m**2 - aside_m**2 - ahead_m**2, 0.04)) + SHRUG_M * (up - 1)
    posture["bar_x"] = x + ahead_m
    posture["bar_z"] = z + style.rack_up_m + (top_m - style.rack_up_m) * up
    posture["bar_y"] = posture["hip_y"]
    out = style.elbows_out + 0.4 * (1 - style.elbows_out) * up
    for side in SIDES:
        hold_bar(posture, side, 0.0, posture["bar_x"], posture["bar_y"])
        middle_m = SIGN[side] * (body.shoulder_half_m + aside_m)
        hand_z = posture["bar_z"] + middle_m * np.sin(posture["bar_roll"])
        put(posture, side, hand_y=posture["bar_y"] + middle_m, hand_z=hand_z)
        put(posture, side, pole_x=0.8 - 0.6 * out, pole_y=0.1 + 0.8 * out, pole_z=-0.9)
        strays = 0.5 * SIGN[side]
        room = 1 - 0.85 * up  # straight arms can't move
        add(posture, side, hand_x=strays * form["ahead"] * room, hand_z=strays * form["above"] * room)
    if not lifter.loaded:
        put(posture, bar_z=AWAY_Z, grip_L=style.turned, grip_R=style.turned)


def _habits(builder: FormBuilder, fps: float) -> None:
    builder.add(elbow=builder.lifter.elbow_rad)
    add_hand_movement(builder, fps)


OVERHEAD_PRESS = Lift(
    name="overhead_press",
    posture=overhead_press_posture,
    turns_low=False,
    turn="lockout",
    bent=np.zeros_like,
    timing=make_timing_draw(
        away_s=Phase("raise_s", 0.1, tired=0.3),
        pause_s=Phase("top_s", 0.2, MIN_REST_S),
        back_s=Phase("lower_s", 0.1),
        rest_s=Phase("rest_s", 0.25, MIN_REST_S),
        tired=0.01,
        lands=(0.3, "rebound"),
    ),
    faults=fault_motion.OVERHEAD_PRESS,
    loaded=0.65,
    style=_PressStyle,
    own_draws={"hand_offset_m": hand_offset_draw(0.02)},
    wide_draws={"elbow_rad": sometimes(0.25, (0.2, 0.6), 0.0), "hand_offset_m": hand_offset_draw(0.05)},
    wide_pace=(0.5, 1.9),
    habits=_habits,
    under_bar=-0.04,
)
