"""The step of each observation: the state of the exercise, a placement hint, at most one cue."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from livecoach.coaching import cues
from livecoach.frame.placement import PlacementAdvice, PlacementAdvisor
from livecoach.judging.own_reference import CorrectionEffect
from livecoach.pipeline.exercise_run import Decision, ExerciseRun
from livecoach.pipeline.scene import FrameAnalysis, Scene
from livecoach.types import Corrected, Cue, CueKind, Learning, Notice, Recognition, Rep, RepWindow, Step

ANYWHERE_DEG = (0.0, 180.0)  # while the exercise is not known the lifter is not asked to turn


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StepInputs:
    frame: FrameAnalysis
    decision: Decision
    run: ExerciseRun | None  # the exercise that is being counted; None while it is not known
    last: ExerciseRun | None  # the exercise of the set under way, or of the last one
    exercise: str | None  # being counted; None while it is not known
    looks_like: str | None = None  # what a whole rep looked like, where it is not the given exercise
    warning: str | None = None  # of that
    notices: tuple[Notice, ...] = ()
    recognition: Recognition | None = None
    title: str | None = None  # of the exercise, where it has just become known
    chosen: bool = False  # the lifter has just chosen it
    learned: tuple[RepWindow, ...] | None = None
    """Reps that the profile should learn from the finished run; None while it goes on."""
    guessed: bool = False  # the exercise is only the likeliest one: nothing is learned from its reps
    is_open: bool = False
    question: tuple[str, ...] = ()
    withdrawn: tuple[Rep, ...] = ()  # these three are as in Step

    @property
    def ended(self) -> bool:
        return self.learned is not None


class StepBuilder:
    def __init__(self, scene: Scene, *, learn: bool) -> None:
        """The steps hold the reps to be kept."""
        self._scene, self._learn = scene, learn
        self._placing = PlacementAdvisor(ANYWHERE_DEG)
        self._one_at_a_time = cues.CueQueue()
        self._step: Step | None = None

    def build(self, inputs: StepInputs) -> Step:
        frame, decision, run, last = inputs.frame, inputs.decision, inputs.run, inputs.last
        progress = None if run is None else run.counter.progress
        busy = decision.news.in_set or progress is not None
        next_one = run or last  # the next set most likely has the same exercise
        self._placing.wanted_deg = ANYWHERE_DEG if next_one is None else next_one.judge.table.view_deg
        placed = self._placing.step(frame.observation, None if inputs.ended else frame.body, frame.view, busy)
        learning = None if run is None else run.judge.learning(frame.view)
        verdict = decision.verdict
        learned = (inputs.learned or ()) if self._learn and not inputs.guessed else ()
        self._step = Step(
            observation=frame.observation,
            stage=None if run is None else run.counter.stage,
            view=frame.view,
            progress=None if run is None else run.shown_progress,
            count=0 if last is None else last.sets.count,
            rep=None if verdict is None else verdict.rep,
            partial=decision.partial,
            cue=self._cue(inputs, placed, learning),
            notices=inputs.notices,
            warning=self._scene.warnings.text or inputs.warning,
            problem=self._scene.warnings.active,
            lifter_px=None if frame.body is None else frame.body.size_px,
            looks_like=inputs.looks_like,
            in_set=decision.news.in_set,
            hint=placed.hint,
            standard_hidden=not busy and next_one is not None and next_one.referee.hides(frame.view),
            learning=learning,
            summary=None if last is None else last.summary,
            window=decision.window if verdict is None else verdict.window,
            learned=learned,
            against=() if verdict is None else verdict.against,
            earlier=decision.earlier,
            exercise=inputs.exercise,
            recognition=inputs.recognition,
            chosen=inputs.chosen,
            set_index=0 if last is None else last.sets.index,
            is_open=inputs.is_open,
            question=inputs.question,
            withdrawn=inputs.withdrawn,
        )
        return self._step

    def corrected(
        self, said: Corrected, effect: CorrectionEffect, run: ExerciseRun | None, last: ExerciseRun | None
    ) -> Step | None:
        """Return the step of the last observation, without its news, after a correction; None before the first one.
        effect: on the lifter's reference. run, last: as in StepInputs."""
        if self._step is None:
            return None
        self._step = replace(
            _without_news(self._step),
            count=0 if last is None else last.sets.count,
            learning=None if run is None else run.judge.learning(self._step.view),
            summary=None if last is None else last.summary,
        )
        return replace(
            self._step,
            learned=effect.learned if self._learn else (),
            forgotten=effect.forgotten if self._learn else (),
            corrected=replace(said, reference=effect.reference, widened=effect.widened),
        )

    def _cue(self, inputs: StepInputs, placed: PlacementAdvice, learning: Learning | None) -> Cue | None:
        """At most one, and a rep's before all others."""
        decision, run, last = inputs.decision, inputs.run, inputs.last
        news = [cues.warning(notice.text) for notice in inputs.notices if notice.active]
        if inputs.title is not None:
            news.append(cues.recognised(inputs.title))
        if placed.ready_now:
            news.append(cues.ready())
        if run is not None and run.settles(learning) and decision.verdicts:
            news.append(cues.learned())
        if decision.news.over and last is not None and last.summary is not None:
            news.append(cues.set_over(last.summary))
        if inputs.ended:
            return self._one_at_a_time.finish(decision.cue, news)
        untrue = self._untrue(decision, inputs.notices)
        return self._one_at_a_time.step(inputs.frame.observation.t_s, rep=decision.cue, news=news, untrue=untrue)

    def _untrue(self, decision: Decision, notices: Sequence[Notice]) -> set[CueKind]:
        """Kinds of waiting cues that no longer apply."""
        kinds: set[CueKind] = set()
        if decision.verdicts:
            kinds |= {"set_over", "ready"}
        if self._scene.warnings.active is None:
            kinds.add("warning")
        elif not any(notice.active for notice in notices):
            kinds.add("ready")
        return kinds


def _without_news(step: Step) -> Step:
    nothing = dict.fromkeys(("rep", "partial", "cue", "window")) | dict.fromkeys(
        ("notices", "learned", "forgotten", "against", "earlier", "withdrawn"), ()
    )
    return replace(step, chosen=False, **nothing)  # type: ignore[arg-type]
