"""Reads from successive bodies the stage, the distance from rest, and the start, turn and end of a movement.

Start, turn and end are sought at the turning points of the distance from rest, and refined by the whole body: a cascade
of linear regressions moves each boundary several times from the body's curves around it (Xiong and De la Torre,
Supervised descent method, CVPR 2013), because the turning points of a single curve are off by a tenth of a second and
more. livecoach.lab.train.boundaries trains the regressions, and reports the errors of both.
"""

import json
import math
import statistics
from collections import deque
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any

import numpy as np
from pydantic import Field

from livecoach.core.config.exercise import Exercise, RepRules
from livecoach.core.model_files.model_folder import FORMAT, Format, Numbers, check_shapes, read_model_json
from livecoach.core.quantiles import median
from livecoach.core.types import MovementTimes, StageName, StageReading
from livecoach.decisions.counting import tuning
from livecoach.perception.body import body
from livecoach.perception.body.body import ANKLE, HIP, KNEE, SHOULDER, Bodies, Body, Measures, joint_angles_rad, middles


def smoothing_weight(dt_s: float, time_constant_s: float) -> float:
    """Return the weight of a new value, 0…1, in exponential smoothing.

    Args:
        dt_s: Time since the value before; below 0 counts as 0.
        time_constant_s: Time after which an old value still has the weight 1/e.
    """
    return -math.expm1(-max(dt_s, 0.0) / time_constant_s)


class ExponentialSmoother:
    """A first-order low-pass filter for values at irregular times, between which the value is assumed to be linear."""

    def __init__(self, time_constant_s: float) -> None:
        self.time_constant_s = time_constant_s
        self.t_s = math.nan
        self.unfiltered = math.nan
        self._behind = 0.0  # unfiltered value minus filtered value

    def add(self, t_s: float, value: float) -> float:
        """Add a value with its time, and return the smoothed value. A value no later than the last is ignored."""
        dt_s = t_s - self.t_s
        if dt_s > 0:
            speed, share = (value - self.unfiltered) / dt_s, smoothing_weight(dt_s, self.time_constant_s)
            self._behind += share * (speed * self.time_constant_s - self._behind)
        if not dt_s <= 0:  # also true of the first value, whose dt_s is NaN
            self.t_s, self.unfiltered = t_s, value
        return self.unfiltered - self._behind


class RunningMedian:
    """Computes the median of the latest values."""

    def __init__(self, over_s: float) -> None:
        """Start without values. With `over_s` of 0 seconds, the median is the latest value."""
        self._over_s = over_s
        self._values: deque[tuple[float, float]] = deque()

    def add(self, t_s: float, value: float) -> float:
        """Add a value with its time, and return the median of the values of the last `over_s` seconds."""
        self._values.append((t_s, value))
        while t_s - self._values[0][0] > self._over_s:
            self._values.popleft()
        return statistics.median(value for _, value in self._values)


class OneEuroFilter:
    """A one-euro filter, which follows fast movement closely and steadies slow movement.

    Casiez, Roussel, Vogel: 1 € filter, CHI 2012. `cutoff_hz` is the cut-off at rest; it grows by `speed_gain` Hz for
    each unit per second of the smoothed speed. Unlike in the paper, the speed is computed from unfiltered values: from
    filtered values, it would grow as frames get shorter.
    """

    def __init__(self, *, cutoff_hz: float, speed_gain: float) -> None:
        self._cutoff_hz, self._speed_gain = cutoff_hz, speed_gain
        self._smooth = ExponentialSmoother(_time_constant_s(cutoff_hz))
        self._speed = 0.0

    def add(self, t_s: float, value: float) -> float:
        """Add a value with its time, and return the filtered value. A value no later than the last is ignored."""
        dt_s = t_s - self._smooth.t_s
        if dt_s > 0:
            speed = (value - self._smooth.unfiltered) / dt_s
            self._speed += smoothing_weight(dt_s, _time_constant_s(tuning.SPEED_CUTOFF_HZ)) * (speed - self._speed)
        self._smooth.time_constant_s = _time_constant_s(self._cutoff_hz + self._speed_gain * abs(self._speed))
        return self._smooth.add(t_s, value)


