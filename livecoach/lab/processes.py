"""Runs a function on many numbers in parallel processes, and caches the results of functions."""

from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import active_children, get_context
from pathlib import Path
from typing import Any, NamedTuple, Protocol, TypeVar

from livecoach.core.own_process import end_with_parent

Made = TypeVar("Made")


class ReportProgress(Protocol):
    """A function that shows progress."""

    def __call__(self, what: str, share: float, loss: float | None = None, /) -> None:
        """Report the name of the task, its finished share, 0…1, and the loss of a network in training, else None."""


class Loss(NamedTuple):
    """The loss of a network at a moment of its training."""

    network: str  # Name of the task that trains the network, as ReportProgress reports it
    step: int  # Number of the report, from 1
    loss: float


class LossRecorder:
    """A progress function that records losses, and passes names and shares of tasks on to another progress function."""

    def __init__(self, shown: ReportProgress) -> None:
        self._shown = shown
        self.losses: list[Loss] = []

    def __call__(self, what: str, share: float, loss: float | None = None, /) -> None:
        if loss is not None:
            step = sum(loss.network == what for loss in self.losses) + 1
            self.losses.append(Loss(what, step, round(loss, 6)))
        self._shown(what, share)


class JobRunner(NamedTuple):
    """A runner of jobs in parallel processes, with a cache of their results."""

    cache: Path  # Folder of kept results, so that a stopped run resumes
    jobs: int | None  # Number of processes; None for one for each processor
    progress: ReportProgress

    def map(self, work: Callable[[int], Made], numbers: Sequence[int], what: str, *, fresh: bool = False) -> list[Made]:
        """Call a function with each number in parallel processes, and return the results in the order of the numbers.

        The processes end without a traceback on Ctrl-C, and also when this process is killed.

        Args:
            work: The function, which is sent to the processes.
            what: Name of the task for the progress.
            fresh: Whether the processes are spawned, because OpenGL and MediaPipe do not survive a fork.
        """
        made = []
        context = get_context("spawn") if fresh else None
        pool = ProcessPoolExecutor(self.jobs, mp_context=context, initializer=end_with_parent)
        try:
            for done, result in enumerate(pool.map(work, numbers), 1):
                made.append(result)
                self.progress(what, done / len(numbers))
        except BaseException:  # A job that runs may take minutes more
            for process in active_children():
                process.terminate()
            raise
        finally:
            pool.shutdown(cancel_futures=True)
        return made

    def load_or_make(self, make: Callable[..., Made], *what: Any) -> Made:
        """Return `make(*what, runner=self)`, from the cache if an earlier call had equal arguments.

        If the code of `make` has changed since the earlier call, `make` is called again.
        """
        from joblib import Memory  # of the extra `train`

        return Memory(self.cache, verbose=0).cache(make, ignore=["runner"])(*what, runner=self)
