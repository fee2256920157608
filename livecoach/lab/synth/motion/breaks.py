"""Movements that are not reps, token by token."""

from collections.abc import Callable
from functools import partial

import numpy as np

from livecoach.lab.synth.figure.body import SIDES
from livecoach.lab.synth.figure.geometry import falling_m
from livecoach.lab.synth.figure.posture import add, length, put, shifted_forward
from livecoach.lab.synth.motion import movements, moves
from livecoach.lab.synth.motion.chores import at_bar_end, pick_up, plate_carry
from livecoach.lab.synth.motion.moves import SPOT
from livecoach.lab.synth.motion.programme import Programme, facing, upright, walk_across
from livecoach.lab.synth.motion.rep import RepTrajectory, through
from livecoach.lab.synth.motion.tokens import WITH_BAR_ON_FLOOR, Token


def play(p: Programme, token: Token) -> None:
    if token.name in ("idle", "shift"):
        usual = 2.0 if token.name == "idle" else 3.0
        _idle(p, usual if token.seconds is None else token.seconds, stepping=token.name == "shift")
    elif token.name == "unrack":
        grip(p)
    elif not p.lift.on_floor and token.name in WITH_BAR_ON_FLOOR:
        _idle(p, 1.5, stepping=False)
    elif token.name in ("failed_pull", "let_go"):
        grip(p)
        (_failed_pull if token.name == "failed_pull" else _let_go)(p)
    else:
        _free_hands(p)
        if token.name in FREE:
            FREE[token.name](p)
        else:
            movements.play(p, token.name)


def _free_hands(p: Programme) -> None:
    """Let go of the bar, or put it into the rack."""
    if not p.place.hands_free():
        _rerack(p)
    elif p.place.on_floor and p.place.ready:
        taken = p.place.taken(p.frames(0.3))
        if taken is not None:
            p.go(taken, (0.8, 1.3), "put_down")
        p.go(upright(p, 0.2), (0.8, 1.3), "stand_up")
    p.place.ready = not p.place.on_floor and not p.place.bar


def _idle(p: Programme, seconds: float, stepping: bool) -> None:
    if p.place.on_floor and p.place.ready:
        _free_hands(p)
    posture = upright(p, seconds)
    p.fidget(posture, hands_free=p.place.hands_free())
    if stepping:
        p.step_about(posture)
    p.go(posture, 0.4, "shift" if stepping else "idle")


def _door(p: Programme) -> np.ndarray:
    """A place out of the picture, (2,) m, that the lifter can reach without crossing the bar."""
    away = np.array([np.cos(p.view_rad), np.sin(p.view_rad)])
    across = np.array([-np.sin(p.view_rad), np.cos(p.view_rad)]) * p.rng.choice([-1, 1])
    if not p.place.bar and p.rng.random() < 0.6:
        return 2.2 * away + 1.1 * across
    return 2.6 * (-across if across[0] > 0 else across) + np.array([-0.5, 0])


def _walk_in(p: Programme) -> None:
    walking = walk_across(p, _door(p), SPOT)
    p.go(walking, 0.6, "walk")
    p.go(upright(p, 0.3), 0.3 + 0.45 * abs(walking["yaw"][-1]), "turn")


def _walk_out(p: Programme) -> None:
    walking = walk_across(p, SPOT, _door(p))
    p.go(walking, 0.3 + 0.45 * abs(walking["yaw"][0]), "walk")


def _failed_pull(p: Programme) -> None:
    """Pull without lifting the bar, or only part of the way."""
    height = p.rng.choice([0.02, p.rng.uniform(0.08, 0.4)])
    count = p.frames(p.rng.uniform(1.0, 3.0))
    x = (np.arange(count) + 1) / count
    lift = height * through((0.0, 1.0, 0.9, 0.0), (1.0, 1.5, 0.6))(x)
    curve = RepTrajectory(lift=lift, part=np.where(x < 0.8, 1.0, -1.0), turn=int(0.6 * count), rest=0)
    p.pull(curve, (), 0.5, "failed_pull")


