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
    module: ClassVar[str]  # Module whose function `train` trains by the recipe; imported when it is used
    extra: ClassVar[str] = "train"  # Extra of livecoach with the packages that training needs
    instead_of_data: ClassVar[tuple[str, ...]] = ()  # Options that have no effect if there is a dataset

    def with_values(self, **values: Any) -> Self:
        """Return a copy of the recipe with new values of fields; a value of None changes nothing."""
        return self.model_copy(update={name: value for name, value in values.items() if value is not None})

    def command(self, *arguments: str) -> str:
        """Return the command line that trains by the recipe; `arguments`, such as the exercise, precede its options.

        Options without a value, and options that a dataset replaces, are left out. Paths are cut to their last part.
        """
        values = self.model_dump(exclude_none=True)
        unused = self.instead_of_data if "data" in values else ()
        options = [
            f"--{name} {value.name if isinstance(value, Path) else value}"
            for name, value in values.items()
            if name not in unused
        ]
        return " ".join([TRAIN, self.name, *arguments, *options])


class PartRecipe(Recipe):
    """A recipe for a part of an exercise's model folder.

    The function `train` of `module` takes the recipe, a BuildContext, the folder for the files, and the record of the
    training (command and seed), and returns a report in words.
    """

    files: ClassVar[tuple[str, ...]]  # Names of the part's files; the first is JSON and holds the command


class NetworkRecipe(Recipe):
    """A recipe for a model that is not part of an exercise's model.

    The function `train` of `module` takes the recipe, the folder for the files and a JobRunner, and returns the
    measured figures as tables, or as a mapping from the name of a figure to its value.
    """

    extra = "networks"
    what: ClassVar[str]  # Subject of the model in messages and tables, such as "plates"
    folder: ClassVar[str] = ""  # Folder in models/ of a shipped model; empty if it does not ship
    card: ClassVar[str]  # File that exists if the model does
    kind_of_card: ClassVar[str] = ""  # Kind that model.json names
    resumes: ClassVar[bool] = True  # Whether an interrupted training continues where it stopped

    @property
    def writes_files(self) -> bool:
        """Whether training by the recipe writes files."""
        return True

    def is_made_in(self, folder: Path) -> bool:
        """Return whether a folder holds a model of this recipe: its `card` or, in model.json, its `kind_of_card`."""
        return (folder / self.card).is_file() if self.card != CARD else model_kind(folder) == self.kind_of_card


class StageRecipe(PartRecipe):
    """Train the model that decides if the lifter is up or down.

    The command writes the stage model of an exercise, stage.json. By default, sizes and seeds are as for the
    shipped models.

    Example: livecoach lab train stage deadlift --out my-deadlift
    """

    name = "stage"
    module = "livecoach.lab.train.stage"
    files = ("stage.json",)
    instead_of_data = ("sets",)
    sets: Annotated[int, Ge(2), Le(MOST)] = 300
    """Number of synthetic sets to train on. A third as many more measure the accuracy."""
    data: Path | None = None
    """Folder of a dataset, made by `livecoach lab dataset`, to train on instead of synthetic sets."""
    seed: Seed = 1
    """Seed of the synthetic sets."""


class BoundariesRecipe(PartRecipe):
    """Train the model that finds a rep's start, turn and end.

    The command writes the boundaries of an exercise, boundaries.json. Reps are found by the stage model and, if there
    is one, the lift model in the folder of --out, or else by the present models of the exercise.

    By default, sizes and seeds are as for the shipped models.

    Example: livecoach lab train boundaries deadlift --out my-deadlift
    """

    name = "boundaries"
    module = "livecoach.lab.train.boundaries"
    files = ("boundaries.json",)
    sets: Annotated[int, Ge(2), Le(MOST)] = 600
    """Number of synthetic sets. Every fifth set is not trained on, and measures the errors."""
    seed: Seed = 51
    """Seed of the sets."""


