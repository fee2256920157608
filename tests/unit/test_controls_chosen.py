"""Keys 1 and 2 choose between the two likeliest exercises."""

from builders.live_run import Stage, standing
from builders.recognition import NONE, a_break, a_recognising_pipeline, after_one_another, some_squats, torn

from livecoach.documents import ExerciseEvent, Recognised
from livecoach.feedback.actions import Action
from livecoach.session.lifter_events import RecordedChoices

SEEN = after_one_another(a_break(2.0), some_squats(2), a_break(2.0))
UNSURE_S = 2.5
KEY = 75
"""The picture after which the key is pressed: in the first rep, at 5 s."""


def chosen(*keys: tuple[int, Action], choices: RecordedChoices | None = None) -> Stage:
    """A run of two squats of which the recogniser says that they may be deadlifts, or squats."""
    pipeline = a_recognising_pipeline({UNSURE_S: torn("deadlift", "squat")})
    stage = Stage(keys=dict(keys), recognising=pipeline, choices=choices)
    stage.lift(stage.feed(SEEN))
    return stage


def test_the_second_key_chooses_the_second_exercise():
    """It is counted from its first rep; an event says that it was chosen, and after which frame."""
    stage = chosen((KEY, Action.CHOOSE_SECOND))
    assert [rep.exercise for rep in stage.loop.reps] == ["squat", "squat"]
    (event,) = stage.events("exercise")
    assert (event["exercise"], event["chosen"], event["frame"]) == ("squat", True, KEY - 1)


def test_the_first_key_chooses_the_first_exercise():
    """Whether or not it is right."""
    (event,) = chosen((KEY, Action.CHOOSE_FIRST)).events("exercise")
    assert event["exercise"] == "deadlift"


def test_without_a_question_the_keys_are_digits_of_a_load():
    """Before anything was likely, and where the exercise is given."""
    early = chosen((5, Action.CHOOSE_FIRST))
    assert early.screen.shown[5][1].load == "1_ kg"
    assert early.events("exercise") == []
    in_doubt = chosen((45, Action.CHOOSE_FIRST))  # half a second: the picture does not ask yet
    assert in_doubt.screen.shown[45][1].load == "1_ kg"
    assert in_doubt.events("exercise") == []
    given = Stage(keys={5: Action.CHOOSE_SECOND})
    given.lift(given.feed(standing()))
    assert given.screen.shown[5][1].load == "2_ kg"


def test_a_replay_repeats_the_choice():
    """After the same frame: the events are the same."""
    live = chosen((KEY, Action.CHOOSE_SECOND))
    event = ExerciseEvent(
        t_s=5.0,
        exercise="squat",
        recognised=Recognised.of(NONE),
        chosen=True,
        frame=live.events("exercise")[0]["frame"],
    )
    again = chosen(choices=RecordedChoices([event]))
    assert [(e["event"], e["t_s"]) for e in again.events()] == [(e["event"], e["t_s"]) for e in live.events()]
    assert again.loop.reps == live.loop.reps
