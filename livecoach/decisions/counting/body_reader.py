"""Reads the stage and the distance from rest from the measures of successive bodies, smoothed over time."""

import math
from collections import deque
from dataclasses import dataclass, replace
from statistics import median
from typing import Annotated

import numpy as np
from pydantic import Field

from livecoach.core.config.exercise import Exercise, RepRules
from livecoach.core.model_files.model_folder import Numbers, check_shapes
from livecoach.core.types import StageName, StageReading
from livecoach.decisions.counting import tuning
from livecoach.perception.body import body
from livecoach.perception.body.body import Body, Measures


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
        return median(value for _, value in self._values)


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
