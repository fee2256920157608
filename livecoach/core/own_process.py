"""Runs work in a separate process of low priority, to keep this process responsive."""

import asyncio
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from multiprocessing import connection, get_context, parent_process
from pathlib import Path
from typing import Any, TypeVar

from livecoach.core.errors import OutputError

NEW_GROUP = getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)
"""Creation flag for `subprocess.Popen` that, on Windows, keeps Ctrl-C in the terminal from the process; 0 elsewhere."""

NICENESS, SESSION_NICENESS = 10, 5
"""POSIX niceness of a process of low priority, and Linux's niceness of the session that the process leads. The session
then gets a quarter of a processor that another process wants, too. Our choice."""
Made = TypeVar("Made")


class WorkerProcess:
    """A separate process that runs one call after another. Use it from one event loop only.

    The process starts with the first call, and starts anew with the first call after its end.
    """

    def __init__(self, begin: Callable[..., object], *arguments: object) -> None:
        """Prepare the process without starting it.

        The process first calls `begin` with the arguments. Pass only functions that are defined at the top of a module.
        """
        self._begin = begin, arguments
        self._pool: ProcessPoolExecutor | None = None
        self._pid: Future[int] | None = None

    async def __call__(self, make: Callable[..., Made], *arguments: object) -> Made:
        """Run a function in the process, and return its result.

        Raises:
            OutputError: The process ended during the call.
            Exception: The function raised this error.
        """
        if self._pool is None:
            self._pool = ProcessPoolExecutor(1, get_context("spawn"), _begin, self._begin)
            self._pid = self._pool.submit(os.getpid)
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, make, *arguments)
        except BrokenProcessPool as err:
            self._pool = None
            raise OutputError("the process that makes pages was ended. Try again.") from err

    def close(self) -> None:
        """End the process, even in the middle of a call."""
        if self._pool is None:
            return
        if self._pid is not None and self._pid.done() and self._pid.exception() is None:
            with suppress(OSError):  # the process has ended
                os.kill(self._pid.result(), signal.SIGTERM)
        self._pool.shutdown(wait=False, cancel_futures=True)
        self._pool = None


def _begin(begin: Callable[..., object], arguments: tuple[object, ...]) -> None:
    end_with_parent()
    lower_priority()
    begin(*arguments)


def lower_priority() -> None:
    """Lower the priority of this process and, on Linux, of the session that it leads; do nothing on Windows."""
    if sys.platform == "win32":
        return
    os.nice(NICENESS)
    if os.getsid(0) == os.getpid():  # Linux may weigh whole sessions against each other, and niceness only within one
        with suppress(OSError):
            Path("/proc/self/autogroup").write_text(str(SESSION_NICENESS))


def end_with_parent() -> None:
    """Make this process, which multiprocessing has started, end silently on Ctrl-C, and when its parent process ends.

    A process of multiprocessing would otherwise outlive its parent: a pool's own pipes stay open, because its processes
    hold both ends.
    """
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    parent = parent_process()
    assert parent is not None, "a pool calls this in its own processes"
    threading.Thread(target=_wait_for_end, args=(parent.sentinel,), name="parent", daemon=True).start()


def interrupt(process: "subprocess.Popen[Any]") -> None:
    """Ask a process to end, as Ctrl-C does.

    On Windows, a process that was started with NEW_GROUP gets Ctrl-Break or, if it has no terminal, is ended at once.
    """
    if sys.platform != "win32":
        process.send_signal(signal.SIGINT)
        return
    try:
        process.send_signal(signal.CTRL_BREAK_EVENT)
    except (OSError, SystemError):  # Some Pythons both return and raise, and have ended the process
        process.terminate()


def _wait_for_end(sentinel: int) -> None:
    connection.wait([sentinel])
    os._exit(1)
