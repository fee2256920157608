"""Analyses recordings in other processes, one recording at a time in each.

A crash or a hang therefore costs only one recording.
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Generator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from multiprocessing.pool import ThreadPool
from typing import IO, Any, Literal

import pydantic

from livecoach.core.config.paths import HOME_VARIABLE
from livecoach.core.documents import Analysis
from livecoach.core.errors import SourceError
from livecoach.core.own_process import NEW_GROUP, interrupt
from livecoach.core.types import ignore
from livecoach.core.types.message import Message

MOST_LIMIT_S = 7 * 86_400.0  # Longest time limit, in seconds: a week. Some systems can't wait for more than 24 days.
MOST_RECORDINGS = 200  # Most recordings that a process analyses, so that memory leaks of libraries stay small
GRACE_S = 5.0  # Longest wait for an interrupted process, which removes its unfinished files, in seconds. Our choice.

Kind = Literal["failed", "hung", "crashed"]  # Kind of a failure
Process = subprocess.Popen[bytes]
OnShare = Callable[[float], object]  # Called with the share that is done, 0 to 1


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskOutcome:
    """The result of a task: a document, a failure, or both if the recording is damaged."""

    __pydantic_config__ = pydantic.ConfigDict(allow_inf_nan=False, defer_build=True)
    key: str  # Key of the task
    recording: str  # Path of the recording
    document: str | None = None  # JSON document of `livecoach analyze`; None if there is none
    kind: Kind | None = None  # Kind of failure; None without a failure
    message: str | None = None  # The problem in a line; None without a problem
    status: int = SourceError.exit_code  # Exit status of a failure
    wall_s: float = 0.0  # Duration of the analysis by the clock


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A recording to analyse."""

    key: str  # Identifies the recording in its present state, and the options
    recording: str  # Absolute path
    options: tuple[str, ...]  # Options of `livecoach analyze`
    limit_s: float = MOST_LIMIT_S  # Time after which the analysis counts as hung
    uses_user_settings: bool = False
    """Whether the user's settings apply. With the shipped settings instead, every machine gives the same result."""

    def make_outcome(self, **fields: Any) -> TaskOutcome:
        """Make an outcome of the task. `fields` are the fields of TaskOutcome that the task does not determine."""
        return TaskOutcome(key=self.key, recording=self.recording, **fields)


_DOCUMENT = pydantic.TypeAdapter(Analysis)


def parse_analysis(document: str) -> Analysis:
    """Parse the JSON document of `livecoach analyze`. Raises pydantic.ValidationError if the document is invalid."""
    return _DOCUMENT.validate_json(document)


