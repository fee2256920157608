"""A scorer that says what it is told, and pipelines with it: shipped exercise and stage model, no model runtime."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from livecoach.anomaly.referee import AnomalyReferee
from livecoach.config import exercise
from livecoach.config.paths import models_dir
from livecoach.counting import stage
from livecoach.counting.counter import Counter
from livecoach.counting.lift_filter import LiftScorer
from livecoach.pipeline import ExerciseParts, Pipeline
from livecoach.rep.measures import load_faults
from livecoach.run.stepping import steps
from livecoach.types import Observation, Step

EXERCISES = {name: exercise.load(name) for name in ("deadlift", "squat")}
FAULTS = {name: load_faults(name) for name in EXERCISES}
STAGES = {name: stage.load(models_dir() / name / "stage.json") for name in EXERCISES}


@dataclass(frozen=True)
class FakeScore:
    value: float
    joints: tuple[str, ...]
    shares: np.ndarray | None = None


class FakeScorer:
    """Gives the values it was told, then the last one for ever; keeps the tensors."""

    def __init__(self, *values: float, shares: np.ndarray | None = None) -> None:
        """shares: where each score comes from."""
        self._shares = shares
        self._values = list(values or (0.4,))
        self.tensors: list[np.ndarray] = []

    def score(self, tensor: np.ndarray) -> FakeScore:
        self.tensors.append(tensor)
        value = self._values.pop(0) if len(self._values) > 1 else self._values[0]
        return FakeScore(value=value, joints=("left_knee", "nose"), shares=self._shares)


def a_pipeline(
    name: str = "deadlift",
    scorer: FakeScorer | None = None,
    *,
    lift: LiftScorer | None = None,
    others: Mapping[str, Counter] | None = None,
) -> Pipeline:
    """Reps are counted, and judged by what the scorer is told to say."""
    referee = AnomalyReferee(scorer or FakeScorer(), FAULTS[name])
    parts = ExerciseParts(exercise=EXERCISES[name], stage=STAGES[name], referee=referee, lift=lift, others=others or {})
    return Pipeline(parts)


def steps_of(
    observations: Sequence[Observation], name: str = "deadlift", scorer: FakeScorer | None = None
) -> list[Step]:
    """A step for each observation, and the one at the end of the source."""
    pipeline = a_pipeline(name, scorer)
    return list(steps(pipeline, observations))
