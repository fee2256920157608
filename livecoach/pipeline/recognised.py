"""The decisions of a run whose exercise is recognised.

Outside a set, the exercise may change: the recogniser classifies the latest movement, and while it is not sure, nothing
is counted. Observations are remembered meanwhile. Once it is sure, the exercise takes those since the last rep that
counted, so its reps are counted from the first one. Within a set the exercise stays.

If the recogniser was never sure, the likeliest exercise counts at the end of the source, provided that it is likelier
than all else together and its counter detects reps. A strong belief names the exercise even where no rep is counted.
Nothing is learned from these reps.

An exercise resumes as long as no set of another one came between: then a set that seemed over may continue. Otherwise
it begins anew, with the lifter's reference at that time. Numbers of sets and reps run on.
"""

from collections import deque
from collections.abc import Sequence
from typing import Protocol

from livecoach.counting.evidence import FORGOTTEN_S
from livecoach.frame.body import Body
from livecoach.pipeline.exercise_run import (
    NOTHING,
    Decision,
    ExerciseParts,
    ExerciseRun,
    RepLog,
    join_decisions,
    memory_s,
)
from livecoach.pipeline.scene import FrameAnalysis, Scene
from livecoach.pipeline.step_builder import StepBuilder, StepInputs
from livecoach.types import Correction, Notice, Observation, Recognition, RepWindow, SetMark, Standards, Step

LIKELIER_THAN_ALL_ELSE = 0.5
"""Probability from which an exercise counts at the end of a source where none was ever sure."""
BELIEVED = 0.9
"""Probability from which it then counts as the exercise even without a counted rep."""


class ExerciseRecogniser(Protocol):
    """Recognises the lifter's exercise."""

    def step(self, observation: Observation, body: Body | None) -> Recognition:
        """Take the next observation, and return the likeliest exercise of the latest movement."""
        ...

    def forget(self, done: str | None) -> None:
        """Forget the movements so far: the next one may be of another exercise. done: exercise of the last set."""
        ...


