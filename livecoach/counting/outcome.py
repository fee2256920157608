"""The outcome of a rep that the lifter began."""

from dataclasses import dataclass

import numpy as np

from livecoach.counting.features import MovementFeatures
from livecoach.types import PartialReason, Rep

Times = tuple[float, float, float]  # start, turn and end of a rep, seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Completed:
    start_s: float
    turn_s: float
    end_s: float
    earlier: tuple["Completed", ...] = ()  # earlier reps, in order, that were in doubt before this one and count now

    def unjudged(self, index: int, *, exercise: str, late: bool) -> Rep:
        """index, exercise, late: see Rep."""
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
    turn_s: float  # of its farthest point, or of its lockout
    end_s: float  # of its last observation
    reason: PartialReason


Outcome = Completed | Abandoned | None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Candidate:
    """A movement out and back that may be a rep."""

    start_s: float
    turn_s: float
    end_s: float
    span: float  # of the distance from rest
    hang: np.ndarray  # (3,) see `bar.Hands.at_lockout`
    feet_px: np.ndarray  # (2,) median of mid-ankle
    size_px: float  # median length of torso and legs
    features: MovementFeatures | None = None  # None where the exercise has no lift model

    def completed(self, earlier: tuple[Completed, ...] = ()) -> Completed:
        return Completed(start_s=self.start_s, turn_s=self.turn_s, end_s=self.end_s, earlier=earlier)
