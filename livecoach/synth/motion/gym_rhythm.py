"""What the exercises that livecoach does not count share: their rhythm, and how they begin and end."""

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from livecoach.synth.curves import minimum_jerk
from livecoach.synth.figure.posture import BAR, PARAMS, Posture, length, stand
from livecoach.synth.motion.lifter import seconds_between
from livecoach.synth.motion.playing import Range

if TYPE_CHECKING:
    from livecoach.synth.motion.programme import Programme

Exercise = Callable[["Programme"], None]
TIMES = (4, 16)
"""Range of repetitions, the end excluded."""
MOST_S, LEAST_TIMES = 30.0, 3
"""About how long an exercise lasts at most, and least repetitions."""
RAISE_S = 0.9
"""Time in which hanging arms go up to where an exercise starts."""
UNEVEN = 0.07
"""Standard deviation between repetitions of the logarithm of a duration, and of the extent."""


class Pace(NamedTuple):
    """The ranges that one lifter's durations of a repetition are drawn from."""

    out_s: Range
    hold_s: Range
    back_s: Range
    rest_s: Range


SLOW = Pace((0.7, 2.0), (0.05, 0.7), (0.7, 2.5), (0.05, 0.8))
QUICK = Pace((0.35, 0.8), (0.02, 0.12), (0.35, 0.9), (0.02, 0.25))


def repetitions(p: "Programme", pace: Pace, times: int | None = None) -> np.ndarray:
    """Return repetitions (T,) from 0 to about 1 and back in one rhythm, slower towards the end."""
    rng, usual_s = p.rng, [seconds_between(p.rng, *of) for of in pace]
    drawn = int(rng.integers(*TIMES)) if times is None else times
    many = max(min(drawn, int(MOST_S / sum(usual_s))), LEAST_TIMES)
    slower = rng.uniform(0.0, 0.3)
    return np.concatenate([_repetition(p, usual_s, 1 + slower * k / many) for k in range(many)])


def _repetition(p: "Programme", usual_s: list[float], slower: float) -> np.ndarray:
    lasts_s = [s * slower * float(np.exp(UNEVEN * p.rng.normal())) for s in usual_s]
    out, hold, back, rest = (max(1, round(s * p.fps)) for s in lasts_s)
    far = 1 - abs(UNEVEN * p.rng.normal())
    away, home = (minimum_jerk((np.arange(count) + 1) / count) for count in (out, back))
    return far * np.concatenate([away, np.ones(hold), 1 - home, np.zeros(rest)])


def with_arms_raised(p: "Programme", hill: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the repetitions with time before and after them, and how far the arms are up for them: 0..1, both (T,)."""
    share = minimum_jerk(np.arange(p.frames(RAISE_S)) / p.frames(RAISE_S))
    raised = np.concatenate([share, np.ones_like(hill), share[::-1]])
    return np.concatenate([0 * share, hill, 0 * share]), raised


def in_turn(hill: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the repetitions of the left and of the right arm, which take turns, (T,) each."""
    begins = np.diff((hill > 0).astype(int), prepend=0) == 1
    left = np.cumsum(begins) % 2 == 1
    return hill * left, hill * ~left


def standing(p: "Programme", count: int, half_stance_m: float | None = None) -> Posture:
    """Return an upright posture with hanging arms, whatever the lift of the set; its bar stays where it is."""
    lifter = p.lifter
    half_m = min(max(lifter.half_stance_m, 0.08), 0.2) if half_stance_m is None else half_stance_m
    posture = stand(p.body, count, half_m, min(lifter.toe_out_rad, 0.35))
    keep_bar(p, posture)
    return posture


def keep_bar(p: "Programme", posture: Posture) -> None:
    """Leave the bar of the set where it is."""
    there = p.place.upright(1)
    for name in BAR:
        posture[name] = np.full(length(posture), there[name][0])


def play(p: "Programme", posture: Posture, kind: str, ease_s: float = 0.8) -> None:
    """Get into the first posture, do the exercise, and stand up again."""
    p.go(posture, ease_s * p.rng.uniform(0.8, 1.3), kind)
    p.go(standing(p, p.frames(0.3)), ease_s * p.rng.uniform(0.8, 1.3), kind)


def sequence(p: "Programme", keys: list[tuple[Posture, float]]) -> Posture:
    """Return the way over postures of one frame: each with the seconds that it takes to get there."""
    parts: list[Posture] = []
    for before, (after, seconds) in zip([keys[-1], *keys], keys, strict=False):
        share = minimum_jerk((np.arange(p.frames(seconds)) + 1) / p.frames(seconds))
        parts.append({name: before[0][name][0] + share * (after[name][0] - before[0][name][0]) for name in PARAMS})
    return {name: np.concatenate([part[name] for part in parts]) for name in PARAMS}
