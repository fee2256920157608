"""Count as the pipeline does, without judging: many times faster."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from livecoach.config import exercise as exercises
from livecoach.config.exercise import Exercise
from livecoach.config.paths import models_dir
from livecoach.counting import boundary_file, lift_classifier, stage
from livecoach.counting.counter import BodyReader, Counter
from livecoach.counting.lift_filter import LiftScorer
from livecoach.counting.machine import Completed, Outcome, Sample
from livecoach.frame.body import body
from livecoach.synth.truth import TrueEvent, TrueRep
from livecoach.types import Observation

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


def shipped(exercise: str) -> tuple[Exercise, lift_classifier.LiftModel]:
    """An exercise's rules and what tells its lifts."""
    rules = exercises.load(exercise)
    return rules, lift_classifier.load(models_dir() / rules.model / "lift.json")


def count(observations: Sequence[Observation], exercise: Exercise, model: LiftScorer | None) -> list[Found]:
    """The reps that are counted."""
    return list(found(observations, exercise, model))


def found(observations: Sequence[Observation], exercise: Exercise, model: LiftScorer | None) -> Iterator[Found]:
    """Each rep as it is told."""
    folder = models_dir() / exercise.model
    boundaries = boundary_file.load(folder / "boundaries.json")
    return counted(Counter(exercise, stage.load(folder / "stage.json"), model, boundaries), observations)


def counted(counter: Counter, observations: Sequence[Observation]) -> Iterator[Found]:
    """Each rep of a source as a new counter tells it."""
    for observation in observations:
        outcome = counter.step(observation.t_s, body(observation))
        yield from _told(outcome, observation.t_s)
    yield from _told(counter.finish(), observations[-1].t_s)


def _told(outcome: Outcome, t_s: float) -> Iterator[Found]:
    """Those that count only now are told first."""
    if isinstance(outcome, Completed):
        for one in (*outcome.earlier, outcome):
            yield Found(one.start_s, one.turn_s, one.end_s, t_s)


def samples(
    observations: Sequence[Observation], exercise: Exercise, folder: Path | None = None
) -> Iterator[tuple[float, Sample | None]]:
    """What counting is handed of each observation, and when; None where nobody is seen.

    folder: of the stage model; None: the exercise's own.
    """
    reader = BodyReader(exercise, stage.load((folder or models_dir() / exercise.model) / "stage.json"))
    for observation in observations:
        seen = body(observation)
        yield observation.t_s, None if seen is None else reader.read(seen).sample


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


def account(reps: Sequence[Found], true: Sequence[TrueRep], events: Sequence[TrueEvent]) -> Account:
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
