"""The decisions of a run: which exercise is done, and what its counter and judge make of each observation.

How a set gets its name, and may get another, stands in docs/design.md, "Recognition". A given exercise is a name that
is settled from the beginning. Each exercise counts with a state of its own. One that takes over catches up on the
observations since the last rep, or on all of the set while its name is open. An exercise resumes as long as no set of
another one came between; otherwise it begins anew, with the lifter's reference at that time. Numbers of sets and reps
run on. Nothing is learned from a set whose name stays in doubt.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from livecoach.core.types import (
    Correction,
    Cue,
    CueKind,
    Learning,
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
from livecoach.decisions.exercise_run import ExerciseParts, ExerciseRun, News, ShadowCount
from livecoach.decisions.judging.corrections import Corrections
from livecoach.decisions.recognition.naming import BELIEVED, Naming, OtherLift
from livecoach.decisions.recognition.recogniser import Recogniser
from livecoach.decisions.scene import FrameAnalysis, Frames, Scene
from livecoach.perception.body.placement import PlacementAdvisor

LIKELIER_THAN_ALL_ELSE = 0.5  # from which an exercise counts at the end of a source where none was ever known
NO_NEWS: Mapping[str, Any] = MappingProxyType(
    dict.fromkeys(("judged", "notices", "learned", "withdrawn"), ())
    | dict.fromkeys(("set_began", "set_over", "chosen"), False)
    | {"partial": None, "cue": None}
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
        self._frames = Frames(max(parts.memory_s for parts in exercises))
        self._runs = {
            parts.exercise.name: ExerciseRun(parts, self._log, self._frames, pose=pose) for parts in exercises
        }
        self._recogniser, self._learn = recogniser, learn
        self._naming = Naming(given)
        self._run = None if given is None else self._runs[given]  # the exercise that is being counted
        self._last: ExerciseRun | None = None  # the exercise of the set under way, or of the last one
        self._rival: ShadowCount | None = None  # what another exercise finds in the set under way
        self._other = None if given is None else OtherLift((given, self._runs[given].exercise.motion), recogniser)
        self._placing = PlacementAdvisor(ANYWHERE_DEG)
        self._one_at_a_time = cues.CueQueue()
        self._step: Step | None = None  # the last one
        self._recognition: Recognition | None = None
        self._announced = given
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
        self._frames.add(frame)
        withdrawn = self._recognise(frame)
        news = self._count()
        notices = frame.notices
        if self._other is not None:
            notices += self._other.step(observation, frame.body, counted=bool(news.judged))
        return self._build(frame, news, notices, withdrawn=withdrawn)

    def choose(self, name: str) -> Step | None:
        """Choose the exercise of the set whose name is open, or of the movements so far. Return the step of the last
        observation with the changes; None where the name is settled, or there is no such exercise or observation."""
        frame = self._frames.last
        if self._is_settled or frame is None or name not in self._runs:
            return None
        run, withdrawn = self._runs[name], tuple[Rep, ...]()
        if self._last is None:
            run.counter.name()
        elif self._last is not run:
            if ShadowCount(run, named=True).follow(self._frames):
                withdrawn = self._recount(run, named=True)
            elif self._in_set:
                return None
        self._run = run
        self._naming.answer()
        if self._in_set or self._last is None:
            self._naming.settled = True
        else:
            self._naming.begin(name)
        return self._build(frame, self._count(), (), withdrawn=withdrawn, chosen=True)

    def finish(self, last: Observation) -> Step:
        """Finish the rep and the set under way."""
        frame = self._frames.last or self._scene.step(last)
        news = News()
        if self._run is not None:
            self._run.finish(frame, news)
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
            self._naming.settled |= self._naming.has_counted
            self._naming.answer()
            self._frames.forget()
        effect, frame = self._runs[said.rep.exercise].correct(said), self._frames.last
        if self._step is None or frame is None:
            return None
        self._step = replace(
            self._step,
            **NO_NEWS,
            count=0 if self._last is None else self._last.sets.count,
            learning=self._learning(frame),
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
            return not self._naming.is_open
        return self._naming.settled or (self._recognition is not None and self._recognition.sure)

    def _recognise(self, frame: FrameAnalysis) -> tuple[Rep, ...]:
        """Find out which exercise is done, and return the reps that are withdrawn because it is another one."""
        if self._naming.settled or self._recogniser is None:
            return ()
        now = self._recognition = self._recogniser.step(frame.observation, frame.body)
        self._naming.add(now)
        if self.known or self._naming.has_counted:
            self.guess = None
        elif now.name is not None and (self.guess is None or now.probability > self.guess.probability):
            self.guess = now
        if self._naming.has_counted:
            return self._renamed()
        self._run = self._likeliest()
        return ()

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
        return self._rival.follow(self._frames)

    def _recount(self, run: ExerciseRun, *, named: bool = False) -> tuple[Rep, ...]:
        """Withdraw the reps of the last set, let another exercise count it anew, and return them."""
        before = self._last
        assert before is not None
        withdrawn = before.withdraw(self._frames.reps)
        run.begin(before.sets.index, named=named)
        self._frames.restore()
        self._run = self._last = run
        self._naming.settled = True
        self._naming.answer()
        return withdrawn

    def _of_guess(self, last: FrameAnalysis) -> News | None:
        """Of the likeliest exercise where none was known and none counted; None where none was likely enough."""
        guess = self.guess
        if guess is None or guess.name not in self._runs or guess.probability < LIKELIER_THAN_ALL_ELSE:
            return None
        run = self._runs[guess.name]
        if guess.probability >= BELIEVED:
            run.begin(0, named=True)
        news = run.catch_up()
        run.finish(last, news)
        if not news.judged and guess.probability < BELIEVED:
            return None
        self._run, self._recognition, self.counts_guess = run, guess, True
        return news

    def _count(self) -> News:
        """Pass the frames that it lacks to the exercise that is done."""
        run = self._run
        if run is None:
            return News()
        if self._last is not None and run.sets.index < self._last.sets.index:
            run.begin(self._last.sets.index)
        if self._naming.going_on == run.name:
            run.counter.name()
        news = run.catch_up()
        self._follow(news)
        return news

    def _follow(self, news: News) -> None:
        """Another exercise may count only what comes after the last rep, or all of the set while its name is open."""
        if news.judged and self._run is not None:
            self._last = self._run
            if news.set_began and not self._naming.has_counted:
                self._frames.forget()
            self._naming.counted(self._run.name, self._run.sets.index, began=news.set_began)
            self._frames.counted(len(news.judged), news.judged[-1].rep.end_s)
            self._naming.settled |= self._frames.is_full
        if news.set_over and self._last is not None:
            name = self._last.name
            self._recognition = self._naming.over(name) or self._recognition
            if not self._naming.is_open:
                self._frames.forget()
            self._run, self._rival = self._last, None
            if self._recogniser is not None and self._other is None:
                self._recogniser.forget(name)

    def _build(
        self,
        frame: FrameAnalysis,
        news: News,
        notices: tuple[Notice, ...],
        *,
        withdrawn: tuple[Rep, ...] = (),
        chosen: bool = False,
        ended: bool = False,
    ) -> Step:
        """The step with its placement hint and at most one cue. ended: the source."""
        if self._naming.confirm():
            self._frames.forget()
        run, last, in_set = self._run, self._last, self._in_set
        was_in_set = self._step is not None and self._step.in_set
        whole = bool(news.judged) and not (in_set or was_in_set)  # a set that began and ended unrecognised
        busy = in_set or (run is not None and run.counter.progress is not None)
        next_one = run or last  # the next set most likely has the same exercise
        self._placing.wanted_deg = ANYWHERE_DEG if next_one is None else next_one.judge.table.view_deg
        placed = self._placing.step(frame.observation, None if ended else frame.body, frame.view, busy)
        learning = self._learning(frame)
        cue = self._cue(frame, news, notices, learning, ready=placed.ready_now, ended=ended)
        other, is_open = self._other, self._naming.is_open
        if ended:
            self._naming.give_up()
        self._step = Step(
            observation=frame.observation,
            judged=tuple(news.judged),
            partial=news.partial,
            set_began=whole or (in_set and not was_in_set),
            set_over=whole or (was_in_set and not in_set),
            cue=cue,
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
            question=() if in_set else self._naming.question,
            withdrawn=withdrawn,
        )
        return self._step

    def _learning(self, frame: FrameAnalysis) -> Learning | None:
        return None if self._run is None else self._run.judge.learning(frame.view)

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
        """At most one of what is new. ready: the lifter has just taken the place for a set."""
        found = [cues.warning(notice.text) for notice in notices if notice.active]
        if self._run is not None and self._run.settles(learning) and news.judged:
            found.append(cues.LEARNED)
        if news.set_over and self._last is not None and self._last.summary is not None:
            found.append(cues.set_over(self._last.summary))
        name = self._known_exercise
        if name is not None and name != self._announced and not self._naming.is_open and not self.counts_guess:
            self._announced = name
            found.append(cues.recognised(self._runs[name].exercise.title))
        if ready:
            found.append(cues.READY)
        if ended:
            return self._one_at_a_time.finish(news.cue, found)
        untrue: set[CueKind] = set()  # kinds of waiting cues that no longer apply
        if news.judged:
            untrue |= {"set_over", "ready"}
        if self._scene.warnings.active is None:
            untrue.add("warning")
        elif not any(notice.active for notice in notices):
            untrue.add("ready")
        return self._one_at_a_time.step(frame.observation.t_s, rep=news.cue, news=found, untrue=untrue)

    @property
    def _known_exercise(self) -> str | None:
        """None before the first rep, unless the exercise goes on or is sure."""
        run, now = self._run, self._recognition
        if run is None:
            return None
        sure = self._naming.settled or (now is not None and now.sure and now.name == run.name)
        known = sure or self._naming.has_counted or self.counts_guess or self._naming.going_on == run.name
        return run.name if known else None

    def _learned(self) -> tuple[RepWindow, ...]:
        """Of the finished run: none of a set whose name stayed in doubt."""
        return tuple(
            rep
            for run in self._runs.values()
            for rep in run.judge.run_over()
            if rep.set_name not in self._naming.doubted
        )
