"""A rep that was under way when the source began."""

from livecoach.core.config.exercise import RepRules
from livecoach.decisions.counting import samples
from livecoach.decisions.counting.movement import Abandoned, Times
from livecoach.perception.body.body import Body

REST_HALF_DISTANCE = 0.5  # a body this near is at rest: a source that begins at the bottom of a squat is not
LOST_S = 2.0  # a body out of view for longer loses its rep
NEAR_REST = 0.2  # share of the rep's range that may be left when the body settles. Measured on synthetic sets.
AT_ONCE_S = 0.5  # time of the source within which the first body must be visible. Our choice.


class InitialRep:
    """Notices a rep that was under way when the source began: it is reported, but does not count. Its body is far from
    rest at first, comes back all the way and stays on the spot. Where the bar rests on the floor, the plate must go
    down with the hands: a lifter may stand upright before a set."""

    def __init__(self, rules: RepRules) -> None:
        self._rules = rules
        self._samples: list[Body] | None = []  # since the source's first; None once decided
        self._peak = 0.0

    @property
    def pending(self) -> bool:
        """Whether a rep that began before the source may be under way."""
        return bool(self._samples)

    def step(self, sample: Body) -> Abandoned | None:
        """Return the rep that began before the source once it has come back."""
        if self._samples is None:
            return None
        before_s = self._samples[-1].t_s if self._samples else sample.t_s
        self._samples.append(sample)
        self._peak = max(self._peak, sample.distance_from_rest)
        first = self._samples[0]
        away = first.distance_from_rest > REST_HALF_DISTANCE and first.t_s <= AT_ONCE_S
        if not away or sample.t_s - before_s > LOST_S or sample.t_s - first.t_s > self._rules.max_s:
            self._samples = None
            return None
        if sample.distance_from_rest > NEAR_REST:
            return None
        of, self._samples = self._samples, None
        return self._begun(of) if self._is_a_return(of) else None

    def over(self) -> None:
        """The source's first movement was a rep."""
        self._samples = None

    def _is_a_return(self, of: list[Body]) -> bool:
        start_s, end_s = of[0].t_s, of[-1].t_s
        if end_s - start_s < self._rules.min_s / 2:
            return False
        if self._peak - of[-1].distance_from_rest < self._rules.min_range or not samples.stays_in_place(
            of, self._rules
        ):
            return False
        if not self._rules.bar_on_floor:
            return True
        return samples.bar_held(of, start_s, end_s) is True

    def _begun(self, of: list[Body]) -> Abandoned:
        turn = max(of, key=lambda sample: sample.distance_from_rest)
        return Abandoned(times=Times(of[0].t_s, turn.t_s, of[-1].t_s), reason="begun")
