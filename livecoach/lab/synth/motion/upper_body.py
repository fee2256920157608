"""Defines the lifts of the upper body: bench press, overhead press and barbell row.

Bench press: the lifter lies on a bench, and the bar goes from straight arms to the chest and back. The grip is 1 to 2
shoulder widths wide. The bar is over the shoulders at the top and on the lower chest at the bottom, and moves towards
the shoulders early in the press: Wilson, Elliott and Kerr (1989), van den Tillaar and Ettema (2010).

Overhead press: standing, from the shoulders to straight arms over the middle of the feet. The bar starts on the
collarbones with the forearms near vertical, passes the face closely and ends over shoulders and mid-foot; the trunk
leans back a little until the bar has passed the head. Dumbbells start beside the shoulders and may come together at
the top (Saeterbakken and Fimland 2013). Durations and path are our choice.

Barbell row: the hips stay bent while the arms pull the bar to the belly and let it down. The trunk is at 15 to 60° from
level and hardly moves in the strict form: Fenwick, Brown and McGill (2009). Some lifters pull every rep from the
floor, as Pendlay did.
"""

from dataclasses import dataclass

import numpy as np

from livecoach.lab.synth.figure.body_mesh import SIDES, SIGN, BodyModel
from livecoach.lab.synth.figure.geometry import minimum_jerk
from livecoach.lab.synth.figure.posture import AWAY_Z, BOTH, PLATE_RADIUS_M, Posture, spine_vector, standing_posture
from livecoach.lab.synth.motion import fault_motion, limbs, ranges
from livecoach.lab.synth.motion.deadlift import add_hand_movement, hand_offset_draw
from livecoach.lab.synth.motion.lift_motion import Lift, make_floor_pull, style_of
from livecoach.lab.synth.motion.lifter import SyntheticLifter
from livecoach.lab.synth.motion.rep import MIN_REST_S, Form, FormBuilder, Phase, make_timing_draw

HIP_OVER_SEAT_M = 0.095  # Height of the hip joints over the bench
BENCH_REACH = 0.99  # Stretched length of an arm that looks straight, as a share of its length
CHEST_BAND_M = 0.03  # Half the height of the band in which the chest's surface is measured
BAR_OVER_CHEST_M = 0.015  # Height of the bar's middle over the chest


@dataclass(frozen=True, slots=True, kw_only=True)
class _BenchPressStyle:
    seat_m: float = ranges.uniform(0.4, 0.48)  # height of the bench
    touch_m: float = ranges.uniform(0.08, 0.2, wide=(0.02, 0.26), set_sd=0.008)
    """Distance from the shoulders, towards the feet, at which the bar touches the chest."""
    top_ahead_m: float = ranges.uniform(-0.03, 0.07, set_sd=0.008)
    """Distance from the shoulders, towards the feet, of the bar at the top."""
    arch_rad: float = ranges.uniform(0.0, 0.3, wide=(0.0, 0.4))  # arch of the back; the shoulders stay on the bench
    knee_rad: float = ranges.uniform(-0.25, 0.3, wide=(-0.4, 0.45))
    """Tilt of the shins, > 0 with the feet drawn back under the knees."""
    half_feet_m: float = ranges.uniform(0.2, 0.36)
    feet_back_m: float = ranges.uniform(-0.03, 0.06, set_sd=0.02)
    """Distance of the hips behind the place at which the thighs are level."""
    elbows_out: float = ranges.uniform(0.35, 0.95, wide=(0.1, 1.0), set_sd=0.03)
    """Direction of the upper arms: 0 along the trunk, 1 straight aside."""
    grip_half_m: float = ranges.drawn_by(lambda d: d.body.shoulder_half_m * d.rng.uniform(1.05, 1.9))
    curve: float = ranges.uniform(0.7, 1.4)  # below 1, the bar moves to the shoulders early in the press; above 1, late
    lower_s: float = ranges.duration(0.7, 2.6, wide=(0.4, 4.0))
    chest_s: float = ranges.pause(0.2, 0.2, 1.2, 0.12)
    press_s: float = ranges.duration(0.6, 2.4, wide=(0.4, 4.0))
    top_s: float = ranges.duration(0.15, 1.6)


