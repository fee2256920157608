"""The reps that the pipeline judges, with their tensors, and a pipeline that only uses a scorer."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from livecoach.anomaly.referee import AnomalyReferee
from livecoach.anomaly.scoring import Score, Scorer
from livecoach.config.exercise import Exercise
from livecoach.config.paths import models_dir
from livecoach.counting import boundary_file, lift_classifier, stage
from livecoach.pipeline import ExerciseParts, Pipeline
from livecoach.rep.measures import load_faults
from livecoach.run.stepping import steps
from livecoach.types import Observation, Rep

MATCH_S = 0.3
"""Largest distance of the pipeline's turn outside a true rep."""


class PipelineRep(NamedTuple):
    """A judged rep with its tensor."""

    rep: Rep
    tensor: np.ndarray


class _Keeper:
    """A scorer that stores the last tensor and never flags a rep."""

    tensor: np.ndarray

    def score(self, tensor: np.ndarray) -> Score:
        self.tensor = tensor
        return Score(value=0.0, joints=())


def scored_by(exercise: Exercise, scorer: Scorer) -> Pipeline:
    """Return a pipeline in which only the scorer judges."""
    folder = models_dir() / exercise.model
    return Pipeline(
        ExerciseParts(
            exercise=exercise,
            stage=stage.load(folder / "stage.json"),
            referee=AnomalyReferee(scorer, load_faults(exercise.name)),
            lift=lift_classifier.load(folder / "lift.json"),
            boundaries=boundary_file.load(folder / "boundaries.json"),
        )
    )


def pipeline_reps(observations: Sequence[Observation], exercise: Exercise) -> Iterator[PipelineRep]:
    """Yield the reps that the pipeline judges, in order."""
    if not observations:
        return
    keeper = _Keeper()
    pipeline = scored_by(exercise, keeper)
    for step in steps(pipeline, observations):
        yield from _judged(step.rep, keeper)


def _judged(rep: Rep | None, keeper: _Keeper) -> Iterator[PipelineRep]:
    if rep is not None and rep.score is not None:
        yield PipelineRep(rep, keeper.tensor)
