"""The steps of a session in any order. Each is computed once, when first needed, and stored in compact form."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from livecoach.coaching.set_plan import NO_PLAN, SetPlan
from livecoach.coaching.set_progress import PlanFollower, SetProgress
from livecoach.documents import codec
from livecoach.pipeline import AutoPipeline, Pipeline
from livecoach.session.choices import RecordedChoices
from livecoach.session.corrections import RecordedCorrections
from livecoach.types import Cue, Observation, Step, nobody


class StepCache:
    """The pipeline's step for each observation of a source. The last one includes the end of the source."""

    def __init__(
        self,
        payloads: Iterable[bytes],
        pipeline: Pipeline | AutoPipeline,
        on_step: Callable[[Step], object],
        due: RecordedCorrections | None = None,
        choices: RecordedChoices | None = None,
        plan: SetPlan = NO_PLAN,
    ) -> None:
        """payloads: observations, as `codec` encodes them. on_step: called with each step once, in order. due, choices:
        corrections, and choices of the exercise, made during the recording. plan: of the lifter."""
        self._pipeline, self._on_step, self._due = pipeline, on_step, due or RecordedCorrections()
        self._choices = choices or RecordedChoices()
        # An hour of observations takes 60 MB as bytes, and 400 MB as arrays.
        self._payloads = list(payloads)
        self._steps: list[Step] = []
        self._plan = PlanFollower(plan)
        self._progress: list[tuple[SetProgress, Cue | None]] = []
        self.times_s = [codec.peek(payload).t_s for payload in self._payloads]

    def __len__(self) -> int:
        return len(self._payloads)

    def __getitem__(self, index: int) -> Step:
        """Return the step of an observation, after computing those before it. The last one includes the end of its
        set."""
        while len(self._steps) <= index:
            self._make_next()
        return replace(self._steps[index], observation=self._observation(index))

    def progress(self, index: int) -> SetProgress:
        """Return where the lifter stands in the session after a step that exists."""
        return self._progress[index][0]

    def cue(self, index: int) -> Cue | None:
        """Return the cue to play with a step, after computing it."""
        self.make(index, index + 1)
        return self._progress[index][1]

    def make(self, index: int, most: int) -> bool:
        """Compute missing steps up to `index`, at most `most` of them; return whether that step exists now."""
        for _ in range(min(most, index + 1 - len(self._steps))):
            self._make_next()
        return len(self._steps) > index

    def before(self, index: int, seconds: float) -> Iterator[Step]:
        """Yield the steps of the last `seconds` before a step, oldest first."""
        first = index
        while first > 0 and self.times_s[index] - self.times_s[first - 1] <= seconds:
            first -= 1
        return (self[n] for n in range(first, index))

    def _observation(self, index: int) -> Observation:
        return codec.decode(self._payloads[index])

    def _make_next(self) -> None:
        index = len(self._steps)
        observation = self._observation(index)
        step = self._pipeline.step(observation)
        self._on_step(step)
        if isinstance(self._pipeline, AutoPipeline):
            step = self._with_choices(self._pipeline, observation, step)
        for said in self._due.after(observation):
            corrected = self._pipeline.correct(said.correction, said.start_s)
            if corrected is not None:
                self._on_step(corrected)
                step = _corrected(step, corrected)
        for mark in self._choices.set_marks_after(observation):
            self._pipeline.mark_set(mark)
        if index == len(self) - 1:
            last = self._pipeline.finish(observation)
            self._on_step(last)
            step = _joined(step, last)
        self._progress.append(self._plan.step(step))
        # The observation can be decoded again; what was learned is not needed any more.
        self._steps.append(
            replace(step, observation=_NOTHING, window=None, learned=(), forgotten=(), against=(), earlier=())
        )

    def _with_choices(self, pipeline: AutoPipeline, observation: Observation, step: Step) -> Step:
        """Return the frame's step with the choices of the exercise after it."""
        for name in self._choices.after(observation):
            chosen = pipeline.choose(name)
            if chosen is not None:
                self._on_step(chosen)
                step = _joined(step, chosen)
        return step


def _corrected(step: Step, after: Step) -> Step:
    """Return the frame's step with the correction after it."""
    news = {"rep": step.rep, "cue": step.cue, "partial": step.partial, "notices": step.notices}
    return replace(after, **news)  # type: ignore[arg-type]


def _joined(step: Step, last: Step) -> Step:
    """Return a frame's step with what comes after it: a choice of the exercise, or the end of the source."""
    return replace(
        last,
        stage=step.stage or last.stage,
        rep=last.rep or step.rep,
        cue=last.cue or step.cue,
        partial=last.partial or step.partial,
        notices=step.notices,
        corrected=step.corrected,
    )


_NOTHING = nobody()
