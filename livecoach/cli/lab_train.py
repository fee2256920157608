"""The commands that train the models of an exercise: train all, stage, lift, boundaries."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from livecoach.cli.lab_needs import (
    PATH,
    Command,
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
from livecoach.cli.lab_train_bar import bar_networks, lifting, view
from livecoach.cli.lab_train_recognition import recognition
from livecoach.cli.lab_train_scorer import scorer
from livecoach.cli.lab_train_squat_picture import squat_picture
from livecoach.cli.output import atomic_write
from livecoach.cli.share_bar import bar
from livecoach.config import exercise as exercises

out_option = click.option("--out", type=PATH, metavar="DIR", help="Model folder; else the exercise's own.")


def _number(name: str, least: int, help_: str, most: int | None = None) -> Callable[[Command], Command]:
    return click.option(name, type=click.IntRange(least, most), metavar="N", help=help_)


sets_option = _number("--sets", 2, "Synthetic sets; else as many as for the shipped models.")
rendered_option = _number("--rendered", 0, "Rendered sets to learn from too; else as for the shipped models.", 87)
seed_option = _number("--seed", 0, "Of it all; else that of the shipped models.")


@click.group()
def train() -> None:
    """Train the models of an exercise, and other networks.

    The other networks find a barbell, lift keypoints to the world, recognise the exercise, and judge pictures of
    squats.

    Without a dataset of recordings models are learned from synthetic lifters.
    """


@train.command(name="all")
@click.argument("exercise")
@sets_option
@_number("--lifters", 8, "Synthetic lifters of the scorer; else as for the shipped models.")
@rendered_option
@motion_option
@seed_option
@cache_option
@jobs_option
@out_option
@needs_packages("train")
def everything(
    exercise: str, motion: Path | None, cache: Path | None, jobs: int | None, out: Path | None, **sizes: Any
) -> None:
    """Train all models of an exercise from its YAML files.

    The parts are made one after the other: stage, boundaries, lift, scorer. They take the place of the
    exercise's model when all are complete; model.json says by which commands they were made. After an interruption the
    same command goes on.

    Example: livecoach train all squat
    """
    rules = exercises.load(exercise)
    folder = out or own_folder(rules)
    check_model_folder(folder)
    goes_on = "; the same command goes on where it stopped"
    with needing("train"), leaving(folder, goes_on), bar() as progress:
        from livecoach.lab.train.exercise_model import train_all
        from livecoach.lab.train.model_parts import Making
        from livecoach.lab.train.recipes import recipe_of, resized

        making = Making(
            exercise=rules,
            recipe=resized(recipe_of(rules), **_given(sizes)),
            before=folder,
            cache=cache_of(cache),
            jobs=jobs_of(jobs),
            progress=progress,
            motion=motion,
        )
        train_all(making, folder, click.echo)
    click.echo(f"{folder}: complete")


@train.command()
@click.argument("exercise")
@click.option("--data", type=PATH, metavar="DIR", help="Dataset to train on; else synthetic lifters.")
@sets_option
@seed_option
@jobs_option
@click.option("--out", type=PATH, metavar="FILE", help="Where to write it; else the exercise's own stage.json.")
@needs_packages("train")
def stage(exercise: str, data: Path | None, jobs: int | None, out: Path | None, **given: Any) -> None:
    """Train what tells up from down: stage.json of an exercise.

    Example: livecoach train stage deadlift --out stage.json
    """
    rules = exercises.load(exercise)
    path = out or own_folder(rules) / "stage.json"
    with needing("train"), leaving(path), bar() as progress:
        from livecoach.lab.model_files import seal
        from livecoach.lab.train import stage as stages
        from livecoach.lab.train.recipes import recipe_of

        recipe = replace(recipe_of(rules).stage, **_given(given))
        if data is None:
            of = f"--sets {recipe.sets}"
            frames = stages.synthetic_data(rules, recipe.sets, recipe.seed, jobs_of(jobs), progress)
        else:
            loaded = dataset_of(data, rules)
            of, frames = f"--data DIR (digest {loaded.digest()[:12]})", stages.recorded_data(loaded, rules)
        command = f"livecoach train stage {rules.name} {of} --seed {recipe.seed}"
        content = stages.train_stage(frames, recipe.seed, command)
    path.parent.mkdir(parents=True, exist_ok=True)
    with atomic_write(path, "--out", private=False) as place:
        place.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    if out is None:
        seal(path.parent)
    click.echo(f"{path}: {stages.judged_text(content)}")


@train.command()
@click.argument("exercise")
@sets_option
@rendered_option
@_number("--judging", 1, "Synthetic sets to judge on; else as for the shipped models.")
@click.option("--limit", type=float, metavar="X", help="Log likelihood ratio above which a movement alone is a lift.")
@seed_option
@cache_option
@jobs_option
@out_option
@needs_packages("train")
def lift(exercise: str, **given: Any) -> None:
    """Train what tells a lift from another movement.

    It makes lift.json of an exercise.

    It is made after the stage model and the boundaries in the exercise's own folder. Rendered sets are drawn with
    OpenGL, a minute and more each, and kept in the cache.

    Example: livecoach train lift deadlift
    """
    _train_part("lift", exercise, given)


@train.command()
@click.argument("exercise")
@sets_option
@seed_option
@jobs_option
@out_option
@needs_packages("train")
def boundaries(exercise: str, **given: Any) -> None:
    """Train what tells where a rep starts, turns and ends.

    It makes boundaries.json of an exercise.

    It is made after the stage model in the exercise's own folder.

    Example: livecoach train boundaries squat
    """
    _train_part("boundaries", exercise, given)


for command in (scorer, bar_networks, lifting, view, recognition, squat_picture):
    train.add_command(command)


def _train_part(name: str, exercise: str, given: dict[str, Any]) -> None:
    rules = exercises.load(exercise)
    places = {key: given.pop(key, None) for key in ("out", "cache", "jobs")}
    folder = places["out"] or own_folder(rules)
    check_model_folder(folder)
    with needing("train"), leaving(folder), bar() as progress:
        from livecoach.lab.train.exercise_model import train_part
        from livecoach.lab.train.model_parts import PARTS, Making
        from livecoach.lab.train.recipes import recipe_of

        recipe = recipe_of(rules)
        making = Making(
            exercise=rules,
            recipe=replace(recipe, **{name: replace(getattr(recipe, name), **_given(given))}),
            before=own_folder(rules),
            cache=cache_of(places["cache"]),
            jobs=jobs_of(places["jobs"]),
            progress=progress,
        )
        text = train_part(PARTS[name], making, folder)
    click.echo(f"{folder / PARTS[name].files[0]}: {text}")


def _given(options: dict[str, Any]) -> dict[str, Any]:
    """Return the options that are given."""
    return {name: value for name, value in options.items() if value is not None and value is not False}
