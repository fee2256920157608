"""Writes model folders: all files are replaced together, and model.json says how each was made."""

import json
import os
import tempfile
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from livecoach.errors import OutputError
from livecoach.model_files.model_folder import FILES, sha256

CARD = "model.json"


@contextmanager
def new_files(folder: Path, card: str = CARD, ours: Collection[str] = ()) -> Iterator[Path]:
    """Yield an empty folder beside `folder`; when the block ends well, its files take their places in `folder`.

    card: name of the file with the digests of the others, which comes last. ours: names of files of earlier models,
    which are deleted where the new model has none of that name.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}-") as made:
        yield Path(made)
        folder.mkdir(exist_ok=True)
        written = sorted(Path(made).iterdir(), key=lambda path: path.name == card)
        for name in set(ours) - {path.name for path in written}:
            (folder / name).unlink(missing_ok=True)
        for path in written:
            path.replace(folder / path.name)


def check_place(out: Path, ours: Collection[str], kind: str, what: str) -> None:
    """Raise OutputError if a model can't be written to `out`: beside other files, or without permission.

    ours: names of the files of such a model. kind: of the model, as its CARD says. what: the kind in words.
    """
    try:
        if out.exists() and not out.is_dir():
            raise OutputError(f"{out}: not a folder. Choose another place with --out.")
        there = {path.name for path in out.iterdir()} if out.is_dir() else set()
        if there and (not there <= {CARD, *ours} or _kind_of(out) != kind):
            raise OutputError(f"{out}: exists and is not a {what}. Choose another place with --out.")
    except OSError as err:
        raise OutputError(f"{out}: can't be written ({err.strerror}). Choose another place with --out.") from err
    place = next(folder for folder in (out.absolute(), *out.absolute().parents) if folder.exists())
    if not place.is_dir() or not os.access(place, os.W_OK):
        raise OutputError(f"{out}: can't be written in {place}. Choose another place with --out.")


def _kind_of(folder: Path) -> object:
    """Return the kind of the model in a folder, of any format, damaged or not; None where there is none."""
    try:
        card = json.loads((folder / CARD).read_bytes())
    except (OSError, ValueError):
        return None
    return card.get("kind") if isinstance(card, dict) else None


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
