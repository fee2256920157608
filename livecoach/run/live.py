"""The loop: newest frame → observation → step → picture, sound, events. Everything is handed in."""

import gc
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Protocol

import numpy as np

from livecoach.feedback.overlay import RunStatus
from livecoach.feedback.screen import Screen
from livecoach.feedback.sound import SoundSink
from livecoach.feedback.window import CORRECTION_OF_ACTION, Action
from livecoach.session.corrections import RecordedCorrections
from livecoach.session.events import EventStream
from livecoach.session.metrics import DropMonitor, FrameRate, RunMetrics
from livecoach.source import Source
from livecoach.source.capture import Capture, CaptureResult
from livecoach.types import Correction, Cue, Frame, Notice, Observation, Rep, Step

WAIT_S = 0.05
"""How long the loop waits for a frame before it looks at the keys again."""
LOST = Notice(kind="camera_lost", active=True, text="camera lost: trying again")
BACK = replace(LOST, active=False, text="the camera is back")
NO_REP_YET, NOTHING_SAID = "no rep to correct yet", "nothing to take back"
NO_OTHER = "this looks like the exercise that you chose"
NOTE_S = 2.5
"""How long it stands that a key had nothing to do, by the frames' time."""
SLOW = Notice(kind="slow", active=True, text="too slow: frames are left out")


class ObserveFrame(Protocol):
    """Makes an observation of a frame."""

    def __call__(self, frame: Frame, dropped: int = 0) -> Observation:
        """dropped: frames since the last one that were not looked at."""
        ...


class StepPipeline(Protocol):
    """Makes steps of observations: a livecoach.pipeline.Pipeline."""

    def step(self, observation: Observation) -> Step:
        """Take the next observation."""
        ...

    def finish(self, last: Observation) -> Step:
        """The source has ended after `last`."""
        ...

    def correct(self, correction: Correction | None, start_s: float | None = None) -> Step | None:
        """Take what somebody says of a rep."""
        ...


def newest_frames(capture: Capture) -> Iterator[CaptureResult]:
    """What a capture gives until its source ends: the newest frame, or none for a while."""
    while not (taken := capture.take(WAIT_S)).ended:
        yield taken


def every_frame(source: Source) -> Iterator[CaptureResult]:
    """Every frame of a source, as fast as they are wanted."""
    while (frame := source.read()) is not None:
        yield CaptureResult(frame=frame, dropped=0, lost=False, ended=False)


class ObservationRecorder(Protocol):
    """Keeps what happens; it never waits."""

    @property
    def recording(self) -> bool:
        """Pictures are being kept."""
        ...

    @property
    def problem(self) -> str | None:
        """Why something is not kept any more; None while all is well."""
        ...

    def observation(self, observation: Observation, picture: np.ndarray | None) -> None:
        """Keep what was seen in a frame."""
        ...


