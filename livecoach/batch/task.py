"""Analyses one recording in a process of its own, so that a crash or a hang costs that recording only.

The process is `livecoach analyze` with shipped settings, not the user's. So every machine gives the same result.
"""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal

from livecoach import __version__

Kind = Literal["failed", "hung", "crashed", "version"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One recording to analyse, as it goes to a worker."""

    key: str
    """Identifies the recording as it is now, and how it is analysed."""
    recording: str
    """Absolute path, also on the worker."""
    options: tuple[str, ...]
    """Options of `livecoach analyze`."""
    limit_s: float
    """Time after which it counts as hung."""
    version: str = __version__
    """The version that has to analyse it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of a task."""

    key: str
    recording: str
    document: str | None = None
    """The JSON document of `livecoach analyze`; None where there is none."""
    kind: Kind | None = None
    """How it failed; None where it did not."""
    message: str | None = None
    """What was wrong, in one line; None where nothing was."""
    wall_s: float = 0.0
    worker: str = ""
    """Name of the machine."""


def analyse(task: Task, processes: "set[subprocess.Popen[bytes]] | None" = None) -> Outcome:
    """Analyse a recording, and return what came of it; nothing is raised for a bad recording.

    processes: holds the process while it runs, for a caller that may have to end it.
    """
    worker = socket.gethostname()
    if task.version != __version__:
        return Outcome(
            key=task.key,
            recording=task.recording,
            kind="version",
            message=f"worker {worker} has livecoach {__version__}, not {task.version}. Install the same version.",
            worker=worker,
        )
    began_s = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="livecoach-batch-") as empty:
        process = subprocess.Popen(
            [sys.executable, "-m", "livecoach", "analyze", task.recording, "--json", "-", *task.options],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, "XDG_CONFIG_HOME": empty, "XDG_DATA_HOME": empty},
            start_new_session=True,  # Ctrl-C ends it by way of the caller
        )
        if processes is not None:
            processes.add(process)
        try:
            out, err = process.communicate(timeout=task.limit_s)
            hung = False
        except subprocess.TimeoutExpired:
            kill(process)
            out, err = process.communicate()
            hung = True
        finally:
            kill(process)
            if processes is not None:
                processes.discard(process)
    document = None if hung else _document(out)
    kind, message = _failure(task, process.returncode, err, hung=hung, there=document is not None)
    return Outcome(
        key=task.key,
        recording=task.recording,
        document=document,
        kind=kind,
        message=message,
        wall_s=round(time.monotonic() - began_s, 2),
        worker=worker,
    )


def kill(process: "subprocess.Popen[bytes]") -> None:
    """Kill a process and all that it started."""
    if process.poll() is None:
        with suppress(ProcessLookupError):  # it has just ended
            os.killpg(process.pid, signal.SIGKILL)


def _document(out: bytes) -> str | None:
    text = out.decode(errors="replace").strip()
    return text or None


def _failure(task: Task, status: int, err: bytes, *, hung: bool, there: bool) -> tuple[Kind | None, str | None]:
    """Return how a process failed, and the line that says so: its own, without the recording's name before it."""
    if hung:
        return "hung", f"not done after {task.limit_s:.0f} s. Try --limit with more seconds."
    lines = [line.removeprefix("livecoach: ") for line in err.decode(errors="replace").splitlines() if line.strip()]
    line = lines[-1].removeprefix(f"{task.recording}: ") if lines else None
    if status < 0:
        return "crashed", f"its process ended by signal {-status} ({_signal_name(-status)})."
    if status == 0 and there:
        return None, None
    return "failed", line or f"its process ended with status {status}."


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return "unknown"
