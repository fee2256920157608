"""Manages the process of a command: its standard streams, its exit status, and errors in the window."""

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
from livecoach.cli.output import discard_stdout
from livecoach.core.errors import LivecoachError, OutputError
from livecoach.core.types import ignore
from livecoach.core.types.bounds import to_printable
from livecoach.core.types.message import Message
from livecoach.run.process import end_signal, is_terminal

if TYPE_CHECKING:
    from livecoach.run.end_screen import EndScreen

INTERRUPTED = 130  # Exit status after Ctrl-C
_UNWRITTEN = {errno.ENOSPC, errno.EFBIG, errno.EIO, getattr(errno, "EDQUOT", errno.ENOSPC)}
"""Errors of writing to a full disk, or to a terminal that was closed."""
_REFUSED = {errno.ENAMETOOLONG, errno.EACCES, errno.EPERM, errno.ELOOP, errno.EROFS, errno.EMFILE, errno.ENFILE}
"""Errors of names, permissions and limits, which are not defects of livecoach even where it does not expect them."""


def ignore_local_modules() -> None:
    """Keep Python's child processes from importing modules in the current folder, such as a `random.py` of the user.

    The option `-P` would not apply to processes of multiprocessing, which builds its own command line. If livecoach
    runs by `python -m livecoach` in the folder of a checkout, child processes import that checkout.
    """
    os.environ["PYTHONSAFEPATH"] = "1"
    checkout = str(Path(livecoach.__file__).parents[1])
    if sys.path[0] == checkout:
        os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, (checkout, os.environ.get("PYTHONPATH"))))


def prepare_streams(*, native: bool) -> None:
    """Make the standard streams usable: open closed streams, and accept any text. No other thread may run yet.

    Closed streams are opened on the null device. Output is UTF-8, but a terminal keeps its encoding: characters that
    the encoding lacks are replaced. Messages of native libraries are discarded unless `native` is true.
    """
    _open_missing_streams()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # UTF-8, or the terminal's encoding with unknown characters replaced
            stream.reconfigure(encoding=None if stream.isatty() else "utf-8", errors="replace")
    if not native:
        _discard_native_messages()


def _open_missing_streams() -> None:
    """Open the standard streams that the parent process has closed, on the null device.

    Otherwise, a session's files would get the streams' numbers, and the output of native libraries.
    """
    for number, (name, mode) in enumerate((("stdin", "r"), ("stdout", "w"), ("stderr", "w"))):
        try:
            os.fstat(number)
        except OSError:
            descriptor = os.open(os.devnull, os.O_RDWR)  # Gets the lowest free number
            setattr(sys, name, open(descriptor, mode, closefd=False))  # noqa: SIM115 (open to the end, as all three)


def _discard_native_messages() -> None:
    """Discard what is written to file descriptor 2 itself; Python writes to a duplicate of standard error.

    MediaPipe, LiteRT, PortAudio and Xlib write messages there that do not concern the lifter and can't be turned off. A
    descriptor belongs to the whole process: redirecting it for a while, as sounddevice does each time it looks for
    devices, would also discard the output of other threads.
    """
    own = sys.stderr
    with suppress(OSError, ValueError):  # It is closed, or not a file
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
"""Command that installs, on Debian or Ubuntu, the system libraries that livecoach needs, as in docs/first-set.md."""
ADVICE = {
    "linux": f"On Debian or Ubuntu: {LIBRARIES}",
    "win32": "Install livecoach again; if that does not help, the Microsoft Visual C++ Redistributable.",
}
"""What to do if a native library can't be loaded, by `sys.platform`. Elsewhere the wheels bring all libraries along."""


def has_own_console() -> bool:
    """Return whether the Windows console is livecoach's alone, so that it closes at the end, as after a double click.

    Processes that start livecoach for pip or for a virtual environment count as livecoach. False on other systems.
    """
    if sys.platform != "win32":
        return False
    import ctypes

    is_started_by_pip = any(word.lower().endswith(".exe") for word in sys.orig_argv[1:2])
    own = 1 + is_started_by_pip + (sys.prefix != sys.base_prefix)
    return ctypes.windll.kernel32.GetConsoleProcessList((ctypes.c_uint32 * 4)(), 4) == own