def bench_press_posture(body: BodyModel, progress: np.ndarray, lifter: SyntheticLifter, form: Form) -> Posture:
    """Return the posture of a bench press at each progress (T,): 0 with straight arms, 1 with the bar on the chest.

    The feet are at the origin, and the head points to -x.
    """
    style = style_of(lifter, _BenchPressStyle)
    posture = standing_posture(body, len(progress), style.half_feet_m, 0.35)
    _lie(posture, body, style, form)
    x, z = limbs.shoulder_middle(body, posture)
    touch_m = style.touch_m + form["forward"]
    chest_m = _chest_over_shoulders_m(body, style.touch_m) + 0.15 * style.arch_rad + BAR_OVER_CHEST_M
    aside_m = style.grip_half_m - body.shoulder_half_m
    high_m = np.sqrt((BENCH_REACH * body.arm_m) ** 2 - aside_m**2 - style.top_ahead_m**2)
    down = np.clip(progress, -0.02, 1.05)
    posture["bar_x"] = x + style.top_ahead_m + (touch_m - style.top_ahead_m) * np.clip(down, 0, 1) ** style.curve
    posture["bar_z"] = np.minimum(z + high_m + (chest_m - high_m) * down, z + high_m)
    posture["bar_roll"] = 0.5 * lifter.tilt_rad + form["tilt"]
    limbs.hold_bar(posture, style.grip_half_m, posture["bar_x"], 0.0)
    posture.put(BOTH, pole_x=1 - style.elbows_out, pole_y=style.elbows_out, pole_z=-0.5)
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
    posture.put(hip_x=knee_x - level_m - style.feet_back_m, hip_z=hip_m)
    posture.put(lumbar=-style.arch_rad + 0.3 * form["lumbar"], thoracic=0.12 + 0.3 * form["thoracic"])
    spine = spine_vector(body, posture["lumbar"], posture["thoracic"])
    posture["pitch"] = -np.pi / 2 - limbs.lean_rad(spine) - 0.02
    posture.put(neck=0.1 + 0.5 * form["neck"], twist=0.3 * form["twist"])
    posture.add(hip_y=0.3 * form["shift"])
    for side in SIDES:
        posture.put(side, knee_up=0.7, knee_in=0.3 * form[f"knee_in_{side}"])


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


PRESS_REACH = 0.992  # Stretched length of an arm that looks straight, as a share of its length
SHRUG_AT_TOP_M = 0.03  # Rise of the shoulders under the bar at the top
PAST_HEAD = 0.6  # Progress at which the bar is above the head
DIP_RAD = 7.0  # Flexion of the knees in a dip, for each unit of progress below 0
SHINS = 0.45  # Share of the knees' flexion in a dip that tilts the shins