class AutoPipeline:
    """The state between observations of one source. Make a new one for each source."""

    def __init__(
        self, exercises: Sequence[ExerciseParts], recogniser: ExerciseRecogniser, *, learn: bool = True, pose: str = ""
    ) -> None:
        """exercises: those that can be counted. learn: whether the steps hold the reps to be kept. pose: name of the
        pose model."""
        self._log, self._scene = RepLog(), Scene()
        self._runs = {parts.exercise.name: ExerciseRun(parts, self._log, pose=pose) for parts in exercises}
        self._recogniser = recogniser
        self._builder = StepBuilder(self._scene, learn=learn)
        self._longest_s = max(memory_s(parts.exercise) for parts in exercises)
        self._recent: deque[FrameAnalysis] = deque()  # those since the last rep that counted
        self._run: ExerciseRun | None = None  # the exercise that is being counted
        self._last: ExerciseRun | None = None  # the exercise of the set under way, or of the last one
        self._in_set = False
        self._recognition: Recognition | None = None
        self._chosen_s: float | None = None  # when the lifter chose the exercise of the next set
        self._announced: str | None = None
        self.guess: Recognition | None = None
        """The likeliest exercise so far; None once an exercise was known, and where nothing looked like one."""
        self.counts_guess = False
        """Whether its reps count, because the source has ended and no exercise was known."""

    @property
    def known(self) -> bool:
        """Whether any exercise has been known so far."""
        return self._announced is not None

    def step(self, observation: Observation) -> Step:
        """Take the next observation; times do not fall."""
        frame = self._scene.step(observation)
        self._recent.append(frame)
        while observation.t_s - self._recent[0].observation.t_s > self._longest_s:
            self._recent.popleft()
        if not self._in_set:
            self._recognition = self._recogniser.step(observation, frame.body)
            self._run = self._recognised(self._recognition, observation.t_s)
            self._remember_guess(self._recognition)
        return self._advance(frame, frame.notices)

    def choose(self, name: str) -> Step | None:
        """Choose the exercise of the next set, or of the movements since the last one, as the lifter asks.

        Returns the step of the last observation with the changes; None where the exercise is already known, where there
        is no such exercise, and before the first observation.
        """
        if self._run is not None or not self._recent or name not in self._runs:
            return None
        frame = self._recent[-1]
        self._run, self._chosen_s = self._runs[name], frame.observation.t_s
        return self._advance(frame, (), chosen=True)

    def finish(self, last: Observation) -> Step:
        """End the source after `last`: finish the rep and the set under way."""
        frame = self._recent[-1] if self._recent else self._scene.step(last)
        decision = self._of_guess(frame) if self._run is None else self._run.finish(frame)
        self._follow(decision)
        learned = tuple(rep for run in self._runs.values() for rep in run.learned())
        return self._build(frame, decision, (), learned=learned)

    def mark_set(self, mark: SetMark) -> bool:
        """Mark a set, as Pipeline.mark_set does. Before the first set, the next rep begins one anyway."""
        return mark == "start" if self._last is None else self._last.mark_set(mark)

    def hold_to(self, standards: Standards) -> None:
        """Hold the reps of all exercises to other standards, as Pipeline.hold_to does."""
        for run in self._runs.values():
            run.hold_to(standards)

    def correct(self, correction: Correction | None, start_s: float | None = None) -> Step | None:
        """Take a correction of a rep, as Pipeline.correct does."""
        said = self._log.corrections.say(correction, start_s)
        if said is None or said.rep.exercise is None:
            return None
        effect = self._runs[said.rep.exercise].correct(said)
        return self._builder.corrected(said, effect, self._run, self._last)

    def _recognised(self, now: Recognition, t_s: float) -> ExerciseRun | None:
        """Return the exercise to count outside a set: a chosen or sure one, else the previous one until no exercise is
        done any more."""
        run = self._run
        if self._chosen_s is not None and t_s - self._chosen_s < FORGOTTEN_S:
            return run
        if now.sure and now.name in self._runs:
            return self._runs[now.name]
        over = now.name is None and run is not None and run.progress is None
        return None if over else run

    def _remember_guess(self, now: Recognition) -> None:
        if self._run is not None or self.known:
            self.guess = None
        elif now.name is not None and (self.guess is None or now.probability > self.guess.probability):
            self.guess = now

    def _of_guess(self, last: FrameAnalysis) -> Decision:
        """Return the decision of the likeliest exercise at the end of a source where none was ever sure."""
        guess = self.guess
        if guess is None or guess.name not in self._runs or guess.probability < LIKELIER_THAN_ALL_ELSE:
            return NOTHING
        run = self._runs[guess.name]
        decision = join_decisions([run.catch_up(self._recent), run.finish(last)])
        if not decision.verdicts and guess.probability < BELIEVED:
            return NOTHING
        self._run, self._recognition, self.counts_guess = run, guess, True
        return decision

    def _advance(self, frame: FrameAnalysis, notices: tuple[Notice, ...], *, chosen: bool = False) -> Step:
        """Pass the remembered frames to the exercise, and return the step of the latest one."""
        run, decision = self._run, NOTHING
        if run is not None:
            if self._last is not None and run.set_index < self._last.set_index:
                run.begin(self._last.set_index)
            decision = run.catch_up(self._recent)
            self._follow(decision)
        step = self._build(frame, decision, notices, chosen=chosen)
        if decision.news.over:
            self._run = self._chosen_s = None
            self._recogniser.forget(None if self._last is None else self._last.name)
        return step

    def _follow(self, decision: Decision) -> None:
        """Follow the sets. Another exercise may count only what comes after the last rep that counted."""
        self._in_set = decision.news.in_set
        if not decision.verdicts:
            return
        self._last = self._run
        end_s = decision.verdicts[-1].rep.end_s
        while self._recent and self._recent[0].observation.t_s <= end_s and len(self._recent) > 1:
            self._recent.popleft()

    def _build(
        self,
        frame: FrameAnalysis,
        decision: Decision,
        notices: tuple[Notice, ...],
        *,
        chosen: bool = False,
        learned: tuple[RepWindow, ...] | None = None,
    ) -> Step:
        run, title = self._run, None
        if run is not None and run.name != self._announced and not self.counts_guess:
            self._announced, title = run.name, run.title
        return self._builder.build(
            StepInputs(
                frame=frame,
                decision=decision,
                run=run,
                last=self._last,
                notices=notices,
                recognition=self._recognition,
                title=title,
                chosen=chosen,
                learned=learned,
                guessed=self.counts_guess,
            )
        )