class ErrorWindow:
    """The window that shows the error which ends a command, because a user who clicked an icon has no terminal."""

    def __init__(self) -> None:
        self.wanted = False  # Whether the command opens a window
        self._has_own_console = has_own_console()  # Found now: later, the window's process may use the console, too
        self.end: EndScreen | None = None  # End screen of its window; None until it is open

    def show(self, line: str) -> None:
        """Show an error in the command's window until a key is pressed.

        Nothing is shown if the command opens no window, if the window can't be opened or was closed, or if a terminal
        stays open with the error and no window is visible.
        """
        has_terminal = any(map(is_terminal, filter(None, (sys.stdin, sys.stdout, sys.stderr))))
        has_terminal &= not self._has_own_console
        if not self.wanted or (has_terminal and (self.end is None or not self.end.is_window_shown)):
            return
        from livecoach.feedback.window import Window
        from livecoach.run.end_screen import EndScreen, HomeProcess

        end = self.end or EndScreen(Window())
        if end.can_be_shown:
            end.error = line
            end.show(HomeProcess().open)


def call_command(command: Callable[[], Any], *, debug: bool = False, show: Callable[[str], object] = ignore) -> int:
    """Call a command, print its error, if any, and return the exit status.

    An error is one line; for a wrong command line, click prints the usage before it. Signals, and an output that nobody
    reads, print nothing. SystemExit, which commands and SIGTERM raise, is not caught.

    Args:
        command: Returns the exit status; None for 0.
        debug: Whether to print the traceback of every error except click's. A defect's traceback is always printed.
        show: Called with the text of the error after it is printed.
    """
    try:
        return command() or 0
    except click.ClickException as err:
        # The message quotes arguments, which may be any names of files.
        err.message = to_printable(err.message)  # type: ignore[misc]
        err.show()
        show(err.format_message())
        return err.exit_code
    except (KeyboardInterrupt, click.Abort):
        return INTERRUPTED
    except BrokenPipeError:
        discard_stdout()  # Nobody reads it any more
        return 0
    except Exception as err:
        error = _user_error(err)
        if error is None:
            if (number := end_signal()) is not None:
                return 128 + number  # Native code such as pydantic's turns the exception of a signal into another
            traceback.print_exc()  # At once, since the window may wait for a key
            at = traceback.extract_tb(err.__traceback__)[-1]
            where = f"{type(err).__name__}, {Path(at.filename).name}:{at.lineno}"
            defect = "livecoach has a defect and had to stop ({name}). Start it again, and report this line."
            error = LivecoachError(Message(defect, name=where))
        elif debug:
            traceback.print_exc()
        if error is not err:
            discard_stdout()
        click.echo(f"livecoach: {to_printable(str(error))}", err=True)
        show(error.text)
        return error.exit_code


def _user_error(err: Exception) -> LivecoachError | None:
    """Return the error for the user; None for a defect of livecoach."""
    if isinstance(err, LivecoachError):
        return err
    if isinstance(err, OSError):
        return _system_error(err)
    if isinstance(err, MemoryError):
        return LivecoachError("no memory is left. Close other programs, or raise the limit (ulimit -v).")
    if isinstance(err, ImportError) and not isinstance(err, ModuleNotFoundError):  # A native library is missing
        return LivecoachError(
            f"a library of the system can't be loaded: {err}. {ADVICE.get(sys.platform, 'Install livecoach again.')}"
        )
    return None


def _system_error(err: OSError) -> LivecoachError | None:
    if err.filename is None and err.errno == errno.ENOENT:  # No current folder, or no folder for temporary files
        return LivecoachError(
            f"no folder to work in ({err.strerror}). Change to another one with cd, or free some space."
        )
    if err.filename == os.devnull or (err.filename is not None and err.errno in _REFUSED):
        return LivecoachError(f"{err.filename}: can't be used ({err.strerror}). Check the path and its permissions.")
    if err.errno in _UNWRITTEN:
        return OutputError(f"standard output: can't be written ({err.strerror}). Free some space.")
    return None
