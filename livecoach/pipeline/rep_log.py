"""The reps of a run over all its exercises: their numbers, and what was said of them."""

from dataclasses import dataclass, field

from livecoach.judging.corrections import Corrections


@dataclass(slots=True)
class RepLog:
    """What the exercises of one run share."""

    reps: int = 0
    """Number of reps that have counted so far."""
    corrections: Corrections = field(default_factory=Corrections)
    """The reps with their corrections."""

    def next(self) -> int:
        """Return the number of one more rep."""
        self.reps += 1
        return self.reps
