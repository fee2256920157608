"""The command that trains a scorer, of an exercise or of rep images: train scorer."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from livecoach.cli.lab_needs import (
    PATH,
    cache_of,
    cache_option,
    check_model_folder,
    dataset_of,
    jobs_of,
    jobs_option,
    leaving,
    motion_option,
    needing,
    needs_packages,
    own_folder,
)
from livecoach.cli.share_bar import bar
from livecoach.config import exercise as exercises

if TYPE_CHECKING:
    from livecoach.config.exercise import Exercise
    from livecoach.lab.processes import Progress
    from livecoach.lab.train.model_parts import Making
    from livecoach.lab.train.recipes import Recipe

IMAGES_SEED = 1


@click.command()
@click.argument("exercise", required=False)
@click.option("--data", type=PATH, metavar="DIR", help="Dataset to train on; else synthetic lifters.")
@click.option(
    "--lifters", type=click.IntRange(8, 5000), metavar="N", help="Synthetic ones; else as for the shipped models."
)
@click.option(
    "--cameras", type=click.IntRange(1, 20), metavar="N", help="Virtual ones that see each person of --motion."
)
@motion_option
@click.option("--images", type=PATH, metavar="DIR", help="Folder of good rep images (PNG) to train on, in their place.")
@click.option("--valid", type=PATH, metavar="DIR", help="More good rep images, to tell how many are flagged.")
@click.option("--method", type=click.Choice(["seed", "best"]), default="best", show_default=True, help="Of rep images.")
@click.option("--seed", type=click.IntRange(0), metavar="N", help="Of it all; else that of the shipped models.")
@cache_option
@jobs_option
@click.option("--out", type=PATH, metavar="DIR", help="Model folder; else the exercise's own.")
@needs_packages("train")
def scorer(exercise: str | None, images: Path | None, out: Path | None, **given: Any) -> None:
    """Train what tells how unlike good reps a rep is.

    The reps are those of an exercise, or a folder of rep images.

    The exercise's own model folder holds its other models already.

    Example: livecoach train scorer deadlift --out my-deadlift

    Example: livecoach train scorer --images good --out model
    """
    if (exercise is None) == (images is None):
        raise click.UsageError("Name an exercise, or a folder of --images: one of the two.")
    if images is not None:
        if out is None:
            raise click.UsageError("--images needs --out: where the model is to be written.")
        seed = IMAGES_SEED if given["seed"] is None else given["seed"]
        _train_images(images, given["valid"], given["method"], out, seed)
        return
    rules = exercises.load(exercise or "")
    folder = out or own_folder(rules)
    check_model_folder(folder)
    with needing("train"), leaving(folder):
        text = _of_synthetic(rules, folder, given) if given["data"] is None else _of_dataset(rules, folder, given)
    click.echo(f"{folder}: {text}")


def _of_synthetic(exercise: "Exercise", folder: Path, given: dict[str, Any]) -> str:
    from livecoach.lab.train.exercise_model import train_part
    from livecoach.lab.train.model_parts import PARTS
    from livecoach.lab.train.recipes import recipe_of

    with bar() as progress:
        making = _making(exercise, recipe_of(exercise), given, progress)
        return train_part(PARTS["scorer"], making, folder)


def _of_dataset(exercise: "Exercise", folder: Path, given: dict[str, Any]) -> str:
    from livecoach.lab.model_files import new_files
    from livecoach.lab.scorer.training import ScorerTask, train_scorer
    from livecoach.lab.train.recipes import recipe_of

    dataset = dataset_of(given["data"], exercise)
    with bar() as progress:
        making = _making(exercise, recipe_of(exercise), given, progress)
        command = f"livecoach train scorer {exercise.name} --data DIR (digest {dataset.digest()[:12]})"
        task = ScorerTask(
            exercise=exercise,
            dataset=dataset,
            real=making.real_reps(),
            training={"command": command, "seed": making.recipe.scorer.seed},
        )
        with new_files(folder, "model.json") as made:
            return train_scorer(task, made, own_folder(exercise), progress)


def _making(exercise: "Exercise", recipe: "Recipe", given: dict[str, Any], progress: "Progress") -> "Making":
    from livecoach.lab.train.model_parts import Making

    sizes = {name: given[name] for name in ("lifters", "cameras", "seed") if given[name] is not None}
    return Making(
        exercise=exercise,
        recipe=replace(recipe, scorer=replace(recipe.scorer, **sizes)),
        before=own_folder(exercise),
        cache=cache_of(given["cache"]),
        jobs=jobs_of(given["jobs"]),
        progress=progress,
        motion=given["motion"],
    )


def _train_images(images: Path, valid: Path | None, method: str, out: Path, seed: int) -> None:
    with needing("train"):
        from livecoach.cli.lab_images import train_images, trained_text

        with bar() as progress:
            card = train_images(images, valid, method, out, seed, lambda share: progress("training", share))  # type: ignore[arg-type]
    click.echo(trained_text(card, out))
