"""A fault under way: the `livecoach live` that it is injected into, in a process and with a home of its own; its
camera; and the checks so far."""

import contextlib
import json
import os
import queue
import random
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, NamedTuple

from builders.command import run as livecoach
from builders.command import surroundings
from builders.warm_process import WarmProcess

from livecoach.lab.tools.stand_ins import MjpegCamera, PictureLoop

WAIT_S = 90.0
"""Longest wait for what should happen. A start takes 2 s, and 20 s on a machine with eight programs for each core."""
READ_S = 10.0  # longest wait for the last lines of a process that has ended
INTERRUPTED, TERMINATED, HUNG_UP = 130, 143, 129  # exit status after Ctrl-C, SIGTERM and SIGHUP
END_S = 10.0
"""Longest time from a signal to the end of the process. A quiet machine needs less than one second. Our choice."""
FPS = 12.0
"""Pictures a second of the camera: a machine that is busy with other work keeps up. Our choice."""
SIZE_PX = 320, 240
SILENT = ("--no-window", "--mute", "--events", "-")
EXERCISE = "deadlift"  # exercise of the demo clip

Event = dict[str, Any]


class Ending(NamedTuple):
    """How a process ended."""

    status: int | None
    """Exit status, or minus the number of the signal that ended it; None if it had to be killed after the wait."""
    took_s: float


