"""Manages the process of a run: messages to the user, signals that end it, its memory, and a watchdog for its loop."""

import gc
import io
import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from types import FrameType
from typing import NoReturn, TextIO, TypeVar

import click

from livecoach.core import SIGNALS
from livecoach.core.config.paths import user_data_dir
from livecoach.core.language import translate
from livecoach.core.types.bounds import to_printable
from livecoach.core.types.message import Message

logger = logging.getLogger("livecoach")
T = TypeVar("T")

command_flag = threading.Event()
"""Flag that is set if the process is a command: `say` then prints lines. In other programs, `say` only logs lines."""


def say(line: str) -> None:
    """Log a line for the user, and print it to standard error if this process is a command. A message is translated.

    A session that is being recorded keeps the line, too. If the line can't be written, since nobody reads it or the
    disk is full, the run continues.
    """
    shown = to_printable(translate(line) if isinstance(line, Message) else line)
    logger.info("said: %s", shown)
    if command_flag.is_set():
        with suppress(OSError):
            click.echo(f"livecoach: {shown}", err=True)


def line_printer(*, to_stderr: bool = False) -> Callable[..., None]:
    """Return a function that prints lines as they are, also brackets, and lines longer than the terminal is wide."""
    from rich.console import Console

    return Console(stderr=to_stderr, highlight=False, markup=False, emoji=False, soft_wrap=True).print


SILENT_S = 5.0  # Time of a wait for a disk or another process after which a line reports the wait; our choice


def report_slow_disk() -> AbstractContextManager[None]:
    """If the `with` block takes longer than SILENT_S, report that the disk of the user's data does not answer.

    Use this for blocks that only read or write files.
    """
    return report_wait(f"{user_data_dir()}: its disk does not answer. livecoach goes on when it does.")


@contextmanager
def report_wait(line: str) -> Iterator[None]:
    """Report a line to the user if the `with` block takes longer than SILENT_S.

    A separate thread reports the line, because a process that waits for a hanging disk can't even be ended by Ctrl-C.
    """
    waiting = threading.Timer(SILENT_S, say, (line,))
    waiting.daemon = True
    waiting.start()
    try:
        yield
    finally:
        waiting.cancel()


NO_SCREEN = "There is no screen for livecoach's window. Use a phone: type `livecoach live --phone` in a terminal."


