"""Defines the recipes of `livecoach lab train`, one for each command: its help, and a field for each option.

The defaults make the shipped models.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, Self

from annotated_types import Ge, Le
from pydantic import BaseModel, ConfigDict, Field

import livecoach
from livecoach.core.config import exercise as exercises
from livecoach.core.config.exercise import Exercise
from livecoach.core.config.paths import configs_dir
from livecoach.core.errors import ConfigError
from livecoach.lab.model_files import CARD, model_kind
from livecoach.lab.processes import JobRunner

if TYPE_CHECKING:
    from livecoach.lab.dataset import Dataset

TRAIN = "livecoach lab train"
MOST = 1_000_000
Seed = Annotated[int, Ge(0), Le(2**32 - 1)]


class Recipe(BaseModel):
    """A recipe of a training: its sizes, seeds and sources. Fields with `exclude=True` are not options."""

    model_config = ConfigDict(frozen=True, use_attribute_docstrings=True)
    name: ClassVar[str]  # Name of the command
    module: ClassVar[str]  # Module whose function `make` trains by the recipe; imported when it is used
    extra: ClassVar[str] = "train"  # Name of the packages that training needs
    instead_of_data: ClassVar[tuple[str, ...]] = ()  # Options that have no effect if there is a dataset

    def with_values(self, **values: Any) -> Self:
        """Return a copy of the recipe with new values of fields; a value of None changes nothing."""
        return self.model_copy(update={name: value for name, value in values.items() if value is not None})

    def command(self, *what: str) -> str:
        """Return the command line that trains by the recipe, with folders by name, and without options of no effect."""
        values = self.model_dump(exclude_none=True)
        unused = self.instead_of_data if "data" in values else ()
        options = [
            f"--{name} {value.name if isinstance(value, Path) else value}"
            for name, value in values.items()
            if name not in unused
        ]
        return " ".join([TRAIN, self.name, *what, *options])


class PartRecipe(Recipe):
    """A recipe for a part of an exercise's model folder.

    The function `make` of `module` takes the recipe, a BuildContext, the folder for the files, and the record of the
    training (command and seed), and returns a report in words.
    """

    files: ClassVar[tuple[str, ...]]  # Names of the part's files; the first is JSON and holds the command


class NetworkRecipe(Recipe):
    """A recipe for a model that is not part of an exercise's model.

    The function `make` of `module` takes the recipe, the folder for the files and a JobRunner. It returns the measured
    figures as tables, or as a mapping from the name of a figure to its value.
    """

    extra = "networks"
    what: ClassVar[str]  # Purpose of the model, in words
    folder: ClassVar[str] = ""  # Folder in models/ of a shipped model; empty if it does not ship
    card: ClassVar[str]  # File that exists if the model does
    kind_of_card: ClassVar[str] = ""  # Kind that model.json names
    resumes: ClassVar[bool] = True  # Whether an interrupted training continues where it stopped

    @property
    def is_written(self) -> bool:
        """Whether training by the recipe writes files."""
        return True

    def is_made_in(self, folder: Path) -> bool:
        """Return whether a folder holds a model of the recipe, by the card; a model.json must name `kind_of_card`."""
        return (folder / self.card).is_file() if self.card != CARD else model_kind(folder) == self.kind_of_card


class StageRecipe(PartRecipe):
    """Train the model that tells when the lifter is up or down.

    The command writes stage.json of an exercise. Sizes and seeds default to those of the shipped models.

    Example: livecoach lab train stage deadlift --out my-deadlift
    """

    name = "stage"
    module = "livecoach.lab.train.stage"
    files = ("stage.json",)
    instead_of_data = ("sets",)
    sets: Annotated[int, Ge(2), Le(MOST)] = 300
    """Synthetic sets to train on; a third as many more measure the accuracy."""
    data: Path | None = None
    """Dataset to train on instead of synthetic sets."""
    seed: Seed = 1
    """Seed of sets and training."""


class BoundariesRecipe(PartRecipe):
    """Train the model that finds a rep's start, turn and end.

    The command writes boundaries.json of an exercise. It uses the stage model in the folder of --out, or else the stage
    model that the exercise has now.

    Sizes and seeds default to those of the shipped models.

    Example: livecoach lab train boundaries deadlift --out my-deadlift
    """

    name = "boundaries"
    module = "livecoach.lab.train.boundaries"
    files = ("boundaries.json",)
    sets: Annotated[int, Ge(2), Le(MOST)] = 600
    """Synthetic sets; every fifth is not trained on, and measures the errors."""
    seed: Seed = 51
    """Seed of the sets."""


class LiftRecipe(PartRecipe):
    """Train the model that tells a lift from other movements.

    The command writes lift.json of an exercise. It uses the stage model and the boundaries in the folder of --out, or
    else those that the exercise has now. Rendered sets are drawn with OpenGL, a minute and more each, and kept in the
    cache.

    Sizes and seeds default to those of the shipped models.

    Example: livecoach lab train lift deadlift --out my-deadlift
    """

    name = "lift"
    module = "livecoach.lab.train.lift_training"
    files = ("lift.json",)
    sets: Annotated[int, Ge(2), Le(MOST)] = 1400
    """Synthetic sets of the lift; there are a third as many of other lifts."""
    others: Annotated[tuple[str, ...] | None, Field(exclude=True)] = None
    """Lifts whose reps are counterexamples; None: all others of the synthetic lifter, by typical lifters of each."""
    rendered: Annotated[int, Ge(0), Le(87)] = 0
    """Rendered sets to learn from too."""
    real: Annotated[int, Ge(1), Le(MOST)] = 400
    """Sets of the people of --motion to learn from, too; without --motion, there are none."""
    motion: Path | None = None
    """Folder of recorded movements (UI-PRMD, CMU), to learn from them too."""
    judging: Annotated[int, Ge(1), Le(MOST)] = 60
    """Synthetic sets to judge on."""
    seed: Seed = 6101
    """Seed of training; judging uses the next seed, and rendered sets use the seeds 200 to 202 above it."""


class ScorerRecipe(PartRecipe):
    """Train the scorer of how much a rep differs from good reps.

    The scorer learns from reps of an exercise, or from a folder of rep images.

    For an exercise, the command uses the stage model, the boundaries and the lift model in the folder of --out, or else
    those that the exercise has now. Sizes and seeds default to those of the shipped models. --method seed trains by
    PyTorch, which the extra `networks` brings.

    Example: livecoach lab train scorer deadlift --out my-deadlift

    Example: livecoach lab train scorer --images good --out model
    """

    name = "scorer"
    module = "livecoach.lab.train.scorer_training"
    instead_of_data = ("lifters",)
    files = ("scorer.json", "encoder.tflite", "decoder.tflite", "kde.npz", "faults.npz", "model.json")
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


Part = StageRecipe | BoundariesRecipe | LiftRecipe | ScorerRecipe


PARTS: tuple[type[Part], ...] = (StageRecipe, BoundariesRecipe, LiftRecipe, ScorerRecipe)
"""All parts of a model folder, in the order of training. Each needs the first file of every earlier part."""


class Sizes(Recipe):
    """Train all models of an exercise from its YAML files.

    The parts are made one after the other: stage, boundaries, lift, scorer. They take the place of the exercise's model
    when all are complete; model.json says by which commands they were made. After an interruption the same command
    continues. Sizes and seeds default to those of the shipped models.

    Example: livecoach lab train all squat --out my-squat
    """

    name = "all"
    sets: Annotated[int, Ge(2), Le(MOST)] | None = None
    """Synthetic sets of stage, boundaries and lift."""
    lifters: Annotated[int, Ge(8), Le(5000)] | None = None
    """Synthetic lifters of the scorer."""
    rendered: Annotated[int, Ge(0), Le(87)] | None = None
    """Rendered sets of the lift model."""
    motion: Path | None = None
    """Folder of recorded movements (UI-PRMD, CMU), for the lift model and the scorer's encoder to learn from too."""
    seed: Seed | None = None
    """One seed for all parts."""


