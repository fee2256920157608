"""Runs the live loop: from the newest frame to an observation, a step, and then sound, events and picture."""

import gc
import math
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

import numpy as np

from livecoach.capture.capture import CaptureResult
from livecoach.core.language import translate
from livecoach.core.step import Step
from livecoach.core.types import Cue, Frame, Observation, ignore
from livecoach.core.types.message import Message
from livecoach.decisions.coaching.cues import warning_cue
from livecoach.feedback.screen import UserInput
from livecoach.feedback.session_state import DeviceState, SessionState
from livecoach.feedback.sound import SoundSink
from livecoach.records.session.events import EventStream
from livecoach.records.session.metrics import JOIN_GAP_S, WINDOW_S, RunMetrics
from livecoach.records.session.recorder import Recorder
from livecoach.run.coached import BeginPart, CoachedRun, Command
from livecoach.run.feed import CAMERA_BACK, CAMERA_LOST, FeedStep, RestingRate, process_feed

SLOW = "computer too slow: close other programs"
NOTE_S = 2.5  # Time for which a note is shown, in the frames' time


class RunScreen(Protocol):
    """A window or a phone that shows a run."""

    def show(self, picture: np.ndarray | None, step: Step, status: SessionState, age_s: float | None) -> bool:
        """Show a step, and return whether the step was drawn.

        Args:
            picture: Picture of the frame, (height, width, 3) uint8 BGR; None if the source has no pictures.
            age_s: Age of the frame; None without a time of capture, and for the step of a command or a repeated step.
        """

    def take_requests(self) -> Sequence[UserInput]:
        """Remove and return the next requests of the screen's user, in order; empty if no request waits."""


class RunScreens:
    """The screens of a run, which show its steps and its state."""

    def __init__(
        self,
        screens: Sequence[RunScreen],
        coached: CoachedRun,
        sounds: Sequence[SoundSink],
        recorder: Recorder | None,
        metrics: RunMetrics,
        clock: Callable[[], float],
    ) -> None:
        # The last screen decides whether a step counts as drawn.
        self.screens, self._coached, self._sounds, self._recorder = screens, coached, sounds, recorder
        self._metrics, self._clock = metrics, clock
        self.picture: np.ndarray | None = None  # The newest picture
        self.paused = self.slow = self.can_pause = False
        self._note, self._note_until_s = "", 0.0
        self._captured_s: float | None = None  # Time of capture of the newest picture
        self._frozen_s: int | None = None  # `DeviceState.frozen_s`

    @property
    def problem(self) -> str | None:
        """The present problem of the recording, such as a full or slow disk; None without a problem."""
        return None if self._recorder is None else self._recorder.problem

    def show_note(self, note: str | None) -> None:
        """Show a note over the newest picture for NOTE_S, and redraw the screens; None keeps the previous note.

        Nothing is shown before the first step. A text that is being typed hides the note.
        """
        if note is not None and self._coached.last is not None:
            self._note, self._note_until_s = note, self._coached.last.observation.t_s + NOTE_S
        self.redraw()

    def redraw(self) -> None:
        """Draw the newest step again with the current state, so that keys work even while no frame comes.

        Nothing is drawn before the first step.
        """
        if self._coached.last is not None:
            self.show(replace(self._coached.last, events=(), cue=None), None)

    def redraw_lost(self, *, begins: bool) -> None:
        """Redraw the screens if the camera's loss begins now, or if the picture's age in whole seconds has changed."""
        before_s = self._frozen_s
        self._frozen_s = None if self._captured_s is None else int(self._clock() - self._captured_s)
        if begins or self._frozen_s != before_s:
            self.redraw()

    def redraw_rest_screen(self, t_s: float) -> None:
        """If the lifter rests after a set, redraw the screens, with the clock and the replayed reps at time `t_s`."""
        last = self._coached.last
        if last is not None and last.set.summary is not None:
            self.show(replace(last, events=(), cue=None, observation=replace(last.observation, t_s=t_s)), None)

    def show(self, step: Step, captured_s: float | None) -> None:
        """Show a step with the state of session and device on all screens, and with a warning while the camera is lost.

        Args:
            captured_s: Time of the frame's capture by the clock of the run; None if unknown, or if no frame is new.
        """
        if captured_s is not None:
            self._captured_s, self._frozen_s = captured_s, None
        if self._metrics.is_camera_lost:
            step = replace(step, place=replace(step.place, warning=CAMERA_LOST, problem=None))
        began_s, sets, known = self._clock(), self._coached.lifter.set_logger, self._coached.session
        age_s = None if captured_s is None else began_s - captured_s
        if known.progress is not None and sets.is_warm_up:  # A warm-up is not among the planned sets
            bare = replace(known.progress.plan, sets=None, reps=None)
            known = replace(known, progress=replace(known.progress, plan=bare))
        device = DeviceState(
            muted=self._sounds[0].muted,
            paused=self.paused,
            can_pause=self.can_pause,
            recording=self._recorder is not None and self._recorder.is_recording_video,
            note=self._coached.typed_text or (self._note if step.observation.t_s < self._note_until_s else None),
            typing=self._coached.typing_lifter is not None,
            frozen_s=self._frozen_s,
            trouble=self.problem or (SLOW if self.slow else None),
        )
        status = replace(known, load=sets.load, sets=self._coached.lifted_sets(), device=device)
        drawn = False
        for screen in self.screens:
            drawn = screen.show(self.picture, step, status, age_s)
        if drawn:
            self._metrics.draw.add(self._clock() - began_s)
            if captured_s is not None:
                self._metrics.captured_to_drawn.add(self._clock() - captured_s)