def _time_constant_s(cutoff_hz: float) -> float:
    return 1.0 / (2.0 * math.pi * cutoff_hz)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StageModel:
    """The content of `stage.json`: a linear model of the log odds of the stage "up", from n standardised measures."""

    measures: Annotated[tuple[str, ...], Field(min_length=1)]  # Names of the measures, in the order of the arrays
    mean: Annotated[np.ndarray, Numbers(ndim=1)]  # (n,) means over the training data
    scale: Annotated[np.ndarray, Numbers(ndim=1, positive=True)]  # (n,) standard deviations
    weights: Annotated[np.ndarray, Numbers(ndim=1)]  # (n,) log odds for each standard deviation
    bias: float  # Log odds at the mean

    def __post_init__(self) -> None:
        unknown = [name for name in self.measures if name not in body.NAMES]
        if unknown:
            raise ValueError(f"measures: {unknown[0]!r} is unknown. The measures are {', '.join(body.NAMES)}")
        check_shapes(self, dict.fromkeys(("mean", "scale", "weights"), (len(self.measures),)))

    def log_odds(self, measures: Measures) -> float:
        """Return the log odds that the body is in the stage "up" rather than "down"."""
        values = np.array([getattr(measures, name) for name in self.measures])
        return float(self.weights @ ((values - self.mean) / self.scale)) + self.bias


def distance_from_rest(measures: Measures, rules: RepRules) -> float:
    """Return the distance of the body from rest: 0 at rest, 1 at the usual turn; it can be below 0 or above 1.

    A distance below the `least_distance` of the exercise, if any, becomes that distance: for example, the way of a
    bar to the shoulders is no part of the press that follows.
    """
    scaled = [(float(getattr(measures, name)) - low) / (high - low) for name, (low, high) in rules.travel.items()]
    travel = sum(scaled) / len(scaled)
    distance = travel if rules.rest == "down" else 1.0 - travel
    return distance if rules.least_distance is None else max(distance, rules.least_distance)


class BodyReader:
    """Determines the stage and the distance from rest of successive bodies, both smoothed over time."""

    def __init__(self, exercise: Exercise, stage: StageModel) -> None:
        self._exercise, self._stage = exercise, stage
        self._log_odds = ExponentialSmoother(exercise.stage.smoothing_s)
        self._unspiked = RunningMedian(exercise.reps.median_s)
        self._distance_from_rest = OneEuroFilter(
            cutoff_hz=tuning.DISTANCE_CUTOFF_HZ, speed_gain=tuning.DISTANCE_SPEED_GAIN
        )

    def read(self, body: Body) -> tuple[StageReading, Body]:
        """Return the next body's stage, and the body with its stage and distance from rest. Times must not decrease."""
        log_odds = self._log_odds.add(body.t_s, self._stage.log_odds(body.measures))
        up = float(0.5 * (1.0 + np.tanh(0.5 * log_odds)))  # the logistic function, safe for any argument
        likelier = max(up, 1.0 - up)
        neutral = likelier < self._exercise.stage.neutral_below
        name: StageName = "neutral" if neutral else "up" if up >= 0.5 else "down"
        unspiked = self._unspiked.add(body.t_s, distance_from_rest(body.measures, self._exercise.reps))
        distance = self._distance_from_rest.add(body.t_s, unspiked)
        return StageReading(stage=name, probability=likelier), replace(body, distance_from_rest=distance, stage=name)


def boundary_indices(t_s: np.ndarray, distance: np.ndarray, *, lockout: bool) -> tuple[int, int, int]:
    """Return the indices of the start, the turn and the end of a movement, from its distance from rest.

    Args:
        t_s: (n,) rising times.
        distance: (n,) distance from rest.
        lockout: Whether the turn is the lockout at the end of the way out, and not the peak of the curve.
    """
    peak = int(np.argmax(distance))
    lowest = int(np.argmin(distance[: peak + 1]))
    over_s = tuning.SPEED_OVER_S
    later, earlier = np.interp(np.add.outer((over_s / 2, -over_s / 2), t_s), t_s, distance)
    speed = (later - earlier) / over_s
    span_out, span_back = distance[peak] - distance[lowest], distance[peak] - distance[peak:].min()
    way_out = distance[lowest : peak + 1]

    moving = lowest + int(np.flatnonzero(way_out <= distance[lowest] + tuning.UNDER_WAY * span_out)[-1])
    top_speed = float(speed[moving : peak + 1].max())
    start = moving
    while start > 0 and speed[start] > tuning.SLOW_SHARE * top_speed:
        start -= 1

    turn = peak
    if lockout:
        # Search after the last climb: a bar that is lost in the ascent was not locked out before that.
        turn = lowest + int(np.flatnonzero(way_out <= distance[peak] - tuning.UNDER_WAY * span_out)[-1])
        while turn < peak and speed[turn] > tuning.SLOW_SHARE * top_speed:
            turn += 1

    end = peak + int(np.argmax(distance[peak:] <= distance[peak] - (1 - tuning.UNDER_WAY) * span_back))
    top_speed = float((-speed[peak : end + 1]).max())
    while end < len(distance) - 1 and -speed[end] > tuning.SLOW_SHARE * top_speed:
        end += 1
    return start, turn, end


