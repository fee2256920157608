"""The process of a command: its standard streams, the signals that end it, and its exit status."""

import errno
import io
import os
import sys
import traceback
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

import livecoach
from livecoach.cli.output import leave_stdout, printable_lines
from livecoach.core.errors import LivecoachError, OutputError
from livecoach.core.types import ignore
from livecoach.core.types.bounds import printable
from livecoach.core.types.message import Message
from livecoach.run.process import ended_by

if TYPE_CHECKING:
    from livecoach.run.end_screen import EndScreen

INTERRUPTED = 130
_UNWRITTEN = {errno.ENOSPC, errno.EFBIG, errno.EIO, getattr(errno, "EDQUOT", errno.ENOSPC)}
"""Errors of writing to a full disk, and to a terminal that is gone."""
_REFUSED = {errno.ENAMETOOLONG, errno.EACCES, errno.EPERM, errno.ELOOP, errno.EROFS, errno.EMFILE, errno.ENFILE}
"""Errors of names, permissions and limits. Where they come up unforeseen, they are the system's and no defect."""


def keep_strays_out() -> None:
    """Let the Python processes that this one starts import nothing from the current folder: a module `random` of the
    lifter's would take the place of Python's own. `-P` on a command line would miss those of multiprocessing, which
    builds its own. A checkout that runs by `python -m livecoach` in its folder stays what they import."""
    os.environ["PYTHONSAFEPATH"] = "1"
    checkout = str(Path(livecoach.__file__).parents[1])
    if sys.path[0] == checkout:
        os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, (checkout, os.environ.get("PYTHONPATH"))))


def prepare_streams(*, native: bool) -> None:
    """Prepare the streams, before any other thread runs. native: show messages of native libraries."""
    open_missing_streams()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # in UTF-8 if it is no terminal, else without what that can't show
            stream.reconfigure(encoding=None if stream.isatty() else "utf-8", errors="replace")
    if not native:
        leave_native_messages()


def open_missing_streams() -> None:
    """Let the standard streams that the parent process has closed lead nowhere: the next files to be opened, a session
    among them, would take their places and get what native libraries write there."""
    for number, (name, mode) in enumerate((("stdin", "r"), ("stdout", "w"), ("stderr", "w"))):
        try:
            os.fstat(number)
        except OSError:
            taken = os.open(os.devnull, os.O_RDWR)  # the lowest number that is free
            setattr(sys, name, open(taken, mode, closefd=False))  # noqa: SIM115 (open to the end, as all three)


def leave_native_messages() -> None:
    """Let Python write to a duplicate of standard error, and discard anything written to file descriptor 2 itself.

    MediaPipe, LiteRT, PortAudio and Xlib write messages there that do not concern the lifter and can't be turned off. A
    descriptor belongs to the whole process: redirecting it for a while, as sounddevice does each time it looks for
    devices, would also discard what other threads write meanwhile.
    """
    own = sys.stderr
    with suppress(OSError, ValueError):  # it is closed, or not a file
        if own.fileno() != 2:
            return
        own.flush()
        kept = os.dup(2)
        sys.stderr = io.TextIOWrapper(
            io.FileIO(kept, "w"), encoding=own.encoding, errors=own.errors, line_buffering=True, write_through=True
        )
        with open(os.devnull, "wb") as null:
            os.dup2(null.fileno(), 2)


LIBRARIES = "sudo apt-get install libx11-6 libxext6 libegl1 libgles2 libportaudio2 libasound2-plugins"
"""Installs what wheels need of the system, as in docs/first-set.md."""


class ErrorWindow:
    """Shows the error that ends a command in its window: whoever clicked an icon sees no terminal."""

    def __init__(self) -> None:
        self.wanted = False  # whether the command opens a window
        self.end: EndScreen | None = None  # once it has one

    def show(self, line: str) -> None:
        """Show a line until a key, where a window is open, or could be and nobody has a terminal."""
        streams = filter(None, (sys.stdin, sys.stdout, sys.stderr))
        has_terminal = any(stream.isatty() for stream in streams)
        if not self.wanted or (has_terminal and (self.end is None or not self.end.is_shown)):
            return
        from livecoach.feedback.window import Window
        from livecoach.run.end_screen import EndScreen, HomeProcess

        end = self.end or EndScreen(Window())
        if end.is_open:
            end.error = line
            end.show(HomeProcess().open)


def status_of(done: Callable[[], Any], *, debug: bool = False, show: Callable[[str], object] = ignore) -> int:
    """Call `done` and return the exit status: its result, or that of its error, which is printed as one line; a
    defect of livecoach is printed with its traceback.

    Args:
        debug: whether to show the traceback of an error.
        show: also called with the line of an error, after it is printed.
    """
    try:
        return done() or 0
    except click.ClickException as err:
        # It quotes arguments: a shell's pattern may have found any name.
        err.message = printable_lines(err.message)  # type: ignore[misc]
        err.show()
        show(err.format_message())
        return err.exit_code
    except (KeyboardInterrupt, click.Abort):
        return INTERRUPTED
    except BrokenPipeError:
        leave_stdout()  # the reader is gone
        return 0
    except Exception as err:
        error = _user_error(err)
        if error is None:
            if (number := ended_by()) is not None:
                return 128 + number  # native code such as pydantic's makes an error of its own of what ends it
            traceback.print_exc()  # at once: the window may wait for a key
            error = LivecoachError(_defect(err))
        elif debug:
            traceback.print_exc()
        if error is not err:
            leave_stdout()
        click.echo(f"livecoach: {printable(str(error))}", err=True)
        show(error.text)
        return error.exit_code


def _defect(err: Exception) -> str:
    """What to tell the user of a defect of livecoach."""
    at = traceback.extract_tb(err.__traceback__)[-1]
    where = f"{type(err).__name__}, {Path(at.filename).name}:{at.lineno}"
    return Message("livecoach has a defect and had to stop ({name}). Start it again, and report this line.", name=where)


def _user_error(err: Exception) -> LivecoachError | None:
    """What to tell the user of an error; None where it is a defect of livecoach."""
    if isinstance(err, LivecoachError):
        return err
    if isinstance(err, OSError):
        return _system_error(err)
    if isinstance(err, MemoryError):
        return LivecoachError("no memory is left. Close other programs, or raise the limit (ulimit -v).")
    if isinstance(err, ImportError) and not isinstance(err, ModuleNotFoundError):  # a package in native code
        return LivecoachError(f"a library of the system can't be loaded: {err}. On Debian: {LIBRARIES}")
    return None


def _system_error(err: OSError) -> LivecoachError | None:
    """What to tell the user of an error of the system; None where it is a defect of livecoach."""
    if err.filename is None and err.errno == errno.ENOENT:  # the current one was removed, or none takes temporary files
        return LivecoachError(
            f"no folder to work in ({err.strerror}). Change to another one with cd, or free some space."
        )
    if err.filename == os.devnull or (err.filename is not None and err.errno in _REFUSED):
        return LivecoachError(f"{err.filename}: can't be used ({err.strerror}). Check the path and its permissions.")
    if err.errno in _UNWRITTEN:
        return OutputError(f"standard output: can't be written ({err.strerror}). Free some space.")
    return None