class LiveRun:
    """One run over a source. `go` is the loop; what it did is in `tally` and `reps`."""

    def __init__(  # noqa: PLR0913 - everything is handed in
        self,
        *,
        observe: ObserveFrame,
        pipeline: StepPipeline,
        events: EventStream,
        sound: SoundSink,
        screen: Screen | None,
        say: Callable[[str], object],
        pause: Callable[[bool], bool],
        keep: Callable[[Step], object],
        record: ObservationRecorder,
        due: RecordedCorrections | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """screen: None without a window. say: takes one line for the user. pause: holds the source back, or returns
        False. keep: takes each step for what is to be remembered of it. record: of the session. due: what was said of
        reps when it was recorded; None where it is none. clock: seconds."""
        self._observe, self._pipeline, self._events, self._sound = observe, pipeline, events, sound
        self._screen, self._say, self._pause, self._keep, self._clock = screen, say, pause, keep, clock
        self._record, self._problem, self._due = record, record.problem, due or RecordedCorrections()
        self.tally = RunMetrics()
        self.reps: list[Rep] = []
        self.wanted: str | None = None
        """Name of the exercise that the lifter wants to go on with; None: the same."""
        self._rate, self._keeping_up = FrameRate(), DropMonitor()
        self._paused = self._lost = self._quit = self._slow = False
        self._last: tuple[np.ndarray | None, Step] | None = None
        self._note = "", 0.0  # what a key had nothing to do for, and until when it stands
        self._status = RunStatus(fps=None, latency_ms=None, dropped=0, muted=sound.muted, paused=False, note=None)

    def go(self, feed: Iterable[CaptureResult]) -> None:
        """Take what the feed gives until it ends, fails or the lifter quits; what was begun is finished in any case."""
        # What is loaded stays: to go through it in a full garbage collection takes 43 ms, longer than a frame.
        gc.freeze()
        try:
            for taken in feed:
                self._connection(taken.lost)
                if taken.frame is not None:
                    self._take(taken.frame, taken.dropped)
                self._listen()
                if self._quit:
                    break
        finally:
            if self._last is not None:
                picture, step = self._last
                self._tell(picture, self._pipeline.finish(step.observation), None)
            self._events.end(self.tally)

    def _take(self, frame: Frame, dropped: int) -> None:
        began_s = self._clock()
        observation = self._observe(frame, dropped)
        observed_s = self._clock()
        step = self._pipeline.step(observation)
        self.tally.pose.add(observed_s - began_s)
        self.tally.step.add(self._clock() - observed_s)
        self.tally.add(observation)
        self._record.observation(observation, frame.picture)
        self._status = replace(self._status, fps=self._rate.step(frame.t_s), dropped=self.tally.dropped)
        self._tell(frame.picture, step, frame.captured_s)
        for said in self._due.after(observation):
            self._correct(said.correction, said.start_s)
        keeps_up = self._keeping_up.step(frame.t_s, observation.dropped)
        if keeps_up is not None:
            self._events.notice(replace(SLOW, active=not keeps_up))
            self._slow = not keeps_up

    def _tell(self, picture: np.ndarray | None, step: Step, captured_s: float | None) -> None:
        """Hand a step to ear, record and eye, in this order: the sound takes longest to arrive."""
        if step.cue is not None:
            self._sound.play(step.cue)
        age_s = None if captured_s is None else self._clock() - captured_s
        self._events.step(step, None if age_s is None else age_s * 1000)
        self.reps.extend(judged.rep for judged in step.judged)
        if step.rep is not None and age_s is not None:
            self.tally.captured_to_cue.add(age_s)
        self._show(picture, step, captured_s)
        self._keep(step)

    def _correct(self, correction: Correction | None, start_s: float | None = None) -> None:
        """Take what somebody says of a rep (start_s; None: of the last one), and show it."""
        if self._last is None:
            return
        picture, last = self._last
        step = self._pipeline.correct(correction, start_s)
        if step is None or step.corrected is None:
            self._note = NOTHING_SAID if correction is None else NO_REP_YET, last.observation.t_s + NOTE_S
            self._show_again()
            return
        said = step.corrected.rep
        self.reps = [said if rep.start_s == said.start_s else rep for rep in self.reps]
        self._tell(picture, step, None)

    def _show(self, picture: np.ndarray | None, step: Step, captured_s: float | None) -> None:
        self._last = picture, step
        if self._screen is None:
            return
        began_s = self._clock()
        age_s = None if captured_s is None else began_s - captured_s
        self._status = replace(
            self._status,
            latency_ms=None if age_s is None else age_s * 1000,
            muted=self._sound.muted,
            paused=self._paused,
            recording=self._record.recording,
            note=self._record.problem or self._noted(step) or (SLOW.text if self._slow else None),
            help=self._screen.help,
        )
        if self._screen.show(picture, step, self._status, age_s):
            self.tally.draw.add(self._clock() - began_s)
            if captured_s is not None:
                self.tally.captured_to_drawn.add(self._clock() - captured_s)

    def _change_exercise(self) -> None:
        """End the run for one of the exercise that the latest reps look like."""
        if self._last is None:
            return
        step = self._last[1]
        self.wanted = step.looks_like
        self._quit = self.wanted is not None
        if not self._quit:
            self._note = NO_OTHER, step.observation.t_s + NOTE_S
            self._show_again()

    def _noted(self, step: Step) -> str | None:
        note, until_s = self._note
        return note if step.observation.t_s < until_s else None

    def _show_again(self) -> None:
        """The same picture with a new status: while nothing comes, keys still do."""
        if self._last is not None:
            picture, step = self._last
            warning = LOST.text if self._lost else step.warning
            self._show(picture, replace(step, rep=None, cue=None, notices=(), corrected=None, warning=warning), None)

    def _connection(self, lost: bool) -> None:
        """Both ends of a gap are told."""
        if lost == self._lost:
            return
        self._lost = lost
        self._events.notice(LOST if lost else BACK)
        if lost:
            self._sound.play(Cue(kind="warning", text=LOST.text, rep=None, say=None))
            self._show_again()

    def _listen(self) -> None:
        """News of the sound device, and keys."""
        for line in self._sound.status_changes():
            self._say(line)
        if self._record.problem != self._problem:
            self._problem = self._record.problem
            self._say(f"{self._problem}; going on without")
        if self._screen is None:
            return
        helped = self._screen.help
        for action in self._screen.actions():
            if action is Action.QUIT:
                self._quit = True
            elif action is Action.MUTE:
                self._sound.muted = not self._sound.muted
                self._show_again()
            elif action in CORRECTION_OF_ACTION:
                self._correct(CORRECTION_OF_ACTION[action])
            elif action is Action.EXERCISE:
                self._change_exercise()
            elif action is Action.PAUSE and self._pause(not self._paused):
                self._paused = not self._paused
                self._show_again()
        if self._screen.help != helped:
            self._show_again()