class AnalystPool:
    """A thread-safe pool of livecoach processes that analyse recordings.

    Processes are used again, because a start takes as long as two seconds of film. A process that has failed is ended.
    """

    def __init__(self) -> None:
        self._empty = tempfile.TemporaryDirectory(prefix="livecoach-batch-")
        self.waiting: dict[bool, list[Process]] = {True: [], False: []}  # Uses the user's settings → idle processes
        self._busy: set[Process] = set()
        self._done: Counter[Process] = Counter()
        self._closed = False

    def close(self) -> None:
        """Interrupt the processes as Ctrl-C does, and kill processes that do not end within GRACE_S."""
        self._closed = True
        processes = [*self._busy, *self.waiting[True], *self.waiting[False]]
        for process in processes:
            interrupt(process)
        give_up_s = time.monotonic() + GRACE_S
        for process in processes:
            with suppress(subprocess.TimeoutExpired):
                process.wait(max(give_up_s - time.monotonic(), 0.0))
            _kill(process)
        self._empty.cleanup()

    def run(self, task: Task, on_share: OnShare = ignore) -> TaskOutcome:
        """Analyse a recording in a process of the pool, and return the outcome, which also describes a failure.

        If a process ends without an answer before the time limit, the recording is tried once more. Raises ValueError
        for a path with a null character, and OSError if no process can be started.
        """
        began_s = time.monotonic()
        if b"\0" in os.fsencode(task.recording):
            raise ValueError("embedded null byte")
        until_s = began_s + min(task.limit_s, MOST_LIMIT_S)
        status, text, errors = self._answer(task, until_s, on_share)
        if not (text or errors) and time.monotonic() < until_s:  # another program may have ended the process
            status, text, errors = self._answer(task, until_s, on_share)
        hung = not (text or errors) and time.monotonic() >= until_s
        kind, message = _failure(task, status, errors, hung=hung, there=bool(text))
        return task.make_outcome(
            document=text or None,
            kind=kind,
            message=message,
            status=status if status > 0 else SourceError.exit_code,
            wall_s=round(time.monotonic() - began_s, 2),
        )

    def _answer(self, task: Task, until_s: float, on_share: OnShare) -> tuple[int, str, str]:
        """Let a process analyse a recording; kill it at `until_s`, on failure, and after MOST_RECORDINGS recordings."""
        process, status = self._acquire(task), 1
        timer = threading.Timer(until_s - time.monotonic(), _kill, (process,))
        timer.start()
        try:
            words = ["analyze", task.recording, "--json", "-", *task.options]
            status, text, errors = run_in_analyst(process, words, on_share)
        finally:
            timer.cancel()
            self._busy.discard(process)
            self._done[process] += 1
            if status == 0 and time.monotonic() < until_s and self._done[process] < MOST_RECORDINGS:
                self.waiting[task.uses_user_settings].append(process)
            else:
                _kill(process)
                del self._done[process]
        return status, text, errors

    def _acquire(self, task: Task) -> Process:
        with suppress(IndexError):
            process = self.waiting[task.uses_user_settings].pop()
            self._busy.add(process)
            return process
        home = {} if task.uses_user_settings else {HOME_VARIABLE: self._empty.name}
        process = subprocess.Popen(
            [sys.executable, "-m", "livecoach.cli.analyst"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            # Other modules in the working folder must not be imported.
            env={**os.environ, **home, "PYTHONSAFEPATH": "1"},
            start_new_session=True,  # on Ctrl-C, only the caller ends the process
            # Elsewhere, the process lowers its own priority.
            creationflags=NEW_GROUP | getattr(subprocess, "BELOW_NORMAL_PRIORITY_CLASS", 0),
        )
        self._busy.add(process)
        if self._closed:  # `close` may have been called meanwhile
            _kill(process)
        return process


def run_in_analyst(process: Process, words: Sequence[str], on_share: OnShare = ignore) -> tuple[int, str, str]:
    """Run a command of livecoach in a process of `livecoach.cli.analyst`.

    Args:
        words: Words of the command, without the name of the program.
        on_share: Called from time to time with the share of the command that is done, while the command waits.

    Returns:
        The exit status, and the texts of standard output and standard error, which are empty if the process ended
        without an answer.
    """
    assert process.stdin is not None
    assert process.stdout is not None
    _write_line(process.stdin, json.dumps(words).encode())
    for line in process.stdout:
        if line.endswith((b"]\n", b"]\r\n")):  # Windows' text files end lines in two characters
            status, out, err = json.loads(line)
            return status, out.strip(), err
        with suppress(ValueError):  # half a line
            on_share(float(line))
            _write_line(process.stdin, b"")
    return process.wait(), "", ""  # the process has ended, perhaps while it answered


def _write_line(pipe: IO[bytes], line: bytes) -> None:
    with suppress(OSError):  # The process has ended; on Windows, that is not always a BrokenPipeError
        pipe.write(line + b"\n")
        pipe.flush()


def run_task(task: Task, analysts: AnalystPool, on_share: OnShare = ignore) -> TaskOutcome:
    """Analyse a recording, and return the outcome. Any exception becomes an outcome of the kind "failed".

    Args:
        on_share: Called from time to time with the share of the recording that has been analysed.
    """
    try:
        return analysts.run(task, on_share)
    except Exception as err:  # such as a name that can't be an argument: it costs only this recording
        reason = f"{type(err).__name__}: {' '.join(str(err).split())}"
        message = Message("it could not be analysed ({name}).", name=reason)
        return task.make_outcome(kind="failed", message=message)


def _kill(process: Process) -> None:
    """Kill a process with its group, which contains its children, except on Windows, and wait for its end."""
    if process.poll() is None:
        with suppress(ProcessLookupError):  # the process has just ended
            if sys.platform == "win32":
                process.kill()
            else:
                os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _failure(task: Task, status: int, err: str, *, hung: bool, there: bool) -> tuple[Kind | None, str | None]:
    """Return the kind and the reason of a failure, without the recording's name; None for both without a failure."""
    if hung:
        return "hung", Message("not done after {n} s. Try shorter films, or --limit.", n=round(task.limit_s))
    if status < 0:
        name = signal.Signals(-status).name if -status in set(signal.Signals) else "unknown"
        return "crashed", Message("its process ended by signal {n} ({name}).", n=-status, name=name)
    if status == 0 and there:
        return None, None
    lines, name = [line.removeprefix("livecoach: ") for line in err.splitlines() if line.strip()], f"{task.recording}: "
    line = lines[-1] if lines else ""
    if there and line.startswith(name):  # hints on the set follow the line about the damage
        line = next(about for about in lines if about.startswith(name))
    return "failed", line.removeprefix(name) or Message("its process ended with status {n}.", n=status)


def run_tasks(tasks: Sequence[Task], jobs: int) -> Generator[TaskOutcome, None, None]:
    """Run `jobs` tasks at a time, and yield each outcome when its task ends. Closing the generator ends all tasks."""
    analysts, pool = AnalystPool(), ThreadPool(jobs)
    try:
        yield from pool.imap_unordered(partial(run_task, analysts=analysts), tasks)
    finally:
        pool.terminate()  # tasks that have not begun never begin
        analysts.close()
        pool.join()
