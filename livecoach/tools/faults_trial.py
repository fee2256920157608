"""A fault under way: its camera, its home, the run that it is done to, and what held so far."""

import json
import os
import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from livecoach.tools.faults_camera import FaultyCamera, RepLoop
from livecoach.tools.faults_run import WAIT_S, Ending, Event, Launch, Running, surroundings

END_S = 10.0
"""Longest time from a signal to the end of the process. A quiet machine needs less than one second. Our choice."""
FPS = 12.0
"""Pictures a second of the camera: a machine that is busy with other work keeps up. Our choice."""
SILENT = ("--no-window", "--mute", "--events", "-")
EXERCISE = "deadlift"
"""Exercise of the demo clip."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing that must hold."""

    what: str
    held: bool
    found: str
    """What happened."""
    timed: bool = False
    """It goes by how long something took, which a busy machine stretches."""


class BrokenOff(Exception):
    """A check failed without which the rest of the trial makes no sense."""


class Trial:
    """What a fault gets to work with."""

    def __init__(self, folder: Path, loop: RepLoop, launch: Launch, randomness: random.Random) -> None:
        """folder: empty, for the home of this trial alone."""
        self.folder, self.home = folder, folder / "home"
        self.home.mkdir()
        self.camera = FaultyCamera(loop)
        self.randomness = randomness
        self.checks: list[Check] = []
        self.env = surroundings(self.home)
        self._launch = launch
        self._runs: list[Running] = []

    def check(self, what: str, held: object, found: str = "", *, timed: bool = False) -> None:
        """Note whether something held that must. timed: it goes by how long something took."""
        self.checks.append(Check(what=what, held=bool(held), found=found, timed=timed))

    def must(self, what: str, held: object, found: str = "", *, timed: bool = False) -> None:
        """Note it, and break the trial off if it did not hold. Raises BrokenOff."""
        self.check(what, held, found, timed=timed)
        if not held:
            raise BrokenOff(what)

    def start(self, *arguments: str, env: Mapping[str, str] | None = None, silent: bool = True) -> Running:
        """Start `livecoach live` before the camera."""
        given = ["live", "--camera", self.camera.url, "--exercise", EXERCISE]
        run = self.command([*given, *(SILENT if silent else ("--events", "-")), *arguments], env)
        self._runs.append(run)
        return run

    def lifting(self, *arguments: str, env: Mapping[str, str] | None = None, silent: bool = True) -> Running:
        """Start `livecoach live` and wait for the first rep. Raises BrokenOff."""
        run = self.start(*arguments, env=env, silent=silent)
        first = run.event(lambda event: event["event"] == "rep")
        self.must("a rep is counted before", first, last_words(run) if first is None else f"at {first['t_s']:.1f} s")
        return run

    def command(self, arguments: Sequence[str], env: Mapping[str, str] | None = None) -> Running:
        """Run livecoach in this trial's home."""
        return Running(self._launch, arguments, env=env or self.env, cwd=self.home)

    def wait(self, seconds: float) -> None:
        """Let time pass, as the fault does."""
        time.sleep(seconds)

    def random_wait(self, most_s: float) -> float:
        """Wait for a random time and return it."""
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

    def ends(self, run: Running, signal_number: int, status: int, *, stored: bool = True) -> None:
        """End the run by a signal, and check status, time, words, and the session. stored: whether there is one."""
        ending = run.end(signal_number, within_s=WAIT_S)
        self.check_ending(run, ending, status)
        if stored:
            self.check_session(run.reps)

    def check_ending(self, run: Running, ending: Ending, status: int) -> None:
        """Check how a run has ended."""
        found = "killed after the wait" if ending.status is None else f"status {ending.status}"
        self.check(f"exit status {status}", ending.status == status, found)
        self.check(f"ended within {END_S:g} s", ending.took_s <= END_S, f"{ending.took_s:.1f} s", timed=True)
        self.check_no_traceback(run)
        last = run.events[-1]["event"] if run.events else "nothing"
        self.check("the last event is the end", last == "session_end", last)

    def check_no_traceback(self, run: Running) -> None:
        """Check that no traceback was printed."""
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A fault that can be injected."""

    name: str
    what: str
    """What is done."""
    promise: str
    """What must hold."""
    inject: Callable[[Trial], None] = field(repr=False)
    missing: Callable[[], str | None] = field(default=lambda: None, repr=False)
    """Returns why it can't be injected here; None if it can."""


def last_words(run: Running) -> str:
    """Return the last line on standard error."""
    return run.said[-1] if run.said else "no line on standard error"


def cores() -> int:
    """Return the number of cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
