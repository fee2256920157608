"""Trains all parts of an exercise's model folder, together or one by one.

A part is made in a folder beside its destination, and moves there when it is complete. `train_all` makes the parts in
the cache, where a stopped run resumes, and replaces the model at the end.
"""

import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

from livecoach.errors import ModelError
from livecoach.lab.model_files import new_files, seal
from livecoach.lab.train import rendered_lifts
from livecoach.lab.train.context import BuildContext


class ModelPart(NamedTuple):
    """A part of a model folder: the field of that name of its recipe says how it is made."""

    needs: tuple[str, ...]  # files that must exist before it is made
    files: tuple[str, ...]
    """Its files. The first is JSON and holds its command."""
    module: str
    """Module whose function `make` gets the context, a folder and the `training` of the part's record, writes the files
    into the folder, and returns a report in words. It is imported where the part is made."""

    def make(self, context: BuildContext, out: Path, training: dict[str, Any]) -> str:
        """Write its files into a folder, and return a report in words."""
        report: str = import_module(self.module).make(context, out, training)
        return report


PARTS = {
    "stage": ModelPart((), ("stage.json",), "livecoach.lab.train.stage"),
    "boundaries": ModelPart(("stage.json",), ("boundaries.json",), "livecoach.lab.train.boundaries"),
    "lift": ModelPart(("stage.json", "boundaries.json"), ("lift.json",), "livecoach.lab.train.lift"),
    "scorer": ModelPart(
        ("stage.json", "lift.json", "boundaries.json"),
        ("scorer.json", "encoder.tflite", "decoder.tflite", "kde.npz", "faults.npz", "README.md", "model.json"),
        "livecoach.lab.scorer.training",
    ),
}
"""In the order of training: the lift model learns from movements that the boundaries cut."""
ALL = tuple(PARTS)


def command_of(name: str, context: BuildContext) -> str:
    """Return the command that makes a part again."""
    command: str = getattr(context.recipe, name).command(name, context.exercise.name)
    return command


def train_part(name: str, context: BuildContext, folder: Path) -> str:
    """Put a part into a folder, and return a report in words.

    Raises ModelError where a part that it needs is missing.
    """
    part = PARTS[name]
    for file in part.needs:
        if not (context.before / file).is_file():
            raise ModelError(f"{context.before / file}: is missing, and this is made after it. See docs/models.md.")
    training = {"command": command_of(name, context), "seed": getattr(context.recipe, name).seed}
    with _atomically(folder) as made:
        return part.make(context, made, training)


def train_all(context: BuildContext, folder: Path, say: Callable[[str], object]) -> None:
    """Put all parts into a folder, made from nothing but the exercise's YAML files.

    Parts that an earlier run made with the same command come from the cache. context: its `before` is not used. say:
    called with a line about each part. Raises ConfigError where the recipe has rendered sets and nothing can be drawn.
    """
    draft = context.kept / "model"
    context = replace(context, before=draft)
    left = _parts_to_make(context, draft)
    if "lift" in left:
        rendered_lifts.check(context.recipe.lift, context.workshop)
    for name in ALL:
        if name not in left:
            say(f"{name}: taken from {draft}")
            continue
        for later in ALL[ALL.index(name) :]:
            for file in PARTS[later].files:
                (draft / file).unlink(missing_ok=True)
        say(f"{name}: {train_part(name, context, draft)}")
    with _atomically(folder) as made:
        for path in draft.iterdir():
            shutil.copyfile(path, made / path.name)


def _parts_to_make(context: BuildContext, draft: Path) -> tuple[str, ...]:
    """Return the parts to make: from the first one on that the draft lacks, or that another command made."""
    for place, name in enumerate(ALL):
        if not _is_made(PARTS[name], draft, command_of(name, context)):
            return ALL[place:]
    return ()


def _is_made(part: ModelPart, folder: Path, command: str) -> bool:
    """Return whether a folder holds a part, whole and made by this command."""
    try:
        training = json.loads((folder / part.files[0]).read_text(encoding="utf-8"))["training"]
    except (OSError, ValueError, KeyError):
        return False
    return training["command"] == command and all((folder / name).is_file() for name in part.files)


@contextmanager
def _atomically(folder: Path) -> Iterator[Path]:
    """Yield a new folder; when the block succeeds its files move to `folder`, model.json last."""
    with new_files(folder, "model.json") as made:
        yield made
    seal(folder)
