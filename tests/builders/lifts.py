"""A lift model that says what it is told."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from livecoach.decisions.counting.evidence import EvidenceRules
from livecoach.decisions.counting.movement import Movement


def evidence(prior: float = 0.0, in_set: float = 0.0, *, alike: float = 1.0) -> EvidenceRules:
    """alike: correlation of the evidence from comparing movements; 1 where one comparison is worth as much as many."""
    return EvidenceRules(prior=prior, in_set=in_set, own_correlation=1.0, alike_correlation=alike)


@dataclass
class ToldLifts:
    """Naming the exercise changes nothing."""

    rules: EvidenceRules
    told: Callable[[Movement], float] = lambda _: 0.0
    """Log likelihood ratio of a movement by itself."""
    told_likeness: float = 0.0
    """The same of any two."""
    looked_at: list[Movement] = field(default_factory=list)

    def lift_log_ratio(self, candidate: Movement) -> float:
        self.looked_at.append(candidate)
        return self.told(candidate)

    def likeness_log_ratio(self, candidate: Movement, before: Sequence[Movement]) -> float:
        assert before[-1].times.end_s <= candidate.times.start_s + 0.1
        return self.told_likeness

    def for_named_exercise(self, log_odds: float) -> "ToldLifts":
        del log_odds
        return self


def by_prior(log_odds: float) -> ToldLifts:
    """Takes every movement for a lift, or for none, by so much."""
    return ToldLifts(evidence(log_odds))


def from_the_third_on() -> ToldLifts:
    """Is in doubt of each movement until three of them are alike."""
    return ToldLifts(evidence(-1.5, 5.0, alike=0.0), told_likeness=1.0)


def of_stretches(stretches_s: Sequence[tuple[float, float]]) -> ToldLifts:
    """Takes what turns in some stretches of time for lifts, and nothing else."""

    def told(candidate: Movement) -> float:
        return 5.0 if any(begin <= candidate.times.turn_s <= end for begin, end in stretches_s) else -5.0

    return ToldLifts(evidence(), told)
