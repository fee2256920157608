"""Trains all parts of an exercise's model folder, together or one by one.

A part is made in a folder beside its destination, and moves there when it is complete. `train_all` makes the parts in
the cache, where a stopped run resumes, and replaces the model at the end.
"""

import json
import shutil
from collections.abc import Callable, Sequence
from dataclasses import replace
from importlib import import_module
from itertools import dropwhile
from pathlib import Path

from livecoach.core.errors import ModelError
from livecoach.lab.model_files import new_files, seal
from livecoach.lab.train.movements import check_rendering
from livecoach.lab.train.recipes import BuildContext, LiftRecipe, Part


def train_part(part: Part, context: BuildContext, folder: Path) -> str:
    """Put a part into a folder, and return a report in words. Raises ModelError where a part that it needs is
    missing."""
    for file in part.needs:
        if not (context.before / file).is_file():
            raise ModelError(f"{context.before / file}: is missing, and this is made after it. See docs/models.md.")
    training = {"command": part.command(context.exercise.name), "seed": part.seed}
    with new_files(folder) as made:
        report: str = import_module(part.module).make(part, context, made, training)
    seal(folder)
    return report


def train_all(parts: Sequence[Part], context: BuildContext, folder: Path, say: Callable[[str], object]) -> None:
    """Put all parts into a folder, made from nothing but the exercise's YAML files. Parts that an earlier run made with
    the same command come from the cache. context: its `before` is not used. say: called with a line about each part.
    Raises ConfigError where a recipe has rendered sets and nothing can be drawn."""
    draft = context.kept / "model"
    context = replace(context, before=draft)
    left = list(dropwhile(lambda part: _is_made(part, context), parts))
    for part in left:
        if isinstance(part, LiftRecipe):
            check_rendering(part, context.workshop)
    for file in (file for part in left for file in part.files):
        (draft / file).unlink(missing_ok=True)
    for part in parts:
        report = train_part(part, context, draft) if part in left else f"taken from {draft}"
        say(f"{part.name}: {report}")
    with new_files(folder) as made:
        for path in draft.iterdir():
            shutil.copyfile(path, made / path.name)
    seal(folder)


def _is_made(part: Part, context: BuildContext) -> bool:
    """Return whether a part is there, whole and made by this command."""
    try:
        training = json.loads((context.before / part.files[0]).read_text(encoding="utf-8"))["training"]
    except (OSError, ValueError, KeyError):
        return False
    is_whole = all((context.before / name).is_file() for name in part.files)
    return is_whole and bool(training["command"] == part.command(context.exercise.name))
