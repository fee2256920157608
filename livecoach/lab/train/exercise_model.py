"""Trains all parts of an exercise's model folder, together or one by one.

A part is made in a folder beside its destination, and moves there when it is complete. `train_all` makes the parts in
the cache, where a stopped run resumes, and replaces the model at the end.
"""

import hashlib
import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

import livecoach
from livecoach.config import exercise as exercises
from livecoach.config.exercise import Exercise
from livecoach.config.paths import configs_dir
from livecoach.counting import boundary_regression
from livecoach.errors import ModelError
from livecoach.lab.dataset import Dataset, Reps
from livecoach.lab.model_files import new_files, seal
from livecoach.lab.processes import Progress
from livecoach.lab.scorer.real_motion import MOVEMENTS, real_reps
from livecoach.lab.synthetic import kept_dataset
from livecoach.lab.train import rendered_lifts
from livecoach.lab.train.boundaries import error_table, train_boundaries
from livecoach.lab.train.recipes import Recipe
from livecoach.rep.measures import load_faults


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildContext:
    """The settings and folders from which a part is made."""

    exercise: Exercise
    recipe: Recipe
    before: Path
    """Folder with the parts made before it."""
    cache: Path
    jobs: int
    """Number of processes."""
    progress: Progress
    motion: Path | None = None
    """Folder of real people's movements; None for none."""

    @property
    def drawn(self) -> Path:
        """Folder of rendered sets, which all exercises share."""
        return self.cache / "rendered"

    def real_reps(self) -> Reps | None:
        """Return real people's reps of the exercise's motion; None where there are none."""
        if self.motion is None:
            return None
        recipe = self.recipe.scorer
        table = load_faults(self.exercise.name)
        return real_reps(self.motion, self.exercise.motion, table, cameras=recipe.cameras, seed=recipe.seed)

    def dataset(self) -> Dataset:
        """Return the scorer's training data of synthetic lifters, which the cache keeps."""
        recipe, name = self.recipe.scorer, self.exercise.name
        kept = self.work / f"dataset-{recipe.lifters}-{recipe.seed}"
        return kept_dataset(name, recipe.lifters, recipe.seed, kept, self.jobs, self.progress)

    @property
    def work(self) -> Path:
        """Folder of intermediate results; another one where the exercise, its faults or livecoach changed."""
        name = self.exercise.name
        load_faults(name)  # raises ConfigError where the file that is read next is missing
        digest = hashlib.sha256(livecoach.__version__.encode())
        for file in (exercises.folder() / f"{name}.yaml", configs_dir() / "faults" / f"{name}.yaml"):
            digest.update(file.read_bytes())
        return self.cache / f"{name}-{digest.hexdigest()[:8]}"


class ModelPart(NamedTuple):
    """A part of a model folder."""

    verb: str
    """Its command: livecoach lab train VERB."""
    needs: tuple[str, ...]
    """Files that must exist before it is made."""
    files: tuple[str, ...]
    """Its files. The first is JSON and holds its command."""
    options: Callable[[Recipe], str]
    """Options of its command that make it again."""
    make: Callable[[BuildContext, Path, str], str]
    """Writes its files into a folder, the command in the first, and returns a report in words."""

    def command(self, context: BuildContext) -> str:
        """Return the command that makes it again."""
        learns_from_people = self.verb == "scorer" and context.motion and context.exercise.motion in MOVEMENTS
        motion = " --motion DIR" if learns_from_people else ""
        return f"livecoach lab train {self.verb} {context.exercise.name} {self.options(context.recipe)}{motion}"

    def is_in(self, folder: Path, command: str) -> bool:
        """Return whether a folder holds it, whole and made by this command."""
        try:
            training = json.loads((folder / self.files[0]).read_text(encoding="utf-8"))["training"]
        except (OSError, ValueError, KeyError):
            return False
        return training["command"] == command and all((folder / name).is_file() for name in self.files)


def _stage(context: BuildContext, out: Path, command: str) -> str:
    from livecoach.lab.train.stage import judged_text, synthetic_data, train_stage

    recipe = context.recipe.stage
    data = synthetic_data(context.exercise, recipe.sets, recipe.seed, context.jobs, context.progress)
    content = train_stage(data, recipe.seed, command)
    _write(out / "stage.json", content, indent=2)
    return judged_text(content)


def _lift(context: BuildContext, out: Path, command: str) -> str:
    from livecoach.lab.train.lift import train_lift

    recipe = context.recipe.lift
    sets = rendered_lifts.draw(recipe, context.drawn, context.jobs, context.progress)
    examples = rendered_lifts.examples(context.exercise, context.before, context.drawn, sets)
    content = train_lift(context.exercise, context.before, recipe, examples, context.jobs, context.progress)
    content["training"] = {"command": command, "seed": recipe.seed, **content["training"]}
    _write(out / "lift.json", content)
    judged = {name: round(value) for name, value in content["judged"].items()}
    return (
        f"of {judged['reps']} synthetic reps {judged['missed']} are missed; {judged['ghosts']} ghosts beside them, "
        f"{judged['ghosts_without_reps']} in {judged['minutes_without_reps']} minutes without a rep"
    )


