"""All decisions, one observation at a time: stage → reps → verdict → sets → cue.

Pure: no thread, no clock, no pixels, no I/O. The same observations give the same steps, to the byte.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from livecoach.coaching import cues
from livecoach.coaching.set_summary import summarize
from livecoach.config.exercise import Exercise
from livecoach.counting.boundary_regression import Boundaries
from livecoach.counting.counter import Counter, StageClassifier
from livecoach.counting.evidence import FORGOTTEN_S
from livecoach.counting.lift_filter import LiftScorer
from livecoach.counting.other_exercises import OtherExercises
from livecoach.counting.outcome import Abandoned, Completed, Outcome
from livecoach.counting.sets import SetTracker, SetUpdate
from livecoach.frame import visibility
from livecoach.frame.body import Body, body
from livecoach.frame.placement import PlacementAdvice, PlacementAdvisor
from livecoach.frame.view import ViewEstimate
from livecoach.judging.corrections import Corrections
from livecoach.judging.referee import NOT_JUDGED, Referee, Ruling, unseen
from livecoach.judging.reference_corrections import CorrectionEffect
from livecoach.rep.window import RecentObservations
from livecoach.types import (
    Correction,
    Cue,
    CueKind,
    JudgedRep,
    Learning,
    Notice,
    Observation,
    PartialRep,
    Rep,
    RepWindow,
    SetSummary,
    Step,
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Decision:
    """What follows from one outcome of counting."""

    news: SetUpdate
    rulings: tuple[Ruling, ...] = ()
    """Rulings on the reps that count, in order: those that were in doubt before, then the completed one."""
    partial: PartialRep | None = None
    window: RepWindow | None = None
    """Window of the partial rep."""
    cue: Cue | None = None

    @property
    def ruling(self) -> Ruling | None:
        """Return the ruling on the completed rep; None where none was completed."""
        return self.rulings[-1] if self.rulings else None


class Pipeline:
    """The state between observations of one source. Make a new one for each source."""

    def __init__(
        self,
        exercise: Exercise,
        stage: StageClassifier,
        referee: Referee,
        *,
        lift: LiftScorer | None = None,
        boundaries: Boundaries | None = None,
        others: Mapping[str, Counter] | None = None,
        learn: bool = True,
        pose: str = "",
    ) -> None:
        """lift, boundaries: as Counter's. others: what counts the reps of other exercises, by their names. learn: tell
        which reps are to be kept, with the name of the pose model."""
        self._exercise, self._referee = exercise.name, referee
        self._learn, self._pose = learn, pose
        self._counter = Counter(exercise, stage, lift, boundaries)
        self._others = OtherExercises(others or {})
        self._view = ViewEstimate()
        self._warnings = visibility.Warnings()
        self._placing = PlacementAdvisor(referee.table.view_deg)
        self._sets = SetTracker(exercise.reps)
        self._corrections = {name: fault.cue for name, fault in referee.table.faults.items()}
        self._policy = cues.CuePolicy(self._corrections, exercise.anomaly_cue)
        self._one_at_a_time = cues.CueQueue()
        self._recent = RecentObservations(FORGOTTEN_S + exercise.reps.max_s + 1.0)
        self._said = Corrections()
        self._last: Step | None = None
        self._notes: tuple[str, ...] = ()
        self._summary: SetSummary | None = None
        self._count = 0
        self._known = False

    def step(self, observation: Observation) -> Step:
        """Take the next observation; times do not fall."""
        seen = body(observation)
        self._recent.remember(observation, whole=seen is not None and seen.inside >= visibility.INSIDE)
        now = visibility.visibility_problem(observation, seen)
        notices = self._warnings.step(
            observation.t_s, now, None if now is None else visibility.problem_text(now, observation)
        )
        if seen is not None:
            self._view.step(seen, observation)
        outcome = self._counter.step(observation.t_s, seen)
        notices += self._others.step(observation.t_s, seen, self._counter.latest)
        decision = self._decide(observation, outcome, seen)
        return self._result(observation, seen, decision, notices)

    def finish(self, last: Observation) -> Step:
        """End the source after `last`: finish the rep and the set under way."""
        decision = self._decide(last, self._counter.finish(), None)
        news = replace(decision.news, in_set=False, over=self._sets.finish().over or decision.news.over)
        return self._result(last, None, replace(decision, news=news), (), ended=True)

    def correct(self, correction: Correction | None, start_s: float | None = None) -> Step | None:
        """Take a correction of a rep: from now on it is counted, learned from and summed up so.

        correction: None takes back what was said last. start_s: of the rep; None for the last one. The step is the one
        of the last observation, with what is different now; None where there is no such rep, or nothing to take back.
        """
        said = self._said.say(correction, start_s)
        if said is None or self._last is None:
            return None
        effect = self._referee.correct(said.rep) if said.changed else CorrectionEffect()
        if said.set == self._sets.index:
            self._sets.recount(said.rep.counts - (said.before is None or said.before.label != "no-rep"))
        if said.changed and (said.rep.label == "good" or not said.rep.counts):
            self._policy.excused()
        if self._summary is not None:
            self._summarize()
        self._last = replace(
            _without_news(self._last),
            count=self._sets.count,
            learning=self._referee.learning(self._view.view),
            summary=self._summary,
        )
        return replace(
            self._last,
            learned=effect.learned if self._learn else (),
            forgotten=effect.forgotten if self._learn else (),
            corrected=replace(said, reference=effect.reference, widened=effect.widened),
        )

    def _decide(self, observation: Observation, outcome: Outcome, seen: Body | None) -> _Decision:
        """Decide what an outcome of counting means for the set, and judge the rep."""
        name = None if self._counter.stage is None else self._counter.stage.stage
        progress = self._counter.progress
        news = self._sets.step(
            observation.t_s, seen, progress=progress, stage=name, counts=isinstance(outcome, Completed)
        )
        if isinstance(outcome, Completed):
            return self._counted(outcome)
        if isinstance(outcome, Abandoned):
            window = self._window(outcome)
            faults = () if outcome.reason == "short" else self._referee.partial(window)
            kept = None if window.view is None else window
            partial = PartialRep(start_s=outcome.start_s, reason=outcome.reason, faults=faults)
            return _Decision(
                news=news, partial=partial, window=kept, cue=self._policy.partial(partial, observation.t_s)
            )
        return _Decision(news=news)

    def _counted(self, completed: Completed) -> _Decision:
        """Count a rep, after the doubtful ones before it that count only now: these get verdicts, but no cue."""
        every = [*((one, True) for one in completed.earlier), (completed, False)]
        judged = [self._judged(one, late=late) for one, late in every]
        began, (news, ruling) = any(news.began for news, _ in judged), judged[-1]
        cue = self._policy.rep(ruling.rep, self._sets.count)
        return _Decision(news=replace(news, began=began), rulings=tuple(ruling for _, ruling in judged), cue=cue)

    def _judged(self, completed: Completed, *, late: bool) -> tuple[SetUpdate, Ruling]:
        """Add a rep that counts to the set, and judge it."""
        self._count += 1
        found = completed.unjudged(self._count, exercise=self._exercise, late=late)
        news = self._sets.counted(found)
        ruling = self._ruling(found, completed)
        self._said.completed(ruling.rep, self._sets.index, self._sets.count)
        if late:
            self._policy.late()
        return news, ruling

    def _ruling(self, found: Rep, completed: Completed) -> Ruling:
        """Judge a rep; one that looks like a rep of another exercise is neither judged nor learned from."""
        doubt = self._others.doubt(completed.start_s, completed.end_s, self._counter.latest)
        if doubt is None:
            window = self._window(completed)
            ruling = self._referee.rep(found, self._sets.count, window)
            return ruling if window.view is not None else replace(ruling, window=None)
        rep = replace(found, unsure=doubt, not_visible=unseen(self._referee.table, NOT_JUDGED))
        return Ruling(rep=rep, window=None)

    def _window(self, outcome: Completed | Abandoned) -> RepWindow:
        times, name = (outcome.start_s, outcome.turn_s, outcome.end_s), str(self._sets.index)
        return self._recent.window(*times, self._view.view, set_name=name, pose=self._pose)

    def _result(
        self,
        observation: Observation,
        seen: Body | None,
        decision: _Decision,
        notices: tuple[Notice, ...],
        *,
        ended: bool = False,
    ) -> Step:
        busy = decision.news.in_set or self._counter.progress is not None
        placed = self._placing.step(observation, seen, self._view.view, busy)
        learned = (*(kept for ruling in decision.rulings for kept in ruling.learned), *self._follow_set(decision))
        forgotten = tuple(kept for ruling in decision.rulings for kept in ruling.forgotten)
        ruling = decision.ruling
        learning = self._referee.learning(self._view.view)
        self._last = Step(
            observation=observation,
            stage=self._counter.stage,
            view=self._view.view,
            progress=self._counter.progress,
            count=self._sets.count,
            rep=None if ruling is None else ruling.rep,
            partial=decision.partial,
            cue=self._cue(observation.t_s, decision, placed, learning, notices, ended=ended),
            notices=notices,
            warning=self._warnings.text or self._others.warning,
            looks_like=self._others.like,
            in_set=decision.news.in_set,
            hint=placed.hint,
            learning=learning,
            summary=self._summary,
            window=decision.window if ruling is None else ruling.window,
            learned=learned if self._learn else (),
            forgotten=forgotten if self._learn else (),
            against=() if ruling is None else ruling.against,
            earlier=tuple(
                JudgedRep(rep=one.rep, window=one.window, against=one.against) for one in decision.rulings[:-1]
            ),
            exercise=self._exercise,
        )
        return self._last

    def _follow_set(self, decision: _Decision) -> tuple[RepWindow, ...]:
        """Follow the set and its summary. Returns what was learned at its end."""
        if decision.news.began:
            self._notes = ()
        if decision.rulings:
            self._summary = None
        if not decision.news.over:
            return ()
        notes, learned = self._referee.set_over()
        self._notes += notes
        self._summarize()
        return learned

    def _summarize(self) -> None:
        index = self._sets.index
        self._summary = summarize(index, self._said.of_set(index), self._corrections, self._notes, self._exercise)

    def _cue(
        self,
        t_s: float,
        decision: _Decision,
        placed: PlacementAdvice,
        learning: Learning | None,
        notices: Sequence[Notice],
        *,
        ended: bool,
    ) -> Cue | None:
        """Choose the cue of this step: at most one, and a rep's before all others."""
        news = [cues.warning(notice.text) for notice in notices if notice.active]
        if placed.ready_now:
            news.append(cues.ready())
        if learning is not None and learning.is_settled and not self._known:
            self._known = True
            if any(ruling.learned for ruling in decision.rulings):
                news.append(cues.learned())
        if decision.news.over and self._summary is not None:
            news.append(cues.set_over(self._summary))
        if ended:
            return self._one_at_a_time.finish(decision.cue, news)
        return self._one_at_a_time.step(t_s, rep=decision.cue, news=news, untrue=self._untrue(decision, notices))

    def _untrue(self, decision: _Decision, notices: Sequence[Notice]) -> set[CueKind]:
        """Return the kinds of cues that waited and no longer hold."""
        kinds: set[CueKind] = set()
        if decision.rulings:
            kinds |= {"set_over", "ready"}
        if self._warnings.active is None:
            kinds.add("warning")
        elif not any(notice.active for notice in notices):
            kinds.add("ready")
        return kinds


def _without_news(step: Step) -> Step:
    """Return a step without the news that came with it."""
    nothing = dict.fromkeys(("rep", "partial", "cue", "window")) | dict.fromkeys(
        ("notices", "learned", "forgotten", "against", "earlier"), ()
    )
    return replace(step, **nothing)  # type: ignore[arg-type]
