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
import signal
import socket
import struct
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

ROOMS = ("assembly", "cli", "feedback", "history", "player", "pose", "profile", "report", "run", "session")
"""Packages of livecoach that are imported ahead, with all that their modules import."""
_NUMBER = struct.Struct("<i")
_MOST_BYTES = 1 << 20


class WarmProcess:
    """livecoach in a process of its own, with a home in `env`; it reads nothing from standard input."""

    def __init__(
        self, arguments: Sequence[str], *, env: Mapping[str, str], cwd: Path, stdout: int, stderr: int
    ) -> None:
        """stdout, stderr: file descriptors that it writes to."""
        self._numbers, theirs = os.pipe()
        request = json.dumps({"arguments": list(arguments), "env": dict(env), "cwd": str(cwd)}).encode()
        with open(os.devnull) as nothing:
            socket.send_fds(_server(), [request], [nothing.fileno(), stdout, stderr, theirs])
        os.close(theirs)
        self._status: int | None = None
        self.pid = self._number(None)

    def wait(self, timeout_s: float | None = None) -> int:
        """Wait for its end; its exit status, or minus the number of the signal that ended it."""
        if self._status is None:
            self._status = os.waitstatus_to_exitcode(self._number(timeout_s))
            os.close(self._numbers)
        return self._status

    def send_signal(self, number: int) -> None:
        """Send a signal to it, unless it has ended."""
        if self._status is None and not select.select([self._numbers], [], [], 0)[0]:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """End it at once."""
        self.send_signal(signal.SIGKILL)

    def _number(self, timeout_s: float | None) -> int:
        if not select.select([self._numbers], [], [], timeout_s)[0]:
            raise TimeoutError(f"livecoach (process {self.pid}) runs longer than {timeout_s} s")
        return int(_NUMBER.unpack(os.read(self._numbers, _NUMBER.size))[0])


@functools.cache
def _server() -> socket.socket:
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
    """Fork a process for each request, until nobody is left to ask. True in a forked process, False at the end."""
    while True:
        request, files, _, _ = socket.recv_fds(channel, _MOST_BYTES, 4)
        if not request:
            return False
        if os.fork() == 0:
            channel.close()
            return _begun(json.loads(request), files)
        for file in files:
            os.close(file)
        _reap(os.WNOHANG)


def _begun(request: Mapping[str, object], files: Sequence[int]) -> bool:
    """Fork the process that runs livecoach (True there), tell of its beginning and its end, and end with it."""
    *streams, numbers = files
    child = os.fork()
    if child != 0:
        for file in streams:
            os.close(file)
        os.write(numbers, _NUMBER.pack(child))
        os.write(numbers, _NUMBER.pack(os.waitpid(child, 0)[1]))
        os._exit(0)
    for target, file in enumerate(streams):
        os.dup2(file, target)
    for file in files:
        os.close(file)
    _open_streams()
    os.chdir(str(request["cwd"]))
    os.environ.clear()
    os.environ.update(request["env"])  # type: ignore[call-overload]
    sys.argv = ["livecoach", *request["arguments"]]  # type: ignore[misc]
    signal.signal(signal.SIGINT, signal.default_int_handler)
    random.seed()
    return True


def _open_streams() -> None:
    """Open the standard streams anew: whether one can be sought in differs from what the server had there."""
    sys.stdin = sys.__stdin__ = os.fdopen(0, encoding="utf-8", closefd=False)
    sys.stdout = sys.__stdout__ = os.fdopen(1, "w", encoding="utf-8", closefd=False)
    sys.stderr = sys.__stderr__ = os.fdopen(2, "w", 1, encoding="utf-8", errors="backslashreplace", closefd=False)


def _reap(options: int) -> None:
    """Take leave of those that have ended."""
    try:
        while os.waitpid(-1, options)[0]:
            pass
    except ChildProcessError:
        pass


def _import_ahead() -> None:
    for room in ROOMS:
        package = importlib.import_module(f"livecoach.{room}")
        for module in pkgutil.walk_packages(getattr(package, "__path__", ()), f"{package.__name__}."):
            importlib.import_module(module.name)
    importlib.import_module("mediapipe.tasks.python.vision")
    gc.collect()
    gc.freeze()  # else each process looks at all of these objects at its end, and copies their pages: 0.4 s


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C at the terminal is for those who ask
    with socket.socket(fileno=int(sys.argv[1])) as requests:
        _import_ahead()
        forked = _serve(requests)
    if forked:
        runpy.run_module("livecoach", run_name="__main__", alter_sys=True)
    else:
        _reap(0)
