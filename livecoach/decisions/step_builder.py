"""The step of each observation: the state of the exercise, a placement hint, at most one cue."""

from collections.abc import Sequence
from dataclasses import replace

from livecoach.core.types import Corrected, Cue, CueKind, Learning, Notice, Step
from livecoach.decisions.coaching import cues
from livecoach.decisions.exercise_run import Decision, ExerciseRun
from livecoach.decisions.judging.own_reference import CorrectionEffect
from livecoach.decisions.scene import FrameAnalysis, Scene
from livecoach.perception.body.placement import PlacementAdvisor

ANYWHERE_DEG = (0.0, 180.0)  # while the exercise is not known the lifter is not asked to turn


class StepBuilder:
    def __init__(self, scene: Scene, *, learn: bool) -> None:
        """The steps hold the reps to be kept."""
        self._scene, self._learn = scene, learn
        self._placing = PlacementAdvisor(ANYWHERE_DEG)
        self._one_at_a_time = cues.CueQueue()
        self._step: Step | None = None

    def build(
        self,
        frame: FrameAnalysis,
        decision: Decision,
        run: ExerciseRun | None,
        last: ExerciseRun | None,
        *,
        notices: tuple[Notice, ...] = (),
        title: str | None = None,
        ended: bool = False,
    ) -> Step:
        """Without what depends on how the exercise is known, which `told` adds.

        run: the exercise that is being counted; None while it is not known. last: that of the set under way, or of the
        last one. title: of the exercise, where it has just become known. ended: the source.
        """
        progress = None if run is None else run.counter.progress
        busy = decision.news.in_set or progress is not None
        next_one = run or last  # the next set most likely has the same exercise
        self._placing.wanted_deg = ANYWHERE_DEG if next_one is None else next_one.judge.table.view_deg
        placed = self._placing.step(frame.observation, None if ended else frame.body, frame.view, busy)
        learning = None if run is None else run.judge.learning(frame.view)
        verdict = decision.verdict
        news = self._news(decision, run, last, notices, learning)
        news += [] if title is None else [cues.recognised(title)]
        news += [cues.READY] if placed.ready_now else []
        if ended:
            cue = self._one_at_a_time.finish(decision.cue, news)
        else:
            untrue = self._untrue(decision, notices)
            cue = self._one_at_a_time.step(frame.observation.t_s, rep=decision.cue, news=news, untrue=untrue)
        return Step(
            observation=frame.observation,
            stage=None if run is None else run.counter.stage,
            view=frame.view,
            progress=None if run is None else run.shown_progress,
            count=0 if last is None else last.sets.count,
            rep=None if verdict is None else verdict.rep,
            partial=decision.partial,
            cue=cue,
            notices=notices,
            warning=self._scene.warnings.text,
            problem=self._scene.warnings.active,
            lifter_px=None if frame.body is None else frame.body.size_px,
            in_set=decision.news.in_set,
            hint=placed.hint,
            standard_hidden=not busy and next_one is not None and next_one.referee.hides(frame.view),
            learning=learning,
            summary=None if last is None else last.summary,
            window=decision.window if verdict is None else verdict.window,
            against=() if verdict is None else verdict.against,
            earlier=decision.earlier,
            set_index=0 if last is None else last.sets.index,
        )

    def told(self, step: Step) -> Step:
        """Complete: a correction that follows changes it."""
        self._step = step if self._learn else replace(step, learned=())
        return self._step

    def corrected(
        self, said: Corrected, effect: CorrectionEffect, run: ExerciseRun | None, last: ExerciseRun | None
    ) -> Step | None:
        """Return the step of the last observation, without its news, after a correction; None before the first one.
        effect: on the lifter's reference. run, last: as in `build`."""
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

    @staticmethod
    def _news(
        decision: Decision,
        run: ExerciseRun | None,
        last: ExerciseRun | None,
        notices: Sequence[Notice],
        learning: Learning | None,
    ) -> list[Cue]:
        news = [cues.warning(notice.text) for notice in notices if notice.active]
        if run is not None and run.settles(learning) and decision.verdicts:
            news.append(cues.LEARNED)
        if decision.news.over and last is not None and last.summary is not None:
            news.append(cues.set_over(last.summary))
        return news

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
