"""The reps that the pipeline finds, with their tensors, and a pipeline in which a scorer alone judges."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from livecoach.anomaly.referee import AnomalyReferee
from livecoach.anomaly.scoring import Score, Scorer
from livecoach.config.exercise import Exercise
from livecoach.config.paths import models_dir
from livecoach.counting import boundary_file, lift_classifier, stage
from livecoach.pipeline import Pipeline
from livecoach.rep.measures import load_faults
from livecoach.run.stepping import steps
from livecoach.types import Observation, Rep

MATCH_S = 0.3
"""How far outside a true rep the pipeline's turn may lie."""


class PipelineRep(NamedTuple):
    """A rep that the pipeline judged."""

    rep: Rep
    tensor: np.ndarray


class _Keeper:
    """A scorer that keeps the tensors and finds nothing anomalous."""

    tensor: np.ndarray

    def score(self, tensor: np.ndarray) -> Score:
        self.tensor = tensor
        return Score(value=0.0, joints=())


def scored_by(exercise: Exercise, scorer: Scorer) -> Pipeline:
    """A pipeline in which a scorer alone judges."""
    referee = AnomalyReferee(scorer, load_faults(exercise.name))
    folder = models_dir() / exercise.model
    return Pipeline(
        exercise,
        stage.load(folder / "stage.json"),
        referee,
        lift=lift_classifier.load(folder / "lift.json"),
        boundaries=boundary_file.load(folder / "boundaries.json"),
    )


def pipeline_reps(observations: Sequence[Observation], exercise: Exercise) -> Iterator[PipelineRep]:
    """The reps that the pipeline finds and judges, in order."""
    if not observations:
        return
    keeper = _Keeper()
    pipeline = scored_by(exercise, keeper)
    for step in steps(pipeline, observations):
        yield from _judged(step.rep, keeper)


def _judged(rep: Rep | None, keeper: _Keeper) -> Iterator[PipelineRep]:
    if rep is not None and rep.score is not None:
        yield PipelineRep(rep, keeper.tensor)
