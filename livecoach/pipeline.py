"""All decisions, one observation at a time: stage → reps → verdict → sets → cue.

Pure: no thread, no clock, no pixels, no I/O. The same observations give the same steps, to the byte.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from livecoach.exercise import Exercise
from livecoach.form import cues, gates
from livecoach.form.body import Body, body
from livecoach.form.boundaries import Boundaries
from livecoach.form.corrections import Corrections
from livecoach.form.filters import Exponential, OneEuro
from livecoach.form.placing import Placed, Placing
from livecoach.form.recent import Recent
from livecoach.form.sets import SetNews, SetTracker
from livecoach.form.sighting import Sighting
from livecoach.form.summary import summarize
from livecoach.form.taught import Taught
from livecoach.form.view import ViewEstimate
from livecoach.lifting import LiftModel
from livecoach.referee import Referee, StageModel
from livecoach.reps import Abandoned, Completed, Outcome, RepMachine, away_from_rest, sample_of
from livecoach.types import (
    Correction,
    Cue,
    CueKind,
    KeptRep,
    Learning,
    Notice,
    Observation,
    PartialRep,
    Rep,
    SetSummary,
    StageName,
    StageReading,
    Step,
)

AWAY_CUTOFF_HZ = 1.2
AWAY_SPEED_GAIN = 4.0
"""Hz a unit of `away` a second: 40 ms of lag in mid-lift, 130 ms at rest."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Told:
    """What one outcome of counting leads to."""

    news: SetNews
    rep: Rep | None = None
    partial: PartialRep | None = None
    window: KeptRep | None = None
    learned: tuple[KeptRep, ...] = ()
    forgotten: tuple[KeptRep, ...] = ()
    against: tuple[KeptRep, ...] = ()
    cue: Cue | None = None


