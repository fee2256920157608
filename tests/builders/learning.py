"""A pipeline that learns the lifter's own reference, and a set that it learns from."""

from collections.abc import Sequence

from builders.kept_reps import with_back
from builders.observations import a_set
from builders.pipelines import some_parts
from builders.scorers import a_scorer
from builders.stick_figure import bends
from livecoach.core.types import RepWindow
from livecoach.decisions.judging.lifter_judge import LifterJudge
from livecoach.decisions.pipeline import Pipeline

SCORER = a_scorer()
VIEW_DEG = 40.0
GOOD_SET = with_back(a_set(bends(reps=6, rest=1.0), lift="deadlift", view_deg=VIEW_DEG))
"""Six good deadlifts."""


def a_learning_pipeline(
    *, kept: Sequence[RepWindow] = (), learn: bool = True, height_cm: float | None = None
) -> Pipeline:
    """A pipeline of deadlifts. kept: reps of earlier days; learn: whether it tells what is to be kept."""
    judge = LifterJudge(SCORER, kept=kept, height_cm=height_cm)
    return Pipeline([some_parts("deadlift", judge)], given="deadlift", learn=learn, pose="lite")
