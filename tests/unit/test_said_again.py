"""What the lifter said in a run is taken again after the same frames, wherever it is run again."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

import pytest
from builders.live_run import Stage
from builders.observations import a_squat
from builders.recognition import (
    FPS,
    a_break,
    a_recognising_pipeline,
    a_workout,
    after_one_another,
    of_high_squats,
    sure_of,
    torn,
)
from builders.sessions import a_session

from livecoach.core import documents
from livecoach.core.documents import AUTO, CorrectionEvent, Event, codec
from livecoach.core.step import Step
from livecoach.core.types import Observation
from livecoach.decisions.pipeline import Pipeline
from livecoach.feedback.screen import Action, ChosenStandard, EnteredText, UserInput
from livecoach.records.session.events import EventStream
from livecoach.records.session.lifter_events import EVENT_ADAPTER
from livecoach.records.session.opening import open_session
from livecoach.records.session.stored import Session
from livecoach.run.coached import replay

SQUATS = a_squat(reps=2, fps=FPS, view_deg=60.0)
WORKOUT, (SQUATS_S, PULLS_S) = a_workout(("squat", 2), ("deadlift", 2))


def _doubted_squats() -> Pipeline:
    """A pipeline that takes squats for what may be deadlifts, and is sure of the deadlifts."""
    return a_recognising_pipeline({SQUATS_S + 0.5: torn("deadlift", "squat"), PULLS_S + 1.0: sure_of("deadlift")})


@dataclass(frozen=True, kw_only=True)
class Said:
    """A run in which the lifter says something."""

    seen: Sequence[Observation]
    pipeline: Callable[[], Pipeline]
    keys: Mapping[int, UserInput]  # by the number of pictures that were shown before
    kinds: Sequence[str] = field(default=())  # of the events that say it

    def live(self, again: Sequence[Event] = ()) -> Stage:
        """again: what was said in the session that is run again; without it, the keys are pressed."""
        stage = Stage(keys={} if again else dict(self.keys), recognising=self.pipeline(), again=again)  # type: ignore[arg-type]
        stage.lift(stage.feed(map(codec.round_observation, self.seen), age_s=None))
        return stage


SAID = {
    "an exercise": Said(
        seen=WORKOUT,
        pipeline=_doubted_squats,
        keys={next(n for n, one in enumerate(WORKOUT) if one.t_s > PULLS_S - 1.0): Action.CHOOSE_SECOND},
        kinds=["exercise"],
    ),
    "all else": Said(
        seen=after_one_another(a_break(2.0), SQUATS, a_break(8.0), SQUATS),
        pipeline=of_high_squats,
        keys={
            10: EnteredText("load", "100"),
            130: Action.NO_REP,  # in the set
            155: Action.END_SET,
            **{190: Action.BAD, 195: Action.UNDO, 197: Action.GOOD},
            **{220: EnteredText("rpe", "8"), 240: ChosenStandard(count="standard")},
        },
        kinds=["set_log", "correction", "set_mark", *["correction"] * 3, "set_log", "standards", "set_log"],
    ),
}


@dataclass(frozen=True)
class LiveRun:
    run: Said
    lines: Sequence[str]

    @property
    def events(self) -> list[Event]:
        return [EVENT_ADAPTER.validate_json(line) for line in self.lines]

    @property
    def of_steps(self) -> list[str]:
        """The events of the steps: all but the end."""
        return [documents.to_json(event) for event in self.events if event.event != "session_end"]


@cache
def replay_of_input(name: str) -> LiveRun:
    return LiveRun(SAID[name], SAID[name].live().lines)


@pytest.fixture(params=SAID)
def live(request: pytest.FixtureRequest) -> LiveRun:
    return replay_of_input(request.param)


def test_a_lifters_input_is_an_event_with_its_frame(live: LiveRun) -> None:
    said = [event for event in live.events if event.event in live.run.kinds and getattr(event, "chosen", True)]
    assert [event.event for event in said if event.frame is not None] == live.run.kinds


def test_a_replay_gives_the_events_of_the_live_run_to_the_byte(live: LiveRun) -> None:
    """But for the end, which has the times that it took, and what was said after the session, which has no frame."""
    later = CorrectionEvent(t_s=3.0, rep=1, start_s=0.0, label="no-rep")
    again = live.run.live([*live.events, later]).lines
    assert again[:-1] == list(live.lines[:-1])


def by_steps(live: LiveRun, run: Callable[[Callable[[Step], object]], object]) -> list[str]:
    """The events of a run. run: calls what it is given with each step."""
    told: list[Event] = []
    start = live.events[0]
    stream = EventStream(told.append, start)  # type: ignore[arg-type]
    run(lambda step: stream.send_step(step, None))
    return [documents.to_json(event) for event in told]


def test_an_analysis_gives_the_steps_of_the_live_run(live: LiveRun) -> None:
    seen = map(codec.round_observation, live.run.seen)
    again = replay(live.run.pipeline(), seen, live.events)
    assert by_steps(live, lambda tell: [tell(step) for step in again]) == live.of_steps


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> tuple[LiveRun, Session]:
    """A run of two exercises, of which one was chosen, and its session."""
    live, folder = replay_of_input("an exercise"), tmp_path_factory.mktemp("sessions")
    seen = list(map(codec.round_observation, live.run.seen))
    recorded = a_session(folder, reps=0, exercise=AUTO, observations=seen, events=live.events[1:])
    return live, open_session(recorded, pytest.fail)


def test_a_session_has_the_reps_that_stand_and_tells_the_same_when_it_is_run_again(stored):
    live, session = stored
    assert "withdrawn" in [event.event for event in live.events]
    assert [rep.exercise for rep in session.counted_reps] == ["squat", "squat", "deadlift", "deadlift"]
    again = replay(_doubted_squats(), session.read_observations(), session.events)
    assert by_steps(live, lambda tell: [tell(step) for step in again]) == live.of_steps
