"""Turns observations and the lifter's commands into steps, in order, and adds plan, loads and records to the steps.

A live run, a replay and an analysis use this module. A replay passes the observations and commands of a session again.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from livecoach.core import documents
from livecoach.core.step import Step, StepEvent
from livecoach.core.types import NO_PLAN, Observation, PartialRep, Rep, SetLog, SetPlans
from livecoach.core.types.bounds import UNNAMED
from livecoach.core.types.message import join_texts
from livecoach.core.types.reps import DEFAULT_STANDARDS, Standards
from livecoach.decisions.coaching.last_time import (
    LastTimes,
    add_words_of_earlier_sessions,
    first_set_reminder,
    follow_up_fault,
    returned_fault_notes,
    without_unchecked_depth,
)
from livecoach.decisions.coaching.records import new_record, record_words
from livecoach.decisions.coaching.set_progress import SetProgress
from livecoach.decisions.pipeline import Pipeline
from livecoach.feedback.rep_loop import RepLoop
from livecoach.feedback.session_state import NO_NOTES, EarlierSessionNotes, LiftedSet, SessionState, display_name
from livecoach.records.session.lifter_events import LifterEvent, LifterEvents
from livecoach.run.parts import Lifter, Part, PartMaker
from livecoach.run.rest_replay import RestReplay
from livecoach.run.set_logger import LoadOfNextSet


@dataclass(frozen=True, slots=True)
class BeginPart:
    """The command to begin another part, which is prepared already, because preparing a part reads files."""

    part: Part
    event: documents.PartEvent  # Records that the part begins


@dataclass(frozen=True, slots=True)
class AssignSet:
    """The command to assign a set to another lifter, who is known to the run."""

    lifter: Lifter
    event: documents.SetProfileEvent  # Names the set and the lifter's profile


@dataclass(frozen=True, slots=True)
class ChooseLoad:
    """The command to use a load for a lifter's next set. The load is recorded once the set begins."""

    lifter: Lifter
    load: LoadOfNextSet
    is_typed: bool  # Whether the lifter typed the load; False if it was chosen on the start screen, or restored


Command = (
    documents.ExerciseEvent
    | documents.SetMarkEvent
    | documents.StandardsEvent
    | documents.PlanEvent
    | documents.CorrectionEvent
    | documents.SetLogEvent
    | ChooseLoad
    | BeginPart
    | AssignSet
)
"""A command of the lifter in a run. A session stores commands as events, and a load for a set once the set begins."""
SAME_REP_S = 0.5
"""Reps that begin less than this apart are the same: a replay that drops frames detects a rep earlier or later. Our
choice."""


def command_time(step: Step) -> dict[str, Any]:
    """Return the time and frame of a command that follows a step, as arguments of the command's event."""
    return {"t_s": step.observation.t_s, "frame": step.observation.index}


