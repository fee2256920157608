"""What a rep that was begun came to."""

from dataclasses import dataclass

from livecoach.types import PartialReason, Rep

Times = tuple[float, float, float]
"""Start, turn and end, seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Completed:
    """A rep that counts."""

    start_s: float
    turn_s: float
    end_s: float
    earlier: tuple["Completed", ...] = ()
    """Reps before it that were in doubt until it came, and count now, in order."""

    def unjudged(self, index: int, *, late: bool) -> Rep:
        """The rep without a verdict. index, late: as Rep's."""
        return Rep(
            index=index,
            start_s=self.start_s,
            turn_s=self.turn_s,
            end_s=self.end_s,
            verdict="unsure",
            score=None,
            threshold=1.0,
            confidence=0.0,
            reference="population",
            late=late,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Abandoned:
    """A rep that was begun and does not count."""

    start_s: float
    turn_s: float
    """Where it went farthest, or to lockout."""
    end_s: float
    """Last that was seen of it."""
    reason: PartialReason


Outcome = Completed | Abandoned | None
