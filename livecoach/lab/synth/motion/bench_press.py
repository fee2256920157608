"""Defines the bench press: the lifter lies on a bench, and the bar goes from straight arms to the chest and back.

The grip is 1 to 2 shoulder widths wide. The bar is over the shoulders at the top and on the lower chest at the bottom,
and moves towards the shoulders early in the press: Wilson, Elliott and Kerr (1989), van den Tillaar and Ettema (2010).
"""

from dataclasses import dataclass

import numpy as np

from livecoach.lab.synth.figure.body_mesh import SIDES, SIGN, BodyModel
from livecoach.lab.synth.figure.posture import Posture, add, put, spine_vector, standing_posture
from livecoach.lab.synth.motion.lift_motion import Lift, style_of
from livecoach.lab.synth.motion.lifter import SyntheticLifter
from livecoach.lab.synth.motion.limbs import hold_bar, lean_rad, point_elbows, shoulder_middle
from livecoach.lab.synth.motion.ranges import drawn_by, duration, pause, uniform
from livecoach.lab.synth.motion.rep import Form, Phase, make_timing_draw

HIP_OVER_SEAT_M = 0.095  # Height of the hip joints over the bench
REACH = 0.99  # Stretched length of an arm that looks straight, as a share of its length
CHEST_BAND_M = 0.03  # Half the height of the band in which the chest's surface is measured
BAR_OVER_CHEST_M = 0.015  # Height of the bar's middle over the chest


@dataclass(frozen=True, slots=True, kw_only=True)
class _BenchPressStyle:
    seat_m: float = uniform(0.4, 0.48)  # height of the bench
    touch_m: float = uniform(0.08, 0.2, wide=(0.02, 0.26), set_sd=0.008)
    """Distance from the shoulders, towards the feet, at which the bar touches the chest."""
    top_ahead_m: float = uniform(-0.03, 0.07, set_sd=0.008)
    """Distance from the shoulders, towards the feet, of the bar at the top."""
    arch_rad: float = uniform(0.0, 0.3, wide=(0.0, 0.4))  # arch of the back; the shoulders stay on the bench
    knee_rad: float = uniform(-0.25, 0.3, wide=(-0.4, 0.45))
    """Tilt of the shins, > 0 with the feet drawn back under the knees."""
    half_feet_m: float = uniform(0.2, 0.36)
    feet_back_m: float = uniform(-0.03, 0.06, set_sd=0.02)
    """Distance of the hips behind the place at which the thighs are level."""
    elbows_out: float = uniform(0.35, 0.95, wide=(0.1, 1.0), set_sd=0.03)
    """Direction of the upper arms: 0 along the trunk, 1 straight aside."""
    grip_half_m: float = drawn_by(lambda d: d.body.shoulder_half_m * d.rng.uniform(1.05, 1.9))
    curve: float = uniform(0.7, 1.4)  # below 1, the bar moves towards the shoulders early in the press; above 1, late
    lower_s: float = duration(0.7, 2.6, wide=(0.4, 4.0))
    chest_s: float = pause(0.2, 0.2, 1.2, 0.12)
    press_s: float = duration(0.6, 2.4, wide=(0.4, 4.0))
    top_s: float = duration(0.15, 1.6)


def bench_press_posture(body: BodyModel, progress: np.ndarray, lifter: SyntheticLifter, form: Form) -> Posture:
    """Return the posture of a bench press at each progress (T,): 0 with straight arms, 1 with the bar on the chest.

    The feet are at the origin, and the head points to -x.
    """
    style = style_of(lifter, _BenchPressStyle)
    posture = standing_posture(body, len(progress), style.half_feet_m, 0.35)
    _lie(posture, body, style, form)
    x, z = shoulder_middle(body, posture)
    touch_m = style.touch_m + form["forward"]
    chest_m = _chest_over_shoulders_m(body, style.touch_m) + 0.15 * style.arch_rad + BAR_OVER_CHEST_M
    aside_m = style.grip_half_m - body.shoulder_half_m
    high_m = np.sqrt((REACH * body.arm_m) ** 2 - aside_m**2 - style.top_ahead_m**2)
    down = np.clip(progress, -0.02, 1.05)
    posture["bar_x"] = x + style.top_ahead_m + (touch_m - style.top_ahead_m) * np.clip(down, 0, 1) ** style.curve
    posture["bar_z"] = np.minimum(z + high_m + (chest_m - high_m) * down, z + high_m)
    posture["bar_roll"] = 0.5 * lifter.tilt_rad + form["tilt"]
    for side in SIDES:
        hold_bar(posture, side, SIGN[side] * style.grip_half_m, posture["bar_x"], 0.0)
    point_elbows(posture, 1 - style.elbows_out, style.elbows_out, -0.5)
    return posture


def _chest_over_shoulders_m(body: BodyModel, down_m: float) -> float:
    """Return the height of the chest's surface over the shoulder joints, `down_m` from these towards the feet."""
    shoulder = body.joint_position("upperarm.L")
    band = np.abs(body.vertices[:, 2] - (shoulder[2] - down_m)) < CHEST_BAND_M
    front = body.vertices[band & (np.abs(body.vertices[:, 1]) < 0.1), 0].max()
    return float(front - shoulder[0])


def _lie(posture: Posture, body: BodyModel, style: _BenchPressStyle, form: Form) -> None:
    """Put the trunk on the bench, with hips and shoulders at the same height, and the feet flat on the floor."""
    hip_m = style.seat_m + HIP_OVER_SEAT_M
    knee_x = body.shin_m * np.sin(style.knee_rad)
    aside_m = style.half_feet_m - body.joint_position("thigh.L")[1]
    rise_m = body.ankle_height_m + body.shin_m * np.cos(style.knee_rad) - hip_m
    level_m = np.sqrt(max(body.thigh_m**2 - rise_m**2 - 0.25 * aside_m**2, 0.01))
    put(posture, hip_x=knee_x - level_m - style.feet_back_m, hip_z=hip_m)
    put(posture, lumbar=-style.arch_rad + 0.3 * form["lumbar"], thoracic=0.12 + 0.3 * form["thoracic"])
    spine = spine_vector(body, posture["lumbar"], posture["thoracic"])
    posture["pitch"] = -np.pi / 2 - lean_rad(spine) - 0.02
    put(posture, neck=0.1 + 0.5 * form["neck"], twist=0.3 * form["twist"])
    add(posture, hip_y=0.3 * form["shift"])
    for side in SIDES:
        put(posture, side, knee_up=0.7, knee_in=0.3 * form[f"knee_in_{side}"])


BENCH_PRESS = Lift(
    name="bench_press",
    posture=bench_press_posture,
    turn="bar on the chest",
    bent=lambda progress: 0.3 * progress,
    timing=make_timing_draw(
        away_s=Phase("lower_s", 0.1),
        pause_s=Phase("chest_s", 0.3, 0.0),
        back_s=Phase("press_s", 0.1, tired=0.35),
        rest_s=Phase("top_s", 0.25, 0.1),
        varies=0.01,
        rebound=0.4,
    ),
    before=("idle", "walkin", "stretch", "bend"),
    between=("idle",),
    after=("idle", "walkout", "stretch"),
    loaded=1.0,
    style=_BenchPressStyle,
    under_bar=0.06,
    rack_m=0.0,
    lies=True,
)
