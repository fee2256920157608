"""The command that trains a scorer, of an exercise or of rep images: train scorer."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from livecoach.cli.lab_needs import (
    PATH,
    check_model_folder,
    dataset_of,
    jobs_of,
    jobs_option,
    leaving,
    needing,
    needs_packages,
    own_folder,
)
from livecoach.cli.share_bar import bar
from livecoach.config import exercise as exercises

if TYPE_CHECKING:
    from livecoach.config.exercise import Exercise
    from livecoach.lab.dataset import Dataset

SEED = 1


@click.command()
@click.argument("exercise", required=False)
@click.option("--data", type=PATH, metavar="DIR", help="Dataset to train on; else synthetic lifters.")
@click.option(
    "--lifters", type=click.IntRange(8, 5000), metavar="N", help="Synthetic ones; else as for the shipped models."
)
@click.option("--no-comparing", is_flag=True, help="Leave out the table of other kinds of scorers.")
@click.option("--images", type=PATH, metavar="DIR", help="Folder of good rep images (PNG) to train on, in their place.")
@click.option("--valid", type=PATH, metavar="DIR", help="More good rep images, to tell how many are flagged.")
@click.option("--method", type=click.Choice(["seed", "best"]), default="best", show_default=True, help="Of rep images.")
@click.option("--seed", type=click.IntRange(0), default=SEED, show_default=True, metavar="N", help="Of it all.")
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
        _train_images(images, given["valid"], given["method"], out, given["seed"])
        return
    rules = exercises.load(exercise or "")
    folder = out or own_folder(rules)
    check_model_folder(folder)
    with needing("train"), leaving(folder):
        text = _of_synthetic(rules, folder, given) if given["data"] is None else _of_dataset(rules, folder, given)
    click.echo(f"{folder}: {text}")


def _of_synthetic(exercise: "Exercise", folder: Path, given: dict[str, Any]) -> str:
    from livecoach.lab.train.exercise_model import train_part
    from livecoach.lab.train.model_parts import PARTS, Making
    from livecoach.lab.train.recipes import recipe_of

    recipe = recipe_of(exercise)
    scorer = replace(
        recipe.scorer,
        lifters=given["lifters"] or recipe.scorer.lifters,
        comparing=not given["no_comparing"],
        seed=given["seed"],
    )
    with bar() as progress:
        making = Making(
            exercise=exercise,
            recipe=replace(recipe, scorer=scorer),
            before=own_folder(exercise),
            cache=folder,
            jobs=jobs_of(given["jobs"]),
            progress=progress,
        )
        return train_part(PARTS["scorer"], making, folder)


def _of_dataset(exercise: "Exercise", folder: Path, given: dict[str, Any]) -> str:
    from livecoach.lab.scorers.card import interval
    from livecoach.lab.scorers.limits import real_limit
    from livecoach.lab.scorers.training import TrainingTask, train_scorer

    dataset = dataset_of(given["data"], exercise)
    task = TrainingTask(
        exercise=exercise,
        dataset=dataset,
        command=f"livecoach train scorer {exercise.name} {_made_of(dataset, given['seed'])} --seed {given['seed']}",
        seed=given["seed"],
        real=real_limit(exercise.name) if dataset.synthetic else None,
        comparing=not given["no_comparing"],
    )
    with bar() as progress:
        metrics = train_scorer(task, folder, own_folder(exercise), progress)
    what = "synthetic reps" if dataset.synthetic else "reps"
    return f"AUROC {interval(metrics['autoencoder']['auroc'])} on {what} of lifters that it has not seen"


def _made_of(dataset: "Dataset", seed: int) -> str:
    """Return the options that give this dataset: of synthetic lifters with the same seed their number."""
    source = dataset.sources[0]
    if dataset.synthetic and source.get("seed") == seed and source.get("noise") == 1:
        return f"--lifters {source['lifters']}"
    return f"--data DIR (digest {dataset.digest()[:12]})"


def _train_images(images: Path, valid: Path | None, method: str, out: Path, seed: int) -> None:
    with needing("train"):
        from livecoach.cli.lab_images import train_images, trained_text

        with bar() as progress:
            card = train_images(images, valid, method, out, seed, lambda share: progress("training", share))  # type: ignore[arg-type]
    click.echo(trained_text(card, out))
