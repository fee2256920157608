"""What is usual in the reps of a set so far: how far they go, and how the hands hang."""

from collections import deque
from collections.abc import Sequence
from statistics import median

import numpy as np

from livecoach.core.config.exercise import RepRules
from livecoach.decisions.counting import samples
from livecoach.decisions.counting.movement import Movement
from livecoach.decisions.counting.way import Way

SET_REPS = 5  # latest reps of a set that give its range, and the hang of the hands
USUAL_RANGE = 1.0
TRIED = 0.2  # share of the set's range of a partial rep that turns too early. Our choice, like the next three.
SHORT, SHORT_WITHIN_S, HUNG_AS_BEFORE = 0.35, 20.0, 0.08
"""The same for one that the end of the source cuts off, how soon after a rep of the set it begins, and how far its
hands may be from those at the turns of the set, in lengths of torso and legs."""


class UsualReps:
    def __init__(self, rules: RepRules) -> None:
        self._rules = rules
        self._ranges: deque[float] = deque(maxlen=SET_REPS)
        self._holds: deque[np.ndarray] = deque(maxlen=SET_REPS)  # hang of the hands at the turns
        self.last_end_s = 0.0  # end of the last rep that counts

    def add(self, counted: Sequence[Movement], end_s: float) -> None:
        self.last_end_s = end_s
        self._ranges.extend(one.span for one in counted)
        self._holds.extend(one.hang for one in counted)

    @property
    def is_known(self) -> bool:
        return bool(self._ranges)

    @property
    def hang(self) -> np.ndarray | None:
        """(3,) of the hands at the turns; None before the first rep."""
        return np.median(self._holds, axis=0) if self._holds else None

    @property
    def span(self) -> float:
        """Median of the set's ranges and the usual one, which is left out where the hands are too inaccurate for it."""
        ranges = [*([USUAL_RANGE] if self._rules.turn_stage_needed else []), *self._ranges]
        return median(ranges or [0.0])

    @property
    def least_span(self) -> float:
        """Of a rep."""
        return max(self._rules.min_range, self._rules.min_range_of_set * self.span)

    def progress(self, way: Way) -> float:
        """0…1 through the range of motion."""
        usual = median(self._ranges) if self._ranges else 1.0 - way.level
        share = (way.last.distance_from_rest - way.level) / max(usual, self._rules.min_range)
        return min(max(share, 0.0), 1.0)

    def is_tried(self, way: Way, start_s: float) -> bool:
        """Whether a movement only turned too early; without the stage of the turn it must soon follow a rep."""
        follows = self.is_known and start_s - self.last_end_s <= SHORT_WITHIN_S
        return way.span >= TRIED * self.span and (way.span < self.least_span if way.turned else follows)

    def is_like(self, way: Way, start_s: float) -> bool:
        """Whether a movement soon follows a rep, is large enough for one, and has the hands as in the reps."""
        hang = self.hang
        if hang is None or start_s - self.last_end_s > SHORT_WITHIN_S or way.span < SHORT * median(self._ranges):
            return False
        return bool(np.abs(samples.hands(way.samples).at_lockout() - hang).max() <= HUNG_AS_BEFORE)