@dataclass(frozen=True, slots=True, kw_only=True)
class _PressStyle:
    half_stance_m: float = ranges.uniform(0.08, 0.2, wide=(0.05, 0.3))
    grip_half_m: float = ranges.drawn_by(
        lambda d: d.body.shoulder_half_m + d.rng.uniform(*((0.02, 0.14) if d.loaded else (0.07, 0.14))),
        wide=ranges.sometimes(0.4, lambda d: d.body.shoulder_half_m + d.rng.uniform(-0.03, 0.3)),
    )
    rack_up_m: float = ranges.by_flag(
        "loaded", (0.05, 0.11), (0.07, 0.16), wide=ranges.sometimes(0.3, ranges.usual_plus(0.0, 0.16)), set_sd=0.006
    )
    """Height of the hands over the shoulder joints at the start."""
    rack_ahead_m: float = ranges.by_flag(
        "loaded", (0.12, 0.16), (0.09, 0.15), wide=ranges.usual_plus(-0.01, 0.05), set_sd=0.006
    )
    """Distance of the hands in front of the shoulder joints at the start."""
    clear_m: float = ranges.uniform(0.03, 0.07, wide=(0.0, 0.1))
    """Distance by which the hands are further forward when they pass the face."""
    top_ahead_m: float = ranges.uniform(-0.04, 0.04, wide=(-0.08, 0.12), set_sd=0.01)
    """Distance of the hands in front of the shoulder joints at the top."""
    closer_m: float = ranges.uniform(0.0, 0.12)  # distance by which each dumbbell is closer to the middle at the top
    turned: float = ranges.drawn_by(lambda d: 1.0 if d.rng.random() < 0.6 else d.rng.uniform(0.0, 0.5))
    """Rotation of the grip on dumbbells: 1 as on a bar, 0 with the palms inward."""
    lean_rad: float = ranges.uniform(0.02, 0.16, wide=(-0.03, 0.28), set_sd=0.02)
    """Lean of the trunk past upright while the bar passes the head."""
    elbows_out: float = ranges.by_flag("loaded", (0.05, 0.5), (0.3, 0.9), wide=(0.0, 1.0))
    """Direction of the elbows at the start: 0 forward, 1 aside."""
    raise_s: float = ranges.duration(0.8, 2.2)
    top_s: float = ranges.duration(0.1, 1.2, wide=(0.06, 2.5))
    lower_s: float = ranges.duration(0.7, 2.4)
    rest_s: float = ranges.duration(0.12, 1.2, wide=(0.06, 2.5))


def overhead_press_posture(body: BodyModel, progress: np.ndarray, lifter: SyntheticLifter, form: Form) -> Posture:
    """Return the posture of an overhead press at each progress (T,): 0 at the shoulders, 1 overhead, < 0 in a dip."""
    style = style_of(lifter, _PressStyle)
    posture = standing_posture(body, len(progress), style.half_stance_m, 0.6 * lifter.toe_out_rad)
    up, passing = np.clip(progress, 0, 1.01), 1 - minimum_jerk((progress - 0.3) / (PAST_HEAD - 0.3))
    knees = DIP_RAD * np.clip(-progress, 0, 0.2) + 1.5 * form["unlock"]
    push_m = 0.35 * body.thigh_m * np.sin(form["lean_back"])  # the hips go forward as the trunk leans back
    limbs.put_hips(posture, body, (1 - SHINS) * knees, SHINS * knees, push_m - 0.005)
    posture.add(hip_y=form["shift"])
    posture["pitch"] = 0.02 - style.lean_rad * passing - form["lean_back"]
    limbs.bend_spine(posture, lifter, form)
    posture["neck"] = posture["neck"] - 0.25 * passing * np.clip(up / 0.1, 0, 1) - 0.5 * form["lean_back"]
    tilt = 0.6 * lifter.tilt_rad + form["tilt"]
    posture.put(bar_roll=tilt, roll=0.15 * tilt, side=0.3 * tilt)
    _put_hands(posture, body, up, lifter, form)
    limbs.raise_heels(posture, body, form)
    return posture


def _put_hands(posture: Posture, body: BodyModel, up: np.ndarray, lifter: SyntheticLifter, form: Form) -> None:
    style = style_of(lifter, _PressStyle)
    x, z = limbs.shoulder_middle(body, posture)
    aside_m = style.grip_half_m - style.closer_m * up * (not lifter.loaded) - body.shoulder_half_m
    flexion = 0.25 * (form["elbow_L"] + form["elbow_R"])
    reach_m = PRESS_REACH * body.arm_m * np.cos(flexion)
    straight_m = style.rack_ahead_m + (style.top_ahead_m - style.rack_ahead_m) * minimum_jerk((up - 0.25) / 0.75)
    around_m = style.clear_m * np.sin(np.pi * np.clip(up / 0.75, 0, 1)) ** 2  # a bar goes around the face
    ahead_m = straight_m + (around_m if lifter.loaded else 0.0) + form["forward"]
    top_m = np.sqrt(np.maximum(reach_m**2 - aside_m**2 - ahead_m**2, 0.04)) + SHRUG_AT_TOP_M * (up - 1)
    posture["bar_x"] = x + ahead_m
    posture["bar_z"] = z + style.rack_up_m + (top_m - style.rack_up_m) * up
    posture["bar_y"] = posture["hip_y"]
    out = style.elbows_out + 0.4 * (1 - style.elbows_out) * up
    limbs.hold_bar(posture, body.shoulder_half_m + aside_m, posture["bar_x"], posture["bar_y"])
    posture.put(BOTH, pole_x=0.8 - 0.6 * out, pole_y=0.1 + 0.8 * out, pole_z=-0.9)
    room = 1 - 0.85 * up  # straight arms can't move
    for side in SIDES:
        strays = 0.5 * SIGN[side]
        posture.add(side, hand_x=strays * form["ahead"] * room, hand_z=strays * form["above"] * room)
    if not lifter.loaded:
        posture.put(bar_z=AWAY_Z, grip_L=style.turned, grip_R=style.turned)