TURN_LINES = {
    0: "the picture is upright again",
    90: "the picture lies on its side: turning it, as by `--rotate 90`. `--rotate 0` leaves it as it is.",
    180: "the picture is upside down: turning it, as by `--rotate 180`. `--rotate 0` leaves it as it is.",
    270: "the picture lies on its side: turning it, as by `--rotate 270`. `--rotate 0` leaves it as it is.",
}
"""Line for the user about pictures that are turned, by the turn in degrees clockwise."""


@dataclass(kw_only=True, eq=False)
class FrameLoop:
    """The loop of a run, which turns frames and the lifter's commands into steps, and publishes the steps."""

    observe: Callable[[Frame, int], Observation]  # Observes a frame; takes the number of frames lost before it
    coached: CoachedRun
    events: EventStream
    sounds: Sequence[SoundSink]  # At least one
    recorder: Recorder | None  # None if no session is recorded
    print_line: Callable[[str], object]  # Called with a line for the user
    screens: Sequence[RunScreen] = ()
    resting: RestingRate = field(default_factory=lambda: RestingRate(fps=math.inf, awake_until_s=math.inf))
    """Decides which pictures to process; by default all pictures."""
    begin: Callable[[], object] = ignore  # Called after the first frame; starts the parts that can wait, such as sound
    clock: Callable[[], float] = time.monotonic  # Clock in seconds by which live frames state their capture
    turn_deg: int = 0  # Turn of the pictures that was set or reported last, in degrees clockwise

    def __post_init__(self) -> None:
        self.metrics = RunMetrics()
        self.display = RunScreens(self.screens, self.coached, self.sounds, self.recorder, self.metrics, self.clock)
        self._problem: str | None = None  # Problem of the recording that was reported last

    def run(self, feed: Iterable[CaptureResult], listen: Callable[[], bool]) -> None:
        """Process a feed until it ends or fails, or the lifter ends the run; then finish the current rep and set.

        Args:
            listen: Called after each result and each replayed command. Returns whether the run continues.

        Raises:
            LivecoachError: The source has failed. The current rep and set are finished nevertheless.
        """
        gc.freeze()  # A full collection of all loaded objects takes 43 ms, longer than a frame, and would free nothing
        try:
            for processed in process_feed(feed, self.observe, self.coached, self.metrics, self.resting, self.clock):
                self._report_connection(processed.result)
                if processed.is_of_frame:
                    self._publish_frame(processed)
                elif processed.step is not None:
                    self.publish(processed.step)
                elif processed.is_same and processed.result.frame is not None:
                    self.display.redraw_rest_screen(processed.result.frame.t_s)
                self._report_devices()
                if not listen():
                    return
        finally:
            try:
                self._finish()
            finally:
                gc.unfreeze()  # Otherwise, this run's objects would never be freed

    def _finish(self) -> None:
        try:
            for step in self.coached.finish():
                self.publish(step)
        finally:
            self.events.send_end(self.metrics, self.coached.reps)

    def _publish_frame(self, processed: FeedStep) -> None:
        frame, step = processed.result.frame, processed.step
        assert frame is not None
        assert step is not None
        if frame.observation is None and step.observation.turn_deg != self.turn_deg:
            self.turn_deg = step.observation.turn_deg
            self.print_line(translate(TURN_LINES[self.turn_deg]))
        if self.recorder is not None:
            self.recorder.add_observation(step.observation, processed.picture)
        self.display.picture = processed.picture
        self.publish(step, frame.captured_s)
        self._report_speed(frame.t_s)
        if self.metrics.frames == 1:
            self.begin()

    def publish(self, step: Step, captured_s: float | None = None) -> None:
        """Pass a step to sounds, events and screens, in this order, because sound has the longest latency.

        Args:
            captured_s: Time of the frame's capture by `clock`; None if unknown, and for the step of a command.
        """
        if step.cue is not None:
            self._play(step.cue)
        age_s = None if captured_s is None else self.clock() - captured_s
        self.events.send_step(step, None if age_s is None else age_s * 1000)
        if step.rep is not None and age_s is not None:
            self.metrics.captured_to_cue.add(age_s)
        self.display.show(step, captured_s)

    def process(self, command: Command) -> bool:
        """Process a command after the newest step, publish the new step, and return whether the step has an event.

        An impossible command has no event, nor has a new load for the next set, which is recorded with a later step.
        The current part is finished before another part begins.
        """
        coached, has_event = self.coached, False
        for step in coached.begin_part(command) if isinstance(command, BeginPart) else (coached.process(command),):
            self.publish(step)
            has_event = bool(step.events)
        return has_event

    def _play(self, cue: Cue) -> None:
        for sound in self.sounds:
            sound.play(cue)

    def toggle_mute(self) -> None:
        muted = not self.sounds[0].muted
        for sound in self.sounds:
            sound.muted = muted
        self.display.redraw()

    def _report_connection(self, result: CaptureResult) -> None:
        gaps, was_lost = self.metrics.camera_gaps, self.metrics.is_camera_lost
        if was_lost and result.frame is not None:
            gaps[-1] = gaps[-1][0], result.frame.t_s
            self.events.send_warning("camera_lost", CAMERA_BACK, active=False)
        elif result.lost:
            if not was_lost:
                gaps.append((self.metrics.t_s, math.inf))
                self.events.send_warning("camera_lost", CAMERA_LOST, active=True)
                self._play(warning_cue(CAMERA_LOST))
            self.display.redraw_lost(begins=not was_lost)

    def _report_speed(self, t_s: float) -> None:
        """Report whether the computer is too slow, unless the camera was lost."""
        back_s = self.metrics.camera_gaps[-1][1] if self.metrics.camera_gaps else -math.inf
        slow = self.metrics.slow.is_sustained_at(t_s) and t_s - back_s > WINDOW_S + JOIN_GAP_S
        if slow != self.display.slow:
            self.events.send_warning("slow", SLOW, active=slow)
            self.display.slow = slow

    def _report_devices(self) -> None:
        for sound in self.sounds:
            for line in sound.take_status_changes():
                self.print_line(translate(line))
        if self.display.problem != self._problem:
            self._problem = self.display.problem
            goes_on = Message("{text}. The run continues.", text=self._problem or "")
            self.print_line(translate("all is well with the disk again." if self._problem is None else goes_on))
