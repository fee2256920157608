"""What model.json says of a model folder's other files: their digests, and the commands that made them."""

import json
from pathlib import Path
from typing import Any

from livecoach.model_files.model_folder import FILES, sha256

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
