"""The commands that train models. Each has an option for every field of its recipe (livecoach.lab.train.recipes)."""

import inspect
import json
from collections.abc import Callable
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

import click

from livecoach.cli.lab_options import (
    check_replacing,
    jobs_of,
    jobs_option,
    leaving,
    needing,
    needs_packages,
    options_of,
    own_folder,
    training_folder,
)
from livecoach.cli.options import PATH, Command, combined_options
from livecoach.cli.progress import bar
from livecoach.core.config import exercise as exercises
from livecoach.core.config.paths import models_dir
from livecoach.lab.model_files import check_place, is_exercise_model
from livecoach.lab.processes import Workshop
from livecoach.lab.train import recipes
from livecoach.lab.train.recipes import ImagesRecipe, NetworkRecipe, Recipe

GOES_ON = "; the same command continues where it stopped"
NETWORKS = (
    recipes.BarRecipe,
    recipes.DepthRecipe,
    recipes.LiftingRecipe,
    recipes.RecognitionRecipe,
    recipes.SquatPictureRecipe,
)


@click.group()
def train() -> None:
    """Train the models of an exercise, and other networks.

    The other networks find a barbell, lift keypoints to the world, recognise the exercise, and judge pictures of
    squats.

    Without a dataset of recordings models are learned from synthetic lifters.
    """


def _train_exercise(
    kind: type[recipes.Part] | None,
    exercise: str,
    *,
    out: Path | None,
    replace: bool,
    cache: Path | None,
    jobs: int | None,
    **given: Any,
) -> None:
    """Train one part of an exercise's model, after those in its own folder; kind None: all of them."""
    rules = exercises.load(exercise)
    folder = out or own_folder(rules)
    check_place(folder, "model", is_exercise_model)
    check_replacing(folder, [part.files[0] for part in (recipes.PARTS if kind is None else (kind,))], replace)
    with needing("train"), leaving(folder, GOES_ON if kind is None else ""), bar() as progress:
        from livecoach.lab.train.exercise_model import train_all, train_part

        parts = recipes.parts_of(rules)
        workshop = Workshop(training_folder(cache), jobs_of(jobs), progress)
        context = recipes.BuildContext(exercise=rules, before=own_folder(rules), workshop=workshop)
        if kind is None:
            sizes = recipes.Sizes(**given)
            train_all([recipes.resized(part, sizes) for part in parts], context, folder, click.echo)
            text = "complete"
        else:
            usual = next(part for part in parts if isinstance(part, kind))
            text = train_part(usual.changed(**given), context, folder)
    click.echo(f"{folder}: {text}")


def _train_network(
    kind: type[NetworkRecipe],
    /,
    *,
    out: Path | None = None,
    cache: Path | None = None,
    jobs: int | None = None,
    replace: bool = False,
    **given: Any,
) -> None:
    folder, recipe = out or models_dir() / kind.folder, kind(**given)
    check_replacing(folder, [kind.card] if kind.card and recipe.is_written else [], replace)
    with needing(kind.extra), leaving(folder, GOES_ON if kind.resumes else ""), bar() as progress:
        make = import_module(kind.module).make
        figures = make(recipe, folder, Workshop(training_folder(cache), jobs_of(jobs), progress))
    click.echo(f"{folder}: {figures if isinstance(figures, str) else json.dumps(figures, indent=2)}")


def _train_scorer(exercise: str | None, images: Path | None, method: str, **given: Any) -> None:
    if (exercise is None) == (images is None):
        raise click.UsageError("Name an exercise, or a folder of --images: one of the two.")
    if exercise is not None:
        _train_exercise(recipes.ScorerRecipe, exercise, **given)
        return
    if given["out"] is None:
        raise click.UsageError("--images needs --out: where the model is to be written.")
    used = {name: given[name] for name in ("out", "cache", "jobs", "seed") if given[name] is not None}
    _train_network(ImagesRecipe, images=images, method=method, **used)


def _place_options(by_default: str) -> Callable[[Command], Command]:
    """Return the options that say where and how training works.

    by_default: the usual folder in words; empty: there is none.
    """
    cache = "Folder for intermediate results; by default one in your cache."
    where = "Folder to put it into" + (f"; by default {by_default}" if by_default else "")
    replace = click.option("--replace", is_flag=True, help="Replace the model that is there in models/.")
    return combined_options(
        click.option("--cache", type=PATH, metavar="DIR", help=cache),
        jobs_option,
        *([replace] if by_default else []),
        click.option("--out", type=PATH, metavar="DIR", required=not by_default, help=f"{where}."),
    )


def _add(recipe: type[Recipe], function: Callable[..., None], *options: Callable[[Any], Any]) -> None:
    function.__doc__ = inspect.cleandoc(recipe.__doc__ or "")
    train.command(recipe.name)(combined_options(*options)(needs_packages(recipe.extra)(function)))


AN_EXERCISE, OWN = click.argument("exercise"), _place_options("the exercise's own")
_add(recipes.Sizes, partial(_train_exercise, None), AN_EXERCISE, options_of(recipes.Sizes, own=False), OWN)
for part in recipes.PARTS[:-1]:
    _add(part, partial(_train_exercise, part), AN_EXERCISE, options_of(part, own=False), OWN)
_add(
    recipes.ScorerRecipe,
    _train_scorer,
    click.argument("exercise", required=False),
    options_of(recipes.ScorerRecipe, own=False),
    options_of(ImagesRecipe),
    OWN,
)
for network in NETWORKS:
    ships = f"models/{network.folder}" if network.folder else ""
    _add(network, partial(_train_network, network), options_of(network), _place_options(ships))
