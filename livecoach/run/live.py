"""The live loop: newest frame → observation → step → picture, sound, events. All parts are arguments."""

import gc
import time
from collections.abc import Callable, Iterable
from dataclasses import replace

import numpy as np

from livecoach.coaching.set_progress import NO_PLAN, PlanFollower
from livecoach.feedback.entries import ChosenSetting, EnteredText, Entry, PlannedRest
from livecoach.feedback.overlay import RunStatus
from livecoach.feedback.sound import SoundSink
from livecoach.feedback.window import CORRECTION_OF_ACTION, Action, TypedKey
from livecoach.run.next_run import NO_CHOICE, ROW_OF_ACTION, ChoiceRow, NextRun, next_run
from livecoach.run.notes import BACK, LOST, NO_REP_YET, NOTHING_TO_UNDO, SLOW, TimedNote
from livecoach.run.protocols import ObservationRecorder, ObserveFrame, RunScreen, StepPipeline
from livecoach.run.question import PLACE_OF_ACTION, StandingQuestion
from livecoach.run.set_marks import MARK_OF_ACTION, mark_note
from livecoach.run.workout import FIELD_OF_ACTION, Field, SetLogger
from livecoach.session.events import EventStream
from livecoach.session.lifter_events import RecordedChoices, RecordedCorrections
from livecoach.session.metrics import DropMonitor, FrameRate, RunMetrics
from livecoach.source.capture import CaptureResult
from livecoach.types import Correction, Cue, Frame, Rep, SetMark, Step


