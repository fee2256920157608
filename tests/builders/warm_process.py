"""Processes that run livecoach without the second of computing that importing it takes.

`python -m builders.warm_process FD` imports livecoach once and then forks a process for each request that it reads from
the socket FD. Such a process has its own environment, folder, arguments and streams, takes signals and ends as one
that was started by itself; it shares only the seed of Python's hashes with the others. `WarmProcess` asks for one.
"""

import atexit
import functools
import gc
import importlib
import json
import os
import pkgutil
import random
import runpy
import select
import selectors
import signal
import socket
import struct
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from builders.open_files import refuse_to_move_open_files

ROOMS = ("core", "capture", "perception", "decisions", "records", "feedback", "pages", "run", "cli")
"""Packages of livecoach that are imported ahead, with all that their modules import."""
OF_EXTRAS = (
    *("livecoach.lab.synthetic", "livecoach.lab.measure.counts", "sklearn.ensemble", "sklearn.linear_model"),
    *("aiohttp.web", "segno", "trustme"),
)
"""What the commands of the lab import for more than a second of computing, and what `live --phone` imports."""
_NUMBER = struct.Struct("<i")
_MOST_BYTES = 1 << 20
_STARTING = threading.Lock()


class WarmProcess:
    """livecoach in a process of its own, with a home in `env`."""

    def __init__(
        self,
        arguments: Sequence[str],
        *,
        env: Mapping[str, str],
        cwd: Path,
        stdout: int,
        stderr: int,
        stdin: int | None = None,
    ) -> None:
        """stdout, stderr: file descriptors that it writes to. stdin: the one that it reads from; None for nothing."""
        self._numbers, theirs = os.pipe()
        wanted = {"arguments": list(arguments), "env": dict(env), "cwd": str(cwd)}
        request = json.dumps(wanted).encode()
        with open(os.devnull) as nothing:
            read_from = nothing.fileno() if stdin is None else stdin
            socket.send_fds(_server(), [request], [read_from, stdout, stderr, theirs])
        os.close(theirs)
        self._status: int | None = None
        self.pid = self._number(None)

    def wait(self, timeout_s: float | None = None) -> int:
        """Wait for its end; its exit status, or minus the number of the signal that ended it."""
        if self._status is None:
            self._status = os.waitstatus_to_exitcode(self._number(timeout_s))
            os.close(self._numbers)
        return self._status

    def poll(self) -> int | None:
        """Its exit status, as `wait` tells it; None while it runs."""
        if self._status is None and not select.select([self._numbers], [], [], 0)[0]:
            return None
        return self.wait()

    def send_signal(self, number: int) -> None:
        """Send a signal to it, unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """End it at once."""
        self.send_signal(signal.SIGKILL)

    def _number(self, timeout_s: float | None) -> int:
        if not select.select([self._numbers], [], [], timeout_s)[0]:
            raise TimeoutError(f"livecoach (process {self.pid}) runs longer than {timeout_s} s")
        return int(_NUMBER.unpack(os.read(self._numbers, _NUMBER.size))[0])


class ColdProcess(subprocess.Popen[bytes]):
    """The same where no process can be forked, as on Windows: each imports livecoach itself."""

    def __init__(self, arguments: Sequence[str], *, stdin: int = subprocess.DEVNULL, **how: Any) -> None:
        super().__init__([sys.executable, "-m", "livecoach", *arguments], stdin=stdin, **how)


if not hasattr(os, "fork"):
    WarmProcess = ColdProcess  # type: ignore[misc,assignment]


def _server() -> socket.socket:
    """The socket of this process' server, whichever of its threads asks first."""
    with _STARTING:
        return _started_server()


