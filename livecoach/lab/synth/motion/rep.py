"""A rep: the progress of the lift in each frame, its form as one curve for each channel, and the faults of both."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from livecoach.lab.synth.figure.geometry import minimum_jerk
from livecoach.lab.synth.motion.lifter import SyntheticLifter

MIN_PHASE_S = 0.25
MIN_REST_S = 0.06
Shape = Callable[[np.ndarray], np.ndarray]  # maps (T,) 0..1 of a phase's time to (T,) 0..1 of its travel


@dataclass(slots=True, kw_only=True)
class Timing:
    away_s: float  # of the way out: the pull of a deadlift, the descent of a squat
    pause_s: float
    back_s: float
    rest_s: float  # in the starting position before the rep
    amplitude: float  # share of the full travel
    away: Shape
    back: Shape  # of the way back, where 1 is the starting position
    rng: np.random.Generator
    ends: float = 0.0  # share of the travel at which the rep ends, and the next one begins; 0: where it began


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RepTrajectory:
    """Of one rep, T frames."""

    lift: np.ndarray  # (T,) progress, as livecoach.lab.synth.motion.lift.PostureFunction expects it
    part: np.ndarray  # (T,) phase: 0 rest, +1 way out, 0 pause, -1 way back
    rest: int  # frames before the rep leaves the starting position
    turn: int  # frame of the lockout (deadlift) or of the deepest point (squat)

    @property
    def back(self) -> np.ndarray:
        """(T,) bool: past the turn."""
        return np.arange(len(self.lift)) > self.turn


def about(rng: np.random.Generator, lifter: SyntheticLifter, seconds: float, amount: float, least_s: float) -> float:
    """A duration near `seconds`, at least `least_s`. amount: spread of its logarithm at unevenness 1."""
    return max(seconds * float(np.exp(amount * lifter.unevenness * rng.normal())), least_s)


class Phase(NamedTuple):
    """How long a phase of the rep takes."""

    usual_s: str | Callable[[SyntheticLifter], float]  # a field of the lifter's style or of the lifter, or a function
    spread: float  # as for `about`
    least_s: float = MIN_PHASE_S
    tired: float = 0.0  # how much longer it takes at the end of a set, as a share

    def of(self, lifter: SyntheticLifter) -> float:
        if callable(self.usual_s):
            return self.usual_s(lifter)
        return float(getattr(lifter.style if hasattr(lifter.style, self.usual_s) else lifter, self.usual_s))


def rhythm(
    *,
    tired: float = 0.0,
    varies: float = 0.0,
    rebound: float = 0.0,
    lands: tuple[float, str] = (0.0, "rebound"),
    **phases: Phase,
) -> Callable[[np.random.Generator, SyntheticLifter, float], Timing]:
    """Timing of a lift's good reps, given the lifter and the position in the set, 0..1, times the lifter's drift.

    phases: the durations of a Timing, in the order of the draws. tired, varies: by how much less of the travel the last
    rep has, and the standard deviation of the travel at unevenness 1. rebound: share of the lifter's rebound with which
    the lift turns. lands: share of that property of the lifter with which the way back ends."""

    def timing(rng: np.random.Generator, lifter: SyntheticLifter, position: float) -> Timing:
        seconds = {
            name: about(rng, lifter, phase.of(lifter) * (1 + phase.tired * position), phase.spread, phase.least_s)
            for name, phase in phases.items()
        }
        travel = (1 - tired * position) * (1 - lifter.short)
        travel += varies * lifter.unevenness * rng.normal() if varies else 0.0
        at_speed, (share, landing) = rebound * lifter.rebound, lands
        away = uneven(rng, lifter, (0.0, at_speed))
        back = uneven(rng, lifter, (at_speed, share * getattr(lifter, landing)))
        return Timing(amplitude=travel, away=away, back=back, rng=rng, **seconds)

    return timing


def sample_rep(timing: Timing, fps: float, turns_low: bool, begins: float = 0.0) -> RepTrajectory:
    """Sample a rep from its rest on; it begins at that share of the travel, at which the previous one ended."""
    seconds = (timing.rest_s, timing.away_s, timing.pause_s, timing.back_s)
    counts = tuple(max(least, round(s * fps)) for s, least in zip(seconds, (0, 2, 2, 2), strict=True))
    rest, away, pause, back = counts
    leaving = timing.away((np.arange(away) + 1) / away)
    returning = 1 - timing.back((np.arange(back) + 1) / back)
    out, home = begins + (1 - begins) * leaving, timing.ends + (1 - timing.ends) * returning
    return RepTrajectory(
        lift=timing.amplitude * np.concatenate([np.full(rest, begins), out, np.ones(pause), home]),
        part=np.repeat([0.0, 1.0, 0.0, -1.0], counts),
        rest=rest,
        turn=rest + away - 1 + (pause // 2 if turns_low else 0),
    )


def uneven(rng: np.random.Generator, lifter: SyntheticLifter, cut: tuple[float, float]) -> Shape:
    """With random skew and sticking point. cut: start and end for `moving`."""
    skew = float(np.clip(lifter.skew + rng.normal(0, 0.1), -0.45, 0.6))
    at = float(np.clip(lifter.sticking_at + rng.normal(0, 0.05), 0.15, 0.85))
    depth = lifter.sticking * lifter.unevenness * float(rng.uniform(0.3, 1.0))
    smooth = moving(*cut)

    def shape(x: np.ndarray) -> np.ndarray:
        held = 0.12 * depth * np.sin(np.pi * x) * (1 / (1 + np.exp(-(x - at) / 0.06)) - x)
        return smooth(np.clip(x ** (1 + skew) - held, 0, 1))

    return shape


def moving(start: float, end: float) -> Shape:
    """Return a minimum-jerk phase without these shares of its time, so that it starts or ends at speed."""
    low, high = minimum_jerk(np.array([start, 1 - end]))
    return lambda x: (minimum_jerk(start + (1 - start - end) * x) - low) / (high - low)


def through(heights: tuple[float, ...], lasts: tuple[float, ...]) -> Shape:
    """A phase that rests at each of `heights`, the first of which is the start; `lasts` weighs the durations."""
    share = np.array(lasts) / sum(lasts)
    ends = np.cumsum(share)

    def shape(x: np.ndarray) -> np.ndarray:
        way = np.full_like(x, heights[0])
        for at, to, end, lasting in zip(heights[:-1], heights[1:], ends, share, strict=True):
            way = way + (to - at) * minimum_jerk((x - end + lasting) / lasting)
        return way

    return shape


Form = dict[str, np.ndarray]  # arrays (T,), one for each name in CHANNELS

CHANNELS = (
    "lumbar",  # flexion of the lower and
    "thoracic",  # of the upper back, radians; below 0: arched
    "neck",  # radians, > 0 looks down
    "twist",  # of the trunk, radians, > 0 to the left
    "forward",  # m the bar is in front of where it should be
    "early",  # share of the lift by which the hips lead the bar (deadlift) or are pushed back (squat, 0..1)
    "tilt",  # of the bar, radians, > 0: the left end is high
    "shift",  # m of the hips to the left
    "knee_in_L",  # radians
    "knee_in_R",
    "thigh",  # radians of tilt, added at the bottom
    "shin",  # the same
    "unlock",  # radians by which the knees stay bent throughout the lift
    "lean_back",  # radians past straight
    "elbow_L",  # flexion, radians
    "elbow_R",
    "heel_L",  # m of rise
    "heel_R",
    "ahead",  # m by which the left hand is in front of the right one, and
    "above",  # m by which it is above it
    "leg",  # the leg in front of a lunge: 1 left, -1 right
    "step",  # share of a lunge's stride that is missing
    "back",  # 1 past the turn of the rep, 0 before it
)


def plain_form(count: int) -> Form:
    return {name: np.zeros(count) for name in CHANNELS}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FormBuilder:
    """Builds the form of one rep: holds what a fault reads and the form that it adds to."""

    lifter: SyntheticLifter
    form: Form
    lift: np.ndarray  # (T,) progress, 0..1: height of the bar (deadlift) or depth (squat)
    low: np.ndarray  # (T,) 1 where the body is most bent, 0 upright (`Lift.bent`)
    rising: np.ndarray  # (T,) 1 while the weight goes up, 0 otherwise
    rng: np.random.Generator
    side: float  # on which this lifter's asymmetric faults show: +1 left, -1 right
    number: int = 0  # reps before this one in the set

    @property
    def bent(self) -> np.ndarray:
        """(T,) as `low`, but bent for longer."""
        return self.low**0.7

    @property
    def middle(self) -> np.ndarray:
        """(T,) 1 halfway through the lift, 0 at both ends."""
        return np.sin(np.pi * self.lift)

    def bump(self, at: float, width: float) -> np.ndarray:
        """(T,) 1 at `at`, falling off within `width`, 0 where the lift is 0."""
        return np.exp(-(((self.lift - at) / width) ** 2)) * np.clip(self.lift / 0.08, 0, 1)

    def add(self, **amounts: np.ndarray | float) -> None:
        """Add to channels: a name without its side means both; with `_own`, that of this lifter's asymmetric faults."""
        own = "L" if self.side > 0 else "R"
        for name, amount in amounts.items():
            both = (f"{name}_L", f"{name}_R") if f"{name}_L" in self.form else (name.replace("_own", f"_{own}"),)
            for channel in both:
                self.form[channel] = self.form[channel] + amount
