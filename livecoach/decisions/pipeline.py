"""Makes all decisions of a run: it turns each observation into a step, with the cue for the lifter."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import get_args

from livecoach.core.documents import (
    ExerciseEvent,
    HintEvent,
    LearningEvent,
    PartialRepEvent,
    SetEndEvent,
    StageEvent,
    ViewEvent,
    WarningEvent,
)
from livecoach.core.step import CurrentSet, Learning, Placement, Questions, RepCompleted, Step, StepEvent
from livecoach.core.types import (
    Correction,
    Cue,
    CueKind,
    HandAnswer,
    Hint,
    Observation,
    Recognition,
    SetMark,
    StageName,
    Standards,
    View,
)
from livecoach.decisions.coaching import cues
from livecoach.decisions.coaching.raised_hand import RaisedHandDetector
from livecoach.decisions.counting.set_tracker import NothingCountedWarning
from livecoach.decisions.exercise_run import ExerciseParts, FrameAnalysis
from livecoach.decisions.exercises import ExerciseSwitch
from livecoach.decisions.judging.corrections import RepLog
from livecoach.decisions.judging.fault_model import CameraPlaces
from livecoach.decisions.recognition.naming import OtherExerciseWarning
from livecoach.decisions.recognition.recogniser import Recogniser
from livecoach.perception.body import visibility
from livecoach.perception.body.body import find_body
from livecoach.perception.body.placement import PlacementChecker
from livecoach.perception.body.view import ViewEstimator
from livecoach.perception.body.visibility import warning_change

_PLACES = {kind: place for place, kind in enumerate(get_args(StepEvent))}  # Kind of event → its place in a step
ANYWHERE_DEG = (0.0, 180.0)  # Good azimuths while no exercise is known: nobody is asked to turn
VIEW_CHANGE_DEG = 10.0
"""Smallest change of the azimuth, in degrees, that is reported if the view has another name. Our choice."""
FAR_DEG = 15.0  # Smallest change of the azimuth, in degrees, that is always reported: a reference covers no more
SURER = 2.0  # Factor by which the view's uncertainty must fall or grow to be reported. Our choice.


class ChangeReporter:
    """Reports changes of exercise, view, hint, stage and learning since the last event of each kind, as events."""

    def __init__(self, before: "ChangeReporter | None" = None) -> None:
        """Begin a part of a run. The view, hint and stage that `before` reported for the last part are not repeated."""
        self._exercise: tuple[str, bool] | None = None  # Name, and whether it is open
        self._learning: Learning | None = None
        self._stage: StageName | None = None if before is None else before._stage
        self._view: View | None = None if before is None else before._view
        self._hint: Hint | None = None if before is None else before._hint

    def report(self, step: Step, *, chosen: bool = False) -> Iterator[StepEvent]:
        """Yield an event for each change since the last step, in the order of `StepEvent`, and remember the new state.

        An exercise is reported only with a recognition: when it changes, becomes certain or uncertain, or is `chosen`.
        A view is reported when its azimuth or its uncertainty has clearly changed. The end of a hint is reported, too,
        but not that the exercise, view, stage or state of learning is unknown (None).
        """
        t_s, now, view, hint, stage = step.observation.t_s, step.set, step.place.view, step.place.hint, step.stage
        known = None if now.exercise is None else (now.exercise, now.is_tentative)
        if known is not None and step.recognition is not None and (chosen or known != self._exercise):
            self._exercise, (exercise, is_open) = known, known
            yield ExerciseEvent(
                t_s=t_s,
                exercise=exercise,
                recognised=step.recognition,
                chosen=chosen,
                open=is_open,
                frame=step.observation.index,
            )
        if view is not None and (self._view is None or _has_changed(self._view, view)):
            self._view = view
            yield ViewEvent(t_s=t_s, view=view)
        if hint != self._hint:
            self._hint = hint
            yield HintEvent(t_s=t_s, hint=hint)
        if stage is not None and stage.stage != self._stage:
            self._stage = stage.stage
            yield StageEvent(t_s=t_s, stage=stage.stage, probability=stage.probability)
        if now.learning is not None and now.learning != self._learning:
            self._learning = now.learning
            yield LearningEvent(
                t_s=t_s, have=now.learning.have, wanted=now.learning.wanted, known=now.learning.is_complete
            )


def _has_changed(before: View, now: View) -> bool:
    turned_deg = abs((now.azimuth_deg - before.azimuth_deg + 180) % 360 - 180)
    surer, less_sure = sorted((now.uncertainty_deg, before.uncertainty_deg))
    return (
        turned_deg >= FAR_DEG
        or (now.name != before.name and turned_deg >= VIEW_CHANGE_DEG)
        or less_sure >= SURER * surer > 0
    )


class Scene:
    """Finds the body, its visibility and the camera's view in the observations of a source."""

    def __init__(self) -> None:
        self._view = ViewEstimator()
        self.warnings = visibility.Warnings()
        self._plates, self._motion = visibility.LegsBehindPlate(), visibility.FastCameraMotion()
        self._turn_deg: int | None = None  # turn of the latest picture
        self._turned_s = -math.inf  # when the turn last changed
        self._roll_deg, self._levelled_s = 0.0, -math.inf  # angle by which bodies are levelled, and since when

    def step(self, observation: Observation, *, in_rep: bool = False) -> FrameAnalysis:
        """Analyse the next observation. Indices must rise from one observation to the next, and times must not fall.

        Args:
            in_rep: Whether a rep is under way. The angle by which bodies are levelled then stays the same.
        """
        lifter = find_body(observation, self._roll_deg)
        now = visibility.visibility_problem(observation, lifter)
        moves = self._motion.step(observation)
        if self._turn_deg not in (None, observation.turn_deg):
            self._turned_s = observation.t_s
        self._turn_deg = observation.turn_deg
        if observation.t_s - self._turned_s < visibility.TURNED_S:
            now = "turned"
        elif now is None and (moves or observation.shows_motion_badly):
            now = "moves" if moves else "not_clear"
        elif now is None and observation.t_s - self._levelled_s < visibility.TURNED_S:
            now = "leans"
        text = None if now is None else visibility.problem_text(now, observation, self._roll_deg)
        warnings = self.warnings.step(observation.t_s, now, text)
        view = None if lifter is None else self._view.step(lifter, observation)
        if view is not None and not in_rep and view.roll_deg != self._roll_deg:
            before_deg, self._roll_deg = self._roll_deg, view.roll_deg or 0.0
            if abs(before_deg) < visibility.LEANS_DEG <= abs(self._roll_deg):
                self._levelled_s = observation.t_s
        return FrameAnalysis(
            observation=observation,
            body=lifter,
            view=self._view.view,
            warnings=warnings,
            legs_hidden=self._plates.step(observation, lifter),
        )