class BarRecipe(NetworkRecipe):
    """Train the networks that find a barbell's plate.

    They learn from rendered pictures, which are drawn with OpenGL and kept in the cache.

    Example: livecoach lab train bar --out my-bar
    """

    name = folder = "bar"
    module = "livecoach.lab.train.bar_networks"
    what = "plates"
    card = "bar.json"
    scenes: Annotated[int, Ge(1), Le(MOST)] = 600
    """Scenes to train on."""
    judging: Annotated[int, Ge(1), Le(MOST)] = 60
    """Scenes to judge by."""


class DepthRecipe(NetworkRecipe):
    """Train the model that measures the depth of a squat.

    It learns from rendered squats of training bodies, whose mesh shows the true depth. They are drawn with OpenGL and
    kept in the cache.

    Example: livecoach lab train depth --out my-depth
    """

    name = "depth"
    module = "livecoach.lab.depth_training"
    what = "depth"
    extra = "train"
    folder = "standards"
    card = "depth.json"
    sets: Annotated[int, Ge(8), Le(MOST)] = 94
    """Rendered sets."""
    seed: Seed = 5101
    """Seed of the rendered sets."""


class LiftingRecipe(NetworkRecipe):
    """Train the network that lifts keypoints to world landmarks.

    The network learns from synthetic bodies. Pose models without world landmarks of their own need it: movenet and ONNX
    files. Training takes minutes of one processor.

    Example: livecoach lab train lifting --out my-lifting
    """

    name = "lifting"
    module = "livecoach.lab.train.pose_lifter_training"
    what = "lifting"
    folder = "pose"
    card = "lifting.json"
    sets: Annotated[int, Ge(10), Le(MOST)] = 2500
    """Synthetic sets, equally many of each lift; a tenth as many of judging bodies measure its errors."""
    steps: Annotated[int, Ge(10), Le(MOST)] = 12000
    """Batches of 512 frames."""


