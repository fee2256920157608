"""The decisions of a run: the step of each observation, with the cue for the lifter."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from livecoach.core.types import (
    Correction,
    Cue,
    CueKind,
    HandAnswer,
    Learning,
    Notice,
    Observation,
    Recognition,
    SetMark,
    Standards,
    Step,
    View,
)
from livecoach.decisions.coaching import cues
from livecoach.decisions.coaching.raised_hand import RaisedHand
from livecoach.decisions.exercise_run import ExerciseParts, News
from livecoach.decisions.exercises import Exercises
from livecoach.decisions.judging.camera_place import CameraPlaces
from livecoach.decisions.judging.corrections import RepLog
from livecoach.decisions.recognition.naming import OtherLift
from livecoach.decisions.recognition.recogniser import Recogniser
from livecoach.decisions.scene import FrameAnalysis, Scene
from livecoach.perception.body.placement import PlacementAdvisor

NO_NEWS: Mapping[str, Any] = MappingProxyType(
    dict.fromkeys(("judged", "notices", "withdrawn"), ())
    | dict.fromkeys(("set_began", "set_over", "chosen"), False)
    | {"partial": None, "lowered": None, "cue": None, "hand": None}
)
ANYWHERE_DEG = (0.0, 180.0)  # While the exercise is not known, the lifter is not asked to turn


class Pipeline:
    """Turns the observations of a source into steps, for a lifter and an exercise, or for all exercises."""

    def __init__(
        self,
        exercises: Sequence[ExerciseParts],
        recogniser: Recogniser | None = None,
        *,
        given: str | None = None,
        pose: str = "",
        log: RepLog | None = None,
        by_hand: bool = False,
    ) -> None:
        """Start a source.

        Args:
            exercises: Exercises that can be counted.
            recogniser: Recognises the exercise or, if it is named, only notices another exercise; None for neither.
            given: Name of the exercise that the lifter has named; None to recognise it.
            pose: Name of the pose model.
            log: The reps of the source so far, by another pipeline; the numbers of sets and reps continue.
            by_hand: Whether a raised hand answers questions, too.
        """
        self._scene = Scene()
        self.log = log or RepLog()
        self._exercises = Exercises(exercises, recogniser, given, pose, self.log)
        self._other = None
        if given is not None:
            self._other = OtherLift((given, self._exercises.runs[given].exercise.motion), recogniser)
        self._placing = PlacementAdvisor(ANYWHERE_DEG)
        self._one_at_a_time = cues.CueQueue()
        self._hand = RaisedHand() if by_hand else None
        self._step: Step | None = None  # the last one

    @property
    def known(self) -> bool:
        """Whether the exercise is known to the lifter."""
        return self._exercises.announced is not None

    @property
    def guess(self) -> Recognition | None:
        """The likeliest exercise so far; None if none is likely, or if an exercise is known and has reps."""
        return None if self.known and self.log.count else self._exercises.guess

    @property
    def counts_guess(self) -> bool:
        """Whether only the likeliest exercise counts, because the source has ended and none was known."""
        return self._exercises.counts_guess

    @property
    def refused(self) -> int:
        """Number of movements out and back that did not count as reps of the likeliest exercise."""
        guess = self.guess
        run = self._exercises.now if self.known or guess is None else self._exercises.runs.get(guess.name or "")
        return 0 if run is None else run.counter.refused

    @property
    def places(self) -> CameraPlaces | None:
        """Places of the camera for the next set, most likely of the same exercise; None while none is known."""
        likeliest = self._exercises.now or self._exercises.last
        return None if likeliest is None else likeliest.places

    def step(self, observation: Observation) -> Step:
        """Return the step of the next observation. Timestamps must never decrease."""
        now = self._exercises.now
        frame = self._scene.step(observation, in_rep=now is not None and now.counter.progress is not None)
        news = self._exercises.step(frame)
        notices = frame.notices
        if self._other is not None:
            notices += self._other.step(observation, frame.body, counted=bool(news.judged))
        return self._build(frame, news, notices)

    def choose(self, name: str) -> Step | None:
        """Choose the exercise of the set whose name is open, or of the movements so far.

        Return the step of the last observation with the changes; None if nothing is chosen, or before any observation.
        """
        frame = self._exercises.frames.last
        news = None if frame is None else self._exercises.choose(name)
        return None if frame is None or news is None else self._build(frame, news, ())

    def before_first(self, last: Step) -> Step:
        """Return the step of another pipeline's last observation, with the state of this pipeline before any."""
        nothing: dict[str, Any] = dict.fromkeys(("recognition", "looks_like", "stage", "progress", "hint", "corrected"))
        return replace(last, **NO_NEWS, **nothing, **self._standing(last.view))

    def finish(self) -> Step | None:
        """Finish the rep and the set under way, and return the last step; None before any observation."""
        frame = self._exercises.frames.last
        if frame is None:
            return None
        step = self._build(frame, self._exercises.finish(frame), (), ended=True)
        self._exercises.over()
        return step

    def mark_set(self, mark: SetMark) -> bool:
        """End the set, or let the next rep begin a set, from the next observation on.

        Return whether that is possible. Before the first set, the next rep begins a set anyway.
        """
        last = self._exercises.last
        return mark == "start" if last is None else last.sets.mark(mark)

    def forget_summary(self, index: int) -> None:
        """Forget the summary of a set that turns out to be somebody else's."""
        last = self._exercises.last
        if last is not None and last.sets.index == index:
            last.summary = None

    def hold_to(self, standards: Standards) -> None:
        """Change the lifter's standards, from the next rep on."""
        for run in self._exercises.runs.values():
            run.referee.hold_to(standards)

    def correct(self, correction: Correction | None, start_s: float | None = None) -> Step | None:
        """Correct a rep, or undo its newest correction.

        Counting, the reference and summaries follow the correction from now on, and the name of the rep's set is
        settled: a rep that was corrected is not withdrawn.

        Args:
            correction: The correction; None to undo the newest correction.
            start_s: Start of the rep; None for the last rep.

        Returns:
            The step of the last observation with the changes; None if there is nothing to correct or undo.
        """
        corrected, frame = self._exercises.correct(correction, start_s), self._exercises.frames.last
        if corrected is None or self._step is None or frame is None:
            return None
        self._step = replace(self._step, **NO_NEWS, **self._standing(frame.view))
        return replace(self._step, corrected=corrected)

    def _build(self, frame: FrameAnalysis, news: News, notices: tuple[Notice, ...], *, ended: bool = False) -> Step:
        """Return the step with its placement hint and at most one cue. `ended` is whether the source has ended."""
        exercises = self._exercises
        run, in_set = exercises.now, exercises.in_set
        was_in_set = self._step is not None and self._step.in_set
        whole = bool(news.judged) and not (in_set or was_in_set)  # a set that began and ended unrecognised
        busy = in_set or (run is not None and run.counter.progress is not None)
        places = self.places
        self._placing.wanted_deg = ANYWHERE_DEG if places is None else places.good_deg
        placed = self._placing.step(frame.observation, None if ended else frame.body, frame.view, busy)
        standing = self._standing(frame.view)
        cue = self._cue(frame, news, notices, standing["learning"], ready=placed.ready_now, ended=ended)
        other = self._other
        self._step = Step(
            observation=frame.observation,
            judged=tuple(news.judged),
            partial=news.partial,
            lowered=news.lowered,
            set_began=whole or (in_set and not was_in_set),
            set_over=whole or (was_in_set and not in_set),
            cue=cue,
            stage=None if run is None else run.counter.stage,
            view=frame.view,
            progress=None if run is None else run.shown_progress,
            notices=notices,
            warning=self._scene.warnings.text or (None if other is None else other.warning),
            problem=self._scene.warnings.active,
            lifter_px=None if frame.body is None else frame.body.size_px,
            looks_like=None if other is None else other.like,
            in_set=in_set,
            hint=placed.hint,
            place_costs=() if places is None else places.costs(frame.view, legs_hidden=frame.legs_hidden),
            recognition=exercises.recognition,
            chosen=news.chosen,
            hand=None if ended else self._answer_by_hand(frame, standing),
            withdrawn=news.withdrawn,
            **standing,
        )
        return self._step

    def _standing(self, view: View | None) -> dict[str, Any]:
        """Return the fields of a step that a correction or another part may change."""
        run, last, naming = self._exercises.now, self._exercises.last, self._exercises.naming
        return {
            "learning": None if run is None else run.judge.learning(view),
            "count": 0 if last is None else last.sets.count,
            "set_index": 0 if last is None else last.sets.index,
            "summary": None if last is None else last.summary,
            "exercise": self._exercises.known,
            "is_open": naming.is_open,
            "question": () if self._exercises.in_set else naming.question,
            "asks_who": bool(self.log.held) and not self._exercises.in_set,
            "asked_for": () if last is None or naming.question else last.judge.own.asked_for(),
        }

    def _answer_by_hand(self, frame: FrameAnalysis, standing: Mapping[str, Any]) -> HandAnswer | None:
        """Return how far a question is answered by hand, from the fields of `_standing`; None if there is none."""
        if self._hand is None:
            return None
        if self._exercises.in_set or not (standing["asks_who"] or standing["asked_for"]):
            self._hand.forget()
            return None
        answer = self._hand.step(frame.observation, frame.body)
        # No is no answer to who has lifted.
        return HandAnswer() if standing["asks_who"] and answer.answer == "no" else answer

    def _cue(
        self,
        frame: FrameAnalysis,
        news: News,
        notices: Sequence[Notice],
        learning: Learning | None,
        *,
        ready: bool,
        ended: bool,
    ) -> Cue | None:
        """Return at most one of the new cues. `ready` is whether the lifter has just taken the place for a set."""
        found = [cues.warning(notice.text) for notice in notices if notice.active]
        run, last = self._exercises.now, self._exercises.last
        if run is not None and run.has_just_settled(learning) and run.sets.count:
            found.append(cues.LEARNED)
        if news.set_over and last is not None and last.summary is not None:
            found.append(cues.set_over(last.summary))
        known = self._exercises.newly_known()
        if known is not None:
            found.append(cues.recognised(known.exercise.title))
        if ready:
            found.append(cues.READY)
        if ended:
            return self._one_at_a_time.finish(news.cue, found)
        untrue: set[CueKind] = set()  # kinds of waiting cues that no longer apply
        if news.judged:
            untrue |= {"set_over", "ready"}
        problem = self._scene.warnings.active
        if problem is None:
            untrue.add("warning")
        elif problem != "leans" and not any(notice.active for notice in notices):
            untrue.add("ready")
        return self._one_at_a_time.step(frame.observation.t_s, rep=news.cue, news=found, untrue=untrue)
