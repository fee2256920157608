"""A session of several exercises, run again: the same events, to the byte, in a replay and in the player."""

import json
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

import pytest
from builders.recognition import a_recognising_pipeline, a_workout, sure_of, torn
from builders.sessions import a_document, a_session, a_start

from livecoach.core import documents
from livecoach.core.documents import AUTO, Event, ExerciseEvent, codec
from livecoach.core.types import Observation, Step
from livecoach.decisions.pipeline import Pipeline
from livecoach.records.session import layout
from livecoach.records.session.events import EventStream
from livecoach.records.session.lifter_events import LifterEvents
from livecoach.records.session.opening import open_session
from livecoach.records.session.stored import Session
from livecoach.run.coached import CoachedRun, steps
from livecoach.run.player import PlayedFrames

WORKOUT, (SQUATS_S, PULLS_S) = a_workout(("squat", 2), ("deadlift", 2))
SEEN = [codec.rounded(one) for one in WORKOUT]
CHOSEN_AT = next(index for index, one in enumerate(SEEN) if one.t_s > PULLS_S - 1.0)
"""In the rest, when the set is over and the lifter is asked."""
ABOUT = a_document(exercise=AUTO)
START = a_start(ABOUT)


def a_pipeline() -> Pipeline:
    """A pipeline that takes the squats for what may be deadlifts, and is sure of the deadlifts."""
    return a_recognising_pipeline({SQUATS_S + 0.5: torn("deadlift", "squat"), PULLS_S + 1.0: sure_of("deadlift")})


def events_of(seen: list[Observation], said: Iterable[Event]) -> list[Event]:
    """The events of a run. said: what the lifter said in it."""
    told: list[Event] = []
    stream = EventStream(told.append, START)
    for step in steps(a_pipeline(), seen, LifterEvents(said)):
        stream.step(step, None)
    return told


def bytes_of(events: list[Event]) -> list[str]:
    return [documents.to_json(event) for event in events]


@pytest.fixture(scope="module")
def live() -> list[Event]:
    """What was told live, where the lifter said that they were squats."""
    at = SEEN[CHOSEN_AT]
    recognised = torn("deadlift", "squat")
    squat = ExerciseEvent(t_s=at.t_s, exercise="squat", recognised=recognised, chosen=True, frame=at.index)
    return events_of(SEEN, [squat])


@pytest.fixture(scope="module")
def session(live, tmp_path_factory) -> Session:
    """The session of it."""
    folder: Path = tmp_path_factory.mktemp("sessions")
    recorded = a_session(folder, reps=0, exercise=AUTO, observations=SEEN, events=live[1:])
    return open_session(recorded, pytest.fail)


def test_both_exercises_were_counted(session):
    """The first as it was chosen, the second as it was recognised; what was withdrawn is not among them."""
    lines = (session.folder / layout.REPS).read_text(encoding="utf-8").splitlines()
    assert "withdrawn" in [json.loads(line)["event"] for line in lines]
    assert [(event.rep.exercise, event.set) for event in session.rep_events] == [
        ("squat", "1"),
        ("squat", "1"),
        ("deadlift", "2"),
        ("deadlift", "2"),
    ]


def test_a_replay_tells_the_same(session, live):
    """From what was stored: observations, and the choice with its frame."""
    with closing(session.frames()) as frames:
        seen = [codec.decode(payload) for payload in frames.payloads()]
    assert bytes_of(events_of(seen, session.events)) == bytes_of(live)


def test_the_player_tells_the_same(session, live):
    """Wherever one goes in it."""
    told: list[Event] = []
    stream = EventStream(told.append, START)

    def on_step(step: Step) -> None:
        stream.step(step, None)

    with closing(session.frames()) as frames:
        steps = PlayedFrames(frames.payloads(), CoachedRun(a_pipeline()), on_step, session.events)
    for index in (CHOSEN_AT, 10, len(steps) - 1):
        _ = steps[index]
    assert steps[CHOSEN_AT].step.exercise == "squat"  # the frame's own step includes the choice
    assert bytes_of(told) == bytes_of(live)
