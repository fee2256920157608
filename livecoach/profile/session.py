"""What tells one session's reps from another's, so that a recording that is seen twice is not learned from twice."""

import hashlib
from datetime import datetime
from pathlib import Path

from livecoach.errors import SourceError

BEGINNING_BYTES = 1 << 20
"""Of a recording, that tell it from others: a video's first seconds. Our choice."""


def session_of_recording(path: Path, name: str) -> str:
    """The same whenever this recording is seen, wherever it lies. name: of the source. Raises SourceError."""
    try:
        with path.open("rb") as file:
            digest = hashlib.sha256(file.read(BEGINNING_BYTES)).hexdigest()
    except OSError as err:
        raise SourceError(f"{path}: can't be read ({err.strerror}). Check the path.") from err
    readable = name.encode(errors="replace").decode()  # a name that is no Unicode can't stand in a file
    return f"{readable}:{digest[:8]}"


def session_of_start(started_utc: datetime) -> str:
    """Of a run with a camera, by when it was started."""
    return started_utc.strftime("%Y-%m-%dT%H:%M:%SZ")
