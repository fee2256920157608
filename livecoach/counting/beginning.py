"""Notice a rep that was under way when the source began: it is told, and does not count.

Nobody knows what came before. So it needs a body that is far from rest in the source's first moments, comes back all
the way in no less than half of a rep's shortest time, and stays where it is meanwhile. A lifter who stands upright
before a set is no such body: where the bar rests on the floor, the plate has to be seen to go down with the hands.
"""

from livecoach.config.exercise import RepRules
from livecoach.counting import samples
from livecoach.counting.outcome import Abandoned
from livecoach.counting.rep_limits import LOST_S, NEAR_REST, NEARER
from livecoach.counting.samples import Sample

AT_ONCE_S = 0.5
"""Time of the source within which the first body has to be seen. Our choice."""


class Beginning:
    """Follows one source from its first sample until it is clear how it began."""

    def __init__(self, rules: RepRules) -> None:
        self._rules = rules
        self._samples: list[Sample] | None = []  # since the first one; None once it is clear
        self._peak = 0.0

    @property
    def pending(self) -> bool:
        """Whether a rep may be under way that was begun before the source."""
        return bool(self._samples)

    def step(self, sample: Sample) -> Abandoned | None:
        """Add the next sample, and return the rep that was begun before the source, once it has come back."""
        if self._samples is None:
            return None
        before_s = self._samples[-1].t_s if self._samples else sample.t_s
        self._samples.append(sample)
        self._peak = max(self._peak, sample.distance_from_rest)
        first = self._samples[0]
        away = first.distance_from_rest > NEARER and first.t_s <= AT_ONCE_S
        if not away or sample.t_s - before_s > LOST_S or sample.t_s - first.t_s > self._rules.max_s:
            self._samples = None
            return None
        if sample.distance_from_rest > NEAR_REST:
            return None
        of, self._samples = self._samples, None
        return self._begun(of) if self._is_a_return(of) else None

    def over(self) -> None:
        """Take it that the source's first movement was a rep."""
        self._samples = None

    def _is_a_return(self, of: list[Sample]) -> bool:
        start_s, end_s = of[0].t_s, of[-1].t_s
        if end_s - start_s < self._rules.min_s / 2:
            return False
        if self._peak - of[-1].distance_from_rest < self._rules.min_range or not samples.stays(of, self._rules):
            return False
        if not self._rules.bar_on_floor:
            return True
        return samples.bar_held(of, start_s, end_s) is True

    def _begun(self, of: list[Sample]) -> Abandoned:
        turn = max(of, key=lambda sample: sample.distance_from_rest)
        return Abandoned(start_s=of[0].t_s, turn_s=turn.t_s, end_s=of[-1].t_s, reason="begun")
