"""Arm exercises that livecoach does not count, and the rhythm that all such exercises share."""

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import numpy as np

from livecoach.lab.synth.figure.body import SIDES
from livecoach.lab.synth.figure.geometry import minimum_jerk
from livecoach.lab.synth.figure.posture import BAR, PARAMS, Posture, add, join, put, stand
from livecoach.lab.synth.motion.limbs import HANGING, Arm, Direction, between, both, hands_along_bar, set_arms
from livecoach.lab.synth.motion.moves import OTHER_SIDE, Range, hill
from livecoach.lab.synth.motion.programme import Programme
from livecoach.lab.synth.motion.ranges import log_uniform

Exercise = Callable[[Programme], None]
TIMES = (4, 16)  # of repetitions, the end excluded
MOST_S, LEAST_TIMES = 30.0, 3  # about how long an exercise lasts at most, and least repetitions
RAISE_S = 0.9  # in which hanging arms go up to where an exercise starts
UNEVEN = 0.07  # standard deviation between repetitions of the logarithm of a duration, and of the extent


class RepetitionPace(NamedTuple):
    """Ranges that one lifter's durations are drawn from."""

    out_s: Range
    hold_s: Range
    back_s: Range
    rest_s: Range


SLOW = RepetitionPace((0.7, 2.0), (0.05, 0.7), (0.7, 2.5), (0.05, 0.8))
QUICK = RepetitionPace((0.35, 0.8), (0.02, 0.12), (0.35, 0.9), (0.02, 0.25))


def repetitions(p: Programme, pace: RepetitionPace, times: int | None = None) -> np.ndarray:
    """(T,) from 0 to about 1 and back in one rhythm, slower towards the end."""
    rng, usual_s = p.rng, [log_uniform(p.rng, *of) for of in pace]
    drawn = int(rng.integers(*TIMES)) if times is None else times
    many = max(min(drawn, int(MOST_S / sum(usual_s))), LEAST_TIMES)
    slower = rng.uniform(0.0, 0.3)
    return np.concatenate([_repetition(p, usual_s, 1 + slower * k / many) for k in range(many)])


def _repetition(p: Programme, usual_s: list[float], slower: float) -> np.ndarray:
    lasts_s = [s * slower * float(np.exp(UNEVEN * p.rng.normal())) for s in usual_s]
    return hill(1 - abs(UNEVEN * p.rng.normal()), *(max(1, round(s * p.fps)) for s in lasts_s))


