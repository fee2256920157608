"""Movements that are not reps, token by token."""

from collections.abc import Callable

import numpy as np

from livecoach.lab.synth.figure.body import SIDES
from livecoach.lab.synth.figure.posture import Posture, freeze, length, put, shifted_forward
from livecoach.lab.synth.motion import chores, moves
from livecoach.lab.synth.motion.chores import CHORES
from livecoach.lab.synth.motion.gym_arms import ARM_EXERCISES
from livecoach.lab.synth.motion.gym_body import BODY_EXERCISES
from livecoach.lab.synth.motion.moves import SPOT
from livecoach.lab.synth.motion.programme import Programme, upright, walk_across
from livecoach.lab.synth.motion.rep import RepTrajectory, through
from livecoach.lab.synth.motion.tokens import WITH_BAR_ON_FLOOR, Token
from livecoach.lab.synth.motion.warmups import STRETCHES, WARMUPS

GRAVITY = 9.81
SHOE = (
    chores.kneel_to_foot,
    chores.kneel_to_foot,
    chores.bend_to_foot,
    chores.bend_to_foot,
    chores.crouch_to_foot,
    chores.foot_on_step,
)
"""Ways to tie a shoe, drawn with equal probability."""
BAR_END_M = 0.95  # from the middle of the bar to where its end is lifted


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
        FREE[token.name](p)


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
    moves.fidget(posture, p.body, p.rng, p.fps, hands_free=p.place.hands_free())
    if stepping:
        moves.step_about(posture, p.rng, p.fps)
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


def _bend(p: Programme) -> None:
    """Pick something up with one or both hands, or rest with the hands on the knees."""
    p.go(upright(p, 0.1), 0.4, "idle")
    posture = upright(p, (0.3, 0.9))
    way = p.rng.choice(["one", "both", "knees"], p=[0.5, 0.35, 0.15])
    if way == "one":
        moves.reach_down(posture, p.rng, SIDES[p.rng.integers(2)])
    elif way == "both":
        chores.reach_with_both(p, posture)
    else:
        posture = upright(p, (1.0, 5.0))
        chores.hands_on_knees(p, posture)
    down_s = p.rng.uniform(0.7, 1.5)
    p.go(posture, down_s, "bend")
    if way == "both" and p.rng.random() < 0.6:
        _carry_and_put_back(p, posture)
    p.go(upright(p, 0.4), (0.7, 1.5), "bend")


def _carry_and_put_back(p: Programme, down: Posture) -> None:
    standing = upright(p, (0.5, 2.0))
    chores.carry(p, standing)
    p.go(standing, (0.7, 1.5), "bend")
    p.go(freeze(down, p.frames(0.3)), (0.7, 1.5), "bend")


def _sit(p: Programme) -> None:
    p.go(upright(p, 0.1), 0.4, "idle")
    sitting = upright(p, (2.5, 8.0))
    chores.sit(p, sitting)
    p.go(sitting, (0.9, 1.7), "sit")
    p.go(upright(p, 0.4), (0.8, 1.5), "sit")


def _fiddle(p: Programme) -> None:
    p.go(p.still(p.frames((0.4, 1.2))), (0.9, 1.4), "fiddle")
    p.go(upright(p, 0.3), (0.8, 1.2), "fiddle")


def _at_bar_end(p: Programme, kind: str, work: Callable[[np.ndarray, float], None]) -> None:
    """Walk to an end of the bar, do something there, walk back."""
    sign = float(p.rng.choice([-1.0, 1.0]))
    place = np.array([-0.35, sign * BAR_END_M])
    walking = walk_across(p, SPOT, place)
    p.go(walking, 0.3 + 0.3 * abs(walking["yaw"][0]), "walk")
    work(place, sign)
    back = walk_across(p, place, SPOT)
    p.go(back, 0.4 + 0.3 * abs(back["yaw"][0]), "walk")
    p.go(upright(p, 0.3), 0.3 + 0.3 * abs(back["yaw"][-1]), kind)


def _load_plate(p: Programme) -> None:
    def work(place: np.ndarray, sign: float) -> None:
        crouching = moves.place_at(upright(p, (1.2, 3.0)), place, 0.0)
        moves.crouch_to(crouching, p.rng, p.fps, (0.05, place[1] + 0.1 * sign, 0.25))
        p.go(crouching, (0.8, 1.3), "load_plate")
        p.go(moves.place_at(upright(p, 0.2), place, 0.0), (0.8, 1.2), "load_plate")

    _at_bar_end(p, "load_plate", work)