class RecognitionRecipe(NetworkRecipe):
    """Train the network that recognises the exercise.

    It learns from synthetic sets of every exercise, and with --motion from real people's movements before virtual
    cameras. The sets are kept in the cache. For a kind of network that does not ship, the command only reports how many
    sets of judging bodies the network gets right, and writes nothing.

    Example: livecoach lab train recognition --out my-recognition
    """

    name = folder = "recognition"
    module = "livecoach.lab.recognition.making"
    what = "recognition"
    card = "recognition.json"
    kind: Literal["tcn", "lstm", "cnn-lstm"] = "tcn"
    """Kind of network; only tcn is written."""
    sets: Annotated[int, Ge(1), Le(MOST)] = 6000
    """Synthetic sets to train on."""
    choosing: Annotated[int, Field(exclude=True)] = 240
    """Synthetic sets, and with --motion as many of people, by which the rules of the belief are chosen."""
    judging: Annotated[int, Ge(1), Le(MOST)] = 240
    """Synthetic sets of judging bodies."""
    steps: Annotated[int, Ge(1), Le(MOST)] = 20_000
    """Steps of training."""
    seed: Seed = 9400
    """Seed of sets and training."""
    real: Annotated[int, Ge(1), Le(MOST)] = 2400
    """Sets of the people of --motion to train on."""
    motion: Path | None = None
    """Folder of recorded movements (UI-PRMD, CMU), to learn from them too."""

    @property
    def is_written(self) -> bool:
        """Whether the network is of the kind that ships; of other kinds, only the figures are reported."""
        return self.kind == "tcn"


class SquatPictureRecipe(NetworkRecipe):
    """Train a published network that judges squats by a picture.

    The network distinguishes good squats from bad squats by a single picture of the pose. It learns from synthetic
    lifters, whose squats stay in the cache, and is judged on others, with bodies that it has not seen. It judges
    nothing live.

    Example: livecoach lab train squat-picture --out my-squat-picture
    """

    name = "squat-picture"
    module = "livecoach.lab.train.squat_picture_training"
    what = kind_of_card = "squat picture"
    card = CARD
    lifters: Annotated[int, Ge(8), Le(MOST)] = 1000
    """Lifters to train on."""
    judging: Annotated[int, Ge(2), Le(MOST)] = 200
    """Lifters to judge by."""
    pictures: Annotated[int, Ge(32), Le(MOST)] = 36_000
    """Pictures to train on."""
    seed: Seed = 1
    """Seed of the training."""


Method = Literal["seed", "best"]
KIND: Literal["rep image scorer"] = "rep image scorer"


class ImagesRecipe(NetworkRecipe):
    """Train a scorer of rep images, by `livecoach lab train scorer --images`."""

    name = "scorer"
    module = "livecoach.lab.images.model"
    what = "rep images"
    card, kind_of_card = CARD, KIND
    extra = "train"
    resumes = False
    images: Path | None = None
    """Folder of good rep images (PNG) to train on instead of an exercise's reps."""
    method: Method = "best"
    """Method for rep images."""
    seed: Annotated[int, Field(exclude=True)] = 1


