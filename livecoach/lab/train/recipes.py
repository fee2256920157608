"""Amounts of training data and seeds for each part of an exercise's model, as for the shipped models."""

from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from livecoach.config.exercise import Exercise
from livecoach.errors import ConfigError
from livecoach.synth.motion.lifts import EXERCISES


@dataclass(frozen=True, slots=True, kw_only=True)
class StageRecipe:
    """The stage model."""

    sets: int = 300
    """Number of synthetic training sets; a third as many are judged."""
    seed: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class LiftRecipe:
    """The lift model."""

    sets: int = 1400
    """Number of synthetic training sets of the lift; there are a third as many of other lifts."""
    others: tuple[str, ...] | None = None
    """Lifts whose reps are counterexamples; None: all others of the synthetic lifter, by typical lifters of each."""
    rendered: int = 0
    """Number of rendered training sets."""
    judging: int = 60
    """Number of synthetic sets to judge on."""
    limit: float | None = None
    """Log likelihood ratio above which a movement alone is a lift; None: that of livecoach.lab.train.lift."""
    seed: int = 6101
    """Seed of training; judging has the next one, and rendered sets have seeds from 200 above it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BoundariesRecipe:
    """The boundary model."""

    sets: int = 600
    """Number of synthetic sets; every fifth is judged."""
    seed: int = 51


@dataclass(frozen=True, slots=True, kw_only=True)
class ScorerRecipe:
    """The scorer."""

    lifters: int = 80
    """Number of synthetic training lifters; a third as many set the limits, and two fifths as many judge."""
    cameras: int = 3
    """Number of virtual cameras that film each real person."""
    seed: int = 103


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """All parts of a model folder."""

    stage: StageRecipe = field(default_factory=StageRecipe)
    lift: LiftRecipe = field(default_factory=LiftRecipe)
    boundaries: BoundariesRecipe = field(default_factory=BoundariesRecipe)
    scorer: ScorerRecipe = field(default_factory=ScorerRecipe)


Part = TypeVar("Part", StageRecipe, LiftRecipe, BoundariesRecipe, ScorerRecipe)
LEAST_JUDGING = 2
SMALLER = Recipe(
    stage=StageRecipe(sets=60),
    lift=LiftRecipe(sets=160, judging=12),
    boundaries=BoundariesRecipe(sets=80),
)
"""Recipe of a lift whose training takes minutes on one processor."""
SHIPPED = {
    "deadlift": Recipe(lift=LiftRecipe(rendered=87, others=("squat",))),
    "squat": Recipe(lift=LiftRecipe(others=("deadlift",)), boundaries=BoundariesRecipe(seed=52)),
    "romanian_deadlift": replace(SMALLER, lift=replace(SMALLER.lift, sets=400)),
    "sumo_deadlift": replace(SMALLER, lift=replace(SMALLER.lift, sets=320)),
    "barbell_row": replace(SMALLER, lift=replace(SMALLER.lift, sets=240)),
}
"""Motion → recipe; SMALLER for all others. The deadlift also learns from rendered sets; the squat does as well without
(docs/lessons.md). Bends, rows and deadlifts look alike, so their lift models learn from more sets than the others.
"""


def recipe_of(exercise: Exercise) -> Recipe:
    """Return the recipe of an exercise. Raises ConfigError where the synthetic lifter does not do it."""
    if exercise.motion not in EXERCISES:
        raise ConfigError(
            f"exercise {exercise.name!r}: its motion {exercise.motion!r} is unknown to the synthetic lifter. "
            f"It does: {', '.join(EXERCISES)}."
        )
    return SHIPPED.get(exercise.motion, SMALLER)


def resized(
    recipe: Recipe,
    *,
    sets: int | None = None,
    lifters: int | None = None,
    rendered: int | None = None,
    seed: int | None = None,
) -> Recipe:
    """Return the recipe with other sizes, and with one seed for all parts; None: unchanged."""
    judging = None if sets is None else max(sets * recipe.lift.judging // recipe.lift.sets, LEAST_JUDGING)
    return Recipe(
        stage=_with(recipe.stage, sets=sets, seed=seed),
        lift=_with(recipe.lift, sets=sets, judging=judging, rendered=rendered, seed=seed),
        boundaries=_with(recipe.boundaries, sets=sets, seed=seed),
        scorer=_with(recipe.scorer, lifters=lifters, seed=seed),
    )


def _with(part: Part, **changes: Any) -> Part:
    return replace(part, **{name: value for name, value in changes.items() if value is not None})
