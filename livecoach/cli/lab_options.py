"""Shared parts of the lab's commands: options, folders, packages that may be missing, and output of figures."""

import inspect
import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import UnionType
from typing import TYPE_CHECKING, Annotated, Any, Literal, Union, get_args, get_origin

import click
from annotated_types import Ge, Le
from pydantic import BaseModel, ConfigDict, Field
from pydantic.fields import FieldInfo

from livecoach.cli.options import MOST, PATH, Command, ExerciseParam, FloatParam, combine_options
from livecoach.cli.output import check_writable, write_json
from livecoach.cli.progress import progress_bar
from livecoach.core.config.paths import install_command, user_cache_dir
from livecoach.core.errors import ConfigError
from livecoach.lab.train import recipes
from livecoach.run.process import say

if TYPE_CHECKING:
    from livecoach.lab.measure.cache import Cache as ObservationCache
    from livecoach.lab.measure.table import Table
    from livecoach.lab.processes import ReportProgress

CPU_TORCH = "pip install torch --index-url https://download.pytorch.org/whl/cpu"


def field_options(kind: type[BaseModel], *, own: bool = True) -> Callable[[Command], Command]:
    """Return a decorator that adds an option to a command for each field of a class, except for excluded fields.

    Args:
        kind: Class with the fields. The docstring of a field is the help of its option.
        own: Whether an option has the default of its field; otherwise its default is None.
    """
    return combine_options(
        *(_option(name, field, own=own) for name, field in kind.model_fields.items() if not field.exclude)
    )


def _option(name: str, field: FieldInfo, *, own: bool) -> Callable[[Any], Any]:
    attributes = _kind(field)
    if attributes.pop("argument", False):
        return click.argument(name, required=field.is_required(), **attributes)
    option = f"--{name.replace('_', '-')}"
    if own and field.is_required():  # with a default, even None, the option would not be required
        return click.option(option, required=True, help=field.description, **attributes)
    return click.option(option, default=field.default if own else None, help=field.description, **attributes)


def _kind(field: FieldInfo) -> dict[str, Any]:
    """Return click's attributes of a field by its type; a dictionary in the field's annotation replaces them."""
    annotation, marks = field.annotation, list(field.metadata)
    if get_origin(annotation) in (Union, UnionType):
        annotation = next(member for member in get_args(annotation) if member is not type(None))
    if get_origin(annotation) is Annotated:
        annotation, *inner = get_args(annotation)
        marks += inner
    explicit = next((dict(mark) for mark in marks if isinstance(mark, dict)), {})
    return explicit if "type" in explicit else _by_type(annotation, marks) | explicit


def _by_type(annotation: Any, marks: Iterable[object]) -> dict[str, Any]:
    if annotation is bool:
        return {"is_flag": True}
    if annotation is Path:
        return {"type": PATH, "metavar": "DIR"}
    if annotation is str:
        return {}
    if get_origin(annotation) is Literal:
        return {"type": click.Choice(get_args(annotation))}
    least = next(float(mark.ge) for mark in marks if isinstance(mark, Ge))  # type: ignore[arg-type]
    most = next(float(mark.le) for mark in marks if isinstance(mark, Le))  # type: ignore[arg-type]
    if annotation is float:
        return {"type": FloatParam(least, most), "metavar": "X"}
    return {"type": click.IntRange(int(least), int(most)), "metavar": "N"}


def needs_packages(extra: str) -> Callable[[Command], Command]:
    """Return a decorator that adds to the help of a command how to install an extra, a set of optional packages."""

    def decorate(command: Command) -> Command:
        """Add the commands that install the packages to the docstring of a command, before its example."""
        text, example, rest = inspect.cleandoc(command.__doc__ or "").partition("\n\nExample:")
        # On lines of their own, which click does not wrap, so that they can be copied.
        lines = "\n  ".join(_install_lines(extra))
        command.__doc__ = f"{text}\n\nNeeds packages, which are installed by:\n\n\b\n  {lines}{example}{rest}"
        return command

    return decorate


def _install_lines(extra: str) -> list[str]:
    """Return the commands that install the packages of an extra; for "networks", PyTorch without CUDA comes first."""
    return [CPU_TORCH, install_command(extra)] if extra == "networks" else [install_command(extra)]


@contextmanager
def report_interrupt(path: Path, more: str = "") -> Iterator[None]:
    """If Ctrl-C interrupts the block, report that a path is unchanged, then `more`, and raise the interrupt again."""
    try:
        yield
    except KeyboardInterrupt:
        say(f"interrupted; {path} is as it was{more}")
        raise


@contextmanager
def require_packages(extra: str) -> Iterator[None]:
    """Turn a ModuleNotFoundError in a `with` block into a ConfigError that says how to install an extra's packages.

    Raises:
        ConfigError: The `with` block imports a module that is not installed.
        ModuleNotFoundError: The missing module belongs to livecoach.
    """
    try:
        yield
    except ModuleNotFoundError as err:
        if (err.name or "").startswith("livecoach"):
            raise
        raise ConfigError(f"{err.name}: is not installed. Run `{'`, then `'.join(_install_lines(extra))}`.") from err


Count = Annotated[int, Ge(1), Le(MOST)]
Seed = Annotated[recipes.Seed, Field(description="Seed of what is drawn.")]
Pose = Annotated[str, {"metavar": "MODEL"}, Field(description="Pose model.")]
Cache = Annotated[
    Path | None, Field(description="Folder for observations and rendered clips; by default one in your cache.")
]
Jobs = Annotated[
    Annotated[int, Ge(1), Le(256)] | None, Field(description="Number of processes; by default one for each processor.")
]
Exercises = Annotated[
    tuple[str, ...],
    {"type": ExerciseParam(), "metavar": "E", "multiple": True},
    Field(description="Measure this exercise; by default all."),
]
"""Types of fields that several classes of options share."""


def observation_cache(folder: Path | None, pose: str = "lite") -> "ObservationCache":
    """Return the cache of rendered clips, and of observations by a pose model, that the measurements share.

    Without a folder, it is in the user's cache.
    """
    from livecoach.lab.measure.cache import Cache

    return Cache(folder or user_cache_dir() / "measuring", pose)


class Measurement(BaseModel, ABC):
    """A command that measures livecoach. Its name, help and options are a subclass's name, docstring and fields."""

    model_config = ConfigDict(frozen=True, use_attribute_docstrings=True)

    @abstractmethod
    def measure(self, progress: "ReportProgress") -> "list[Table]":
        """Take the measurement, report its progress, and return the results as tables."""

    @classmethod
    def make_command(cls) -> click.Command:
        """Return the click command. It prints tables, or JSON with `--json -`; --json FILE also writes a JSON file."""

        @click.command(
            re.sub(r"(?<=[a-z])(?=[A-Z])", "-", cls.__name__.removesuffix("Measurement")).lower(),
            help=inspect.cleandoc(cls.__doc__ or ""),
        )
        @field_options(cls)
        @click.option("--json", "json_to", metavar="-|FILE", help="Write the figures as one JSON document.")
        @click.pass_context
        def run(context: click.Context, /, json_to: str | None, **values: Any) -> None:
            check_writable(json_to, "--json")
            with require_packages("train"):
                from livecoach.lab.measure.table import tables_as_json, tables_as_text

                with progress_bar(lines=True) as progress:
                    tables = cls(**values).measure(progress)
            if json_to is not None:
                write_json(tables_as_json(tables, context.command_path, values), json_to)
            if json_to != "-":
                click.echo(tables_as_text(tables))

        return run
