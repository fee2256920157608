"""A movement out and back that may be a rep, with the features by which it is compared with others."""

from dataclasses import dataclass

import numpy as np

from livecoach.counting.features import MovementFeatures
from livecoach.counting.outcome import Completed


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
