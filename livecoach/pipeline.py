"""All decisions, one observation at a time: stage → reps → score → cue.

Pure: no thread, no clock, no pixels, no I/O. The same observations give the same steps, to the byte.
"""

from collections import deque
from dataclasses import replace
from typing import Protocol

import numpy as np

from livecoach.exercise import Exercise
from livecoach.form import gates
from livecoach.form.body import Body, Measures, body
from livecoach.form.filters import Exponential, OneEuro
from livecoach.form.view import ViewEstimate
from livecoach.reps import Abandoned, Completed, Outcome, RepMachine, Sample, away_from_rest
from livecoach.skelemotion import WINDOW_S, rep_tensor
from livecoach.types import Cue, Notice, Observation, PartialRep, Rep, StageName, StageReading, Step

AWAY_CUTOFF_HZ = 1.2
AWAY_SPEED_GAIN = 4.0
"""Hz a unit of `away` a second: 40 ms of lag in mid-lift, 130 ms at rest."""
SEEN_SHARE = 0.8
"""Share of a rep's frames in which the body has to be seen whole for it to be judged."""


class StageModel(Protocol):
    """Log odds of the stage up."""

    def log_odds(self, measures: Measures) -> float:
        """Of up against down."""
        ...


class Score(Protocol):
    """How anomalous a rep is."""

    @property
    def value(self) -> float:
        """Above 1 is anomalous."""
        ...

    @property
    def joints(self) -> tuple[str, ...]:
        """Landmarks that stand out, worst first."""
        ...


class Scorer(Protocol):
    """Scores rep tensors."""

    def score(self, tensor: np.ndarray) -> Score:
        """tensor: skelemotion.SHAPE float32."""
        ...


class Pipeline:
    """The state between observations of one source. Make a new one for each source."""

    def __init__(self, exercise: Exercise, stage: StageModel, scorer: Scorer) -> None:
        self._exercise, self._stage_model, self._scorer = exercise, stage, scorer
        self._machine = RepMachine(exercise.reps)
        self._log_odds = Exponential(exercise.stage.smoothing_s)
        self._away = OneEuro(cutoff_hz=AWAY_CUTOFF_HZ, speed_gain=AWAY_SPEED_GAIN)
        self._view = ViewEstimate()
        self._warnings = gates.Warnings()
        self._seen: deque[tuple[Observation, bool]] = deque()  # with: is the body seen whole?
        self._count = 0

    def step(self, observation: Observation) -> Step:
        """Take the next observation; times do not fall."""
        seen = body(observation)
        self._remember(observation, seen)
        notices = self._warnings.step(observation.t_s, gates.state(observation, seen))
        stage: StageReading | None = None
        if seen is not None and observation.world is not None:
            stage = self._read_stage(seen)
            self._view.step(seen.t_s, seen.measures, observation.world)
            outcome = self._machine.step(self._sample(seen, stage))
        else:
            outcome = self._machine.unseen(observation.t_s)
        return self._result(observation, stage, outcome, notices)

    def finish(self, last: Observation) -> Step:
        """The source has ended after `last`: what is left of the rep under way."""
        return self._result(last, None, self._machine.finish(), ())

    def _remember(self, observation: Observation, seen: Body | None) -> None:
        self._seen.append((observation, seen is not None and gates.state(observation, seen) is None))
        longest_s = self._exercise.reps.max_s + 1.0
        while observation.t_s - self._seen[0][0].t_s > longest_s:
            self._seen.popleft()

    def _read_stage(self, seen: Body) -> StageReading:
        rules = self._exercise.stage
        up = _probability(self._log_odds.step(seen.t_s, self._stage_model.log_odds(seen.measures)))
        likelier = max(up, 1.0 - up)
        name: StageName = "neutral" if likelier < rules.neutral_below else "up" if up >= 0.5 else "down"
        return StageReading(stage=name, probability=likelier)

    def _sample(self, seen: Body, stage: StageReading) -> Sample:
        return Sample(
            t_s=seen.t_s,
            away=self._away.step(seen.t_s, away_from_rest(seen.measures, self._exercise.reps)),
            stage=stage.stage,
            feet_px=seen.feet_px,
            wrists_px=seen.wrists_px,
            shoulders_px=seen.shoulders_px,
            size_px=seen.size_px,
        )

    def _result(
        self, observation: Observation, stage: StageReading | None, outcome: Outcome, notices: tuple[Notice, ...]
    ) -> Step:
        rep = self._judge(outcome) if isinstance(outcome, Completed) else None
        partial = None
        if isinstance(outcome, Abandoned):
            partial = PartialRep(start_s=outcome.start_s, reason=outcome.reason)
        active = self._warnings.active
        return Step(
            observation=observation,
            stage=stage,
            view=self._view.view,
            progress=self._machine.progress,
            count=self._count,
            rep=rep,
            partial=partial,
            cue=self._cue(rep, notices),
            notices=notices,
            warning=None if active is None else gates.HINTS[active],
        )

    def _judge(self, done: Completed) -> Rep:
        """The verdict on a rep that is complete."""
        self._count += 1
        inside = [(o, whole) for o, whole in self._seen if done.start_s <= o.t_s <= done.end_s]
        confidence = sum(whole for _, whole in inside) / max(len(inside), 1)
        unsure = _unsure([o for o, _ in inside], confidence)
        rep = Rep(
            index=self._count,
            start_s=done.start_s,
            turn_s=done.turn_s,
            end_s=done.end_s,
            verdict="unsure",
            score=None,
            threshold=1.0,
            confidence=confidence,
            reference="population",
        )
        if unsure is not None:
            return replace(rep, unsure=unsure)
        margin = [o for o, _ in self._seen if done.start_s - WINDOW_S <= o.t_s <= done.end_s + WINDOW_S]
        score = self._scorer.score(rep_tensor(margin, done.start_s, done.end_s))
        if score.value > 1.0:
            return replace(rep, verdict="anomalous", score=score.value, top_joints=score.joints)
        return replace(rep, verdict="good", score=score.value)

    def _cue(self, rep: Rep | None, notices: tuple[Notice, ...]) -> Cue | None:
        """What is said of this step: at most one thing, a rep before a warning."""
        if rep is not None:
            return _rep_cue(rep, self._exercise.anomaly_cue)
        begun = [notice for notice in notices if notice.active]
        return Cue(kind="warning", text=begun[0].text, rep=None, say=None) if begun else None


def _unsure(inside: list[Observation], confidence: float) -> str | None:
    """Why a rep can't be judged, from the observations of it; None where it can."""
    worlds = [o.world for o in inside if o.world is not None]
    if not worlds or len(inside) - len(worlds) > len(inside) * (1 - SEEN_SHARE):
        return "lost from sight"
    if confidence < SEEN_SHARE:
        return "out of the picture"
    return "legs not clear" if gates.leg_unsteadiness(worlds) > gates.UNSTEADY else None


def _rep_cue(rep: Rep, anomaly_cue: str) -> Cue:
    if rep.verdict == "anomalous":
        return Cue(kind="anomalous_rep", text=anomaly_cue, rep=rep.index, say=anomaly_cue)
    if rep.verdict == "unsure":
        return Cue(kind="unjudged_rep", text=f"not judged: {rep.unsure}", rep=rep.index, say=str(rep.index))
    return Cue(kind="good_rep", text=str(rep.index), rep=rep.index, say=str(rep.index))


def _probability(log_odds: float) -> float:
    """Logistic function, safe for any finite argument."""
    return float(0.5 * (1.0 + np.tanh(0.5 * log_odds)))
