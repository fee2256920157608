"""Keys 1 and 2 choose between the two likeliest exercises of the set that is over."""

from collections.abc import Sequence

from builders.live_run import Stage, lifted, standing
from builders.recognition import NONE, a_break, a_recognising_pipeline, after_one_another, some_squats, torn

from livecoach.core.documents import Event, ExerciseEvent, Recognised
from livecoach.feedback.screen import Action

SEEN = after_one_another(a_break(2.0), some_squats(3), a_break(8.0))
UNSURE_S = 2.5
KEY = 280
"""The picture after which the key is pressed: in the rest, at 18.6 s."""


def chosen(*keys: tuple[int, Action], again: Sequence[Event] = ()) -> Stage:
    """A run of three squats of which the recogniser says that they may be deadlifts, or squats."""
    pipeline = a_recognising_pipeline({UNSURE_S: torn("deadlift", "squat")})
    return lifted(SEEN, keys=dict(keys), recognising=pipeline, again=again)


def test_the_second_key_chooses_the_second_exercise():
    """The set is counted anew as that; an event says that it was chosen, and after which frame."""
    stage = chosen((KEY, Action.CHOOSE_SECOND))
    assert [rep.exercise for rep in stage.loop.reps] == ["squat"] * 3
    event = stage.events("exercise")[-1]
    assert (event["exercise"], event["chosen"], event["open"], event["frame"]) == ("squat", True, False, KEY - 1)
    (withdrawn,) = stage.events("withdrawn")
    assert withdrawn["reps"] == [rep["rep"]["index"] for rep in stage.events("rep")][: len(withdrawn["reps"])]
    assert stage.events("session_end")[0]["reps"] == 3


def test_the_first_key_chooses_the_first_exercise():
    event = chosen((KEY, Action.CHOOSE_FIRST)).events("exercise")[-1]
    assert (event["exercise"], event["chosen"], event["open"]) == ("deadlift", True, False)


def test_without_a_question_the_keys_are_digits_of_a_load():
    """Before anything was done, within a set, and where the exercise is given."""
    for key in (5, 100):
        unasked = chosen((key, Action.CHOOSE_FIRST))
        assert unasked.screen.shown[key][1].load == "1_ kg"
        assert not any(event["chosen"] for event in unasked.events("exercise"))
    given = Stage(keys={5: Action.CHOOSE_SECOND})
    given.lift(given.feed(standing()))
    assert given.screen.shown[5][1].load == "2_ kg"


def test_a_replay_repeats_the_choice():
    live = chosen((KEY, Action.CHOOSE_SECOND))
    event = ExerciseEvent(
        t_s=18.6,
        exercise="squat",
        recognised=Recognised.of(NONE),
        chosen=True,
        frame=live.events("exercise")[-1]["frame"],
    )
    again = chosen(again=[event])
    assert [(e["event"], e["t_s"]) for e in again.events()] == [(e["event"], e["t_s"]) for e in live.events()]
    assert again.loop.reps == live.loop.reps
