"""Runs a function on many numbers in parallel processes."""

from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple, TypeVar

from livecoach.core.own_process import end_with_parent

Made = TypeVar("Made")
Progress = Callable[[str, float], None]  # called with the name of the task and the finished share, 0…1


class Workshop(NamedTuple):
    cache: Path  # folder for what is kept, so that a stopped run resumes
    jobs: int  # number of processes
    progress: Progress

    def each(
        self, work: Callable[[int], Made], numbers: Sequence[int], what: str, *, fresh: bool = False
    ) -> list[Made]:
        """Return the result of `work` for each number, in the order of the numbers. what: name of the task, for the
        progress. fresh: spawn the processes instead of forking, because OpenGL and MediaPipe do not survive a fork. On
        Ctrl-C the processes end without a traceback, and when this one is killed, they end too."""
        made = []
        context = get_context("spawn") if fresh else None
        pool = ProcessPoolExecutor(self.jobs, mp_context=context, initializer=end_with_parent)
        try:
            for done, one in enumerate(pool.map(work, numbers), 1):
                made.append(one)
                self.progress(what, done / len(numbers))
        finally:
            pool.shutdown(cancel_futures=True)
        return made
