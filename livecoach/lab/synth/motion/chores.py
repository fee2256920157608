"""Chores between sets in which things are picked up and carried."""

import numpy as np

from livecoach.lab.synth.figure.body import SIDES, SIGN
from livecoach.lab.synth.figure.posture import Posture
from livecoach.lab.synth.motion import movements, moves
from livecoach.lab.synth.motion.moves import SPOT
from livecoach.lab.synth.motion.programme import Programme, turn, upright, walk_across

BAR_END_M = 0.97  # from the middle of the bar to where its end is lifted and a plate goes on


def at_bar_end(p: Programme, name: str) -> None:
    """Walk to an end of the bar, do something there, walk back."""
    side = SIDES[p.rng.integers(2)]
    place = np.array([-0.35, SIGN[side] * BAR_END_M])
    turn(p, place, _go_to(p, SPOT, place, 0.0), 0.0, name)
    movements.play(p, name, at=place, side=side)
    _go_back(p, place, 0.0)


def pick_up(p: Programme) -> None:
    """Pick something up with both hands, carry it a few steps, and put it down."""
    where, there = _places(p)
    yaw_rad = _carry(p, where, there, "pick_up")
    p.go(_reached(p, there, yaw_rad), (0.7, 1.6), "pick_up")
    p.go(moves.place_at(upright(p, 0.2), there, yaw_rad), (0.6, 1.4), "pick_up")
    _go_back(p, there, yaw_rad)


def plate_carry(p: Programme) -> None:
    where, _ = _places(p)
    at_bar = np.array([-0.35, float(np.sign(where[1]) or 1.0) * BAR_END_M])
    yaw_rad = _carry(p, where, at_bar, "plate_carry")
    turn(p, at_bar, yaw_rad, 0.0, "plate_carry")
    movements.play(p, "slide_on_low" if p.place.on_floor else "slide_on", "plate_carry", at=at_bar)
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


def _carry(p: Programme, where: np.ndarray, there: np.ndarray, kind: str) -> float:
    """Pick something up from the floor and walk on with it; return the yaw there."""
    yaw_rad = _go_to(p, SPOT, where, 0.0)
    carried = p.rng.uniform(0.2, 0.34), p.rng.uniform(-0.15, 0.2)
    p.go(_reached(p, where, yaw_rad), (0.7, 1.6), kind)
    standing = moves.place_at(upright(p, (0.1, 0.8)), where, yaw_rad)
    _in_both_hands(standing, *carried)
    p.go(standing, (0.7, 1.8), kind)
    return _go_to(p, where, there, yaw_rad, carried)


def _reached(p: Programme, place: np.ndarray, yaw_rad: float) -> Posture:
    return moves.place_at(movements.held(p, "reach", p.frames((0.2, 1.0))), place, yaw_rad)
