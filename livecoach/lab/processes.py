"""Runs a function on many numbers in parallel processes, and keeps what functions return."""

from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any, NamedTuple, Protocol, TypeVar

from livecoach.core.own_process import end_with_parent

Made = TypeVar("Made")


class ReportProgress(Protocol):
    def __call__(self, what: str, share: float, loss: float | None = None, /) -> None:
        """Report the name of the task, the finished share of it, 0…1, and the loss where a network is trained."""


class Loss(NamedTuple):
    """The loss of a network while it is trained."""

    network: str
    step: int  # number of the report, from 1
    loss: float


class NotedLosses:
    """A progress that notes losses and passes everything on."""

    def __init__(self, shown: ReportProgress) -> None:
        self._shown = shown
        self.losses: list[Loss] = []

    def __call__(self, what: str, share: float, loss: float | None = None, /) -> None:
        if loss is not None:
            step = sum(noted.network == what for noted in self.losses) + 1
            self.losses.append(Loss(what, step, round(loss, 6)))
        self._shown(what, share)


class Workshop(NamedTuple):
    cache: Path  # folder for what is kept, so that a stopped run resumes
    jobs: int  # number of processes
    progress: ReportProgress

    def each(
        self, work: Callable[[int], Made], numbers: Sequence[int], what: str, *, fresh: bool = False
    ) -> list[Made]:
        """Return the results of `work`, in the order of the numbers. fresh: spawn processes, as OpenGL and MediaPipe do
        not survive a fork. On Ctrl-C they end without a traceback, and when this one is killed, they end too."""
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

    def kept(self, make: Callable[..., Made], *what: Any) -> Made:
        """Return make(*what, workshop): what the cache holds from an earlier call, unless `make` changed."""
        from joblib import Memory  # of the extra `train`

        return Memory(self.cache, verbose=0).cache(make, ignore=["workshop"])(*what, workshop=self)
