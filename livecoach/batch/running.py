"""Works tasks off: in processes of this machine, or by the workers of a Dask cluster."""

import logging
import subprocess
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from itertools import islice
from typing import Any

from livecoach.batch.task import Outcome, Task, analyse, kill
from livecoach.config.paths import install_command
from livecoach.errors import ConfigError, LivecoachError

AHEAD = 4
"""Tasks that each thread of the cluster has been given: enough that none waits for the network. Our choice."""
CONNECT_S = 5.0


def on_this_machine(tasks: Sequence[Task], jobs: int) -> Generator[Outcome, None, None]:
    """Yield what comes of each task, as it is done, `jobs` at a time. Closing the generator kills what is under way."""
    processes: set[subprocess.Popen[bytes]] = set()
    waiting = iter(tasks)
    with ThreadPoolExecutor(jobs) as pool:
        running: set[Future[Outcome]] = set()
        try:
            while True:
                # No more are handed out than run: nothing has to be called back when the user stops.
                running |= {pool.submit(analyse, task, processes) for task in islice(waiting, jobs - len(running))}
                if not running:
                    return
                done, running = wait(running, return_when=FIRST_COMPLETED)
                yield from (one.result() for one in done)
        finally:
            for process in tuple(processes):
                kill(process)


def on_cluster(tasks: Sequence[Task], address: str, say: Callable[[str], object]) -> Generator[Outcome, None, None]:
    """Yield what comes of each task, as the workers of the Dask scheduler at `address` do them.

    A task whose worker dies is given to another one, until the scheduler calls it killed. say: called with a line where
    there is no worker yet. Raises ConfigError where Dask is not installed, LivecoachError where the scheduler can't be
    reached or is lost.
    """
    with _client(address) as client:
        from distributed import as_completed

        threads = sum(client.nthreads().values())
        if not threads:
            say(f"{address}: no worker yet. Start one with `dask worker {address}`.")
        waiting = iter(tasks)
        task_of: dict[str, Task] = {}

        def submit(number: int) -> list[Any]:
            given = {f"livecoach-{task.key}": task for task in islice(waiting, number)}
            task_of.update(given)
            return [client.submit(analyse, task, key=key, pure=False) for key, task in given.items()]

        futures = as_completed(submit(AHEAD * max(threads, 1)), loop=client.loop, raise_errors=False)
        for future in futures:
            yield _outcome(future, task_of.pop(future.key), address)
            future.release()
            for more in submit(1):
                futures.add(more)


def _outcome(future: Any, task: Task, address: str) -> Outcome:
    if future.status == "finished":
        found: Outcome = future.result()
        return found
    if future.status != "error":
        raise LivecoachError(
            f"{address}: the Dask scheduler is gone. What is done is kept: start the same command again."
        )
    failure = type(future.exception()).__name__
    return Outcome(
        key=task.key,
        recording=task.recording,
        kind="crashed",
        message=f"the workers that analysed it died ({failure}).",
    )


@contextmanager
def _client(address: str) -> Iterator[Any]:
    try:
        from distributed import Client
    except ImportError as err:
        raise ConfigError(f"--scheduler needs Dask. Install it with: {install_command('cluster')}") from err
    logging.getLogger("distributed").setLevel(logging.CRITICAL)  # what matters is said in one line
    try:
        client = Client(address, timeout=CONNECT_S, set_as_default=False)
    except (OSError, ValueError) as err:  # TimeoutError is an OSError
        raise LivecoachError(
            f"{address}: no Dask scheduler answers. Start one with `dask scheduler`, and workers with `dask worker`."
        ) from err
    try:
        yield client
    finally:
        client.close(timeout=CONNECT_S)
