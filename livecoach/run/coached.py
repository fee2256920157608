"""Observations and the lifter's input enter a run through one method, in order; steps come out.

A live run, a replay and an analysis all use it: the replay of a session is the same list again.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from livecoach.core.documents import (
    CorrectionEvent,
    Event,
    ExerciseEvent,
    PartEvent,
    PlanEvent,
    SetLogEvent,
    SetMarkEvent,
    SetProfileEvent,
    StandardsEvent,
)
from livecoach.core.types import (
    Correction,
    Cue,
    Observation,
    PartialRep,
    Rep,
    SetLog,
    SetPlans,
    SetSummary,
    Step,
)
from livecoach.core.types.bounds import UNNAMED
from livecoach.core.types.message import joined
from livecoach.core.types.reps import SHOWN, Standards
from livecoach.decisions.coaching.last_time import back_in_set, before_first_set, held_to, reminded, since_last
from livecoach.decisions.coaching.records import new_record, record_words, with_record
from livecoach.decisions.coaching.set_progress import SetProgress
from livecoach.decisions.pipeline import NO_NEWS, Pipeline
from livecoach.feedback.display_state import LiftedSet, RunStatus, shown_name
from livecoach.records.session.lifter_events import LifterEvent, LifterEvents
from livecoach.run.parts import Lifter, LifterInRun, Part, Parts
from livecoach.run.rest_replay import RestReplay
from livecoach.run.workout import SetLogger


class CoachedStep(NamedTuple):
    """A step, and what becomes of it for those who see and hear it."""

    step: Step
    cue: Cue | None  # to be heard: the step's own, with what plan, record and last time add
    status: RunStatus  # for the picture, as far as it follows from the steps


class CoachedRun:
    """The parts of a run, one after the other, with what plan and log add to their steps. It keeps the reps of all."""

    def __init__(
        self,
        first: Part,
        rests: RestReplay | None = None,
        *,
        standards: Standards = SHOWN,
        parts: Parts | None = None,
    ) -> None:
        """rests: chooses what to look at in a rest; None for nothing. standards: of the first reps. parts: begins those
        of the session that is replayed; None where there is but one."""
        self.standards, self._rests, self._parts = standards, rests, parts
        self.replayed = LifterEvents(first.whose.lifter.said)
        self.lifters: tuple[str, ...] = ()  # profiles of the parts so far
        self._counted: dict[int, tuple[Pipeline, LifterInRun]] = {}  # set → what counted it, and its lifter
        self.reps: list[Rep] = []
        self._began_s = 0.0  # the session's first frame
        self._tried: list[tuple[str | None, PartialRep]] = []  # profile and partial rep
        self.last: CoachedStep | None = None
        self._record_known: tuple[SetSummary, Mapping[int, SetLog], Sequence[Rep]] | None = None
        """What the record's words follow from: the set, the loads and the reps."""
        self._record_words = ""
        self._told_plans: dict[tuple[str | None, str], SetPlans] = {}  # by profile and exercise, as recorded
        self.part = first
        self.begin(first)

    @property
    def pipeline(self) -> Pipeline:
        return self.part.pipeline

    @property
    def lifter(self) -> Lifter:
        """At hand."""
        return self.part.whose.lifter

    @property
    def sets(self) -> SetLogger:
        return self.part.whose.sets

    @property
    def each_lifter(self) -> Sequence[LifterInRun]:
        """The lifter at hand, and everybody with a set."""
        lifted = [lifter for _, lifter in self._counted.values()]
        return list({id(lifter.sets): lifter for lifter in (self.part.whose, *lifted)}.values())

    @property
    def typing(self) -> LifterInRun | None:
        """The lifter for whose log a text is being typed, which may wait while somebody else lifts."""
        return next((lifter for lifter in self.each_lifter if lifter.sets.is_typing), None)

    @property
    def typed(self) -> str | None:
        """The text that is being typed, with the name of the lifter."""
        typing = self.typing
        return None if typing is None else joined(", ", self.name_of(typing), typing.sets.typed or "")

    def name_of(self, lifter: LifterInRun) -> str:
        return shown_name(lifter.lifter.name, self.lifters)

    def lifter_of_set(self, number: int | None) -> LifterInRun:
        """Return the lifter of a set; the one at hand for None, or where there is no such set."""
        return self._counted[number][1] if number in self._counted else self.part.whose

    def lifted_sets(self) -> Sequence[LiftedSet]:
        """Return the sets of all lifters, in order."""
        return sorted(
            LiftedSet(number, named, load, whom.lifter.name, whom.sets.logs.get(number, SetLog()).rpe)
            for whom in self.each_lifter
            for number, named, load in whom.sets.sets
        )

    @property
    def partials(self) -> list[PartialRep]:
        return [partial for _, partial in self._tried]

    def done_by(self) -> Iterator[tuple[str | None, list[Rep], list[PartialRep]]]:
        """Profile → completed and partial reps; without any, of the lifter at hand."""
        names = [self.lifter_of(rep).lifter.name for rep in self.reps]
        for name in dict.fromkeys((*names, *(name for name, _ in self._tried))) or (self.lifter.name,):
            own = [rep for rep, of in zip(self.reps, names, strict=True) if of == name]
            yield name, own, [partial for of, partial in self._tried if of == name]

    def lifter_of(self, rep: Rep) -> LifterInRun:
        return self._counted[rep.set][1]

    def whole(self, observations: Iterable[Observation]) -> Iterator[CoachedStep]:
        """Follow a recording, and finish; nothing without observations."""
        yield from self.follow(observations)
        yield from self.finish()

    def follow(self, observations: Iterable[Observation]) -> Iterator[CoachedStep]:
        """Take each observation, and what the lifter said after it when the session was recorded."""
        for observation in observations:
            for one in (observation, *self.replayed.after(observation)):
                answer = self.tell(one)
                if isinstance(answer, CoachedStep):
                    yield answer
                elif isinstance(answer, Part):
                    yield from self.finish()
                    self.begin(answer)

    def begin(self, part: Part) -> list[int]:
        """Begin a part. The one before it is finished. Return the sets that turn out to be its lifter's."""
        self.part, log = part, part.pipeline.log
        log.lifter = self.lifter.name
        given = log.held
        for number in given:
            self.give(number, part.whose)
        if self.lifter.name is not None and self.lifter.name not in self.lifters:
            self.lifters = (*self._named_or_lifted(), self.lifter.name)
        progress = part.whose.plan.begin(part.exercise)
        if self._rests is not None:
            self._rests.begin(part.exercises)
        if self.last is not None:  # the next picture may be long in coming: commands and screens follow at once
            step = part.pipeline.before_first(self.last.step)
            self.last = CoachedStep(step, None, self._status(progress))
        return given

    def _named_or_lifted(self) -> tuple[str, ...]:
        """Return the lifters so far, but for somebody without a name and a set."""
        lifted = {lifter.lifter.name for lifter in self.each_lifter}
        return tuple(name for name in self.lifters if name != UNNAMED or name in lifted)

    def give(self, number: int, whose: LifterInRun) -> None:
        """A set turns out to be a lifter's: reference, plan, log, bests and the numbers of sets follow."""
        (counted, before), log = self._counted[number], self.pipeline.log
        log.give(number, whose.lifter.name, whose.judges)
        if whose is before:
            return
        assert self.last is not None, "a set was lifted"
        self._counted[number], self.reps = (counted, whose), log.renumbered(self.reps)
        whose.plan.take(number, before.plan)
        whose.sets.take(number, before.sets, self.last.step)
        self._record_known = None
        self.pipeline.forget_summary(number)

    def tell(self, one: Observation | LifterEvent) -> CoachedStep | Part | bool:
        """Tell what was seen, or what the lifter said. Return the step that follows at once, or the part that is to
        begin once this one is finished; without either, whether what was said applies."""
        answer = self._answer(one)
        return self.advise(answer) if isinstance(answer, Step) else answer

    def _answer(self, one: Observation | LifterEvent) -> Step | Part | bool:
        answer: Step | Part | bool | None = True
        match one:
            case Observation():
                answer = self.pipeline.step(one)
            case ExerciseEvent():
                answer = self.pipeline.choose(one.exercise)
            case CorrectionEvent():
                answer = self._correct(one.correction, one.start_s)
            case PartEvent():
                answer = None if self._parts is None else self._parts.again(one, self.standards, self.pipeline.log)
            case SetMarkEvent():
                answer = self.pipeline.mark_set(one.mark)
            case StandardsEvent():
                self.pipeline.hold_to(one.standards)
                self.standards = one.standards
                self._show(standards=one.standards)
            case PlanEvent():
                self._show(progress=self.part.whose.plan.follow(one.plans, one.exercise))
            case SetLogEvent():
                self.sets.log_again(one)
            case SetProfileEvent():
                answer = self._give_again(one)
        return answer or False

    def _give_again(self, said: SetProfileEvent) -> bool:
        """Return whether there is such a set in the session that is replayed."""
        if self._parts is None or said.set not in self._counted:
            return False
        whose = self._parts.whose_again(said, self.pipeline.log)
        if whose is not None:
            self.give(said.set, whose)
        return whose is not None

    def _correct(self, correction: Correction | None, start_s: float) -> Step | None:
        """Of a rep of any part. Arguments and result as Pipeline.correct's."""
        rep = self.pipeline.log.rep_to_correct(correction, start_s)
        if rep is None or self.last is None:
            return None
        pipeline, _ = self._counted[rep.set]
        step = pipeline.correct(correction, rep.start_s)
        if step is None or pipeline is self.pipeline:
            return step
        return replace(self.last.step, **NO_NEWS, corrected=step.corrected)

    def plan_rest(self, rest_s: float | None) -> None:
        self._show(progress=self.part.whose.plan.rest(rest_s))

    def follow_plan(self, plans: SetPlans) -> None:
        self._show(progress=self.part.whose.plan.follow(plans))

    def new_plan(self, step: Step) -> PlanEvent | None:
        """What is planned for the exercise of a step, where that is news."""
        if step.exercise is None or step.is_open:
            return None
        key, plans = (self.lifter.name, step.exercise), tuple(self.part.whose.plan.plans)
        if plans == self._told_plans.get(key) or not (any(one.reps for one in plans) or key in self._told_plans):
            return None
        self._told_plans[key] = plans
        seen = step.observation
        return PlanEvent(t_s=seen.t_s, frame=seen.index, exercise=step.exercise, plans=plans)

    def finish(self) -> Sequence[CoachedStep]:
        """Finish the rep and the set under way. Return the step of that; none before the part's first observation."""
        step = self.pipeline.finish()
        return () if step is None else (self.advise(step),)

    def _show(self, **changes: object) -> None:
        if self.last is not None:
            self.last = self.last._replace(status=replace(self.last.status, **changes))  # type: ignore[arg-type]

    def advise(self, step: Step) -> CoachedStep:
        """Add to a step of the pipeline what plan, record and last time say."""
        self._counted |= {judged.rep.set: (self.pipeline, self.part.whose) for judged in step.judged}
        if step.judged or step.withdrawn:
            self.reps = [*step.remaining(self.reps), *(judged.rep for judged in step.judged)]
        if step.corrected is not None:
            now = step.corrected.rep
            self.reps = [now if rep.start_s == now.start_s else rep for rep in self.reps]
        self._began_s = step.observation.t_s if self.last is None else self._began_s
        self._tried += [] if step.partial is None else [(self.lifter.name, step.partial)]
        (progress, cue), record = self.part.whose.plan.step(step), self._record(step)
        self.sets.plan(progress.plan.load_kg, step.exercise)
        lasts = held_to(self.standards.depth, self.lifter.last_times)
        lifted = {rep.exercise for rep in self.reps if self.lifter_of(rep) is self.part.whose}
        new = {name: last for name, last in lasts.items() if name not in lifted}
        status = replace(
            self._status(progress),
            record=record,
            reminder=before_first_set(new, step),
            since_last=since_last(lasts, step, self.reps),
            back=back_in_set(lasts, step, self.reps),
            loop=None if self._rests is None else self._rests.step(step, progress, self.standards),
        )
        heard = None if cue is None else with_record(reminded(cue, new, step), record)
        self.last = CoachedStep(step, heard, status)
        return self.last

    def _status(self, progress: SetProgress) -> RunStatus:
        """Return what a step of the part under way adds nothing to."""
        return RunStatus(
            profile=self.lifter.name,
            lifters=self.lifters,
            part=self.part.titles,
            places=self.pipeline.places,
            progress=replace(progress, began_s=self._began_s),
            standards=self.standards,
            reps=self.reps,
        )

    def _record(self, step: Step) -> str:
        """The personal record of the set that is over, in words; empty without one."""
        if step.summary is None:
            return ""
        known = step.summary, dict(self.sets.logs), self.reps
        if known != self._record_known:
            own = [rep for rep in self.reps if self.lifter_of(rep) is self.part.whose]
            best = new_record(self.lifter.read_bests(), step.summary, own, self.sets.logs)
            self._record_known, self._record_words = known, record_words(best, self.sets.units)
        return self._record_words


def steps(pipeline: Pipeline, observations: Iterable[Observation], said: Sequence[Event] = ()) -> Iterator[Step]:
    """The steps of a whole recording. said: events of its session, with what the lifter said in it."""
    part = Part(pipeline=pipeline, whose=LifterInRun(lifter=Lifter(said=said)))
    return (told.step for told in CoachedRun(part).whole(observations))
