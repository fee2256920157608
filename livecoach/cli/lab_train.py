"""The commands that make models and judge them: train stage, train scorer, evaluate."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from livecoach.cli import options
from livecoach.cli.lab_progress import bar
from livecoach.cli.options import say
from livecoach.cli.output import atomic_write, to_stdout
from livecoach.errors import ConfigError

if TYPE_CHECKING:
    from livecoach.config.exercise import Exercise
    from livecoach.lab.dataset import Dataset
    from livecoach.lab.scorers.limits import RealLimit

PATH = click.Path(path_type=Path)
LIFTERS, SETS = 260, 300
"""Synthetic ones to train on where there is no dataset: minutes on two cores."""

data_option = click.option("--data", type=PATH, metavar="DIR", help="Dataset to train on; else synthetic lifters.")
seed_option = click.option(
    "--seed", type=click.IntRange(0), default=1, show_default=True, metavar="N", help="Of it all."
)


@click.group()
def train() -> None:
    """Make the models of an exercise, from synthetic lifters or from a dataset of recordings."""


@train.command()
@click.argument("exercise")
@data_option
@click.option("--sets", type=click.IntRange(2), default=SETS, show_default=True, metavar="N", help="Synthetic sets.")
@seed_option
@click.option("--out", type=PATH, metavar="FILE", help="Where to write it; else the exercise's own stage.json.")
def stage(exercise: str, data: Path | None, sets: int, seed: int, out: Path | None) -> None:
    """Train what tells up from down: stage.json of an exercise.

    Needs the packages of `pip install 'livecoach[train]'`.

    Example: livecoach train stage deadlift --out stage.json
    """
    rules = _exercise(exercise)
    path = out or _folder(rules) / "stage.json"
    with _needing("train"), _leaving(path):
        from livecoach.lab import train_stage as stages

        loaded = None if data is None else _dataset(data, rules)
        with bar() as progress:
            frames = (
                stages.synthetic_data(rules, sets, seed, progress) if loaded is None else stages.recorded_data(loaded)
            )
        of = f"--data DIR (digest {loaded.digest()[:12]})" if loaded else f"--sets {sets}"
        content = stages.train_stage(frames, seed, f"livecoach train stage {rules.name} {of} --seed {seed}")
    with atomic_write(path, "--out") as place:
        place.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    if out is None:
        _seal(path.parent)
    right = content["accuracy"]["logistic_regression"]
    click.echo(
        f"{path}: {right['value']:.1%} ({right['low']:.1%}-{right['high']:.1%}) of {content['accuracy']['frames']} "
        f"{'synthetic ' if frames.synthetic else ''}frames of lifters that were not trained on are told right."
    )


@train.command()
@click.argument("exercise", required=False)
@data_option
@click.option(
    "--lifters", type=click.IntRange(20, 5000), default=LIFTERS, show_default=True, metavar="N", help="Synthetic ones."
)
@click.option("--no-comparing", is_flag=True, help="Leave out the table of other kinds of scorers.")
@click.option("--images", type=PATH, metavar="DIR", help="Folder of good rep images (PNG) to train on, in their place.")
@click.option("--valid", type=PATH, metavar="DIR", help="More good rep images, to tell how many are flagged.")
@click.option("--method", type=click.Choice(["seed", "best"]), default="best", show_default=True, help="Of rep images.")
@seed_option
@click.option("--out", type=PATH, metavar="DIR", help="Model folder; else the exercise's own.")
def scorer(exercise: str | None, images: Path | None, out: Path | None, seed: int, **given: Any) -> None:
    """Train what tells how unlike good reps a rep is: of an exercise, or of a folder of rep images.

    The model folder of an exercise holds its other models already. Needs the packages of
    `pip install 'livecoach[train]'`.

    Example: livecoach train scorer deadlift --out my-deadlift

    Example: livecoach train scorer --images good --out model
    """
    if (exercise is None) == (images is None):
        raise click.UsageError("Name an exercise, or a folder of --images: one of the two.")
    if images is not None:
        if out is None:
            raise click.UsageError("--images needs --out: where the model is to be written.")
        _train_images(images, given["valid"], given["method"], out, seed)
        return
    _train_scorer(_exercise(exercise or ""), given["data"], given["lifters"], not given["no_comparing"], seed, out)


@click.command()
@click.argument("dataset", required=False, type=PATH)
@click.option("--images", type=PATH, nargs=2, metavar="GOOD BAD", help="Two folders of rep images, in its place.")
@click.option("--model", metavar="E|FOLDER", help="Model that judges; of a dataset the exercise's own as a rule.")
@click.option("--json", "json_to", metavar="-|FILE", help="Write the figures as one JSON document.")
def evaluate(dataset: Path | None, images: tuple[Path, Path] | None, model: str | None, json_to: str | None) -> None:
    """Judge a scorer on reps whose label is known: AUROC, alarms on good ones, hits on bad ones, with intervals.

    Of a dataset its test part is judged, with the reps of lifters that no model has seen.

    Example: livecoach evaluate deadlifts --json -

    Example: livecoach evaluate --images good bad --model model
    """
    if (dataset is None) == (images is None):
        raise click.UsageError("Name a dataset, or two folders of --images: one of the two.")
    if images is not None:
        if model is None:
            raise click.UsageError("--images needs --model: the folder that `livecoach train scorer --images` wrote.")
        from livecoach.cli.lab_images import evaluate_images, judged_text

        figures = evaluate_images(*images, Path(model))
        text = judged_text(figures)
    elif dataset is not None:
        figures, text = _judge_dataset(dataset, model)
    if json_to == "-":
        to_stdout(json.dumps(figures, indent=2))
        return
    if json_to is not None:
        with atomic_write(Path(json_to), "--json") as place:
            place.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    click.echo(text)


COMMANDS = (train, evaluate)


def _train_images(images: Path, valid: Path | None, method: str, out: Path, seed: int) -> None:
    with _needing("train"):
        from livecoach.cli.lab_images import train_images, trained_text

        with bar() as progress:
            card = train_images(images, valid, method, out, seed, lambda share: progress("training", share))  # type: ignore[arg-type]
    click.echo(trained_text(card, out))


def _train_scorer(
    exercise: "Exercise", data: Path | None, lifters: int, comparing: bool, seed: int, out: Path | None
) -> None:
    shipped = _folder(exercise)
    folder = out or shipped
    _check_folder(folder)
    with _needing("train"), _leaving(folder), bar() as progress:
        from livecoach.lab.scorers.card import interval
        from livecoach.lab.scorers.training import Task, train_scorer
        from livecoach.lab.synthetic import synthetic_dataset

        workers = os.cpu_count() or 1
        loaded = (
            synthetic_dataset(exercise.name, lifters, seed, workers=workers, progress=progress)
            if data is None
            else _dataset(data, exercise)
        )
        of = _made_of(loaded, seed)
        task = Task(
            exercise=exercise,
            dataset=loaded,
            command=f"livecoach train scorer {exercise.name} {of} --seed {seed}",
            seed=seed,
            real=_real(exercise) if loaded.synthetic else None,
            comparing=comparing,
        )
        metrics = train_scorer(task, folder, shipped, progress)
    what = "synthetic reps" if loaded.synthetic else "reps"
    click.echo(
        f"{folder}: AUROC {interval(metrics['autoencoder']['auroc'])} on {what} of lifters that it has not seen."
    )


def _made_of(dataset: "Dataset", seed: int) -> str:
    """Options that give this dataset: of synthetic lifters their number, where they have the same seed."""
    source = dataset.sources[0]
    if dataset.synthetic and source.get("seed") == seed and source.get("noise") == 1:
        return f"--lifters {source['lifters']}"
    return f"--data DIR (digest {dataset.digest()[:12]})"


def _judge_dataset(path: Path, model: str | None) -> tuple[dict[str, Any], str]:
    from livecoach.lab import dataset as datasets

    loaded = datasets.load(path)
    with _needing("train"):
        from livecoach.lab.scorers.evaluation import judged, text

        figures = judged(loaded, options.model_folder(model or loaded.exercise))
    return figures, text(figures)


def _exercise(name: str) -> "Exercise":
    from livecoach.config import exercise as exercises

    return exercises.load(name)


def _folder(exercise: "Exercise") -> Path:
    from livecoach.config.paths import models_dir

    return models_dir() / exercise.model


def _dataset(path: Path, exercise: "Exercise") -> "Dataset":
    """Raises ConfigError where it is of another exercise."""
    from livecoach.lab import dataset as datasets

    loaded = datasets.load(path)
    if loaded.exercise != exercise.name:
        raise ConfigError(f"{path}: is of {loaded.exercise}, not of {exercise.name}. Choose another --data.")
    return loaded


def _real(exercise: "Exercise") -> "RealLimit | None":
    from livecoach.lab.scorers.limits import REAL_LIMITS, read_real_limits

    return read_real_limits(REAL_LIMITS).get(exercise.name)


def _seal(folder: Path) -> None:
    from livecoach.lab.seal import seal

    seal(folder)


def _check_folder(folder: Path) -> None:
    """Before the work begins: a folder that holds something else is left alone. Raises ConfigError."""
    if folder.exists() and (not folder.is_dir() or (any(folder.iterdir()) and not (folder / "model.json").is_file())):
        raise ConfigError(f"{folder}: is there and holds no model. Name another --out.")


@contextmanager
def _leaving(path: Path) -> Iterator[None]:
    """Says, after Ctrl-C, what is left."""
    try:
        yield
    except KeyboardInterrupt:
        say(f"interrupted; {path} is as it was")
        raise


@contextmanager
def _needing(extra: str) -> Iterator[None]:
    """A package that is missing is told in one line. Raises ConfigError."""
    try:
        yield
    except ModuleNotFoundError as err:
        if (err.name or "").startswith("livecoach"):
            raise
        raise ConfigError(f"{err.name}: is not installed. Run `pip install 'livecoach[{extra}]'`.") from err
