"""One `livecoach live` as a user starts it: in a process and with a home of its own. Its events can be waited for."""

import contextlib
import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Protocol

WAIT_S = 90.0
"""Longest wait for what should happen. A start takes 2 s, and 20 s on a machine with eight programs for each core."""
READ_S = 10.0
"""Longest wait for the last lines of a process that has ended."""
Event = dict[str, Any]


class Process(Protocol):
    """A running program."""

    pid: int

    def wait(self, timeout_s: float | None = None) -> int:
        """Wait for its end; return its exit status. Raises TimeoutError."""

    def send_signal(self, number: int) -> None:
        """Send a signal to it, unless it has ended."""

    def kill(self) -> None:
        """End it at once."""


class Launch(Protocol):
    """Starts livecoach with arguments."""

    def __call__(
        self, arguments: Sequence[str], *, env: Mapping[str, str], cwd: Path, stdout: int, stderr: int
    ) -> Process:
        """Start it. stdout, stderr: file descriptors that it writes to."""


class NewProcess:
    """livecoach in a new Python: how a shell starts it."""

    def __init__(
        self, arguments: Sequence[str], *, env: Mapping[str, str], cwd: Path, stdout: int, stderr: int
    ) -> None:
        command = [sys.executable, "-m", "livecoach", *arguments]
        self._child = subprocess.Popen(
            command, env=dict(env), cwd=cwd, stdin=subprocess.DEVNULL, stdout=stdout, stderr=stderr
        )
        self.pid = self._child.pid

    def wait(self, timeout_s: float | None = None) -> int:
        """Wait for its end; return its exit status. Raises TimeoutError."""
        try:
            return self._child.wait(timeout_s)
        except subprocess.TimeoutExpired as err:
            raise TimeoutError(f"livecoach runs longer than {timeout_s} s") from err

    def send_signal(self, number: int) -> None:
        """Send a signal to it, unless it has ended."""
        self._child.send_signal(number)

    def kill(self) -> None:
        """End it at once."""
        self._child.kill()


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """How a process ended."""

    status: int | None
    """Exit status, or minus the number of the signal that ended it; None if it had to be killed after the wait."""
    took_s: float


class Running:
    """A started livecoach. Its standard output is read as events."""

    def __init__(self, launch: Launch, arguments: Sequence[str], *, env: Mapping[str, str], cwd: Path) -> None:
        streams = [os.pipe(), os.pipe()]
        self.process = launch(arguments, env=env, cwd=cwd, stdout=streams[0][1], stderr=streams[1][1])
        for _, theirs in streams:
            os.close(theirs)
        self.events: list[Event] = []
        self.said: list[str] = []
        """Lines of standard error so far."""
        self._news: queue.Queue[None] = queue.Queue()
        self._readers = [
            threading.Thread(target=read, args=(os.fdopen(ours, encoding="utf-8", errors="replace"),), daemon=True)
            for read, (ours, _) in zip((self._read_events, self._read_lines), streams, strict=True)
        ]
        for reader in self._readers:
            reader.start()

    @property
    def latest_s(self) -> float:
        """The run's own time at its latest event."""
        return max((float(event["t_s"]) for event in self.events), default=0.0)

    @property
    def reps(self) -> int:
        """Number of reps counted so far."""
        return sum(event["event"] == "rep" for event in self.events)

    def event(self, wanted: Callable[[Event], object], *, since: int = 0, within_s: float = WAIT_S) -> Event | None:
        """Wait for an event and return it; None if it did not come in time. since: number of events to skip."""
        give_up_s = time.monotonic() + within_s
        while True:
            found = next((event for event in self.events[since:] if wanted(event)), None)
            if found is not None or not self._hear(give_up_s):
                return found

    def line(self, *words: str, within_s: float = WAIT_S) -> str | None:
        """Wait for a line on standard error with one of these words; None if it did not come in time."""
        give_up_s = time.monotonic() + within_s
        while True:
            found = next((line for line in self.said if any(word in line for word in words)), None)
            if found is not None or not self._hear(give_up_s):
                return found

    def end(self, signal_number: int | None, *, within_s: float = WAIT_S) -> Ending:
        """Send a signal, if one is given, and wait for the end. A process that does not end is killed."""
        began_s = time.monotonic()
        if signal_number is not None:
            self.process.send_signal(signal_number)
        try:
            status: int | None = self.process.wait(within_s)
        except TimeoutError:
            status = None
            self.process.kill()
            self.process.wait(within_s)
        took_s = time.monotonic() - began_s
        for reader in self._readers:
            reader.join(READ_S)
        return Ending(status=status, took_s=took_s)

    def _hear(self, give_up_s: float) -> bool:
        """Wait for a line of either stream. Return whether there may be one."""
        left_s = give_up_s - time.monotonic()
        if left_s <= 0 or not any(reader.is_alive() for reader in self._readers):
            return False
        with contextlib.suppress(queue.Empty):
            self._news.get(timeout=min(left_s, 1.0))
        return True

    def _read_events(self, stream: IO[str]) -> None:
        with stream:
            for line in stream:
                if line.startswith("{") and line.endswith("}\n"):  # the last line of a killed process is cut off
                    self.events.append(json.loads(line))
                    self._news.put(None)
        self._news.put(None)

    def _read_lines(self, stream: IO[str]) -> None:
        with stream:
            for line in stream:
                self.said.append(line.rstrip("\n"))
                self._news.put(None)
        self._news.put(None)


@contextlib.contextmanager
def signals_not_ignored() -> Iterator[None]:
    """Let programs that are started in the block have the signals that this one ignores: what a script or nohup starts
    in the background has Ctrl-C or SIGHUP ignored, and passes that on. For the main thread alone."""
    ignored = [number for number in (signal.SIGINT, signal.SIGHUP) if signal.getsignal(number) is signal.SIG_IGN]
    try:
        for number in ignored:
            signal.signal(number, lambda *_: None)
        yield
    finally:
        for number in ignored:
            signal.signal(number, signal.SIG_IGN)


def surroundings(home: Path) -> dict[str, str]:
    """Return the environment of somebody whose home is this folder, without a display."""
    kept = {name: value for name, value in os.environ.items() if name not in {"DISPLAY", "WAYLAND_DISPLAY"}}
    # MediaPipe imports matplotlib, which would look at every font again for each new home, for seconds.
    fonts = os.environ.get("MPLCONFIGDIR", str(Path.home() / ".cache" / "matplotlib"))
    folders = {"XDG_CONFIG_HOME": "config", "XDG_DATA_HOME": "share", "XDG_CACHE_HOME": "cache"}
    return {
        **kept,
        "HOME": str(home),
        "PYTHONIOENCODING": "utf-8",
        "MPLCONFIGDIR": fonts,
        **{name: str(home / folder) for name, folder in folders.items()},
    }