def with_arms_raised(p: Programme, hill: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The repetitions with time before and after them, and how far the arms are up for them: 0..1, both (T,)."""
    share = minimum_jerk(np.arange(p.frames(RAISE_S)) / p.frames(RAISE_S))
    raised = np.concatenate([share, np.ones_like(hill), share[::-1]])
    return np.concatenate([0 * share, hill, 0 * share]), raised


def in_turn(hill: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The repetitions of the left and of the right arm, which take turns, (T,) each."""
    begins = np.diff((hill > 0).astype(int), prepend=0) == 1
    left = np.cumsum(begins) % 2 == 1
    return hill * left, hill * ~left


def standing(p: Programme, count: int, half_stance_m: float | None = None) -> Posture:
    """Upright with hanging arms, whatever the lift of the set; its bar stays where it is."""
    lifter = p.lifter
    half_m = min(max(lifter.half_stance_m, 0.08), 0.2) if half_stance_m is None else half_stance_m
    posture = stand(p.body, count, half_m, min(lifter.toe_out_rad, 0.35))
    keep_bar(p, posture)
    return posture


def keep_bar(p: Programme, posture: Posture) -> None:
    there = p.place.upright(1)
    put(posture, **{name: there[name][0] for name in BAR})


def play(p: Programme, posture: Posture, kind: str, ease_s: float = 0.8) -> None:
    """Get into the first posture, do the exercise, and stand up again."""
    p.go(posture, ease_s * p.rng.uniform(0.8, 1.3), kind)
    p.go(standing(p, p.frames(0.3)), ease_s * p.rng.uniform(0.8, 1.3), kind)


def sequence(p: Programme, keys: list[tuple[Posture, float]]) -> Posture:
    """The way over postures of one frame: each with the seconds that it takes to get there."""
    parts: list[Posture] = []
    for before, (after, seconds) in zip([keys[-1], *keys], keys, strict=False):
        share = minimum_jerk((np.arange(p.frames(seconds)) + 1) / p.frames(seconds))
        parts.append({name: before[0][name][0] + share * (after[name][0] - before[0][name][0]) for name in PARAMS})
    return join(parts)


LOOSE = 0.07  # standard deviation between lifters of each component of an arm's directions


class ArmMove(NamedTuple):
    start: Arm
    end: Arm
    in_turn: float = 0.0  # share of lifters who move one arm after the other
    lean: tuple[float, float] = (-0.05, 0.1)  # of the trunk, rad
    cheat_rad: float = 0.12  # most that the trunk swings back with the weight
    shrug_rad: float = 0.0  # rise of the shoulders at the end
    pace: RepetitionPace = SLOW


MOVES = {
    "curls": ArmMove(HANGING, Arm((0.15, 0.12, -1.0), (0.45, -0.05, 1.0)), in_turn=0.3),
    "lateral_raises": ArmMove(HANGING, Arm((0.2, 1.0, -0.05), (0.3, 1.0, -0.1)), shrug_rad=0.15),
    "front_raises": ArmMove(HANGING, Arm((1.0, 0.05, 0.05), (1.0, -0.1, 0.1)), in_turn=0.35, shrug_rad=0.1),
    "upright_rows": ArmMove(HANGING, Arm((0.25, 1.0, 0.15), (0.3, -0.9, -0.5)), shrug_rad=0.25),
    "triceps_extensions": ArmMove(
        Arm((0.1, 0.15, 1.0), (0.05, 0.0, 1.0)), Arm((0.15, 0.25, 1.0), (-0.6, -0.25, -0.8)), shrug_rad=0.15
    ),
    "pushdowns": ArmMove(
        Arm((0.12, 0.15, -1.0), (0.8, -0.1, 0.5)), Arm((0.1, 0.12, -1.0), (0.25, 0.05, -1.0)), lean=(0.05, 0.4)
    ),
}
ASIDE = Arm((0.1, 1.0, 0.0), (0.1, 1.0, 0.2))
OVERHEAD = Arm((0.2, 0.45, 0.9), (0.1, 0.2, 1.0))
PULLED = Arm((0.05, 0.85, -0.55), (0.15, -0.1, 1.0))
GUARD = Arm((0.4, 0.2, -0.85), (0.55, -0.25, 0.8))
PUNCH = Arm((1.0, -0.05, 0.0), (1.0, -0.2, 0.05))
SEAT_M = (0.42, 0.52)


def _loosened(rng: np.random.Generator, arm: Arm) -> Arm:
    return Arm(*(_near(rng, bone) for bone in arm))


def _near(rng: np.random.Generator, bone: Direction) -> Direction:
    forward, out, up = (float(value) for value in np.array(bone) + LOOSE * rng.normal(size=3))
    return forward, out, up


def _move(p: Programme, name: str) -> None:
    rng, move = p.rng, MOVES[name]
    hill, raised = with_arms_raised(p, repetitions(p, move.pace))
    posture = standing(p, len(hill))
    posture["pitch"] = posture["pitch"] + rng.uniform(*move.lean) - rng.uniform(0, move.cheat_rad) * hill
    posture["shrug"] = rng.uniform(0.3, 1.2) * move.shrug_rad * hill
    start, end = _loosened(rng, move.start), _loosened(rng, move.end)
    sides = in_turn(hill) if rng.random() < move.in_turn else (hill, hill)
    aside = ASIDE if start.upper[2] > 0 else None
    getting = between(HANGING, start, raised, aside)
    ways = {
        side: _once_raised(raised, getting, between(start, end, own)) for side, own in zip(SIDES, sides, strict=True)
    }
    hands_along_bar(posture, float(rng.choice([0.0, 1.0])))
    set_arms(posture, p.body, ways, with_trunk=float(rng.uniform(0.0, 0.7)))
    play(p, posture, name)


def _once_raised(
    raised: np.ndarray, getting: tuple[np.ndarray, np.ndarray], moving: tuple[np.ndarray, np.ndarray]
) -> tuple[np.ndarray, np.ndarray]:
    """Directions on the way to and from the start, and those of the exercise in between."""
    ready = (raised >= 1)[:, None]
    return np.where(ready, moving[0], getting[0]), np.where(ready, moving[1], getting[1])


def shrugs(p: Programme) -> None:
    hill = repetitions(p, QUICK if p.rng.random() < 0.5 else SLOW)
    posture = standing(p, len(hill))
    add(posture, shrug=p.rng.uniform(0.3, 0.5) * hill, pitch=p.rng.uniform(0.0, 0.15))
    hanging = _loosened(p.rng, HANGING)
    set_arms(posture, p.body, both(between(hanging, hanging, hill)))
    play(p, posture, "shrugs")


def arm_circles(p: Programme) -> None:
    """Straight arms, held aside, in small or large circles."""
    period_s = p.rng.uniform(0.6, 2.2)
    count = p.frames(period_s * p.rng.uniform(4.5, 12.0))
    angle = p.rng.choice([-1, 1]) * 2 * np.pi * np.arange(count) / p.fps / period_s
    wide = p.rng.uniform(0.1, 0.9)
    posture = standing(p, count)
    arm = np.stack([wide * np.cos(angle), np.ones(count), wide * np.sin(angle)], -1)
    set_arms(posture, p.body, both((arm, arm)))
    play(p, posture, "arm_circles")


def boxing(p: Programme) -> None:
    """Punch with both hands in turn from a guard, one foot in front, bouncing."""
    rng = p.rng
    hill = repetitions(
        p, RepetitionPace((0.12, 0.25), (0.01, 0.06), (0.15, 0.35), (0.02, 0.5)), int(rng.integers(8, 31))
    )
    posture = standing(p, len(hill), rng.uniform(0.14, 0.2))
    ahead_m, side = rng.uniform(0.1, 0.22), SIDES[rng.integers(2)]
    add(posture, side, foot_x=ahead_m)
    add(posture, OTHER_SIDE[side], foot_x=-ahead_m)
    bounce = np.abs(np.sin(np.pi * np.arange(len(hill)) / p.fps / rng.uniform(0.4, 0.8)))
    posture["hip_z"] = posture["hip_z"] - 0.06 - rng.uniform(0.0, 0.04) * bounce
    left, right = in_turn(hill)
    add(posture, pitch=rng.uniform(0.05, 0.2), twist=rng.uniform(0.2, 0.5) * (right - left))
    hook = rng.uniform(0.0, 0.7)
    punch = _loosened(rng, Arm(PUNCH.upper, (1.0, -0.2 - hook, 0.05)))
    set_arms(posture, p.body, {s: between(GUARD, punch, own) for s, own in zip(SIDES, (left, right), strict=True)})
    play(p, posture, "boxing", 0.5)


def pulldowns(p: Programme) -> None:
    """Sit, or stand, and pull a bar from overhead to the chest."""
    hill = repetitions(p, SLOW)
    posture = standing(p, len(hill))
    if p.rng.random() < 0.75:
        add(posture, hip_x=-p.rng.uniform(0.34, 0.44))
        put(posture, hip_z=p.rng.uniform(*SEAT_M) + 0.08)
    posture["pitch"] = posture["pitch"] - p.rng.uniform(0.0, 0.25) - p.rng.uniform(0.0, 0.25) * hill
    posture["shrug"] = 0.3 * (1 - hill)
    start, end = _loosened(p.rng, OVERHEAD), _loosened(p.rng, PULLED)
    set_arms(posture, p.body, both(between(start, end, hill)))
    hands_along_bar(posture)
    play(p, posture, "pulldowns", 1.1)


def pull_ups(p: Programme) -> None:
    """From a high bar, with straight legs or bent knees."""
    rng, body = p.rng, p.body
    hill = repetitions(p, SLOW, int(rng.integers(3, 11)))
    posture = standing(p, len(hill), 0.08)
    off_m, way_m = rng.uniform(0.06, 0.3), rng.uniform(0.42, 0.6) * body.arm_m
    bent = rng.uniform(0.0, 0.4) if rng.random() < 0.6 else 0.0
    add(posture, shrug=0.35 * (1 - hill), pitch=-rng.uniform(0.0, 0.3) * minimum_jerk(hill))
    wide = rng.uniform(0.1, 0.8)
    reach = np.array([0.05, wide, 1.0])
    set_arms(posture, body, both((np.tile(reach, (len(hill), 1)),) * 2))
    rise_m = off_m + way_m * hill
    swing_m = rng.uniform(0.0, 0.04) * np.sin(2 * np.pi * np.arange(len(hill)) / p.fps / 1.7)
    for side in SIDES:
        x, y, z = (posture[f"hand_{axis}_{side}"][0] for axis in "xyz")
        put(posture, side, hand_x=x, hand_y=y, hand_z=z + off_m)  # they stay where straight arms hang from
        put(posture, side, pole_x=0.3, pole_y=0.3 + wide, pole_z=-0.8, foot_pitch=0.6 + bent)
        add(posture, side, foot_x=2 * swing_m, foot_z=rise_m)
        add(posture, side, foot_x=-bent * body.shin_m * 1.4, foot_z=bent * body.shin_m * 1.0)
    add(posture, hip_z=rise_m, hip_x=swing_m)
    add(posture, hip_x=-0.06 * hill)
    hands_along_bar(posture)
    play(p, posture, "pull_ups", 0.9)


ARM_EXERCISES: dict[str, Exercise] = {
    **{name: partial(_move, name=name) for name in MOVES},
    **{played.__name__: played for played in (shrugs, arm_circles, boxing, pulldowns, pull_ups)},
}
