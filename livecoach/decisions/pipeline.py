"""The decisions of a run: which exercise is done, and what its counter and judge make of each observation.

How a set gets its name, and may get another, stands in docs/design.md, "Recognition". A given exercise is a name that
is settled from the beginning. Each exercise counts with a state of its own. One that takes over catches up on the
observations since the last rep, or on all of the set while its name is open. An exercise resumes as long as no set of
another one came between; otherwise it begins anew, with the lifter's reference at that time. Numbers of sets and reps
run on. Nothing is learned from a set whose name stays in doubt.
"""

from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from types import MappingProxyType
from typing import Any

from livecoach.core.types import (
    Correction,
    Cue,
    CueKind,
    Learning,
    News,
    Notice,
    Observation,
    Recognition,
    Rep,
    RepWindow,
    SetMark,
    Standards,
    Step,
)
from livecoach.decisions.coaching import cues
from livecoach.decisions.exercise_run import ExerciseParts, ExerciseRun, ShadowCount, joined, memory_s
from livecoach.decisions.judging.corrections import Corrections
from livecoach.decisions.recognition.naming import BELIEVED, Naming, OtherLift
from livecoach.decisions.recognition.recogniser import Recogniser
from livecoach.decisions.scene import FrameAnalysis, Scene, SetFrames
from livecoach.perception.body.placement import PlacementAdvisor

LIKELIER_THAN_ALL_ELSE = 0.5  # from which an exercise counts at the end of a source where none was ever known
NO_NEWS: Mapping[str, Any] = MappingProxyType(
    {field.name: field.default for field in fields(News)}
    | {"notices": (), "learned": (), "withdrawn": (), "chosen": False}
)
ANYWHERE_DEG = (0.0, 180.0)  # while the exercise is not known the lifter is not asked to turn


