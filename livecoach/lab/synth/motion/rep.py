"""Computes the timing and the form of a rep: the progress of the lift in each frame, and a curve for each channel."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from livecoach.lab.synth.figure.geometry import minimum_jerk
from livecoach.lab.synth.motion.lifter import SyntheticLifter

MIN_PHASE_S = 0.25  # Shortest duration of a phase
MIN_REST_S = 0.06  # Shortest rest between reps
Shape = Callable[[np.ndarray], np.ndarray]  # Returns the share of a phase's travel, (T,), for shares of its time, (T,)


@dataclass(slots=True, kw_only=True)
class Timing:
    """The durations of the phases of a rep, and the course of its travel. Faults change a timing in place."""

    away_s: float  # duration of the way out: the pull of a deadlift, the descent of a squat
    pause_s: float
    back_s: float
    rest_s: float  # time in the starting position before the rep
    amplitude: float  # share of the full travel
    away: Shape  # travel of the way out; 1 is the turn
    back: Shape  # travel of the way back; 1 is the starting position
    rng: np.random.Generator  # for faults that change the timing at random
    ends: float = 0.0  # share of the travel at which the rep ends and the next rep begins


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RepProgress:
    """The progress and the direction of the lift in T frames of a rep."""

    lift: np.ndarray  # (T,) progress, as in livecoach.lab.synth.motion.lift_motion.PostureFunction
    phase: np.ndarray  # (T,) phase: 0 rest, +1 way out, 0 pause, -1 way back
    rest: int  # number of frames before the rep leaves the starting position
    turn: int  # frame of the lockout (deadlift) or of the deepest point (squat)

    @property
    def is_after_turn(self) -> np.ndarray:
        """Whether each frame is after the turn, (T,)."""
        return np.arange(len(self.lift)) > self.turn


def draw_duration_s(
    rng: np.random.Generator, lifter: SyntheticLifter, seconds: float, amount: float, least_s: float
) -> float:
    """Draw a duration from a log-normal distribution, and raise it to `least_s` if it is shorter.

    Args:
        seconds: Median duration.
        amount: Standard deviation of the logarithm at unevenness 1.
    """
    return max(seconds * float(np.exp(amount * lifter.unevenness * rng.normal())), least_s)


class Phase(NamedTuple):
    """The usual duration of a phase of the rep, and how it varies."""

    usual_s: str | Callable[[SyntheticLifter], float]  # field of the lifter's style or of the lifter, or a function
    spread: float  # `amount` of `draw_duration_s`
    least_s: float = MIN_PHASE_S
    tired: float = 0.0  # share by which the phase takes longer in the last rep, at the usual drift

    def usual_duration_s(self, lifter: SyntheticLifter) -> float:
        if callable(self.usual_s):
            return self.usual_s(lifter)
        return float(getattr(lifter.style if hasattr(lifter.style, self.usual_s) else lifter, self.usual_s))


def make_timing_draw(
    *,
    tired: float = 0.0,
    varies: float = 0.0,
    rebound: float = 0.0,
    lands: tuple[float, str] = (0.0, "rebound"),
    **phases: Phase,
) -> Callable[[np.random.Generator, SyntheticLifter, float], Timing]:
    """Return a function that draws the timing of good reps, for `Lift.timing`.

    Args:
        tired: Share of the travel that is missing in the last rep of a lifter with the usual `drift`.
        varies: Standard deviation of the travel of a lifter with an `unevenness` of 1.
        rebound: Factor on the lifter's `rebound`. The product is cut off both ways at the turn, as in `moving_phase`.
        lands: A factor and the name of a lifter's property. Their product is cut off the end of the way back.
        phases: Phase for each duration of a Timing, in the order of the draws.
    """

    def draw_timing(rng: np.random.Generator, lifter: SyntheticLifter, tiredness: float) -> Timing:
        """Draw the timing of a rep; `tiredness` is the position in the set, 0…1, times the lifter's drift."""
        seconds = {
            name: draw_duration_s(
                rng, lifter, phase.usual_duration_s(lifter) * (1 + phase.tired * tiredness), phase.spread, phase.least_s
            )
            for name, phase in phases.items()
        }
        travel = (1 - tired * tiredness) * (1 - lifter.short)
        travel += varies * lifter.unevenness * rng.normal() if varies else 0.0
        at_speed, (share, landing) = rebound * lifter.rebound, lands
        away = _uneven_phase(rng, lifter, (0.0, at_speed))
        back = _uneven_phase(rng, lifter, (at_speed, share * getattr(lifter, landing)))
        return Timing(amplitude=travel, away=away, back=back, rng=rng, **seconds)

    return draw_timing


