"""Where the recordings lie that are not part of the project: the folder that LIVECOACH_DATA names."""

import os
from pathlib import Path

_BESIDE = Path(__file__).resolve().parents[3] / "shared" / "data"

DATA = Path(os.environ.get("LIVECOACH_DATA") or _BESIDE).resolve()
CLIPS = DATA / "clips"
MISSING = f"no recordings at {DATA} (LIVECOACH_DATA)"
"""Why a test that needs them is skipped."""
