"""How much of what each part of an exercise's model is trained on, and with which seed: as for the shipped models."""

from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from livecoach.config.exercise import Exercise
from livecoach.errors import ConfigError
from livecoach.synth.motion.lifts import EXERCISES


@dataclass(frozen=True, slots=True, kw_only=True)
class StageRecipe:
    """The stage model."""

    sets: int = 300
    """Synthetic sets to train on; a third as many are judged."""
    seed: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class LiftRecipe:
    """The lift model."""

    sets: int = 1400
    """Synthetic sets to train on, and a third as many of other lifts."""
    others: tuple[str, ...] | None = None
    """Lifts that are no reps of this one; None: all others of the synthetic lifter, by lifters who are typical of each
    lift."""
    rendered: int = 0
    """Rendered sets to train on too."""
    judging: int = 60
    """Synthetic sets to judge on."""
    limit: float | None = None
    """Log likelihood ratio above which a movement alone is a lift; None: as livecoach.lab.train.lift has it."""
    seed: int = 6101
    """Of training; judging has the next one, and rendered sets have those from 200 on after it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BoundariesRecipe:
    """What tells where a rep starts, turns and ends."""

    sets: int = 600
    """Synthetic sets; every fifth is judged."""
    seed: int = 51


@dataclass(frozen=True, slots=True, kw_only=True)
class ScorerRecipe:
    """What form is judged by."""

    lifters: int = 80
    """Synthetic lifters to train on; a third and two fifths as many set limits and judge."""
    cameras: int = 3
    """Virtual cameras that see each real person."""
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
"""Recipe of a lift that was trained in minutes of one processor."""
SHIPPED = {
    "deadlift": Recipe(lift=LiftRecipe(rendered=87, others=("squat",))),
    "squat": Recipe(lift=LiftRecipe(others=("deadlift",)), boundaries=BoundariesRecipe(seed=52)),
    "romanian_deadlift": replace(SMALLER, lift=replace(SMALLER.lift, sets=400)),
    "sumo_deadlift": replace(SMALLER, lift=replace(SMALLER.lift, sets=320)),
    "barbell_row": replace(SMALLER, lift=replace(SMALLER.lift, sets=240)),
}
"""By motion; SMALLER for all others. The deadlift learns from rendered sets too, the squat does as well without
(docs/counting.md). Bends, rows and deadlifts look alike, so what tells them apart learns from more sets than that of
the others.
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
    """Return the recipe with other sizes, and with one seed for all parts; None: as it is."""
    judging = None if sets is None else max(sets * recipe.lift.judging // recipe.lift.sets, LEAST_JUDGING)
    return Recipe(
        stage=_with(recipe.stage, sets=sets, seed=seed),
        lift=_with(recipe.lift, sets=sets, judging=judging, rendered=rendered, seed=seed),
        boundaries=_with(recipe.boundaries, sets=sets, seed=seed),
        scorer=_with(recipe.scorer, lifters=lifters, seed=seed),
    )


def _with(part: Part, **changes: Any) -> Part:
    return replace(part, **{name: value for name, value in changes.items() if value is not None})