def has_screen() -> bool:
    """Return whether this computer has a screen. On other systems than Linux, a screen is assumed."""
    if not sys.platform.startswith("linux"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def is_terminal(stream: TextIO) -> bool:
    """Return whether a stream is a terminal; False for the null device of Windows, which claims to be a terminal."""
    file = getattr(getattr(stream, "buffer", None), "raw", None)
    return stream.isatty() and not (sys.platform == "win32" and isinstance(file, io.FileIO))


@contextmanager
def suspend_garbage_collection() -> Iterator[None]:
    """Suspend garbage collection while a block imports modules, and exclude all present objects from later collections.

    The objects stay, but the collector would examine them a hundred times, which takes a tenth of the imports' time.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


_M_ARENA_MAX = -8  # Constant of glibc's malloc.h


def share_heap() -> None:
    """Let all threads share one heap of the C library. Call this before any thread starts.

    By default, glibc has a heap for nearly each thread, and keeps memory in it that threads of later runs can't use, so
    memory rises with the number of runs. Sharing a heap is cheap, because Python's lock keeps most threads from
    allocating at the same time. With another C library, nothing happens.
    """
    import ctypes

    with suppress(AttributeError, OSError, TypeError):  # Another C library, or Windows
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, 1)


def handle_signals() -> None:
    """Handle SIGINT, SIGTERM, SIGHUP and SIGBREAK: each ends the command properly, and a run finishes its session.

    A signal that the parent process ignores, as with nohup, stays ignored.
    """
    for number in SIGNALS:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _end)


PATIENCE_S = 5.0
"""Time for which signals are ignored while a command or a run ends: a closed terminal sends SIGHUP twice, and many
users press Ctrl-C twice. After that, the next signal interrupts the end. Our choice."""
_received: list[int] = []  # Signals that ended the command
_ignored: list[int] = []  # Signals that came while it was ending, or that the loop of a run has yet to obey
_ends_since_s: list[float] = []  # Time at which the end began; empty while the command does not end


def end_signal() -> int | None:
    """Return the number of the signal that ends the command; None if no signal ends it."""
    return _received[-1] if _received else None


def defer_signals() -> None:
    """Let signals of the next PATIENCE_S wait for `obey_deferred_signal`. Later signals act at once."""
    _ends_since_s[:] = [time.monotonic()]


def obey_deferred_signal() -> None:
    """Let signals act at once again. A deferred signal ends the command, unless an earlier signal ended the run."""
    _ends_since_s.clear()
    ignored = tuple(_ignored)
    _ignored.clear()
    if ignored and not _received:
        _end(ignored[0], None)


def _end(number: int, _: object) -> None:
    if _ends_since_s and time.monotonic() - _ends_since_s[0] < PATIENCE_S:
        _ignored.append(number)
        return
    defer_signals()
    _received.append(number)
    _interrupt(number)


def _interrupt(number: int) -> NoReturn:
    if number == signal.SIGINT:
        raise KeyboardInterrupt
    sys.exit(128 + number)


def until_interrupted(stack: ExitStack, items: Iterable[T]) -> Iterator[T]:
    """Yield items. A signal interrupts only between two items; another signal after PATIENCE_S interrupts at once.

    An exception within an item could leave a lock locked forever: Python may raise it when the lock is acquired, and
    the block that releases the lock has not begun. A session once hung for this reason. If native code loses the
    exception of a signal during an import, the signal ends the run at the next item.

    Args:
        stack: Restores the handlers of the signals.

    Raises:
        KeyboardInterrupt: Ctrl-C was pressed. Other signals raise SystemExit with 128 plus their number.
    """
    for number in SIGNALS:
        before = signal.getsignal(number)
        if before is _end or (number == signal.SIGINT and before is not signal.SIG_IGN):
            stack.callback(signal.signal, number, before)
            signal.signal(number, _note)
    return _checked(items)


def _note(number: int, frame: FrameType | None) -> None:
    """Begin to end with the first signal: `_end` then ignores signals for PATIENCE_S, until an item or the run ends."""
    if not _ends_since_s:
        defer_signals()
    _end(number, frame)


def _checked(items: Iterable[T]) -> Iterator[T]:
    for item in items:
        _interrupt_if_asked()
        yield item
    _interrupt_if_asked()


def _interrupt_if_asked() -> None:
    number = _ignored[0] if _ignored else end_signal()
    if number is not None:
        _interrupt(number)


TICK_S = 1.0  # Interval at which the watchdog checks the loop
HANGS_AFTER = 20
"""Number of checks, one each TICK_S, without an item after which the loop counts as hung; an item takes up to 0.05 s.
Checks are counted, not timed, because a process that was stopped and continued does not hang. Our choice."""
END_S = 10.0  # Longest wait for the end of the session, because the disk may hang
EXIT_STATUS = 1
PARTS = {
    "livecoach.perception.pose.": "the pose model",
    "livecoach.records.": "the disk",
    "livecoach.capture.": "the camera",
    "livecoach.phone.": "the phone's server",
}
"""Names, for messages, of the parts in which the loop may hang, by the first words of the parts' modules."""


def watch_loop(
    items: Iterable[T],
    say: Callable[[str], object],
    end: Callable[[], object],
    *,
    leave: Callable[[int], object] = os._exit,
    tick_s: float = TICK_S,
) -> Generator[T, None, None]:
    """Yield the items of the calling thread's loop, while another thread checks that the loop does not hang.

    If the loop hangs, that thread ends the session and the process.

    Args:
        say: Called with a line for the user if the loop hangs.
        end: Called next on a further thread, for END_S at most, to finish the session. Its errors are ignored.
        leave: Called last with an exit status, to end the process.
        tick_s: Interval of the checks, in seconds; HANGS_AFTER checks without an item mean that the loop hangs.
    """
    looping, went_on, over = threading.get_ident(), threading.Event(), threading.Event()

    def watch() -> None:
        """Wait for the end of the items, or end the process once the loop hangs."""
        ticks = 0
        while not over.wait(tick_s) and ticks < HANGS_AFTER:
            ticks = 0 if went_on.is_set() else ticks + 1
            went_on.clear()
        if over.is_set():
            return
        say(f"{_part_name(sys._current_frames().get(looping))} does not answer. The session ends here.")
        ending = threading.Thread(target=finish, name="ending", daemon=True)
        ending.start()
        ending.join(END_S)
        leave(EXIT_STATUS)

    def finish() -> None:
        with suppress(Exception):  # What fails here comes after the finished parts of the session
            end()

    threading.Thread(target=watch, name="watchdog", daemon=True).start()
    try:
        for item in items:
            went_on.set()
            yield item
    finally:
        over.set()


def _part_name(frame: FrameType | None) -> str:
    while frame is not None:
        module = f"{frame.f_globals.get('__name__', '')}."
        for room, name in PARTS.items():
            if module.startswith(room):
                return name
        frame = frame.f_back
    return "livecoach"
