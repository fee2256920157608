"""Formats what came of faults as a table and as JSON."""

from collections.abc import Sequence
from dataclasses import dataclass

from rich.table import Table
from rich.text import Text

from livecoach.config.wording import one_line
from livecoach.tools.faults import FaultResult, Outcome
from livecoach.tools.faults_trial import Check
from livecoach.tools.machine import Machine, this_machine

MARKS: dict[Outcome, tuple[str, str]] = {
    "held": ("✓", "green"),
    "failed": ("✗", "red"),
    "skipped": ("–", "dim"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultDocument:
    """What came of one fault, as JSON."""

    name: str
    what: str
    promise: str
    outcome: Outcome
    skipped: str | None
    trials: tuple[tuple[Check, ...], ...]
    took_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultsDocument:
    """The document that `livecoach faults --json` writes."""

    schema: int
    machine: Machine
    seed: int
    """Seed of the random moments."""
    faults: tuple[FaultDocument, ...]


def document(results: Sequence[FaultResult], seed: int) -> FaultsDocument:
    """Return the JSON document."""
    faults = tuple(
        FaultDocument(
            name=result.fault.name,
            what=result.fault.what,
            promise=result.fault.promise,
            outcome=result.outcome,
            skipped=result.skipped,
            trials=result.trials,
            took_s=round(result.took_s, 1),
        )
        for result in results
    )
    return FaultsDocument(schema=1, machine=this_machine(), seed=seed, faults=faults)


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
