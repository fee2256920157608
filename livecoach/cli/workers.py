"""Processes that analyse recordings in parallel, and that Ctrl-C ends quietly and cleanly.

Ctrl-C reaches every process of a terminal. The worker processes ignore it. The main process tells them to stop, and
waits until they have removed what they were writing.
"""

import signal
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from multiprocessing.synchronize import Event

Key = TypeVar("Key")
Result = TypeVar("Result")


class _WorkerState:
    """State of this process, if it is a worker."""

    stop: "Event | None" = None


def check_stopped() -> None:
    """Raise KeyboardInterrupt once the main process tells this worker to stop. Call it regularly."""
    if _WorkerState.stop is not None and _WorkerState.stop.is_set():
        raise KeyboardInterrupt


def _begin(stop: "Event") -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _WorkerState.stop = stop


@contextmanager
def run_in_processes(
    jobs: int, work: "Callable[..., Result]", arguments: "Mapping[Key, tuple[object, ...]]"
) -> "Iterator[dict[Future[Result], Key]]":
    """Call `work` with each of `arguments`, in `jobs` processes. If the block fails, the rest is cancelled."""
    context = get_context("spawn")  # a fork after MediaPipe is loaded hangs the child
    stop = context.Event()
    pool = ProcessPoolExecutor(jobs, mp_context=context, initializer=_begin, initargs=(stop,))
    try:
        # Workers inherit this. Before `_begin`, Ctrl-C would make them print a traceback.
        before = signal.signal(signal.SIGINT, signal.SIG_IGN)
        try:
            futures = {pool.submit(work, *given): key for key, given in arguments.items()}
        finally:
            signal.signal(signal.SIGINT, before)
        yield futures
    except BaseException:
        stop.set()
        raise
    finally:
        pool.shutdown(cancel_futures=True)
