"""The reps that the pipeline finds, with their tensors, and a pipeline in which a scorer alone judges."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from livecoach import boundary_model, lift, stage
from livecoach.exercise import Exercise
from livecoach.form.measures import load_faults
from livecoach.paths import models_dir
from livecoach.pipeline import Pipeline
from livecoach.scoring import Score, Scorer
from livecoach.types import Observation, Rep
from livecoach.verdict import ScorerReferee

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
    referee = ScorerReferee(scorer, load_faults(exercise.name))
    folder = models_dir() / exercise.model
    return Pipeline(
        exercise,
        stage.load(folder / "stage.json"),
        referee,
        lift=lift.load(folder / "lift.json"),
        boundaries=boundary_model.load(folder / "boundaries.json"),
    )


def pipeline_reps(observations: Sequence[Observation], exercise: Exercise) -> Iterator[PipelineRep]:
    """The reps that the pipeline finds and judges, in order."""
    if not observations:
        return
    keeper = _Keeper()
    pipeline = scored_by(exercise, keeper)
    for observation in observations:
        yield from _judged(pipeline.step(observation).rep, keeper)
    yield from _judged(pipeline.finish(observations[-1]).rep, keeper)


def _judged(rep: Rep | None, keeper: _Keeper) -> Iterator[PipelineRep]:
    if rep is not None and rep.score is not None:
        yield PipelineRep(rep, keeper.tensor)
