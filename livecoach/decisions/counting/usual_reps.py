"""Learns what is usual in an exercise: the span of the latest reps, and the hang of the hands at their turns."""

from collections import deque
from collections.abc import Sequence
from statistics import median

import numpy as np

from livecoach.core.config.exercise import RepRules
from livecoach.decisions.counting import bar_evidence, tuning
from livecoach.decisions.counting.movement import Movement
from livecoach.decisions.counting.outcomes import Proposal


class UsualReps:
    """Learns the usual span of the latest reps that count, and how the hands hang at their turns.

    The reps may belong to several sets.
    """

    def __init__(self, rules: RepRules) -> None:
        self._rules = rules
        self._spans: deque[float] = deque(maxlen=tuning.USUAL_REPS)
        self._holds: deque[np.ndarray] = deque(maxlen=tuning.USUAL_REPS)  # hang of the hands at the turns
        self.last_end_s = 0.0  # end of the last rep that counts

    def add(self, counted: Sequence[Movement], end_s: float) -> None:
        """Add reps that have just counted, of which the last ended at `end_s`."""
        self.last_end_s = end_s
        self._spans.extend(movement.span for movement in counted)
        self._holds.extend(movement.hang for movement in counted)

    @property
    def is_known(self) -> bool:
        return bool(self._spans)

    @property
    def span(self) -> float:
        """The median span of the latest reps, as a distance from rest; 0 without reps.

        If a rep of the exercise must reach the stage of the turn, USUAL_SPAN counts as the span of one more rep.
        """
        spans = [*([tuning.USUAL_SPAN] if self._rules.turn_stage_needed else []), *self._spans]
        return median(spans or [0.0])

    @property
    def least_span(self) -> float:
        """The least `Proposal.span` with which a movement can count as a rep."""
        return max(self._rules.min_range, self._rules.min_range_of_set * self.span)

    def progress(self, distance: float, level: float) -> float:
        """Return the progress through the range of motion, 0…1.

        Args:
            level: Distance from rest of the resting body.
        """
        usual = median(self._spans) if self._spans else 1.0 - level
        return min(max((distance - level) / max(usual, self._rules.min_range), 0.0), 1.0)

    def is_early_turn(self, proposal: Proposal, *, turned: bool) -> bool:
        """Return whether a movement is a partial rep that turned too early.

        Args:
            turned: Whether the body has reached the stage of the turn. If not, the movement must soon follow a rep.
        """
        if proposal.span < tuning.TRIED * self.span:
            return False
        return proposal.span < self.least_span if turned else self.is_known and self._follows_soon(proposal)

    def continues_set(self, proposal: Proposal) -> bool:
        """Return whether a movement soon follows a rep, goes far enough, and has the hands where they usually turn.

        At least one rep must have counted.
        """
        if not self._follows_soon(proposal) or proposal.span < tuning.CUT_SPAN * median(self._spans):
            return False
        hang = bar_evidence.measure_hang(proposal.samples)
        return bool(np.abs(hang - np.median(self._holds, axis=0)).max() <= tuning.CUT_HANG)

    def _follows_soon(self, proposal: Proposal) -> bool:
        return proposal.turns.start_s - self.last_end_s <= tuning.SOON_S
