"""All parts of an exercise's model folder, in one go or one by one.

A part is made in a folder beside the one that it goes to, and takes its place when it is complete. `train_all` makes
the parts in the cache, where a run that was stopped goes on, and replaces the model at the end.
"""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from livecoach.errors import ModelError
from livecoach.lab.model_files import new_files, seal
from livecoach.lab.train import rendered_lifts
from livecoach.lab.train.model_parts import PARTS, Making, Part

ALL = tuple(PARTS)


def train_part(part: Part, making: Making, folder: Path) -> str:
    """Put a part into a folder, and return what there is to say of it.

    Raises ModelError where a part that it is made after is missing.
    """
    for name in part.needs:
        if not (making.before / name).is_file():
            raise ModelError(f"{making.before / name}: is missing, and this is made after it. See docs/models.md.")
    with _complete(folder) as made:
        return part.make(making, made, part.command(making))


def train_all(making: Making, folder: Path, say: Callable[[str], object]) -> None:
    """Put all parts into a folder, made from nothing but the exercise's YAML files.

    Those that an earlier run made with the same command are taken from the cache. making: its `before` is not used.
    say: told of each part. Raises ConfigError where the recipe has rendered sets and nothing can be drawn.
    """
    draft = making.work / "model"
    making = replace(making, before=draft)
    left = _to_make(making, draft)
    if "lift" in left:
        rendered_lifts.check(making.recipe.lift, making.drawn)
    for name in ALL:
        if name not in left:
            say(f"{name}: taken from {draft}")
            continue
        for later in ALL[ALL.index(name) :]:
            for file in PARTS[later].files:
                (draft / file).unlink(missing_ok=True)
        say(f"{name}: {train_part(PARTS[name], making, draft)}")
    with _complete(folder) as made:
        for path in draft.iterdir():
            shutil.copyfile(path, made / path.name)


def _to_make(making: Making, draft: Path) -> tuple[str, ...]:
    """Return the parts that the draft lacks: from the first that is missing, or that another command made, on."""
    for place, name in enumerate(ALL):
        if not PARTS[name].is_in(draft, PARTS[name].command(making)):
            return ALL[place:]
    return ()


@contextmanager
def _complete(folder: Path) -> Iterator[Path]:
    """Yield a new folder; when the block ends well its files take their places in `folder`, model.json last."""
    with new_files(folder, "model.json") as made:
        yield made
    seal(folder)
