"""Detects a rep that was under way when the source began."""

from collections.abc import Sequence

from livecoach.core.config.exercise import RepRules
from livecoach.core.types import Times
from livecoach.decisions.counting import bar_evidence, tuning
from livecoach.decisions.counting.movement import stays_in_place
from livecoach.perception.body.body import Body


class InitialRep:
    """Detects a rep that was under way when the source began. The rep is reported, but does not count.

    The body is far from rest at first, comes back all the way and stays on the spot. If the bar rests on the floor, the
    plate must go down with the hands, because a lifter may also stand upright before a set.
    """

    def __init__(self, rules: RepRules) -> None:
        self._rules = rules
        self._samples: list[Body] | None = []  # since the source's first; None once decided

    @property
    def is_pending(self) -> bool:
        """Whether a rep that began before the source may be under way."""
        return bool(self._samples)

    def step(self, sample: Body) -> Times | None:
        """Add a sample, and return the times of the rep that began before the source; None until that rep has ended."""
        if self._samples is None:
            return None
        gap_s = sample.t_s - self._samples[-1].t_s if self._samples else 0.0
        self._samples.append(sample)
        first = self._samples[0]
        away = first.distance_from_rest > tuning.AT_REST_DISTANCE and first.t_s <= tuning.BEGINS_WITHIN_S
        if not away or gap_s > tuning.LOST_S or sample.t_s - first.t_s > self._rules.max_s:
            self._samples = None
            return None
        if sample.distance_from_rest > tuning.LEFT_OVER:
            return None
        samples, self._samples = self._samples, None
        turn = max(samples, key=lambda sample: sample.distance_from_rest)
        return Times(first.t_s, turn.t_s, sample.t_s) if self._is_return(samples, turn) else None

    def give_up(self) -> None:
        """Stop looking for a rep that began before the source, because another rep has counted."""
        self._samples = None

    def _is_return(self, samples: Sequence[Body], turn: Body) -> bool:
        start_s, last = samples[0].t_s, samples[-1]
        return (
            last.t_s - start_s >= self._rules.min_s / 2
            and turn.distance_from_rest - last.distance_from_rest >= self._rules.min_range
            and stays_in_place(samples, self._rules)
            and (not self._rules.bar_on_floor or bar_evidence.is_bar_held(samples, start_s, last.t_s) is True)
        )
