"""An analysis of a recording whose exercise is recognised."""

import threading
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field

import numpy as np
from builders.recognition import NONE, a_break, a_recognising_pipeline, a_workout, after_one_another, torn
from builders.recognition import sure_of as sure

from livecoach.core.documents import Analysis, ModelDocument, to_json
from livecoach.core.types import Frame, Observation, Recognition, SourceInfo
from livecoach.decisions.pipeline import Pipeline
from livecoach.perception.pose.upright import Upright
from livecoach.run.every_frame import analyze
from livecoach.run.feed import every_frame_feed
from livecoach.run.opened_recording import Recording
from livecoach.run.summary import doubt_line


@dataclass
class Observed:
    """A source of stored observations."""

    observations: Sequence[Observation]
    picture: np.ndarray | None = None
    """What a camera filmed; None for observations alone."""

    def __post_init__(self) -> None:
        self.info = SourceInfo(name="set.obs", width_px=640, height_px=480, fps=15.0, live=False)
        self._left = list(self.observations)

    def read(self) -> Frame | None:
        if not self._left:
            return None
        seen = self._left.pop(0)
        return Frame(
            index=seen.index, t_s=seen.t_s, picture=self.picture, observation=seen if self.picture is None else None
        )

    def close(self) -> None:
        pass


@dataclass
class OfModel:
    """Stands for the coach of an exercise, or of the recognising network."""

    name: str

    def model_document(self, pose: str) -> ModelDocument:
        return ModelDocument(name=self.name, version="1", sha256="ab" * 32, synthetic=True, pose=pose)


@dataclass
class ToldCoach(OfModel):
    """Makes a pipeline whose recogniser says what it is told."""

    chosen_exercise = None
    told: dict[float, Recognition] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.exercises = {name: OfModel(name) for name in ("deadlift", "squat")}

    def make_pipeline(self, kept: object, **options: object) -> Pipeline:
        del kept, options
        return a_recognising_pipeline(self.told)


class Blind:
    """A pose model that sees nobody."""

    people, upright = 0, Upright(lambda _: ())

    def estimate(self, picture: np.ndarray, t_s: float) -> None:
        """Nobody is there."""


def recorded(source: Observed, estimator: Blind | None = None) -> Recording:
    return Recording(
        feed=every_frame_feed(ExitStack(), source),
        estimator=estimator,
        pose="lite",
        pose_sha256="",
        session="",
        synthetic=True,
    )  # type: ignore[arg-type]


def test_an_analysis_leaves_no_thread_behind():
    """Of those that look at pictures: a batch analyses many recordings in one process."""
    coach, others = ToldCoach("recognition"), set(threading.enumerate())
    filmed = recorded(Observed(a_break(0.2), np.zeros((48, 64, 3), np.uint8)), Blind())
    analyze(filmed, coach, coach.make_pipeline(()))  # type: ignore[arg-type]
    assert not [one for one in threading.enumerate() if one.name.startswith("bar") and one not in others]


def analysed(seen: Sequence[Observation], told: dict[float, Recognition]) -> Analysis:
    coach = ToldCoach("recognition", told)
    return analyze(recorded(Observed(seen)), coach, coach.make_pipeline(()))  # type: ignore[arg-type]


def test_the_exercise_of_most_reps_is_that_of_the_analysis():
    """With what it was recognised by; each rep says its own."""
    seen, (first_s, second_s) = a_workout(("squat", 1), ("deadlift", 2))
    found = analysed(seen, {first_s + 2.0: sure("squat"), second_s + 2.0: sure("deadlift")})
    assert (found.exercise, found.model.name) == ("deadlift", "deadlift")
    assert found.recognised is not None
    assert (found.recognised.name, found.recognised.probability) == ("deadlift", 0.97)
    assert [rep.exercise for rep in found.reps] == ["squat", "deadlift", "deadlift"]


def test_without_an_exercise_the_likeliest_exercise_is_reported():
    """And no rep, where none was found."""
    seen = after_one_another(a_break(2.0), a_break(3.0))
    found = analysed(seen, {3.0: torn("squat", "deadlift"), 5.0: NONE})
    assert (found.exercise, found.reps, found.model.name) == (None, (), "recognition")
    assert found.recognised is not None
    assert (found.recognised.name, [one.name for one in found.recognised.alternatives]) == ("squat", ["deadlift"])


def test_a_recognised_exercise_without_a_rep_is_reported_with_what_to_do():
    """A picture of somebody that the camera pans over looks like a squat."""
    found = analysed(a_break(5.0), {3.0: sure("squat")})
    assert (found.exercise, found.reps) == ("squat", ())
    assert doubt_line(found) == (
        "most like squat (.97), but no rep of it was found. If it is another, name it with --exercise."
    )


def test_a_recording_of_nothing_is_a_document_too():
    """Nothing looked like an exercise."""
    found = analysed(a_break(2.0), {})
    assert (found.exercise, found.recognised) == (None, None)
    assert '"exercise": null' in to_json(found)
