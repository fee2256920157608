"""The primary fault of a rep, which cue, summary, report and history name.

configs/faults/<exercise>.yaml lists faults by priority, risk of injury before efficiency. The first of a rep's faults
in that order is primary, unless another is a whole margin (.5 of severity) worse: a back at its limit does not hide an
arm that is far past its own.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Protocol, TypeVar

from livecoach.errors import ConfigError
from livecoach.rep.measures import load_faults

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


@cache
def by_risk(exercise: str) -> tuple[str, ...]:
    """Return an exercise's fault names by risk; empty for an unknown exercise, so that severity alone decides."""
    try:
        return tuple(load_faults(exercise).faults)
    except ConfigError:
        return ()


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


def to_fix(reps: Iterable[Sequence[str]], order: Sequence[str]) -> tuple[str, ...]:
    """Return the names of all faults of some reps; the first is the one to fix first, on every page.

    reps: the names of each rep's faults, the primary one first, as `Rep.fault_names`. order: as in `primary_fault`.

    To fix first is the fault that is primary in most reps; of several, the one in most reps, then the riskiest. Faults
    that are never primary come last.
    """
    rank = {name: place for place, name in enumerate(order)}
    listed = [names for names in reps if names]
    primary = Counter(names[0] for names in listed)
    counts = Counter(name for names in listed for name in names)
    return tuple(sorted(counts, key=lambda name: (-primary[name], -counts[name], rank.get(name, len(rank)), name)))
