"""What to fix first: the one thing that a session tells, and what there is beside it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from livecoach.judging.primary import primary_fault, to_fix
from livecoach.rep.measures import FaultTable
from livecoach.report.content import SessionRep
from livecoach.types import Fault

PriorityKind = Literal["fault", "unlike", "good", "unjudged", "none"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SessionFault:
    """A fault over a session."""

    name: str
    reps: tuple[SessionRep, ...]
    """That have it, in order."""
    worst: SessionRep
    """Of those that are told for it, else of all that have it."""

    def of(self, lifted: SessionRep) -> Fault:
        """It in one of its reps."""
        return next(fault for fault in lifted.rep.faults if fault.name == self.name)

    @property
    def at_worst(self) -> Fault:
        """It in the worst rep."""
        return self.of(self.worst)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Priority:
    """What a session comes to."""

    kind: PriorityKind
    """fault: one that has a name; unlike: reps that are unlike good ones, by nothing that has a name; good: nothing;
    unjudged: no rep could be judged; none: no rep."""
    shown: SessionRep | None
    """The rep that shows it best: the worst; None where nothing is to be fixed."""
    faults: tuple[SessionFault, ...]
    """All, the first to fix first."""


def deviation_in_margins(fault: Fault) -> float:
    """How far off what is usual it is, in margins: 1 at the limit. Severity does not tell more than three."""
    return 1 + 2 * fault.severity


def rank_faults(reps: Sequence[SessionRep], table: FaultTable) -> tuple[SessionFault, ...]:
    """The faults of some reps, what to fix first before all others, as the summaries of their sets rank them."""
    order = tuple(table.faults)
    having: dict[str, list[tuple[bool, float, SessionRep]]] = {}
    for lifted in reps:
        primary = primary_fault(lifted.rep.faults, order)
        for fault in lifted.rep.faults:
            having.setdefault(fault.name, []).append((fault is primary, fault.severity, lifted))
    return tuple(
        SessionFault(
            name=name,
            reps=tuple(lifted for *_, lifted in having[name]),
            worst=max(having[name], key=lambda one: one[:2])[-1],
        )
        for name in to_fix((lifted.rep.faults for lifted in reps), order)
    )


def find_priority(reps: Sequence[SessionRep], table: FaultTable) -> Priority:
    """What to fix first."""
    faults = rank_faults(reps, table)
    judged = [lifted for lifted in reps if lifted.rep.verdict != "unsure"]
    odd = [lifted for lifted in judged if lifted.rep.verdict == "anomalous"]
    if faults:
        return Priority(kind="fault", shown=faults[0].worst, faults=faults)
    if odd:
        return Priority(kind="unlike", shown=max(odd, key=lambda lifted: lifted.rep.score or 0.0), faults=())
    return Priority(kind="good" if judged else "unjudged" if reps else "none", shown=None, faults=())
