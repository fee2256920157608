"""The primary fault of a rep, which cue, summary, report and history name.

configs/faults/<exercise>.yaml lists faults by priority, risk of injury before efficiency. The first of a rep's faults
in that order is primary, unless another is a whole margin (.5 of severity) worse: a back at its limit does not hide an
arm that is far past its own.
"""

from collections.abc import Iterable, Sequence
from typing import Protocol, TypeVar

MARGIN = 0.5
"""Severity of one margin (0 at the limit, 1 at three margins)."""


class Named(Protocol):
    """A fault with a name and a severity."""

    @property
    def name(self) -> str:
        """Name, as in the table of faults."""
        ...

    @property
    def severity(self) -> float:
        """Severity, 0 at the limit, 1 at three margins."""
        ...


F = TypeVar("F", bound=Named)


def primary_fault(faults: Iterable[F], order: Sequence[str]) -> F | None:
    """Return the primary fault of a rep; None if it has no fault.

    order: names of the exercise's faults, by risk; any other fault comes last.
    """
    rank = {name: place for place, name in enumerate(order)}
    ranked = sorted(faults, key=lambda fault: rank.get(fault.name, len(rank)))
    worst = max((fault.severity for fault in ranked), default=0.0)
    return next((fault for fault in ranked if fault.severity > worst - MARGIN), None)


def primary_first(faults: Iterable[F], order: Sequence[str]) -> tuple[F, ...]:
    """Order the faults of a rep: the primary one, then the others, worst first."""
    listed = sorted(faults, key=lambda fault: -fault.severity)
    primary = primary_fault(listed, order)
    return tuple(listed) if primary is None else (primary, *(fault for fault in listed if fault is not primary))


def to_fix(reps: Iterable[Sequence[F]], order: Sequence[str]) -> tuple[str, ...]:
    """Return the names of all faults of some reps; the first is the one to fix first.

    That is the fault that is primary in most reps. Ties are broken by the sum of its severities, then by risk. Faults
    that are never primary come last, the most common first.
    """
    rank = {name: place for place, name in enumerate(order)}
    severities: dict[str, list[float]] = {}
    counts: dict[str, int] = {}
    for faults in reps:
        primary = primary_fault(faults, order)
        for fault in faults:
            counts[fault.name] = counts.get(fault.name, 0) + 1
            severities.setdefault(fault.name, []).extend([fault.severity] if fault is primary else [])
    return tuple(
        sorted(
            counts,
            key=lambda name: (-len(severities[name]), -sum(severities[name]), -counts[name], rank.get(name, len(rank))),
        )
    )
