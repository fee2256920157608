"""One rep in time: how far through the lift it is in each frame."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from livecoach.synth.curves import minimum_jerk
from livecoach.synth.motion.lifter import SyntheticLifter

MIN_PHASE_S = 0.25
MIN_REST_S = 0.06
Shape = Callable[[np.ndarray], np.ndarray]
"""(T,) 0..1 through the time of a phase -> (T,) 0..1 of the way."""


@dataclass(slots=True, kw_only=True)
class Timing:
    """How one rep goes in time, while it is being made: faults change it."""

    away_s: float
    """Out of the starting position: pulling a deadlift, going down in a squat."""
    pause_s: float
    back_s: float
    rest_s: float
    """Before it, in the starting position."""
    amplitude: float
    """1: all of the way."""
    away: Shape
    back: Shape
    """1 on the way back is the starting position."""
    rng: np.random.Generator


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RepTrajectory:
    """The way through the lift of one rep, T frames."""

    lift: np.ndarray
    """(T,) as livecoach.synth.motion.lifts takes it."""
    part: np.ndarray
    """(T,) 0 rest, +1 away from the starting position, 0 pause, -1 back."""
    rest: int
    """Frames before it leaves the starting position."""
    turn: int
    """Frame of the lockout (deadlift) or of the deepest point (squat)."""


def random_timing(rng: np.random.Generator, lifter: SyntheticLifter, exercise: str, tired: float) -> Timing:
    """A good rep's timing; tired: 0 at the start of a set, 1 at its end, in this lifter's measure."""

    def about(seconds: float, amount: float, least_s: float = MIN_PHASE_S) -> float:
        return max(seconds * float(np.exp(amount * lifter.unevenness * rng.normal())), least_s)

    if exercise == "deadlift":
        away_s, back_s = about(lifter.raise_s * (1 + 0.25 * tired), 0.1), about(lifter.lower_s, 0.1)
        pause_s, rest_s = about(lifter.top_s, 0.2, MIN_REST_S), about(lifter.floor_s, 0.25)
    else:
        away_s, back_s = about(lifter.descend_s, 0.1), about(lifter.ascend_s * (1 + 0.25 * tired), 0.1)
        pause_s, rest_s = about(lifter.bottom_s, 0.3, 0.0), about(0.3 + 0.5 * lifter.floor_s, 0.25)
    amplitude = 1 - 0.02 * tired + (0.02 * lifter.unevenness * rng.normal() if exercise == "squat" else 0)
    if exercise == "deadlift":
        amplitude *= 1 - lifter.short
    return Timing(
        away_s=away_s,
        pause_s=pause_s,
        back_s=back_s,
        rest_s=rest_s,
        amplitude=amplitude,
        away=_uneven(rng, lifter, (0.0, 0.4 * lifter.rebound) if exercise == "squat" else (0.0, 0.0)),
        back=_uneven(rng, lifter, (0.4 * lifter.rebound, 0.0) if exercise == "squat" else (0.0, lifter.landing)),
        rng=rng,
    )


def sample_rep(timing: Timing, fps: float, exercise: str) -> RepTrajectory:
    """Sampled at `fps`; begins with the rest."""
    seconds = (timing.rest_s, timing.away_s, timing.pause_s, timing.back_s)
    counts = tuple(max(least, round(s * fps)) for s, least in zip(seconds, (0, 2, 2, 2), strict=True))
    rest, away, pause, back = counts
    leaving = timing.away((np.arange(away) + 1) / away)
    returning = 1 - timing.back((np.arange(back) + 1) / back)
    return RepTrajectory(
        lift=timing.amplitude * np.concatenate([np.zeros(rest), leaving, np.ones(pause), returning]),
        part=np.repeat([0.0, 1.0, 0.0, -1.0], counts),
        rest=rest,
        turn=rest + away - 1 + (pause // 2 if exercise == "squat" else 0),
    )


def _uneven(rng: np.random.Generator, lifter: SyntheticLifter, cut: tuple[float, float]) -> Shape:
    """Not quite evenly: the bar is fastest sooner or later, and slower where it is hard; `cut` as `moving`."""
    skew = float(np.clip(lifter.skew + rng.normal(0, 0.1), -0.45, 0.6))
    at = float(np.clip(lifter.sticking_at + rng.normal(0, 0.05), 0.15, 0.85))
    depth = lifter.sticking * lifter.unevenness * float(rng.uniform(0.3, 1.0))
    smooth = moving(*cut)

    def shape(x: np.ndarray) -> np.ndarray:
        held = 0.12 * depth * np.sin(np.pi * x) * (1 / (1 + np.exp(-(x - at) / 0.06)) - x)
        return smooth(np.clip(x ** (1 + skew) - held, 0, 1))

    return shape


def moving(start: float, end: float) -> Shape:
    """A minimum-jerk way without its first `start` and last `end` of time, where it would be slow: it is under way at
    its start or end."""
    low, high = minimum_jerk(np.array([start, 1 - end]))

    def shape(x: np.ndarray) -> np.ndarray:
        return (minimum_jerk(start + (1 - start - end) * x) - low) / (high - low)

    return shape


def through(heights: tuple[float, ...], lasts: tuple[float, ...]) -> Shape:
    """From rest to rest at each of `heights` (the first is the start), each way lasting its share of `lasts`."""
    share = np.array(lasts) / sum(lasts)
    ends = np.cumsum(share)

    def shape(x: np.ndarray) -> np.ndarray:
        way = np.full_like(x, heights[0])
        for at, to, end, lasting in zip(heights[:-1], heights[1:], ends, share, strict=True):
            way = way + (to - at) * minimum_jerk((x - end + lasting) / lasting)
        return way

    return shape
