"""Detects that a run hangs, reports which part does, and ends the session in order.

It also detects that a library ends the process: Qt calls exit() where its X server goes away in the middle of a call.
"""

import ctypes
import os
import sys
import threading
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import cache, partial
from types import FrameType
from typing import Any, TypeVar

from livecoach.feedback.window import Limit

_HANDLER = ctypes.CFUNCTYPE(None, ctypes.c_void_p)


@cache
def _functions() -> tuple[Any, Any] | None:
    """Return the functions that add and remove a handler; None where the C library has no such functions."""
    libc = ctypes.CDLL(None)
    try:
        # Handlers of an owner can be removed again: at a normal exit, Python is gone before they are called.
        return getattr(libc, "__cxa_atexit"), getattr(libc, "__cxa_finalize")
    except AttributeError:
        return None


@contextmanager
def on_abrupt_exit(ended: Callable[[], object]) -> Iterator[None]:
    """Call `ended` before the process ends where native code calls exit() during the block.

    `ended` runs in the thread that called exit(), and may leave by os._exit. Nothing happens where the C library has no
    such handlers.
    """
    functions = _functions()
    if functions is None:
        yield
        return
    register, finalize = functions
    owner = ctypes.c_byte()
    armed = True

    def exiting(_: object) -> None:
        if armed:
            ended()

    handler = _HANDLER(exiting)
    register(handler, None, ctypes.byref(owner))
    try:
        yield
    finally:
        armed = False
        finalize(ctypes.byref(owner))


TICK_S = 1.0
HANGS_AFTER = 20
"""Ticks without a turn of the loop, which normally takes a twentieth of a second at most. They are counted, not timed:
a process that is stopped and continued does not hang. Our choice."""
END_S = 10.0
"""Longest wait for the end of the session, because the disk may be what hangs."""
EXIT_STATUS = 1
SESSION_ENDS = "The session ends here."
PARTS = {
    "feedback": "the window",
    "pose": "the pose model",
    "session": "the disk",
    "profile": "the disk",
    "source": "the camera",
    "phone": "the phone's server",
}
"""Package in which the loop hangs → its name for the user."""

T = TypeVar("T")


class Watchdog:
    """Watches a loop, and calls that may never return, from a thread of its own, because their thread may hang."""

    def __init__(
        self,
        say: Callable[[str], object],
        end: Callable[[], object],
        *,
        last_words: str = SESSION_ENDS,
        leave: Callable[[int], object] = os._exit,
        tick_s: float = TICK_S,
    ) -> None:
        """say: called with one line for the user, which ends with `last_words`. end: finishes the session. leave: ends
        the process."""
        self._say, self._end, self._last_words, self._leave, self._tick_s = say, end, last_words, leave, tick_s
        self._over = threading.Event()
        self._turned = threading.Event()
        self._thread: threading.Thread | None = None
        self._limited = 0

    def watch(self, turns: Iterable[T]) -> Generator[T, None, None]:
        """Yield the turns of the loop, whose thread calls this, and watch until they end or are closed."""
        with self.limited():
            for turn in turns:
                self._turned.set()
                yield turn

    @contextmanager
    def limited(self) -> Iterator[None]:
        """Watch the block, which may be part of a watched one. All blocks run on one thread.

        Raises TimeoutError once something hangs, so that finishing the session skips the block.
        """
        if self._over.is_set():
            raise TimeoutError
        if self._thread is None:
            watched = threading.get_ident()
            self._thread = threading.Thread(target=self._run, args=(watched,), name="watchdog", daemon=True)
            self._thread.start()
        self._turned.set()
        self._limited += 1
        try:
            yield
        finally:
            self._limited -= 1

    def stop(self) -> None:
        """Stop watching."""
        self._over.set()

    def _run(self, watched: int) -> None:
        ticks = 0
        while not self._over.wait(self._tick_s):
            ticks = 0 if self._turned.is_set() or not self._limited else ticks + 1
            self._turned.clear()
            if ticks == HANGS_AFTER:
                self.end(f"{part_of(sys._current_frames().get(watched))} does not answer.")

    def end(self, why: str) -> None:
        """Report why the run can't go on, finish the session, and end the process."""
        self.stop()
        self._say(f"{why} {self._last_words}")
        ending = threading.Thread(target=self._finish, name="ending", daemon=True)
        ending.start()
        ending.join(END_S)
        self._leave(EXIT_STATUS)

    def _finish(self) -> None:
        with suppress(Exception):  # the rest of the session was finished before what fails or hangs here
            self._end()


@contextmanager
def watched_window(
    say: Callable[[str], object], end: Callable[[], object], last_words: str = SESSION_ENDS
) -> Iterator[Watchdog]:
    """Yield the watchdog of a block with a window. It also shuts down cleanly where the window's library ends the
    process. The arguments are those of Watchdog."""
    watchdog = Watchdog(say, end, last_words=last_words)
    try:
        with on_abrupt_exit(partial(watchdog.end, "the window's screen is gone.")):
            yield watchdog
    finally:
        watchdog.stop()


def part_of(frame: FrameType | None) -> str:
    """Return the name, for the user, of the part of livecoach that a thread is in."""
    while frame is not None:
        room = str(frame.f_globals.get("__name__", "")).split(".")
        if room[0] == "livecoach" and len(room) > 1 and room[1] in PARTS:
            return PARTS[room[1]]
        frame = frame.f_back
    return "livecoach"


class WindowCalls:
    """Guards each call of a window.

    Qt calls exit() where its X server goes away in the middle of a call, which then never returns. A handler of that
    exit() does the rest of the run, and then the process ends. The handler is set for the length of a call, so that it
    runs before all libraries that were loaded until then shut down.
    """

    def __init__(self, limited: Limit) -> None:
        """limited: limits the time of a call."""
        self._limited = limited
        self.rest: Callable[[], int] | None = None
        """Does the rest of the run without the window, and returns the exit status; None before the run begins."""

    @contextmanager
    def guarded(self) -> Iterator[None]:
        """Guard a call."""
        with self._limited(), on_abrupt_exit(self._run_rest):
            yield

    def _run_rest(self) -> None:
        rest, self.rest = self.rest, None
        if rest is None:  # the next handler ends what has begun
            return
        try:
            status = rest()
        except SystemExit as err:  # a signal
            status = err.code if isinstance(err.code, int) else 1
        for stream in (sys.stdout, sys.stderr):
            with suppress(OSError, ValueError, AttributeError):  # nobody reads it, it is closed, there is none
                stream.flush()
        os._exit(status)