class CoachedRun:
    """The coaching of a run: the pipeline of each part makes steps, and plans, loads and personal bests are added."""

    def __init__(
        self,
        first: Part,
        rests: RestReplay | None = None,
        *,
        standards: Standards = DEFAULT_STANDARDS,
        parts: PartMaker | None = None,
    ) -> None:
        """Begin the first part.

        Args:
            rests: Chooses the reps to show in a rest; None to show none.
            parts: Begins the parts of a replayed session; None if no session is replayed part by part.
        """
        self.standards, self._rests, self._parts = standards, rests, parts
        again = first.lifter.events
        self.replayed = LifterEvents(again)
        self._replays_logs = any(isinstance(event, documents.SetLogEvent) for event in again)
        self.lifters: tuple[str, ...] = ()  # Profiles of the lifters so far, each once
        self._lifters: dict[str | None, Lifter] = {}  # The lifters so far, by the name of their profile
        self._began_s = 0.0  # Time of the session's first frame
        self._tried: list[tuple[str | None, PartialRep]] = []  # Partial reps, each with its lifter's profile
        self.last: Step | None = None  # The last step; None before the first observation
        self.session = SessionState()  # State of the session after the last step
        self._noted_of: tuple[object, ...] | None = None  # Everything that the notes and `_new_lasts` depend on
        self._notes = EarlierSessionNotes()
        self._new_lasts: LastTimes = {}  # The last sessions with exercises that the lifter has not done in this run
        self._sent_plans: dict[tuple[str | None, str], SetPlans] = {}  # Recorded plans, by profile and exercise
        self.pipeline = first.pipeline
        self._begin(first)

    @property
    def reps(self) -> tuple[Rep, ...]:
        """The completed reps of all lifters, as judged and corrected now, without withdrawn reps."""
        return self.pipeline.log.reps

    @property
    def lifters_in_run(self) -> Sequence[Lifter]:
        """The current lifter first, and all other lifters with a set, each once."""
        names = dict.fromkeys((self.lifter.name, *self.pipeline.log.lifters.values()))
        return [self._lifters[name] for name in names]

    @property
    def typing_lifter(self) -> Lifter | None:
        """The lifter into whose log somebody is typing, perhaps not the current lifter; None if nothing is typed."""
        return next((lifter for lifter in self.lifters_in_run if lifter.set_logger.typed_text is not None), None)

    @property
    def typed_text(self) -> str | None:
        """The text that is being typed, after the displayed name of the lifter, if any; None if nothing is typed."""
        lifter = self.typing_lifter
        if lifter is None:
            return None
        return join_texts(", ", self.lifter_name(lifter), lifter.set_logger.typed_text or "")

    def lifter_name(self, lifter: Lifter) -> str:
        """Return the displayed name of a lifter; empty without a profile, and for an unnamed lifter who is alone."""
        return display_name(lifter.name, self.lifters)

    def lifter_of_set(self, number: int | None) -> Lifter:
        """Return the lifter of a set, by its number in the session; the current lifter for None or an unknown set."""
        return self.lifter if number is None else self._lifters[self.pipeline.log.lifters.get(number, self.lifter.name)]

    def lifted_sets(self) -> Sequence[LiftedSet]:
        """Return the sets of all lifters, in the order of their numbers."""
        return sorted(
            LiftedSet(number, named, load, lifter.name, lifter.set_logger.logs.get(number, SetLog()).rpe)
            for lifter in self.lifters_in_run
            for number, named, load in lifter.set_logger.sets
        )

    @property
    def partials(self) -> list[PartialRep]:
        """The partial reps of all lifters so far, in order."""
        return [partial for _, partial in self._tried]

    def reps_by_profile(self) -> Iterator[tuple[str | None, list[Rep], list[PartialRep]]]:
        """Yield the profile, the completed reps and the partial reps of each lifter who has completed or partial reps.

        If there are no such reps, only the current lifter is yielded. None stands for a lifter without a profile.
        """
        names = [self.pipeline.log.lifters[rep.set] for rep in self.reps]
        for name in dict.fromkeys((*names, *(name for name, _ in self._tried))) or (self.lifter.name,):
            own = [rep for rep, of in zip(self.reps, names, strict=True) if of == name]
            yield name, own, [partial for of, partial in self._tried if of == name]

    def _reps_of(self, lifter: Lifter) -> list[Rep]:
        log = self.pipeline.log
        return [rep for rep in log.reps if log.lifters[rep.set] == lifter.name]

    def process_recording(self, observations: Iterable[Observation]) -> Iterator[Step]:
        """Process a whole recording, finish its last rep and set, and yield all steps. Raises as `process_all` does."""
        yield from self.process_all(observations)
        yield from self.finish()

    def process_all(self, observations: Iterable[Observation]) -> Iterator[Step]:
        """Process observations and, after each observation, the due commands of the replayed session. Yield all steps.

        Raises:
            ConfigError: An exercise of the replayed session can't be read.
            ModelError: A model for a part of the replayed session can't be used.
        """
        for observation in observations:
            yield self.process(observation)
            for event in self.replayed.pop_due_events(observation):
                yield from self._replay_event(event)

    def _replay_event(self, event: LifterEvent) -> Iterator[Step]:
        """Yield the steps of an event. A part, or another lifter of a set, needs a replay part by part.

        A correction applies to the rep that begins nearest to the corrected rep, within SAME_REP_S.
        """
        if isinstance(event, documents.CorrectionEvent):
            start_s = min((rep.start_s for rep in self.reps), key=lambda s: abs(s - event.start_s), default=math.inf)
            is_same = abs(start_s - event.start_s) < SAME_REP_S
            yield self.process(replace(event, start_s=start_s) if is_same else event)
        elif not isinstance(event, documents.PartEvent | documents.SetProfileEvent):
            yield self.process(event)
        elif self._parts is None:
            return
        elif isinstance(event, documents.PartEvent):
            lifter = self._parts.replayed_lifter(event)
            part = self._parts.begin(event.exercise, lifter, self.standards, self.pipeline.log)
            yield from self.begin_part(BeginPart(part, event))
        elif event.set in self.pipeline.log.lifters:
            exercises = self.pipeline.log.exercises_of(event.set)
            lifter, _ = self._parts.register_lifter(self._parts.replayed_lifter(event), exercises)
            yield self.process(AssignSet(lifter, event))

    def begin_part(self, command: BeginPart) -> Iterator[Step]:
        """Finish the current part, begin another part, and yield all steps.

        If the lifter corrects the exercise to what the latest reps look like, the set under way goes on: the new part
        counts it anew. The load then applies to the next set of the new exercise, too. The new part also counts the
        first rep of a set if this rep is under way.
        """
        part, before, last = command.part, self.pipeline, self.last
        is_correction = last is not None and last.looks_like == part.exercise and part.lifter.name == self.lifter.name
        counts_anew = is_correction and part.pipeline.may_take_over(before)
        is_in_first_rep = last is not None and last.progress is not None and not last.set.is_under_way
        if not (counts_anew or is_in_first_rep):
            yield from self.finish()
        if is_correction:
            self.lifter.set_logger.correct_exercise(part.exercise)
        yield self.process(command)
        if counts_anew or is_in_first_rep:
            yield self._advise(self.pipeline.take_over(before, only_rep=not counts_anew))

    def _begin(self, part: Part) -> Sequence[documents.SetLogEvent]:
        """Begin a part after the previous part was finished; return the changed logs of sets that its lifter gets."""
        before, log = self.pipeline, part.pipeline.log
        self.part, self.pipeline, self.lifter = part, part.pipeline, part.lifter
        log.lifter = self.lifter.name
        self._lifters[log.lifter] = self.lifter
        logs = [event for number in log.unassigned_sets for event in self._assign_set(number, part.lifter)]
        if self.lifter.name is not None and self.lifter.name not in self.lifters:
            # An unnamed lifter who has not lifted is left out.
            lifted = {lifter.name for lifter in self.lifters_in_run}
            self.lifters = *(name for name in self.lifters if name != UNNAMED or name in lifted), self.lifter.name
        part.lifter.set_logger.begin(part.exercise)
        progress = part.lifter.plan.begin(part.exercise)
        if self._rests is not None:
            self._rests.begin(part.exercises)
        if self.last is not None:  # Commands and screens do not wait for the next picture
            self.last = part.pipeline.continue_after(before, self.last)
            self.session = self._state(progress)
        return logs

    def _assign_set(self, number: int, lifter: Lifter) -> Sequence[documents.SetLogEvent]:
        """Assign a set to a lifter, with its reps, plan, log, records and the numbers of sets; return a changed log."""
        before = self.lifter_of_set(number)
        self._lifters[lifter.name] = lifter
        self.pipeline.log.assign(number, lifter.name, lifter.judges)
        if lifter is before:
            return ()
        assert self.last is not None, "a set was lifted"
        for changed in (lifter, before):
            changed.plan.recount_sets(self._reps_of(changed))
        self._noted_of = None
        self.pipeline.forget_summary(number)
        return lifter.set_logger.take_over_set(number, before.set_logger, self.last)

    def process(self, item: Observation | Command) -> Step:
        """Process an observation, or a command of the lifter after the latest observation, and update the session.

        The command that begins another part is left to `begin_part`.

        Returns:
            The step. A command gives a step without events if it changed nothing, or only the next load.

        Raises:
            ValueError: A command came before the first observation.
        """
        if isinstance(item, Observation):
            return self._advise(self.pipeline.step(item))
        if self.last is None:
            raise ValueError(f"{type(item).__name__}: a command comes after an observation")
        step = None
        match item:
            case documents.ExerciseEvent():
                step = self.pipeline.choose_exercise(item.exercise)
            case documents.CorrectionEvent():
                step = self.pipeline.correct(self.last, item.correction, item.start_s)
        return self._with_events(*self._apply(item)) if step is None else self._advise(step)

    def _apply(self, command: Command) -> Iterator[StepEvent]:
        """Carry out a command that changes the next steps. Yield its events, none if it is impossible."""
        match command:
            case documents.SetMarkEvent():
                if self.pipeline.mark_set(command.mark):
                    yield command
            case documents.StandardsEvent():
                self.pipeline.set_standards(command.standards)
                self.standards = command.standards
                self.session = replace(self.session, standards=command.standards)
                yield command
            case documents.PlanEvent():
                progress = self.lifter.plan.replace_plans(command.plans, command.exercise)
                self.session = replace(self.session, progress=progress)
                if self._is_new_plan(command.exercise, command.plans):
                    yield command
            case documents.SetLogEvent():
                self.lifter_of_set(command.set).set_logger.replace_log(command, replays=self._replays_logs)
                yield command
            case ChooseLoad(lifter=lifter, load=load):
                sets = lifter.set_logger
                sets.use_typed_load(load) if command.is_typed else sets.use_chosen_load(load)
            case BeginPart(part=part, event=event):
                held = part.pipeline.log.unassigned_sets
                yield from self.pipeline.end_warnings(event.t_s)
                yield from self._begin(part)
                yield event
                for number in held:
                    yield documents.SetProfileEvent(t_s=event.t_s, set=number, profile=event.profile)
            case AssignSet(lifter=lifter, event=event):
                yield from self._assign_set(event.set, lifter)
                yield event

    def _with_events(self, *events: StepEvent) -> Step:
        """Return the newest step with other events, and without an answered question."""
        assert self.last is not None
        return replace(self.last, events=events, cue=None, questions=replace(self.last.questions, hand=None))

    def _is_new_plan(self, exercise: str, plans: SetPlans) -> bool:
        """Remember the lifter's plan in an exercise, and return whether it differs from the plan before."""
        key = self.lifter.name, exercise
        before, self._sent_plans[key] = self._sent_plans.get(key, (NO_PLAN,)), plans
        return plans != before

    def finish(self) -> Sequence[Step]:
        """Finish the current rep and set. Return a sequence: the last step, or nothing before the first observation."""
        step = self.pipeline.finish()
        return () if step is None else (self._advise(step),)

    def _advise(self, step: Step) -> Step:
        """Update the run by a step of the pipeline, and return the step with its cue and the events of plan and log."""
        lifter = self.lifter
        self._tried += [(lifter.name, event.partial_rep) for event in step.events_of(documents.PartialRepEvent)]
        self._began_s = step.observation.t_s if self.last is None else self._began_s
        if step.events:
            lifter.plan.count_sets(self._reps_of(lifter))
        progress, cue = lifter.plan.step(step)
        self._compare_with_past(step)
        lifter.set_logger.use_planned_load(progress.plan.load_kg, step.set.exercise)
        logs = list(lifter.set_logger.step(step, replays=self._replays_logs))
        loop = None if self._rests is None else self._rests.step(step, progress, self.reps)
        self.session = self._state(progress, self._notes, loop)
        t_s, events = step.observation.t_s, [*step.events]
        if cue is not None:
            event = documents.CueEvent(t_s=t_s, kind=cue.kind, text=cue.text, rep=cue.rep, say=cue.say, why=cue.why)
            events.append(event)
            if self._new_lasts or self._notes.record:
                cue = add_words_of_earlier_sessions(cue, step, self._new_lasts, self._notes.record)
        exercise, plans = step.set.exercise, tuple(lifter.plan.plans)
        if exercise is not None and self._is_new_plan(exercise, plans):  # A replay must know the plan before this step
            frame = (self.last or step).observation.index
            events.insert(0, documents.PlanEvent(t_s=t_s, exercise=exercise, plans=plans, frame=frame))
        events += logs
        self.last = step if not events and cue is step.cue else replace(step, cue=cue, events=tuple(events))
        return self.last

    def _compare_with_past(self, step: Step) -> None:
        """Compare the run with the lifter's earlier sessions, if a rep, a set or a command has changed anything."""
        lifter, now, logs = self.lifter, step.set, self.lifter.set_logger.logs
        noted_of = lifter, self.standards, self.reps, now.summary, now.index, now.exercise, dict(logs)
        if noted_of == self._noted_of:
            return
        self._noted_of = noted_of
        lasts = without_unchecked_depth(self.standards.depth, lifter.last_times) if lifter.last_times else {}
        own = self._reps_of(lifter)
        lifted = {rep.exercise for rep in own}
        self._new_lasts = {name: last for name, last in lasts.items() if name not in lifted}
        if now.summary is None:
            reminder = first_set_reminder(self._new_lasts, step) if self._new_lasts else ""
            self._notes = EarlierSessionNotes(reminder=reminder)
            return
        last, of_set = lasts.get(now.summary.exercise or ""), [rep for rep in self.reps if rep.set == now.summary.index]
        self._notes = EarlierSessionNotes(
            fault_follow_up=None if last is None else follow_up_fault(last, of_set),
            returned_faults=() if last is None else tuple(returned_fault_notes(last.fixed, last.exercise, of_set)),
            record=record_words(new_record(lifter.read_bests(), now.summary, own, logs), lifter.set_logger.units),
        )

    def _state(
        self, progress: SetProgress, earlier: EarlierSessionNotes = NO_NOTES, loop: RepLoop | None = None
    ) -> SessionState:
        """Return the state of the session. At the start of a part, there are no notes and no loop yet."""
        return SessionState(
            profile=self.lifter.name,
            lifters=self.lifters,
            part=self.part.titles,
            camera_places=self.pipeline.camera_places,
            began_s=self._began_s,
            progress=progress,
            standards=self.standards,
            earlier=earlier,
            loop=loop,
            reps=self.reps,
        )


def replay(
    pipeline: Pipeline, observations: Iterable[Observation], events: Sequence[documents.Event] = ()
) -> Iterator[Step]:
    """Run a pipeline over a whole recording, replay the lifter's commands after their frames, and yield the steps.

    Args:
        events: Events of the recorded session, which contain the commands; empty for a file. Events that begin a part
            or assign a set to another lifter have no effect.
    """
    return make_run(pipeline, events).process_recording(observations)


def make_run(pipeline: Pipeline, events: Sequence[documents.Event] = (), parts: PartMaker | None = None) -> CoachedRun:
    """Make the run of a recording, with a first lifter who has neither a profile nor a plan nor earlier sessions.

    Args:
        events: Events of the recorded session, which contain the lifter's commands; empty for a file.
        parts: Begins the parts of the session; None for a single part.
    """
    return CoachedRun(Part(pipeline=pipeline, lifter=Lifter(events=events)), parts=parts)
