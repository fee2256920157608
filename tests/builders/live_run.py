"""A live run with fakes all round: clock, sound, screen, and what keeps the session."""

import copyreg
import json
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field, replace
from functools import partial
from types import MappingProxyType
from typing import TypeVar

import pytest

from builders.observations import an_observation
from builders.pipelines import a_pipeline
from builders.sources import FakeClock
from livecoach import __version__
from livecoach.capture.capture import CaptureResult
from livecoach.core.documents import Event, ModelDocument, SessionStart, to_json
from livecoach.core.model_files.tflite import TfliteNetwork
from livecoach.core.step import Step
from livecoach.core.types import NO_PLAN, Cue, Frame, Observation, SetPlan
from livecoach.decisions.assembly import TrainedExercise
from livecoach.decisions.coaching.last_time import LastTimes
from livecoach.decisions.coaching.records import PastBests
from livecoach.decisions.coaching.set_progress import PlanFollower, SetProgress
from livecoach.decisions.exercise_run import FrameAnalysis
from livecoach.decisions.pipeline import Pipeline
from livecoach.feedback.screen import UserInput
from livecoach.feedback.session_state import SessionState
from livecoach.feedback.sound import SoundSink
from livecoach.perception.body.body import Body
from livecoach.records.session.events import EventStream
from livecoach.run.coached import CoachedRun
from livecoach.run.controls import Controls
from livecoach.run.loop import FrameLoop
from livecoach.run.parts import ChoiceRow, Lifter, Part, PartChoice, PartMaker
from livecoach.run.rest_replay import RestReplay
from livecoach.run.set_logger import SetLogger

START = SessionStart(
    t_s=0.0,
    source="camera 0",
    exercise="deadlift",
    pose="lite",
    model=ModelDocument(name="deadlift", version="1", sha256="ab" * 32, synthetic=True, pose="lite"),
    version=__version__,
)
OBSERVE_S, DRAW_S = 0.011, 0.004
"""How long the fake estimator and screen take by the fake clock."""


class FakeSound(SoundSink):
    """Remembers the cues; has news when told so."""

    def __init__(self, log: list[tuple[str, object]]) -> None:
        self.muted = False
        self.cues: list[Cue] = []
        self.news: list[str] = []
        self._log = log

    def play(self, cue: Cue) -> None:
        self.cues.append(cue)
        self._log.append(("sound", cue.kind))

    def take_status_changes(self) -> list[str]:
        news, self.news = self.news, []
        return news


@dataclass
class FakeRecord:
    """Remembers what it was to keep; has a problem when told so."""

    is_recording_video: bool = False
    problem: str | None = None
    observations: list[Observation] = field(default_factory=list)

    def add_observation(self, observation: Observation, picture: object) -> None:  # noqa: ARG002
        self.observations.append(observation)


class FakeScreen:
    """Remembers what it was to show; presses keys by the number of pictures shown so far."""

    def __init__(self, log: list[tuple[str, object]], clock: FakeClock, keys: dict[int, UserInput]) -> None:
        self.shown: list[tuple[Step, SessionState]] = []
        self.late = False
        self._log, self._clock, self._keys = log, clock, keys

    def show(self, picture: object, step: Step, status: SessionState, age_s: float | None) -> bool:  # noqa: ARG002
        if self.late:
            return False
        self._clock.now_s += DRAW_S
        self.shown.append((step, status))
        self._log.append(("picture", step.observation.t_s))
        return True

    @property
    def times_s(self) -> list[float]:
        return [step.observation.t_s for step, _ in self.shown]

    def report_loss(self) -> bool:
        return False

    def take_requests(self) -> list[UserInput]:
        pressed = self._keys.pop(len(self.shown), None)
        return [] if pressed is None else [pressed]


