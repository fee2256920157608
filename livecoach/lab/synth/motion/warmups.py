"""Warm-ups on the spot and stretches: lunges, hops, arm swings, hip hinges, marching, step-ups and turns."""

from collections.abc import Callable

import numpy as np

from livecoach.lab.synth.figure.body import SIDES, SIGN
from livecoach.lab.synth.figure.geometry import minimum_jerk
from livecoach.lab.synth.figure.posture import Posture, Value, add, length
from livecoach.lab.synth.motion import moves
from livecoach.lab.synth.motion.limbs import BALL_M
from livecoach.lab.synth.motion.moves import OTHER_SIDE, SPOT, hand_to, sink
from livecoach.lab.synth.motion.programme import Programme, excursions, facing, upright

Stretch = Callable[[Programme, Posture], None]
EASE_S = 0.8


def there_and_back(p: Programme, posture: Posture) -> np.ndarray:
    """(T,), 0 at both ends and 1 in between."""
    frames = np.arange(length(posture))
    return minimum_jerk(np.minimum(frames, frames[::-1]) / (EASE_S * p.fps))


def hands_to(posture: Posture, weight: np.ndarray, x: Value, out: Value, z: Value, y: Value = 0) -> None:
    """Both hands by `weight` (T,) to x, z, and `out` to each side of y, m."""
    for side in SIDES:
        hand_to(posture, side, weight, x, y + SIGN[side] * out, z)


def _side_bend(p: Programme, posture: Posture) -> None:
    """Raise the arms overhead and lean to either side."""
    weight = there_and_back(p, posture)
    bend = p.rng.uniform(0.2, 0.4) * weight * np.sin(2 * np.pi * np.arange(length(posture)) / length(posture))
    shoulder_z = posture["hip_z"] + p.body.at("upperarm.L")[2]
    posture["side"] = posture["side"] + bend
    aside_m = -0.8 * np.sin(bend)
    hands_to(posture, weight, 0.02, 0.15, shoulder_z + 0.9 * p.body.arm_m - 0.1 * np.abs(bend), aside_m)


def _toe_touch(p: Programme, posture: Posture) -> None:
    """With straight knees, hands towards the feet, once or twice."""
    times = int(p.rng.integers(1, 3))
    phase = np.arange(length(posture)) / length(posture)
    down = minimum_jerk(np.clip(1.6 * np.sin(np.pi * times * phase) ** 2, 0, 1)) * there_and_back(p, posture)
    deep = p.rng.uniform(0.8, 1.2)
    add(posture, hip_x=-0.12 * down, hip_z=-0.02 * down)
    add(posture, pitch=deep * down, lumbar=0.35 * down, thoracic=0.35 * down, neck=0.1 * down)
    hands_to(posture, down, 0.16, 0.1, 0.42 * p.body.standing_hip_m * (1.75 - deep))


def _twist(p: Programme, posture: Posture) -> None:
    weight = there_and_back(p, posture)
    t_s = np.arange(length(posture)) / p.fps
    add(posture, twist=p.rng.uniform(0.3, 0.6) * weight * np.sin(2 * np.pi * t_s / 2.2))
    add(posture, pole_y_L=weight, pole_y_R=weight)
    hands_to(posture, weight, 0.04, p.body.shoulder_half_m, posture["hip_z"] + 0.1)


def _arm_circles(p: Programme, posture: Posture) -> None:
    weight = there_and_back(p, posture)
    angle = 2 * np.pi * np.arange(length(posture)) / p.fps / p.rng.uniform(1.0, 1.8)
    reach_m = 0.9 * p.body.arm_m
    shoulder_z = posture["hip_z"] + p.body.at("upperarm.L")[2]
    hands_to(
        posture, weight, reach_m * np.sin(angle), p.body.shoulder_half_m + 0.08, shoulder_z - reach_m * np.cos(angle)
    )


def _lunge(p: Programme, posture: Posture) -> None:
    """One foot far in front, hands on the hips or on the knee."""
    weight = there_and_back(p, posture)
    side = SIDES[p.rng.integers(2)]
    deep = weight * p.rng.uniform(0.75, 1.0)
    add(posture, side, foot_x=0.4 * weight)
    add(posture, OTHER_SIDE[side], foot_x=-0.35 * weight, foot_z=0.07 * weight, foot_pitch=0.9 * weight)
    add(posture, hip_z=-deep * (posture["hip_z"] - p.body.thigh_m - 0.12), pitch=p.rng.uniform(0.0, 0.5) * weight)
    low = p.rng.random() < 0.5
    hands_to(posture, weight, 0.3 if low else 0.04, 0.1 if low else p.body.shoulder_half_m, posture["hip_z"] + 0.08)


