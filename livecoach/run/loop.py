"""The live loop: newest frame → observation → step → sound, events, picture. All parts are handed in."""

import gc
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

import numpy as np

from livecoach.capture.capture import CaptureResult
from livecoach.core.documents import SetLogEvent, SetMarkEvent, StandardsEvent
from livecoach.core.types import Correction, Cue, Frame, Notice, Observation, Step, ignore
from livecoach.feedback.display_state import RunStatus
from livecoach.feedback.screen import Entry
from livecoach.feedback.sound import SoundSink
from livecoach.records.session.events import EventStream
from livecoach.records.session.lifter_events import LifterEvent, LifterEvents
from livecoach.records.session.metrics import DropMonitor, FrameRate, RunMetrics
from livecoach.records.session.recorder import Recorder
from livecoach.run.coached import CoachedRun, Told
from livecoach.run.feed import RestingRate
from livecoach.run.workout import SetLogger

LOST = Notice(kind="camera_lost", active=True, text="camera lost: trying again")
BACK = replace(LOST, active=False, text="the camera is back")
SLOW = Notice(kind="slow", active=True, text="too slow: close other programs")
NOTE_S = 2.5  # on screen, in seconds of the frames' time


class RunScreen(Protocol):
    """A window or a phone."""

    def show(self, picture: np.ndarray | None, step: Step, status: RunStatus, age_s: float | None) -> bool:
        """Return whether the step was drawn. age_s: capture to now; None if not live."""

    def actions(self) -> Sequence[Entry]:
        """Return what its user asked for since the last call."""