class Pipeline:
    """Between observations of one source. Make a new one for each source."""

    def __init__(
        self,
        exercises: Sequence[ExerciseParts],
        recogniser: Recogniser | None = None,
        *,
        given: str | None = None,
        learn: bool = True,
        pose: str = "",
    ) -> None:
        """exercises: that can be counted. recogniser: of a given exercise it only notices another one; None notices
        nothing. given: name of the exercise that the lifter does. learn: the steps hold the reps to be kept. pose: name
        of the pose model."""
        self._log, self._scene = Corrections(), Scene()
        self._runs = {parts.exercise.name: ExerciseRun(parts, self._log, pose=pose) for parts in exercises}
        self._recogniser = recogniser
        self._learn = learn
        self._placing = PlacementAdvisor(ANYWHERE_DEG)
        self._one_at_a_time = cues.CueQueue()
        self._step: Step | None = None  # the last one
        self._frames = SetFrames(max(memory_s(parts.exercise) for parts in exercises))
        self._run: ExerciseRun | None = None  # the exercise that is being counted
        self._last: ExerciseRun | None = None  # the exercise of the set under way, or of the last one
        self._naming = Naming()  # of the set under way, or of the next one
        self._has_counted = False  # a rep of the set that `_naming` names
        self._rival: ShadowCount | None = None  # what another exercise finds in the set under way
        self._open_set: int | None = None  # number of the last set, if its name is open
        self._doubted: set[str] = set()  # numbers of the sets whose name stayed in doubt
        self._question: tuple[str, ...] = ()
        self._recognition: Recognition | None = None
        self._announced: str | None = None
        self.guess: Recognition | None = None  # the likeliest so far; None once one was known, or without any
        self.counts_guess = False  # only the likeliest exercise counts, because the source has ended and none was known
        self._other: OtherLift | None = None  # than the given exercise
        if given is not None:
            self._run, self._announced = self._runs[given], given
            self._naming = Naming(given, is_given=True)
            self._other = OtherLift((given, self._run.exercise.motion), recogniser)

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
        self._frames.add(frame)
        withdrawn: tuple[Rep, ...] = ()
        if not self._naming.settled and self._recogniser is not None:
            self._recognition = self._recogniser.step(observation, frame.body)
            self._naming.add(self._recognition)
            self._remember_guess(self._recognition)
            if self._has_counted:
                withdrawn = self._renamed()
            else:
                self._run = self._likeliest()
        return self._advance(frame, withdrawn=withdrawn)

    def choose(self, name: str) -> Step | None:
        """Choose the exercise of the set whose name is open, or of the movements so far. Return the step of the last
        observation with the changes; None where the name is settled, or there is no such exercise or observation."""
        if self._is_settled or not self._frames.recent or name not in self._runs:
            return None
        run, withdrawn = self._runs[name], tuple[Rep, ...]()
        if self._last is None:
            run.counter.name()
        elif self._last is not run:
            if ShadowCount(run, named=True).follow(self._frames.recent, self._frames.before):
                withdrawn = self._recount(run, named=True)
            elif self._in_set:
                return None
        self._run, self._open_set, self._question = run, None, ()
        if self._in_set or self._last is None:
            self._naming.settled = True
        else:
            self._naming = Naming(name)
        return self._advance(self._frames.recent[-1], chosen=True, withdrawn=withdrawn)

    def finish(self, last: Observation) -> Step:
        """Finish the rep and the set under way."""
        frame = self._frames.recent[-1] if self._frames.recent else self._scene.step(last)
        news = News() if self._run is None else self._run.finish(frame)
        if not news.judged and self._last is None:
            news = self._of_guess(frame) or news
        self._follow(news)
        step = self._build(frame, news, (), ended=True)
        if not self.known and self._last is not None:
            self.guess, self.counts_guess = step.recognition, True
        return step

    def mark_set(self, mark: SetMark) -> bool:
        """End the set, or let the next rep begin one, from the next observation on; return whether that is possible.
        Before the first set, the next rep begins one anyway."""
        return mark == "start" if self._last is None else self._last.sets.mark(mark)

    def hold_to(self, standards: Standards) -> None:
        """From the next rep on."""
        for run in self._runs.values():
            run.referee.hold_to(standards)

    def correct(self, correction: Correction | None, start_s: float | None = None) -> Step | None:
        """Counting, learning and summaries follow it from now on, and the name of the rep's set is settled: a rep that
        was corrected is not withdrawn. correction: None undoes the last one. start_s: None for the last rep. Return
        the step of the last observation with the changes; None where there is nothing to correct or undo."""
        said = self._log.say(correction, start_s)
        if said is None or said.rep.exercise is None:
            return None
        if said.set == self._log.last_set:
            self._naming.settled |= self._has_counted
            self._open_set, self._question = None, ()
            self._frames.forget()
        effect = self._runs[said.rep.exercise].correct(said)
        if self._step is None:
            return None
        self._step = replace(
            self._step,
            **NO_NEWS,
            count=0 if self._last is None else self._last.sets.count,
            learning=self._learning(self._frames.recent[-1]),
            summary=None if self._last is None else self._last.summary,
        )
        return replace(
            self._step,
            learned=effect.learned if self._learn else (),
            forgotten=effect.forgotten if self._learn else (),
            corrected=replace(said, reference=effect.reference, widened=effect.widened),
        )

    @property
    def _in_set(self) -> bool:
        return self._last is not None and self._last.sets.in_set

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
        enough = self._naming.enough(counting.name, self._frames.reps)
        return self._recount(rival) if self._found(rival) >= enough else ()

    def _found(self, rival: ExerciseRun) -> int:
        """Reps that another exercise finds in the set under way, or since the last one."""
        if self._rival is None or self._rival.run is not rival:
            self._rival = ShadowCount(rival)
        return self._rival.follow(self._frames.recent, self._frames.before)

    def _recount(self, run: ExerciseRun, *, named: bool = False) -> tuple[Rep, ...]:
        """Withdraw the reps of the last set, let another exercise count it anew, and return them."""
        before = self._last
        assert before is not None
        withdrawn = before.withdraw(self._frames.reps)
        run.begin(before.sets.index, named=named)
        self._frames.restore()
        self._run = self._last = run
        self._naming.settled = True
        self._open_set = None
        return withdrawn

    def _remember_guess(self, now: Recognition) -> None:
        if self.known or self._has_counted:
            self.guess = None
        elif now.name is not None and (self.guess is None or now.probability > self.guess.probability):
            self.guess = now

    def _of_guess(self, last: FrameAnalysis) -> News | None:
        """Of the likeliest exercise where none was known and none counted; None where none was likely enough."""
        guess = self.guess
        if guess is None or guess.name not in self._runs or guess.probability < LIKELIER_THAN_ALL_ELSE:
            return None
        run = self._runs[guess.name]
        if guess.probability >= BELIEVED:
            run.begin(0, named=True)
        news = joined([run.catch_up(self._frames.recent), run.finish(last)], in_set=False)
        if not news.judged and guess.probability < BELIEVED:
            return None
        self._run, self._recognition, self.counts_guess = run, guess, True
        return news

    def _advance(self, frame: FrameAnalysis, *, chosen: bool = False, withdrawn: tuple[Rep, ...] = ()) -> Step:
        """Pass the remembered frames to the exercise, and return the step of the latest one."""
        run, news = self._run, News()
        if run is not None:
            if self._last is not None and run.sets.index < self._last.sets.index:
                run.begin(self._last.sets.index)
            if self._naming.going_on == run.name:
                run.counter.name()
            news = run.catch_up(self._frames.recent)
            self._follow(news)
        if chosen:
            return self._build(frame, news, (), chosen=True, withdrawn=withdrawn)
        other = (
            () if self._other is None else self._other.step(frame.observation, frame.body, counted=bool(news.judged))
        )
        return self._build(frame, news, (*frame.notices, *other), withdrawn=withdrawn)

    def _follow(self, news: News) -> None:
        if news.judged:
            self._follow_rep(news)
        if news.set_over:
            self._end_set()

    def _follow_rep(self, news: News) -> None:
        """Another exercise may count only what comes after the last rep, or all of the set while its name is open."""
        self._last, counted = self._run, self._run
        assert counted is not None
        if not self._has_counted:
            self._begin_set(counted, began=news.set_began)
        self._has_counted = True
        self._frames.counted(len(news.judged), news.judged[-1].rep.end_s)
        self._naming.settle(counted.name)
        if self._frames.is_full:
            self._naming.settled = True

    def _begin_set(self, counted: ExerciseRun, *, began: bool) -> None:
        """Begin a set, or go on with the last one, which keeps its name."""
        doubted = self._open_set is not None
        if began:
            self._doubt_last()
            self._frames.forget()
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
            self._frames.forget()
        self._naming, self._has_counted = self._naming.next(name, doubted=self._open_set is not None), False
        self._run, self._rival = self._last, None
        if self._recogniser is not None and self._other is None:
            self._recogniser.forget(name)

    def _build(
        self,
        frame: FrameAnalysis,
        news: News,
        notices: tuple[Notice, ...],
        *,
        chosen: bool = False,
        ended: bool = False,
        withdrawn: tuple[Rep, ...] = (),
    ) -> Step:
        """The step with its placement hint and at most one cue. ended: the source."""
        if self._naming.settled and self._has_counted:
            self._open_set = None
            self._frames.forget()
        run, last, in_set = self._run, self._last, self._in_set
        was_in_set = self._step is not None and self._step.in_set
        whole = bool(news.judged) and not (in_set or was_in_set)  # a set that began and ended unrecognised
        busy = in_set or (run is not None and run.counter.progress is not None)
        next_one = run or last  # the next set most likely has the same exercise
        self._placing.wanted_deg = ANYWHERE_DEG if next_one is None else next_one.judge.table.view_deg
        placed = self._placing.step(frame.observation, None if ended else frame.body, frame.view, busy)
        learning = self._learning(frame)
        more = [*self._cues(news, notices, learning), *([cues.READY] if placed.ready_now else [])]
        other, is_open = self._other, self._open_set is not None
        if ended:
            self._doubt_last()
        self._step = Step(
            observation=frame.observation,
            judged=news.judged,
            partial=news.partial,
            set_began=whole or (in_set and not was_in_set),
            set_over=whole or (was_in_set and not in_set),
            cue=self._one_cue(frame, news, notices, more, ended=ended),
            stage=None if run is None else run.counter.stage,
            view=frame.view,
            progress=None if run is None else run.shown_progress,
            count=0 if last is None else last.sets.count,
            notices=notices,
            warning=self._scene.warnings.text or (None if other is None else other.warning),
            problem=self._scene.warnings.active,
            lifter_px=None if frame.body is None else frame.body.size_px,
            looks_like=None if other is None else other.like,
            in_set=in_set,
            hint=placed.hint,
            standard_hidden=not busy and next_one is not None and next_one.referee.hides(frame.view),
            learning=learning,
            summary=None if last is None else last.summary,
            learned=self._learned() if ended and self._learn and not self.counts_guess else (),
            exercise=self._known_exercise,
            recognition=self._recognition,
            chosen=chosen,
            set_index=0 if last is None else last.sets.index,
            is_open=is_open,
            question=() if in_set else self._question,
            withdrawn=withdrawn,
        )
        return self._step

    def _learning(self, frame: FrameAnalysis) -> Learning | None:
        return None if self._run is None else self._run.judge.learning(frame.view)

    def _cues(self, news: News, notices: Sequence[Notice], learning: Learning | None) -> list[Cue]:
        """Of what is new but for a rep."""
        found = [cues.warning(notice.text) for notice in notices if notice.active]
        if self._run is not None and self._run.settles(learning) and news.judged:
            found.append(cues.LEARNED)
        if news.set_over and self._last is not None and self._last.summary is not None:
            found.append(cues.set_over(self._last.summary))
        name = self._known_exercise
        if name is not None and name != self._announced and self._open_set is None and not self.counts_guess:
            self._announced = name
            found.append(cues.recognised(self._runs[name].exercise.title))
        return found

    def _one_cue(
        self, frame: FrameAnalysis, news: News, notices: Sequence[Notice], more: Sequence[Cue], *, ended: bool
    ) -> Cue | None:
        if ended:
            return self._one_at_a_time.finish(news.cue, more)
        untrue: set[CueKind] = set()  # kinds of waiting cues that no longer apply
        if news.judged:
            untrue |= {"set_over", "ready"}
        if self._scene.warnings.active is None:
            untrue.add("warning")
        elif not any(notice.active for notice in notices):
            untrue.add("ready")
        return self._one_at_a_time.step(frame.observation.t_s, rep=news.cue, news=more, untrue=untrue)

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
