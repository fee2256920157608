"""Chores between sets: picking up and carrying things, tying a shoe, drinking, kneeling, sitting, rolling the bar."""

from collections.abc import Callable

import numpy as np

from livecoach.lab.synth.figure.body import SIDES, SIGN
from livecoach.lab.synth.figure.geometry import minimum_jerk, wander
from livecoach.lab.synth.figure.posture import Posture, add, freeze, length, put
from livecoach.lab.synth.motion import moves
from livecoach.lab.synth.motion.limbs import BALL_M
from livecoach.lab.synth.motion.moves import OTHER_SIDE, SPOT, interpolate
from livecoach.lab.synth.motion.programme import Programme, excursions, turn, upright, walk_across


def _hands_at_foot(p: Programme, posture: Posture, side: str) -> None:
    count = length(posture)
    for hand in SIDES:
        put(
            posture,
            hand,
            hand_x=posture[f"foot_x_{side}"] + 0.1 + wander(p.rng, count, p.fps, 0.2, 0.02),
            hand_y=posture[f"foot_y_{side}"] + SIGN[hand] * 0.06,
            hand_z=0.13 + wander(p.rng, count, p.fps, 0.2, 0.02),
        )


def bend_to_foot(p: Programme, posture: Posture, side: str) -> None:
    put(posture, hip_z=p.body.standing_hip_m * p.rng.uniform(0.6, 0.85))
    add(posture, hip_x=-0.15, pitch=p.rng.uniform(0.9, 1.15), lumbar=0.4, thoracic=0.4, neck=0.2)
    _hands_at_foot(p, posture, side)


def kneel_to_foot(p: Programme, posture: Posture, side: str) -> None:
    add(posture, side, foot_x=0.25)
    add(posture, OTHER_SIDE[side], foot_x=-0.4, foot_z=0.06, foot_pitch=1.0)
    put(posture, hip_z=p.body.thigh_m + 0.1)
    add(posture, pitch=p.rng.uniform(0.5, 0.8), lumbar=0.3, thoracic=0.35, neck=0.2)
    _hands_at_foot(p, posture, side)


def crouch_to_foot(p: Programme, posture: Posture, side: str) -> None:
    """A deep crouch on both feet, hands at one shoe."""
    add(posture, hip_x=-p.rng.uniform(0.12, 0.22))
    put(posture, hip_z=p.body.shin_m * p.rng.uniform(0.55, 0.9))
    add(posture, pitch=p.rng.uniform(0.5, 0.9), lumbar=0.35, thoracic=0.35, neck=0.2)
    heels_m = p.rng.uniform(0.0, 0.07)
    for foot in SIDES:
        add(posture, foot, foot_z=heels_m, foot_pitch=heels_m / BALL_M)
    _hands_at_foot(p, posture, side)


def foot_on_step(p: Programme, posture: Posture, side: str) -> None:
    add(posture, side, foot_x=p.rng.uniform(0.3, 0.45), foot_z=p.rng.uniform(0.6, 1.0) * p.body.shin_m)
    add(posture, hip_z=-0.05, pitch=p.rng.uniform(0.6, 0.9), lumbar=0.3, thoracic=0.35, neck=0.2)
    rise_m = posture[f"foot_z_{side}"] - posture[f"foot_z_{OTHER_SIDE[side]}"]
    _hands_at_foot(p, posture, side)
    for hand in SIDES:
        add(posture, hand, hand_z=rise_m)


def reach_with_both(p: Programme, posture: Posture) -> None:
    """From the legs or from the back."""
    legs = p.rng.uniform(0.0, 1.0)
    add(posture, hip_x=-p.rng.uniform(0.15, 0.25), lumbar=0.3, thoracic=0.35, neck=-0.2)
    posture["hip_z"] = posture["hip_z"] * (0.93 - 0.45 * legs)
    posture["pitch"] = posture["pitch"] + 1.3 - 0.6 * legs
    _both_hands(posture, p.rng.uniform(0.2, 0.4), p.rng.uniform(0.08, 0.2), p.rng.uniform(0.05, 0.3) * p.body.thigh_m)


def carry(p: Programme, posture: Posture) -> None:
    """Hold something in front of the belly with both hands."""
    add(posture, pitch=-0.06)
    _both_hands(
        posture, p.rng.uniform(0.2, 0.35), p.rng.uniform(0.1, 0.2), p.body.standing_hip_m + p.rng.uniform(-0.1, 0.2)
    )


def hands_on_knees(p: Programme, posture: Posture) -> None:
    posture["hip_z"] = posture["hip_z"] * p.rng.uniform(0.84, 0.95)
    add(posture, hip_x=-0.18, pitch=p.rng.uniform(0.7, 1.0), lumbar=0.2, thoracic=0.25)
    _both_hands(posture, p.rng.uniform(0.08, 0.16), 0.14, p.body.shin_m + p.rng.uniform(0.08, 0.18))