class Running:
    """A started livecoach. Its standard output is read as events."""

    def __init__(self, arguments: Sequence[str], *, env: Mapping[str, str], cwd: Path) -> None:
        streams = [os.pipe(), os.pipe()]
        self.process = WarmProcess(arguments, env=env, cwd=cwd, stdout=streams[0][1], stderr=streams[1][1])
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
        return sum(event["event"] == "rep" for event in self.events)

    def event(self, wanted: Callable[[Event], object], *, since: int = 0, within_s: float = WAIT_S) -> Event | None:
        """Wait for an event and return it; None if it did not come in time. since: number of events to skip."""
        give_up_s = time.monotonic() + within_s
        while True:
            event = next((event for event in self.events[since:] if wanted(event)), None)
            if event is not None or not self._hear(give_up_s):
                return event

    def line(self, *words: str, within_s: float = WAIT_S) -> str | None:
        """Wait for a line on standard error with one of these words; None if it did not come in time."""
        give_up_s = time.monotonic() + within_s
        while True:
            line = next((line for line in self.said if any(word in line for word in words)), None)
            if line is not None or not self._hear(give_up_s):
                return line

    def end(self, signal_number: int | None, *, within_s: float = WAIT_S) -> Ending:
        """Send a signal, if one is given, and wait for the end. A process that does not end is killed."""
        began_s = time.monotonic()
        if signal_number is not None:
            self.process.send_signal(signal_number)
        try:
            status: int | None = self.process.wait(within_s)
        except (TimeoutError, subprocess.TimeoutExpired):
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
    """Let programs that are started in the block receive signals that this one ignores. A process started in the
    background by a script, or by nohup, ignores Ctrl-C or SIGHUP, and passes that on. For the main thread alone."""
    ignored = [number for number in (signal.SIGINT, signal.SIGHUP) if signal.getsignal(number) is signal.SIG_IGN]
    try:
        for number in ignored:
            signal.signal(number, lambda *_: None)
        yield
    finally:
        for number in ignored:
            signal.signal(number, signal.SIG_IGN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing that must hold."""

    what: str
    held: bool
    found: str  # what happened
    timed: bool = False  # whether it depends on how long something took, which a busy machine stretches


class BrokenOff(Exception):
    """A check failed without which the rest of the trial makes no sense."""


class Trial:
    """What a fault works with: a home, a camera, runs of livecoach, and checks."""

    def __init__(self, folder: Path, loop: PictureLoop, randomness: random.Random) -> None:
        """folder: empty, for the home of this trial alone."""
        self.folder, self.home = folder, folder / "home"
        self.home.mkdir()
        self.camera = MjpegCamera(lambda: loop.parts(*SIZE_PX), loop.fps)
        self.randomness = randomness
        self.checks: list[Check] = []
        self.env = surroundings(self.home)
        self._runs: list[Running] = []

    def check(self, what: str, held: object, found: str = "", *, timed: bool = False) -> None:
        """Record a check. timed: whether it depends on how long something took."""
        self.checks.append(Check(what=what, held=bool(held), found=found, timed=timed))

    def must(self, what: str, held: object, found: str = "", *, timed: bool = False) -> None:
        """Record a check, and abandon the trial if it did not hold. Raises BrokenOff."""
        self.check(what, held, found, timed=timed)
        if not held:
            raise BrokenOff(what)

    def start(
        self,
        *arguments: str,
        env: Mapping[str, str] | None = None,
        silent: bool = True,
    ) -> Running:
        """Start `livecoach live` before the camera."""
        given = ["live", "--camera", self.camera.url, "--exercise", EXERCISE]
        words = [*given, *(SILENT if silent else ("--events", "-")), *arguments]
        run = Running(words, env=env or self.env, cwd=self.home)
        self._runs.append(run)
        return run

    def lifting(self, *arguments: str, **how: Any) -> Running:
        """Start `livecoach live` as `start` does, and wait for the first rep. Raises BrokenOff."""
        run = self.start(*arguments, **how)
        first = run.event(lambda event: event["event"] == "rep")
        self.must("a rep is counted before", first, last_words(run) if first is None else f"at {first['t_s']:.1f} s")
        return run

    def command(self, arguments: Sequence[str]) -> Running:
        """Run livecoach in this trial's home."""
        return Running(arguments, env=self.env, cwd=self.home)

    def learned(self, profile: str) -> int:
        """Return the number of reps that are known of the lifter of a profile."""
        known = livecoach("config", "profiles", home=self.home).stdout.partition(f"{profile}: ")[2]
        return int(known.partition(", ")[2].partition(" rep")[0] or 0)

    def random_wait(self, most_s: float) -> float:
        seconds = self.randomness.uniform(0.0, most_s)
        time.sleep(seconds)
        return seconds

    def counts_on(self, run: Running) -> Event | None:
        """Check that a rep is counted that began after now; return its event."""
        from_s = run.latest_s
        began_s = time.monotonic()
        rep = run.event(lambda event: event["event"] == "rep" and event["rep"]["start_s"] >= from_s)
        took_s = time.monotonic() - began_s
        self.check("a rep is counted after", rep, last_words(run) if rep is None else f"{took_s:.0f} s later")
        return rep

    def warns(self, run: Running, warning: str, *, active: bool = True, since: int = 0) -> Event | None:
        """Check that a warning begins, or ends; return its event."""

        def wanted(event: Event) -> bool:
            return event["event"] == "warning" and event["warning"] == warning and event["active"] is active

        found = run.event(wanted, since=since)
        self.check(f"{'says' if active else 'takes back'} {warning}", found, "" if found else last_words(run))
        return found

    def says(self, run: Running, *words: str) -> None:
        """Check that a line on standard error has one of the words."""
        line = run.line(*words)
        self.check("says so in one line", line, line or last_words(run))

    def ends(self, run: Running, signal_number: int, status: int) -> None:
        """End the run by a signal, and check status, time, words, and the session."""
        ending = run.end(signal_number, within_s=WAIT_S)
        found = "killed after the wait" if ending.status is None else f"status {ending.status}"
        self.check(f"exit status {status}", ending.status == status, found)
        self.check(f"ended within {END_S:g} s", ending.took_s <= END_S, f"{ending.took_s:.1f} s", timed=True)
        self.check_no_traceback(run)
        last = run.events[-1]["event"] if run.events else "nothing"
        self.check("the last event is the end", last == "session_end", last)
        self.check_session(run.reps)

    def check_no_traceback(self, run: Running) -> None:
        trace = [line for line in run.said if "Traceback" in line or line.startswith("  File ")]
        self.check("no traceback", not trace, run.said[-1] if trace else "")

    def check_session(self, reps: int, *, cut_off: bool = False) -> None:
        """Check that `sessions show` reads the session, undamaged and with as many reps.

        cut_off: the process was killed, so the last rep may be missing, and the session says that it was cut off.
        """
        file = self.home / "session.json"
        file.unlink(missing_ok=True)
        run = self.command(["sessions", "show", "last", "--json", str(file)])
        ending = run.end(None)
        self.check("the session can be read", ending.status == 0, last_words(run))
        if ending.status != 0:
            return
        shown: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        stored = len(shown["reps"])
        least = reps - 1 if cut_off else reps
        self.check("it has the counted reps", least <= stored, f"{stored} of {reps}")
        damage = [line for line in shown["damage"] if not (cut_off and "was cut off" in line)]
        self.check("nothing of it is damaged", not damage, "; ".join(damage))
        if cut_off:
            end = shown["about"]["end"]
            self.check("it says that it was cut off", end is None or end["early"])

    def close(self) -> None:
        """End what still runs."""
        for run in self._runs:
            run.process.kill()
            run.end(None)
        self.camera.kill()


class Fault(NamedTuple):
    """A fault that can be injected."""

    inject: Callable[[Trial], None]
    missing: Callable[[], str | None] = lambda: None  # returns why it can't be injected here; None if it can


def last_words(run: Running) -> str:
    """Return the last line on standard error."""
    return run.said[-1] if run.said else "no line on standard error"
