"""The parts of an exercise's model folder: how each is made, and by which command."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import livecoach
from livecoach.config import exercise as exercises
from livecoach.config.exercise import Exercise
from livecoach.config.paths import configs_dir
from livecoach.counting import boundary_file
from livecoach.judging import population_file
from livecoach.lab.processes import Progress
from livecoach.lab.train import rendered_lifts
from livecoach.lab.train.boundaries import off_table, train_boundaries
from livecoach.lab.train.population import effects_table, train_population
from livecoach.lab.train.recipes import Recipe
from livecoach.model_files.model_folder import MADE_BEFORE
from livecoach.rep.measures import load_faults


@dataclass(frozen=True, slots=True, kw_only=True)
class Making:
    """What a part is made of."""

    exercise: Exercise
    recipe: Recipe
    before: Path
    """Folder that holds the parts before it."""
    cache: Path
    jobs: int
    """Processes."""
    progress: Progress

    @property
    def drawn(self) -> Path:
        """Folder of rendered sets, which all exercises share."""
        return self.cache / "rendered"

    @property
    def work(self) -> Path:
        """Folder of what is made on the way; another one where the exercise, its faults or livecoach changed."""
        name = self.exercise.name
        load_faults(name)  # raises ConfigError where the file that is read next is missing
        digest = hashlib.sha256(livecoach.__version__.encode())
        for file in (exercises.folder() / f"{name}.yaml", configs_dir() / "faults" / f"{name}.yaml"):
            digest.update(file.read_bytes())
        return self.cache / f"{name}-{digest.hexdigest()[:8]}"


class Part(NamedTuple):
    """A part of a model folder."""

    verb: str
    """Its command: livecoach train VERB."""
    needs: tuple[str, ...]
    """Files that it is made after."""
    files: tuple[str, ...]
    """Files that it consists of. The first is JSON and holds its command."""
    options: Callable[[Recipe], str]
    """Options of its command that make it again."""
    make: Callable[[Making, Path, str], str]
    """Write its files into a folder, the command in the first, and return what there is to say of them."""

    def command(self, making: Making) -> str:
        """Return the command that makes it again."""
        return f"livecoach train {self.verb} {making.exercise.name} {self.options(making.recipe)}"

    def is_in(self, folder: Path, command: str) -> bool:
        """Return whether a folder holds it, whole and made by this command."""
        try:
            training = json.loads((folder / self.files[0]).read_text(encoding="utf-8"))["training"]
        except (OSError, ValueError, KeyError):
            return False
        return training["command"] == command and all((folder / name).is_file() for name in self.files)


def _stage(making: Making, out: Path, command: str) -> str:
    from livecoach.lab.train.stage import judged_text, synthetic_data, train_stage

    recipe = making.recipe.stage
    data = synthetic_data(making.exercise, recipe.sets, recipe.seed, making.jobs, making.progress)
    content = train_stage(data, recipe.seed, command)
    _write(out / "stage.json", content, indent=2)
    return judged_text(content)


def _lift(making: Making, out: Path, command: str) -> str:
    from livecoach.lab.train.lift import train_lift

    recipe = making.recipe.lift
    sets = rendered_lifts.draw(recipe, making.drawn, making.jobs, making.progress)
    examples = rendered_lifts.examples(making.exercise, making.before, making.drawn, sets)
    content = train_lift(making.exercise, making.before, recipe, examples, making.jobs, making.progress)
    content["training"] = {"command": command, "seed": recipe.seed, **content["training"]}
    _write(out / "lift.json", content)
    judged = {name: round(value) for name, value in content["judged"].items()}
    return (
        f"of {judged['reps']} synthetic reps {judged['missed']} are missed; {judged['ghosts']} ghosts beside them, "
        f"{judged['ghosts_without_reps']} in {judged['minutes_without_reps']} minutes without a rep"
    )


def _boundaries(making: Making, out: Path, command: str) -> str:
    recipe = making.recipe.boundaries
    learned = train_boundaries(making.exercise, making.before, recipe, making.jobs, making.progress)
    training = {"command": command, "seed": recipe.seed, "reps": learned.reps}
    boundary_file.save(learned.model, out / "boundaries.json", training)
    return f"of {learned.judged} synthetic reps that were not trained on\n{off_table(learned)}"


def _population(making: Making, out: Path, command: str) -> str:
    recipe = making.recipe.population
    learned = train_population(making.exercise, recipe, making.work, making.jobs, making.progress)
    training = {"command": command, "seed": recipe.seed, **learned.training}
    population_file.save(learned.population, out, training, learned.limits)
    population = population_file.load(out, load_faults(making.exercise.name))
    return f"score limit {population.score_limit:.2f}; effects of the faults by azimuth\n{effects_table(population)}"


def _scorer(making: Making, out: Path, command: str) -> str:
    from livecoach.lab.scorers.card import interval
    from livecoach.lab.scorers.limits import real_limit
    from livecoach.lab.scorers.training import TrainingTask, train_scorer
    from livecoach.lab.synthetic import synthetic_dataset

    recipe, exercise = making.recipe.scorer, making.exercise
    dataset = synthetic_dataset(
        exercise.name, recipe.lifters, recipe.seed, workers=making.jobs, progress=making.progress
    )
    task = TrainingTask(
        exercise=exercise,
        dataset=dataset,
        command=command,
        seed=recipe.seed,
        real=real_limit(exercise.name),
        comparing=recipe.comparing,
    )
    metrics = train_scorer(task, out, making.before, making.progress)
    return f"AUROC {interval(metrics['autoencoder']['auroc'])} on synthetic reps of lifters that it has not seen"


def _write(path: Path, content: dict[str, object], indent: int | None = None) -> None:
    path.write_text(json.dumps(content, indent=indent) + "\n", encoding="utf-8")


def _lift_options(recipe: Recipe) -> str:
    lift = recipe.lift
    limit = "" if lift.limit is None else f" --limit {lift.limit:g}"
    return f"--sets {lift.sets} --rendered {lift.rendered} --judging {lift.judging}{limit} --seed {lift.seed}"


def _scorer_options(recipe: Recipe) -> str:
    scorer = recipe.scorer
    return f"--lifters {scorer.lifters}{'' if scorer.comparing else ' --no-comparing'} --seed {scorer.seed}"


PARTS = {
    "stage": Part("stage", (), ("stage.json",), lambda r: f"--sets {r.stage.sets} --seed {r.stage.seed}", _stage),
    "boundaries": Part(
        "boundaries",
        ("stage.json",),
        ("boundaries.json",),
        lambda r: f"--sets {r.boundaries.sets} --seed {r.boundaries.seed}",
        _boundaries,
    ),
    "lift": Part("lift", ("stage.json", "boundaries.json"), ("lift.json",), _lift_options, _lift),
    "population": Part(
        "population",
        (),
        ("form.json", "form.npz"),
        lambda r: f"--lifters {r.population.lifters} --seed {r.population.seed}",
        _population,
    ),
    "scorer": Part(
        "scorer",
        MADE_BEFORE,
        ("model.json", "encoder.tflite", "decoder.tflite", "kde.npz", "README.md"),
        _scorer_options,
        _scorer,
    ),
}
"""In the order in which they are made: the lift model learns from movements as the boundaries cut them."""
