"""livecoach as a user runs it: a process of its own, with a home of its own."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from queue import Empty, Queue
from tempfile import TemporaryFile
from threading import Thread
from types import MappingProxyType
from typing import IO, Any

import pytest

from builders.warm_process import WarmProcess
from livecoach.core.config.paths import HOME_VARIABLE, PACKAGE

TIMEOUT_S = 240
"""Far more than anything here takes on a machine that is busy with other tests."""
CLIPS = Path(__file__).resolve().parents[1] / "clips"
DEMO = PACKAGE / "assets" / "demo.mp4"
STORED = Path(__file__).resolve().parents[1] / "recorded_events"
DEMO_OBSERVATIONS = STORED / "deadlift_demo.obs"
SQUAT_OBSERVATIONS = STORED / "squat_2.obs"
"""What the pose model saw in the demo and in the clip of two squats: for tests that are not about pictures."""


def surroundings(home: Path, package_parent: Path = PACKAGE.parent) -> dict[str, str]:
    """Environment variables of somebody without a display whose home is this folder."""
    kept = {name: value for name, value in os.environ.items() if name not in {"DISPLAY", "WAYLAND_DISPLAY"}}
    return {
        **kept,
        "HOME": str(home),
        HOME_VARIABLE: str(home),
        "PYTHONPATH": str(package_parent),
        "PYTHONIOENCODING": "utf-8",
        "DBUS_SESSION_BUS_ADDRESS": "disabled:",  # else libdbus starts a bus where it can, which leaves files at home
        # MediaPipe imports matplotlib, which would look at every font again for each new home, for seconds.
        "MPLCONFIGDIR": os.environ.get("MPLCONFIGDIR", str(Path.home() / ".cache" / "matplotlib")),
    }


def write_settings(home: Path, text: str) -> Path:
    """Write the settings of a home, and return their file."""
    file = home / "config" / "settings.yaml"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    return file


def command(*arguments: object) -> list[str]:
    return [sys.executable, "-m", "livecoach", *map(str, arguments)]


def run(*arguments: object, home: Path, cwd: Path | None = None) -> "subprocess.CompletedProcess[str]":
    """Run livecoach to its end, in a process that has imported it already."""
    with begun(*arguments, home=home, cwd=cwd) as process:
        return process.end()


def run_well(*arguments: object, home: Path) -> "subprocess.CompletedProcess[str]":
    """Run livecoach to its end, which is a good one."""
    outcome = run(*arguments, home=home)
    assert outcome.returncode == 0, outcome.stderr
    return outcome


def analysed(*arguments: object, home: Path) -> dict[str, Any]:
    """The document of `analyze`."""
    document: dict[str, Any] = json.loads(run_well("analyze", *arguments, "--json", "-", home=home).stdout)
    return document


def run_alone(
    *arguments: object, home: Path, package_parent: Path = PACKAGE.parent
) -> "subprocess.CompletedProcess[str]":
    """Run livecoach to its end as a shell does: for what depends on how Python starts, or on its hash seed."""
    return subprocess.run(
        command(*arguments),
        env=surroundings(home, package_parent),
        cwd=home,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=TIMEOUT_S,
        check=False,
    )


def run_on_terminal(*arguments: object, home: Path, answer: str = "") -> tuple[int, str]:
    """Run livecoach on a terminal, and type an answer; its status, and all that it says."""
    pty = pytest.importorskip("pty", reason="Windows has no such terminals")
    ours, theirs = pty.openpty()
    around = {**surroundings(home), "TERM": "xterm", "COLUMNS": "120"}
    words = list(map(str, arguments))
    process = WarmProcess(words, env=around, cwd=home, stdin=theirs, stdout=theirs, stderr=theirs)
    os.close(theirs)
    os.write(ours, answer.encode() + b"\n")
    said = b""
    with suppress(OSError):  # the terminal is gone with the process
        while part := os.read(ours, 4096):
            said += part
    os.close(ours)
    return process.wait(TIMEOUT_S), said.decode()


def _content(file: IO[bytes]) -> str:
    """All that is in a file, with the line ends of text."""
    file.seek(0)
    return file.read().decode().replace("\r\n", "\n")


class Running:
    """It runs; its lines of standard output can be waited for."""

    def __init__(self, process: WarmProcess, stdout: IO[str]) -> None:
        self.process = process
        self._stdout = stdout
        self.seen: list[dict[str, Any]] = []
        self._lines: Queue[str | None] = Queue()
        Thread(target=self._read, daemon=True).start()

    def event(self, wanted: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
        """Wait for an event, read from standard output."""
        while True:
            try:
                line = self._lines.get(timeout=TIMEOUT_S)
            except Empty:
                raise AssertionError(f"it never came; there came {self.seen}") from None
            assert line is not None, f"it ended; there came {self.seen}"
            self.seen.append(json.loads(line))
            if wanted(self.seen[-1]):
                return self.seen[-1]

    def catch_up(self) -> None:
        """Take the events that have come into `seen`."""
        while not self._lines.empty():
            self.event(lambda _: True)

    def end(self, signal_number: int | None = None) -> int:
        """Wait for its end, after a signal if one is given; the exit status. All events are in `seen` then."""
        if signal_number is not None:
            self.process.send_signal(signal_number)
        while (line := self._lines.get(timeout=TIMEOUT_S)) is not None:
            self.seen.append(json.loads(line))
        return self.process.wait(TIMEOUT_S)

    def _read(self) -> None:
        for line in self._stdout:
            self._lines.put(line)
        self._lines.put(None)


@contextmanager
def running(
    *arguments: object,
    home: Path,
    stderr: Path,
    display: str | None = None,
    variables: Mapping[str, str] = MappingProxyType({}),
) -> Iterator[Running]:
    """Start it; what it says on standard error goes to a file. It is killed where it has not ended by itself.

    display: the screen for its window; None where there is none. variables: of its environment, besides.
    """
    ours, theirs = os.pipe()
    with stderr.open("w") as said, open(ours, encoding="utf-8") as stdout:
        environment = _in_front_of(display, home) | variables
        process = WarmProcess(list(map(str, arguments)), env=environment, cwd=home, stdout=theirs, stderr=said.fileno())
        os.close(theirs)
        try:
            yield Running(process, stdout)
        finally:
            process.kill()
            process.wait(TIMEOUT_S)


class Begun:
    """It runs; what it says can be read once it has ended."""

    def __init__(self, process: WarmProcess, stdout: IO[bytes], stderr: IO[bytes]) -> None:
        self.process = process
        self._said = (stdout, stderr)

    def end(self, signal_number: int | None = None) -> "subprocess.CompletedProcess[str]":
        """Wait for its end, after a signal if one is given."""
        if signal_number is not None:
            self.process.send_signal(signal_number)
        status = self.process.wait(TIMEOUT_S)
        return subprocess.CompletedProcess([], status, *map(_content, self._said))


@contextmanager
def begun(*arguments: object, home: Path, cwd: Path | None = None, display: str | None = None) -> Iterator[Begun]:
    """Start it, in a process that has imported it already; it is killed where it has not ended by itself.

    display: the screen for its window; None where there is none.
    """
    with TemporaryFile() as stdout, TemporaryFile() as stderr:
        process = WarmProcess(
            list(map(str, arguments)),
            env=_in_front_of(display, home),
            cwd=cwd or home,
            stdout=stdout.fileno(),
            stderr=stderr.fileno(),
        )
        try:
            yield Begun(process, stdout, stderr)
        finally:
            process.kill()
            process.wait(TIMEOUT_S)


def _in_front_of(display: str | None, home: Path) -> dict[str, str]:
    return surroundings(home) | ({} if display is None else {"DISPLAY": display})


def refused(done: "subprocess.CompletedProcess[str]", says: str, status: int = 3) -> None:
    """It ended with one line and nothing else. status: 3 of options, 4 of recordings, 6 of models, 7 of outputs.

    What takes long on a busy machine says before how long it still takes.
    """
    reasons = [line for line in done.stderr.splitlines() if not re.search(r"; about [0-9:]+ left$", line)]
    assert (done.returncode, done.stdout, len(reasons)) == (status, "", 1), done.stderr
    assert says in done.stderr


def lines(path: Path) -> list[dict[str, Any]]:
    """The documents of a file of JSON lines."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def truth(clip: Path) -> dict[str, Any]:
    """Return what was rendered in a synthetic clip, from the file beside it."""
    told: dict[str, Any] = json.loads(clip.with_suffix(".json").read_text())
    return told


def schema_of(kind: str) -> dict[str, Any]:
    """Return the JSON Schema that ships of a document: analysis, events, history, sessions or session."""
    schema: dict[str, Any] = json.loads((PACKAGE / "assets" / "schemas" / f"{kind}.schema.json").read_text())
    return schema
