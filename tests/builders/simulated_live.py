"""`livecoach live` in this process and in simulated time: its camera gives observations, each when it is wanted.

The command, its run, its session and what it learns are the real ones. Only the thread of the capture and the pose
model have nothing to do.
"""

import contextlib
import io
import json
import signal
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from builders.command import surroundings
from builders.live_run import a_taken
from builders.systems import END_SIGNALS
from livecoach.capture.capture import CaptureResult
from livecoach.capture.stored_observations import StoredObservations
from livecoach.cli import cli, command_process
from livecoach.core.documents import codec
from livecoach.core.types import Observation, SourceInfo
from livecoach.run import feed
from livecoach.run import process as run_process

CAMERA = SourceInfo(name="camera 0", width_px=480, height_px=360, fps=30.0, live=True)
SILENT = ("--no-window", "--mute", "--events")
BETWEEN_S = 1 / 30
Shown = Observation | CaptureResult | Callable[[], object]
"""What a camera shows next: an observation, a result of its own such as a loss, or something that happens meanwhile."""


@cache
def _stored(path: Path) -> list[Observation]:
    with closing(StoredObservations(path)) as source:
        return [frame.observation for frame in iter(source.read, None) if frame.observation is not None]


def observations(path: Path, times: int = 1) -> list[Observation]:
    """What is stored in a file, again and again, as a camera would see it."""
    once = _stored(path)
    length_s = once[-1].t_s - once[0].t_s + BETWEEN_S
    return [
        replace(one, index=one.index + n * len(once), t_s=one.t_s + n * length_s) for n in range(times) for one in once
    ]


def later(seen: Sequence[Observation], seconds: float) -> list[Observation]:
    """The same, so much later."""
    return [replace(one, t_s=one.t_s + seconds) for one in seen]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lifted:
    """What a run did."""

    status: int
    events: list[dict[str, Any]]
    stdout: str
    said: str

    def of(self, *kinds: str) -> list[dict[str, Any]]:
        """The events of these kinds."""
        return [event for event in self.events if event["event"] in kinds]


def lifted(home: Path, shown: Iterable[Shown], *options: str) -> Lifted:
    """Run `livecoach live` with these options before a camera that shows this, and then ends."""
    events, stdout, said = home / "events.jsonl", io.StringIO(), io.StringIO()
    words = ["live", "--camera", "0", *SILENT, str(events), *options]
    with pytest.MonkeyPatch.context() as patch:
        for name, value in surroundings(home).items():
            patch.setenv(name, value)
        patch.chdir(home)
        patch.setattr(
            feed,
            "live_feed_opener",
            lambda *_, **__: lambda _: feed.FrameFeed(info=CAMERA, results=_taken(shown), pause=bool),
        )
        for name in ("_received", "_ignored", "_ends_since_s"):
            patch.setattr(run_process, name, [])
        with _own_signals(), contextlib.redirect_stdout(stdout), contextlib.redirect_stderr(said):
            status = _status(words)
    lines = events.read_text(encoding="utf-8").splitlines()
    return Lifted(status=status, events=list(map(json.loads, lines)), stdout=stdout.getvalue(), said=said.getvalue())


def _taken(shown: Iterable[Shown]) -> Iterator[CaptureResult]:
    for one in shown:
        if isinstance(one, Observation):
            yield a_taken(codec.round_observation(one), captured_s=time.monotonic())
        elif isinstance(one, CaptureResult):
            yield one
        else:
            one()


def _status(words: list[str]) -> int:
    try:
        return command_process.call_command(lambda: cli.main(words, standalone_mode=False, prog_name="livecoach"))
    except SystemExit as end:
        return int(end.code or 0)


@contextlib.contextmanager
def _own_signals() -> Iterator[None]:
    """Take signals as a process of its own does."""
    before = {number: signal.getsignal(number) for number in END_SIGNALS}
    run_process.handle_signals()
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