OFFSETS_S = np.linspace(-0.7, 0.7, 15)  # Seconds from a boundary at which curves are read; more are no better
CHANNELS = 8
"""Number of curves: distance from rest; heights of shoulders, elbows, wrists, hips and knees above the ankles; angles
of hips and knees."""
INPUTS = len(OFFSETS_S) * CHANNELS + 5  # Number of inputs of a regression, from `regression_inputs`
LARGEST_STEP_S = 0.4  # Largest change of a boundary in a pass, in seconds


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BoundaryModel:
    """A model that refines the start, turn and end of a rep, each by a cascade of P linear regressions."""

    weights: Annotated[np.ndarray, Numbers(ndim=3)]  # (P, 3, INPUTS) seconds per unit of input
    bias_s: Annotated[np.ndarray, Numbers(ndim=2)]  # (P, 3)

    def refine(self, t_s: np.ndarray, curves: np.ndarray, times: MovementTimes) -> MovementTimes:
        """Refine the start, turn and end of a rep from the motion of the whole body.

        Each of the P passes moves a time by at most LARGEST_STEP_S. The refined end may be later than all curves.

        Args:
            curves: (n, CHANNELS) curves, from `body_curves`.
            times: Start, turn and end, as the distance from rest shows them.
        """
        times_s = np.array(times)
        for weights, bias_s in zip(self.weights, self.bias_s, strict=True):
            moved_s = (weights * regression_inputs(t_s, curves, times_s)).sum(1) + bias_s
            times_s = np.sort(times_s + np.clip(moved_s, -LARGEST_STEP_S, LARGEST_STEP_S))
        return MovementTimes(*times_s.tolist())


def body_curves(samples: Bodies) -> np.ndarray:
    """Compute the (n, CHANNELS) curves of the body, each scaled to 0…1 over the samples."""
    points = middles(samples.points_px.astype(np.float64))
    world = middles(samples.world.astype(np.float64))
    size_px = float(median(samples.size_px))
    heights = (median(points[:, ANKLE, 1]) - points[:, :ANKLE, 1]) / size_px
    angles = [joint_angles_rad(world, SHOULDER, HIP, KNEE), joint_angles_rad(world, HIP, KNEE, ANKLE)]
    curves = np.column_stack([samples.distance_from_rest, heights, *angles])
    scaled: np.ndarray = (curves - curves.min(0)) / (np.ptp(curves, axis=0) + 1e-6)
    return scaled


def regression_inputs(t_s: np.ndarray, curves: np.ndarray, times_s: np.ndarray) -> np.ndarray:
    """Compute the (3, INPUTS) inputs of the regressions, for the start, turn and end of a rep.

    For each boundary, these are the curves around it; its distances in time from both ends of the samples, at most 1 s;
    and its differences in time from all three boundaries.

    Args:
        curves: (n, CHANNELS) curves at the times `t_s`, from `body_curves`.
        times_s: (3,) start, turn and end.
    """
    at_s = np.clip(times_s[:, None] + OFFSETS_S, t_s[0], t_s[-1])
    around = np.stack([np.interp(at_s, t_s, channel) for channel in curves.T], -1).reshape(3, -1)
    room_s = np.clip(np.stack([times_s - t_s[0], t_s[-1] - times_s], 1), 0.0, 1.0)
    others_s = times_s[:, None] - times_s
    return np.hstack([around, room_s, others_s])


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _BoundaryFile(BoundaryModel):
    """The content of `boundaries.json`: the regressions, and how they were trained."""

    format: Format
    synthetic: bool
    training: dict[str, Any]

    def __post_init__(self) -> None:
        passes = len(self.weights)
        check_shapes(self, {"weights": (passes, 3, INPUTS), "bias_s": (passes, 3)})


def save_boundaries(boundaries: BoundaryModel, path: Path, training: dict[str, Any]) -> None:
    """Write the regressions to a file. `training` describes their training, such as its command and seed."""
    content = {
        "format": FORMAT,
        "synthetic": True,
        "weights": np.round(boundaries.weights, 6).tolist(),
        "bias_s": np.round(boundaries.bias_s, 6).tolist(),
        "training": training,
    }
    path.write_text(json.dumps(content) + "\n", encoding="utf-8")


def load_boundaries(path: Path) -> BoundaryModel:
    """Load the regressions from a file. Raises ModelError if the file is missing, or its content is wrong."""
    return read_model_json(path, _BoundaryFile)