def sample_rep(timing: Timing, fps: float, turns_low: bool, begins: float = 0.0) -> RepProgress:
    """Sample the progress of a rep in frames, from the rest before the rep to its end.

    Args:
        turns_low: Whether the turn is in the middle of the pause instead of at the end of the way out.
        begins: Share of the travel at which the rep begins.
    """
    seconds = (timing.rest_s, timing.away_s, timing.pause_s, timing.back_s)
    counts = tuple(max(least, round(s * fps)) for s, least in zip(seconds, (0, 2, 2, 2), strict=True))
    rest, away, pause, back = counts
    leaving = timing.away((np.arange(away) + 1) / away)
    returning = 1 - timing.back((np.arange(back) + 1) / back)
    out, home = begins + (1 - begins) * leaving, timing.ends + (1 - timing.ends) * returning
    return RepProgress(
        lift=timing.amplitude * np.concatenate([np.full(rest, begins), out, np.ones(pause), home]),
        phase=np.repeat([0.0, 1.0, 0.0, -1.0], counts),
        rest=rest,
        turn=rest + away - 1 + (pause // 2 if turns_low else 0),
    )


def _uneven_phase(rng: np.random.Generator, lifter: SyntheticLifter, cut: tuple[float, float]) -> Shape:
    """Draw the course of a phase with a lifter's skew and sticking point, cut as in `moving_phase`."""
    skew = float(np.clip(lifter.skew + rng.normal(0, 0.1), -0.45, 0.6))
    at = float(np.clip(lifter.sticking_at + rng.normal(0, 0.05), 0.15, 0.85))
    depth = lifter.sticking * lifter.unevenness * float(rng.uniform(0.3, 1.0))
    smooth = moving_phase(*cut)

    def shape(x: np.ndarray) -> np.ndarray:
        held = 0.12 * depth * np.sin(np.pi * x) * (1 / (1 + np.exp(-(x - at) / 0.06)) - x)
        return smooth(np.clip(x ** (1 + skew) - held, 0, 1))

    return shape


def moving_phase(start: float, end: float) -> Shape:
    """Return the shape of a minimum-jerk phase without its beginning and its end, so that it starts and ends at speed.

    Args:
        start: Share of the time that is cut off at the start; 0 to start at rest.
        end: Share of the time that is cut off at the end; 0 to end at rest.
    """
    low, high = minimum_jerk(np.array([start, 1 - end]))
    return lambda x: (minimum_jerk(start + (1 - start - end) * x) - low) / (high - low)


def shape_through(heights: tuple[float, ...], durations: tuple[float, ...]) -> Shape:
    """Return the shape of a phase that visits heights in turn, and stops for a moment at each height.

    Args:
        heights: Shares of the travel, from the start of the phase on.
        durations: Relative durations of the movements between successive heights.
    """
    share = np.array(durations) / sum(durations)
    ends = np.cumsum(share)

    def shape(x: np.ndarray) -> np.ndarray:
        way = np.full_like(x, heights[0])
        for at, to, end, lasting in zip(heights[:-1], heights[1:], ends, share, strict=True):
            way = way + (to - at) * minimum_jerk((x - end + lasting) / lasting)
        return way

    return shape


Form = dict[str, np.ndarray]  # Deviations from the usual posture: an array (T,) for each name in CHANNELS

# Angles are in radians, lengths in metres
CHANNELS = (
    "lumbar",  # flexion of the lower back; arched below 0
    "thoracic",  # flexion of the upper back; arched below 0
    "neck",  # flexion of the neck; > 0 looks down
    "twist",  # twist of the trunk; > 0 to the left
    "forward",  # distance of the bar in front of its usual place
    "early",  # share of the lift by which the hips lead the bar (deadlift) or are pushed back (squat, 0…1)
    "tilt",  # tilt of the bar; > 0 with the left end high
    "shift",  # distance of the hips to the left
    "knee_in_L",  # inward rotation of the left knee
    "knee_in_R",
    "thigh",  # tilt of the thighs that is added at the bottom
    "shin",  # tilt of the shins that is added at the bottom
    "unlock",  # bend of the knees throughout the lift
    "lean_back",  # lean of the trunk past upright
    "elbow_L",  # flexion of the left elbow
    "elbow_R",
    "heel_L",  # rise of the left heel
    "heel_R",
    "ahead",  # distance of the left hand in front of the right hand
    "above",  # height of the left hand above the right hand
    "leg",  # front leg of a lunge: 1 left, -1 right
    "step",  # share of a lunge's stride that is missing
    "back",  # 1 after the turn of the rep, 0 before
)


def plain_form(count: int) -> Form:
    """Return the form of `count` frames without deviations."""
    return {name: np.zeros(count) for name in CHANNELS}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FormBuilder:
    """A builder of the form of a rep, with the properties of the rep on which faults depend."""

    lifter: SyntheticLifter
    form: Form
    lift: np.ndarray  # (T,) progress, 0…1: height of the bar (deadlift) or depth (squat)
    low: np.ndarray  # (T,) 1 where the body is most bent, 0 upright (`Lift.bent`)
    rising: np.ndarray  # (T,) 1 while the weight goes up, 0 otherwise (`Lift.rising_frames`)
    rng: np.random.Generator
    side: float  # side of the lifter's asymmetric faults: +1 left, -1 right
    number: int = 0  # number of earlier reps in the set, including partial and failed reps

    @property
    def bent(self) -> np.ndarray:
        """Bend of the body in each frame, (T,): 1 most bent, 0 upright; between them, larger than `low`."""
        return self.low**0.7

    @property
    def middle(self) -> np.ndarray:
        """Nearness of each frame to the middle of the lift, (T,): 1 halfway, 0 at the start and at the turn."""
        return np.sin(np.pi * self.lift)

    def bump(self, at: float, width: float) -> np.ndarray:
        """Return how near each frame is to a progress, (T,), from 0 to 1. Below progress 0.08 the nearness falls to 0.

        Args:
            at: Progress at which the nearness is 1; at least 0.08.
            width: Distance at which the nearness is 1/e.
        """
        return np.exp(-(((self.lift - at) / width) ** 2)) * np.clip(self.lift / 0.08, 0, 1)

    def add(self, **amounts: np.ndarray | float) -> None:
        """Add amounts to channels of the form, in place.

        A name without its side, such as `heel`, means both sides; the ending `_own` means the side of
        the lifter's asymmetric faults.
        """
        own = "L" if self.side > 0 else "R"
        for name, amount in amounts.items():
            both = (f"{name}_L", f"{name}_R") if f"{name}_L" in self.form else (name.replace("_own", f"_{own}"),)
            for channel in both:
                self.form[channel] = self.form[channel] + amount
