"""Changes of a run's state: what is worth an event, and what is not."""

from dataclasses import replace

import pytest
from builders.observations import an_observation
from builders.steps import a_view

from livecoach.core.documents import ExerciseEvent, LearningEvent, ViewEvent
from livecoach.core.step import CurrentSet, Learning, Placement, Step, StepEvent
from livecoach.core.types import Hint, LikelyExercise, Recognition, StageReading
from livecoach.decisions.pipeline import ChangeReporter

SEEN = an_observation(t_s=2.0, index=60)
LEARNED = CurrentSet(learning=Learning(have=4, wanted=4))
LUNGE = LikelyExercise(name="lunge", probability=0.04)
SQUAT, ROW = (
    Step(
        observation=SEEN,
        recognition=Recognition(name=name, probability=0.93, alternatives=(LUNGE,)),
        set=CurrentSet(exercise=name),
    )
    for name in ("squat", "barbell_row")
)


def changes_of(changes: ChangeReporter, t_s: float = 0.0, **state: object) -> list[StepEvent]:
    return list(changes.report(Step(observation=an_observation(t_s=t_s), **state)))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("views", "names"),
    [
        ([None, a_view(30, "oblique")], ["oblique"]),
        ([a_view(30, "oblique"), a_view(44, "oblique")], ["oblique"]),
        ([a_view(30, "oblique"), a_view(46, "oblique")], ["oblique", "oblique"]),
        ([a_view(90, "side", 8), a_view(90, "side", 5), a_view(90, "side", 4)], ["side", "side"]),
        ([a_view(90, "side", 4), a_view(90, "side", 7), a_view(90, "side", 9)], ["side", "side"]),
        ([a_view(90, "side", 0), a_view(90, "side", 0)], ["side"]),
        ([a_view(19, "front"), a_view(21, "oblique"), a_view(19, "front")], ["front"]),
        ([a_view(-175, "rear"), a_view(175, "rear")], ["rear"]),
        ([a_view(-112, "side"), a_view(178, "rear"), None], ["side", "rear"]),
    ],
)
def test_a_view_is_reported_when_it_changes(views, names):
    """Another word and ten degrees, fifteen in any case, or twice as sure: an estimate that wavers is no news."""
    changes = ChangeReporter()
    events = [event for view in views for event in changes_of(changes, place=Placement(view=view))]
    assert [event.view.name for event in events] == names


def exercises_of(changes: ChangeReporter, step: Step, *, chosen: bool = False) -> list[ExerciseEvent]:
    return list(changes.report(step, chosen=chosen))


def test_an_exercise_is_reported_when_it_changes():
    """With what it was recognised by. Between two sets none is known, which is no event; nor is a chosen exercise."""
    changes, nothing = ChangeReporter(), replace(ROW, set=CurrentSet())
    found = [exercises_of(changes, now) for now in (nothing, SQUAT, nothing, SQUAT, ROW)]
    assert [[event.exercise for event in events] for events in found] == [[], ["squat"], [], [], ["barbell_row"]]
    (squat,) = found[1]
    assert (squat.t_s, squat.frame, squat.recognised, squat.chosen) == (2.0, 60, SQUAT.recognition, False)
    assert not exercises_of(changes, replace(SQUAT, recognition=None))


def test_an_exercise_that_becomes_certain_is_reported_again():
    changes = ChangeReporter()
    steps = [replace(SQUAT, set=replace(SQUAT.set, is_tentative=is_open)) for is_open in (True, True, False)]
    found = [exercises_of(changes, step) for step in steps]
    assert [[event.open for event in events] for events in found] == [[True], [], [False]]


def test_each_choice_of_the_lifter_is_reported():
    """Of the same exercise, too: a replay repeats them."""
    changes = ChangeReporter()
    assert [event.chosen for _ in range(2) for event in exercises_of(changes, SQUAT, chosen=True)] == [True, True]


def test_a_hint_is_reported_when_it_changes():
    back = Hint(kind="step_back", text="step back, feet are cut off", done=False)
    hints, changes = [None, back, back, replace(back, done=True), None, None], ChangeReporter()
    events = [event for t_s, hint in enumerate(hints) for event in changes_of(changes, t_s, place=Placement(hint=hint))]
    assert [(event.t_s, event.hint and event.hint.done) for event in events] == [(1.0, False), (3.0, True), (4.0, None)]


def test_a_stage_is_reported_when_it_changes():
    told = ("up", 0.8), ("up", 0.9), ("down", 1)
    up, surer, down = (StageReading(stage=stage, probability=probability) for stage, probability in told)
    changes = ChangeReporter()
    events = [event for stage in (None, up, surer, None, up, down) for event in changes_of(changes, stage=stage)]
    assert [event.stage for event in events] == ["up", "down"]


def test_another_part_reports_what_is_known_of_its_lifter_anew():
    first, state = ChangeReporter(), {"place": Placement(view=a_view(30, "oblique")), "set": LEARNED}
    assert [type(event) for event in changes_of(first, **state)] == [ViewEvent, LearningEvent]
    assert not changes_of(first, **state)
    (learned,) = changes_of(ChangeReporter(first), **state)
    assert isinstance(learned, LearningEvent)
    assert learned.known
