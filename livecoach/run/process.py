"""The process of a run: what it says to the user, the signals that end it, its memory, and the watchdog of its loop."""

import gc
import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from types import FrameType
from typing import NoReturn, TypeVar

import click

from livecoach.core.config.paths import user_data_dir
from livecoach.core.types.bounds import printable

logger = logging.getLogger("livecoach")
T = TypeVar("T")


def say(line: str) -> None:
    """Print a line for the user to standard error, and log it in the session being recorded. If the line can't be
    written (the reader is gone, the disk full), the set continues without it."""
    shown = printable(line)
    logger.info("said: %s", shown)
    with suppress(OSError):
        click.echo(f"livecoach: {shown}", err=True)


DISK_SILENT_S = 5.0  # as long as a disk may take for a session's data under way. Our choice.


@contextmanager
def disk_awaited() -> Iterator[None]:
    """Say once where the block, which reads or writes data, takes long. A disk that hangs holds up the process so that
    not even Ctrl-C ends it, and another thread has to say so."""
    line = f"{user_data_dir()}: its disk does not answer. livecoach goes on when it does."
    waiting = threading.Timer(DISK_SILENT_S, say, (line,))
    waiting.daemon = True
    waiting.start()
    try:
        yield
    finally:
        waiting.cancel()


def has_screen() -> bool:
    """Whether a browser would have a screen to open on. Systems other than Linux always have one."""
    if not sys.platform.startswith("linux"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


@contextmanager
def without_collection() -> Iterator[None]:
    """Suspend garbage collection during imports. What they make stays, and the collector would go through it a hundred
    times: a tenth of their time. Later, too, it passes over it."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


_M_ARENA_MAX = -8  # from glibc's malloc.h


def share_heap() -> None:
    """Let all threads share one heap of the C library, before any of them runs.

    By default, glibc has a heap for nearly each thread and keeps in it what the thread once took, which threads of
    later runs can't take: memory rises with the number of runs. Python's own lock keeps most threads from asking at the
    same time. Other C libraries have no such limit.
    """
    import ctypes

    with suppress(AttributeError, OSError, TypeError):  # another C library, or Windows
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, 1)


def obey_signals() -> None:
    """Let each signal end the command properly, so that a run finishes its session. A signal that the parent process
    ignores, as with nohup, stays ignored."""
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)  # Windows has no SIGHUP
        if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _end)


PATIENCE_S = 5.0
"""How long a command that ends by a signal, or a run that ends by itself, is left to do so: a terminal that is closed
sends SIGHUP twice, and many press Ctrl-C twice. After that, the next signal interrupts it. Our choice."""
_received: list[int] = []  # the signals that were to end the command
_ignored: list[int] = []  # signals that came while it was ending
_ends_since_s: list[float] = []  # clock reading since when it ends; empty while it does not


def ended_by() -> int | None:
    """The signal by which the command ends; None without one."""
    return _received[-1] if _received else None


def ending_in_order(stack: ExitStack) -> Callable[[], None]:
    """Let signals that come while a run ends interrupt nothing for PATIENCE_S. Call it before anything else is put on
    `stack`, and put what it returns there last: it is called when the end begins. If the command would go on after the
    run, such a signal ends it then."""
    stack.callback(_has_ended)
    return _begin_to_end


def _begin_to_end() -> None:
    _ends_since_s[:] = [time.monotonic()]


def _has_ended() -> None:
    _ends_since_s.clear()
    if _ignored and not _received:
        _end(_ignored[0], None)


def _end(number: int, _: object) -> None:
    if _ends_since_s and time.monotonic() - _ends_since_s[0] < PATIENCE_S:
        _ignored.append(number)
        return
    _begin_to_end()
    _received.append(number)
    _interrupt(number)


def _interrupt(number: int) -> NoReturn:
    if number == signal.SIGINT:
        raise KeyboardInterrupt
    sys.exit(128 + number)


def until_interrupted(stack: ExitStack, taken: Iterable[T]) -> Iterator[T]:
    """Let Ctrl-C interrupt between two frames only, and not a step; a second one interrupts at once. One that the
    parent process ignores stays ignored. A signal that was lost before, because native code swallowed what it raised
    during an import, ends the run at the first frame."""
    asked: int | None = None
    before = signal.getsignal(signal.SIGINT)  # known to `ask` already when it takes the place: Ctrl-C may come then

    def ask(number: int, _: object) -> None:
        nonlocal asked
        asked = number
        signal.signal(signal.SIGINT, before)

    if before is not signal.SIG_IGN:
        stack.callback(signal.signal, signal.SIGINT, before)
        signal.signal(signal.SIGINT, ask)
    return _checked(taken, lambda: asked or ended_by())


def _checked(taken: Iterable[T], asked: Callable[[], int | None]) -> Iterator[T]:
    for one in taken:
        if (number := asked()) is not None:
            _interrupt(number)
        yield one
    if (number := asked()) is not None:
        _interrupt(number)


TICK_S = 1.0
HANGS_AFTER = 20
"""Ticks without a turn of the loop, which normally takes a twentieth of a second at most. They are counted, not timed:
a process that is stopped and continued does not hang. Our choice."""
END_S = 10.0  # longest wait for the end of the session, because the disk may be what hangs
EXIT_STATUS = 1
PARTS = {
    "livecoach.perception.pose.": "the pose model",
    "livecoach.records.": "the disk",
    "livecoach.capture.": "the camera",
    "livecoach.phone.": "the phone's server",
}
"""Where the loop hangs → its name for the user."""


def watched(
    turns: Iterable[T],
    say: Callable[[str], object],
    end: Callable[[], object],
    *,
    leave: Callable[[int], object] = os._exit,
    tick_s: float = TICK_S,
) -> Generator[T, None, None]:
    """Yield the turns of a loop, whose thread calls this, and watch from another one until they end or are closed. say:
    called with one line for the user. end: finishes the session. leave: ends the process."""
    looping, turned, over = threading.get_ident(), threading.Event(), threading.Event()

    def watch() -> None:
        ticks = 0
        while not over.wait(tick_s) and ticks < HANGS_AFTER:
            ticks = 0 if turned.is_set() else ticks + 1
            turned.clear()
        if over.is_set():
            return
        say(f"{part_of(sys._current_frames().get(looping))} does not answer. The session ends here.")
        ending = threading.Thread(target=finish, name="ending", daemon=True)
        ending.start()
        ending.join(END_S)
        leave(EXIT_STATUS)

    def finish() -> None:
        with suppress(Exception):  # the rest of the session was finished before what fails or hangs here
            end()

    threading.Thread(target=watch, name="watchdog", daemon=True).start()
    try:
        for turn in turns:
            turned.set()
            yield turn
    finally:
        over.set()


def part_of(frame: FrameType | None) -> str:
    """Return the name, for the user, of the part of livecoach that a thread is in."""
    while frame is not None:
        module = f"{frame.f_globals.get('__name__', '')}."
        for room, name in PARTS.items():
            if module.startswith(room):
                return name
        frame = frame.f_back
    return "livecoach"