class Pipeline:
    """Turns the observations of a source into steps, for one named exercise or for all exercises."""

    def __init__(
        self,
        exercises: Sequence[ExerciseParts],
        recogniser: Recogniser | None = None,
        *,
        chosen_exercise: str | None = None,
        pose: str = "",
        log: RepLog | None = None,
        by_hand: bool = False,
    ) -> None:
        """Start before the first observation of a source.

        Args:
            recogniser: Recognises the exercise or, if the lifter named the exercise, only notices another exercise;
                None for neither.
            chosen_exercise: Name of the exercise that the lifter has named; None to recognise the exercise.
            pose: Name of the pose model; empty if unknown.
            log: The reps that other pipelines have counted in the source so far; numbers of sets and reps continue.
                None at the start of a source.
            by_hand: Whether a raised hand answers questions, too.
        """
        self._scene, self._recogniser = Scene(), recogniser
        self.log, self.changes = log or RepLog(), ChangeReporter()
        self._exercises = ExerciseSwitch(exercises, recogniser, chosen_exercise, pose, self.log)
        self._other = None
        if chosen_exercise is not None:
            self._other = OtherExerciseWarning((chosen_exercise, self._exercises.runs[chosen_exercise].exercise.motion))
        self._placing: PlacementChecker | None = PlacementChecker()  # None in a rep or a set
        self._one_at_a_time = cues.CueQueue()
        self._hand = RaisedHandDetector() if by_hand else None
        self._camera_warning: str | None = None  # text of the warning while it is active
        self._nothing_counted = NothingCountedWarning(self._exercises.why_uncounted)

    @property
    def is_exercise_known(self) -> bool:
        """Whether the exercise was announced to the lifter, or named by the lifter."""
        return self._exercises.announced is not None

    @property
    def guess(self) -> Recognition | None:
        """The likeliest exercise so far, if any; None in a set, and if an exercise is known and the log has reps."""
        return None if self.is_exercise_known and self.log.reps else self._exercises.guess

    @property
    def is_exercise_guessed(self) -> bool:
        """Whether the source ended before any exercise was announced, so that the counted exercise is a guess."""
        return self._exercises.is_exercise_guessed

    @property
    def refused_count(self) -> int:
        """The number of movements that the known exercise, or else the likeliest exercise, did not count as reps."""
        guess, found = None if self.is_exercise_known else self.guess, self._exercises
        run = found.current_run if guess is None else found.runs.get(guess.name or "")
        return 0 if run is None else len(run.counter.evidence.refused)

    @property
    def camera_places(self) -> CameraPlaces | None:
        """The good places of the camera for the current or else the last exercise; None before any exercise."""
        run = self._exercises.current_run or self._exercises.last_run
        return None if run is None else run.judge.places(depth=run.referee.wants_depth)

    def step(self, observation: Observation) -> Step:
        """Turn the next observation into a step. Indices must rise, and times must not fall."""
        run = self._exercises.current_run
        frame = self._scene.step(observation, in_rep=run is not None and run.counter.progress is not None)
        now = None if self._recogniser is None else self._recogniser.step(observation, frame.body)
        if self._recogniser is not None and frame.body is not None:
            frame = replace(frame, body=replace(frame.body, lift_log_odds=self._recogniser.lift_log_odds))
        news = self._exercises.step(frame, now)
        warnings = frame.warnings
        if self._other is not None:
            warnings += self._other.step(observation.t_s, now, counted=RepCompleted in map(type, news))
        warnings += self._camera_changes(observation.t_s, news)
        counts = self._exercises.is_in_set or PartialRepEvent in map(type, news)
        warnings += self._nothing_counted.step(observation.t_s, frame.body, counts=counts)
        return self._build(frame, news, warnings)

    def _camera_changes(self, t_s: float, news: Sequence[StepEvent]) -> tuple[WarningEvent, ...]:
        """Return the warning that the camera has changed, if it begins or ends with a rep or a set."""
        before, is_over = self._camera_warning, SetEndEvent in map(type, news)
        if is_over or RepCompleted in map(type, news):
            run = self._exercises.current_run
            self._camera_warning = None if is_over or run is None else run.judge.camera_warning()
        return warning_change(t_s, "camera_changed", before, self._camera_warning)

    def choose_exercise(self, name: str) -> Step | None:
        """Set the exercise that the lifter has named, and return the step of the last observation with the changes.

        The result is None before any observation, if the exercise is certain already, or if the named exercise is
        unknown or finds no rep in the set that is under way.
        """
        frame = self._exercises.frames.last_frame
        news = None if frame is None else self._exercises.choose(name)
        return None if frame is None or news is None else self._build(frame, news, (), chosen=True)

    def end_warnings(self, t_s: float) -> tuple[WarningEvent, ...]:
        """Return the ends of the warnings that are about the exercise. Warnings about the picture may go on."""
        other = None if self._other is None else self._other.warning
        return (
            *warning_change(t_s, "other_exercise", other, None),
            *warning_change(t_s, "camera_changed", self._camera_warning, None),
            *warning_change(t_s, "nothing_counted", self._nothing_counted.text, None),
        )

    def continue_after(self, before: "Pipeline", last: Step) -> Step:
        """Continue the run of another pipeline, and return a step with the state of this pipeline.

        The step has no events. It takes the observation and the place from the last step of the other pipeline, but no
        hint, and a warning only if the lifter is not seen well. The last view, hint, stage and warning about the
        picture of the other pipeline are not reported again.
        """
        self.changes, self._scene.warnings = ChangeReporter(before.changes), before._scene.warnings
        self._exercises.begin(self.log.last_set_number)
        is_seen_badly = last.place.problem is not None  # Another warning is about the exercise
        place = replace(last.place, hint=None, warning=last.place.warning if is_seen_badly else None)
        now = self._current_set(place.view)
        return Step(
            observation=last.observation,
            recognition=self._exercises.recognition,
            set=now,
            place=place,
            questions=self._questions(now),
        )

    def may_take_over(self, before: "Pipeline") -> bool:
        """Return whether the named exercise may count anew the set under way of another pipeline; True between sets."""
        return self._exercises.may_take_over(before._exercises)

    def take_over(self, before: "Pipeline", *, only_rep: bool) -> Step:
        """Count the set under way of another pipeline, or the frames after its last rep, anew, and return the step.

        Call this after `continue_after`. The other pipeline must not be used any more.

        Args:
            only_rep: Whether the first rep of a set is under way, so that earlier movements are left out.
        """
        self._scene = before._scene
        frame = before._exercises.frames.last_frame
        assert frame is not None, "a part is corrected after an observation"
        return self._build(frame, self._exercises.take_over(before._exercises, only_rep=only_rep), ())

    def finish(self) -> Step | None:
        """Finish the rep and the set under way, and return the last step; None before any observation."""
        frame = self._exercises.frames.last_frame
        if frame is None:
            return None
        news = self._exercises.finish(frame)
        step = self._build(frame, news, self._camera_changes(frame.observation.t_s, news), ended=True)
        self._exercises.settle_at_end()
        return step

    def mark_set(self, mark: SetMark) -> bool:
        """Request the end of the set under way, or a new set with the next rep; return False if that is impossible.

        The set ends with the next observation outside of a rep. A set can only be started while no set is under way.
        Before the first set, a start is possible but changes nothing: the next rep begins a set anyway.
        """
        last = self._exercises.last_run
        return mark == "start" if last is None else last.sets.mark(mark)

    def forget_summary(self, index: int) -> None:
        """Forget the last set's summary if the number of the set is `index`, because the set was another lifter's."""
        last = self._exercises.last_run
        if last is not None and last.sets.index == index:
            last.summary = None

    def set_standards(self, standards: Standards) -> None:
        """Change the lifter's standards at once, also for the rep under way. Completed reps keep their results."""
        for run in self._exercises.runs.values():
            run.referee.standards = standards

    def correct(self, last: Step, correction: Correction | None, start_s: float | None = None) -> Step | None:
        """Correct a rep, or undo its newest correction. Return None without a rep to correct or a correction to undo.

        Counting, the reference and summaries follow the correction from now on. The exercise of the rep's set is
        settled, because a corrected rep is not withdrawn. `RepLog.correct` explains `correction` and `start_s`.

        The result is the latest step, `last`, with its new state, without a cue. Its events are the changes, the
        correction and, after the set, a new SetEndEvent.
        """
        corrected = self._exercises.correct(correction, start_s)
        if corrected is None:
            return None
        now = self._current_set(last.place.view)
        step = replace(last, events=(), cue=None, set=now, questions=self._questions(now))
        # Without a set, the next observation reports what has changed with the part.
        events: tuple[StepEvent, ...] = (*(self.changes.report(step) if now.index else ()), corrected)
        if corrected.has_changed and not now.is_under_way and now.summary and now.summary.index == corrected.rep.set:
            events += (SetEndEvent(t_s=last.observation.t_s, summary=now.summary),)
        return replace(step, events=events)

    def _build(
        self,
        frame: FrameAnalysis,
        news: Sequence[StepEvent],
        warnings: Sequence[WarningEvent],
        *,
        chosen: bool = False,
        ended: bool = False,
    ) -> Step:
        """Return the step of a frame, at which the lifter may have chosen an exercise, or the source may have ended."""
        run, now = self._exercises.current_run, self._current_set(frame.view)
        questions = self._questions(now)
        place, is_ready = self._place(frame, now, ended=ended)
        cue = self._cue(frame, news, warnings, now, ready=is_ready, ended=ended)
        if self._hand is not None and not ended:
            questions = replace(questions, hand=self._answer_by_hand(frame, now, questions))
        step = Step(
            observation=frame.observation,
            cue=cue,
            stage=None if run is None else run.counter.stage,
            progress=None if run is None or run.puts_bar_down else run.counter.progress,
            recognition=self._exercises.recognition,
            looks_like=None if self._other is None else self._other.similar_exercise,
            set=now,
            place=place,
            questions=questions,
        )
        events = [*warnings, *self.changes.report(step, chosen=chosen), *news]
        return replace(step, events=tuple(sorted(events, key=lambda event: _PLACES[type(event)]))) if events else step

    def _current_set(self, view: View | None) -> CurrentSet:
        """Return the state of the set, for the view from which the next rep will be judged; None if it is unknown."""
        exercises = self._exercises
        run, last = exercises.current_run, exercises.last_run
        return CurrentSet(
            index=0 if last is None else last.sets.index,
            count=0 if last is None else self.log.count_reps(last.sets.index),
            is_under_way=exercises.is_in_set,
            exercise=exercises.known_exercise,
            is_tentative=exercises.naming.is_tentative,
            learning=None if run is None else run.judge.learning_state(view),
            summary=None if last is None else last.summary,
        )

    def _place(self, frame: FrameAnalysis, now: CurrentSet, *, ended: bool) -> tuple[Placement, bool]:
        """Return the places of lifter and camera, and whether the lifter has just taken the place for a set."""
        run, places, warnings = self._exercises.current_run, self.camera_places, self._scene.warnings
        other = None if self._other is None else self._other.warning
        is_busy = now.is_under_way or (run is not None and run.counter.progress is not None)
        hint, is_ready = None, False
        self._placing = None if is_busy else self._placing or PlacementChecker(follows_set=True)
        if self._placing is not None:
            wanted_deg = ANYWHERE_DEG if places is None else places.good_azimuths_deg
            body = None if ended else frame.body
            hint, is_ready = self._placing.step(frame.observation, body, frame.view, wanted_deg)
        place = Placement(
            view=frame.view,
            hint=hint,
            drawbacks=() if places is None else places.drawbacks(frame.view, legs_hidden=frame.legs_hidden),
            warning=warnings.text or self._camera_warning or self._nothing_counted.text or other,
            problem=warnings.active,
            torso_and_leg_px=None if frame.body is None else frame.body.size_px,
        )
        return place, is_ready

    def _questions(self, now: CurrentSet) -> Questions:
        last, exercises = self._exercises.last_run, self._exercises.naming.offered_exercises
        return Questions(
            exercises=() if now.is_under_way else exercises,
            asks_who=bool(self.log.unassigned_sets) and not now.is_under_way,
            reference_s=() if last is None or exercises else last.judge.own_reps.confirmable_starts_s,
        )

    def _answer_by_hand(self, frame: FrameAnalysis, now: CurrentSet, questions: Questions) -> HandAnswer | None:
        """Return the progress of an answer by hand; None if no question can be answered by hand."""
        assert self._hand is not None
        if now.is_under_way or not (questions.asks_who or questions.reference_s):
            self._hand.forget()
            return None
        answer = self._hand.step(frame.observation, frame.body)
        # No is no answer to who has lifted.
        return HandAnswer() if questions.asks_who and answer.answer == "no" else answer

    def _cue(
        self,
        frame: FrameAnalysis,
        news: Sequence[StepEvent],
        warnings: Sequence[WarningEvent],
        now: CurrentSet,
        *,
        ready: bool,
        ended: bool,
    ) -> Cue | None:
        """Return the cue that is due, if any; `ready` is true if the lifter has just taken the place for a set."""
        found = [cues.warning_cue(warning.text) for warning in warnings if warning.active]
        run = self._exercises.current_run
        of_rep = None if run is None else run.cue
        if run is not None and run.notice_complete_reference(now.learning) and run is self._exercises.last_run:
            found.append(cues.LEARNED)
        if now.summary is not None and SetEndEvent in map(type, news):
            found.append(cues.summary_cue(now.summary))
        known = self._exercises.pop_exercise_to_announce()
        if known is not None:
            found.append(cues.recognition_cue(known.exercise.title))
        if ready:
            found.append(cues.READY)
        if ended:
            return self._one_at_a_time.finish(of_rep, found)
        untrue: set[CueKind] = set()  # kinds of waiting cues that no longer apply
        if RepCompleted in map(type, news):
            untrue |= {"set_over", "ready"}
        problem = self._scene.warnings.active
        if problem is None:
            untrue.add("warning")
        elif problem != "leans" and not any(warning.active for warning in warnings):
            untrue.add("ready")
        return self._one_at_a_time.step(frame.observation.t_s, rep_cue=of_rep, news=found, untrue=untrue)
