"""Ranks what a session shows: what to fix first, and the faults after it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from livecoach.judging.primary import to_fix
from livecoach.rep.measures import FaultTable
from livecoach.report.content import SessionRep
from livecoach.types import Fault

PriorityKind = Literal["fault", "unlike", "good", "unjudged", "none"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SessionFault:
    """A fault and the reps of the session that have it."""

    name: str
    reps: tuple[SessionRep, ...]
    """The reps with this fault, in order."""
    worst: SessionRep
    """The worst of the reps whose primary fault it is; if there are none, of all reps with it."""

    def of(self, entry: SessionRep) -> Fault:
        """Return this fault as it was measured in one of its reps."""
        return next(fault for fault in entry.rep.faults if fault.name == self.name)

    @property
    def at_worst(self) -> Fault:
        """The fault as it was measured in the worst rep."""
        return self.of(self.worst)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Priority:
    """The result of a session, with what to fix first."""

    kind: PriorityKind
    """fault: a named fault; unlike: anomalous reps without a named fault; good: nothing to fix; unjudged: no rep could
    be judged; none: no reps."""
    shown: SessionRep | None
    """The worst rep, which shows it best; None if there is nothing to fix."""
    faults: tuple[SessionFault, ...]
    """All faults, most important first."""


def deviation_in_margins(fault: Fault) -> float:
    """Return the deviation of a fault in multiples of its margin: 1 at the limit, 3 where severity saturates."""
    return 1 + 2 * fault.severity


def rank_faults(reps: Sequence[SessionRep], table: FaultTable) -> tuple[SessionFault, ...]:
    """Collect the faults of some reps, most important first, in the order that set summaries use."""
    having: dict[str, list[tuple[bool, float, SessionRep]]] = {}
    for entry in reps:
        for fault in entry.rep.faults:
            having.setdefault(fault.name, []).append((fault is entry.rep.faults[0], fault.severity, entry))
    return tuple(
        SessionFault(
            name=name,
            reps=tuple(entry for *_, entry in having[name]),
            worst=max(having[name], key=lambda one: one[:2])[-1],
        )
        for name in to_fix((entry.rep.faults for entry in reps), tuple(table.faults))
    )


def find_priority(reps: Sequence[SessionRep], table: FaultTable) -> Priority:
    """Find what to fix first in some reps."""
    faults = rank_faults(reps, table)
    judged = [entry for entry in reps if entry.rep.verdict != "unsure"]
    odd = [entry for entry in judged if entry.rep.verdict == "anomalous"]
    if faults:
        return Priority(kind="fault", shown=faults[0].worst, faults=faults)
    if odd:
        return Priority(kind="unlike", shown=max(odd, key=lambda entry: entry.rep.score or 0.0), faults=())
    return Priority(kind="good" if judged else "unjudged" if reps else "none", shown=None, faults=())
