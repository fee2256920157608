"""Files and folders that show a person: only their owner can read them, whatever the umask."""

import os
from pathlib import Path
from typing import BinaryIO

FILE_MODE, FOLDER_MODE = 0o600, 0o700


def open_new_private(path: Path) -> BinaryIO:
    """Create a file and open it to write. Raises FileExistsError where there is one, or another OSError."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    return open(os.open(path, flags, FILE_MODE), "wb")


def create_private(path: Path) -> None:
    """Create an empty file, in place of a file or link that may be there. What opens it to write keeps its mode.

    Raises OSError.
    """
    path.unlink(missing_ok=True)
    open_new_private(path).close()


def create_shared(path: Path) -> None:
    """Create an empty file as `create_private` does, with the mode that the umask leaves: it shows nobody.

    Raises OSError.
    """
    path.unlink(missing_ok=True)
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666))


def private_opener(path: str, flags: int) -> int:
    """Open a file for the built-in `open`; a new one is its owner's alone."""
    return os.open(path, flags, FILE_MODE)


def make_private_folder(folder: Path) -> None:
    """Create a folder, and those above it as usual. One that is there keeps its mode. Raises OSError."""
    folder.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
