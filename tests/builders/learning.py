"""A pipeline that learns the lifter's own reference, and a set that it learns from."""

from collections.abc import Sequence

from builders.observations import a_set
from builders.pipelines import EXERCISES, STAGES
from builders.population import a_population
from builders.references import PRIOR
from builders.stick_figure import bends
from livecoach.judging.own_referee import OwnReferee
from livecoach.pipeline import ExerciseParts, Pipeline
from livecoach.types import RepWindow

POPULATION = a_population(scatter=PRIOR)
VIEW_DEG = 40.0
GOOD_SET = a_set(bends(reps=6, rest=1.0), lift="deadlift", view_deg=VIEW_DEG)
"""Six good deadlifts."""


def a_learning_pipeline(
    *, kept: Sequence[RepWindow] = (), learn: bool = True, height_cm: float | None = None
) -> Pipeline:
    """A pipeline of deadlifts. kept: reps of earlier days; learn: whether it learns from new ones."""
    referee = OwnReferee(POPULATION, kept=kept, height_cm=height_cm)
    parts = ExerciseParts(exercise=EXERCISES["deadlift"], stage=STAGES["deadlift"], referee=referee)
    return Pipeline(parts, learn=learn, pose="lite")
