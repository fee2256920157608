"""Choices of the exercise that the lifter made live, when a session is played."""

from builders.recognition import a_recognising_pipeline, a_workout, torn

from livecoach.documents import ExerciseEvent, codec
from livecoach.documents.analysis import Recognised
from livecoach.player import StepCache
from livecoach.session.lifter_events import RecordedChoices
from livecoach.types import Observation, Step

WORKOUT, (BEGINS_S,) = a_workout(("squat", 2), rest_s=4.0)
SEEN: list[Observation] = [codec.rounded(one) for one in WORKOUT]
UNSURE = torn("squat", "deadlift")
CHOSEN_AT = next(i for i, one in enumerate(SEEN) if one.t_s > BEGINS_S + 3.0)


def a_choice(frame: int, name: str = "squat", *, chosen: bool = True) -> ExerciseEvent:
    return ExerciseEvent(
        t_s=SEEN[frame].t_s, exercise=name, recognised=Recognised.of(UNSURE), chosen=chosen, frame=SEEN[frame].index
    )


def live_steps() -> list[Step]:
    """What was decided live, with the choice after its frame."""
    pipeline = a_recognising_pipeline({BEGINS_S: UNSURE})
    told = []
    for index, seen in enumerate(SEEN):
        told.append(pipeline.step(seen))
        chosen = pipeline.choose("squat") if index == CHOSEN_AT else None
        told += [] if chosen is None else [chosen]
    return [*told, pipeline.finish(SEEN[-1])]


def told_of(steps: list[Step]) -> list[object]:
    return [(step.exercise, step.chosen, step.count, step.judged and step.judged[-1].rep, step.cue) for step in steps]


def test_a_choice_is_due_after_its_frame_and_once():
    """Also where that frame was left out; what was recognised is no choice."""
    due = RecordedChoices([a_choice(5), a_choice(3, chosen=False)])
    assert due.after(SEEN[4]) == []
    assert due.after(SEEN[7]) == ["squat"]
    assert due.after(SEEN[8]) == []


def test_the_player_chooses_as_the_lifter_did():
    """With the same reps and cues, each told once; the frame's own step has the choice in it."""
    told: list[Step] = []
    choices = RecordedChoices([a_choice(CHOSEN_AT)])
    steps = StepCache(map(codec.encode, SEEN), a_recognising_pipeline({BEGINS_S: UNSURE}), told.append, None, choices)
    assert steps[CHOSEN_AT - 1].exercise is None
    assert steps[CHOSEN_AT].exercise == "squat"
    assert steps[len(SEEN) - 1].count == 2
    assert told_of(told) == told_of(live_steps())