class LiftRecipe(PartRecipe):
    """Train the model that decides if a movement is a rep.

    The command writes the lift model of an exercise, lift.json. Movements are found by the stage model and the
    boundaries in the folder of --out, or else by the present models of the exercise. Rendered sets are drawn with
    OpenGL, which takes a minute or more for each set, and are kept in the cache.

    By default, sizes and seeds are as for the shipped models.

    Example: livecoach lab train lift deadlift --out my-deadlift
    """

    name = "lift"
    module = "livecoach.lab.train.lift_training"
    files = ("lift.json",)
    sets: Annotated[int, Ge(2), Le(MOST)] = 1400
    """Number of synthetic sets of the lift to train on. A third as many sets of other lifts are added."""
    others: Annotated[tuple[str, ...] | None, Field(exclude=True)] = None
    """Lifts whose reps are counterexamples; None for all other synthetic lifts, by typical lifters of each lift."""
    rendered: Annotated[int, Ge(0), Le(87)] = 0
    """Number of rendered sets to train on in addition."""
    real: Annotated[int, Ge(1), Le(MOST)] = 400
    """Number of sets of the people of --motion to train on in addition. Without --motion it has no effect."""
    motion: Path | None = None
    """Folder of people's recorded movements (UI-PRMD and CMU), to train on in addition."""
    judging: Annotated[int, Ge(1), Le(MOST)] = 60
    """Number of synthetic sets that measure the accuracy."""
    seed: Seed = 6101
    """Seed of the training sets. Sets that measure the accuracy have the next seed, rendered sets seeds 200 to 202
    higher."""


class ScorerRecipe(PartRecipe):
    """Train the scorer, which judges how a rep was done.

    The scorer is for an exercise, or with --images for the dissertation's rep images.

    For an exercise, the stage model, the boundaries and the lift model have to be in the folder of --out; otherwise
    the present models of the exercise are copied there. By default, sizes and seeds are as for the shipped models.

    For rep images, --method seed trains by PyTorch, which is in livecoach's extra `networks`.

    Example: livecoach lab train scorer deadlift --out my-deadlift

    Example: livecoach lab train scorer --images good --out model
    """

    name = "scorer"
    module = "livecoach.lab.train.scorer_training"
    instead_of_data = ("lifters",)
    files = ("scorer.json", "encoder.tflite", "decoder.tflite", "kde.npz", "faults.npz", "model.json")
    lifters: Annotated[int, Ge(8), Le(5000)] = 80
    """Number of synthetic lifters to train on. A third as many more set the limits, and two fifths as many more measure
    the accuracy."""
    cameras: Annotated[int, Ge(1), Le(20)] = 3
    """Number of virtual cameras that film each person of --motion."""
    seed: Seed = 103
    """Seed of the lifters and the cameras, or of the training on rep images."""
    motion: Path | None = None
    """Folder of people's recorded movements (UI-PRMD), to train the encoder on in addition."""
    data: Path | None = None
    """Folder of a dataset, made by `livecoach lab dataset`, to train on instead of synthetic lifters."""


Part = StageRecipe | BoundariesRecipe | LiftRecipe | ScorerRecipe


PARTS: tuple[type[Part], ...] = (StageRecipe, BoundariesRecipe, LiftRecipe, ScorerRecipe)
"""Recipes of all parts of a model folder, in the order of training. Each needs the first file of all earlier parts."""


class AllRecipe(Recipe):
    """Train all models of an exercise from its YAML files.

    The models are trained one after the other: stage, boundaries, lift, scorer. They are put into the folder of --out
    when all are complete. model.json names the commands that trained them. If the training was interrupted, the same
    command continues it. By default, sizes and seeds are as for the shipped models.

    Example: livecoach lab train all squat --out my-squat
    """

    name = "all"
    sets: Annotated[int, Ge(2), Le(MOST)] | None = None
    """Number of synthetic sets for the stage model, for the boundaries, and for the lift model."""
    lifters: Annotated[int, Ge(8), Le(5000)] | None = None
    """Number of synthetic lifters for the scorer."""
    rendered: Annotated[int, Ge(0), Le(87)] | None = None
    """Number of rendered sets for the lift model."""
    motion: Path | None = None
    """Folder of people's recorded movements (UI-PRMD and CMU), to train lift model and scorer on in addition."""
    seed: Seed | None = None
    """Seed of all models; by default each model has a seed of its own."""


class BarRecipe(NetworkRecipe):
    """Train the networks that find a barbell's plate.

    The networks learn from rendered pictures, which are drawn with OpenGL and kept in the cache.

    Example: livecoach lab train bar --out my-bar
    """

    name = folder = "bar"
    module = "livecoach.lab.train.bar_networks"
    what = "plates"
    card = "bar.json"
    scenes: Annotated[int, Ge(1), Le(MOST)] = 600
    """Number of scenes to train on."""
    judging: Annotated[int, Ge(1), Le(MOST)] = 60
    """Number of scenes that measure the accuracy."""


