"""The outcome of a rep that was begun."""

from dataclasses import dataclass

from livecoach.types import PartialReason, Rep

Times = tuple[float, float, float]
"""Start, turn and end of a rep, seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Completed:
    """A rep that counts."""

    start_s: float
    turn_s: float
    end_s: float
    earlier: tuple["Completed", ...] = ()
    """Earlier reps, in order, that were in doubt before this one and count now."""

    def unjudged(self, index: int, *, exercise: str, late: bool) -> Rep:
        """Return the rep without a verdict. index, exercise, late: see Rep."""
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
            exercise=exercise,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Abandoned:
    """A rep that was begun and does not count."""

    start_s: float
    turn_s: float
    """Time of its farthest point, or of its lockout."""
    end_s: float
    """Time of its last observation."""
    reason: PartialReason


Outcome = Completed | Abandoned | None
