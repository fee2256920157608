"""Writes the digests of a model folder's files into its model.json, after one of them was made again.

python scripts/seal_model.py models/deadlift
"""

import sys
from pathlib import Path

from livecoach.lab.seal import seal

if __name__ == "__main__":
    for path in sys.argv[1:]:
        seal(Path(path))
