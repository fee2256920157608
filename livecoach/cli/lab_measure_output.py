"""What the measuring commands share: their options, a progress bar, and where their tables go."""

import functools
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from livecoach.cli.lab_needs import PATH, needing
from livecoach.cli.options import Command
from livecoach.cli.output import atomic_write, check_writable, json_output
from livecoach.cli.share_bar import bar
from livecoach.config import exercise as exercises
from livecoach.config.paths import user_cache_dir
from livecoach.errors import ConfigError

if TYPE_CHECKING:
    from livecoach.lab.measure.cache import Cache
    from livecoach.lab.measure.table import Table

BODIES = click.Choice(["judging", "training"])

cache_option = click.option(
    "--cache", type=PATH, metavar="DIR", help="Keeps what pose saw and what was rendered; else a folder in your cache."
)
pose_option = click.option("--pose", metavar="MODEL", default="lite", show_default=True, help="Pose model.")


def exercises_option(command: Command) -> Command:
    """Add the option --exercise, which may be given several times; all exercises where it is not."""
    names = exercises.names()
    return click.option(
        "--exercise", type=click.Choice(names), multiple=True, default=names, help="Measure this exercise; else all."
    )(command)


def exercise_argument(command: Command) -> Command:
    """Add the argument that names an exercise."""
    return click.argument("exercise", type=click.Choice(exercises.names()))(command)


def seed_option(default: int) -> Callable[[Command], Command]:
    """Return the option that names the seed of what is drawn."""
    return click.option(
        "--seed", type=click.IntRange(0), default=default, show_default=True, metavar="N", help="Seed of what is drawn."
    )


def count_option(name: str, default: int, what: str, least: int = 1) -> Callable[[Command], Command]:
    """Return an option that says how many of something are measured."""
    return click.option(
        name, type=click.IntRange(least), default=default, show_default=True, metavar="N", help=f"How many {what}."
    )


def cache_of(given: Path | None) -> "Cache":
    """Return the cache in a folder, or in the user's cache."""
    from livecoach.lab.measure.cache import Cache

    return Cache(given or user_cache_dir() / "measuring")


def _check_outputs(csv_to: Path | None, json_to: str | None, picture: Path | None) -> None:
    """Raise, before anything is measured, where a file can't be written or a picture is no PNG."""
    if picture is not None and picture.suffix.lower() != ".png":
        raise ConfigError(f"{picture}: is no PNG. End the name that --picture gives with .png.")
    for path, option in ((csv_to, "--csv"), (picture, "--picture")):
        if path is not None:
            check_writable(path, option)
    if json_to not in (None, "-"):
        check_writable(Path(json_to or ""), "--json")


def figures(command: "Callable[..., list[Table]]") -> Callable[..., None]:
    """Turn a function that returns tables into a command that shows them, and writes them to CSV and JSON.

    The function is also given `progress`, to call with what is done and the share of it.
    """

    @click.option("--csv", "csv_to", type=PATH, metavar="FILE", help="Write the figures as CSV, one in each line.")
    @click.option("--json", "json_to", metavar="-|FILE", help="Write the figures as one JSON document.")
    @click.pass_context
    def run(context: click.Context, /, csv_to: Path | None, json_to: str | None, **given: Any) -> None:
        _check_outputs(csv_to, json_to, given.get("picture"))
        with needing("train"):
            from livecoach.lab.measure.table import as_csv, as_json, show

            with bar() as progress:
                tables = command(progress=progress, **given)
        if csv_to is not None:
            with atomic_write(csv_to, "--csv") as place:
                place.write_text(as_csv(tables), encoding="utf-8")
        if json_to is not None:
            json_output(as_json(tables, f"livecoach measure {context.info_name}", given), json_to)
        if json_to != "-":
            show(tables)

    return functools.update_wrapper(run, command)
