"""What the parts of an exercise's model folder are made with."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import livecoach
from livecoach.config import exercise as exercises
from livecoach.config.exercise import Exercise
from livecoach.config.paths import configs_dir
from livecoach.errors import ConfigError
from livecoach.lab import dataset
from livecoach.lab.dataset import Dataset
from livecoach.lab.processes import Workshop
from livecoach.lab.train.recipes import ExerciseRecipe
from livecoach.rep.measures import load_faults


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildContext:
    """The settings and folders from which a part is made."""

    exercise: Exercise
    recipe: ExerciseRecipe
    before: Path  # folder with the parts made before it
    workshop: Workshop

    def recorded(self, folder: Path) -> Dataset:
        """Return a dataset of the exercise. Raises ConfigError if it is of another one."""
        loaded = dataset.load(folder)
        if loaded.exercise != self.exercise.name:
            raise ConfigError(f"{folder}: is of {loaded.exercise}, not of {self.exercise.name}. Choose another --data.")
        return loaded

    @property
    def kept(self) -> Path:
        """Folder of intermediate results; another one where the exercise, its faults or livecoach changed."""
        name = self.exercise.name
        load_faults(name)  # raises ConfigError where the file that is read next is missing
        digest = hashlib.sha256(livecoach.__version__.encode())
        for file in (exercises.folder() / f"{name}.yaml", configs_dir() / "faults" / f"{name}.yaml"):
            digest.update(file.read_bytes())
        return self.workshop.cache / f"{name}-{digest.hexdigest()[:8]}"