@functools.cache
def _started_server() -> socket.socket:
    """The socket of this process' server, which is started with the first request and ends with this process."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs:
        server = subprocess.Popen(
            [sys.executable, "-m", __name__, str(theirs.fileno())],
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "PYTHONIOENCODING": "utf-8"},
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
        )
    atexit.register(server.wait)
    atexit.register(ours.close)  # before the wait: what is registered last is called first
    return ours


def _serve(channel: socket.socket) -> bool:
    """Fork a process for each request until nobody is left to ask, and tell of their ends.

    Return whether this is a forked process.
    """
    waiting = selectors.PollSelector()  # which is no file that a forked process would share
    waiting.register(channel, selectors.EVENT_READ)
    while waiting.get_map():
        for key, _ in waiting.select():
            if key.fileobj is not channel:
                waiting.unregister(key.fileobj)
                _tell_end(key.fd, *key.data)
                continue
            request, files, _, _ = socket.recv_fds(channel, _MOST_BYTES, 4)
            if not request:
                waiting.unregister(channel)
                continue
            *streams, numbers = files
            wanted = json.loads(request)
            child = os.fork()
            if child == 0:
                others = [file for key in waiting.get_map().values() if key.data for file in (key.fd, key.data[1])]
                _begin(wanted, streams, [numbers, *others])
                return True
            os.write(numbers, _NUMBER.pack(child))
            for file in streams:
                os.close(file)
            waiting.register(os.pidfd_open(child), selectors.EVENT_READ, (child, numbers))
    return False


def _tell_end(ended: int, child: int, numbers: int) -> None:
    os.write(numbers, _NUMBER.pack(os.waitpid(child, 0)[1]))
    os.close(numbers)
    os.close(ended)


def _begin(request: Mapping[str, object], streams: Sequence[int], others: Sequence[int]) -> None:
    """Make this forked process what was asked for. others: files of the server that are none of this process."""
    for target, file in enumerate(streams):
        os.dup2(file, target)
    for file in (*streams, *others):
        os.close(file)
    _open_streams()
    os.chdir(str(request["cwd"]))
    os.environ.clear()
    os.environ.update(request["env"])  # type: ignore[call-overload]
    sys.argv = ["livecoach", *request["arguments"]]  # type: ignore[misc]
    signal.signal(signal.SIGINT, signal.default_int_handler)
    random.seed()


def _open_streams() -> None:
    """Open the standard streams anew: whether one can be sought in differs from what the server had there."""
    sys.stdin = sys.__stdin__ = os.fdopen(0, encoding="utf-8", closefd=False)
    sys.stdout = sys.__stdout__ = os.fdopen(1, "w", encoding="utf-8", closefd=False)
    sys.stderr = sys.__stderr__ = os.fdopen(2, "w", 1, encoding="utf-8", errors="backslashreplace", closefd=False)


class _End:
    """Ends a process without taking its thousands of modules apart, which copies all of their pages: 0.1 s."""

    status: object = None

    def __call__(self) -> None:
        """Called by Python at the end, after its threads have ended and all else that wants to be called then was."""
        if isinstance(self.status, int):
            with suppress(OSError):  # nowhere to write: Python says that as it does
                sys.stdout.flush()
                sys.stderr.flush()
                os._exit(self.status)


def _import_ahead() -> None:
    for room in ROOMS:
        package = importlib.import_module(f"livecoach.{room}")
        for module in pkgutil.walk_packages(getattr(package, "__path__", ()), f"{package.__name__}."):
            importlib.import_module(module.name)
    importlib.import_module("ai_edge_litert.interpreter")
    for module in OF_EXTRAS:
        with suppress(ImportError):  # an extra that is not installed
            importlib.import_module(module)
    _read_ahead()
    gc.collect()
    gc.freeze()  # else each process looks at all of these objects at its end, and copies their pages: 0.4 s


def _read_ahead() -> None:
    """Read the settings, the exercises and the pages' templates, and build pydantic's schemas: livecoach keeps what it
    has parsed, and those of its schemas that it builds when they are used first, for 0.05 s each."""
    from livecoach.core.charts import load_template
    from livecoach.core.config import Settings, paths, read_yaml
    from livecoach.decisions import assembly
    from livecoach.pages.history import history_page
    from livecoach.pages.home import session_search as sessions_page
    from livecoach.pages.report import report_page

    read_yaml(paths.configs_dir() / "settings.yaml", Settings)
    assembly.load("auto")
    for page in (history_page, sessions_page, report_page):
        load_template(page.TEMPLATE)
    for schema in [found for found in gc.get_objects() if type(found) is TypeAdapter]:
        schema.rebuild()


if __name__ == "__main__":
    end = _End()
    atexit.register(end)  # before all others: what is registered first is called last
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C at the terminal is for those who ask
    with socket.socket(fileno=int(sys.argv[1])) as requests:
        _import_ahead()
        refuse_to_move_open_files()
        is_forked = _serve(requests)
    if is_forked:
        try:
            runpy.run_module("livecoach", run_name="__main__", alter_sys=True)
        except SystemExit as exit_:
            end.status = exit_.code
            raise