def _press_habits(builder: FormBuilder, fps: float) -> None:
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
    wide_draws={"elbow_rad": ranges.sometimes(0.25, (0.2, 0.6), 0.0), "hand_offset_m": hand_offset_draw(0.05)},
    wide_pace=(0.5, 1.9),
    habits=_press_habits,
    under_bar=-0.04,
)


ROWS_FROM_FLOOR = 0.2  # Share of lifters who put the bar down between reps
BELLY_M = 0.13  # Distance of the pulled bar from the line between hips and shoulders
SHIN_CLEAR_M = 0.06  # Smallest distance of the hanging bar in front of the ankles


@dataclass(frozen=True, slots=True, kw_only=True)
class _BarbellRowStyle:
    from_floor: bool = ranges.drawn_by(lambda d: bool(d.rng.random() < ROWS_FROM_FLOOR) and d.loaded)
    lean_rad: float = ranges.drawn_by(
        lambda d: np.radians(90 - d.rng.uniform(*((5, 25) if d.values["from_floor"] else (15, 60)))), set_sd=0.05
    )
    """Lean of the trunk from upright between the pulls."""
    heave_rad: float = ranges.drawn_by(
        lambda d: np.radians(abs(d.rng.normal(3, 5))), wide=lambda d: np.radians(d.rng.uniform(0, 22)), set_sd=0.02
    )
    """Angle by which the trunk rises with the pull."""
    thigh_rad: float = ranges.drawn_by(
        lambda d: np.radians(d.rng.uniform(*((40, 62) if d.values["from_floor"] else (22, 42)))), set_sd=0.04
    )
    """Tilt of the thighs."""
    shin_rad: float = ranges.drawn_by(lambda d: np.radians(d.rng.uniform(0, 16)))
    pull_target: float = ranges.uniform(0.5, 0.85, wide=(0.35, 0.95), set_sd=0.03)
    """Place to which the bar is pulled: 0 the shoulders, 1 the hips."""
    swing_m: float = ranges.uniform(-0.01, 0.05)  # distance by which the bar's path curves to the front
    elbows_out: float = ranges.uniform(0.1, 0.9, wide=(0.0, 1.4))
    grip_half_m: float = ranges.drawn_by(
        lambda d: d.body.shoulder_half_m + d.rng.uniform(-0.03, 0.16),
        wide=lambda d: d.body.shoulder_half_m + d.rng.uniform(-0.06, 0.25),
    )
    pull_s: float = ranges.duration(0.45, 1.5, wide=(0.3, 3.0))
    top_s: float = ranges.duration(0.06, 0.6)
    lower_s: float = ranges.duration(0.5, 2.2, wide=(0.3, 3.5))
    bottom_s: float = ranges.duration(0.15, 1.2)


