"""Files that a command writes: refused before any work is done, and there as a whole or not at all."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from livecoach.errors import OutputError


def check_apart(out: Path, inputs: tuple[Path, ...], option: str) -> None:
    """Raise OutputError where what is written would take the place of what is read."""
    if any(_same(out, path) for path in inputs):
        raise OutputError(f"{out}: is the recording itself. Choose another place with {option}.")


def _same(one: Path, other: Path) -> bool:
    return os.path.realpath(one) == os.path.realpath(other)


def check_writable(path: Path, option: str) -> None:
    """Raise OutputError where a file can't be written; nothing is changed. Pipes and devices are not tried."""
    if path.exists() and not path.is_file() and not path.is_dir():
        return
    target = Path(os.path.realpath(path))  # of a link to nothing the link is kept
    new = not target.exists()
    try:
        target.open("ab").close()
        if new:
            target.unlink()
    except OSError as err:
        raise cannot(path, option, err) from err


def to_stdout(text: str) -> None:
    """Write a document to standard output. Raises OutputError where that can't be done."""
    try:
        print(text, flush=True)
    except BrokenPipeError:
        raise
    except OSError as err:
        leave_stdout()
        raise OutputError(f"standard output: can't be written ({err.strerror}). Is there room?") from err


def leave_stdout() -> None:
    """Let go what standard output did not take: Python would try, and complain, once more while it exits."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def cannot(path: Path, option: str, err: OSError) -> OutputError:
    """The error for a file that can't be written."""
    return OutputError(f"{path}: can't be written ({err.strerror}). Choose another place with {option}.")


@contextmanager
def whole(path: Path, option: str) -> Iterator[Path]:
    """Where to write meanwhile: it takes the name `path` when the block ends well, else it is removed.

    Raises OutputError where nothing can be written there.
    """
    check_writable(path, option)
    if path.exists() and not path.is_file():
        yield path  # a pipe or device
        return
    target = Path(os.path.realpath(path))
    part = target.with_name(f".{target.name}.part")
    try:
        yield part
        os.replace(part, target)
    except OSError as err:
        raise cannot(path, option, err) from err
    finally:
        part.unlink(missing_ok=True)
