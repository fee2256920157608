"""Turns observations and the lifter's events, in their order, into steps with what plan and records add to them.

A live run, a replay and an analysis all use it. A replay passes the observations and events of a session again.
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
    """A step, with its cue and status for the lifter."""

    step: Step
    cue: Cue | None  # Cue to play: the step's own, with what plan, records and last time add
    status: RunStatus  # Status to show, as far as it follows from the steps


class CoachedRun:
    """Runs the parts of a run, one after the other, and adds plan, log and records to their steps."""

    def __init__(
        self,
        first: Part,
        rests: RestReplay | None = None,
        *,
        standards: Standards = SHOWN,
        parts: Parts | None = None,
    ) -> None:
        """Begin the first part.

        Args:
            first: The first part.
            rests: Chooses the reps to show in a rest; None to show none.
            standards: Standards of the first reps.
            parts: Begins the parts of a replayed session; None if there is only one part.
        """
        self.standards, self._rests, self._parts = standards, rests, parts
        self.replayed = LifterEvents(first.lifter_in_run.lifter.events)
        self.lifters: tuple[str, ...] = ()  # Profiles of the parts so far
        self._counted: dict[int, tuple[Pipeline, LifterInRun]] = {}  # Pipeline and lifter of each set, by its number
        self.reps: list[Rep] = []
        self._began_s = 0.0  # Time of the session's first frame
        self._tried: list[tuple[str | None, PartialRep]] = []  # Partial reps, each with its lifter's profile
        self.last: CoachedStep | None = None
        self._record_known: tuple[SetSummary, Mapping[int, SetLog], Sequence[Rep]] | None = None
        """Summary, logs and reps from which the words of the record were computed."""
        self._record_words = ""
        self._sent_plans: dict[tuple[str | None, str], SetPlans] = {}  # Recorded plans, by profile and exercise
        self.part = first
        self.begin(first)

    @property
    def pipeline(self) -> Pipeline:
        return self.part.pipeline

    @property
    def lifter(self) -> Lifter:
        """The current lifter."""
        return self.part.lifter_in_run.lifter

    @property
    def sets(self) -> SetLogger:
        return self.part.lifter_in_run.sets

    @property
    def each_lifter(self) -> Sequence[LifterInRun]:
        """The current lifter, and all lifters with a set."""
        lifted = [lifter for _, lifter in self._counted.values()]
        return list({id(lifter.sets): lifter for lifter in (self.part.lifter_in_run, *lifted)}.values())

    @property
    def typing(self) -> LifterInRun | None:
        """The lifter to whose log a text is being typed, even while another lifter lifts; None if nothing is typed."""
        return next((lifter for lifter in self.each_lifter if lifter.sets.is_typing), None)

    @property
    def typed(self) -> str | None:
        """The text that is being typed, with the name of the lifter."""
        typing = self.typing
        return None if typing is None else joined(", ", self.name_of(typing), typing.sets.typed or "")

    def name_of(self, lifter: LifterInRun) -> str:
        """Return the name of a lifter, as shown."""
        return shown_name(lifter.lifter.name, self.lifters)

    def lifter_of_set(self, number: int | None) -> LifterInRun:
        """Return the lifter of a set; the current lifter for None, or if there is no such set."""
        return self._counted[number][1] if number in self._counted else self.part.lifter_in_run

    def lifted_sets(self) -> Sequence[LiftedSet]:
        """Return the sets of all lifters, in order."""
        return sorted(
            LiftedSet(number, named, load, lifter.lifter.name, lifter.sets.logs.get(number, SetLog()).rpe)
            for lifter in self.each_lifter
            for number, named, load in lifter.sets.sets
        )

    @property
    def partials(self) -> list[PartialRep]:
        return [partial for _, partial in self._tried]

    def done_by(self) -> Iterator[tuple[str | None, list[Rep], list[PartialRep]]]:
        """Yield each profile with its completed and partial reps; without reps, only the current lifter's profile."""
        names = [self.lifter_of(rep).lifter.name for rep in self.reps]
        for name in dict.fromkeys((*names, *(name for name, _ in self._tried))) or (self.lifter.name,):
            own = [rep for rep, of in zip(self.reps, names, strict=True) if of == name]
            yield name, own, [partial for of, partial in self._tried if of == name]

    def lifter_of(self, rep: Rep) -> LifterInRun:
        return self._counted[rep.set][1]

    def whole(self, observations: Iterable[Observation]) -> Iterator[CoachedStep]:
        """Yield the steps of a recording to its end; none without observations."""
        yield from self.follow(observations)
        yield from self.finish()

    def follow(self, observations: Iterable[Observation]) -> Iterator[CoachedStep]:
        """Yield the steps of observations, each followed by the lifter's events of the replayed session."""
        for observation in observations:
            for item in (observation, *self.replayed.after(observation)):
                answer = self.process(item)
                if isinstance(answer, CoachedStep):
                    yield answer
                elif isinstance(answer, Part):
                    yield from self.finish()
                    self.begin(answer)

    def begin(self, part: Part) -> list[int]:
        """Begin a part after the previous part was finished; return the sets that are assigned to its lifter."""
        self.part, log = part, part.pipeline.log
        log.lifter = self.lifter.name
        held = log.held
        for number in held:
            self.give(number, part.lifter_in_run)
        if self.lifter.name is not None and self.lifter.name not in self.lifters:
            self.lifters = (*self._named_or_lifted(), self.lifter.name)
        progress = part.lifter_in_run.plan.begin(part.exercise)
        if self._rests is not None:
            self._rests.begin(part.exercises)
        if self.last is not None:  # Commands and screens do not wait for the next picture
            step = part.pipeline.before_first(self.last.step)
            self.last = CoachedStep(step, None, self._status(progress))
        return held

    def _named_or_lifted(self) -> tuple[str, ...]:
        """Return the profiles so far, without an unnamed lifter who has no set."""
        lifted = {lifter.lifter.name for lifter in self.each_lifter}
        return tuple(name for name in self.lifters if name != UNNAMED or name in lifted)

    def give(self, number: int, lifter_in_run: LifterInRun) -> None:
        """Assign a set to a lifter, with its reps, plan, log, records and the numbers of sets."""
        (counted, before), log = self._counted[number], self.pipeline.log
        log.give(number, lifter_in_run.lifter.name, lifter_in_run.judges)
        if lifter_in_run is before:
            return
        assert self.last is not None, "a set was lifted"
        self._counted[number], self.reps = (counted, lifter_in_run), log.renumbered(self.reps)
        lifter_in_run.plan.take(number, before.plan)
        lifter_in_run.sets.take(number, before.sets, self.last.step)
        self._record_known = None
        self.pipeline.forget_summary(number)

    def process(self, item: Observation | LifterEvent) -> CoachedStep | Part | bool:
        """Process an observation or an event of the lifter.

        Returns:
            The resulting step, or the part to begin once the current part is finished; otherwise, whether the event
            was applied.
        """
        answer = self._answer(item)
        return self.advise(answer) if isinstance(answer, Step) else answer

    def _answer(self, item: Observation | LifterEvent) -> Step | Part | bool:
        answer: Step | Part | bool | None = True
        match item:
            case Observation():
                answer = self.pipeline.step(item)
            case ExerciseEvent():
                answer = self.pipeline.choose(item.exercise)
            case CorrectionEvent():
                answer = self._correct(item.correction, item.start_s)
            case PartEvent():
                answer = None if self._parts is None else self._parts.again(item, self.standards, self.pipeline.log)
            case SetMarkEvent():
                answer = self.pipeline.mark_set(item.mark)
            case StandardsEvent():
                self.pipeline.hold_to(item.standards)
                self.standards = item.standards
                self._show(standards=item.standards)
            case PlanEvent():
                self._show(progress=self.part.lifter_in_run.plan.follow(item.plans, item.exercise))
            case SetLogEvent():
                self.sets.log_again(item)
            case SetProfileEvent():
                answer = self._give_again(item)
        return answer or False

    def _give_again(self, event: SetProfileEvent) -> bool:
        """Assign a set as in the replayed session; return whether there is such a set."""
        if self._parts is None or event.set not in self._counted:
            return False
        lifter_in_run = self._parts.replayed_lifter(event, self.pipeline.log)
        if lifter_in_run is not None:
            self.give(event.set, lifter_in_run)
        return lifter_in_run is not None

    def _correct(self, correction: Correction | None, start_s: float) -> Step | None:
        """Correct a rep of any part, as Pipeline.correct."""
        rep = self.pipeline.log.rep_to_correct(correction, start_s)
        if rep is None or self.last is None:
            return None
        pipeline, _ = self._counted[rep.set]
        step = pipeline.correct(correction, rep.start_s)
        if step is None or pipeline is self.pipeline:
            return step
        return replace(self.last.step, **NO_NEWS, corrected=step.corrected)

    def plan_rest(self, rest_s: float | None) -> None:
        self._show(progress=self.part.lifter_in_run.plan.rest(rest_s))

    def follow_plan(self, plans: SetPlans) -> None:
        self._show(progress=self.part.lifter_in_run.plan.follow(plans))

    def new_plan(self, step: Step) -> PlanEvent | None:
        """Return the plan for the exercise of a step as an event if it is new; otherwise None."""
        if step.exercise is None or step.is_open:
            return None
        key, plans = (self.lifter.name, step.exercise), tuple(self.part.lifter_in_run.plan.plans)
        if plans == self._sent_plans.get(key) or not (any(plan.reps for plan in plans) or key in self._sent_plans):
            return None
        self._sent_plans[key] = plans
        seen = step.observation
        return PlanEvent(t_s=seen.t_s, frame=seen.index, exercise=step.exercise, plans=plans)

    def finish(self) -> Sequence[CoachedStep]:
        """Finish the current rep and set; return the resulting step, or none before the part's first observation."""
        step = self.pipeline.finish()
        return () if step is None else (self.advise(step),)

    def _show(self, **changes: object) -> None:
        if self.last is not None:
            self.last = self.last._replace(status=replace(self.last.status, **changes))  # type: ignore[arg-type]

    def advise(self, step: Step) -> CoachedStep:
        """Add to a step what follows from plan, records and last time."""
        self._counted |= {judged.rep.set: (self.pipeline, self.part.lifter_in_run) for judged in step.judged}
        if step.judged or step.withdrawn:
            self.reps = [*step.remaining(self.reps), *(judged.rep for judged in step.judged)]
        if step.corrected is not None:
            now = step.corrected.rep
            self.reps = [now if rep.start_s == now.start_s else rep for rep in self.reps]
        self._began_s = step.observation.t_s if self.last is None else self._began_s
        self._tried += [] if step.partial is None else [(self.lifter.name, step.partial)]
        (progress, cue), record = self.part.lifter_in_run.plan.step(step), self._record(step)
        self.sets.plan(progress.plan.load_kg, step.exercise)
        lasts = held_to(self.standards.depth, self.lifter.last_times)
        lifted = {rep.exercise for rep in self.reps if self.lifter_of(rep) is self.part.lifter_in_run}
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
        """Return the status that does not depend on the step."""
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
        """Return the personal record of the finished set in words; empty if there is none."""
        if step.summary is None:
            return ""
        known = step.summary, dict(self.sets.logs), self.reps
        if known != self._record_known:
            own = [rep for rep in self.reps if self.lifter_of(rep) is self.part.lifter_in_run]
            best = new_record(self.lifter.read_bests(), step.summary, own, self.sets.logs)
            self._record_known, self._record_words = known, record_words(best, self.sets.units)
        return self._record_words


def steps(pipeline: Pipeline, observations: Iterable[Observation], events: Sequence[Event] = ()) -> Iterator[Step]:
    """Yield the steps of a whole recording, with the lifter's events of its session."""
    part = Part(pipeline=pipeline, lifter_in_run=LifterInRun(lifter=Lifter(events=events)))
    return (coached.step for coached in CoachedRun(part).whole(observations))