def _heel_to_seat(p: Programme, posture: Posture) -> None:
    """Stand on one leg and pull the other heel up behind."""
    weight = there_and_back(p, posture)
    side = SIDES[p.rng.integers(2)]
    lifted_m = p.rng.uniform(0.8, 1.0) * p.body.shin_m * weight
    add(posture, side, foot_x=-0.28 * weight, foot_z=lifted_m, foot_pitch=1.5 * weight)
    add(posture, hip_y=-SIGN[side] * 0.06 * weight)
    x, y, z = (posture[f"foot_{axis}_{side}"] for axis in "xyz")
    hand_to(posture, side, weight, x, y, z + 0.05)


def _hip_hinges(p: Programme, posture: Posture) -> None:
    """A few times with a straight back, hands on the hips."""
    weight = there_and_back(p, posture)
    t_s = np.arange(length(posture)) / p.fps
    bow = p.rng.uniform(0.5, 1.2) * weight * np.sin(np.pi * t_s / p.rng.uniform(1.2, 2.5)) ** 2
    add(posture, pitch=bow, hip_x=-0.15 * bow, hip_z=-0.03 * bow)
    hands_to(posture, weight, posture["hip_x"] + 0.05, p.body.shoulder_half_m, posture["hip_z"] + 0.1)


def _hip_circles(p: Programme, posture: Posture) -> None:
    weight = there_and_back(p, posture)
    angle = 2 * np.pi * np.arange(length(posture)) / p.fps / p.rng.uniform(1.2, 2.4)
    add(posture, hip_x=0.09 * weight * np.cos(angle), hip_y=0.11 * weight * np.sin(angle), hip_z=-0.04 * weight)
    add(posture, pitch=-0.2 * weight * np.cos(angle))
    hands_to(posture, weight, posture["hip_x"] + 0.04, p.body.shoulder_half_m, posture["hip_z"] + 0.1)


STRETCHES: tuple[Stretch, ...] = (
    _side_bend,
    _toe_touch,
    _twist,
    _arm_circles,
    _lunge,
    _heel_to_seat,
    _hip_hinges,
    _hip_circles,
)


GRAVITY = 9.81
LUNGE_M = (0.55, 0.8)
MOST_APART_M = 0.42  # from the middle to each foot in a hop
BOX_M = (0.18, 0.45)  # of the box for step-ups
BOX_AHEAD_M = 0.38


def _bar_in_front(p: Programme) -> bool:
    return p.place.on_floor and p.place.bar


def lunge(p: Programme) -> None:
    """One to three in place, forward or backward, with one leg or alternating."""
    behind = _bar_in_front(p) or p.rng.random() < 0.4
    changes, hands, side = p.rng.random() < 0.7, p.rng.random(), SIDES[p.rng.integers(2)]
    for hill in excursions(p, int(p.rng.integers(1, 4)), (0.9, 2.0), (0.05, 1.5), (0.7, 1.6), (0.1, 0.9)):
        posture = p.place.upright(len(hill))
        _lunge_once(p, posture, hill, side, behind)
        if hands < 0.4:
            hands_to(posture, there_and_back(p, posture), posture["hip_x"] + 0.04, 0.22, posture["hip_z"] + 0.08)
        p.go(posture, 0.3, "lunge")
        side = OTHER_SIDE[side] if changes else side


def _lunge_once(p: Programme, posture: Posture, hill: np.ndarray, side: str, behind: bool) -> None:
    """Step first, then go down until the rear knee is near the floor."""
    far_m = p.rng.uniform(*LUNGE_M) * (-1 if behind else 1)
    stepped, deep = minimum_jerk(2 * hill), minimum_jerk(2 * hill - 0.7)
    rear = side if behind else OTHER_SIDE[side]
    add(posture, side, foot_x=far_m * stepped, foot_z=0.06 * np.sin(np.pi * stepped))
    add(posture, rear, foot_z=0.07 * deep, foot_pitch=0.9 * deep)
    standing_m, low_m = posture["hip_z"][0], p.body.thigh_m + p.rng.uniform(0.12, 0.25)
    sink(posture, 0.5 * far_m * stepped, -0.09 * stepped - (standing_m - 0.09 - low_m) * deep)
    add(posture, pitch=p.rng.uniform(0.0, 0.45) * deep)


