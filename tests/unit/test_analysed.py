"""An analysis of a recording whose exercise is recognised."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pytest
from builders.analyses import a_recording
from builders.observations import a_deadlift, a_set, a_squat
from builders.pipelines import a_pipeline
from builders.recognition import (
    FPS,
    NONE,
    ToldRecogniser,
    a_break,
    a_recognising_pipeline,
    a_workout,
    after_one_another,
    dips,
    torn,
)
from builders.recognition import sure_of as sure

from livecoach.core.documents import Analysis, ModelDocument
from livecoach.core.types import Observation, Recognition
from livecoach.perception.pose.upright import TurnFinder
from livecoach.run.doubts import doubt_line
from livecoach.run.every_frame import analyze


@dataclass
class OfModel:
    """Stands for the coach of an exercise, or of the recognising network."""

    name: str
    chosen_exercise = None

    @property
    def exercises(self) -> dict[str, "OfModel"]:
        return {name: OfModel(name) for name in ("deadlift", "squat")}

    def model_document(self, pose: str) -> ModelDocument:
        return ModelDocument(name=self.name, version="1", sha256="ab" * 32, synthetic=True, pose=pose)


class Blind:
    """A pose model that sees nobody."""

    people_count, turn_finder = 0, TurnFinder(lambda _: ())

    def estimate(self, picture: np.ndarray, t_s: float) -> None:
        """Nobody is there."""


def test_an_analysis_leaves_no_thread_behind():
    """Of those that look at pictures: a batch analyses many recordings in one process."""
    others = set(threading.enumerate())
    filmed = a_recording(a_break(0.2), np.zeros((48, 64, 3), np.uint8), Blind())
    analyze(filmed, OfModel("recognition"), a_recognising_pipeline({}))  # type: ignore[arg-type]
    assert not [one for one in threading.enumerate() if one.name.startswith("bar") and one not in others]


def analysed(seen: Sequence[Observation], told: dict[float, Recognition]) -> Analysis:
    return analyze(a_recording(seen), OfModel("recognition"), a_recognising_pipeline(told))  # type: ignore[arg-type]


def test_the_view_is_that_of_the_last_rep_and_not_of_the_lifter_who_walks_up_to_the_camera():
    facing = a_set(np.zeros(300), lift="squat", view_deg=0.0)
    seen = after_one_another(a_squat(reps=2, view_deg=60.0), facing)
    found = analyze(a_recording(seen), OfModel("squat"), a_pipeline("squat"))  # type: ignore[arg-type]
    assert found.view is not None
    assert found.view.azimuth_deg == pytest.approx(60, abs=10)


def test_an_analysis_that_looks_like_another_exercise_names_no_key():
    pipeline = a_pipeline("deadlift", recogniser=ToldRecogniser({2.0: sure("squat")}))
    found = analyze(a_recording(a_squat(reps=2)), OfModel("deadlift"), pipeline)  # type: ignore[arg-type]
    assert (found.looks_like, found.warnings) == ("squat", ())
    advice = "this looks like squat, not deadlift. If it is, "
    assert doubt_line(found) == f"{advice}use --exercise squat."
    line = doubt_line(replace(found, session="2026-03-01_20-00-00-deadlift"))
    assert (
        line == f"{advice}`livecoach sessions sets 2026-03-01_20-00-00-deadlift:1 --exercise squat` counts set 1 anew."
    )
    line = doubt_line(replace(found, session="2026-03-01_20-00-00"), "@ben")
    assert "`livecoach sessions sets 2026-03-01_20-00-00:1@ben --exercise squat` counts set 1 anew" in line


def test_an_analysis_reports_a_set_without_counted_reps_unless_they_count_later():
    said = ("5 movements did not look like reps: not counted",)
    assert analysed(dips(5), {}).warnings == said
    found = analysed(a_deadlift(reps=6, fps=FPS), {18.0: sure("deadlift")})
    assert (len(found.reps), found.warnings) == (6, ())


def test_the_exercise_of_most_reps_is_that_of_the_analysis():
    seen, (first_s, second_s) = a_workout(("squat", 1), ("deadlift", 2))
    found = analysed(seen, {first_s + 2.0: sure("squat"), second_s + 2.0: sure("deadlift")})
    assert (found.exercise, found.model.name) == ("deadlift", "deadlift")
    assert found.recognised is not None
    assert (found.recognised.name, found.recognised.probability) == ("deadlift", 0.97)
    assert [rep.exercise for rep in found.reps] == ["squat", "deadlift", "deadlift"]


def test_without_an_exercise_the_likeliest_exercise_is_reported():
    seen = after_one_another(a_break(2.0), a_break(3.0))
    found = analysed(seen, {3.0: torn("squat", "deadlift"), 5.0: NONE})
    assert (found.exercise, found.reps, found.model.name) == (None, (), "recognition")
    assert found.recognised is not None
    assert (found.recognised.name, [one.name for one in found.recognised.alternatives]) == ("squat", ["deadlift"])


def test_a_recognised_exercise_without_a_rep_is_reported_with_what_to_do():
    """A picture of somebody that the camera pans over looks like a squat."""
    found = analysed(a_break(5.0), {3.0: sure("squat")})
    assert (found.exercise, found.reps) == ("squat", ())
    line = "most like squat (97 %), but no rep of it was found. If it is another, name it with --exercise."
    assert str(doubt_line(found)).replace("\N{NO-BREAK SPACE}", " ") == line
