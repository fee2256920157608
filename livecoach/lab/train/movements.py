"""Labelled movements out and back of synthetic sets: the training data of lift models."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Literal

import numpy as np

from livecoach.config.exercise import Exercise
from livecoach.counting import boundary_regression
from livecoach.counting.counter import Counter, load_stage
from livecoach.counting.evidence import Candidate, EvidenceRules
from livecoach.counting.lifts import LiftScorer
from livecoach.lab.counting import CountedRep, matches, reps_of_counter
from livecoach.lab.train.context import BuildContext
from livecoach.lab.train.recipes import LiftRecipe
from livecoach.synth.motion.lifts import EXERCISES, FAULTS, LIFTS
from livecoach.synth.motion.tokens import Deviation, Token, faulty, random_no_reps, random_tokens
from livecoach.synth.sets import SetRequest, SyntheticSet, random_set
from livecoach.synth.truth import TrueEvent, TrueRep
from livecoach.types import Observation

Kind = Literal["rep", "part", "other"]
LEAST_OVERLAP = 0.35
IGNORED = ("let_go", "partial")
"""Events that training ignores: a bar dropped at the top was lifted, and half a rep is no clear counterexample."""
IGNORED_S = 0.3
WIDE = 0.75  # share of sets whose lifters vary more than usual, as real ones do
LOADED = 0.5  # share of sets with a bar, for a lift that is possible without one
BETWEEN = 0.4  # probability of a movement that is no rep after each item of a crowded set
PARTIALS = 0.1
AS_MODELLED = 0.5
"""Share of sets with the noise model's own errors; the others have those of the two constants below."""
NOISE = (0.15, 1.2)
"""Range of the factor on the noise model's errors, drawn evenly in its logarithm. In the median of 60 real clips one
wrist is higher than the other by .05 of their distance; the noise model's errors would give .25."""
SHAKING = (0.0003, 0.012)
"""Range of the standard deviation of an error added to each landmark in each frame, in lengths of torso and legs, drawn
likewise. The median second difference of real wrists is seven times that of the noise model's."""
MOST_VIEW_DEG = 105.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Example:
    """A movement that the state machine proposed."""

    candidate: Candidate
    kind: Kind  # part: part of a rep, which is no rep by itself, but close to one

    @property
    def is_rep(self) -> bool:
        """Whether it is a true rep."""
        return self.kind == "rep"


@dataclass(slots=True)
class Teacher:
    """A stand-in for the lift model that notes each movement, and lets it count."""

    rules: EvidenceRules = field(
        default=EvidenceRules(prior=0.0, in_set=0.0, own_correlation=0.0, alike_correlation=0.0)
    )
    candidates: list[Candidate] = field(default_factory=list)

    def own(self, candidate: Candidate) -> float:
        """Return a log likelihood ratio by which every movement counts."""
        self.candidates.append(candidate)
        return 100.0

    def alike(self, candidate: Candidate, before: Sequence[Candidate]) -> float:
        """Return a log likelihood ratio that changes nothing."""
        del candidate, before
        return 0.0

    def named(self, log_odds: float) -> "Teacher":
        """Return it as it is: every movement counts."""
        del log_odds
        return self


def tokens_of(rng: np.random.Generator, number: int, exercise: str) -> tuple[Token, ...]:
    """Return the movements of a training set.

    Of each six sets two are crowded with other movements, one is a usual set, one has the same fault in all reps, and
    two have no rep at all.
    """
    return (_crowded, _no_reps, _usual, _crowded, _one_fault, _no_reps)[number % 6](rng, exercise)


def training_set(seed: int, number: int, exercise: str, *, typical: bool = False) -> SyntheticSet:
    """Make a set of a training body. typical: as SetRequest's."""
    rng = np.random.default_rng((seed, number, 77))
    tokens = tokens_of(rng, number, exercise)
    as_modelled = bool(rng.random() < AS_MODELLED)
    wanted = SetRequest(
        exercise=exercise,
        bodies="training",
        tokens=tokens,
        view_deg=float(rng.uniform(-MOST_VIEW_DEG, MOST_VIEW_DEG)),
        wide=bool(rng.random() < WIDE),
        loaded=None if LIFTS[exercise].needs_bar else bool(rng.random() < LOADED),
        noise=None if as_modelled else _log_uniform(rng, NOISE),
        typical=typical,
    )
    made = random_set((seed, number), wanted)
    if as_modelled:
        return made
    return replace(made, observations=_shaken(made.observations, rng, _log_uniform(rng, SHAKING)))


def _log_uniform(rng: np.random.Generator, limits: tuple[float, float]) -> float:
    return float(np.exp(rng.uniform(*np.log(limits))))


