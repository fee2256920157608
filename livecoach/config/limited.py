"""Reads files that are small where they are what they should be: nobody waits for one that is not."""

import errno
from pathlib import Path

from livecoach.config.regular import open_regular


def read_limited(path: Path, most_bytes: int) -> bytes:
    """Return the content of a regular file. Raises OSError, also for a file that is larger than `most_bytes`."""
    with open_regular(path) as file:
        content = file.read(most_bytes + 1)
    if len(content) > most_bytes:
        size = f"{most_bytes >> 20} MB" if most_bytes >= 1 << 20 else f"{most_bytes >> 10} kB"
        raise OSError(errno.EFBIG, f"larger than {size}", str(path))
    return content
