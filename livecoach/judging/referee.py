"""Who judges the reps for the pipeline, and what comes out of it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Protocol

from livecoach.judging import attribution
from livecoach.judging.lessons import Taught
from livecoach.rep.measures import FaultTable
from livecoach.types import Fault, Learning, NotVisible, Rep, RepWindow, View

NO_VIEW, NOT_JUDGED = "azimuth", "unsure"
"""Why no fault was looked for: of its view no population was learned; the rep was not judged."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ruling:
    """A rep with its verdict, and what was learned from it."""

    rep: Rep
    window: RepWindow | None
    """What was seen of it; None where it can't be kept: its view is not known, or it is of another exercise."""
    learned: tuple[RepWindow, ...] = ()
    forgotten: tuple[RepWindow, ...] = ()
    """Reps that were learned before and are not good ones after all."""
    against: tuple[RepWindow, ...] = ()
    """The lifter's own good reps that it was judged against; none where it was judged against everybody's."""


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
        """How far the lifter is known in a view; None where that can't be said."""
        ...

    def set_over(self) -> tuple[tuple[str, ...], tuple[RepWindow, ...]]:
        """The set is over: what else there is to say of it, and what was learned from last."""
        ...

    def correct(self, rep: Rep) -> Taught:
        """Learn from what somebody says of a rep. rep: as it was judged, with what is said of it now."""
        ...


def phases_in(window: RepWindow, table: FaultTable, known_s: Mapping[str, float]) -> tuple[attribution.Phase, ...]:
    """The phases of a rep. known_s: when they begin, as far as that is known."""
    return attribution.phases(table.travel, known_s, window.start_s, window.turn_s, window.end_s)


def unjudged(rep: Rep, table: FaultTable, window: RepWindow, unsure: str) -> Ruling:
    """A rep that counts, and is not judged. unsure: why."""
    return Ruling(rep=replace(rep, unsure=unsure, not_visible=unseen(table, NOT_JUDGED)), window=window)


def unseen(table: FaultTable, reason: str) -> tuple[NotVisible, ...]:
    """All faults, which one thing hides."""
    return tuple(NotVisible(name=name, reason=reason) for name in table.faults)
