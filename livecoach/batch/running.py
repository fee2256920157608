"""Analyses recordings, on this machine or on the workers of a Dask cluster.

Each has a process of its own, so that a crash or a hang costs that recording alone.
"""

import atexit
import logging
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, fields, replace
from functools import cache
from itertools import islice
from queue import Empty, Queue
from typing import Any, Literal

import pydantic

from livecoach import __version__
from livecoach.core.config.paths import install_command
from livecoach.core.documents import Analysis
from livecoach.core.errors import ConfigError, LivecoachError, SourceError
from livecoach.core.types.bounds import printable

AHEAD = 4  # number of tasks queued for each thread of the cluster, so that none waits for the network. Our choice
CONNECT_S = 5.0
ASK_S = 5.0  # time after which a silent cluster is looked at
ANSWER_S, MOST_ASKED = 60.0, 10
"""Longest wait for a finished task's outcome, and how often it is asked for: after ten minutes at most, Dask gives what
a worker holds that hangs to another one."""
MOST_LIMIT_S = 7 * 86_400.0  # longest time that a recording may take. No system call waits for more than 24 days
GRACE_S = 5.0  # longest wait for an interrupted process, which removes what it has half written

Kind = Literal["failed", "hung", "crashed", "version"]
Process = subprocess.Popen[bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskOutcome:
    __pydantic_config__ = pydantic.ConfigDict(allow_inf_nan=False, defer_build=True)
    key: str
    recording: str
    document: str | None = None  # the JSON document of `livecoach analyze`; None where there is none
    kind: Kind | None = None  # kind of failure; None without one
    message: str | None = None  # the problem in one line; None without one
    status: int = SourceError.exit_code  # exit status of a failure
    wall_s: float = 0.0
    worker: str = ""  # name of the machine


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One recording to analyse, as it goes to a worker."""

    key: str  # identifies the recording in its present state, and the options
    recording: str  # absolute path, also on the worker
    options: tuple[str, ...]  # options of `livecoach analyze`
    limit_s: float = MOST_LIMIT_S  # time after which it counts as hung
    users: bool = False  # whether the user's settings apply. Without them, every machine gives the same result
    version: str = __version__  # the version that must analyse it

    def outcome(self, **fields: Any) -> TaskOutcome:
        return TaskOutcome(key=self.key, recording=self.recording, **fields)


NO_OUTCOME = "its worker answered with no result. Install the same version of livecoach on all workers."
_OUTCOME = pydantic.TypeAdapter(TaskOutcome)
_DOCUMENT = pydantic.TypeAdapter(Analysis)


def analysis_of(document: str) -> Analysis:
    """What the JSON document of an outcome holds. Raises pydantic.ValidationError."""
    return _DOCUMENT.validate_json(document)


class Processes:
    """The processes that are analysing a recording each. Thread-safe."""

    def __init__(self) -> None:
        self._empty = tempfile.TemporaryDirectory(prefix="livecoach-batch-")
        self._running: set[Process] = set()
        self._closed = False

    def close(self) -> None:
        """End what is running by Ctrl-C, and kill what takes too long."""
        self._closed = True
        processes = [*self._running]
        for process in processes:
            process.send_signal(signal.SIGINT if os.name != "nt" else signal.SIGTERM)
        give_up_s = time.monotonic() + GRACE_S
        for process in processes:
            with suppress(subprocess.TimeoutExpired):
                process.wait(max(give_up_s - time.monotonic(), 0.0))
            kill(process)
        self._empty.cleanup()

    def run(self, task: Task) -> TaskOutcome:
        """Analyse a recording. Raises what nobody has thought of."""
        worker, began_s = socket.gethostname(), time.monotonic()
        if task.version != __version__:
            differs = f"worker {worker} has livecoach {__version__}, not {task.version}. Install the same version."
            return task.outcome(kind="version", message=differs, worker=worker)
        text, said, hung = b"", b"", False
        with self._begun(task) as process:
            try:
                text, said = process.communicate(timeout=min(task.limit_s, MOST_LIMIT_S))
            except subprocess.TimeoutExpired:
                hung = True
            finally:
                kill(process)
                self._running.discard(process)
        status, document = process.returncode, text.decode().strip()
        kind, message = _failure(task, status, said.decode(errors="replace"), hung=hung, there=bool(document))
        return task.outcome(
            document=document or None,
            kind=kind,
            message=message,
            status=status if status > 0 else SourceError.exit_code,
            wall_s=round(time.monotonic() - began_s, 2),
            worker=worker,
        )

    def _begun(self, task: Task) -> Process:
        homes = {} if task.users else dict.fromkeys(("XDG_CONFIG_HOME", "XDG_DATA_HOME"), self._empty.name)
        process = subprocess.Popen(
            [sys.executable, "-m", "livecoach", "analyze", task.recording, "--json", "-", *task.options],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            # A worker of a cluster is no livecoach, and has not kept the modules of its folder out.
            env={**os.environ, **homes, "PYTHONSAFEPATH": "1"},
            start_new_session=True,  # on Ctrl-C the caller ends it
        )
        self._running.add(process)
        if self._closed:  # `close` may have come by already
            kill(process)
        return process


def run_task(task: Task, processes: Processes | None = None) -> TaskOutcome:
    """Analyse a recording. A bad one raises nothing. processes: by default some that end with this process."""
    try:
        return (processes or _processes_here()).run(task)
    except Exception as err:  # such as a name that can't be an argument: it costs only this recording
        message = f"it could not be analysed ({type(err).__name__}: {' '.join(str(err).split())})."
        return task.outcome(kind="failed", message=message)


@cache
def _processes_here() -> Processes:
    processes = Processes()
    atexit.register(processes.close)
    return processes


def kill(process: Process) -> None:
    """Kill a process and all that it started."""
    if process.poll() is None:
        with suppress(ProcessLookupError):  # it has just ended
            if sys.platform == "win32":
                process.kill()
            else:
                os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _failure(task: Task, status: int, err: str, *, hung: bool, there: bool) -> tuple[Kind | None, str | None]:
    """How a process failed, and its own line about that, without the recording's name."""
    if hung:
        return "hung", f"not done after {task.limit_s:.0f} s. Try --limit with more seconds."
    if status < 0:
        name = signal.Signals(-status).name if -status in set(signal.Signals) else "unknown"
        return "crashed", f"its process ended by signal {-status} ({name})."
    if status == 0 and there:
        return None, None
    lines = [line.removeprefix("livecoach: ") for line in err.splitlines() if line.strip()]
    line = lines[-1].removeprefix(f"{task.recording}: ") if lines else None
    return "failed", line or f"its process ended with status {status}."


def on_this_machine(tasks: Sequence[Task], jobs: int) -> Generator[TaskOutcome, None, None]:
    """Run the tasks, `jobs` at a time, and yield each outcome as it arrives. Closing the generator ends what is
    running."""
    processes = Processes()
    with ThreadPoolExecutor(jobs) as pool:
        try:
            for _, future in _done(tasks, jobs, lambda task: pool.submit(run_task, task, processes)):
                yield future.result()
        finally:
            processes.close()


def on_cluster(tasks: Sequence[Task], address: str, say: Callable[[str], object]) -> Generator[TaskOutcome, None, None]:
    """Yield the outcome of each task, as the workers of the Dask scheduler at `address` finish it. A task whose worker
    dies or hangs goes to another one, until the scheduler gives it up.

    Args:
        tasks: all of them.
        address: of the scheduler.
        say: called with a line where no worker is left.

    Raises:
        ConfigError: Dask is not installed.
        LivecoachError: the scheduler can't be reached, or is lost.
    """
    say_once = cache(say)
    with _client(address) as client:

        def look() -> None:
            if not client.scheduler_info()["workers"]:
                say_once(no_worker(address))

        def begin(task: Task) -> Any:
            return client.submit(run_task, task, key=f"livecoach-{task.key}", pure=False)

        for task, future in _done(tasks, AHEAD * max(sum(client.nthreads().values()), 1), begin, look):
            yield outcome_of(future, task, address)
            future.release()


def _done(
    tasks: Sequence[Task], most: int, begin: Callable[[Task], Any], look: Callable[[], object] = int
) -> Iterator[tuple[Task, Any]]:
    """Begin tasks, and yield each with its future when that is done. Only so many are begun at a time that nothing has
    to be cancelled when the user stops.

    Args:
        tasks: all of them.
        most: at a time.
        begin: begins one, and returns its future.
        look: called now and then while nothing is done.
    """
    waiting, done = iter(tasks), Queue[Any]()
    open_tasks: dict[Any, Task] = {}
    while True:
        for task in islice(waiting, most - len(open_tasks)):
            future = begin(task)
            open_tasks[future] = task
            future.add_done_callback(done.put)
        if not open_tasks:
            return
        try:
            future = done.get(timeout=ASK_S)
        except Empty:
            look()
        else:
            yield open_tasks.pop(future), future


def no_worker(address: str) -> str:
    return f"{address}: no worker. Start one with `dask worker {address}`."


def outcome_of(future: Any, task: Task, address: str) -> TaskOutcome:
    """Return what a future holds, which is done. Raises LivecoachError where the scheduler is gone."""
    for _ in range(MOST_ASKED):
        if future.status == "error":
            failure = type(future.exception()).__name__
            return task.outcome(kind="crashed", message=f"the workers that analysed it died ({failure}).")
        try:
            return checked(task, future.result(ANSWER_S))
        except Exception as err:  # its answer can't be unpickled, or has gone with its worker or the scheduler
            if future.status == "cancelled":
                gone = "the Dask scheduler is gone. What is done is kept: start the same command again."
                raise LivecoachError(f"{address}: {gone}") from err
    return checked(task, None)


def checked(task: Task, answer: object) -> TaskOutcome:
    """What a worker answered, where it is an outcome of this task; another version may answer anything."""
    failed = task.outcome(kind="failed", message=NO_OUTCOME)
    try:
        outcome = _OUTCOME.validate_python({field.name: getattr(answer, field.name) for field in fields(TaskOutcome)})
        if outcome.kind is None or outcome.document is not None:
            analysis_of(outcome.document or "")
    except (AttributeError, pydantic.ValidationError):
        return failed
    message = None if outcome.message is None else printable(outcome.message)
    return replace(outcome, key=task.key, recording=task.recording, message=message, worker=printable(outcome.worker))


@contextmanager
def _client(address: str) -> Iterator[Any]:
    try:
        from distributed import Client
    except ImportError as err:
        raise ConfigError(f"--scheduler needs Dask. Install it with: {install_command('cluster')}") from err
    for name in ("distributed", "distributed.client"):  # each has a level of its own; livecoach reports in one line
        logging.getLogger(name).setLevel(logging.CRITICAL)
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
