"""Shared parts of the lab's commands: options, folders, packages that may be missing, and output of figures."""

import functools
import inspect
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import UnionType
from typing import TYPE_CHECKING, Annotated, Any, Literal, Union, get_args, get_origin

import click
from annotated_types import Ge, Le
from pydantic.fields import FieldInfo

from livecoach.cli.options import MOST, SEED, Command, Decimal, combined_options
from livecoach.cli.output import check_makeable, check_writable, json_output, write_text
from livecoach.cli.progress import bar
from livecoach.core.config import exercise as exercises
from livecoach.core.config.paths import install_command, models_dir, user_cache_dir
from livecoach.core.errors import ConfigError
from livecoach.run.process import say

if TYPE_CHECKING:
    from livecoach.core.config.exercise import Exercise
    from livecoach.lab.measure.cache import Cache
    from livecoach.lab.measure.table import Table
    from livecoach.lab.train.recipes import Recipe

PATH = click.Path(path_type=Path)
BODIES = click.Choice(["judging", "training"])

jobs_option = click.option(
    "--jobs", type=click.IntRange(1, 256), metavar="N", help="Number of processes; by default one for each processor."
)
cache_option = click.option(
    "--cache",
    type=PATH,
    metavar="DIR",
    help="Folder for observations and rendered clips; by default one in your cache.",
)
pose_option = click.option("--pose", metavar="MODEL", default="lite", help="Pose model.")


def options_of(recipe: "type[Recipe]", *, own: bool = True) -> Callable[[Command], Command]:
    """Return an option for each field of a recipe that is not excluded.

    own: whether its defaults are those of the recipe; otherwise options that are not given are None.
    """
    return combined_options(
        *(
            click.option(f"--{name}", default=field.default if own else None, help=field.description, **_kind(field))
            for name, field in recipe.model_fields.items()
            if not field.exclude
        )
    )


def _kind(field: FieldInfo) -> dict[str, Any]:
    """Return the click type of a field, and its name in the help."""
    annotation, marks = field.annotation, field.metadata
    if get_origin(annotation) in (Union, UnionType):
        annotation = next(one for one in get_args(annotation) if one is not type(None))
    if get_origin(annotation) is Annotated:
        annotation, *marks = get_args(annotation)
    if get_origin(annotation) is Literal:
        return {"type": click.Choice(get_args(annotation))}
    if annotation is Path:
        return {"type": PATH, "metavar": "DIR"}
    least = next(float(mark.ge) for mark in marks if isinstance(mark, Ge))  # type: ignore[arg-type]
    most = next(float(mark.le) for mark in marks if isinstance(mark, Le))  # type: ignore[arg-type]
    if annotation is float:
        return {"type": Decimal(least, most), "metavar": "X"}
    return {"type": click.IntRange(int(least), int(most)), "metavar": "N"}


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
    return given or os.cpu_count() or 1


def training_folder(given: Path | None) -> Path:
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
    from livecoach.core.model_files.model_folder import FILES

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
    return click.argument("exercise", type=KnownExercise())(command)


def seed_option(default: int) -> Callable[[Command], Command]:
    return click.option("--seed", type=SEED, default=default, metavar="N", help="Seed of what is drawn.")


def count_option(name: str, default: int, what: str, least: int = 1) -> Callable[[Command], Command]:
    return click.option(
        name,
        type=click.IntRange(least, MOST),
        default=default,
        metavar="N",
        help=f"How many {what}.",
    )


def measuring_cache(given: Path | None) -> "Cache":
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
        check_writable(csv_to, "--csv")
        check_writable(json_to, "--json")
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
