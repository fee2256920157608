"""Opens, reads, creates and changes files safely.

Only regular files are read: a pipe without a writer would hold up the program for ever, and a device such as /dev/zero
would never end. Files and folders that show a person are readable by their owner alone, whatever the umask.
"""

import errno
import io
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, TextIO

NOT_REGULAR = "it is a pipe or a device, not a file"
FILE_MODE, FOLDER_MODE = 0o600, 0o700
PART = ".part"  # end of the name of an unfinished file
BUSY_S = 10.0  # longest wait for another process that changes the same folder; each takes less than a second


def open_regular(path: Path) -> io.BufferedReader:
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
    with open_regular(path) as file:
        return file.read()


def read_limited(path: Path, most_bytes: int) -> bytes:
    """The content of a regular file. Raises OSError, also for a file that is larger than `most_bytes`."""
    with open_regular(path) as file:
        content = file.read(most_bytes + 1)
    if len(content) > most_bytes:
        size = f"{most_bytes >> 20} MB" if most_bytes >= 1 << 20 else f"{most_bytes >> 10} kB"
        raise OSError(errno.EFBIG, f"larger than {size}", str(path))
    return content


def open_new_private(path: Path, *, buffering: int = -1) -> BinaryIO:
    """Create a file and open it to write. Raises FileExistsError where it exists, or another OSError. buffering: as for
    the built-in `open`; with 0 each write goes out at once, and may be partial."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    return open(os.open(path, flags, FILE_MODE), "wb", buffering=buffering)


def sync_names(folder: Path) -> None:
    """Flush the names in a folder to the disk: a power failure loses a file without a flushed name. Raises OSError."""
    if os.name == "nt":  # impossible there; NTFS keeps a journal of names
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def written_whole(path: Path, *, private: bool = True, lasting: bool = False) -> Iterator[Path]:
    """Yield the path of an empty file, which gets the name `path` if the block succeeds, and is removed otherwise.

    private: readable by its owner alone, because it shows a person; otherwise the umask decides. lasting: flushed to
    the disk, so that a power failure leaves the old content or the new one. Two processes must not write the same file
    at the same time. Raises OSError.
    """
    part = path.with_name(f".{path.name}{PART}")
    part.unlink(missing_ok=True)  # left by a killed process, or a link that must not be followed
    try:
        os.close(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, FILE_MODE if private else 0o666))
        yield part
        if lasting:
            with part.open("rb+") as file:
                os.fsync(file.fileno())
        os.replace(part, path)
        if lasting:
            sync_names(path.parent)
    finally:
        part.unlink(missing_ok=True)


def private_opener(path: str, flags: int) -> int:
    """Open a file for the built-in `open`; a new one is its owner's alone."""
    return os.open(path, flags, FILE_MODE)


def make_private_folder(folder: Path) -> None:
    """Create a folder, and those above it as usual. An existing one keeps its mode. Raises OSError."""
    folder.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)


def make_kept_folder(folder: Path, mode: int) -> None:
    """Create a folder, unless it is there, and flush its name: a power failure loses all that is in a folder without a
    flushed name. Raises OSError."""
    if not folder.is_dir():
        folder.mkdir(mode=mode, exist_ok=True)
        sync_names(folder.parent)


@contextmanager
def locked(folder: Path, wait_s: float = BUSY_S) -> Iterator[None]:
    """Keep every other process from changing the files in a folder: a process that reads a file, changes it and writes
    it back would undo another one's changes. The lock file stays; the lock ends with the process. Raises OSError where
    the folder can't be written, and its BlockingIOError where it stays locked for `wait_s`."""
    from filelock import FileLock, Timeout

    lock = FileLock(folder / ".lock", mode=FILE_MODE, timeout=wait_s)
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
