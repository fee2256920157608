"""Runs a function on many numbers in parallel processes."""

import os
import signal
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import connection, get_context, parent_process
from typing import TypeVar

from livecoach.types.callbacks import ignore

Made = TypeVar("Made")
Progress = Callable[[str, float], None]
"""Called with the name of the task and the finished share, 0…1."""


def share_of(progress: Progress, what: str, count: int) -> Callable[[int], None]:
    """Return a function that takes the number of finished items and reports their share of `count`."""
    return lambda done: progress(what, done / count)


def in_order(
    work: Callable[[int], Made],
    numbers: Sequence[int],
    jobs: int,
    progress: Callable[[int], object] = ignore,
    *,
    fresh: bool = False,
) -> list[Made]:
    """Return the result of `work` for each number, in the order of the numbers.

    progress: called after each result with the number of results so far. fresh: spawn the processes instead of forking,
    because OpenGL and MediaPipe do not survive a fork. On Ctrl-C the processes end without a traceback, and when this
    one is killed, they end too.
    """
    made = []
    context = get_context("spawn") if fresh else None
    pool = ProcessPoolExecutor(jobs, mp_context=context, initializer=_end_with_parent)
    try:
        for done, one in enumerate(pool.map(work, numbers), 1):
            made.append(one)
            progress(done)
    finally:
        pool.shutdown(cancel_futures=True)
    return made


def _end_with_parent() -> None:
    """End on Ctrl-C, which a terminal sends to every process and only the parent reports; and when the parent is gone:
    the pool's own pipes stay open then, because its processes hold both ends."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    parent = parent_process()
    assert parent is not None, "the pool calls this in its own processes"
    threading.Thread(target=_wait_for_end, args=(parent.sentinel,), name="parent", daemon=True).start()


def _wait_for_end(sentinel: int) -> None:
    connection.wait([sentinel])
    os._exit(1)
