"""The digests of a model folder's files in its model.json, after one of them was made again."""

import json
from pathlib import Path

from livecoach.model_files.model_folder import FILES, sha256


def seal(folder: Path) -> None:
    """Nothing else of model.json changes; a folder that has none yet, or not all files, is left as it is."""
    card = folder / "model.json"
    if not card.is_file() or not all((folder / name).is_file() for name in FILES):
        return
    content = json.loads(card.read_text(encoding="utf-8"))
    content["files"] = {name: sha256(folder / name) for name in FILES}
    card.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
