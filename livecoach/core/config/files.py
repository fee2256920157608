"""Opens, reads, creates and changes files safely.

Only regular files are read: a pipe without a writer would hold up the program for ever, and a device such as /dev/zero
would never end. Files and folders that show a person are readable by their owner alone, whatever the umask.
"""

import errno
import io
import os
import stat
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

NOT_REGULAR = "it is a pipe or a device, not a file"  # reason why a path is not read
FILE_MODE, FOLDER_MODE = 0o600, 0o700  # access for the owner alone
PART = ".part"  # suffix of an unfinished file
LOCK = ".lock"  # name of the file by which `lock_folder` locks a folder
_IN_USE = {5, 32, 33}  # Windows' numbers of the errors access denied, sharing violation and lock violation
_IN_USE_S = 2.0  # longest wait for another program that has a file open; our choice
BUSY_S = 10.0  # longest wait for another process that changes the same folder; a change takes less than a second


def open_regular(path: Path | str) -> io.BufferedReader:
    """Open a regular file to read bytes, without ever waiting.

    Raises OSError if the path can't be opened, or is a folder, a pipe or a device.
    """
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


def protected_files(sources: Sequence[Path]) -> tuple[Path, ...]:
    """Return the files that an output must not overwrite: the sources, and the content of source folders."""
    protected = list(sources)
    for path in sources:
        with suppress(OSError):  # It is no folder, or reading it reports why it can't be read
            protected += path.iterdir()
    return tuple(protected)


def is_any_of(path: Path, others: Iterable[Path]) -> bool:
    """Return whether a path leads to the same place as another path, through links too."""
    target = Path(os.path.realpath(path))  # Windows' paths are equal in any case
    return any(target == Path(os.path.realpath(other)) for other in others)


def read_regular(path: Path) -> bytes:
    """Return the content of a regular file. Raises OSError if the file is not regular or can't be read."""
    with open_regular(path) as file:
        return file.read()


def read_limited(path: Path | str, most_bytes: int) -> bytes:
    """Return the content of a regular file. Raises OSError if it is not regular, too large, or can't be read."""
    with open_regular(path) as file:
        size_bytes = os.fstat(file.fileno()).st_size
        if size_bytes > most_bytes:
            limit = f"{most_bytes >> 20} MB" if most_bytes >= 1 << 20 else f"{most_bytes >> 10} kB"
            raise OSError(errno.EFBIG, f"larger than {limit}", str(path))
        return file.read(size_bytes)  # Python allocates that much at once, and Windows keeps all of it


def open_new_private(path: Path, *, buffering: int = -1) -> BinaryIO:
    """Create a file for its owner alone, and open the file to write bytes.

    Raises OSError if the file exists or can't be created.

    Args:
        buffering: Size of the buffer, as for the built-in `open`; 0 for no buffer.
    """
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    return open(os.open(path, flags, FILE_MODE), "wb", buffering=buffering)


def flush_names(folder: Path) -> None:
    """Flush the names in a folder to the disk, because a power failure would lose a file with an unflushed name.

    On Windows this function does nothing. Elsewhere it raises OSError if the folder can't be flushed.
    """
    if os.name == "nt":  # impossible there; NTFS keeps a journal of names
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def retry_while_in_use(change: Callable[[], object]) -> None:
    """Call a function that moves or deletes files. On Windows, call it again while another program has a file open.

    Virus scanners, search indexes and other livecoach processes keep a file open for less than a second. This process
    must have closed the files.

    Raises OSError if the files can't be moved or deleted, or another program still has a file open after two seconds.
    """
    until_s = time.monotonic() + _IN_USE_S
    while True:
        try:
            change()
            return
        except PermissionError as err:
            if getattr(err, "winerror", None) not in _IN_USE or time.monotonic() > until_s:
                raise
        time.sleep(0.02)


def remove_file(path: Path) -> None:
    """Remove a file, if it exists, and retry while it is in use. Raises OSError if the file can't be removed."""
    retry_while_in_use(lambda: path.unlink(missing_ok=True))


@contextmanager
def write_atomically(path: Path, *, private: bool = True, lasting: bool = False) -> Iterator[Path]:
    """Yield the path of an empty file, which replaces the file at `path` if the block succeeds.

    If the block raises an error, the new file is removed, and the file at `path` stays unchanged. Two processes must
    not write the same file at the same time.

    Args:
        private: Whether only the owner may read the file, because it shows a person. Otherwise the umask decides.
        lasting: Whether to flush the file to the disk, so that a power failure leaves the old or the new content.

    Raises:
        OSError: The file can't be written.
    """
    part = path.with_name(f".{path.name}{PART}")
    part.unlink(missing_ok=True)  # left by a killed process, or a link that must not be followed
    try:
        os.close(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, FILE_MODE if private else 0o666))
        yield part
        if lasting:
            with part.open("rb+") as file:
                os.fsync(file.fileno())
        retry_while_in_use(lambda: os.replace(part, path))
        if lasting:
            flush_names(path.parent)
    finally:
        part.unlink(missing_ok=True)


def make_private_folder(folder: Path) -> None:
    """Create a folder that only its owner can open, and its missing parents. An existing folder keeps its mode.

    The umask decides the mode of the parents. Raises OSError if a folder can't be created.
    """
    folder.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)


def make_lasting_folder(folder: Path, mode: int) -> None:
    """Create a folder in an existing folder, and flush the new name to the disk. If the folder exists, do nothing.

    Args:
        mode: Permissions of a new folder, which the umask restricts.

    Raises:
        OSError: The folder can't be created or flushed.
    """
    if not folder.is_dir():
        folder.mkdir(mode=mode, exist_ok=True)
        flush_names(folder.parent)


@contextmanager
def lock_folder(folder: Path, wait_s: float | None = None) -> Iterator[None]:
    """Lock an existing folder during the block. Other processes wait if they lock the same folder.

    Without a lock, a process that reads a file, changes it and writes it back would undo the changes of another
    process. The lock is released after the block, or when the process ends. The lock file may stay in the folder.

    Args:
        wait_s: Longest time to wait for the lock, in seconds; None for BUSY_S.

    Raises:
        BlockingIOError: The folder is still locked after that time.
        OSError: The folder can't be written.
    """
    from filelock import FileLock, Timeout

    lock = FileLock(folder / LOCK, mode=FILE_MODE, timeout=BUSY_S if wait_s is None else wait_s, thread_local=False)
    try:
        lock.acquire()
    except Timeout as err:
        raise OSError(errno.EAGAIN, "another livecoach is changing it; try again", str(folder)) from err
    try:
        yield
    finally:
        lock.release()


def write_private_text(path: Path, text: str) -> None:
    """Write a text file for its owner alone, completely or not at all. Raises OSError if the file can't be written."""
    with write_atomically(path, lasting=True) as part:
        part.write_bytes(text.encode("utf-8"))


def remove_unfinished_files(folder: Path) -> None:
    """Remove the temporary files that killed processes left in a folder during `write_atomically`.

    No process may be writing to the folder. Raises OSError if a file can't be removed.
    """
    for part in folder.glob(f".*{PART}"):
        part.unlink(missing_ok=True)
