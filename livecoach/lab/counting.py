"""Counts reps as the pipeline does, but without judging, which is many times faster."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from livecoach.core.config import exercise as exercises
from livecoach.core.config.exercise import Exercise
from livecoach.core.config.paths import models_dir
from livecoach.core.model_files.model_folder import read_model
from livecoach.core.types import JudgedRep, Observation, Rep
from livecoach.decisions.assembly import Coach
from livecoach.decisions.counting import boundary_regression
from livecoach.decisions.counting.counter import RepCounter, StageModel
from livecoach.decisions.counting.lifts import EvidenceRules, LiftModel, LiftScorer
from livecoach.decisions.counting.machine import Outcomes
from livecoach.decisions.counting.movement import Movement
from livecoach.decisions.counting.outcomes import Counted
from livecoach.decisions.pipeline import Pipeline
from livecoach.lab.truth import TrueEvent, TrueRep
from livecoach.perception.body.body import body
from livecoach.run.coached import steps

LEAST_SHARED = 0.5  # smallest overlap of a counted and a true rep, as a share of the longer one, for a match
TURN_S = 0.3  # largest distance of the counted turn outside the true rep
TOUCHED_S = 0.15  # smallest overlap at which a counted rep is attributed to an event


class EveryMovement:
    """In place of a lift model: notes every movement out and back, and takes it for a lift."""

    rules = EvidenceRules(prior=0.0, in_set=0.0, own_correlation=1.0, alike_correlation=1.0)

    def __init__(self) -> None:
        self.noted: list[Movement] = []

    def named(self, log_odds: float) -> "EveryMovement":  # noqa: ARG002 - as LiftModel's
        """Return itself: all count already."""
        return self

    def own(self, candidate: Movement) -> float:
        self.noted.append(candidate.compact())
        return 1000.0

    def alike(self, candidate: Movement, before: Sequence[Movement]) -> float:  # noqa: ARG002 - as LiftScorer's
        return 0.0


def counting_every_movement(coach: Coach) -> Coach:
    """Return the coach without its lift models, so that the verdict is measured independently of counting."""
    return replace(coach, exercises={name: replace(one, lift=EveryMovement()) for name, one in coach.exercises.items()})


def judged_reps(pipeline: Pipeline, observations: Sequence[Observation]) -> list[JudgedRep]:
    """Return the reps of a source that the pipeline counts, in order."""
    return [judged for step in steps(pipeline, observations) for judged in step.judged]


class CountedRep(NamedTuple):
    start_s: float
    turn_s: float
    end_s: float
    reported_s: float


def count(observations: Sequence[Observation], exercise: str) -> list[CountedRep]:
    """Return the reps by the shipped models, for a lifter who has named the exercise."""
    rules = exercises.load(exercise)
    folder = models_dir() / rules.model
    counter = counter_of(rules, folder, read_model(folder / "lift.json", LiftModel))
    counter.name()
    return list(reps_of_counter(counter, observations))


def counter_of(exercise: Exercise, folder: Path, lift: LiftScorer) -> RepCounter:
    """Return a new counter with the stage model and the boundaries of a model folder."""
    boundaries = boundary_regression.load(folder / "boundaries.json")
    return RepCounter(exercise, read_model(folder / "stage.json", StageModel), lift, boundaries)


def once_complete(exercise: Exercise) -> Exercise:
    """Return the exercise with reps that count once they are complete: models learn from whole movements."""
    return replace(exercise, reps=replace(exercise.reps, done_at_turn=False))


def reps_of_counter(counter: RepCounter, observations: Sequence[Observation]) -> Iterator[CountedRep]:
    for observation in observations:
        yield from _reported(counter.step(observation.t_s, body(observation)), observation.t_s)
    yield from _reported(counter.finish(), observations[-1].t_s)


def _reported(outcomes: Outcomes, t_s: float) -> Iterator[CountedRep]:
    return (CountedRep(*outcome.times, t_s) for outcome in outcomes if isinstance(outcome, Counted))


def shared_s(rep: CountedRep, other: TrueRep | TrueEvent) -> float:
    return min(rep.end_s, other.end_s) - max(rep.start_s, other.start_s)


def turns_in(rep: CountedRep | Rep, true: TrueRep) -> bool:
    return true.start_s - TURN_S <= rep.turn_s <= true.end_s + TURN_S


def rep_of(true: TrueRep, reps: Iterable[Rep]) -> Rep | None:
    """Return the first judged rep that turns within a true one; None if there is none."""
    return next((rep for rep in reps if turns_in(rep, true)), None)


def matches(rep: CountedRep, true: TrueRep) -> bool:
    longest_s = max(rep.end_s - rep.start_s, true.end_s - true.start_s)
    return shared_s(rep, true) >= LEAST_SHARED * longest_s and turns_in(rep, true)


def matches_part(rep: CountedRep, true: TrueRep, least: float = LEAST_SHARED) -> bool:
    """Return whether a counted rep shares `least` of the shorter one with a true one: it was counted instead."""
    return shared_s(rep, true) > least * min(rep.end_s - rep.start_s, true.end_s - true.start_s)


class Account(NamedTuple):
    missed: list[TrueRep]
    ghosts: list[tuple[CountedRep, str]]
    """Counted reps without a true one, with the kinds of the events that they overlap, joined by +."""
    drops: int  # counted pulls whose bar was dropped at the top; counting them or not is both correct

    @property
    def exact(self) -> bool:
        """Whether every true rep was counted once, and nothing else except dropped bars."""
        return not self.missed and not self.ghosts


def account(reps: Sequence[CountedRep], true: Sequence[TrueRep], events: Sequence[TrueEvent]) -> Account:
    left, ghosts, drops = list(true), [], 0
    for rep in reps:
        same = next((t for t in left if matches(rep, t) or matches_part(rep, t)), None)
        if same is not None:
            left.remove(same)
            continue
        touched = [one.kind for one in events if shared_s(rep, one) > TOUCHED_S]
        if "let_go" in touched and touched[0] in ("let_go", "setup", "ready"):
            drops += 1
        else:
            ghosts.append((rep, "+".join(dict.fromkeys(touched))))
    return Account(missed=left, ghosts=ghosts, drops=drops)
