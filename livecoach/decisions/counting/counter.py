"""Counts the reps of an exercise: body measures → stage and distance from rest → proposals → reps."""

from functools import partial

from livecoach.core.config.exercise import Exercise
from livecoach.core.types import StageReading
from livecoach.decisions.counting.body_reader import BodyReader, StageModel
from livecoach.decisions.counting.boundary_regression import Boundaries
from livecoach.decisions.counting.lift_model import LiftScorer
from livecoach.decisions.counting.machine import RepMachine
from livecoach.decisions.counting.outcomes import Outcomes
from livecoach.perception.body.body import Body


class RepCounter:
    """Counts the reps of an exercise in a source."""

    def __init__(
        self, exercise: Exercise, stage: StageModel, lift: LiftScorer, boundaries: Boundaries | None = None
    ) -> None:
        self._named_log_odds = exercise.named_log_odds
        self._new_reader = partial(BodyReader, exercise, stage)
        self._reader, self._framing = self._new_reader(), (0, 0, 0)  # size and turn of the latest picture
        self._machine = RepMachine(exercise.reps, lift, boundaries)
        self.stage: StageReading | None = None  # stage of the latest body; None while nobody is in view

    @property
    def progress(self) -> float | None:
        """Progress through the range of motion, 0…1, while a rep is under way; None otherwise."""
        return self._machine.progress

    def name(self) -> None:
        """Raise the odds of a rep, because the lifter has named the exercise, or it goes on from the last set."""
        self._machine.evidence.name(self._named_log_odds)

    @property
    def refused(self) -> int:
        """Number of movements out and back that have not counted as reps so far."""
        return len(self._machine.evidence.refused)

    def refused_near(self, first_s: float, last_s: float) -> int:
        """Return the number of movements as large as reps that did not count near a set (`first_s` to `last_s`)."""
        return self._machine.evidence.refused_near(first_s, last_s)

    @property
    def support(self) -> float:
        """Mean log likelihood ratio that the movements of the latest set are reps of this exercise; 0 if unknown."""
        return self._machine.evidence.support

    def step(self, t_s: float, body: Body | None) -> Outcomes:
        """Add a frame, with None while nobody is in view, and return its outcomes. Timestamps must never decrease."""
        if body is None:
            self.stage = None
            return self._machine.unseen(t_s)
        if body.framing != self._framing:  # nothing is smoothed over a cut
            self._reader, self._framing = self._new_reader(), body.framing
        self.stage, read = self._reader.read(body)
        return self._machine.step(read)

    def finish(self) -> Outcomes:
        """End the source, and return the outcome of the movement under way."""
        self.stage = None
        return self._machine.finish()