class LiveRun:
    """One run over a source. `go` is the loop; `tally` and `reps` hold its result."""

    def __init__(  # noqa: PLR0913 - everything is handed in
        self,
        *,
        observe: ObserveFrame,
        pipeline: StepPipeline,
        events: EventStream,
        sound: SoundSink,
        screen: RunScreen | None,
        say: Callable[[str], object],
        pause: Callable[[bool], bool],
        keep: Callable[[Step], object],
        record: ObservationRecorder,
        due: RecordedCorrections | None = None,
        choose: Callable[[str], Step | None] | None = None,
        has_start_screen: bool = False,
        choices: RecordedChoices | None = None,
        sets: SetLogger | None = None,
        profile: str | None = None,
        plan: PlanFollower | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """screen: None without a window. say: called with one line for the user. pause: pauses the source, or returns
        False. keep: called with each step for the profile. record: records the session. choose: takes the lifter's
        choice of an exercise; None where the exercise is given. has_start_screen: whether exercise and profile can be
        chosen anew on it. due, choices: corrections and choices of a replayed session; None for other sources. profile:
        name of the lifter's profile. plan: of the lifter. sets: logs the sets; None: nothing. clock: seconds."""
        self._observe, self._pipeline, self._events, self._sound = observe, pipeline, events, sound
        self._screen, self._say, self._pause, self._keep, self._clock = screen, say, pause, keep, clock
        self._record, self._problem, self._due = record, record.problem, due or RecordedCorrections()
        self._choose_exercise, self._choices = choose, choices or RecordedChoices()
        self._has_start_screen, self._question = has_start_screen, StandingQuestion()
        self._sets = sets or SetLogger(type, "metric")
        self.tally = RunMetrics()
        self.reps: list[Rep] = []
        self.next_run: NextRun | None = None
        """What the lifter wants to continue with; None: nothing."""
        self._rate, self._keeping_up = FrameRate(), DropMonitor()
        self._paused = self._lost = self._quit = self._slow = self._finished = False
        self._last: tuple[np.ndarray | None, Step] | None = None
        self._note = TimedNote()  # about a key without effect
        self._plan = plan or PlanFollower(NO_PLAN)
        self._status = RunStatus(
            fps=None, latency_ms=None, dropped=0, muted=sound.muted, paused=False, note=None, profile=profile
        )

    def go(self, feed: Iterable[CaptureResult]) -> None:
        """Process the feed until it ends, fails or the lifter quits. An unfinished rep and set are completed in any
        case. A second call goes on where the first one was left for good."""
        gc.freeze()  # a full collection of what is loaded takes 43 ms, longer than a frame, and would free nothing
        try:
            for taken in () if self._finished else feed:
                self._connection(taken.lost)
                if taken.frame is not None:
                    self._take(taken.frame, taken.dropped)
                self._listen()
                if self._quit:
                    break
        finally:
            if self._last is not None and not self._finished:
                self._finished = True
                picture, step = self._last
                self._tell(picture, self._pipeline.finish(step.observation), None)
            self._events.end(self.tally)
            gc.unfreeze()  # else what this run holds would stay for good, beside the next run

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
        for name in self._choices.after(observation):
            self._choose(name)
        for mark in self._choices.set_marks_after(observation):
            self._mark(mark)
        for said in self._due.after(observation):
            self._correct(said.correction, said.start_s)
        keeps_up = self._keeping_up.step(frame.t_s, observation.dropped)
        if keeps_up is not None:
            self._events.notice(replace(SLOW, active=not keeps_up))
            self._slow = not keeps_up

    def _tell(self, picture: np.ndarray | None, step: Step, captured_s: float | None) -> None:
        """Hand a step to sound, events and screen, in this order: sound takes longest to arrive."""
        progress, cue = self._plan.step(step)
        self._status = replace(self._status, progress=progress)
        if cue is not None:
            self._sound.play(cue)
        age_s = None if captured_s is None else self._clock() - captured_s
        self._events.step(step, None if age_s is None else age_s * 1000)
        self._sets.step(step)
        self._question.step(step)
        self.reps.extend(judged.rep for judged in step.judged)
        if step.rep is not None and age_s is not None:
            self.tally.captured_to_cue.add(age_s)
        self._show(picture, step, captured_s)
        self._keep(step)

    def _correct(self, correction: Correction | None, start_s: float | None = None) -> None:
        """Take a correction and show it. start_s: start of the rep; None: the last one."""
        if self._last is None:
            return
        picture = self._last[0]
        step = self._pipeline.correct(correction, start_s)
        if step is None or step.corrected is None:
            self._show_note(NOTHING_TO_UNDO if correction is None else NO_REP_YET)
            return
        said = step.corrected.rep
        self.reps = [said if rep.start_s == said.start_s else rep for rep in self.reps]
        self._tell(picture, step, None)

    def _choose(self, name: str) -> None:
        """Take the lifter's choice of an exercise, and show it."""
        if self._last is None:
            return
        step = None if self._choose_exercise is None else self._choose_exercise(name)
        if step is None:
            self._show_note(NO_CHOICE)
        else:
            self._tell(self._last[0], step, None)

    def _choose_or_type(self, place: int) -> None:
        """Choose an exercise while the lifter is asked to; otherwise the key is a digit."""
        name = self._question.answer(place)
        if name is None:
            self._type(str(place + 1))
        else:
            self._choose(name)

    def _type(self, key: str, field: Field = "load") -> None:
        """Take a key of a text for the log of a set. A key before any text begins one."""
        if self._last is None:
            return
        step = self._last[1]
        self._show_note(self._sets.press(key, step) if self._sets.is_typing else self._sets.begin_typing(field, key))

    def _enter(self, entered: EnteredText) -> None:
        """Take a text that was entered as a whole."""
        if self._last is not None:
            self._show_note(self._sets.enter(entered.field, entered.text, self._last[1]))

    def _show_note(self, note: str | None) -> None:
        """Draw the last picture again, with a note for a while. None: without a new one."""
        if note is not None and self._last is not None:
            self._note.show(note, self._last[1].observation.t_s)
        self._show_again()

    def _show(self, picture: np.ndarray | None, step: Step, captured_s: float | None) -> None:
        self._last = picture, step
        if self._screen is None:
            return
        self._screen.typing = self._sets.is_typing
        began_s = self._clock()
        age_s = None if captured_s is None else began_s - captured_s
        self._status = replace(
            self._status,
            latency_ms=None if age_s is None else age_s * 1000,
            muted=self._sound.muted,
            paused=self._paused,
            recording=self._record.recording,
            note=self._sets.typed
            or self._record.problem
            or self._note.at(step.observation.t_s)
            or (SLOW.text if self._slow else None),
            help=self._screen.help,
            info=self._screen.info,
            load=self._sets.load,
        )
        if self._screen.show(picture, step, self._status, age_s):
            self.tally.draw.add(self._clock() - began_s)
            if captured_s is not None:
                self.tally.captured_to_drawn.add(self._clock() - captured_s)

    def _change(self, row: ChoiceRow, name: str | None = None) -> None:
        """End the run, to continue with another exercise or profile. name: as in `next_run`."""
        if self._last is None:
            return
        following = next_run(self._last[1], row, name, has_start_screen=self._has_start_screen)
        if isinstance(following, str):
            self._show_note(following)
        else:
            self.next_run, self._quit = following, True

    def _mark(self, mark: SetMark) -> None:
        """Take the lifter's word on where a set begins or ends, and show what follows."""
        if self._last is not None:
            step = self._last[1]
            if possible := self._pipeline.mark_set(mark):
                self._events.mark_set(mark, step)
            self._show_note(mark_note(mark, step, possible=possible))

    def _show_again(self) -> None:
        """Draw the last picture with a new status: keys work while no frame comes."""
        if self._last is not None:
            picture, step = self._last
            warning = LOST.text if self._lost else step.warning
            self._show(
                picture,
                replace(
                    step, rep=None, cue=None, notices=(), earlier=(), corrected=None, chosen=False, warning=warning
                ),
                None,
            )

    def _connection(self, lost: bool) -> None:
        """Report where the connection to the source is lost, and where it is back."""
        if lost == self._lost:
            return
        self._lost = lost
        self._events.notice(LOST if lost else BACK)
        if lost:
            self._sound.play(Cue(kind="warning", text=LOST.text, rep=None, say=None))
            self._show_again()

    def _listen(self) -> None:
        """Report changes of the sound device, and act on the keys."""
        for line in self._sound.status_changes():
            self._say(line)
        if self._record.problem != self._problem:
            self._problem = self._record.problem
            self._say("the disk has room again." if self._problem is None else f"{self._problem}. The run continues.")
        if self._screen is None:
            return
        before = self._screen.help, self._screen.info
        while not self._quit and (actions := self._screen.actions()):  # a key may decide what the next one means
            for action in actions:
                self._do(action)
        if (self._screen.help, self._screen.info) != before:
            self._show_again()

    def _do(self, action: Entry) -> None:
        if isinstance(action, TypedKey):
            self._type(action.key)
        elif isinstance(action, EnteredText):
            self._enter(action)
        elif isinstance(action, ChosenSetting):
            self._change(action.row, action.name)
        elif isinstance(action, PlannedRest):
            self._status = replace(self._status, progress=self._plan.rest(action.rest_s))
            self._show_again()
        else:
            self._press(action)

    def _press(self, action: Action) -> None:
        if action is Action.QUIT:
            self._quit = True
        elif action is Action.MUTE:
            self._sound.muted = not self._sound.muted
            self._show_again()
        elif action in CORRECTION_OF_ACTION:
            self._correct(CORRECTION_OF_ACTION[action])
        elif action in MARK_OF_ACTION:
            self._mark(MARK_OF_ACTION[action])
        elif action in FIELD_OF_ACTION:
            self._type("", FIELD_OF_ACTION[action])
        elif action in PLACE_OF_ACTION:
            self._choose_or_type(PLACE_OF_ACTION[action])
        elif action in ROW_OF_ACTION:
            self._change(ROW_OF_ACTION[action])
        elif action is Action.PAUSE and self._pause(not self._paused):
            self._paused = not self._paused
            self._show_again()
