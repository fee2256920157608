"""The live loop: newest frame → observation → step → sound, events, picture. All parts are handed in.

A watchdog notices that the loop hangs, says which part does, and ends the session in order.
"""

import gc
import os
import sys
import threading
import time
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from types import FrameType
from typing import Protocol, TypeVar

import numpy as np

from livecoach.capture.capture import CaptureResult
from livecoach.core.types import (
    Cue,
    Frame,
    Notice,
    Observation,
    PartialRep,
    Rep,
    SetLog,
    SetSummary,
    Standards,
    Step,
    ignore,
)
from livecoach.core.types.reps import SHOWN
from livecoach.decisions.coaching.last_time import before_first_set, reminded, since_last
from livecoach.decisions.coaching.records import new_record, record_words, with_record
from livecoach.decisions.coaching.set_progress import NO_PLAN, PlanFollower
from livecoach.decisions.pipeline import Pipeline
from livecoach.feedback.display_state import RunStatus
from livecoach.feedback.screen import Entry
from livecoach.feedback.sound import SoundSink
from livecoach.records.session.events import EventStream
from livecoach.records.session.metrics import DropMonitor, FrameRate, RunMetrics
from livecoach.run.feed import RestingRate
from livecoach.run.lifter import NOBODY_KNOWN, Lifter
from livecoach.run.rest_replay import RestReplay
from livecoach.run.session_recording import SessionSink
from livecoach.run.workout import SetLogger

LOST = Notice(kind="camera_lost", active=True, text="camera lost: trying again")
BACK = replace(LOST, active=False, text="the camera is back")
SLOW = Notice(kind="slow", active=True, text="too slow: close other programs")
NOTE_S = 2.5  # on screen, in seconds of the frames' time


class RunScreen(Protocol):
    """A livecoach.feedback.screen.Screen. `show` returns whether the step was drawn."""

    typing: bool  # all keys belong to a text that is being typed

    @property
    def help(self) -> bool: ...
    @property
    def info(self) -> bool: ...
    def show(self, picture: np.ndarray | None, step: Step, status: RunStatus, age_s: float | None) -> bool: ...
    def actions(self) -> Sequence[Entry]: ...  # of the user, since the last call


