"""The decisions of a run whose exercise is recognised.

How a set gets its name, and may get another, stands in docs/design.md, "Recognition". Each exercise counts with a state
of its own. One that takes over catches up on the observations since the last rep, or on all of the set while its name
is open. An exercise resumes as long as no set of another one came between; otherwise it begins anew, with the lifter's
reference at that time. Numbers of sets and reps run on. Nothing is learned from a set whose name stays in doubt.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import replace

from livecoach.core.types import Correction, Notice, Observation, Recognition, Rep, RepWindow, SetMark, Standards, Step
from livecoach.decisions.exercise_run import (
    NOTHING,
    Decision,
    ExerciseParts,
    ExerciseRun,
    ShadowCount,
    join_decisions,
    memory_s,
)
from livecoach.decisions.judging.corrections import Corrections
from livecoach.decisions.recognition.naming import BELIEVED, Naming
from livecoach.decisions.recognition.recogniser import Recogniser
from livecoach.decisions.scene import FrameAnalysis, Scene
from livecoach.decisions.step_builder import StepBuilder

LIKELIER_THAN_ALL_ELSE = 0.5  # from which an exercise counts at the end of a source where none was ever known
MOST_KEPT = 5400
"""Observations of an open set that are kept, 27 MB: three minutes at 30 a second. A longer set keeps its name. Our
choice."""


class AutoPipeline:
    """Between observations of one source. Make a new one for each source."""

    def __init__(
        self, exercises: Sequence[ExerciseParts], recogniser: Recogniser, *, learn: bool = True, pose: str = ""
    ) -> None:
        """exercises: that can be counted. learn: the steps hold the reps to be kept. pose: name of the pose model."""
        self._log, self._scene = Corrections(), Scene()
        self._runs = {parts.exercise.name: ExerciseRun(parts, self._log, pose=pose) for parts in exercises}
        self._recogniser = recogniser
        self._builder = StepBuilder(self._scene, learn=learn)
        self._longest_s = max(memory_s(parts.exercise) for parts in exercises)
        self._recent: deque[FrameAnalysis] = deque()  # those since the last rep that counted
        self._kept: list[FrameAnalysis] = []  # those before, of the set whose name is open
        self._run: ExerciseRun | None = None  # the exercise that is being counted
        self._last: ExerciseRun | None = None  # the exercise of the set under way, or of the last one
        self._naming = Naming()  # of the set under way, or of the next one
        self._in_set = False
        self._has_counted = False  # a rep of the set that `_naming` names
        self._rival: ShadowCount | None = None  # what another exercise finds in the set under way
        self._open_set: int | None = None  # number of the last set, if its name is open
        self._doubted: set[str] = set()  # numbers of the sets whose name stayed in doubt
        self._question: tuple[str, ...] = ()
        self._recognition: Recognition | None = None
        self._announced: str | None = None
        self.guess: Recognition | None = None  # the likeliest so far; None once one was known, or without any
        self.counts_guess = False  # only the likeliest exercise counts, because the source has ended and none was known

    @property
    def known(self) -> bool:
        return self._announced is not None

    @property
    def refused(self) -> int:
        """Movements out and back that the likeliest exercise did not take for reps."""
        run = self._run if self.guess is None else self._runs.get(self.guess.name or "")
        return 0 if run is None else run.counter.refused

    def step(self, observation: Observation) -> Step:
        """Times do not fall."""
        frame = self._scene.step(observation)
        self._recent.append(frame)
        while observation.t_s - self._recent[0].observation.t_s > self._longest_s:
            self._recent.popleft()
        withdrawn: tuple[Rep, ...] = ()
        if not self._naming.settled:
            self._recognition = self._recogniser.step(observation, frame.body)
            self._naming.add(self._recognition)
            self._remember_guess(self._recognition)
            if self._has_counted:
                withdrawn = self._renamed()
            else:
                self._run = self._likeliest()
        return self._advance(frame, frame.notices, withdrawn=withdrawn)

    def choose(self, name: str) -> Step | None:
        """Choose the exercise of the set whose name is open, or of the movements so far. Return the step of the last
        observation with the changes; None where the name is settled, or there is no such exercise or observation."""
        if self._is_settled or not self._recent or name not in self._runs:
            return None
        run, withdrawn = self._runs[name], tuple[Rep, ...]()
        if self._last is None:
            run.counter.name()
        elif self._last is not run:
            if ShadowCount(run, named=True).follow(self._recent, self._kept):
                withdrawn = self._recount(run, named=True)
            elif self._in_set:
                return None
        self._run, self._open_set, self._question = run, None, ()
        if self._in_set or self._last is None:
            self._naming.settled = True
        else:
            self._naming = Naming(name)
        return self._advance(self._recent[-1], (), chosen=True, withdrawn=withdrawn)

    def finish(self, last: Observation) -> Step:
        """Finish the rep and the set under way."""
        frame = self._recent[-1] if self._recent else self._scene.step(last)
        decision = NOTHING if self._run is None else self._run.finish(frame)
        if not decision.verdicts and self._last is None:
            decision = self._of_guess(frame) or decision
        self._follow(decision)
        if decision.news.over:
            self._end_set()
        step = self._build(frame, decision, (), ended=True)
        if not self.known and self._last is not None:
            self.guess, self.counts_guess = step.recognition, True
        return step

    def mark_set(self, mark: SetMark) -> bool:
        """As Pipeline.mark_set. Before the first set, the next rep begins one anyway."""
        return mark == "start" if self._last is None else self._last.sets.mark(mark)

    def hold_to(self, standards: Standards) -> None:
        for run in self._runs.values():
            run.referee.hold_to(standards)

    def correct(self, correction: Correction | None, start_s: float | None = None) -> Step | None:
        """As Pipeline.correct. It settles the name of the rep's set: a rep that was corrected is not withdrawn."""
        said = self._log.say(correction, start_s)
        if said is None or said.rep.exercise is None:
            return None
        if said.set == self._log.last_set:
            self._naming.settled |= self._has_counted
            self._open_set, self._question = None, ()
            self._kept.clear()
        effect = self._runs[said.rep.exercise].correct(said)
        return self._builder.corrected(said, effect, self._run, self._last)

    @property
    def _is_settled(self) -> bool:
        """The name of the last set, or before any set that of the movement under way: there is nothing to choose."""
        if self._last is not None:
            return self._open_set is None
        return self._naming.settled or (self._recognition is not None and self._recognition.sure)

    def _likeliest(self) -> ExerciseRun | None:
        """To count while no rep of the set has counted: the likeliest, else the one before until none is done."""
        name, run, before = self._naming.likeliest, self._run, self._naming.going_on
        if before is not None and name != before:
            rival = self._runs.get(name or "")
            if rival is None or self._found(rival) < self._naming.enough(before, 0):
                return self._runs[before]
        if name in self._runs:
            return self._runs[name]
        return None if name is None and run is not None and run.counter.progress is None else run

    def _renamed(self) -> tuple[Rep, ...]:
        """Count the set anew if its name settles otherwise, and return the reps that are withdrawn."""
        counting = self._run
        assert counting is not None
        self._naming.settle(counting.name)
        rival = self._runs.get(self._naming.rival(counting.name) or "")
        if rival is None:
            return ()
        counted = self._log.completed_since(self._since_s)
        return self._recount(rival) if self._found(rival) >= self._naming.enough(counting.name, counted) else ()

    def _found(self, rival: ExerciseRun) -> int:
        """Reps that another exercise finds in the set under way, or since the last one."""
        if self._rival is None or self._rival.run is not rival:
            self._rival = ShadowCount(rival)
        return self._rival.follow(self._recent, self._kept)

    @property
    def _since_s(self) -> float:
        """From which the set can be counted anew."""
        return (self._kept or self._recent)[0].observation.t_s

    def _recount(self, run: ExerciseRun, *, named: bool = False) -> tuple[Rep, ...]:
        """Withdraw the reps of the last set, let another exercise count it anew, and return them."""
        before = self._last
        assert before is not None
        withdrawn = before.withdraw(self._since_s)
        run.begin(before.sets.index, named=named)
        self._recent.extendleft(reversed(self._kept))
        self._kept.clear()
        self._run = self._last = run
        self._naming.settled = True
        self._open_set = None
        return withdrawn

    def _remember_guess(self, now: Recognition) -> None:
        if self.known or self._has_counted:
            self.guess = None
        elif now.name is not None and (self.guess is None or now.probability > self.guess.probability):
            self.guess = now

    def _of_guess(self, last: FrameAnalysis) -> Decision | None:
        """Of the likeliest exercise where none was known and none counted; None where none was likely enough."""
        guess = self.guess
        if guess is None or guess.name not in self._runs or guess.probability < LIKELIER_THAN_ALL_ELSE:
            return None
        run = self._runs[guess.name]
        if guess.probability >= BELIEVED:
            run.begin(0, named=True)
        decision = join_decisions([run.catch_up(self._recent), run.finish(last)])
        if not decision.verdicts and guess.probability < BELIEVED:
            return None
        self._run, self._recognition, self.counts_guess = run, guess, True
        return decision

    def _advance(
        self,
        frame: FrameAnalysis,
        notices: tuple[Notice, ...],
        *,
        chosen: bool = False,
        withdrawn: tuple[Rep, ...] = (),
    ) -> Step:
        """Pass the remembered frames to the exercise, and return the step of the latest one."""
        run, decision = self._run, NOTHING
        if run is not None:
            if self._last is not None and run.sets.index < self._last.sets.index:
                run.begin(self._last.sets.index)
            if self._naming.going_on == run.name:
                run.counter.name()
            decision = run.catch_up(self._recent)
            self._follow(decision)
        if decision.news.over:
            self._end_set()
        return self._build(frame, decision, notices, chosen=chosen, withdrawn=withdrawn)

    def _follow(self, decision: Decision) -> None:
        """Another exercise may count only what comes after the last rep, or all of the set while its name is open."""
        self._in_set = decision.news.in_set
        if not decision.verdicts:
            return
        self._last, counted = self._run, self._run
        assert counted is not None
        if not self._has_counted:
            self._begin_set(counted, began=decision.news.began)
        self._has_counted = True
        end_s = decision.verdicts[-1].rep.end_s
        while self._recent and self._recent[0].observation.t_s <= end_s and len(self._recent) > 1:
            self._kept.append(self._recent.popleft())
        self._naming.settle(counted.name)
        if len(self._kept) > MOST_KEPT:
            self._naming.settled = True

    def _begin_set(self, counted: ExerciseRun, *, began: bool) -> None:
        """Begin a set, or go on with the last one, which keeps its name."""
        doubted = self._open_set is not None
        if began:
            self._doubt_last()
            self._kept.clear()
            self._question = ()
        if doubted or self._naming.going_on != counted.name:
            self._open_set = counted.sets.index

    def _doubt_last(self) -> None:
        """If its name is open: nobody has answered."""
        if self._open_set is not None:
            self._doubted.add(str(self._open_set))
            self._open_set = None

    def _end_set(self) -> None:
        """Ask for the set's name if that is in doubt, and begin to name the next one."""
        assert self._last is not None
        name = self._last.name
        self._recognition = self._naming.summary(name) if self._open_set is not None else self._recognition
        if self._naming.believes(name):
            self._open_set = None
        self._question = () if self._open_set is None else self._naming.doubts(name)
        if self._open_set is None:
            self._kept.clear()
        self._naming, self._has_counted = Naming(name, doubted=self._open_set is not None), False
        self._run, self._rival = self._last, None
        self._recogniser.forget(name)

    def _build(
        self,
        frame: FrameAnalysis,
        decision: Decision,
        notices: tuple[Notice, ...],
        *,
        chosen: bool = False,
        ended: bool = False,
        withdrawn: tuple[Rep, ...] = (),
    ) -> Step:
        if self._naming.settled and self._has_counted:
            self._open_set = None
            self._kept.clear()
        exercise, is_open = self._known_exercise, self._open_set is not None
        if ended:
            self._doubt_last()
        title = None
        if exercise is not None and not is_open and not self.counts_guess and exercise != self._announced:
            self._announced, title = exercise, self._runs[exercise].exercise.title
        step = self._builder.build(frame, decision, self._run, self._last, notices=notices, title=title, ended=ended)
        return self._builder.told(
            replace(
                step,
                exercise=exercise,
                recognition=self._recognition,
                chosen=chosen,
                learned=self._learned() if ended and not self.counts_guess else (),
                is_open=is_open,
                question=() if decision.news.in_set else self._question,
                withdrawn=withdrawn,
            )
        )

    @property
    def _known_exercise(self) -> str | None:
        """None before the first rep, unless the exercise goes on or is sure."""
        run, now = self._run, self._recognition
        if run is None:
            return None
        sure = self._naming.settled or (now is not None and now.sure and now.name == run.name)
        known = sure or self._has_counted or self.counts_guess or self._naming.going_on == run.name
        return run.name if known else None

    def _learned(self) -> tuple[RepWindow, ...]:
        """Of the finished run: none of a set whose name stayed in doubt."""
        return tuple(
            rep for run in self._runs.values() for rep in run.judge.run_over() if rep.set_name not in self._doubted
        )
