"""Writes the digests of a model folder's files into its model.json, after one of them was made again.

python scripts/seal_model.py models/deadlift
"""

import json
import sys
from pathlib import Path

from livecoach.model_folder import FILES, sha256


def seal(folder: Path) -> None:
    """Nothing else of model.json changes; a folder that has none yet, or not all files, is left as it is."""
    card = folder / "model.json"
    if not card.is_file() or not all((folder / name).is_file() for name in FILES):
        return
    content = json.loads(card.read_text(encoding="utf-8"))
    content["files"] = {name: sha256(folder / name) for name in FILES}
    card.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    for path in sys.argv[1:]:
        seal(Path(path))
