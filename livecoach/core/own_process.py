"""A process of our own for work that must take nothing from the threads of this one."""

import asyncio
import os
import signal
import threading
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from multiprocessing import connection, get_context, parent_process
from typing import TypeVar

from livecoach.core.errors import OutputError

NICENESS = 10  # how much other work goes before this (POSIX, nice). Our choice.
Made = TypeVar("Made")


class OwnProcess:
    """Makes one thing after the other in a process that begins with the first. Use it from one event loop."""

    def __init__(self, begin: Callable[..., object], *given: object) -> None:
        """Called first in the process; a function of a module, as is all that the process is to call."""
        self._begin = begin, given
        self._pool: ProcessPoolExecutor | None = None
        self._number: Future[int] | None = None

    async def __call__(self, make: Callable[..., Made], *given: object) -> Made:
        """Raises what the call raises, and OutputError where the process was ended."""
        if self._pool is None:
            self._pool = ProcessPoolExecutor(1, get_context("spawn"), _begin, self._begin)
            self._number = self._pool.submit(os.getpid)
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, make, *given)
        except BrokenProcessPool as err:
            self._pool = None
            raise OutputError("the process that makes pages was ended. Try again.") from err

    def close(self) -> None:
        """End the process, whatever it does."""
        if self._pool is None:
            return
        if self._number is not None and self._number.done() and self._number.exception() is None:
            with suppress(OSError):  # it has ended
                os.kill(self._number.result(), signal.SIGTERM)
        self._pool.shutdown(wait=False, cancel_futures=True)
        self._pool = None


def _begin(begin: Callable[..., object], given: tuple[object, ...]) -> None:
    end_with_parent()
    if hasattr(os, "nice"):
        os.nice(NICENESS)
    begin(*given)


def end_with_parent() -> None:
    """End on Ctrl-C, which only the parent reports, and when the parent is gone: a pool's own pipes stay open then,
    because its processes hold both ends. For a process of multiprocessing."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    parent = parent_process()
    assert parent is not None, "a pool calls this in its own processes"
    threading.Thread(target=_wait_for_end, args=(parent.sentinel,), name="parent", daemon=True).start()


def _wait_for_end(sentinel: int) -> None:
    connection.wait([sentinel])
    os._exit(1)