def jump(p: Programme) -> None:
    """Small hops on the spot, or jumping jacks."""
    jacks, times = p.rng.random() < 0.4, int(p.rng.integers(3, 13))
    standing_m = float(p.place.upright(1)["foot_y_L"][0])
    apart_m = float(np.clip(MOST_APART_M - standing_m, 0.0, p.rng.uniform(0.12, 0.28))) if jacks else 0.0
    ground_s = p.rng.uniform(0.16, 0.4)
    wide = 0.0
    for hop in range(times):
        posture = _hop(p, ground_s * p.rng.uniform(0.8, 1.25), wide, apart_m - wide)
        wide = apart_m - wide
        if hop:
            p.add(posture, "jump")
        else:
            p.go(posture, 0.3, "jump")
    p.go(upright(p, 0.3), 0.4, "jump")


def _hop(p: Programme, ground_s: float, start_m: float, goal_m: float) -> Posture:
    """The feet start `start_m` and land `goal_m` further out than in standing."""
    high_m = p.rng.uniform(0.03, 0.15)
    ground, air = p.frames(ground_s), p.frames(float(np.sqrt(8 * high_m / GRAVITY)))
    dip = p.rng.uniform(0.05, 0.12) * np.sin(np.pi * (np.arange(ground) + 1) / ground)
    share = (np.arange(air) + 1) / (air + 1)
    up_m = np.concatenate([-dip, 4 * high_m * share * (1 - share)])
    in_air = np.concatenate([np.zeros(ground), np.sin(np.pi * share)])
    out_m = start_m + (goal_m - start_m) * np.concatenate([np.zeros(ground), minimum_jerk(share)])
    posture = p.place.upright(ground + air)
    sink(posture, np.zeros_like(up_m), up_m - 0.3 * np.maximum(out_m, 0) ** 1.5)
    for side in SIDES:
        add(posture, side, foot_y=SIGN[side] * out_m, foot_z=np.maximum(up_m, 0), foot_pitch=0.5 * in_air)
        add(posture, side, foot_z=0.4 * BALL_M * in_air)
    return posture


def arm_swings(p: Programme) -> None:
    """Straight arms, together or alternating, in circles or across the chest."""
    posture = upright(p, (3.0, 8.0))
    weight, t_s = there_and_back(p, posture), np.arange(length(posture)) / p.fps
    angle = 2 * np.pi * t_s / p.rng.uniform(0.8, 1.8) * p.rng.choice([-1.0, 1.0])
    reach_m, shoulder_z = 0.9 * p.body.arm_m, posture["hip_z"] + p.body.at("upperarm.L")[2]
    if p.rng.random() < 0.35:
        apart = 0.5 + 0.5 * np.cos(angle)
        x, out = reach_m * (1 - 0.8 * apart), p.body.shoulder_half_m * (2.6 * apart - 0.6)
        hands_to(posture, weight, x, out, shoulder_z - 0.03)
    else:
        after = np.pi if p.rng.random() < 0.4 else 0.0
        for side, late in (("L", 0.0), ("R", after)):
            x, z = reach_m * np.sin(angle + late), shoulder_z - reach_m * np.cos(angle + late)
            hand_to(posture, side, weight, x, SIGN[side] * (p.body.shoulder_half_m + 0.08), z)
    add(posture, hip_z=-0.015 * weight * np.sin(angle) ** 2)
    p.go(posture, 0.5, "arm_swings")
    p.go(upright(p, 0.3), 0.4, "arm_swings")


def hip_hinge_stretch(p: Programme) -> None:
    """One to three times: to the toes, with the hands on the hips, or behind the head."""
    where, deep_rad = p.rng.choice(["toes", "hips", "head"], p=[0.5, 0.3, 0.2]), p.rng.uniform(0.8, 1.35)
    knees, round_rad = p.rng.uniform(0.0, 0.08), 0.35 if where == "toes" else 0.05
    for hill in excursions(p, int(p.rng.integers(1, 4)), (0.9, 3.0), (0.3, 5.0), (0.9, 2.5), (0.1, 1.5)):
        posture = p.place.upright(len(hill))
        sink(posture, -0.17 * hill, -(0.02 + knees) * hill)
        add(posture, pitch=deep_rad * hill, lumbar=round_rad * hill, thoracic=round_rad * hill, neck=0.1 * hill)
        _bowing_hands(p, posture, hill, str(where), deep_rad)
        p.go(posture, 0.3, "hip_hinge_stretch")