def _boundaries(context: BuildContext, out: Path, command: str) -> str:
    recipe = context.recipe.boundaries
    learned = train_boundaries(context.exercise, context.before, recipe, context.jobs, context.progress)
    training = {"command": command, "seed": recipe.seed, "reps": learned.reps}
    boundary_regression.save(learned.model, out / "boundaries.json", training)
    return f"of {learned.judged} synthetic reps that were not trained on\n{error_table(learned)}"


def _scorer(context: BuildContext, out: Path, command: str) -> str:
    from livecoach.lab.scorer.training import ScorerTask, train_scorer

    task = ScorerTask(
        exercise=context.exercise,
        dataset=context.dataset(),
        real=context.real_reps(),
        training={"command": command, "seed": context.recipe.scorer.seed},
    )
    return train_scorer(task, out, context.before, context.progress)


def _write(path: Path, content: dict[str, object], indent: int | None = None) -> None:
    path.write_text(json.dumps(content, indent=indent) + "\n", encoding="utf-8")


def _lift_options(recipe: Recipe) -> str:
    lift = recipe.lift
    limit = "" if lift.limit is None else f" --limit {lift.limit:g}"
    return f"--sets {lift.sets} --rendered {lift.rendered} --judging {lift.judging}{limit} --seed {lift.seed}"


def _scorer_options(recipe: Recipe) -> str:
    return f"--lifters {recipe.scorer.lifters} --cameras {recipe.scorer.cameras} --seed {recipe.scorer.seed}"


PARTS = {
    "stage": ModelPart("stage", (), ("stage.json",), lambda r: f"--sets {r.stage.sets} --seed {r.stage.seed}", _stage),
    "boundaries": ModelPart(
        "boundaries",
        ("stage.json",),
        ("boundaries.json",),
        lambda r: f"--sets {r.boundaries.sets} --seed {r.boundaries.seed}",
        _boundaries,
    ),
    "lift": ModelPart("lift", ("stage.json", "boundaries.json"), ("lift.json",), _lift_options, _lift),
    "scorer": ModelPart(
        "scorer",
        ("stage.json", "lift.json", "boundaries.json"),
        ("scorer.json", "encoder.tflite", "decoder.tflite", "kde.npz", "faults.npz", "README.md", "model.json"),
        _scorer_options,
        _scorer,
    ),
}
"""In the order of training: the lift model learns from movements that the boundaries cut."""

ALL = tuple(PARTS)


def train_part(part: ModelPart, context: BuildContext, folder: Path) -> str:
    """Put a part into a folder, and return a report in words.

    Raises ModelError where a part that it needs is missing.
    """
    for name in part.needs:
        if not (context.before / name).is_file():
            raise ModelError(f"{context.before / name}: is missing, and this is made after it. See docs/models.md.")
    with _atomically(folder) as made:
        return part.make(context, made, part.command(context))


def train_all(context: BuildContext, folder: Path, say: Callable[[str], object]) -> None:
    """Put all parts into a folder, made from nothing but the exercise's YAML files.

    Parts that an earlier run made with the same command come from the cache. making: its `before` is not used. say:
    called with a line about each part. Raises ConfigError where the recipe has rendered sets and nothing can be drawn.
    """
    draft = context.work / "model"
    context = replace(context, before=draft)
    left = _parts_to_make(context, draft)
    if "lift" in left:
        rendered_lifts.check(context.recipe.lift, context.drawn)
    for name in ALL:
        if name not in left:
            say(f"{name}: taken from {draft}")
            continue
        for later in ALL[ALL.index(name) :]:
            for file in PARTS[later].files:
                (draft / file).unlink(missing_ok=True)
        say(f"{name}: {train_part(PARTS[name], context, draft)}")
    with _atomically(folder) as made:
        for path in draft.iterdir():
            shutil.copyfile(path, made / path.name)


def _parts_to_make(context: BuildContext, draft: Path) -> tuple[str, ...]:
    """Return the parts to make: from the first one on that the draft lacks, or that another command made."""
    for place, name in enumerate(ALL):
        if not PARTS[name].is_in(draft, PARTS[name].command(context)):
            return ALL[place:]
    return ()


@contextmanager
def _atomically(folder: Path) -> Iterator[Path]:
    """Yield a new folder; when the block succeeds its files move to `folder`, model.json last."""
    with new_files(folder, "model.json") as made:
        yield made
    seal(folder)
