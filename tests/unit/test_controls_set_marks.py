"""Sets that the lifter ends and begins by hand."""

from collections.abc import Sequence

import pytest
from builders.live_run import Stage, lifted
from builders.recognition import a_break, a_recognising_pipeline, after_one_another, some_squats, sure_of

from livecoach.core.documents import Event, SetMarkEvent, codec
from livecoach.feedback.screen import Action
from livecoach.run.controls import BEGINS, ENDS, NONE_UNDER_WAY, UNDER_WAY
from livecoach.run.player import PlayedFrames

SEEN = [codec.rounded(one) for one in after_one_another(a_break(2.0), some_squats(2), a_break(1.5), some_squats(2))]
BEFORE, WITHIN, BETWEEN = 10, 120, 165
"""Pictures after which it is said: before the first set, in its second rep, and after that."""


def a_pipeline():
    return a_recognising_pipeline({4.0: sure_of("squat"), 12.5: sure_of("squat")})


def run(*said: tuple[int, Action], again: Sequence[Event] = ()) -> Stage:
    """A run of two squats, a breath and two squats: one set, unless somebody says otherwise."""
    return lifted(SEEN, keys=dict(said), recognising=a_pipeline(), again=again)


def sets(stage: Stage) -> list[int | None]:
    return [rep.set for rep in stage.loop.reps]


def notes(stage: Stage) -> set[str | None]:
    return {status.note for _, status in stage.screen.shown}


def test_a_breath_divides_no_set():
    assert sets(run()) == [1, 1, 1, 1]


def test_a_set_that_is_ended_is_summed_up_at_once_and_not_continued():
    stage = run((BETWEEN, Action.END_SET))
    assert sets(stage) == [1, 1, 2, 2]
    assert [end["summary"]["reps"] for end in stage.events("set_end")] == [2, 2]
    (mark,) = stage.events("set_mark")
    assert stage.events("set_end")[0]["t_s"] - mark["t_s"] < 0.1


def test_the_end_waits_for_the_rep_under_way():
    stage = run((WITHIN, Action.END_SET))
    assert sets(stage) == [1, 1, 2, 2]
    assert ENDS in notes(stage)


def test_a_set_that_is_begun_by_hand_does_not_continue_the_one_before():
    stage = run((BETWEEN, Action.END_SET), (BETWEEN + 5, Action.START_SET))
    assert sets(stage) == [1, 1, 2, 2]
    assert BEGINS in notes(stage)


@pytest.mark.parametrize(
    ("said", "action", "why"),
    [(BEFORE, Action.END_SET, NONE_UNDER_WAY), (WITHIN, Action.START_SET, UNDER_WAY)],
)
def test_what_is_not_possible_changes_nothing_and_is_said(said, action, why):
    stage = run((said, action))
    assert sets(stage) == [1, 1, 1, 1]
    assert why in notes(stage)
    assert stage.events("set_mark") == []


def test_a_replay_and_the_player_do_the_same():
    live = run((BETWEEN, Action.END_SET))
    events = [SetMarkEvent(t_s=mark["t_s"], mark=mark["mark"], frame=mark["frame"]) for mark in live.events("set_mark")]
    again = run(again=events)
    played = PlayedFrames(map(codec.encode, SEEN), a_pipeline(), type, events)

    assert again.events("rep") == live.events("rep")
    assert again.events("set_mark") == live.events("set_mark")
    assert played[len(SEEN) - 1].step.set_index == 2
