"""Processes that analyse recordings side by side, and that Ctrl-C ends quietly and cleanly.

Ctrl-C goes to every process of a terminal. Those here ignore it; the first one tells them to stop, and waits until
they have: what they were writing is then removed.
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
    """Of this process, if it is one of those begun here."""

    stop: "Event | None" = None


def check_stopped() -> None:
    """Called now and then by what runs in a worker. Raises KeyboardInterrupt once it is to stop."""
    if _WorkerState.stop is not None and _WorkerState.stop.is_set():
        raise KeyboardInterrupt


def _begin(stop: "Event") -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _WorkerState.stop = stop


@contextmanager
def run_in_processes(
    jobs: int, work: "Callable[..., Result]", arguments: "Mapping[Key, tuple[object, ...]]"
) -> "Iterator[dict[Future[Result], Key]]":
    """Call `work` with each of `arguments`, in `jobs` processes; where the block fails the rest is given up."""
    context = get_context("spawn")  # a fork after MediaPipe is loaded hangs the child
    stop = context.Event()
    pool = ProcessPoolExecutor(jobs, mp_context=context, initializer=_begin, initargs=(stop,))
    try:
        # Processes begin here, and inherit this: before `_begin` a Ctrl-C would make them print a traceback.
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