def _lift_end(p: Programme) -> None:
    """Lift one end of the bar, so that a plate slides on or off."""

    def work(place: np.ndarray, sign: float) -> None:
        start = p.place.upright(1)
        crouching = moves.place_at(upright(p, 0.3), place, 0.0)
        moves.crouch_to(crouching, p.rng, p.fps, (0.08, place[1], float(start["bar_z"][0])))
        p.go(crouching, (0.8, 1.3), "lift_end")
        for _ in range(int(p.rng.integers(1, 4))):
            roll = sign * p.rng.uniform(0.15, 0.3)
            raised = moves.place_at(upright(p, (0.3, 1.0)), place, 0.0)
            moves.hold_bar_end(raised, place, roll, BAR_END_M)
            p.go(raised, (0.6, 1.1), "lift_end")
            p.go(freeze(crouching, p.frames(0.3)), (0.6, 1.1), "lift_end")
        p.go(moves.place_at(upright(p, 0.2), place, 0.0), (0.8, 1.2), "lift_end")

    _at_bar_end(p, "lift_end", work)


def _tie_shoe(p: Programme) -> None:
    posture = upright(p, (2.5, 6.0))
    side = SIDES[p.rng.integers(2)]
    SHOE[p.rng.integers(len(SHOE))](p, posture, side)
    p.go(posture, (0.9, 1.7), "tie_shoe")
    p.go(upright(p, 0.4), (0.9, 1.7), "tie_shoe")


def _stretch(p: Programme) -> None:
    stretch = STRETCHES[p.rng.integers(len(STRETCHES))]
    posture = upright(p, (2.5, 6.0))
    stretch(p, posture)
    p.go(posture, 0.5, "stretch")
    p.go(upright(p, 0.3), 0.6, "stretch")


def _failed_pull(p: Programme) -> None:
    """Pull without lifting the bar, or only part of the way."""
    height = p.rng.choice([0.02, p.rng.uniform(0.08, 0.4)])
    seconds = p.rng.uniform(1.0, 3.0)
    count = p.frames(seconds)
    x = (np.arange(count) + 1) / count
    lift = height * through((0.0, 1.0, 0.9, 0.0), (1.0, 1.5, 0.6))(x)
    curve = RepTrajectory(lift=lift, part=np.where(x < 0.8, 1.0, -1.0), turn=int(0.6 * count), rest=0)
    p.pull(curve, (), 0.5, "failed_pull")


def _let_go(p: Programme) -> None:
    """Pull to the top and drop the bar."""
    count = p.frames(p.lifter.raise_s)
    lift = through((0.0, 1.0), (1.0,))((np.arange(count) + 1) / count)
    p.pull(RepTrajectory(lift=lift, part=np.ones(count), turn=count - 1, rest=0), (), 0.5, "let_go")
    standing = upright(p, (1.0, 2.0))
    falling = _bar_falls(standing, p.parts[-1], p.fps)
    p.add(falling, "let_go")
    p.place.ready = False


def _bar_falls(standing: Posture, before: Posture, fps: float) -> Posture:
    """Hands open and go to the sides while the bar falls and bounces once."""
    t_s = np.arange(length(standing)) / fps
    floor_z, top_z = standing["bar_z"][0], before["bar_z"][-1]
    hit_s = np.sqrt(2 * (top_z - floor_z) / GRAVITY)
    up = 0.25 * GRAVITY * hit_s  # rebounds with a quarter of its speed
    later_s = t_s - hit_s
    bounce = np.maximum(up * later_s - 0.5 * GRAVITY * later_s**2, 0)
    weight = np.clip(t_s / 0.7, 0, 1)
    out = {name: (1 - weight) * before[name][-1] + weight * values for name, values in standing.items()}
    put(out, bar_x=before["bar_x"][-1], bar_z=np.where(t_s < hit_s, top_z - 0.5 * GRAVITY * t_s**2, floor_z + bounce))
    return out


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
    behind = upright(p, 0.4)
    p.go(behind, (1.0, 1.5), "rerack")


def _sit_on_bench(p: Programme, kind: str) -> None:
    """The bench is that of a lift that is done lying, on the way there or back."""
    if p.lift.lies:
        p.go(p.place.seated(p.frames((0.1, 1.0))), (0.8, 1.4), kind)


FREE: dict[str, Callable[[Programme], None]] = {
    "walkin": _walk_in,
    "walkout": _walk_out,
    "bend": _bend,
    "fiddle": _fiddle,
    "load_plate": _load_plate,
    "lift_end": _lift_end,
    "rerack": lambda p: p.go(upright(p, 0.5), 0.4, "idle"),
    "tie_shoe": _tie_shoe,
    "stretch": _stretch,
    "sit": _sit,
    **CHORES,
    **WARMUPS,
    **ARM_EXERCISES,
    **BODY_EXERCISES,
}
"""Movements that need free hands; for these, a held bar is already in the rack."""
