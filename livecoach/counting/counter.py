"""Count the reps of one exercise: body measures → stage and distance from rest → movements → reps."""

from typing import NamedTuple

import numpy as np

from livecoach.config.exercise import Exercise
from livecoach.counting.boundary_regression import Boundaries
from livecoach.counting.lift_filter import LiftScorer
from livecoach.counting.machine import RepMachine
from livecoach.counting.outcome import Outcome
from livecoach.counting.samples import Sample, distance_from_rest, sample_of
from livecoach.counting.stage import StageModel
from livecoach.frame.body import Body
from livecoach.frame.filters import Exponential, OneEuro, RunningMedian
from livecoach.types import StageName, StageReading

DISTANCE_CUTOFF_HZ = 1.2
DISTANCE_SPEED_GAIN = 5.5
"""One-euro filter of the distance from rest; the gain is in Hz for a unit per second."""


class BodyReading(NamedTuple):
    stage: StageReading
    sample: Sample


class BodyReader:
    """Derives stage and distance from rest from successive bodies, smoothed by their times."""

    def __init__(self, exercise: Exercise, stage: StageModel) -> None:
        self._exercise, self._stage = exercise, stage
        self._log_odds = Exponential(exercise.stage.smoothing_s)
        self._unspiked = RunningMedian(exercise.reps.median_s)
        self._distance_from_rest = OneEuro(cutoff_hz=DISTANCE_CUTOFF_HZ, speed_gain=DISTANCE_SPEED_GAIN)

    def read(self, body: Body) -> BodyReading:
        """Times do not fall."""
        log_odds = self._log_odds.step(body.t_s, self._stage.log_odds(body.measures))
        up = float(0.5 * (1.0 + np.tanh(0.5 * log_odds)))  # the logistic function, safe for any argument
        likelier = max(up, 1.0 - up)
        neutral = likelier < self._exercise.stage.neutral_below
        name: StageName = "neutral" if neutral else "up" if up >= 0.5 else "down"
        unspiked = self._unspiked.step(body.t_s, distance_from_rest(body.measures, self._exercise.reps))
        distance = self._distance_from_rest.step(body.t_s, unspiked)
        return BodyReading(StageReading(stage=name, probability=likelier), sample_of(body, distance, name))


class Counter:
    def __init__(
        self,
        exercise: Exercise,
        stage: StageModel,
        lift: LiftScorer | None = None,
        boundaries: Boundaries | None = None,
    ) -> None:
        """See RepMachine."""
        self._named_log_odds = exercise.named_log_odds
        self._reader = BodyReader(exercise, stage)
        self._machine = RepMachine(exercise.reps, lift, boundaries)
        self.stage: StageReading | None = None  # of the latest body; None while nobody is in view

    @property
    def progress(self) -> float | None:
        return self._machine.progress

    def name(self) -> None:
        self._machine.lifts.name(self._named_log_odds)

    @property
    def refused(self) -> int:
        """Movements out and back that were not taken for reps so far."""
        return self._machine.lifts.refused

    def step(self, t_s: float, body: Body | None) -> Outcome:
        """body: None while nobody is in view. Times do not fall."""
        if body is None:
            self.stage = None
            return self._machine.out_of_view(t_s)
        read = self._reader.read(body)
        self.stage = read.stage
        return self._machine.step(read.sample)

    def finish(self) -> Outcome:
        self.stage = None
        return self._machine.finish()
