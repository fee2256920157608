"""Count as the pipeline does, without judging: many times faster."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from livecoach import boundary_model, lift, stage
from livecoach import exercise as exercises
from livecoach.exercise import Exercise
from livecoach.form.body import body
from livecoach.form.filters import Exponential, OneEuro
from livecoach.lifting import LiftModel
from livecoach.paths import models_dir
from livecoach.pipeline import AWAY_CUTOFF_HZ, AWAY_SPEED_GAIN
from livecoach.reps import Completed, RepMachine, Sample, away_from_rest, sample_of
from livecoach.synth.truth import Event, TrueRep
from livecoach.types import Observation, StageName

LEAST_SHARED = 0.5
"""Share of a found and of a true rep that must be the same time for them to be one."""
TURN_S = 0.3
"""How far outside the true rep the found turn may lie."""
TOUCHED_S = 0.15
"""A found rep that shares less with an event has nothing to do with it."""


class Found(NamedTuple):
    """A rep that was counted."""

    start_s: float
    turn_s: float
    end_s: float
    told_s: float


def shipped(exercise: str) -> tuple[Exercise, lift.LiftModel]:
    """An exercise's rules and what tells its lifts."""
    rules = exercises.load(exercise)
    return rules, lift.load(models_dir() / rules.model / "lift.json")


def count(observations: Sequence[Observation], exercise: Exercise, model: LiftModel | None) -> list[Found]:
    """The reps that are counted."""
    return list(found(observations, exercise, model))


def found(observations: Sequence[Observation], exercise: Exercise, model: LiftModel | None) -> Iterator[Found]:
    """Each rep as it is told."""
    machine = RepMachine(exercise.reps, model, boundary_model.load(models_dir() / exercise.model / "boundaries.json"))
    for t_s, sample in samples(observations, exercise):
        outcome = machine.unseen(t_s) if sample is None else machine.step(sample)
        if isinstance(outcome, Completed):
            yield Found(outcome.start_s, outcome.turn_s, outcome.end_s, t_s)
    outcome = machine.finish()
    if isinstance(outcome, Completed):
        yield Found(outcome.start_s, outcome.turn_s, outcome.end_s, observations[-1].t_s)


def samples(observations: Sequence[Observation], exercise: Exercise) -> Iterator[tuple[float, Sample | None]]:
    """What counting is handed of each observation, and when; None where nobody is seen."""
    stages = stage.load(models_dir() / exercise.model / "stage.json")
    log_odds = Exponential(exercise.stage.smoothing_s)
    smooth = OneEuro(cutoff_hz=AWAY_CUTOFF_HZ, speed_gain=AWAY_SPEED_GAIN)
    for observation in observations:
        seen = body(observation)
        if seen is None:
            yield observation.t_s, None
            continue
        up = 0.5 * (1.0 + np.tanh(0.5 * log_odds.step(seen.t_s, stages.log_odds(seen.measures))))
        away = smooth.step(seen.t_s, away_from_rest(seen.measures, exercise.reps))
        yield observation.t_s, sample_of(seen, away, _name(float(up), exercise.stage.neutral_below))


def _name(up: float, neutral_below: float) -> StageName:
    return "neutral" if max(up, 1 - up) < neutral_below else "up" if up >= 0.5 else "down"


def is_of(rep: Found, true: TrueRep) -> bool:
    """A found rep is that true one."""
    shared_s = min(rep.end_s, true.end_s) - max(rep.start_s, true.start_s)
    longest_s = max(rep.end_s - rep.start_s, true.end_s - true.start_s)
    return shared_s >= LEAST_SHARED * longest_s and true.start_s - TURN_S <= rep.turn_s <= true.end_s + TURN_S


def is_part_of(rep: Found, true: TrueRep) -> bool:
    """A found rep is that true one, or a part of it that was counted in its place."""
    shared_s = min(rep.end_s, true.end_s) - max(rep.start_s, true.start_s)
    return shared_s > LEAST_SHARED * min(rep.end_s - rep.start_s, true.end_s - true.start_s)


class Account(NamedTuple):
    """What became of a set's true reps and of the found ones."""

    missed: list[TrueRep]
    ghosts: list[tuple[Found, str]]
    """With the kinds of the events that it lies in, joined by +."""
    drops: int
    """Pulls whose bar was dropped at the top that were counted: right, and right not to."""

    @property
    def exact(self) -> bool:
        """Every true rep once, and nothing else but bars that were dropped."""
        return not self.missed and not self.ghosts


def account(reps: Sequence[Found], true: Sequence[TrueRep], events: Sequence[Event]) -> Account:
    """Hold what was found against the truth."""
    left, ghosts, drops = list(true), [], 0
    for rep in reps:
        same = next((t for t in left if is_of(rep, t) or is_part_of(rep, t)), None)
        if same is not None:
            left.remove(same)
            continue
        touched = [e.kind for e in events if min(rep.end_s, e.end_s) - max(rep.start_s, e.start_s) > TOUCHED_S]
        if "let_go" in touched and touched[0] in ("let_go", "setup", "ready"):
            drops += 1
        else:
            ghosts.append((rep, "+".join(dict.fromkeys(touched))))
    return Account(missed=left, ghosts=ghosts, drops=drops)
