"""Shared parts of the lab's commands: options, folders, packages that may be missing, and output of figures."""

import functools
import inspect
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from livecoach.cli.options import MOST, SEED, Command, say
from livecoach.cli.output import check_makeable, check_writable, json_output, write_text
from livecoach.cli.progress import bar
from livecoach.config import exercise as exercises
from livecoach.config.paths import install_command, models_dir, user_cache_dir
from livecoach.errors import ConfigError

if TYPE_CHECKING:
    from livecoach.config.exercise import Exercise
    from livecoach.lab.measure.cache import Cache
    from livecoach.lab.measure.table import Table

PATH = click.Path(path_type=Path)
BODIES = click.Choice(["judging", "training"])


jobs_option = click.option(
    "--jobs", type=click.IntRange(1, 256), metavar="N", help="Number of processes; by default one for each processor."
)
training_cache_option = click.option(
    "--cache", type=PATH, metavar="DIR", help="Folder for intermediate results; by default one in your cache."
)

cache_option = click.option(
    "--cache",
    type=PATH,
    metavar="DIR",
    help="Folder for observations and rendered clips; by default one in your cache.",
)
pose_option = click.option("--pose", metavar="MODEL", default="lite", show_default=True, help="Pose model.")
replace_option = click.option("--replace", is_flag=True, help="Replace the model that is there in models/.")


def needs_packages(extra: str) -> Callable[[Command], Command]:
    """Add to the help of a command which packages it needs, and how to install them. extra: their name."""

    def decorate(command: Command) -> Command:
        text, example, rest = inspect.cleandoc(command.__doc__ or "").partition("\n\nExample:")
        # On a line of its own, which click does not wrap, so that it can be copied.
        command.__doc__ = (
            f"{text}\n\nNeeds packages that this command installs:\n\n\b\n  {install_command(extra)}{example}{rest}"
        )
        return command

    return decorate


def jobs_of(given: int | None) -> int:
    """Return the number of parallel processes."""
    return given or os.cpu_count() or 1


def training_folder(given: Path | None) -> Path:
    """Return the folder for the intermediate results of training."""
    return given or user_cache_dir() / "training"


def own_folder(exercise: "Exercise") -> Path:
    """Return the exercise's own model folder, which need not exist."""
    return models_dir() / exercise.model


def check_replacing(folder: Path, files: Iterable[str], replace: bool) -> None:
    """Raise ConfigError, before the work begins, if one of the files would replace that of a model that ships.

    folder: where the files go. replace: the user wants that.
    """
    shipped = Path(os.path.realpath(folder)).is_relative_to(os.path.realpath(models_dir()))
    if shipped and not replace and any(os.path.exists(folder / name) for name in files):
        raise ConfigError(f"{folder}: a model is there. Name another place with --out, or replace it with --replace.")


def check_model_folder(folder: Path) -> None:
    """Raise ConfigError, before the work begins, if a folder holds something other than a model, OutputError if it
    can't be made."""
    if os.path.exists(folder) and (not os.path.isdir(folder) or (any(folder.iterdir()) and not _holds_models(folder))):
        raise ConfigError(f"{folder}: is there and holds no model. Name another --out.")
    check_makeable(folder, "--out")


def _holds_models(folder: Path) -> bool:
    from livecoach.model_files.model_folder import FILES

    return any(os.path.isfile(folder / name) for name in ("model.json", *FILES) if name != "README.md")


@contextmanager
def leaving(path: Path, more: str = "") -> Iterator[None]:
    """After Ctrl-C, report the state of a path."""
    try:
        yield
    except KeyboardInterrupt:
        say(f"interrupted; {path} is as it was{more}")
        raise


@contextmanager
def needing(extra: str) -> Iterator[None]:
    """Raise ConfigError, in one line, if a package is missing."""
    try:
        yield
    except ModuleNotFoundError as err:
        if (err.name or "").startswith("livecoach"):
            raise
        raise ConfigError(f"{err.name}: is not installed. Run `{install_command(extra)}`.") from err


class KnownExercise(click.Choice[str]):
    """One of the exercises, by its name or as lifters call it."""

    def __init__(self) -> None:
        super().__init__(exercises.names())

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return its name. Raises click.BadParameter and ConfigError."""
        return super().convert(exercises.called(str(value)), param, ctx)


def exercises_option(command: Command) -> Command:
    """Add the option --exercise, which may be given several times; the default is all exercises."""
    return click.option(
        "--exercise",
        type=KnownExercise(),
        multiple=True,
        default=exercises.names(),
        help="Measure this exercise; by default all.",
    )(command)


def exercise_argument(command: Command) -> Command:
    """Add the argument that names an exercise."""
    return click.argument("exercise", type=KnownExercise())(command)


def seed_option(default: int) -> Callable[[Command], Command]:
    """Return the option for the random seed."""
    return click.option(
        "--seed", type=SEED, default=default, show_default=True, metavar="N", help="Seed of what is drawn."
    )


def count_option(name: str, default: int, what: str, least: int = 1) -> Callable[[Command], Command]:
    """Return an option that says how many of something are measured."""
    return click.option(
        name,
        type=click.IntRange(least, MOST),
        default=default,
        show_default=True,
        metavar="N",
        help=f"How many {what}.",
    )


def measuring_cache(given: Path | None) -> "Cache":
    """Return the cache in a folder, or in the user's cache."""
    from livecoach.lab.measure.cache import Cache

    return Cache(given or user_cache_dir() / "measuring")


def figures(command: "Callable[..., list[Table]]") -> Callable[..., None]:
    """Turn a function that returns tables into a command that shows them, and writes them to CSV and JSON.

    The function is also given `progress`, to call with the current task and its progress, 0…1.
    """

    @click.option("--csv", "csv_to", type=PATH, metavar="FILE", help="Write the figures as CSV, one in each line.")
    @click.option("--json", "json_to", metavar="-|FILE", help="Write the figures as one JSON document.")
    @click.pass_context
    def run(context: click.Context, /, csv_to: Path | None, json_to: str | None, **given: Any) -> None:
        for path, option in ((csv_to, "--csv"), (json_to if json_to != "-" else None, "--json")):
            if path is not None:
                check_writable(Path(path), option)
        with needing("train"):
            from livecoach.lab.measure.table import as_csv, as_json, show

            with bar() as progress:
                tables = command(progress=progress, **given)
        if csv_to is not None:
            write_text(csv_to, "--csv", as_csv(tables))
        if json_to is not None:
            json_output(as_json(tables, context.command_path, given), json_to)
        if json_to != "-":
            show(tables)

    return functools.update_wrapper(run, command)
