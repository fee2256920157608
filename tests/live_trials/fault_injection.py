"""Injects faults into runs of `livecoach live`, and reports what held.

    MjpegCamera (threads of this process) ──pictures──▶ livecoach live ──events, lines──▶ Trial: checks
                                                               ▲
                              private X and sound servers, a small disk, signals

Each trial has a home of its own, which is deleted afterwards.
"""

import random
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Literal

from rich.table import Table
from rich.text import Text

from live_trials import faults
from live_trials.fault_trial import FPS, BrokenOff, Check, Fault, Launch, NewProcess, Trial, signals_not_ignored
from livecoach.core.config.yaml_files import one_line
from livecoach.core.errors import LivecoachError
from livecoach.lab.tools.stand_ins import PictureLoop, demo_loop

FAULTS: dict[str, Fault] = {fault.name: fault for fault in faults.FAULTS}
"""All faults by name."""


Outcome = Literal["held", "failed", "skipped"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultResult:
    """The result of one fault."""

    fault: Fault
    skipped: str | None
    """Why it was not injected; None if it was."""
    trials: tuple[tuple[Check, ...], ...]
    """The checks of each trial."""
    took_s: float

    @property
    def held(self) -> int:
        """Number of trials in which everything held."""
        return sum(all(check.held for check in checks) for checks in self.trials)

    @property
    def outcome(self) -> Outcome:
        """Whether everything held in all trials."""
        if self.skipped is not None:
            return "skipped"
        return "held" if self.held == len(self.trials) else "failed"


def inject(
    names: Sequence[str], *, times: int, seed: int, at_once: int = 1, launch: Launch = NewProcess
) -> Iterator[FaultResult]:
    """Inject faults, and yield the result of each, in order.

    times: trials of each fault, one after the other. seed: of the random moments. at_once: number of faults that are
    injected at the same time, each into a run of its own. launch: starts livecoach. Raises LivecoachError if the demo
    clip can't be read.
    """
    loop = demo_loop(FPS)
    tried = partial(_result, times=times, seed=seed, loop=loop, launch=launch)
    with signals_not_ignored():
        if at_once == 1:
            yield from map(tried, names)
            return
        pool = ThreadPoolExecutor(at_once, "faults")
        try:
            yield from pool.map(tried, names)
        finally:
            pool.shutdown(cancel_futures=True)


def _result(name: str, *, times: int, seed: int, loop: PictureLoop, launch: Launch) -> FaultResult:
    """Inject one fault `times` times."""
    fault = FAULTS[name]
    began_s, skipped, trials = time.monotonic(), fault.missing(), []
    randomness = random.Random(f"{seed} {name}")
    for _ in range(0 if skipped else times):
        with tempfile.TemporaryDirectory(prefix="livecoach-fault-", ignore_cleanup_errors=True) as folder:
            trials.append(_tried(fault, Trial(Path(folder), loop, launch, randomness)))
    return FaultResult(fault=fault, skipped=skipped, trials=tuple(trials), took_s=time.monotonic() - began_s)


def _tried(fault: Fault, trial: Trial) -> tuple[Check, ...]:
    """Inject a fault once, and return its checks."""
    with closing(trial), trial.camera:
        try:
            fault.inject(trial)
        except BrokenOff:
            pass  # the check that failed is among the checks
        except (LivecoachError, OSError, subprocess.SubprocessError) as err:
            trial.check("the fault could be injected", held=False, found=str(err))
    return tuple(trial.checks)


MARKS: dict[Outcome, tuple[str, str]] = {
    "held": ("✓", "green"),
    "failed": ("✗", "red"),
    "skipped": ("–", "dim"),
}


def table(results: Sequence[FaultResult]) -> Table:
    """Lay out one line for each fault, and under it what did not hold."""
    shown = Table(box=None, pad_edge=False)
    shown.add_column("")
    shown.add_column("fault", no_wrap=True)
    shown.add_column("what must hold", ratio=1)
    shown.add_column("held", justify="right", no_wrap=True)
    shown.add_column("s", justify="right", no_wrap=True)
    for result in results:
        mark, style = MARKS[result.outcome]
        held = "skipped" if result.skipped else f"{result.held} of {len(result.trials)}"
        shown.add_row(Text(mark, style=style), result.fault.name, result.fault.promise, held, f"{result.took_s:.0f}")
        for line in details(result):
            shown.add_row("", "", Text(line, style=style), "", "")
    return shown


def details(result: FaultResult) -> list[str]:
    """Return why a fault was skipped, or what did not hold, each once."""
    if result.skipped is not None:
        return [result.skipped]
    failed = [check for checks in result.trials for check in checks if not check.held]
    lines = (f"not held: {check.what}" + (f" ({one_line(check.found)})" if check.found else "") for check in failed)
    return list(dict.fromkeys(lines))
