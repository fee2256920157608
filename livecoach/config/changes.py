"""Changes files that other processes may change at the same time: one after the other, and completely or not at all."""

import errno
import math
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from livecoach.config.files import FILE_MODE, sync_names

PART = ".part"
"""End of the name of an unfinished file."""
LEFT_S = 3600.0
"""Age from which an unfinished file counts as left by a killed process, because writing takes less than a second."""
BUSY_S = 10.0
"""Longest wait for another process that changes the same folder; each takes less than a second."""
_LOCK = ".lock"


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Keep every other process from changing the files in a folder: a process that reads a file, changes it and writes
    it back would undo another one's changes. The lock file stays; the lock ends with the process.

    Raises OSError where the folder can't be written, or stays locked for `BUSY_S`.
    """
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
    handle, part = tempfile.mkstemp(PART, f".{path.name}.", path.parent)
    try:
        with open(handle, "wb") as file:
            begun_s = os.fstat(file.fileno()).st_mtime
            _remove_parts(path.parent, f".{path.name}.", before_s=begun_s - LEFT_S)
            file.write(text.encode("utf-8"))
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, path)
        sync_names(path.parent)
    except OSError:
        Path(part).unlink(missing_ok=True)
        raise


def remove_left_parts(folder: Path) -> None:
    """Remove the unfinished files in a folder; no other process may be writing to them. Raises OSError."""
    if folder.is_dir():
        _remove_parts(folder, ".", before_s=math.inf)


def _remove_parts(folder: Path, beginning: str, *, before_s: float) -> None:
    """Remove the unfinished files with this beginning of their names, last written before a time. Raises OSError."""
    for part in folder.iterdir():
        if part.name.startswith(beginning) and part.name.endswith(PART):
            with suppress(FileNotFoundError):
                if part.lstat().st_mtime < before_s:
                    part.unlink()
