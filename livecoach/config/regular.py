"""Opens files to read, and nothing else: a pipe without a writer would hold up the program for ever, and a device such
as /dev/zero would never end."""

import errno
import io
import os
import stat
from pathlib import Path
from typing import BinaryIO, TextIO

NOT_REGULAR = "it is a pipe or a device, not a file"


def open_regular(path: Path) -> BinaryIO:
    """Open a regular file, or a link to one, to read bytes. Never waits. Raises OSError, also for anything else."""
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
    handle = os.open(path, flags)
    try:
        mode = os.fstat(handle).st_mode
        if stat.S_ISDIR(mode):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
        if not stat.S_ISREG(mode):
            raise OSError(errno.EINVAL, NOT_REGULAR, str(path))
    except OSError:
        os.close(handle)
        raise
    return open(handle, "rb")


def open_regular_text(path: Path, *, encoding: str, newline: str | None = None) -> TextIO:
    """Open a regular file to read text. encoding, newline: as for the built-in `open`. Raises OSError."""
    return io.TextIOWrapper(open_regular(path), encoding=encoding, newline=newline)


def read_regular(path: Path) -> bytes:
    """Return the content of a regular file. Raises OSError."""
    with open_regular(path) as file:
        return file.read()