class DepthRecipe(NetworkRecipe):
    """Train the model that measures the depth of a squat.

    The model learns from rendered squats of training bodies, whose mesh shows the true depth. The squats are drawn with
    OpenGL and kept in the cache.

    Example: livecoach lab train depth --out my-depth
    """

    name = "depth"
    module = "livecoach.lab.depth_training"
    what = "depth"
    extra = "train"
    folder = "standards"
    card = "depth.json"
    sets: Annotated[int, Ge(8), Le(MOST)] = 94
    """Number of rendered sets to train on, with eight squats each."""
    seed: Seed = 5101
    """Seed of the rendered sets."""


class LiftingRecipe(NetworkRecipe):
    """Train the network from keypoints to world landmarks.

    Pose models that give only keypoints in the picture need this network: movenet, and ONNX files. The network learns
    from synthetic bodies. Training takes minutes of one processor.

    Example: livecoach lab train lifting --out my-lifting
    """

    name = "lifting"
    module = "livecoach.lab.train.pose_lifter_training"
    what = "lifting"
    folder = "pose"
    card = "lifting.json"
    sets: Annotated[int, Ge(10), Le(MOST)] = 2500
    """Number of synthetic sets to train on, of all lifts. A tenth as many, of other bodies, measure the errors."""
    steps: Annotated[int, Ge(10), Le(MOST)] = 12000
    """Number of training steps, each on 512 frames."""


class RecognitionRecipe(NetworkRecipe):
    """Train the network that recognises the exercise.

    The network learns from synthetic sets of every exercise, and with --motion also from people's recorded movements
    before virtual cameras. The synthetic sets are kept in the cache. With a --kind other than tcn, the command only
    reports the accuracy on bodies that were not trained on, and writes no network.

    Example: livecoach lab train recognition --out my-recognition
    """

    name = folder = "recognition"
    module = "livecoach.lab.recognition.making"
    what = "recognition"
    card = "recognition.json"
    kind: Literal["tcn", "lstm", "cnn-lstm"] = "tcn"
    """Kind of network: convolutional (tcn), recurrent (lstm), or both (cnn-lstm). Only tcn is written."""
    sets: Annotated[int, Ge(1), Le(MOST)] = 6000
    """Number of synthetic sets to train on."""
    choosing: Annotated[int, Field(exclude=True)] = 240
    """Synthetic sets, and with --motion as many of people, by which the rules of the belief are chosen."""
    judging: Annotated[int, Ge(1), Le(MOST)] = 240
    """Number of synthetic sets that measure the accuracy, of bodies that are not trained on."""
    steps: Annotated[int, Ge(1), Le(MOST)] = 20_000
    """Number of training steps."""
    seed: Seed = 9400
    """Seed of the sets and of the training. Sets that measure the accuracy have the next seed."""
    real: Annotated[int, Ge(1), Le(MOST)] = 2400
    """Number of sets of the people of --motion to train on in addition. Without --motion it has no effect."""
    motion: Path | None = None
    """Folder of people's recorded movements (UI-PRMD and CMU), to train on in addition."""

    @property
    def writes_files(self) -> bool:
        """Whether the network is of the kind that ships; for other kinds, only the figures are reported."""
        return self.kind == "tcn"


class SquatPictureRecipe(NetworkRecipe):
    """Train the network DeepSquat to judge squats by a picture.

    DeepSquat is a published architecture; its numbers of filters are our choice. The network tells good squats from bad
    squats by a single picture of the pose. It learns from synthetic lifters, whose squats are kept in the cache. The
    accuracy is measured on lifters with other bodies. No run of livecoach uses this network.

    Example: livecoach lab train squat-picture --out my-squat-picture
    """

    name = "squat-picture"
    module = "livecoach.lab.train.squat_picture_training"
    what = kind_of_card = "squat picture"
    card = CARD
    lifters: Annotated[int, Ge(8), Le(MOST)] = 1000
    """Number of synthetic lifters to train on."""
    judging: Annotated[int, Ge(2), Le(MOST)] = 200
    """Number of synthetic lifters that measure the accuracy."""
    pictures: Annotated[int, Ge(32), Le(MOST)] = 36_000
    """Number of pictures to train on, drawn at random from the lifters' squats."""
    seed: Seed = 1
    """Seed of the training."""