def barbell_row_posture(body: BodyModel, progress: np.ndarray, lifter: SyntheticLifter, form: Form) -> Posture:
    """Return the posture of a barbell row at each progress (T,): 0 with hanging arms, 1 with the bar at the belly."""
    style, pulled = style_of(lifter, _BarbellRowStyle), np.clip(progress, 0, 1.05)
    posture = standing_posture(body, len(progress), max(lifter.half_stance_m, 0.09), lifter.toe_out_rad)
    straighter = 0.25 * style.heave_rad * pulled
    limbs.put_hips(
        posture,
        body,
        style.thigh_rad + 0.4 * form["thigh"] - straighter,
        style.shin_rad + 0.4 * form["shin"] + np.zeros_like(progress),
        np.full_like(progress, -0.01),
    )
    posture.add(hip_y=form["shift"])
    spine = spine_vector(body, form["lumbar"], form["thoracic"])
    held_rad: np.ndarray | float = style.lean_rad
    if style.from_floor:  # the trunk leans so that straight arms reach the bar, but not less than usual
        up_m = limbs.arm_reach_m(body, style.grip_half_m) + PLATE_RADIUS_M - posture["hip_z"]
        held_rad = np.arccos(np.clip(up_m / np.linalg.norm(spine, axis=-1), -0.35, np.cos(style.lean_rad)))
    posture["pitch"] = held_rad - style.heave_rad * pulled - limbs.lean_rad(spine)
    limbs.bend_spine(posture, lifter, form)
    limbs.turn_knees(posture, form, np.full_like(progress, 0.5))
    _pull(posture, body, style, pulled, spine, form)
    tilt = 0.5 * lifter.tilt_rad + form["tilt"]
    posture.put(bar_roll=tilt, roll=0.2 * tilt, side=0.3 * tilt)
    _hold_at_belly(posture, body, style, lifter.loaded)
    return posture


def _pull(
    posture: Posture, body: BodyModel, style: _BarbellRowStyle, pulled: np.ndarray, spine: np.ndarray, form: Form
) -> None:
    x, z = posture.end_from_hips(spine)
    hang_x = np.maximum(x - 0.02, SHIN_CLEAR_M + posture["foot_x_L"]) + 0.5 * form["forward"]
    reach_m = limbs.arm_reach_m(body, style.grip_half_m)
    hang_z = z - np.sqrt(np.maximum(reach_m**2 - (hang_x - x) ** 2, 0.04))
    up = np.stack([x - posture["hip_x"], z - posture["hip_z"]], -1)
    along = up / np.linalg.norm(up, axis=-1, keepdims=True)
    belly_x = x - style.pull_target * up[:, 0] + BELLY_M * along[:, 1]
    belly_z = z - style.pull_target * up[:, 1] - BELLY_M * along[:, 0]
    posture["bar_x"] = hang_x + (belly_x - hang_x) * pulled + style.swing_m * np.sin(np.pi * np.clip(pulled, 0, 1))
    posture["bar_z"] = hang_z + (belly_z - hang_z) * pulled


def _hold_at_belly(posture: Posture, body: BodyModel, style: _BarbellRowStyle, barbell: bool) -> None:
    half_m = style.grip_half_m if barbell else body.shoulder_half_m + 0.04
    limbs.hold_bar(posture, half_m, posture["bar_x"], posture["hip_y"])
    posture.put(BOTH, pole_x=-0.6, pole_y=style.elbows_out, pole_z=0.7)
    posture["bar_y"] = posture["hip_y"]
    if not barbell:
        posture.put(bar_z=AWAY_Z, grip_L=0.0, grip_R=0.0)  # palms inward, as on dumbbells


BARBELL_ROW = Lift(
    name="barbell_row",
    posture=barbell_row_posture,
    turns_low=False,
    turn="bar at the belly",
    on_floor=True,
    bent=np.ones_like,
    timing=make_timing_draw(
        away_s=Phase("pull_s", 0.12, tired=0.2),
        pause_s=Phase("top_s", 0.3, 0.0),
        back_s=Phase("lower_s", 0.12),
        rest_s=Phase("bottom_s", 0.25, 0.06),
        tired=0.05,
        varies=0.03,
        lands=(0.3, "landing"),
    ),
    before=("idle", "walkin", "fiddle", "load_plate", "tie_shoe", "stretch", "shift"),
    between=("idle", "bend", "shift"),
    after=("idle", "walkout", "bend", "stretch", "sit"),
    loaded=0.75,
    style=_BarbellRowStyle,
    floor_pull=make_floor_pull("grip_half_m", when=lambda style: not style.from_floor),
)
