"""The outcome of a rep that the lifter began."""

from dataclasses import dataclass

import numpy as np

from livecoach.counting.features import MovementFeatures
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


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Candidate:
    """A movement out and back that may be a rep."""

    start_s: float
    turn_s: float
    end_s: float
    """Boundaries of the rep, if it is one."""
    span: float
    """Range of the distance from rest."""
    hang: np.ndarray
    """(3,) how the hands hang at its turn, see `bar_release.Hands.at_lockout`."""
    feet_px: np.ndarray
    """(2,) median position of mid-ankle."""
    size_px: float
    """Median length of torso and legs in the picture."""
    features: MovementFeatures | None = None
    """Features for the lift model; None where the exercise has none."""

    def completed(self, earlier: tuple[Completed, ...] = ()) -> Completed:
        """Return the candidate as a rep. earlier: see Completed."""
        return Completed(start_s=self.start_s, turn_s=self.turn_s, end_s=self.end_s, earlier=earlier)
