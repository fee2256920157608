"""Names that identify sessions, so that a recording that is processed twice is not learned from twice."""

import hashlib
from datetime import datetime
from pathlib import Path

from livecoach.config.files import open_regular
from livecoach.errors import SourceError

BEGINNING_BYTES = 1 << 20
"""Bytes at the beginning of a recording that identify it: a video's first seconds. Our choice."""


def session_of_recording(path: Path, name: str) -> str:
    """Return the same name whenever this recording is processed, wherever it is stored.

    name: of the source. Raises SourceError.
    """
    try:
        with open_regular(path) as file:
            digest = hashlib.sha256(file.read(BEGINNING_BYTES)).hexdigest()
    except OSError as err:
        raise SourceError(f"{path}: can't be read ({err.strerror}). Check the path.") from err
    readable = name.encode(errors="replace").decode()  # a file can't contain a name that is not valid Unicode
    return f"{readable}:{digest[:8]}"


def session_of_start(started_utc: datetime) -> str:
    """Return the name of a run with a camera: its start time."""
    return started_utc.strftime("%Y-%m-%dT%H:%M:%SZ")