@dataclass(kw_only=True, eq=False)
class FrameLoop:
    """Takes frames, and what the lifter says after them, and publishes the steps."""

    observe: Callable[[Frame, int], Observation]  # the number counts the frames dropped before this one
    coached: CoachedRun
    events: EventStream
    sounds: Sequence[SoundSink]  # at least one
    recorder: Recorder | None  # None without a session
    say: Callable[[str], object]  # called with one line for the user
    screens: Sequence[RunScreen] = ()  # the last one tells whether a step was drawn
    store: Callable[[Step], object] = ignore  # called with each step: stores good reps in the lifter's profile
    sets: SetLogger = field(default_factory=lambda: SetLogger(ignore, "metric"))
    said: LifterEvents = field(default_factory=LifterEvents)  # in the replayed session
    film: Callable[[Step, np.ndarray], object] = ignore  # called with the pictures that may be kept
    resting: RestingRate | None = None  # which pictures to look at; None for all
    skip_until: Callable[[float], object] = ignore  # called with the time before which it looks at none
    begin: Callable[[], object] = ignore  # called once the first picture is shown: starts what can wait, as the sound
    clock: Callable[[], float] = time.monotonic  # only differences count

    def __post_init__(self) -> None:
        self.tally = RunMetrics()
        self.coached.logs = self.sets.logs
        self.paused = False
        self._picture: np.ndarray | None = None  # the newest one
        self._rate, self._keeping_up = FrameRate(), DropMonitor()
        self._fps: float | None = None
        self._lost = self._slow = False
        self._problem: str | None = None  # why recording has stopped, as far as that was said
        self._note, self._note_until_s = "", 0.0

    @property
    def latest(self) -> Step | None:
        """The newest step; None before the first frame."""
        return None if self.coached.last is None else self.coached.last.step

    def run(self, feed: Iterable[CaptureResult], listen: Callable[[], bool]) -> None:
        """Process the feed until it ends or fails, or `listen`, which is called after each turn, returns False; then
        end the rep and the set under way."""
        gc.freeze()  # a full collection of all loaded objects takes 43 ms, longer than a frame, and would free nothing
        try:
            for taken in feed:
                self._report_connection(taken.lost)
                if taken.frame is not None and (self.resting is None or self.resting.looks(taken.frame.t_s)):
                    self._process(taken.frame, self._missed(taken))
                self._report_devices()
                if not listen():
                    return
        finally:
            if self.coached.last is not None:
                self.publish(self.coached.finish())
            self.events.end(self.tally)
            gc.unfreeze()  # otherwise this run's objects would never be freed

    def _process(self, frame: Frame, dropped: int) -> None:
        if self.tally.frames == 1:
            self.begin()
        began_s = self.clock()
        observation = self.observe(frame, dropped)
        observed_s = self.clock()
        told = self.coached.take(observation)
        assert isinstance(told, Told)  # an observation has a step
        self.tally.pose.add(observed_s - began_s)
        self.tally.step.add(self.clock() - observed_s)
        self.tally.add(observation)
        if self.recorder is not None:
            self.recorder.observation(observation, frame.picture)
        self._picture, self._fps = frame.picture, self._rate.add(frame.t_s)
        self.publish(told, frame.captured_s)
        if frame.picture is not None and self.screens and self._films:
            self.film(told.step, frame.picture)  # takes up to 2 ms, so it comes after sound and picture
        if self.resting is not None:
            self.resting.step(told.step)
            self.skip_until(self.resting.skip_until_s)
        for said in self.said.after(observation):
            self.take(said)
        self._report_speed(frame.t_s, observation.dropped)

    def take(self, said: LifterEvent) -> bool:
        """Take what the lifter said after the newest step; return whether it applies. A replay needs it, so it is an
        event, unless that of the step that follows says it."""
        assert self.latest is not None
        if isinstance(said, SetLogEvent):
            self.sets.take(said)
        answer = self.coached.take(said)
        if isinstance(answer, Told):
            self.publish(answer)
            return True
        if answer and isinstance(said, SetMarkEvent | StandardsEvent):
            seen = self.latest.observation
            self.events.say(replace(said, t_s=seen.t_s, frame=seen.index))
        return answer

    def correct(self, correction: Correction | None) -> bool:
        """Correct the last rep; None undoes the last correction. Return whether there is anything to correct."""
        told = self.coached.correct(correction)
        if told is not None:
            self.publish(told)
        return told is not None

    def publish(self, told: Told, captured_s: float | None = None) -> None:
        """Pass a step to sound, events, screen and profile, in this order, because sound has the longest latency.
        captured_s: clock reading at the frame's capture; None where the step is not of a live frame."""
        step = told.step
        if told.cue is not None:
            self._play(told.cue)
        age_s = None if captured_s is None else self.clock() - captured_s
        self.events.step(step, None if age_s is None else age_s * 1000)
        self.sets.step(step)
        if step.rep is not None and age_s is not None:
            self.tally.captured_to_cue.add(age_s)
        self._show(step, captured_s)
        self.store(step)

    def _play(self, cue: Cue) -> None:
        for sound in self.sounds:
            sound.play(cue)

    @property
    def muted(self) -> bool:
        return self.sounds[0].muted

    def mute(self, muted: bool) -> None:
        for sound in self.sounds:
            sound.muted = muted
        self.redraw()

    def show_note(self, note: str | None) -> None:
        """Draw the newest picture again, with a note for NOTE_S. None: without a new one."""
        if note is not None and self.latest is not None:
            self._note, self._note_until_s = note, self.latest.observation.t_s + NOTE_S
        self.redraw()

    def redraw(self) -> None:
        """Draw the newest picture again with the present status: keys work even while no frame comes."""
        if self.latest is None:
            return
        bare = replace(self.latest, judged=(), cue=None, notices=(), corrected=None, chosen=False)
        self._show(replace(bare, warning=LOST.text, problem=None) if self._lost else bare, None)

    def _show(self, step: Step, captured_s: float | None) -> None:
        assert self.coached.last is not None
        began_s = self.clock()
        age_s = None if captured_s is None else began_s - captured_s
        status = replace(
            self.coached.last.status,
            fps=self._fps,
            dropped=self.tally.dropped,
            latency_ms=None if age_s is None else age_s * 1000,
            muted=self.muted,
            paused=self.paused,
            recording=self._films,
            note=self._note_at(step.observation.t_s),
            load=self.sets.load,
            typing=self.sets.is_typing,
        )
        drawn = False
        for screen in self.screens:
            drawn = screen.show(self._picture, step, status, age_s)
        if drawn:
            self.tally.draw.add(self.clock() - began_s)
            if captured_s is not None:
                self.tally.captured_to_drawn.add(self.clock() - captured_s)

    def _note_at(self, t_s: float) -> str | None:
        note = self._note if t_s < self._note_until_s else None
        return self.sets.typed or self._problem_now or note or (SLOW.text if self._slow else None)

    @property
    def _films(self) -> bool:
        return self.recorder is not None and self.recorder.recording

    @property
    def _problem_now(self) -> str | None:
        return None if self.recorder is None else self.recorder.problem

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
            self._play(Cue(kind="warning", text=LOST.text, rep=None, say=None))
            self.redraw()

    def _report_speed(self, t_s: float, dropped: int) -> None:
        """dropped: frames before the one at `t_s`."""
        keeps_up = self._keeping_up.add(t_s, dropped)
        if keeps_up is not None:
            self.events.notice(replace(SLOW, active=not keeps_up))
            self._slow = not keeps_up

    def _report_devices(self) -> None:
        for sound in self.sounds:
            for line in sound.status_changes():
                self.say(line)
        if self._problem_now != self._problem:
            self._problem = self._problem_now
            self.say(
                "all is well with the disk again." if self._problem is None else f"{self._problem}. The run continues."
            )
