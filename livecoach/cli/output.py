"""Writes the output of commands: files, completely or not at all; standard output; pages in the browser."""

import os
import sys
import webbrowser
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path

import click

from livecoach.core.config.files import is_any_of, write_atomically
from livecoach.core.errors import ConfigError, OutputError, explain_os_errors
from livecoach.core.language import translate
from livecoach.core.types.bounds import is_device_name, to_printable
from livecoach.core.types.message import Message
from livecoach.run.process import has_screen, is_terminal


def check_writable(file: Path | str | None, option: str, *, apart_from: Iterable[Path] = (), new: bool = False) -> None:
    """Check that a file can be written, without changing it. A new file is created and removed for the check.

    Args:
        file: The file. None and "-" (standard output) are not tested, and pipes and devices are not opened.
        option: Option that named the file, for the text of an error.
        apart_from: Files that must not be overwritten.
        new: Whether to refuse an existing file, which may be the only copy.

    Raises:
        OutputError: The file can't be written or overwritten, is part of a session, or has a Windows device's name.
    """
    if file is None or file == "-":
        return
    path = Path(file)
    check_no_device(path, option)
    target = Path(os.path.realpath(path))  # A dangling link is kept
    if is_any_of(path, apart_from):
        raise OutputError(f"{path}: is the recording itself. Choose another place with {option}.")
    if new and os.path.lexists(path):
        raise OutputError(f"{path}: exists already. Choose another name with {option}.")
    # Path.exists would raise for a name that is too long or an unreadable folder; opening gives a better message.
    if os.path.exists(path) and not os.path.isfile(path) and not os.path.isdir(path):
        return
    is_new = not os.path.exists(target)
    if not is_new:
        _check_no_session(path, target, option)
    with explain_write_errors(path, option):
        target.open("ab").close()
        if is_new:
            target.unlink()


def check_no_device(path: Path, option: str) -> None:
    """Raise OutputError if a file has the name of a Windows device, because Windows could not read the file."""
    if is_device_name(path.name):
        raise OutputError(f"{path}: is the name of a device in Windows. Choose another name with {option}.")


def _check_no_session(path: Path, target: Path, option: str) -> None:
    from livecoach.records.session.layout import RECORDED_FILES, REFERENCE
    from livecoach.records.session.opening import is_session_folder

    of_session = target.name in RECORDED_FILES and is_session_folder(target.parent)
    if of_session or (target.parent.name == REFERENCE and is_session_folder(target.parent.parent)):
        raise OutputError(f"{path}: is part of a session. Choose another place with {option}.")


def write_stdout(text: str) -> None:
    """Write a text and a line break to standard output.

    Raises:
        BrokenPipeError: Nobody reads standard output any more.
        OutputError: Standard output can't be written for another reason. Further output is discarded.
    """
    try:
        print(text, flush=True)
    except BrokenPipeError:
        raise
    except OSError as err:
        discard_stdout()
        raise OutputError(f"standard output: can't be written ({err.strerror}). Free some space.") from err


def write_json(text: str, file: str) -> None:
    """Write a JSON document to the file that --json names, or to standard output if `file` is "-".

    Raises OutputError if the document can't be written, or BrokenPipeError if nobody reads standard output any more.
    """
    if file == "-":
        write_stdout(text)
    else:
        write_text(Path(file), "--json", text + "\n")


def echo(text: object, *, err: bool = False) -> None:
    """Print a text, translated if it is a message, with its unprintable characters replaced, such as in file names."""
    click.echo(replace_unprintable(translate(text) if isinstance(text, Message) else str(text)), err=err)


def replace_unprintable(text: str) -> str:
    """Return a text with its unprintable characters replaced, except line breaks."""
    return "\n".join(map(to_printable, text.split("\n")))


def discard_stdout() -> None:
    """Discard all further standard output, and unwritten text, which Python would try to write again at exit."""
    with suppress(OSError):  # If there is no such device, nothing shows Python's error either
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def explain_write_errors(path: Path, option: str) -> AbstractContextManager[None]:
    """Turn an OSError of the block, which writes a file, into an OutputError about the file and its option."""
    return explain_os_errors(OutputError, f"{path}: can't be written", f"Choose another place with {option}.")


@contextmanager
def atomic_write(path: Path, option: str, *, new: bool = False) -> Iterator[Path]:
    """Yield the path of a private temporary file, which is renamed to `path` if the block succeeds, and else removed.

    If `path` is a pipe or a device, the block writes to `path` itself. Raises OutputError if the file can't be written,
    or, with `new`, exists already.
    """
    check_writable(path, option, new=new)
    with explain_write_errors(path, option):
        if path.exists() and not path.is_file():
            yield path  # It is a pipe or device
            return
        with write_atomically(Path(os.path.realpath(path))) as part:
            yield part
            if new:  # Another process may have made the file meanwhile
                check_writable(path, option, new=True)


def write_text(path: Path, option: str, text: str) -> None:
    """Write a text to a file, completely or not at all; raise OutputError if the file can't be written."""
    with atomic_write(path, option) as part:
        part.write_text(text, encoding="utf-8", errors="replace")


def confirm_deletion(lines: Sequence[str], yes: bool) -> bool:
    """Ask the user to confirm a deletion, and return the answer. Raises ConfigError if nobody can answer.

    Args:
        lines: A line about each thing to delete, shown before the question.
        yes: Whether the user agreed already, so that nothing is shown or asked.
    """
    if yes:
        return True
    for line in lines:
        echo(line, err=True)
    if not is_terminal(sys.stdin):
        raise ConfigError("nothing was deleted. Not a terminal: pass --yes.")
    question = "Delete it for good?" if len(lines) == 1 else "Delete them for good?"
    agreed = click.confirm(translate(question), err=True)
    if not agreed:
        echo(translate("nothing was deleted"))
    return agreed


def open_page(page: Path | str, *, print_place: bool = True) -> None:
    """Open a file or an address in the browser, or ask the user to do so; with `print_place`, print its place first."""
    if print_place:
        echo(page)
    url = page if isinstance(page, str) else page.resolve().as_uri()
    # Without a screen, `webbrowser` would start a browser for text in this terminal.
    if not has_screen() or not webbrowser.open(url):
        of_file = "no browser here; open this file in one"
        line = "no browser here; open this address in one" if isinstance(page, str) else of_file
        echo(f"livecoach: {translate(line)}", err=True)
