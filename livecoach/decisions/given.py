"""The decisions of a run whose exercise is given."""

from dataclasses import replace

from livecoach.core.types import Correction, Notice, Observation, RepWindow, SetMark, Standards, Step
from livecoach.decisions.exercise_run import Decision, ExerciseParts, ExerciseRun
from livecoach.decisions.judging.corrections import Corrections
from livecoach.decisions.recognition.naming import OtherLift
from livecoach.decisions.recognition.recogniser import Recogniser
from livecoach.decisions.scene import FrameAnalysis, Scene
from livecoach.decisions.step_builder import StepBuilder


class Pipeline:
    """Between observations of one source. Make a new one for each source."""

    def __init__(
        self, parts: ExerciseParts, recogniser: Recogniser | None = None, *, learn: bool = True, pose: str = ""
    ) -> None:
        """recogniser: notices another exercise. learn: steps hold the reps to be kept. pose: name of the pose model."""
        self._log, self._scene = Corrections(), Scene()
        self._run = ExerciseRun(parts, self._log, pose=pose, named=True)
        self._recogniser, self._other = recogniser, OtherLift((parts.exercise.name, parts.exercise.motion))
        self._builder = StepBuilder(self._scene, learn=learn)
        self._frame: FrameAnalysis | None = None

    def step(self, observation: Observation) -> Step:
        """Times do not fall."""
        self._frame = frame = self._scene.step(observation)
        decision = self._run.step(frame)
        return self._build(frame, decision, (*frame.notices, *self._of_other(frame, decision)))

    def finish(self, last: Observation) -> Step:
        """Finish the rep and the set under way."""
        frame = self._frame or self._scene.step(last)
        return self._build(frame, self._run.finish(frame), (), learned=self._run.judge.run_over())

    def mark_set(self, mark: SetMark) -> bool:
        """End the set, or let the next rep begin one, from the next observation on; return whether that is possible."""
        return self._run.sets.mark(mark)

    def hold_to(self, standards: Standards) -> None:
        """From the next rep on."""
        self._run.referee.hold_to(standards)

    def correct(self, correction: Correction | None, start_s: float | None = None) -> Step | None:
        """Counting, learning and summaries follow it from now on. correction: None undoes the last one. start_s: None
        for the last rep. Return the step of the last observation with the changes; None where there is nothing to
        correct or undo."""
        said = self._log.say(correction, start_s)
        if said is None:
            return None
        return self._builder.corrected(said, self._run.correct(said), self._run, self._run)

    @property
    def refused(self) -> int:
        """Movements out and back that were not taken for reps."""
        return self._run.counter.refused

    def _of_other(self, frame: FrameAnalysis, decision: Decision) -> tuple[Notice, ...]:
        """The warning that the lifter does another exercise, where it begins or ends."""
        if self._recogniser is None:
            return ()
        before = self._other.warning
        now = self._recogniser.step(frame.observation, frame.body)
        self._other.step(frame.observation.t_s, now, counted=bool(decision.verdicts))
        text = self._other.warning or before
        if text is None or self._other.warning == before:
            return ()
        return (Notice(kind="other_exercise", active=self._other.warning is not None, text=text),)

    def _build(
        self,
        frame: FrameAnalysis,
        decision: Decision,
        notices: tuple[Notice, ...],
        *,
        learned: tuple[RepWindow, ...] | None = None,
    ) -> Step:
        """Reps that the profile should learn from the finished run; None while it goes on."""
        step = self._builder.build(frame, decision, self._run, self._run, notices=notices, ended=learned is not None)
        like, warning = self._other.like, step.warning or self._other.warning
        return self._builder.told(
            replace(step, exercise=self._run.name, looks_like=like, warning=warning, learned=learned or ())
        )