@dataclass(kw_only=True, eq=False)
class FrameLoop:
    """Takes frames and publishes their steps; `tally` and `reps` hold the result of `run`."""

    observe: Callable[[Frame, int], Observation]  # the number counts the frames dropped before this one
    pipeline: Pipeline
    events: EventStream
    sound: SoundSink
    recorder: SessionSink
    say: Callable[[str], object]  # called with one line for the user
    screen: RunScreen | None = None  # None without a window
    store: Callable[[Step], object] = ignore  # called with each step: stores good reps in the lifter's profile
    sets: SetLogger = field(default_factory=lambda: SetLogger(ignore, "metric"))
    plan: PlanFollower = field(default_factory=lambda: PlanFollower(NO_PLAN))
    replay: RestReplay = field(default_factory=lambda: RestReplay({}))
    lifter: Lifter = NOBODY_KNOWN
    resting: RestingRate | None = None  # which pictures to look at; None for all
    skip_until: Callable[[float], object] = ignore  # called with the time before which it looks at none
    standards: Standards = SHOWN
    begin: Callable[[], object] = ignore  # called once the first picture is shown: starts what can wait, as the sound
    clock: Callable[[], float] = time.monotonic  # only differences count

    def __post_init__(self) -> None:
        self.tally = RunMetrics()
        self.reps: list[Rep] = []
        self.partials: list[PartialRep] = []
        self.paused = False
        self.latest: tuple[np.ndarray | None, Step] | None = None  # the newest step; None before the first frame
        self._rate, self._keeping_up = FrameRate(), DropMonitor()
        self._lost = self._slow = False
        self._problem = self.recorder.problem
        self._record_known: tuple[SetSummary, Mapping[int, SetLog], int] | None = None
        """What the record's words follow from: the set, the loads, and the number of reps."""
        self._record_words = ""
        self._note, self._note_until_s = "", 0.0
        self._status = RunStatus(muted=self.sound.muted, profile=self.lifter.name)

    def turns(self, feed: Iterable[CaptureResult]) -> Generator[Observation | None, None, None]:
        """Process the feed until it ends or fails, or this is closed; then end the rep and set under way. Yield each
        observation, and None at the end of each turn, with or without a new frame."""
        gc.freeze()  # a full collection of all loaded objects takes 43 ms, longer than a frame, and would free nothing
        try:
            for taken in feed:
                self._report_connection(taken.lost)
                if taken.frame is not None and (self.resting is None or self.resting.looks(taken.frame.t_s)):
                    observation = self.process_frame(taken.frame, self._missed(taken))
                    yield observation
                    self._report_speed(taken.frame.t_s, observation.dropped)
                self._report_devices()
                yield None
        finally:
            if self.latest is not None:
                picture, step = self.latest
                self.publish(picture, self.pipeline.finish(step.observation))
            self.events.end(self.tally)
            gc.unfreeze()  # otherwise this run's objects would never be freed

    def process_frame(self, frame: Frame, dropped: int) -> Observation:
        if self.tally.frames == 1:
            self.begin()
        began_s = self.clock()
        observation = self.observe(frame, dropped)
        observed_s = self.clock()
        step = self.pipeline.step(observation)
        self.tally.pose.add(observed_s - began_s)
        self.tally.step.add(self.clock() - observed_s)
        self.tally.add(observation)
        self.recorder.observation(observation, frame.picture)
        self._status = replace(self._status, fps=self._rate.add(frame.t_s), dropped=self.tally.dropped)
        self.publish(frame.picture, step, frame.captured_s)
        if frame.picture is not None and self.screen is not None and self.recorder.recording:
            self.replay.film(step, frame.picture)  # takes up to 2 ms, so it comes after sound and picture
        if self.resting is not None:
            self.resting.step(step)
            self.skip_until(self.resting.skip_until_s)
        return observation

    def publish(self, picture: np.ndarray | None, step: Step, captured_s: float | None = None) -> None:
        """Pass a step to sound, events, screen and profile, in this order, because sound has the longest latency.
        captured_s: clock reading at the frame's capture; None where the step is not of a live frame."""
        progress, cue = self.plan.step(step)
        self.reps = [*step.remaining(self.reps), *(judged.rep for judged in step.judged)]
        record = self._record(step)
        if cue is not None:
            self.sound.play(with_record(reminded(cue, self.lifter.last_times, step), record))
        age_s = None if captured_s is None else self.clock() - captured_s
        self.events.step(step, None if age_s is None else age_s * 1000)
        self.sets.step(step)
        self.partials += [] if step.partial is None else [step.partial]
        if step.rep is not None and age_s is not None:
            self.tally.captured_to_cue.add(age_s)
        loop = None if self.screen is None else self.replay.step(step, progress, record, self.standards)
        self._status = replace(self._status, progress=progress, record=record, loop=loop)
        self._show(picture, step, captured_s)
        self.store(step)

    def _record(self, step: Step) -> str:
        """Of the set that is over, in words; empty without one."""
        if step.summary is None:
            return ""
        known = step.summary, dict(self.sets.logs), len(self.reps)
        if known != self._record_known:
            best = new_record(self.lifter.read_bests(), step.summary, self.reps, self.sets.logs)
            self._record_known, self._record_words = known, record_words(best, self.sets.units)
        return self._record_words

    def replace_rep(self, corrected: Rep) -> None:
        self._record_known = None
        self.reps = [corrected if rep.start_s == corrected.start_s else rep for rep in self.reps]

    def plan_rest(self, rest_s: float | None) -> None:
        self._status = replace(self._status, progress=self.plan.rest(rest_s))
        self.redraw()

    def hold_to(self, standards: Standards) -> None:
        if self.latest is None:
            return
        self.standards = standards
        self.pipeline.hold_to(standards)
        self.events.hold_to(standards, self.latest[1])

    def show_note(self, note: str | None) -> None:
        """Draw the newest picture again, with a note for NOTE_S. None: without a new one."""
        if note is not None and self.latest is not None:
            self._note, self._note_until_s = note, self.latest[1].observation.t_s + NOTE_S
        self.redraw()

    def redraw(self) -> None:
        """Draw the newest picture again with the present status: keys work even while no frame comes."""
        if self.latest is None:
            return
        picture, step = self.latest
        bare = replace(step, judged=(), cue=None, notices=(), corrected=None, chosen=False)
        self._show(picture, replace(bare, warning=LOST.text, problem=None) if self._lost else bare, None)

    def _show(self, picture: np.ndarray | None, step: Step, captured_s: float | None) -> None:
        self.latest = picture, step
        if self.screen is None:
            return
        self.screen.typing = self.sets.is_typing
        began_s = self.clock()
        age_s = None if captured_s is None else began_s - captured_s
        self._status = replace(
            self._status,
            latency_ms=None if age_s is None else age_s * 1000,
            muted=self.sound.muted,
            paused=self.paused,
            recording=self.recorder.recording,
            note=self._note_at(step.observation.t_s),
            help=self.screen.help,
            info=self.screen.info,
            load=self.sets.load,
            standards=self.standards,
            reminder=before_first_set(self.lifter.last_times, step),
            since_last=since_last(self.lifter.last_times, step, self.reps),
        )
        if self.screen.show(picture, step, self._status, age_s):
            self.tally.draw.add(self.clock() - began_s)
            if captured_s is not None:
                self.tally.captured_to_drawn.add(self.clock() - captured_s)

    def _note_at(self, t_s: float) -> str | None:
        note = self._note if t_s < self._note_until_s else None
        return self.sets.typed or self.recorder.problem or note or (SLOW.text if self._slow else None)

    def _missed(self, taken: CaptureResult) -> int:
        """Frames that were dropped before one. At rest none is missed."""
        assert taken.frame is not None
        rests = self.resting is not None and self.resting.is_resting(taken.frame.t_s)
        return 0 if rests else taken.dropped

    def _report_connection(self, lost: bool) -> None:
        if lost == self._lost:
            return
        self._lost = lost
        self.events.notice(LOST if lost else BACK)
        if lost:
            self.sound.play(Cue(kind="warning", text=LOST.text, rep=None, say=None))
            self.redraw()

    def _report_speed(self, t_s: float, dropped: int) -> None:
        """dropped: frames before the one at `t_s`."""
        keeps_up = self._keeping_up.add(t_s, dropped)
        if keeps_up is not None:
            self.events.notice(replace(SLOW, active=not keeps_up))
            self._slow = not keeps_up

    def _report_devices(self) -> None:
        for line in self.sound.status_changes():
            self.say(line)
        if self.recorder.problem != self._problem:
            self._problem = self.recorder.problem
            self.say(
                "all is well with the disk again." if self._problem is None else f"{self._problem}. The run continues."
            )


