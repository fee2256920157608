"""Changes files that other processes may change at the same time: one after the other, and completely or not at all."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from livecoach.config.files import FILE_MODE, PART, written_whole

BUSY_S = 10.0  # longest wait for another process that changes the same folder; each takes less than a second
_LOCK = ".lock"


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Keep every other process from changing the files in a folder: a process that reads a file, changes it and writes
    it back would undo another one's changes. The lock file stays; the lock ends with the process. Raises OSError where
    the folder can't be written, or stays locked for `BUSY_S`."""
    lock = FileLock(folder / _LOCK, mode=FILE_MODE, timeout=BUSY_S)
    try:
        lock.acquire()
    except Timeout as err:
        raise OSError(errno.EAGAIN, "another livecoach is changing it; try again", str(folder)) from err
    try:
        yield
    finally:
        lock.release()


def replace_private(path: Path, text: str) -> None:
    """Write a file for its owner alone, completely or not at all. Raises OSError."""
    with written_whole(path, lasting=True) as part:
        part.write_bytes(text.encode("utf-8"))


def remove_left_parts(folder: Path) -> None:
    """Remove the unfinished files in a folder; no other process may be writing to them. Raises OSError."""
    for part in folder.glob(f".*{PART}"):
        part.unlink(missing_ok=True)