def _let_go(p: Programme) -> None:
    """Pull to the top and drop the bar: the hands open and go to the sides while it falls and bounces once."""
    count = p.frames(p.lifter.raise_s)
    lift = through((0.0, 1.0), (1.0,))((np.arange(count) + 1) / count)
    p.pull(RepTrajectory(lift=lift, part=np.ones(count), turn=count - 1, rest=0), (), 0.5, "let_go")
    standing, before = upright(p, (1.0, 2.0)), p.parts[-1]
    t_s, floor_z = np.arange(length(standing)) / p.fps, float(standing["bar_z"][0])
    weight = np.clip(t_s / 0.7, 0, 1)
    falling = {name: (1 - weight) * before[name][-1] + weight * values for name, values in standing.items()}
    put(falling, bar_x=before["bar_x"][-1], bar_z=falling_m(float(before["bar_z"][-1]), floor_z, t_s))
    p.add(falling, "let_go")
    p.place.ready = False


def grip(p: Programme) -> None:
    if p.place.ready and p.parts:
        return
    if p.place.racked:
        _unrack(p)
        return
    taken = p.place.taken(p.frames(0.3))
    if taken is not None and p.parts:
        p.go(taken, (0.8, 1.3), "setup")
    ready = p.still(p.frames((0.25, 0.8)))
    p.go(ready, (0.9, 1.6), "setup" if p.parts else "ready")
    p.place.ready = True


def _unrack(p: Programme) -> None:
    """Step under the racked bar, lift it, and step back."""
    under = p.place.under_bar(p.frames(0.3))
    if p.parts:
        _sit_on_bench(p, "unrack")
        p.go(under, (1.2, 1.8), "unrack")
    else:
        p.add(under, "unrack")
    p.place.racked, p.place.ready = False, True
    standing, rack_m = p.still(p.frames(0.3)), p.lift.rack_m
    p.go(shifted_forward(standing, rack_m), 0.7, "unrack")
    if rack_m > 0:
        p.add(moves.step_along(p.still(p.frames((1.0, 1.8))), rack_m, 0.0), "unrack")
    p.add(p.still(p.frames((0.4, 1.0))), "ready")


def _rerack(p: Programme) -> None:
    """Step to the rack, put the bar down, and step back without it."""
    if p.lift.rack_m > 0:
        p.go(moves.step_along(p.still(p.frames((1.0, 1.6))), 0.0, p.lift.rack_m), 0.3, "rerack")
    p.go(p.place.under_bar(p.frames(0.3)), 0.6, "rerack")
    p.place.racked, p.place.ready = True, False
    _sit_on_bench(p, "rerack")
    p.go(upright(p, 0.4), (1.0, 1.5), "rerack")


def _sit_on_bench(p: Programme, kind: str) -> None:
    """The bench is that of a lift that is done lying, on the way there or back."""
    if p.lift.lies:
        p.go(p.place.seated(p.frames((0.1, 1.0))), (0.8, 1.4), kind)


def _turn_around(p: Programme) -> None:
    """Turn away, look around for some seconds, and turn back."""
    yaw_rad = float(p.rng.uniform(1.2, np.pi) * p.rng.choice([-1, 1]))
    with facing(p, yaw_rad, "turn_around"):
        away = upright(p, (0.8, 5.0))
        p.fidget(away, hands_free=True)
        p.go(moves.place_at(away, SPOT, yaw_rad), 0.3, "turn_around")


def _treadmill(p: Programme) -> None:
    yaw_rad = p.rng.uniform(-np.pi, np.pi)
    goal = SPOT + p.rng.uniform(6.0, 12.0) * np.array([np.cos(yaw_rad), np.sin(yaw_rad)])
    walking = walk_across(p, SPOT, goal)
    x, y = -(np.linspace(0, 1, length(walking) + 1)[1:, None] * (goal - SPOT)).T
    add(walking, hip_x=x, hip_y=y)
    for side in SIDES:
        add(walking, side, foot_x=x, foot_y=y, hand_x=x, hand_y=y)
    for part in (walking, movements.standing(p, p.frames(0.3))):
        p.go(part, 0.8 * p.rng.uniform(0.8, 1.3), "treadmill")


FREE: dict[str, Callable[[Programme], None]] = {
    "walkin": _walk_in,
    "walkout": _walk_out,
    "load_plate": partial(at_bar_end, name="load_plate"),
    "lift_end": partial(at_bar_end, name="lift_end"),
    "rerack": lambda p: p.go(upright(p, 0.5), 0.4, "idle"),
    "turn_around": _turn_around,
    "treadmill": _treadmill,
    "pick_up": pick_up,
    "plate_carry": plate_carry,
}
"""Movements that need free hands, as those of the table do; for these, a held bar is already in the rack."""