TICK_S = 1.0
HANGS_AFTER = 20
"""Ticks without a turn of the loop, which normally takes a twentieth of a second at most. They are counted, not timed:
a process that is stopped and continued does not hang. Our choice."""
END_S = 10.0  # longest wait for the end of the session, because the disk may be what hangs
EXIT_STATUS = 1
PARTS = {
    "livecoach.perception.pose.": "the pose model",
    "livecoach.records.": "the disk",
    "livecoach.capture.": "the camera",
    "livecoach.phone.": "the phone's server",
}
"""Where the loop hangs → its name for the user."""

T = TypeVar("T")


def watched(
    turns: Iterable[T],
    say: Callable[[str], object],
    end: Callable[[], object],
    *,
    leave: Callable[[int], object] = os._exit,
    tick_s: float = TICK_S,
) -> Generator[T, None, None]:
    """Yield the turns of a loop, whose thread calls this, and watch from another one until they end or are closed. say:
    called with one line for the user. end: finishes the session. leave: ends the process."""
    looping, turned, over = threading.get_ident(), threading.Event(), threading.Event()

    def watch() -> None:
        ticks = 0
        while not over.wait(tick_s) and ticks < HANGS_AFTER:
            ticks = 0 if turned.is_set() else ticks + 1
            turned.clear()
        if over.is_set():
            return
        say(f"{part_of(sys._current_frames().get(looping))} does not answer. The session ends here.")
        ending = threading.Thread(target=finish, name="ending", daemon=True)
        ending.start()
        ending.join(END_S)
        leave(EXIT_STATUS)

    def finish() -> None:
        with suppress(Exception):  # the rest of the session was finished before what fails or hangs here
            end()

    threading.Thread(target=watch, name="watchdog", daemon=True).start()
    try:
        for turn in turns:
            turned.set()
            yield turn
    finally:
        over.set()


def part_of(frame: FrameType | None) -> str:
    """Return the name, for the user, of the part of livecoach that a thread is in."""
    while frame is not None:
        module = f"{frame.f_globals.get('__name__', '')}."
        for room, name in PARTS.items():
            if module.startswith(room):
                return name
        frame = frame.f_back
    return "livecoach"
