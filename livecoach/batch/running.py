"""Analyses recordings, on this machine or on the workers of a Dask cluster.

Other processes do it, one recording after the other each, so that a crash or a hang costs only that recording.
"""

import atexit
import json
import logging
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache, partial
from multiprocessing.pool import ThreadPool
from queue import Empty, Queue
from typing import Any, Literal

import pydantic

from livecoach import __version__
from livecoach.capture import call_within
from livecoach.core.config.paths import install_command
from livecoach.core.documents import Analysis
from livecoach.core.errors import ConfigError, LivecoachError, SourceError

CONNECT_S = 5.0
ASK_S = 5.0  # time after which a silent cluster is asked whether it still has workers
ANSWER_S = 60.0  # longest wait for what a cluster answers at once. Our choice
MOST_LIMIT_S = 7 * 86_400.0  # longest time that a recording may take. No system call waits for more than 24 days
MOST_RECORDINGS = 200  # that a process analyses: what libraries may lose of memory is bounded. Our choice
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
_DOCUMENT = pydantic.TypeAdapter(Analysis)


def analysis_of(document: str) -> Analysis:
    """What the JSON document of an outcome holds. Raises pydantic.ValidationError."""
    return _DOCUMENT.validate_json(document)


class Analysts:
    """Processes of livecoach, each of which analyses one recording after the other, as a start costs as much as two
    seconds of film. One that has failed is not used again. Thread-safe."""

    def __init__(self) -> None:
        self._empty = tempfile.TemporaryDirectory(prefix="livecoach-batch-")
        self.waiting: list[Process] = []
        self._busy: set[Process] = set()
        self._done: Counter[Process] = Counter()
        self._closed = False

    def close(self) -> None:
        """End what is running by Ctrl-C, and kill what takes too long."""
        self._closed = True
        processes = [*self._busy, *self.waiting]
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
        if b"\0" in os.fsencode(task.recording):
            raise ValueError("embedded null byte")
        until_s = began_s + min(task.limit_s, MOST_LIMIT_S)
        status, text, said = self._answer(task, until_s)
        if not (text or said) and time.monotonic() < until_s:  # another program may have ended the process
            status, text, said = self._answer(task, until_s)
        hung = not (text or said) and time.monotonic() >= until_s
        kind, message = _failure(task, status, said, hung=hung, there=bool(text))
        return task.outcome(
            document=text or None,
            kind=kind,
            message=message,
            status=status if status > 0 else SourceError.exit_code,
            wall_s=round(time.monotonic() - began_s, 2),
            worker=worker,
        )

    def _answer(self, task: Task, until_s: float) -> tuple[int, str, str]:
        """What `asked` returns of a process, which is killed at `until_s`."""
        process, status = self._taken(task), 1
        timer = threading.Timer(until_s - time.monotonic(), kill, (process,))
        timer.start()
        try:
            status, text, said = asked(process, ["analyze", task.recording, "--json", "-", *task.options])
        finally:
            timer.cancel()
            self._busy.discard(process)
            self._done[process] += 1
            if status == 0 and time.monotonic() < until_s and self._done[process] < MOST_RECORDINGS:
                self.waiting.append(process)
            else:
                kill(process)
                del self._done[process]
        return status, text, said

    def _taken(self, task: Task) -> Process:
        """Take a process that waits, or start one."""
        with suppress(IndexError):
            process = self.waiting.pop()
            self._busy.add(process)
            return process
        homes = {} if task.users else dict.fromkeys(("XDG_CONFIG_HOME", "XDG_DATA_HOME"), self._empty.name)
        process = subprocess.Popen(
            [sys.executable, "-m", "livecoach.cli.analyst"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            # A worker of a cluster is no livecoach, and has not kept the modules of its folder out.
            env={**os.environ, **homes, "PYTHONSAFEPATH": "1"},
            start_new_session=True,  # on Ctrl-C the caller ends it
        )
        self._busy.add(process)
        if self._closed:  # `close` may have come by already
            kill(process)
        return process


def asked(process: Process, words: Sequence[str]) -> tuple[int, str, str]:
    """Let a process run a command; return its exit status and what it wrote on standard output and error."""
    assert process.stdin is not None
    assert process.stdout is not None
    with suppress(BrokenPipeError):
        process.stdin.write(json.dumps(words).encode() + b"\n")
        process.stdin.flush()
    answer = process.stdout.readline()
    if not answer.endswith(b"\n"):  # it ended, maybe while it answered
        return process.wait(), "", ""
    status, out, err = json.loads(answer)
    return status, out.strip(), err


def run_task(task: Task, analysts: Analysts | None = None) -> TaskOutcome:
    """Analyse a recording and return the outcome. A bad recording raises nothing. analysts: who do it; by default those
    of this process, which end with it."""
    try:
        return (analysts or _analysts_here()).run(task)
    except Exception as err:  # such as a name that can't be an argument: it costs only this recording
        message = f"it could not be analysed ({type(err).__name__}: {' '.join(str(err).split())})."
        return task.outcome(kind="failed", message=message)


@cache
def _analysts_here() -> Analysts:
    analysts = Analysts()
    atexit.register(analysts.close)
    return analysts


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
    """Run the tasks, `jobs` at a time, and yield outcomes as they come. Closing the generator ends what is running."""
    analysts, pool = Analysts(), ThreadPool(jobs)
    try:
        yield from pool.imap_unordered(partial(run_task, analysts=analysts), tasks)
    finally:
        pool.terminate()  # what has not begun never does
        analysts.close()
        pool.join()


def on_cluster(tasks: Sequence[Task], address: str, say: Callable[[str], object]) -> Generator[TaskOutcome, None, None]:
    """Yield each task's outcome. A task whose worker dies goes to another worker, until the scheduler gives it up.

    Args:
        tasks: The recordings, by paths that the workers have, too.
        address: Address of the Dask scheduler.
        say: Called with a line whenever no worker is there.

    Raises:
        ConfigError: Dask is not installed.
        LivecoachError: The scheduler can't be reached, or is lost.
    """
    with _client(address) as client:
        open_tasks = {f"livecoach-{task.key}": task for task in tasks}
        answers: Queue[Any] = Queue()
        futures = client.map(run_task, tasks, key=list(open_tasks), pure=False)
        for future in futures:
            future.add_done_callback(answers.put)
        has_workers = True
        while open_tasks:
            try:
                future = answers.get(timeout=ASK_S)
            except Empty:
                had_workers, has_workers = has_workers, _has_workers(client, address)
                if had_workers and not has_workers:
                    say(no_worker(address))
                continue
            try:
                outcome = outcome_of(future, open_tasks[future.key], address)
            except TimeoutError:  # its worker is gone or hangs: another worker does the task again
                answers.put(future)
                continue
            del open_tasks[future.key]
            yield outcome
            future.release()


def no_worker(address: str) -> str:
    return f"{address}: no worker. Start one with `dask worker {address}`."


def _gone(address: str) -> LivecoachError:
    return LivecoachError(f"{address}: the Dask scheduler is gone. What is done is kept: start the same command again.")


def _has_workers(client: Any, address: str) -> bool:
    """Return whether the scheduler has workers. Raises LivecoachError if the scheduler does not answer."""
    try:
        return bool(client.sync(client.scheduler.identity, callback_timeout=ANSWER_S)["workers"])
    except Exception as err:  # Dask raises many kinds where a connection ends
        raise _gone(address) from err


def outcome_of(future: Any, task: Task, address: str) -> TaskOutcome:
    """Return the outcome of a task that is done. Raises TimeoutError if the outcome was lost with its worker,
    LivecoachError if the scheduler is gone."""
    if future.status == "error":
        failure = type(future.exception()).__name__
        return task.outcome(kind="crashed", message=f"the workers that analysed it died ({failure}).")
    try:
        answer = future.result(ANSWER_S)
    except TimeoutError:
        raise
    except Exception as err:  # it can't be unpickled, or the scheduler is gone
        if future.status == "cancelled":
            raise _gone(address) from err
        answer = None
    return answer if isinstance(answer, TaskOutcome) else task.outcome(kind="failed", message=NO_OUTCOME)


@contextmanager
def _client(address: str) -> Iterator[Any]:
    try:
        from distributed import Client
    except ImportError as err:
        raise ConfigError(f"--scheduler needs Dask. Install it with: {install_command('cluster')}") from err
    for name in ("distributed", "distributed.client"):  # each has a level of its own; livecoach reports in one line
        logging.getLogger(name).setLevel(logging.CRITICAL)
    try:
        # A scheduler whose process is stopped takes the connection and is silent; Dask does not end that.
        client = call_within(
            2 * CONNECT_S,
            lambda: Client(address, timeout=CONNECT_S, set_as_default=False),
            lambda late: late.close(timeout=CONNECT_S),
        )
    except (OSError, ValueError) as err:  # TimeoutError is an OSError
        raise LivecoachError(
            f"{address}: no Dask scheduler answers. Start one with `dask scheduler`, and workers with `dask worker`."
        ) from err
    try:
        yield client
    finally:
        client.close(timeout=CONNECT_S)
