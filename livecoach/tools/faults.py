"""Injects faults into runs of `livecoach live` and checks what must hold.

    FaultyCamera (threads of this process) ──pictures──▶ livecoach live ──events, lines──▶ Trial: checks
                                                               ▲
                              private X and sound servers, a small disk, signals

Each trial has a home of its own, which is deleted afterwards.
"""

import random
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from livecoach.errors import LivecoachError
from livecoach.tools import faults_of_camera, faults_of_disk, faults_of_machine, faults_of_signals
from livecoach.tools.faults_camera import RepLoop, demo_loop
from livecoach.tools.faults_run import Launch, NewProcess
from livecoach.tools.faults_trial import FPS, BrokenOff, Check, Fault, Trial

FAULTS: dict[str, Fault] = {
    fault.name: fault
    for module in (faults_of_camera, faults_of_machine, faults_of_disk, faults_of_signals)
    for fault in module.FAULTS
}
"""All faults by name."""
Outcome = Literal["held", "failed", "skipped"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultResult:
    """What came of one fault."""

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


def inject(names: Sequence[str], *, times: int, seed: int, launch: Launch = NewProcess) -> Iterator[FaultResult]:
    """Inject faults, one after the other, and yield what came of each.

    times: trials of each fault. seed: of the random moments. launch: starts livecoach. Raises LivecoachError if the
    demo clip can't be read.
    """
    randomness = random.Random(seed)
    loop: RepLoop | None = None
    for name in names:
        fault = FAULTS[name]
        began_s, skipped, trials = time.monotonic(), fault.missing(), []
        for _ in range(0 if skipped else times):
            loop = loop or demo_loop(FPS)
            with tempfile.TemporaryDirectory(prefix="livecoach-fault-", ignore_cleanup_errors=True) as folder:
                trials.append(_tried(fault, Trial(Path(folder), loop, launch, randomness)))
        yield FaultResult(fault=fault, skipped=skipped, trials=tuple(trials), took_s=time.monotonic() - began_s)


def _tried(fault: Fault, trial: Trial) -> tuple[Check, ...]:
    """Try a fault once and return its checks."""
    with closing(trial), trial.camera:
        try:
            fault.inject(trial)
        except BrokenOff:
            pass  # the check that failed is among the checks
        except (LivecoachError, OSError) as err:
            trial.check("the fault could be injected", held=False, found=str(err))
    return tuple(trial.checks)