Method = Literal["seed", "best"]
KIND: Literal["rep image scorer"] = "rep image scorer"


class ImagesRecipe(NetworkRecipe):
    """The recipe of `livecoach lab train scorer --images`, for a scorer of rep images."""

    name = "scorer"
    module = "livecoach.lab.images.model"
    what = "rep images"
    card, kind_of_card = CARD, KIND
    extra = "train"
    resumes = False
    images: Path | None = None
    """Folder of good rep images (PNG) to train on instead of an exercise's reps."""
    method: Method = "best"
    """Method for rep images: the features of each joint's motion (best), or the dissertation's autoencoder (seed)."""
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
"""Motion → changes for its model; SMALLER for other motions. Bends, rows and deadlifts look alike, and snatches differ
much from lifter to lifter, so their lift models learn from more sets."""


def part_recipes(exercise: Exercise) -> tuple[Part, ...]:
    """Return a recipe for each part of an exercise's model, with the values that suit its motion.

    Raises ConfigError if the synthetic lifter can't do the exercise.
    """
    from livecoach.lab.synth.motion.lifts import EXERCISES

    if exercise.motion not in EXERCISES:
        raise ConfigError(
            f"exercise {exercise.name!r}: its motion {exercise.motion!r} is unknown to the synthetic lifter. "
            f"It does: {', '.join(EXERCISES)}."
        )
    changes = SHIPPED.get(exercise.motion, SMALLER)
    return tuple(kind(**changes.get(kind.name, {})) for kind in PARTS)


def apply_options(part: Part, options: AllRecipe) -> Part:
    """Return a part's recipe with the user's options. A lift model's `judging` changes in proportion to `sets`."""
    changes = {name: value for name, value in options if name in type(part).model_fields}
    if isinstance(part, LiftRecipe) and options.sets is not None:
        changes["judging"] = max(options.sets * part.judging // part.sets, LEAST_JUDGING)
    return part.with_values(**changes)


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildContext:
    """The exercise, the folder of earlier parts and the runner of jobs, with which a part of a model is made."""

    exercise: Exercise
    earlier_parts: Path  # Folder with the earlier parts
    runner: JobRunner

    def load_dataset(self, folder: Path) -> "Dataset":
        """Load a dataset. Raises ConfigError if it is of another exercise, and SourceError if it can't be read."""
        from livecoach.lab import dataset

        loaded = dataset.load(folder)
        if loaded.exercise != self.exercise.name:
            raise ConfigError(f"{folder}: is of {loaded.exercise}, not of {self.exercise.name}. Choose another --data.")
        return loaded

    def scorer_dataset(self, recipe: ScorerRecipe) -> "Dataset":
        """Return the dataset that trains a scorer: the dataset that the recipe names, or else a synthetic dataset.

        A synthetic dataset is made first if the cache lacks it. Raises ConfigError if a named dataset is of another
        exercise, SourceError if a dataset can't be read, and OutputError if a synthetic dataset can't be written.
        """
        from livecoach.lab import dataset, synthetic

        if recipe.data is not None:
            return self.load_dataset(recipe.data)
        made = partial(synthetic.make_synthetic_dataset, self.exercise.name, recipe.lifters, recipe.seed, self.runner)
        return dataset.load_or_make(self.cache_folder / f"dataset-{recipe.lifters}-{recipe.seed}", made)

    @property
    def cache_folder(self) -> Path:
        """The folder of cached datasets and drafts, which changes with the exercise's files and livecoach's version.

        Raises ConfigError if the exercise's faults can't be read.
        """
        name = self.exercise.name
        from livecoach.decisions.rep.measures import load_faults

        load_faults(name)  # raises ConfigError if the file that is read next is missing
        digest = hashlib.sha256(livecoach.__version__.encode())
        for file in (exercises.folder() / f"{name}.yaml", configs_dir() / "faults" / f"{name}.yaml"):
            digest.update(file.read_bytes())
        return self.runner.cache / f"{name}-{digest.hexdigest()[:8]}"
