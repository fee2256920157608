"""The output of commands: files, written completely or not at all; standard output; pages in the browser."""

import os
import sys
import tempfile
import webbrowser
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import takewhile
from pathlib import Path
from typing import BinaryIO

import click

from livecoach.config.files import written_whole
from livecoach.errors import OutputError
from livecoach.types.bounds import printable


def check_apart(out: Path, inputs: tuple[Path, ...], option: str) -> None:
    """Raise OutputError if the output would overwrite an input."""
    if any(_same(out, path) for path in inputs):
        raise OutputError(f"{out}: is the recording itself. Choose another place with {option}.")


def _same(one: Path, other: Path) -> bool:
    return os.path.realpath(one) == os.path.realpath(other)


def check_writable(path: Path, option: str) -> None:
    """Raise OutputError if a file can't be written, or is part of a session. Nothing is changed.

    Pipes and devices are not tested.
    """
    # Path.exists would raise for a name that is too long or an unreadable folder; opening gives a better message.
    if os.path.exists(path) and not os.path.isfile(path) and not os.path.isdir(path):
        return
    target = Path(os.path.realpath(path))  # keeps a dangling link
    new = not os.path.exists(target)
    if not new:
        _check_no_session(path, target, option)
    try:
        target.open("ab").close()
        if new:
            target.unlink()
    except OSError as err:
        raise write_error(path, option, err) from err


def _check_no_session(path: Path, target: Path, option: str) -> None:
    """Raise OutputError if a file is part of a session, because it could not be recreated."""
    from livecoach.session.layout import RECORDED, REFERENCE
    from livecoach.session.stored import is_session

    of_session = target.name in RECORDED and is_session(target.parent)
    if of_session or (target.parent.name == REFERENCE and is_session(target.parent.parent)):
        raise OutputError(f"{path}: is part of a session. Choose another place with {option}.")


def to_stdout(text: str) -> None:
    """Write a document to standard output. Raises OutputError if that fails."""
    try:
        print(text, flush=True)
    except BrokenPipeError:
        raise
    except OSError as err:
        leave_stdout()
        raise OutputError(f"standard output: can't be written ({err.strerror}). Free some space.") from err


def json_output(text: str, file: str) -> None:
    """Write a JSON document to a file, or for "-" to standard output. Raises OutputError."""
    if file == "-":
        to_stdout(text)
        return
    with atomic_write(Path(file), "--json") as part:
        part.write_text(text + "\n", encoding="utf-8", errors="replace")


def echo(text: object, *, err: bool = False) -> None:
    """Print lines that may contain file names and texts from elsewhere, without control characters."""
    click.echo(printable_lines(str(text)), err=err)


def printable_lines(text: str) -> str:
    """Return a text without control characters, except for the ends of its lines."""
    return "\n".join(map(printable, text.split("\n")))


def number_of(count: int, noun: str) -> str:
    """Return a number of things: "1 rep", "2 reps"."""
    return f"{count} {noun}{'' if count == 1 else 's'}"


def leave_stdout() -> None:
    """Discard the rest of standard output. Otherwise Python would try again at exit, and complain."""
    with suppress(OSError):  # there is no such device: Python's complaint is then not shown
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def check_makeable(folder: Path, option: str) -> None:
    """Raise OutputError if a folder can't be made, or nothing can be made in it. Nothing is left behind."""
    missing = list(takewhile(lambda place: not os.path.lexists(place), (folder, *folder.parents)))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=folder).close()
    except OSError as err:
        raise write_error(folder, option, err) from err
    finally:
        for place in missing:
            with suppress(OSError):
                place.rmdir()


def write_error(path: Path, option: str, err: OSError) -> OutputError:
    """Return the error for a file that can't be written."""
    return OutputError(f"{path}: can't be written ({err.strerror}). Choose another place with {option}.")


def check_new(path: Path, option: str) -> None:
    """Raise OutputError if a file can't be created, or exists already: it may be an only copy."""
    if os.path.lexists(path):
        raise OutputError(f"{path}: exists already. Choose another name with {option}.")
    check_writable(path, option)


@contextmanager
def atomic_create(path: Path, option: str) -> Iterator[tuple[BinaryIO, Path]]:
    """Open a new file for its owner alone; also yield the path of a temporary file, which the caller may use and must
    remove.

    The file gets the name `path` when the block succeeds, otherwise it is removed. Raises OutputError as `check_new`
    does, and if writing fails.
    """
    check_new(path, option)
    part, other = (path.with_name(f".{path.name}.{what}") for what in ("part", "other"))
    try:
        part.unlink(missing_ok=True)  # left by a killed process
        with open(os.open(part, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "w+b") as file:
            yield file, other
        if os.path.lexists(path):  # created meanwhile by another process
            raise OutputError(f"{path}: exists already. Choose another name with {option}.")
        os.replace(part, path)
    except OSError as err:
        raise write_error(path, option, err) from err
    finally:
        part.unlink(missing_ok=True)


@contextmanager
def atomic_write(path: Path, option: str, *, private: bool = True) -> Iterator[Path]:
    """Yield the path of a temporary file, which gets the name `path` when the block succeeds; otherwise it is removed.

    private: readable by its owner alone, because it shows a person. Raises OutputError if nothing can be written
    there.
    """
    check_writable(path, option)
    if path.exists() and not path.is_file():
        yield path  # a pipe or device
        return
    try:
        with written_whole(Path(os.path.realpath(path)), private=private) as part:
            yield part
    except OSError as err:
        raise write_error(path, option, err) from err


def has_screen() -> bool:
    """Return whether a browser would have a screen to open on. Systems other than Linux always have one."""
    if not sys.platform.startswith("linux"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def open_page(path: Path) -> None:
    """Open a page in the browser, and print its path; without a browser, say so."""
    echo(path)
    open_file(path)


def open_file(path: Path) -> None:
    """Open a page in the browser; without a browser, say so."""
    _open(path.resolve().as_uri(), "no browser here; open this file in one")


def open_address(url: str) -> None:
    """Open an address in the browser, and print it; without a browser, say so."""
    echo(url)
    _open(url, "no browser here; open this address in one")


def _open(url: str, otherwise: str) -> None:
    # Without a screen, `webbrowser` would start a browser for text in this terminal.
    if not has_screen() or not webbrowser.open(url):
        echo(f"livecoach: {otherwise}", err=True)
