"""Counter the reps of one exercise in what is seen: body measures → stage and travel → movements → reps. Pure."""

from typing import NamedTuple, Protocol

import numpy as np

from livecoach.config.exercise import Exercise
from livecoach.counting.boundary_regression import Boundaries
from livecoach.counting.lift_filter import LiftModel
from livecoach.counting.machine import Outcome, RepMachine, Sample, away_from_rest, sample_of
from livecoach.counting.mistaken import Looked
from livecoach.frame.body import Body, Measures
from livecoach.frame.filters import Exponential, OneEuro
from livecoach.types import StageName, StageReading

AWAY_CUTOFF_HZ = 1.2
AWAY_SPEED_GAIN = 4.0
"""Hz a unit of `away` a second: 40 ms of lag in mid-lift, 130 ms at rest."""


class StageModel(Protocol):
    """Log odds of the stage up."""

    def log_odds(self, measures: Measures) -> float:
        """Of up against down."""
        ...


class Read(NamedTuple):
    """What counting reads from a body."""

    stage: StageReading
    sample: Sample


class BodyReader:
    """Stage and travel of one body after the other, smoothed by their times."""

    def __init__(self, exercise: Exercise, stage: StageModel) -> None:
        self._exercise, self._stage = exercise, stage
        self._log_odds = Exponential(exercise.stage.smoothing_s)
        self._away = OneEuro(cutoff_hz=AWAY_CUTOFF_HZ, speed_gain=AWAY_SPEED_GAIN)

    def read(self, seen: Body) -> Read:
        """Take the next body; times do not fall."""
        log_odds = self._log_odds.step(seen.t_s, self._stage.log_odds(seen.measures))
        up = float(0.5 * (1.0 + np.tanh(0.5 * log_odds)))  # the logistic function, safe for any argument
        likelier = max(up, 1.0 - up)
        neutral = likelier < self._exercise.stage.neutral_below
        name: StageName = "neutral" if neutral else "up" if up >= 0.5 else "down"
        away = self._away.step(seen.t_s, away_from_rest(seen.measures, self._exercise.reps))
        return Read(StageReading(stage=name, probability=likelier), sample_of(seen, away, name))


class Counter:
    """Counts the reps of one source. Deterministic: the same bodies give the same outcomes."""

    def __init__(
        self,
        exercise: Exercise,
        stage: StageModel,
        lift: LiftModel | None = None,
        boundaries: Boundaries | None = None,
    ) -> None:
        """lift, boundaries: as RepMachine's."""
        self._reader = BodyReader(exercise, stage)
        self._machine = RepMachine(exercise.reps, lift, boundaries)
        self.stage: StageReading | None = None
        """The stage of the latest body; None where nobody was seen last."""

    @property
    def progress(self) -> float | None:
        """As RepMachine's."""
        return self._machine.progress

    @property
    def latest(self) -> Looked | None:
        """As LiftFilter's."""
        return self._machine.lifts.latest

    def step(self, t_s: float, body: Body | None) -> Outcome:
        """Take the body that is seen at a time, None where nobody is; times do not fall."""
        if body is None:
            self.stage = None
            return self._machine.unseen(t_s)
        read = self._reader.read(body)
        self.stage = read.stage
        return self._machine.step(read.sample)

    def finish(self) -> Outcome:
        """End the source: what is left of the rep under way."""
        self.stage = None
        return self._machine.finish()