def _shaken(observations: Sequence[Observation], rng: np.random.Generator, share: float) -> tuple[Observation, ...]:
    """Return the observations with errors that are new in every frame.

    share: standard deviation of the errors, in lengths of torso and legs.
    """
    out = []
    for observation in observations:
        if observation.landmarks is None or observation.world is None:
            out.append(observation)
            continue
        height = np.ptp(observation.landmarks[:, 1])  # in picture heights; less when bent over, and so are the errors
        size = np.array([height * observation.height_px / observation.width_px, height, height])
        landmarks, world = observation.landmarks.copy(), observation.world.copy()
        landmarks[:, :3] += share * size * rng.standard_normal((len(landmarks), 3))
        world += share * np.ptp(world[:, 1]) * rng.standard_normal(world.shape)
        out.append(replace(observation, landmarks=landmarks.astype(np.float32), world=world.astype(np.float32)))
    return tuple(out)


def _usual(rng: np.random.Generator, exercise: str) -> tuple[Token, ...]:
    return random_tokens(rng, exercise, partial=PARTIALS)


def _crowded(rng: np.random.Generator, exercise: str) -> tuple[Token, ...]:
    out: list[Token] = []
    for token in random_tokens(rng, exercise, reps=(1, 7), idle=0.6):
        out.append(token)
        if rng.random() < BETWEEN:
            out += random_no_reps(rng, exercise, hard=True, items=(1, 1))
    return tuple(out[1:] if out[0].name == "hold" and len(out) > 1 else out)


def _one_fault(rng: np.random.Generator, exercise: str) -> tuple[Token, ...]:
    if not FAULTS[exercise]:
        return _usual(rng, exercise)
    fault = FAULTS[exercise][rng.integers(len(FAULTS[exercise]))]
    return tuple(faulty(Deviation(fault, "", float(rng.uniform(0.6, 1.0)))) for _ in range(rng.integers(3, 8)))


def _no_reps(rng: np.random.Generator, exercise: str) -> tuple[Token, ...]:
    return random_no_reps(rng, exercise, hard=bool(rng.random() < 0.5))


def counter_of(exercise: Exercise, folder: Path, lift: LiftScorer) -> Counter:
    """Return a new counter with the stage model and the boundaries of a model folder."""
    boundaries = boundary_regression.load(folder / "boundaries.json")
    return Counter(exercise, load_stage(folder / "stage.json"), lift, boundaries)


def gathered(context: BuildContext) -> list[list[Example]]:
    """Return the examples of a recipe's sets, and of a third as many sets of other lifts."""
    recipe = context.recipe.lift
    numbers = [*range(recipe.sets), *range(-1, -recipe.sets // 3, -1)]
    return context.workshop.each(partial(_examples, context.exercise, context.before, recipe), numbers, "movements")


def labelled(
    observations: Sequence[Observation],
    exercise: Exercise,
    folder: Path,
    true: Sequence[TrueRep],
    events: Sequence[TrueEvent],
) -> Iterator[Example]:
    """Yield the movements in the observations of a set.

    folder: holds the stage model and the boundaries. true: the set's reps of the exercise.
    """
    teacher = Teacher()
    ignored = [event for event in events if event.kind in IGNORED]
    for rep in reps_of_counter(counter_of(exercise, folder, teacher), observations):
        if not teacher.candidates:  # a bar released at the top: the hands show it, without the model
            continue
        candidate = teacher.candidates.pop()
        if any(matches(rep, one) for one in true):
            yield Example(candidate=candidate, kind="rep")
        elif not any(_shared_s(rep, event) > IGNORED_S for event in ignored):
            part = any(_shared_s(rep, one) > LEAST_OVERLAP * _shorter_s(rep, one) for one in true)
            yield Example(candidate=candidate, kind="part" if part else "other")


def _examples(exercise: Exercise, folder: Path, recipe: LiftRecipe, number: int) -> list[Example]:
    """Return the movements of one set. Numbers below 0 are sets of another lift, whose reps are none of this one's."""
    others = [name for name in EXERCISES if name != exercise.motion] if recipe.others is None else recipe.others
    of = exercise.motion if number >= 0 or not others else others[-number % len(others)]
    made = training_set(recipe.seed, abs(number), of, typical=recipe.others is None)
    true = made.reps if of == exercise.motion else ()
    return list(labelled(made.observations, exercise, folder, true, made.events))


def _shared_s(rep: CountedRep, other: TrueEvent | TrueRep) -> float:
    return min(rep.end_s, other.end_s) - max(rep.start_s, other.start_s)


def _shorter_s(rep: CountedRep, true: TrueRep) -> float:
    return min(rep.end_s - rep.start_s, true.end_s - true.start_s)