class Pipeline:
    """The state between observations of one source. Make a new one for each source."""

    def __init__(
        self,
        exercise: Exercise,
        stage: StageModel,
        referee: Referee,
        *,
        lift: LiftModel | None = None,
        boundaries: Boundaries | None = None,
        learn: bool = True,
        pose: str = "",
    ) -> None:
        """lift, boundaries: as RepMachine's. learn: tell which reps are to be kept, with the name of the pose model."""
        self._exercise, self._stage_model, self._referee = exercise, stage, referee
        self._learn, self._pose = learn, pose
        self._machine = RepMachine(exercise.reps, lift, boundaries)
        self._log_odds = Exponential(exercise.stage.smoothing_s)
        self._away = OneEuro(cutoff_hz=AWAY_CUTOFF_HZ, speed_gain=AWAY_SPEED_GAIN)
        self._view = ViewEstimate()
        self._warnings = gates.Warnings()
        self._placing = Placing(referee.table.view_deg)
        self._sets = SetTracker(exercise.reps.rest)
        self._corrections = {name: fault.cue for name, fault in referee.table.faults.items()}
        self._policy = cues.CuePolicy(self._corrections, exercise.anomaly_cue)
        self._one_at_a_time = cues.OneAtATime()
        self._recent = Recent(exercise.reps.max_s + 1.0)
        self._said = Corrections()
        self._last: Step | None = None
        self._notes: tuple[str, ...] = ()
        self._summary: SetSummary | None = None
        self._count = 0
        self._known = False

    def step(self, observation: Observation) -> Step:
        """Take the next observation; times do not fall."""
        seen = body(observation)
        self._recent.remember(observation, whole=seen is not None and seen.inside >= gates.INSIDE)
        now = gates.state(observation, seen)
        notices = self._warnings.step(observation.t_s, now, None if now is None else gates.state_text(now, observation))
        stage: StageReading | None = None
        if seen is not None:
            stage = self._read_stage(seen)
            self._view.step(seen, observation)
            away = self._away.step(seen.t_s, away_from_rest(seen.measures, self._exercise.reps))
            outcome = self._machine.step(sample_of(seen, away, stage.stage))
        else:
            outcome = self._machine.unseen(observation.t_s)
        told = self._told(observation, outcome, seen, stage)
        return self._result(observation, seen, stage, told, notices)

    def finish(self, last: Observation) -> Step:
        """The source has ended after `last`: what is left of the rep and of the set under way."""
        told = self._told(last, self._machine.finish(), None, None)
        news = replace(told.news, in_set=False, over=self._sets.finish().over or told.news.over)
        return self._result(last, None, None, replace(told, news=news), (), ended=True)

    def correct(self, correction: Correction | None, start_s: float | None = None) -> Step | None:
        """Take what somebody says of a rep: it counts, is learned from and summed up so from now on.

        correction: None takes back what was said last. start_s: of the rep; None for the last one. The step is the one
        of the last observation, with what is different now; None where there is no such rep, or nothing to take back.
        """
        said = self._said.say(correction, start_s)
        if said is None or self._last is None:
            return None
        taught = self._referee.correct(said.rep) if said.changed else Taught()
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
            learned=taught.learned if self._learn else (),
            forgotten=taught.forgotten if self._learn else (),
            corrected=replace(said, reference=taught.reference, widened=taught.widened),
        )

    def _read_stage(self, seen: Body) -> StageReading:
        rules = self._exercise.stage
        log_odds = self._log_odds.step(seen.t_s, self._stage_model.log_odds(seen.measures))
        up = float(0.5 * (1.0 + np.tanh(0.5 * log_odds)))  # the logistic function, safe for any argument
        likelier = max(up, 1.0 - up)
        name: StageName = "neutral" if likelier < rules.neutral_below else "up" if up >= 0.5 else "down"
        return StageReading(stage=name, probability=likelier)

    def _told(self, observation: Observation, outcome: Outcome, seen: Body | None, stage: StageReading | None) -> _Told:
        """What counting has found, what that does to the set, and the verdict on it."""
        found = None
        if isinstance(outcome, Completed):
            self._count += 1
            found = _unjudged(self._count, outcome)
        name = None if stage is None else stage.stage
        news = self._sets.step(observation.t_s, seen, progress=self._machine.progress, stage=name, rep=found)
        if isinstance(outcome, Completed) and found is not None:
            sighting = self._sighting(outcome)
            ruling = self._referee.rep(found, self._sets.count, sighting)
            self._said.completed(ruling.rep, self._sets.index, self._sets.count)
            told = _Told(news=news, rep=ruling.rep, window=ruling.window, learned=ruling.learned)
            told = replace(told, forgotten=ruling.forgotten)
            return replace(told, against=ruling.against, cue=self._policy.rep(ruling.rep, self._sets.count))
        if isinstance(outcome, Abandoned):
            sighting = self._sighting(outcome)
            faults, window = self._referee.partial(sighting)
            partial = PartialRep(start_s=outcome.start_s, reason=outcome.reason, faults=faults)
            return _Told(news=news, partial=partial, window=window, cue=self._policy.partial(partial, observation.t_s))
        return _Told(news=news)

    def _sighting(self, outcome: Completed | Abandoned) -> Sighting:
        times_s = outcome.start_s, outcome.turn_s, outcome.end_s
        return self._recent.sighting(*times_s, self._view.view, set_name=str(self._sets.index), pose=self._pose)

    def _result(
        self,
        observation: Observation,
        seen: Body | None,
        stage: StageReading | None,
        told: _Told,
        notices: tuple[Notice, ...],
        *,
        ended: bool = False,
    ) -> Step:
        busy = told.news.in_set or self._machine.progress is not None
        placed = self._placing.step(observation, seen, self._view.view, busy)
        learned = told.learned + self._follow_set(told)
        learning = self._referee.learning(self._view.view)
        self._last = Step(
            observation=observation,
            stage=stage,
            view=self._view.view,
            progress=self._machine.progress,
            count=self._sets.count,
            rep=told.rep,
            partial=told.partial,
            cue=self._cue(observation.t_s, told, placed, learning, notices, ended=ended),
            notices=notices,
            warning=self._warnings.text,
            in_set=told.news.in_set,
            hint=placed.hint,
            learning=learning,
            summary=self._summary,
            window=told.window,
            learned=learned if self._learn else (),
            forgotten=told.forgotten if self._learn else (),
            against=told.against,
        )
        return self._last

    def _follow_set(self, told: _Told) -> tuple[KeptRep, ...]:
        """Keep the set's reps and its summary; what was learned at its end."""
        if told.news.began:
            self._notes = ()
        if told.rep is not None:
            self._summary = None
        if not told.news.over:
            return ()
        notes, learned = self._referee.set_over()
        self._notes += notes
        self._summarize()
        return learned

    def _summarize(self) -> None:
        index = self._sets.index
        self._summary = summarize(index, self._said.of_set(index), self._corrections, self._notes)

    def _cue(
        self,
        t_s: float,
        told: _Told,
        placed: Placed,
        learning: Learning | None,
        notices: Sequence[Notice],
        *,
        ended: bool,
    ) -> Cue | None:
        """What is said of this step: at most one thing, a rep before all others."""
        news = [cues.warning(notice.text) for notice in notices if notice.active]
        if placed.ready_now:
            news.append(cues.ready())
        if learning is not None and learning.known and not self._known:
            self._known = True
            if told.learned:
                news.append(cues.learned())
        if told.news.over and self._summary is not None:
            news.append(cues.set_over(self._summary))
        if ended:
            return self._one_at_a_time.finish(told.cue, news)
        return self._one_at_a_time.step(t_s, rep=told.cue, news=news, untrue=self._untrue(told, notices))

    def _untrue(self, told: _Told, notices: Sequence[Notice]) -> set[CueKind]:
        """What was to be told and does not hold any more."""
        kinds: set[CueKind] = set()
        if told.rep is not None:
            kinds |= {"set_over", "ready"}
        if self._warnings.active is None:
            kinds.add("warning")
        elif not any(notice.active for notice in notices):
            kinds.add("ready")
        return kinds


def _without_news(step: Step) -> Step:
    """What still holds of a step, without what came up with it."""
    nothing = dict.fromkeys(("rep", "partial", "cue", "window")) | dict.fromkeys(
        ("notices", "learned", "forgotten", "against"), ()
    )
    return replace(step, **nothing)  # type: ignore[arg-type]


def _unjudged(index: int, done: Completed) -> Rep:
    return Rep(
        index=index,
        start_s=done.start_s,
        turn_s=done.turn_s,
        end_s=done.end_s,
        verdict="unsure",
        score=None,
        threshold=1.0,
        confidence=0.0,
        reference="population",
    )