def sit(p: Programme, posture: Posture) -> None:
    seat_m = p.rng.uniform(0.38, 0.5) + 0.08
    add(posture, hip_x=-p.rng.uniform(0.32, 0.45))
    add(posture, hip_x=wander(p.rng, length(posture), p.fps, 1.0, 0.01))
    put(posture, hip_z=seat_m)
    add(posture, pitch=p.rng.uniform(0.0, 0.7))
    add(posture, pitch=wander(p.rng, length(posture), p.fps, 1.0, 0.05), lumbar=0.25, thoracic=0.25)
    on_bench = p.rng.random() < 0.3
    x, z = (-0.35, seat_m) if on_bench else (p.rng.uniform(-0.2, 0.1), seat_m + 0.1)
    _both_hands(posture, x, 0.25 if on_bench else 0.14, z)


def _both_hands(posture: Posture, x: float, out: float, z: float) -> None:
    for side in SIDES:
        put(posture, side, hand_x=x, hand_y=SIGN[side] * out, hand_z=z)


BAR_END_M = 1.0  # from the middle of the bar to where a plate goes on
PEG_M = 0.9  # height of the peg for a plate if there is no bar


def pick_up(p: Programme) -> None:
    """Pick something up with both hands, carry it a few steps, and put it down."""
    where, there = _places(p)
    start_rad = _go_to(p, SPOT, where, 0.0)
    carried = _taken(p, where, start_rad, "pick_up")
    yaw_rad = _go_to(p, where, there, start_rad, carried)
    _put_down(p, there, yaw_rad, "pick_up")
    _go_back(p, there, yaw_rad)


def plate_carry(p: Programme) -> None:
    where, _ = _places(p)
    sign = float(np.sign(where[1]) or 1.0)
    at_bar, bar_z = np.array([-0.35, sign * BAR_END_M]), float(p.place.upright(1)["bar_z"][0])
    start_rad = _go_to(p, SPOT, where, 0.0)
    carried = _taken(p, where, start_rad, "plate_carry")
    yaw_rad = _go_to(p, where, at_bar, start_rad, carried)
    turn(p, at_bar, yaw_rad, 0.0, "plate_carry")
    busy = moves.place_at(upright(p, (1.0, 3.0)), at_bar, 0.0)
    if p.place.on_floor:
        moves.crouch_to(busy, p.rng, p.fps, (0.05, at_bar[1] + 0.1 * sign, max(bar_z, 0.15)))
    else:
        moves.hold_at(busy, p.rng, p.fps, (0.05, at_bar[1], bar_z if bar_z > 0 else PEG_M), 0.13)
    p.go(busy, (0.7, 1.3), "plate_carry")
    p.go(moves.place_at(upright(p, 0.2), at_bar, 0.0), (0.7, 1.2), "plate_carry")
    _go_back(p, at_bar, 0.0)


def _places(p: Programme) -> tuple[np.ndarray, np.ndarray]:
    """Two places (m) behind the bar: beside the lifter's spot, and a few steps further."""
    side = float(p.rng.choice([-1.0, 1.0]))
    where = np.array([p.rng.uniform(-0.6, -0.25), side * p.rng.uniform(0.3, 0.8)])
    return where, where + np.array([p.rng.uniform(-0.4, 0.1), side * p.rng.uniform(0.4, 0.8)])


def _go_to(
    p: Programme, start: np.ndarray, goal: np.ndarray, yaw_rad: float, carried: tuple[float, float] | None = None
) -> float:
    """Turn and walk to `goal`; return the yaw there. carried: place of the load, m in front of and above the hips."""
    walking = walk_across(p, start, goal)
    goal_rad = float(walking["yaw"][-1])
    if carried is None:
        turn(p, start, yaw_rad, goal_rad, "turn")
    else:
        _in_both_hands(walking, *carried)
    p.go(walking, 0.3 if carried is None else 0.3 + 0.3 * abs(goal_rad - yaw_rad), "walk")
    return goal_rad


def _go_back(p: Programme, place: np.ndarray, yaw_rad: float) -> None:
    turn(p, SPOT, _go_to(p, place, SPOT, yaw_rad), 0.0, "turn")


def _in_both_hands(posture: Posture, ahead_m: float, above_m: float) -> None:
    c, s = np.cos(posture["yaw"]), np.sin(posture["yaw"])
    for side in SIDES:
        out = SIGN[side] * 0.13
        posture[f"hand_x_{side}"] = posture["hip_x"] + ahead_m * c - out * s
        posture[f"hand_y_{side}"] = posture["hip_y"] + ahead_m * s + out * c
        posture[f"hand_z_{side}"] = posture["hip_z"] + above_m


