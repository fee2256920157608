"""Writes model folders: all files are replaced together, and model.json says how each was made."""

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from livecoach.model_files.model_folder import FILES, sha256


@contextmanager
def new_files(folder: Path, card: str) -> Iterator[Path]:
    """Yield an empty folder beside `folder`; when the block ends well, its files take their places in `folder`.

    card: name of the file with the digests of the others, which comes last.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}-") as made:
        yield Path(made)
        folder.mkdir(exist_ok=True)
        for path in sorted(Path(made).iterdir(), key=lambda path: path.name == card):
            path.replace(folder / path.name)


PARTS = ("stage.json", "lift.json", "boundaries.json", "scorer.json")
"""Files of a model folder that hold the command that made them."""


def seal(folder: Path) -> None:
    """Write the digests and the commands into model.json, after one of the files was made again.

    Nothing else of model.json changes; a folder that has none yet, or not all files, is left as it is.
    """
    card = folder / "model.json"
    if not card.is_file() or not all((folder / name).is_file() for name in FILES):
        return
    content = json.loads(card.read_text(encoding="utf-8"))
    content["files"] = {name: sha256(folder / name) for name in FILES}
    content["made"] = made(folder)
    card.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def made(folder: Path) -> dict[str, dict[str, Any]]:
    """Return by file how a model folder's parts were made: command and, where it is told, seed."""
    trainings = {name: json.loads((folder / name).read_text(encoding="utf-8"))["training"] for name in PARTS}
    return {
        name: {what: training[what] for what in ("command", "seed") if what in training}
        for name, training in trainings.items()
    }
