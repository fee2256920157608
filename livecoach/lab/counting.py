"""Counts reps like the pipeline, but many times faster, because no rep is judged; and compares counts with truth."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from livecoach.core.config import exercise as exercises
from livecoach.core.config.exercise import Exercise
from livecoach.core.config.paths import models_dir
from livecoach.core.model_files.model_folder import read_model_json
from livecoach.core.step import RepCompleted
from livecoach.core.types import Observation, Rep
from livecoach.decisions.assembly import CoachingModels
from livecoach.decisions.counting.body_reader import StageModel, load_boundaries
from livecoach.decisions.counting.counter import Counted, Outcomes, RepCounter
from livecoach.decisions.counting.evidence import EvidenceRules, LiftEvidence, LiftModel
from livecoach.decisions.counting.movement import Movement
from livecoach.decisions.pipeline import Pipeline
from livecoach.decisions.recognition import model_file
from livecoach.decisions.recognition.recogniser import Recogniser
from livecoach.lab.truth import TrueEvent, TrueRep
from livecoach.perception.body.body import find_body
from livecoach.run.coached import replay

LEAST_SHARED = 0.5  # Least overlap of a counted and a true rep for a match, as a share of the longer rep
TURN_S = 0.3  # Largest distance of the counted turn outside of the true rep, in seconds
TOUCHED_S = 0.15  # Least overlap at which a counted rep is attributed to an event, in seconds


class EveryMovement:
    """A lift model that records every movement out and back, and accepts every movement as a lift."""

    rules = EvidenceRules(prior=0.0, in_set=0.0, own_correlation=1.0, alike_correlation=1.0)

    def __init__(self) -> None:
        self.noted: list[Movement] = []

    def for_named_exercise(self, log_odds: float) -> "EveryMovement":  # noqa: ARG002 - as LiftModel's
        """Return the model itself: naming the exercise changes nothing, because every movement is accepted anyway."""
        return self

    def lift_log_ratio(self, movement: Movement) -> float:
        """Record a movement, and return a log likelihood ratio so high that the movement counts."""
        self.noted.append(movement)
        return 1000.0

    def likeness_log_ratio(self, movement: Movement, before: Sequence[Movement]) -> float:  # noqa: ARG002 - as LiftEvidence's
        """Return a log likelihood ratio of 0, so that earlier movements change nothing."""
        return 0.0


def accept_every_movement(coach: CoachingModels) -> CoachingModels:
    """Return a copy of a coach in which every lift model accepts every movement, to measure verdicts alone."""
    return replace(
        coach, exercises={name: replace(loaded, lift=EveryMovement()) for name, loaded in coach.exercises.items()}
    )


def judge_observations(pipeline: Pipeline, observations: Sequence[Observation]) -> list[RepCompleted]:
    """Run a pipeline over observations, and return the events of all counted reps, including reps withdrawn later."""
    return [rep for step in replay(pipeline, observations) for rep in step.events_of(RepCompleted)]


class CountedRep(NamedTuple):
    """The times of a counted rep, and the time at which the counter reported the rep, in seconds."""

    start_s: float
    turn_s: float
    end_s: float
    reported_s: float


def list_counted_reps(observations: Sequence[Observation], exercise: str) -> list[CountedRep]:
    """List the reps that the shipped models count if the lifter names the exercise, in the order of counting.

    Args:
        observations: Observations of a set, at least one.
    """
    rules = exercises.load(exercise)
    folder = models_dir() / rules.model
    counter = make_counter(rules, folder, read_model_json(folder / "lift.json", LiftModel))
    counter.note_named_exercise()
    return list(find_reps(counter, observations, Recogniser(model_file.load())))


def make_counter(exercise: Exercise, folder: Path, lift: LiftEvidence) -> RepCounter:
    """Return a new counter of the reps of an exercise. Raises ModelError if a model file can't be read.

    Args:
        folder: Model folder of the stage model and of the boundary regressions.
    """
    boundaries = load_boundaries(folder / "boundaries.json")
    return RepCounter(exercise, read_model_json(folder / "stage.json", StageModel), lift, boundaries)


def require_complete_reps(exercise: Exercise) -> Exercise:
    """Return a copy of an exercise in which only complete reps count, so that models learn from whole movements."""
    return replace(exercise, reps=replace(exercise.reps, done_at_turn=False))


def find_reps(
    counter: RepCounter, observations: Sequence[Observation], recogniser: Recogniser | None = None
) -> Iterator[CountedRep]:
    """Yield the reps that a counter finds in observations and at their end, in the order of its reports.

    Args:
        counter: A new counter, which can't be used for other observations afterwards.
        observations: Observations of a set, at least one.
        recogniser: Gives the log odds of any exercise against none at each observation, as in a run; None to count
            without log odds.
    """
    for observation in observations:
        body = find_body(observation)
        if recogniser is not None and body is not None:
            recogniser.step(observation, body)
            body = replace(body, lift_log_odds=recogniser.lift_log_odds)
        yield from _reported(counter.step(observation, body), observation.t_s)
    yield from _reported(counter.finish(), observations[-1].t_s)


def _reported(outcomes: Outcomes, t_s: float) -> Iterator[CountedRep]:
    return (CountedRep(*outcome.times, t_s) for outcome in outcomes if isinstance(outcome, Counted))


def overlap_s(rep: CountedRep, other: TrueRep | TrueEvent) -> float:
    """Return the overlap of a counted rep with a true rep or an event, in seconds; negative if they are apart."""
    return min(rep.end_s, other.end_s) - max(rep.start_s, other.start_s)


def turns_within(rep: CountedRep | Rep, true_rep: TrueRep) -> bool:
    """Return whether a counted rep turns within a true rep, or at most TURN_S outside."""
    return true_rep.start_s - TURN_S <= rep.turn_s <= true_rep.end_s + TURN_S


def find_rep_event(true_rep: TrueRep, judged: Iterable[RepCompleted]) -> RepCompleted | None:
    """Return the event of the first judged rep that turns within a true rep, or at most TURN_S outside; else None."""
    return next((event for event in judged if turns_within(event.rep, true_rep)), None)


def matches(rep: CountedRep, true_rep: TrueRep) -> bool:
    """Return whether `turns_within` is true, and the reps overlap by at least LEAST_SHARED of the longer rep."""
    longest_s = max(rep.end_s - rep.start_s, true_rep.end_s - true_rep.start_s)
    return overlap_s(rep, true_rep) >= LEAST_SHARED * longest_s and turns_within(rep, true_rep)


def matches_part(rep: CountedRep, true_rep: TrueRep, least: float = LEAST_SHARED) -> bool:
    """Return whether a counted and a true rep overlap by more than the share `least` of the shorter rep."""
    return overlap_s(rep, true_rep) > least * min(rep.end_s - rep.start_s, true_rep.end_s - true_rep.start_s)


class CountComparison(NamedTuple):
    """The result of comparing counted reps with the truth: missed reps, ghost reps and dropped bars."""

    missed: list[TrueRep]
    ghosts: list[tuple[CountedRep, str]]
    """Counted reps without a true rep, with the kinds of the events that they overlap, joined by +."""
    drops: int  # Number of counted pulls whose bar was dropped at the top; such pulls may count or not

    @property
    def is_exact(self) -> bool:
        """Whether every true rep was counted once, and no other movement except dropped bars."""
        return not self.missed and not self.ghosts


def compare_counts(
    reps: Sequence[CountedRep], true_reps: Sequence[TrueRep], events: Sequence[TrueEvent]
) -> CountComparison:
    """Compare counted reps with the true reps and the events of a set.

    Each counted rep is paired with the first true rep without a pair for which `matches_part` is true.
    """
    left, ghosts, drops = list(true_reps), [], 0
    for rep in reps:
        same = next((t for t in left if matches_part(rep, t)), None)
        if same is not None:
            left.remove(same)
            continue
        touched = [event.kind for event in events if overlap_s(rep, event) > TOUCHED_S]
        if "let_go" in touched and touched[0] in ("let_go", "setup", "ready"):
            drops += 1
        else:
            ghosts.append((rep, "+".join(dict.fromkeys(touched))))
    return CountComparison(missed=left, ghosts=ghosts, drops=drops)