def _taken(p: Programme, place: np.ndarray, yaw_rad: float, kind: str) -> tuple[float, float]:
    """Pick something up from the floor; return where it is carried, m in front of and above the hips."""
    carried = (float(p.rng.uniform(0.2, 0.34)), float(p.rng.uniform(-0.15, 0.2)))
    p.go(_reached(p, place, yaw_rad), (0.7, 1.6), kind)
    standing = moves.place_at(upright(p, (0.1, 0.8)), place, yaw_rad)
    _in_both_hands(standing, *carried)
    p.go(standing, (0.7, 1.8), kind)
    return carried


def _put_down(p: Programme, place: np.ndarray, yaw_rad: float, kind: str) -> None:
    p.go(_reached(p, place, yaw_rad), (0.7, 1.6), kind)
    p.go(moves.place_at(upright(p, 0.2), place, yaw_rad), (0.6, 1.4), kind)


def _reached(p: Programme, place: np.ndarray, yaw_rad: float) -> Posture:
    down = upright(p, (0.2, 1.0))
    reach_with_both(p, down)
    return moves.place_at(down, place, yaw_rad)


def drink(p: Programme) -> None:
    """Take a bottle from the floor with one hand, drink, and put it back."""
    side = SIDES[p.rng.integers(2)]
    down = upright(p, (0.2, 0.7))
    moves.reach_down(down, p.rng, side)
    p.go(down, (0.8, 1.6), "drink")
    drinking = upright(p, (1.2, 4.0))
    head_z = p.body.standing_hip_m + p.body.at("head")[2]
    put(drinking, side, hand_x=0.16, hand_y=SIGN[side] * 0.05, hand_z=head_z + 0.02)
    add(drinking, neck=-p.rng.uniform(0.15, 0.5))
    add(drinking, side, pole_y=0.6)
    p.go(drinking, (1.0, 1.8), "drink")
    p.go(freeze(down, p.frames(0.3)), (1.0, 1.8), "drink")
    p.go(upright(p, 0.3), (0.8, 1.5), "drink")


def kneel(p: Programme) -> None:
    """On one knee, upright or bent over it; stand up after some seconds."""
    side = SIDES[p.rng.integers(2)]
    down = upright(p, (0.3, 6.0))
    kneel_to_foot(p, down, side)
    if p.rng.random() < 0.6:
        put(down, pitch=p.rng.uniform(0.0, 0.35), lumbar=0.1, thoracic=0.1, neck=0.0)
        for hand in SIDES:
            aside_m = SIGN[side] * 0.1 + SIGN[hand] * 0.05
            put(down, hand, hand_x=0.28, hand_y=aside_m, hand_z=p.body.shin_m + 0.12)
    p.go(down, (0.9, 1.8), "kneel")
    p.go(upright(p, 0.3), (0.9, 1.8), "kneel")


def roll_bar(p: Programme) -> None:
    """Bend over the bar and roll it forwards and back on the floor."""
    count = int(p.rng.integers(1, 5))
    away_m = 0.5 * p.rng.uniform(0.2, 0.4)
    p.go(p.still(p.frames((0.2, 0.8))), (0.9, 1.5), "roll_bar")
    for hill in excursions(p, count, (0.4, 1.0), (0.0, 0.3), (0.4, 1.0), (0.0, 0.3)):
        turning = p.still(len(hill))
        by_m = p.rng.choice([-0.3, 1.0, 1.0]) * 2 * away_m * hill
        add(turning, bar_x=by_m, hand_x_L=by_m, hand_x_R=by_m, hip_x=0.25 * by_m, pitch=0.6 * by_m)
        p.go(turning, 0.15, "roll_bar")
    p.go(upright(p, 0.3), (0.8, 1.3), "roll_bar")


def sit_bench(p: Programme) -> None:
    """Sit on a bench behind and stand up, one to three times, leaning forward on the way."""
    standing, sitting = p.place.upright(1), p.place.upright(2)
    sit(p, sitting)
    ahead_rad = p.rng.uniform(0.3, 0.9)
    for hill in excursions(p, int(p.rng.integers(1, 4)), (0.9, 1.8), (0.4, 4.5), (0.8, 1.6), (0.2, 2.0)):
        share = minimum_jerk(hill / hill.max())
        posture = interpolate(standing, sitting, share)
        add(posture, pitch=4 * ahead_rad * share * (1 - share))
        p.go(posture, 0.3, "sit_bench")


CHORES: dict[str, Callable[[Programme], None]] = {
    played.__name__: played for played in (pick_up, plate_carry, drink, kneel, roll_bar, sit_bench)
}
