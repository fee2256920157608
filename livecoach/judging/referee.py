"""The referee judges reps for the pipeline and returns rulings."""

from dataclasses import dataclass, replace
from typing import Protocol

from livecoach.judging.reference_corrections import CorrectionEffect
from livecoach.rep.measures import FaultTable
from livecoach.types import Fault, Learning, NotVisible, Rep, RepWindow, View

NO_VIEW, NOT_JUDGED = "azimuth", "unsure"
"""Why no fault could be detected: the population has no band for the view; the rep was not judged."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ruling:
    """A rep with its verdict, and what was learned from it."""

    rep: Rep
    window: RepWindow | None
    """The window of the rep; None where it can't be kept: its view is not known, or it is of another exercise."""
    learned: tuple[RepWindow, ...] = ()
    forgotten: tuple[RepWindow, ...] = ()
    """Reps that had entered the reference and have left it again."""
    against: tuple[RepWindow, ...] = ()
    """The lifter's own good reps that it was judged against; empty where it was judged against the population."""


class Referee(Protocol):
    """Judges reps, and learns from them."""

    @property
    def table(self) -> FaultTable:
        """The exercise's faults."""
        ...

    def rep(self, found: Rep, number: int, window: RepWindow) -> Ruling:
        """Judge a rep that is complete. found: the rep, not judged yet; number: of it in its set, from 1."""
        ...

    def partial(self, window: RepWindow) -> tuple[Fault, ...]:
        """Find the faults in what there is of a rep that was not completed."""
        ...

    def learning(self, view: View | None) -> Learning | None:
        """Return how much of the lifter's reference is learned in a view; None where no population knows the view."""
        ...

    def set_over(self) -> tuple[tuple[str, ...], tuple[RepWindow, ...]]:
        """End the set. Returns notes for its summary, and the last reps that entered the reference."""
        ...

    def correct(self, rep: Rep) -> CorrectionEffect:
        """Learn from a correction. rep: as it was judged, with its correction."""
        ...


def unjudged(rep: Rep, table: FaultTable, window: RepWindow, unsure: str) -> Ruling:
    """Rule that a rep counts and is not judged. unsure: why."""
    return Ruling(rep=replace(rep, unsure=unsure, not_visible=unseen(table, NOT_JUDGED)), window=window)


def unseen(table: FaultTable, reason: str) -> tuple[NotVisible, ...]:
    """Return all faults as not visible, for one reason."""
    return tuple(NotVisible(name=name, reason=reason) for name in table.faults)
