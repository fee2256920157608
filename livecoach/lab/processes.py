"""Work on many numbered things at once, in processes."""

import signal
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import TypeVar

Made = TypeVar("Made")
Progress = Callable[[str, float], None]
"""Called with what is being done, and the share of it that is done, 0…1."""


def share_of(progress: Progress, what: str, count: int) -> Callable[[int], None]:
    """Return what to call with how many of `count` are done."""
    return lambda done: progress(what, done / count)


def in_order(
    work: Callable[[int], Made],
    numbers: Sequence[int],
    jobs: int,
    progress: Callable[[int], object] = lambda _: None,
    *,
    fresh: bool = False,
) -> list[Made]:
    """Return what `work` makes of each number, in the order of the numbers, whichever process is the first.

    progress: called after each with how many are done. fresh: the processes start anew, not as forks: OpenGL and
    MediaPipe do not survive a fork. Ctrl-C ends the work without a word from the processes.
    """
    made = []
    context = get_context("spawn") if fresh else None
    pool = ProcessPoolExecutor(jobs, mp_context=context, initializer=_die_quietly)
    try:
        for done, one in enumerate(pool.map(work, numbers), 1):
            made.append(one)
            progress(done)
    finally:
        pool.shutdown(cancel_futures=True)
    return made


def _die_quietly() -> None:
    """Ctrl-C goes to every process of a terminal: the first one alone says something."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