def _bowing_hands(p: Programme, posture: Posture, hill: np.ndarray, where: str, deep_rad: float) -> None:
    if where == "toes":
        floor_m = p.body.standing_hip_m * (0.55 - 0.38 * deep_rad) + 0.15
        hands_to(posture, hill, 0.16, 0.12, max(floor_m, 0.08))
        return
    weight = there_and_back(p, posture)
    if where == "hips":
        hands_to(posture, weight, posture["hip_x"] + 0.05, p.body.shoulder_half_m, posture["hip_z"] + 0.1)
        return
    bow, head_m = posture["pitch"], p.body.at("head")[2]
    hands_to(
        posture, weight, posture["hip_x"] + head_m * np.sin(bow) - 0.06, 0.1, posture["hip_z"] + head_m * np.cos(bow)
    )
    add(posture, pole_y_L=weight, pole_y_R=weight)


def march(p: Programme) -> None:
    """On the spot with high knees and swinging arms."""
    times, high_m = int(p.rng.integers(6, 17)), p.rng.uniform(0.12, 0.42)
    step_s, side = p.rng.uniform(0.3, 0.8), SIDES[p.rng.integers(2)]
    for _ in range(times):
        count = p.frames(step_s * p.rng.uniform(0.85, 1.2))
        up = np.sin(np.pi * np.arange(count) / count) ** 1.5 * p.rng.uniform(0.7, 1.0)
        posture = p.place.upright(count)
        add(posture, hip_y=-SIGN[side] * 0.05 * up)
        add(posture, side, foot_z=high_m * up, foot_pitch=0.4 * up, hand_x=-0.22 * up)
        add(posture, OTHER_SIDE[side], hand_x=0.22 * up, hand_z=0.12 * up)
        p.go(posture, 0.15, "march")
        side = OTHER_SIDE[side]


def step_up(p: Programme) -> None:
    """Onto a box and down, one to four times, facing away from a bar on the floor."""
    box_m, first = p.rng.uniform(*BOX_M), SIDES[p.rng.integers(2)]
    yaw_rad = float(p.rng.uniform(1.4, 2.6) * p.rng.choice([-1, 1])) if _bar_in_front(p) else 0.0
    with facing(p, yaw_rad):
        for hill in excursions(p, int(p.rng.integers(1, 5)), (1.1, 2.2), (0.1, 1.5), (1.1, 2.2), (0.2, 1.2)):
            posture = p.place.upright(len(hill))
            _step_on(posture, hill / hill.max(), first, box_m)  # always all the way onto the box
            p.go(moves.place_at(posture, SPOT, yaw_rad), 0.3, "step_up")
            first = OTHER_SIDE[first] if p.rng.random() < 0.5 else first


def _step_on(posture: Posture, hill: np.ndarray, first: str, box_m: float) -> None:
    for side, after in ((first, 0.0), (OTHER_SIDE[first], 0.55)):
        share = np.clip((hill - after) / 0.45, 0, 1)
        lifted, ahead = minimum_jerk(share * 1.6), minimum_jerk(share * 1.6 - 0.6)
        add(posture, side, foot_z=box_m * lifted, foot_x=BOX_AHEAD_M * ahead)
        add(posture, side, foot_z=0.06 * np.sin(np.pi * share))
    onto = minimum_jerk((hill - 0.35) / 0.5)
    sink(posture, BOX_AHEAD_M * minimum_jerk((hill - 0.2) / 0.5), box_m * onto)
    add(posture, pitch=0.45 * np.sin(np.pi * minimum_jerk(hill / 0.9)))


def turn_around(p: Programme) -> None:
    """Turn away, look around for some seconds, and turn back."""
    yaw_rad = float(p.rng.uniform(1.2, np.pi) * p.rng.choice([-1, 1]))
    with facing(p, yaw_rad, "turn_around"):
        away = upright(p, (0.8, 5.0))
        moves.fidget(away, p.body, p.rng, p.fps, hands_free=True)
        p.go(moves.place_at(away, SPOT, yaw_rad), 0.3, "turn_around")


WARMUPS: dict[str, Callable[[Programme], None]] = {
    played.__name__: played for played in (lunge, jump, arm_swings, hip_hinge_stretch, march, step_up, turn_around)
}