LEAST_JUDGING = 2  # Least number of sets to judge on
Changes = Mapping[str, Mapping[str, Any]]  # Name of a part → fields that differ from the defaults of its recipe
SMALLER: Changes = {"stage": {"sets": 60}, "boundaries": {"sets": 80}, "lift": {"sets": 160, "judging": 12}}
"""Changes for a lift whose training takes minutes on a processor."""
SHIPPED: Mapping[str, Changes] = {
    "deadlift": {"lift": {"rendered": 87, "others": ("squat",)}},
    "squat": {"lift": {"others": ("deadlift",)}, "boundaries": {"seed": 52}},
    "romanian_deadlift": {**SMALLER, "lift": {"sets": 400, "judging": 12}},
    "sumo_deadlift": {**SMALLER, "lift": {"sets": 320, "judging": 12}},
    "barbell_row": {**SMALLER, "lift": {"sets": 480, "judging": 12}},
    "overhead_press": {**SMALLER, "lift": {"sets": 480, "judging": 12}},
    "snatch": {**SMALLER, "lift": {"sets": 480, "judging": 12}},
}
"""Motion → changes; SMALLER for all others (docs/lessons.md). Bends, rows and deadlifts look alike, and snatches
differ much from lifter to lifter, so their lift models learn from more sets."""


def part_recipes(exercise: Exercise) -> tuple[Part, ...]:
    """Return the recipes of all PARTS. Raises ConfigError if the synthetic lifter can't do the exercise."""
    from livecoach.lab.synth.motion.lifts import EXERCISES

    if exercise.motion not in EXERCISES:
        raise ConfigError(
            f"exercise {exercise.name!r}: its motion {exercise.motion!r} is unknown to the synthetic lifter. "
            f"It does: {', '.join(EXERCISES)}."
        )
    changes = SHIPPED.get(exercise.motion, SMALLER)
    return tuple(kind(**changes.get(kind.name, {})) for kind in PARTS)


def resize(part: Part, sizes: Sizes) -> Part:
    """Return a copy of a recipe with the user's sizes; a lift model is judged on proportionally many sets."""
    changes = {name: value for name, value in sizes if name in type(part).model_fields}
    if isinstance(part, LiftRecipe) and sizes.sets is not None:
        changes["judging"] = max(sizes.sets * part.judging // part.sets, LEAST_JUDGING)
    return part.with_values(**changes)


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildContext:
    """The exercise, the folder of earlier parts and the runner with which a part is made."""

    exercise: Exercise
    before: Path  # Folder with the earlier parts
    runner: JobRunner

    def recorded_dataset(self, folder: Path) -> "Dataset":
        """Load a dataset. Raises ConfigError if it belongs to another exercise, and SourceError if it can't be read."""
        from livecoach.lab import dataset

        loaded = dataset.load(folder)
        if loaded.exercise != self.exercise.name:
            raise ConfigError(f"{folder}: is of {loaded.exercise}, not of {self.exercise.name}. Choose another --data.")
        return loaded

    def scorer_dataset(self, recipe: ScorerRecipe) -> "Dataset":
        """Return the dataset that trains a scorer: a recorded dataset, or a synthetic dataset from the cache."""
        from livecoach.lab import dataset, synthetic

        if recipe.data is not None:
            return self.recorded_dataset(recipe.data)
        made = partial(synthetic.make_synthetic_dataset, self.exercise.name, recipe.lifters, recipe.seed, self.runner)
        return dataset.load_or_make(self.cache_folder / f"dataset-{recipe.lifters}-{recipe.seed}", made)

    @property
    def cache_folder(self) -> Path:
        """Folder of intermediate results, which depends on the exercise, its faults and the version of livecoach."""
        name = self.exercise.name
        from livecoach.decisions.rep.measures import load_faults

        load_faults(name)  # raises ConfigError if the file that is read next is missing
        digest = hashlib.sha256(livecoach.__version__.encode())
        for file in (exercises.folder() / f"{name}.yaml", configs_dir() / "faults" / f"{name}.yaml"):
            digest.update(file.read_bytes())
        return self.runner.cache / f"{name}-{digest.hexdigest()[:8]}"
