"""A movement out and back that may be a rep, with what it is held against others by."""

from dataclasses import dataclass

import numpy as np

from livecoach.counting.features import Described
from livecoach.counting.outcome import Completed


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Candidate:
    """A movement out and back, whatever it was."""

    start_s: float
    turn_s: float
    end_s: float
    """Of the rep that it is, if it is one."""
    span: float
    """How far it goes, in `away`."""
    hang: np.ndarray
    """(3,) how the hands hang at its turn, as `grip.Hands.at_lockout`."""
    feet_px: np.ndarray
    """(2,) median place of mid-ankle."""
    size_px: float
    """Median length of torso and legs as seen."""
    described: Described | None = None
    """None where no model looks at it."""

    def completed(self, earlier: tuple[Completed, ...] = ()) -> Completed:
        """The candidate as a rep. earlier: as Completed's."""
        return Completed(start_s=self.start_s, turn_s=self.turn_s, end_s=self.end_s, earlier=earlier)
