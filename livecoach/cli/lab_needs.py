"""What the commands that train and judge models share: an exercise, a dataset, packages that may be missing."""

import inspect
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from livecoach.cli.options import say
from livecoach.config.paths import install_command, models_dir, user_cache_dir
from livecoach.errors import ConfigError

if TYPE_CHECKING:
    from livecoach.config.exercise import Exercise
    from livecoach.lab.dataset import Dataset

Command = TypeVar("Command", bound=Callable[..., Any])
PATH = click.Path(path_type=Path)

jobs_option = click.option(
    "--jobs", type=click.IntRange(1), metavar="N", help="Processes that work at once; else one for each processor."
)
cache_option = click.option(
    "--cache", type=PATH, metavar="DIR", help="Keeps what is made on the way; else a folder in your cache."
)

motion_option = click.option(
    "--motion", type=PATH, metavar="DIR", help="Folder of UI-PRMD's movements, for the encoder to learn from too."
)


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
    """Return how many processes work at once."""
    return given or os.cpu_count() or 1


def cache_of(given: Path | None) -> Path:
    """Return the folder of what training makes on the way."""
    return given or user_cache_dir() / "training"


def own_folder(exercise: "Exercise") -> Path:
    """Return the exercise's own model folder, which need not exist."""
    return models_dir() / exercise.model


def dataset_of(path: Path, exercise: "Exercise") -> "Dataset":
    """Load a dataset. Raises ConfigError where it is of another exercise."""
    from livecoach.lab import dataset

    loaded = dataset.load(path)
    if loaded.exercise != exercise.name:
        raise ConfigError(f"{path}: is of {loaded.exercise}, not of {exercise.name}. Choose another --data.")
    return loaded


def check_model_folder(folder: Path) -> None:
    """Raise ConfigError, before the work begins, where a folder holds something else than a model."""
    if folder.exists() and (not folder.is_dir() or (any(folder.iterdir()) and not _holds_models(folder))):
        raise ConfigError(f"{folder}: is there and holds no model. Name another --out.")


def _holds_models(folder: Path) -> bool:
    from livecoach.model_files.model_folder import FILES

    return any((folder / name).is_file() for name in ("model.json", *FILES) if name != "README.md")


@contextmanager
def leaving(path: Path, more: str = "") -> Iterator[None]:
    """After Ctrl-C, say what is left."""
    try:
        yield
    except KeyboardInterrupt:
        say(f"interrupted; {path} is as it was{more}")
        raise


@contextmanager
def needing(extra: str) -> Iterator[None]:
    """Raise ConfigError, in one line, where a package is missing."""
    try:
        yield
    except ModuleNotFoundError as err:
        if (err.name or "").startswith("livecoach"):
            raise
        raise ConfigError(f"{err.name}: is not installed. Run `{install_command(extra)}`.") from err
