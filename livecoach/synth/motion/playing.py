"""Building blocks of movements outside of reps: standing, walking, turning, going down and up at varying pace."""

from typing import TYPE_CHECKING

import numpy as np

from livecoach.synth.curves import minimum_jerk
from livecoach.synth.figure.body import SIDES, SIGN
from livecoach.synth.figure.posture import BAR, PARAMS, Posture, length
from livecoach.synth.motion import moves

if TYPE_CHECKING:
    from livecoach.synth.motion.programme import Programme

SPOT = np.array([-0.02, 0.0])
"""The lifter's spot, m."""
TURN_RAD_S = 2.2
STEP_UP_M = 0.05
"""Height of the feet during a turn on the spot."""
Range = tuple[float, float]
"""Minimum and maximum, in seconds."""


def upright(p: "Programme", seconds: float) -> Posture:
    """Return a standing posture."""
    return p.place.upright(p.frames(seconds))


def walk(p: "Programme", start: np.ndarray, goal: np.ndarray) -> Posture:
    """Walk from start to goal, (2,) m, while the bar stays in place."""
    walking, standing = moves.walk(p.body, p.rng, p.fps, start, goal), p.place.upright(1)
    for name in BAR:
        walking[name] = np.full(length(walking), standing[name][0])
    return walking


def excursions(
    p: "Programme", times: int, out_s: Range, hold_s: Range, back_s: Range, rest_s: Range
) -> list[np.ndarray]:
    """Return `times` excursions (T,) from 0 to at most 1 and back, each with its own pace and extent."""
    return [_hill(p, out_s, hold_s, back_s, rest_s) for _ in range(times)]


def _hill(p: "Programme", *lasting_s: Range) -> np.ndarray:
    out, hold, back, rest = (p.frames(p.rng.uniform(*seconds)) for seconds in lasting_s)
    far = p.rng.uniform(0.75, 1.0)
    away, home = (minimum_jerk((np.arange(count) + 1) / count) for count in (out, back))
    return far * np.concatenate([away, np.ones(hold), 1 - home, np.zeros(rest)])


def interpolate(a: Posture, b: Posture, share: np.ndarray) -> Posture:
    """Interpolate between the first frames of a and b. share: (T,), 0 is a."""
    return {name: (1 - share) * a[name][0] + share * b[name][0] for name in PARAMS}


def sink(posture: Posture, forward_m: np.ndarray, up_m: np.ndarray) -> None:
    """Move the hips and the hands over fixed feet."""
    for name in ("hip", "hand"):
        for end in ("",) if name == "hip" else ("_L", "_R"):
            posture[f"{name}_x{end}"] = posture[f"{name}_x{end}"] + forward_m
            posture[f"{name}_z{end}"] = posture[f"{name}_z{end}"] + up_m


def turn(p: "Programme", place: np.ndarray, start_rad: float, goal_rad: float, kind: str) -> None:
    """Play a turn on the spot with small steps."""
    angle = goal_rad - start_rad
    count = p.frames(0.35 + abs(angle) / TURN_RAD_S)
    share = minimum_jerk((np.arange(count) + 1) / count)
    turning = moves.place_at(p.place.upright(count), place, start_rad + angle * share, bar=False)
    steps = max(2, round(abs(angle) / 0.6))
    for side in SIDES:
        lifted = np.maximum(SIGN[side] * np.sin(np.pi * steps * share), 0)
        turning[f"foot_z_{side}"] = turning[f"foot_z_{side}"] + STEP_UP_M * lifted
    p.go(turning, 0.3, kind)
