"""The loop and what keeps a session: all that was seen is handed over, and what can't be kept any more is shown."""

from dataclasses import replace

import numpy as np
import pytest
from builders.live_run import Stage, standing
from builders.observations import a_deadlift

from livecoach import assembly
from livecoach.run.rest_replay import RestReplay
from livecoach.types import Observation


def test_every_observation_is_handed_over_as_it_was_used():
    """In its order, with the frames that were dropped before it."""
    stage = Stage()
    seen = a_deadlift()
    stage.lift(stage.feed(seen, dropped=2))
    assert [one.t_s for one in stage.record.observations] == [one.t_s for one in seen]
    assert {one.dropped for one in stage.record.observations} == {2}


def test_the_window_says_that_pictures_are_kept():
    """As long as they are."""
    stage = Stage()
    stage.record.recording = True
    stage.lift(stage.feed(standing(0.1)))
    assert all(status.recording for _, status in stage.screen.shown)


@pytest.mark.parametrize("recording", [False, True])
def test_a_rest_shows_pictures_only_where_the_video_is_kept(recording):
    """Elsewhere nothing of the lifter's looks stays in memory, and the rest shows figures."""
    stage = Stage()
    stage.record.recording = recording
    stage.loop.replay = RestReplay(assembly.load("deadlift").coaches)
    lifting = a_deadlift(reps=2)
    feed = stage.feed([*lifting, *standing(25.0, from_s=lifting[-1].t_s + 1 / 30)])
    stage.lift(replace(taken, frame=replace(taken.frame, picture=np.zeros((480, 640, 3), np.uint8))) for taken in feed)
    loop = stage.screen.shown[-1][1].loop
    assert [any(rep.jpegs) for rep in loop.reps] == [recording] * len(loop.reps)


def test_a_full_disk_is_said_once_and_shown_from_then_on():
    """And the set goes on."""
    stage = Stage()
    handed_over = stage.record.observation

    def failing(observation: Observation, picture: object) -> None:
        handed_over(observation, picture)
        if observation.index == 3:
            stage.record.problem, stage.record.recording = "recording stopped: the disk is full", False

    stage.record.observation = failing  # type: ignore[method-assign]
    stage.lift(stage.feed(standing(0.5)))
    assert stage.said == ["recording stopped: the disk is full. The run continues."]
    notes = [status.note for _, status in stage.screen.shown]
    assert notes[:3] == [None] * 3
    assert set(notes[4:]) == {"recording stopped: the disk is full"}
    assert stage.events("session_end")[0]["frames"]["read"] == 15
