"""Who decides for the pipeline what a rep was."""

from typing import Protocol

from livecoach.form.measures import FaultTable
from livecoach.form.sighting import Sighting
from livecoach.form.taught import Taught
from livecoach.types import Fault, KeptRep, Learning, Rep, View
from livecoach.verdict import Ruling


class Referee(Protocol):
    """Judges reps, and learns from them."""

    @property
    def table(self) -> FaultTable:
        """The exercise's faults."""
        ...

    def rep(self, found: Rep, number: int, sighting: Sighting) -> Ruling:
        """Judge a rep that is complete. found: not judged yet; number: of it in its set, from 1."""
        ...

    def partial(self, sighting: Sighting) -> tuple[tuple[Fault, ...], KeptRep | None]:
        """Faults in what there is of a rep that was not completed, and its window."""
        ...

    def learning(self, view: View | None) -> Learning | None:
        """How far the lifter is known in a view; None where that can't be said."""
        ...

    def set_over(self) -> tuple[tuple[str, ...], tuple[KeptRep, ...]]:
        """The set is over: what else there is to say of it, and what was learned from last."""
        ...

    def correct(self, rep: Rep) -> Taught:
        """Learn from what somebody says of a rep. rep: as it was judged, with what is said of it now."""
        ...
