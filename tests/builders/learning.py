"""A pipeline that learns the lifter's own reference, a set that it learns from, and reps of past sessions."""

from builders.kept_reps import with_back
from builders.observations import a_set
from builders.pipelines import some_parts
from builders.scorers import a_scorer
from builders.stick_figure import bends
from livecoach.core.step import RepCompleted
from livecoach.decisions.judging.lifter_judge import LifterJudge
from livecoach.decisions.judging.reference_reps import PastRep
from livecoach.decisions.pipeline import Pipeline

SCORER = a_scorer()
VIEW_DEG = 40.0
GOOD_SET = with_back(a_set(bends(reps=6, rest=1.0), lift="deadlift", view_deg=VIEW_DEG))
"""Six good deadlifts."""


def a_learning_pipeline(judge: LifterJudge | None = None) -> Pipeline:
    """A pipeline of deadlifts. judge: of their lifter; None for a new one."""
    parts = some_parts("deadlift", judge or LifterJudge(SCORER))
    return Pipeline([parts], chosen_exercise="deadlift", pose="lite")


def a_past_rep(judged: RepCompleted, **changes: object) -> PastRep:
    """Return a judged rep as one of an earlier session."""
    window = judged.window
    assert window is not None
    fields = {"session": "monday", "day": None, "correction": None, "standing": "allowed", "read": lambda: window}
    of_rep = {"set": judged.rep.set, "number": judged.rep.number, "start_s": judged.rep.start_s}
    azimuth_deg = window.known_view.azimuth_deg
    return PastRep(**{**fields, **of_rep, "azimuth_deg": azimuth_deg, **changes})  # type: ignore[arg-type]