@dataclass
class Stage:
    """A run with fakes all round."""

    keys: dict[int, UserInput] = field(default_factory=dict)
    with_screen: bool = True
    pausable: bool = True
    estimates: int = 10_000
    """After so many frames the estimator fails."""
    clock: FakeClock = field(default_factory=FakeClock)
    log: list[tuple[str, object]] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    paused: list[bool] = field(default_factory=list)
    written: list[Event] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    again: Sequence[Event] = ()
    """What the lifter said in the session that is replayed."""
    plan: SetPlan = NO_PLAN
    last_times: LastTimes = field(default_factory=dict)
    bests: PastBests = field(default_factory=dict)
    recognising: Pipeline | None = None
    """The pipeline of a run whose exercise is recognised; None for one of deadlifts."""
    exercises: Mapping[str, TrainedExercise] = field(default_factory=dict)
    """Exercises whose reps are shown in a rest."""
    ask: Callable[[ChoiceRow], PartChoice | None] | None = None
    chosen: list[PartChoice] = field(default_factory=list)
    """What the lifter chose for the part that begins."""
    remembered: list[PartChoice] = field(default_factory=list)
    """What the lifter chose for the next time, too."""
    ends_after_s: float = math.inf
    first: Part | None = None
    """The part that the run begins with; None for anna's deadlifts."""
    parts: PartMaker | None = None
    """Begins the parts of a session that is replayed."""

    def __post_init__(self) -> None:
        self.sound = FakeSound(self.log)
        self.screen = FakeScreen(self.log, self.clock, self.keys) if self.with_screen else None
        self.record = FakeRecord()
        events = EventStream(self.write, START)
        sets = SetLogger("metric")
        anna = Lifter(
            name="anna",
            events=self.again,
            last_times=self.last_times,
            read_bests=lambda: self.bests,
            plan=PlanFollower(self.plan, load_of=sets.load_of),
            set_logger=sets,
        )
        first = self.first or Part(pipeline=self.recognising or a_pipeline(), lifter=anna)
        coached = CoachedRun(first, RestReplay(self.exercises), parts=self.parts)
        self.loop = FrameLoop(
            observe=self.observe,
            coached=coached,
            events=events,
            sounds=[self.sound],
            screens=[] if self.screen is None else [self.screen],
            print_line=partial(list.append, self.said),
            recorder=self.record,  # type: ignore[arg-type]
            clock=self.clock,
        )
        self.controls = Controls(
            loop=self.loop,
            pause=self.pause,
            begin_part=partial(list.append, self.chosen),
            ask=self.ask,
            ends_after_s=self.ends_after_s,
            on_choice=partial(list.append, self.remembered),
        )

    def lift(self, feed: Iterable[CaptureResult]) -> None:
        """Run over a feed."""
        self.loop.run(feed, self.controls.listen)

    def observe(self, frame: Frame, dropped: int = 0) -> Observation:
        self.clock.now_s += OBSERVE_S
        self.estimates -= 1
        if self.estimates < 0:
            raise RuntimeError("pose")
        return replace(frame.observation, dropped=dropped)

    def write(self, event: Event) -> None:
        self.written.append(event)
        self.lines.append(to_json(event))
        self.log.append(("event", event.event))

    def pause(self, paused: bool) -> bool:
        self.paused.append(paused)
        return self.pausable

    def feed(
        self,
        observations: Iterable[Observation],
        *,
        age_s: float | None = 0.02,
        dropped: int = 0,
        begin_s: float | None = None,
    ) -> Iterator[CaptureResult]:
        """Each observation as a live frame that was captured so long ago; at its own time. begin_s: of the run."""
        begin_s = self.clock.now_s if begin_s is None else begin_s
        for observation in observations:
            self.clock.now_s = max(self.clock.now_s, begin_s + observation.t_s)
            captured_s = None if age_s is None else self.clock.now_s - age_s
            yield a_taken(observation, captured_s=captured_s, dropped=dropped)

    def events(self, kind: str | None = None) -> list[dict]:
        return [event for event in map(json.loads, self.lines) if kind in (None, event["event"])]


def a_taken(
    observation: Observation | None = None, *, captured_s: float | None = None, dropped: int = 0, lost: bool = False
) -> CaptureResult:
    """What a capture gives: a frame of this observation, or none."""
    frame = None
    if observation is not None:
        frame = Frame(
            index=observation.index, t_s=observation.t_s, picture=None, observation=observation, captured_s=captured_s
        )
    return CaptureResult(frame=frame, dropped=dropped, lost=lost, ended=False)


NOTHING = a_taken()
GONE = a_taken(lost=True)
ENDED = replace(NOTHING, ended=True)


def standing(seconds: float = 0.3, from_s: float = 0.0) -> list[Observation]:
    """Somebody who stands."""
    return [an_observation(t_s=from_s + i / 30, index=i) for i in range(round(seconds * 30))]


def lifted(
    observations: Iterable[Observation], *, age_s: float | None = 0.02, dropped: int = 0, **changes: object
) -> Stage:
    """A run over these observations, as `Stage.feed` gives them. changes: of the stage."""
    stage = Stage(**changes)  # type: ignore[arg-type]
    stage.lift(stage.feed(observations, age_s=age_s, dropped=dropped))
    return stage


SHARED = (MappingProxyType, Observation, FrameAnalysis, Body, Step, SetProgress, SessionState, TfliteNetwork)
"""Kinds of what never changes, so that copies of a run share it."""
Run = TypeVar("Run")


def a_copy(run: Run) -> Run:
    """Return what has become of a run up to now, to go on from there. What never changes is shared."""
    with pytest.MonkeyPatch.context() as patch:
        for kind in SHARED:
            patch.setitem(copyreg.dispatch_table, kind, lambda _: "shared")
        return deepcopy(run)


class Rehearsed:
    """Runs over the same observations, whose beginning is played once: up to a key, nothing differs."""

    def __init__(self, seen: Sequence[Observation], new: Callable[[], Stage] = Stage) -> None:
        self._seen, self._new = seen, new
        self._kept: dict[int, Stage] = {}

    def lifted(self, keys: Mapping[int, UserInput], then: Sequence[Observation] = (), **of_controls: object) -> Stage:
        """A run with keys, as of a `Stage`. then: what follows. of_controls: what differs from the first key on."""
        number = max(0, min([*keys, len(self._seen) + 1]) - 1)
        stage = self._up_to(number)
        assert len(stage.screen.shown) == number
        stage.keys.update(keys)
        for name, value in of_controls.items():
            setattr(stage.controls, name, value)
        stage.lift(self._feed(stage, [*self._seen[number:], *then]))
        return stage

    def _up_to(self, number: int) -> Stage:
        if not self._kept:
            self._kept[0] = self._new()
        if number not in self._kept:
            before = max(at for at in self._kept if at < number)
            stage = a_copy(self._kept[before])

            def feed() -> Iterator[CaptureResult]:
                yield from self._feed(stage, self._seen[before:number])
                self._kept[number] = a_copy(stage)

            stage.lift(feed())
        return a_copy(self._kept[number])

    def _feed(self, stage: Stage, seen: Sequence[Observation]) -> Iterator[CaptureResult]:
        return stage.feed(seen, begin_s=self._kept[0].clock.now_s)
