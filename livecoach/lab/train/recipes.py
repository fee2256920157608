"""What `livecoach lab train` makes things from. Each field of a recipe is an option of its command, described as here.

The defaults are those of the shipped models.
"""

from pathlib import Path
from typing import Annotated, Any, NamedTuple, Self

from annotated_types import Ge, Le
from pydantic import BaseModel, ConfigDict, Field

from livecoach.config.exercise import Exercise
from livecoach.errors import ConfigError
from livecoach.lab.recognition import KIND_NAMES, SHIPPED

TRAIN = "livecoach lab train"
MOST = 1_000_000
Seed = Annotated[int, Ge(0), Le(2**32 - 1)]


class OneOf(NamedTuple):
    """Marks a field that has one of these values."""

    values: tuple[str, ...]


class Recipe(BaseModel):
    """Sizes, seeds and sources of a training. Fields that are excluded are no options."""

    model_config = ConfigDict(frozen=True, use_attribute_docstrings=True)

    @property
    def is_written(self) -> bool:
        """Whether training by it writes files."""
        return True

    def changed(self, **given: Any) -> Self:
        """Return it with the given values in its fields; None: unchanged."""
        return self.model_copy(update={name: value for name, value in given.items() if value is not None})

    def command(self, *what: str) -> str:
        """Return the command that trains by it. what: the words after `livecoach lab train`. A path is told as DIR."""
        given = self.model_dump(exclude_none=True).items()
        options = [f"--{name} {'DIR' if isinstance(value, Path) else value}" for name, value in given]
        return " ".join([TRAIN, *what, *options])


class StageRecipe(Recipe):
    """The stage model of an exercise."""

    sets: Annotated[int, Ge(2), Le(MOST)] = 300
    """Synthetic sets to train on; a third as many are judged."""
    data: Path | None = None
    """Dataset to train on instead."""
    seed: Seed = 1
    """Seed of sets and training."""


class LiftRecipe(Recipe):
    """The lift model of an exercise."""

    sets: Annotated[int, Ge(2), Le(MOST)] = 1400
    """Synthetic sets of the lift; there are a third as many of other lifts."""
    others: Annotated[tuple[str, ...] | None, Field(exclude=True)] = None
    """Lifts whose reps are counterexamples; None: all others of the synthetic lifter, by typical lifters of each."""
    rendered: Annotated[int, Ge(0), Le(87)] = 0
    """Rendered sets to learn from too."""
    judging: Annotated[int, Ge(1), Le(MOST)] = 60
    """Synthetic sets to judge on."""
    limit: Annotated[float, Ge(-100), Le(100)] | None = None
    """Log likelihood ratio above which a movement alone is a lift."""
    seed: Seed = 6101
    """Seed of training; judging has the next one, and rendered sets have seeds from 200 above it."""


class BoundariesRecipe(Recipe):
    """The boundary model of an exercise."""

    sets: Annotated[int, Ge(2), Le(MOST)] = 600
    """Synthetic sets; every fifth is judged."""
    seed: Seed = 51
    """Seed of the sets."""


class ScorerRecipe(Recipe):
    """The scorer of an exercise."""

    lifters: Annotated[int, Ge(8), Le(5000)] = 80
    """Synthetic lifters to train on; a third as many set the limits, and two fifths as many judge."""
    cameras: Annotated[int, Ge(1), Le(20)] = 3
    """Virtual cameras that film each person of --motion."""
    seed: Seed = 103
    """Seed of lifters and cameras."""
    motion: Path | None = None
    """Folder of UI-PRMD's movements, for the encoder to learn from too."""
    data: Path | None = None
    """Dataset to train on instead of synthetic lifters."""


class ExerciseRecipe(NamedTuple):
    """All parts of a model folder."""

    stage: StageRecipe = StageRecipe()
    boundaries: BoundariesRecipe = BoundariesRecipe()
    lift: LiftRecipe = LiftRecipe()
    scorer: ScorerRecipe = ScorerRecipe()


class Sizes(Recipe):
    """Changes to the recipe of an exercise; None: as for the shipped models."""

    sets: Annotated[int, Ge(2), Le(MOST)] | None = None
    """Synthetic sets of stage, boundaries and lift."""
    lifters: Annotated[int, Ge(8), Le(5000)] | None = None
    """Synthetic lifters of the scorer."""
    rendered: Annotated[int, Ge(0), Le(87)] | None = None
    """Rendered sets of the lift model."""
    motion: Path | None = None
    """Folder of UI-PRMD's movements, for the scorer's encoder to learn from too."""
    seed: Seed | None = None
    """One seed for all parts."""


class BarRecipe(Recipe):
    """The networks that find a barbell's plate."""

    scenes: Annotated[int, Ge(1), Le(MOST)] = 600
    """Scenes to train on."""
    judging: Annotated[int, Ge(1), Le(MOST)] = 60
    """Scenes to judge by."""


