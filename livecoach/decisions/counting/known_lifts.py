"""Recognises lifts of a lifter whose known reps are unlike the training data, by their likeness to these reps.

A lifter who does not stand still at lockout, for example, makes the lift model doubt each of ten reps. But the same
lifter's known reps look like that, too, even if the lifter has another fault today, and other movements do not.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from livecoach.core.config.exercise import Exercise
from livecoach.core.types import MovementTimes, RepWindow
from livecoach.decisions.counting import tuning
from livecoach.decisions.counting.body_reader import BodyReader, StageModel
from livecoach.decisions.counting.evidence import EvidenceRules, LiftEvidence
from livecoach.decisions.counting.movement import Movement, Proposal, describe_movement
from livecoach.perception.body.body import Body, find_body, gather

DESCRIBED_AT_ONCE = 10  # Number of observations of known reps that are described in each step, in about a millisecond


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonalLiftModel:
    """A lift model that refuses a movement less readily if the movement is like the lifter's known reps."""

    model: LiftEvidence
    known_movements: Callable[[], Sequence[Movement]]  # Returns the known reps; called only for a doubtful movement

    @property
    def rules(self) -> EvidenceRules:
        return self.model.rules

    def lift_log_ratio(self, movement: Movement) -> float:
        """Return the log likelihood ratio that a movement is a lift, by its own features.

        A ratio below 0 is raised, to at most 0, if the movement is like the known reps.
        """
        by_features = self.model.lift_log_ratio(movement)
        known = self.known_movements() if by_features < 0 else ()
        if not known:
            return by_features
        ended_s = movement.times.start_s - tuning.KNOWN_REST_S
        times = MovementTimes(ended_s, ended_s, ended_s)
        last = replace(known[-1], times=times, places=movement.places)  # wherever done
        return max(by_features, min(self.model.likeness_log_ratio(movement, [*known[:-1], last]), 0.0))

    def likeness_log_ratio(self, movement: Movement, before: Sequence[Movement]) -> float:
        """Return the log likelihood ratio that a movement is a rep like the movements before (at least one)."""
        return self.model.likeness_log_ratio(movement, before)

    def for_named_exercise(self, log_odds: float) -> "PersonalLiftModel":
        """Return the model for a lifter who has named the exercise: the log odds of a rep are higher by `log_odds`."""
        return replace(self, model=self.model.for_named_exercise(log_odds))


class KnownReps:
    """The newest known reps of an exercise, which are described as movements, a few observations at a time."""

    def __init__(self, reps: Sequence[RepWindow], exercise: Exercise, stage: StageModel) -> None:
        """Start without a description of any rep. The reps are in the order of time."""
        self._exercise, self._stage = exercise, stage
        self._movements: list[Movement] = []
        self._steps = self._describe(reps[-tuning.COMPARED :])

    def describe_more(self) -> bool:
        """Process a few more observations of the reps; return False if all reps were described before."""
        return next(self._steps, False)

    def describe_all(self) -> Sequence[Movement]:
        """Describe the remaining reps, and return the movements of the reps that show a body at start, turn and end."""
        while self.describe_more():
            pass
        return self._movements

    def _describe(self, reps: Sequence[RepWindow]) -> Iterator[bool]:
        """Add the movements of the reps, and yield True after each step."""
        for rep in reps:
            reader, roll_deg = BodyReader(self._exercise, self._stage), 0.0 if rep.view is None else rep.view.roll_deg
            samples = list[Body]()
            for begin in range(0, len(rep.observations), DESCRIBED_AT_ONCE):
                some = rep.observations[begin : begin + DESCRIBED_AT_ONCE]
                bodies = [find_body(observation, roll_deg or 0.0) for observation in some]
                samples += [reader.read(body)[1] for body in bodies if body is not None]
                yield True
            movement = _as_movement(rep, samples, self._exercise)
            self._movements += [] if movement is None else [movement]
            yield True


def _as_movement(rep: RepWindow, samples: Sequence[Body], exercise: Exercise) -> Movement | None:
    times = MovementTimes(rep.start_s, rep.turn_s, rep.end_s)
    if any(all(abs(sample.t_s - at_s) > tuning.PLACE_S for sample in samples) for at_s in times):
        return None
    distances = [sample.distance_from_rest for sample in samples]
    span = max(distances) - min(distances)
    proposal = Proposal(kind="back", turns=times, times=times, span=span, samples=gather(samples))
    return describe_movement(proposal, exercise.reps)
