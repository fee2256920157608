"""What was seen and what the lifter said go into a run by one call, in their order, and its steps come out.

A live run, a replay, the player and an analysis all take both by it: the replay of a session is the same list again.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from livecoach.core.config import Settings
from livecoach.core.documents import CorrectionEvent, ExerciseEvent, SetMarkEvent, StandardsEvent
from livecoach.core.loads import Units
from livecoach.core.types import Correction, Cue, Observation, PartialRep, Rep, RepWindow, SetLog, SetSummary, Step
from livecoach.core.types.reps import SHOWN, Standards
from livecoach.decisions.assembly import Coach
from livecoach.decisions.coaching.last_time import before_first_set, reminded, since_last
from livecoach.decisions.coaching.records import new_record, record_words, with_record
from livecoach.decisions.coaching.set_progress import NO_PLAN, PlanFollower
from livecoach.decisions.pipeline import Pipeline
from livecoach.feedback.display_state import RunStatus
from livecoach.records.session.lifter_events import LifterEvent, LifterEvents
from livecoach.run.lifter import NOBODY_KNOWN, Lifter
from livecoach.run.rest_replay import RestReplay


def pipeline_of(coach: Coach, kept: Sequence[RepWindow], settings: Settings, pose: str) -> Pipeline:
    """kept: the lifter's own good reps. pose: name of the pose model."""
    return coach.pipeline(
        kept, pose=pose, learn=settings.learn, height_cm=settings.height_cm, standards=settings.standards
    )


def take(pipeline: Pipeline, one: Observation | LifterEvent) -> Step | bool:
    """Tell a pipeline what was seen, or what the lifter said. Return the step that follows at once; without one,
    whether what was said applies."""
    match one:
        case Observation():
            return pipeline.step(one)
        case ExerciseEvent():
            return pipeline.choose(one.exercise) or False
        case CorrectionEvent():
            return pipeline.correct(one.correction, one.start_s) or False
        case SetMarkEvent():
            return pipeline.mark_set(one.mark)
        case StandardsEvent():
            pipeline.hold_to(one.standards)
    return True


def in_order(
    observations: Iterable[Observation], said: LifterEvents | None = None
) -> Iterator[Observation | LifterEvent]:
    """Yield each observation, and what the lifter said after it."""
    for observation in observations:
        yield observation
        if said is not None:
            yield from said.after(observation)


def steps(pipeline: Pipeline, observations: Iterable[Observation], said: LifterEvents | None = None) -> Iterator[Step]:
    """The step of each observation, those that follow from what the lifter said after it, and the one at the end of the
    source; nothing without observations."""
    return (told.step for told in CoachedRun(pipeline).follow(in_order(observations, said)))


class Told(NamedTuple):
    """A step, and what becomes of it for those who are told."""

    step: Step
    cue: Cue | None  # to be heard: the step's own, with what plan, record and last time add
    status: RunStatus  # for the picture, as far as it follows from the steps


class CoachedRun:
    """A pipeline with what the lifter plans and what is known of the lifter. It keeps the reps of the run."""

    def __init__(
        self,
        pipeline: Pipeline,
        plan: PlanFollower | None = None,
        rests: RestReplay | None = None,
        *,
        lifter: Lifter = NOBODY_KNOWN,
        standards: Standards = SHOWN,
        units: Units = "metric",
    ) -> None:
        """rests: chooses what to look at in a rest; None for nothing. standards: of the first reps. units: of loads."""
        self.pipeline, self.lifter, self.standards = pipeline, lifter, standards
        self._plan, self._rests, self._units = plan or PlanFollower(NO_PLAN), rests, units
        self.logs: Mapping[int, SetLog] = {}  # of the sets so far, by their number
        self.reps: list[Rep] = []
        self.partials: list[PartialRep] = []
        self.last: Told | None = None
        self._record_known: tuple[SetSummary, Mapping[int, SetLog], Sequence[Rep]] | None = None
        """What the record's words follow from: the set, the loads and the reps."""
        self._record_words = ""

    def follow(self, inputs: Iterable[Observation | LifterEvent]) -> Iterator[Told]:
        """Take all of a recording, and finish."""
        for one in inputs:
            told = self.take(one)
            if isinstance(told, Told):
                yield told
        if self.last is not None:
            yield self.finish()

    def take(self, one: Observation | LifterEvent) -> Told | bool:
        """Take what was seen, or what the lifter said. Return as `take` does."""
        answer = take(self.pipeline, one)
        if isinstance(one, StandardsEvent):
            self.standards = one.standards
            self._show(standards=one.standards)
        return self.told(answer) if isinstance(answer, Step) else answer

    def correct(self, correction: Correction | None) -> Told | None:
        """Correct the last rep; None undoes the last correction. Return None where there is nothing to correct."""
        step = self.pipeline.correct(correction)
        return None if step is None else self.told(step)

    def plan_rest(self, rest_s: float | None) -> None:
        self._show(progress=self._plan.rest(rest_s))

    def finish(self) -> Told:
        """Finish the rep and the set under way. There was an observation."""
        assert self.last is not None
        return self.told(self.pipeline.finish(self.last.step.observation))

    def _show(self, **changes: object) -> None:
        if self.last is not None:
            self.last = self.last._replace(status=replace(self.last.status, **changes))  # type: ignore[arg-type]

    def told(self, step: Step) -> Told:
        """Follow a step of the pipeline."""
        if step.judged or step.withdrawn:
            self.reps = [*step.remaining(self.reps), *(judged.rep for judged in step.judged)]
        if step.corrected is not None:
            now = step.corrected.rep
            self.reps = [now if rep.start_s == now.start_s else rep for rep in self.reps]
        self.partials += [] if step.partial is None else [step.partial]
        (progress, cue), record, lasts = self._plan.step(step), self._record(step), self.lifter.last_times
        status = RunStatus(
            profile=self.lifter.name,
            progress=progress,
            record=record,
            standards=self.standards,
            reminder=before_first_set(lasts, step),
            since_last=since_last(lasts, step, self.reps),
            loop=None if self._rests is None else self._rests.step(step, progress, record, self.standards),
        )
        self.last = Told(step, None if cue is None else with_record(reminded(cue, lasts, step), record), status)
        return self.last

    def _record(self, step: Step) -> str:
        """The personal record of the set that is over, in words; empty without one."""
        if step.summary is None:
            return ""
        known = step.summary, dict(self.logs), self.reps
        if known != self._record_known:
            best = new_record(self.lifter.read_bests(), step.summary, self.reps, self.logs)
            self._record_known, self._record_words = known, record_words(best, self._units)
        return self._record_words