class DepthRecipe(Recipe):
    """The regression that measures the depth of a squat."""

    sets: Annotated[int, Ge(8), Le(MOST)] = 94
    """Rendered sets."""
    seed: Seed = 5101
    """Seed of the rendered sets."""


class LiftingRecipe(Recipe):
    """The network that lifts keypoints to world landmarks."""

    sets: Annotated[int, Ge(10), Le(MOST)] = 2500
    """Synthetic sets, equally many of each lift; a tenth as many of judging bodies measure its errors."""
    steps: Annotated[int, Ge(10), Le(MOST)] = 12000
    """Batches of 512 frames."""


class RecognitionRecipe(Recipe):
    """The network that recognises the exercise."""

    kind: Annotated[str, OneOf(KIND_NAMES)] = SHIPPED
    """Network."""
    sets: Annotated[int, Ge(1), Le(MOST)] = 2000
    """Synthetic sets to train on."""
    choosing: Annotated[int, Field(exclude=True)] = 240
    """Synthetic sets by which the rules of the belief are chosen."""
    judging: Annotated[int, Ge(1), Le(MOST)] = 240
    """Synthetic sets of judging bodies."""
    steps: Annotated[int, Ge(1), Le(MOST)] = 1000
    """Steps of training."""
    seed: Seed = 9300
    """Seed of sets and training."""
    real: Annotated[int, Ge(1), Le(MOST)] = 800
    """Sets of the people of --motion to train on."""
    motion: Path | None = None
    """Folder of recorded movements (UI-PRMD, CMU), to learn from them too."""
    start: Path | None = None
    """Model folder whose network training goes on from."""

    @property
    def is_written(self) -> bool:
        """Whether it is of the kind that ships; for other kinds there are figures only."""
        return self.kind == SHIPPED


class SquatPictureRecipe(Recipe):
    """The published network that judges squats by a picture."""

    lifters: Annotated[int, Ge(8), Le(MOST)] = 1000
    """Lifters to train on."""
    judging: Annotated[int, Ge(2), Le(MOST)] = 200
    """Lifters to judge by."""
    pictures: Annotated[int, Ge(32), Le(MOST)] = 36_000
    """Pictures to train on."""
    kind: Annotated[str, OneOf(("paper", "square"))] = "paper"
    """As published, or cropped to a square."""
    seed: Seed = 1
    """Seed of the training."""


LEAST_JUDGING = 2
SMALLER = ExerciseRecipe(
    stage=StageRecipe(sets=60), boundaries=BoundariesRecipe(sets=80), lift=LiftRecipe(sets=160, judging=12)
)
"""Recipe of a lift whose training takes minutes on one processor."""
SHIPPED_RECIPES = {
    "deadlift": ExerciseRecipe(lift=LiftRecipe(rendered=87, others=("squat",))),
    "squat": ExerciseRecipe(lift=LiftRecipe(others=("deadlift",)), boundaries=BoundariesRecipe(seed=52)),
    "romanian_deadlift": SMALLER._replace(lift=SMALLER.lift.changed(sets=400)),
    "sumo_deadlift": SMALLER._replace(lift=SMALLER.lift.changed(sets=320)),
    "barbell_row": SMALLER._replace(lift=SMALLER.lift.changed(sets=240)),
}
"""Motion → recipe; SMALLER for all others. The deadlift also learns from rendered sets; the squat does as well without
(docs/lessons.md). Bends, rows and deadlifts look alike, so their lift models learn from more sets than the others.
"""


def recipe_of(exercise: Exercise) -> ExerciseRecipe:
    """Return the recipe of an exercise. Raises ConfigError where the synthetic lifter does not do it."""
    from livecoach.synth.motion.lifts import EXERCISES

    if exercise.motion not in EXERCISES:
        raise ConfigError(
            f"exercise {exercise.name!r}: its motion {exercise.motion!r} is unknown to the synthetic lifter. "
            f"It does: {', '.join(EXERCISES)}."
        )
    return SHIPPED_RECIPES.get(exercise.motion, SMALLER)


def resized(recipe: ExerciseRecipe, sizes: Sizes) -> ExerciseRecipe:
    """Return the recipe with other sizes in all parts that have them."""
    given = sizes.model_dump(exclude_none=True)
    parts: dict[str, Any] = {
        name: part.changed(**{key: value for key, value in given.items() if key in type(part).model_fields})
        for name, part in recipe._asdict().items()
    }
    changed = recipe._replace(**parts)
    if sizes.sets is None:
        return changed
    judging = max(sizes.sets * recipe.lift.judging // recipe.lift.sets, LEAST_JUDGING)
    return changed._replace(lift=changed.lift.changed(judging=judging))
