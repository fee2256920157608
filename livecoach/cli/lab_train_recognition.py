"""The command that trains what recognises the exercise: train recognition."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from livecoach.cli.lab_needs import (
    PATH,
    Command,
    cache_of,
    cache_option,
    jobs_of,
    jobs_option,
    leaving,
    needing,
    needs_packages,
)
from livecoach.cli.share_bar import bar
from livecoach.config.paths import models_dir
from livecoach.lab.recognition.kind_names import KIND_NAMES, SHIPPED


def _size(name: str, help_: str) -> Callable[[Command], Command]:
    return click.option(name, type=click.IntRange(1), metavar="N", help=f"{help_}; else as for the shipped model.")


@click.command()
@click.option("--kind", type=click.Choice(KIND_NAMES), help="Network; else that of the shipped model.")
@_size("--sets", "Synthetic sets to train on")
@_size("--judging", "Synthetic sets of judging bodies")
@_size("--steps", "Steps of training")
@click.option("--seed", type=click.IntRange(0), metavar="N", help="Of it all; else that of the shipped model.")
@cache_option
@jobs_option
@click.option("--out", type=PATH, metavar="DIR", help="Folder to put it into; else models/recognition.")
@needs_packages("train")
def recognition(cache: Path | None, jobs: int | None, out: Path | None, **given: Any) -> None:
    """Train what recognises the exercise.

    It learns from synthetic sets of every exercise.

    The sets are kept in the cache. Of another kind than the shipped one it says how many clips of judging bodies it
    gets right, and writes nothing.

    Example: livecoach train recognition --kind tcn
    """
    folder = out or models_dir() / "recognition"
    with needing("train"), leaving(folder, "; the same command goes on with the sets"), bar() as progress:
        from dataclasses import replace

        from livecoach.lab.model_files import new_files
        from livecoach.lab.recognition.making import RecognitionRecipe, make
        from livecoach.recognition.model_file import CARD

        recipe = replace(RecognitionRecipe(), **{name: value for name, value in given.items() if value is not None})
        if recipe.kind != SHIPPED:
            from livecoach.lab.recognition.comparing import compare

            (found,) = compare([recipe.kind], recipe, cache_of(cache) / "recognition", jobs_of(jobs), progress)
            click.echo(
                f"{found.kind}: {found.within} of {found.of_within} clips of exercises right, "
                f"{found.others} of {found.of_others} clips of none"
            )
            return
        with new_files(folder, CARD) as made:
            figures = make(recipe, made, cache_of(cache) / "recognition", jobs_of(jobs), progress)
    click.echo(f"{folder}: {json.dumps(figures, indent=2)}")
