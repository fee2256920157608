"""Decide which movements are reps of a set: a sequential likelihood ratio over movements that are alike.

Each movement has two log likelihood ratios: of a rep against anything else from its own features (`own`), and of two
reps of one set against two other movements from its similarity to those before it (`alike`). Similar movements form a
run. The log odds that a run is a set are

    prior + n' · mean(own) + m' · mean(alike),    n' = n / (1 + (n - 1) · r),  m' likewise of n - 1 comparisons,

where r is the intraclass correlation of the evidence (Kish, Survey Sampling, 1965: the design effect), because lifter,
camera and room affect all movements of a run alike. What follows from it stands in docs/design.md. Where a whole run
lacks evidence, the lifter or the camera is the cause, and that does not count against later movements.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Annotated

from pydantic import Field

from livecoach.decisions.counting.movement import Movement

COMPARED = 5  # latest movements of a run with which the next one is compared
RUNS = 4  # runs that are kept, for a person who does several things in turn
FORGOTTEN_S = 75.0  # a run is over this long after its last movement: the largest pause between singles of one set
SET_REMEMBERED_S = 600.0  # how long clearly alike movements may continue a set: longer than a rest. Our choice.
LEAST_ALIKE = -1.5  # log likelihood ratio from which a movement may belong to a doubtful run; few reps have less


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceRules:
    """Constants of the model, trained together with the ratios that they weight."""

    prior: float  # log odds that a movement is a rep
    in_set: float  # the same while a set is under way
    own_correlation: Annotated[float, Field(ge=0, le=1)]  # intraclass, of the reps of a set
    alike_correlation: Annotated[float, Field(ge=0, le=1)]  # of the evidence from comparing them


def effective_count(count: int, correlation: float) -> float:
    """Independent observations that `count` correlated ones are worth."""
    return count / (1.0 + (count - 1) * correlation) if count else 0.0


@dataclass(slots=True)
class Run:
    """Similar movements, in order."""

    items: list[Movement] = field(default_factory=list)
    own: list[float] = field(default_factory=list)
    alike: list[float] = field(default_factory=list)  # of all items but the first
    is_set: bool = False
    reported: int = 0  # leading items that were counted or no longer can be

    def add(self, item: Movement, own: float, alike: float | None) -> None:
        self.items.append(item)
        self.own.append(own)
        if alike is not None:
            self.alike.append(alike)

    def log_odds(self, rules: EvidenceRules) -> float:
        own = effective_count(len(self.own), rules.own_correlation) * _mean(self.own)
        alike = effective_count(len(self.alike), rules.alike_correlation) * _mean(self.alike)
        return rules.prior + own + alike

    def joined(self, item: Movement, own: float, alike: float) -> "Run":
        return replace(self, items=[*self.items, item], own=[*self.own, own], alike=[*self.alike, alike])

    def next_log_odds(self, own: float, alike: float, rules: EvidenceRules) -> float:
        """Log odds that one more movement is a rep, given that the run is a set."""
        return rules.in_set + own - min(_mean(self.own), 0.0) + alike

    def reps(self, rules: EvidenceRules) -> tuple[Movement, ...]:
        """The unreported items that are reps, given that the run is a set; the last one always is one."""
        alike = [self.alike[0], *self.alike] if self.alike else [0.0]
        last = len(self.items) - 1
        return tuple(
            self.items[k]
            for k in range(self.reported, len(self.items))
            if k == last or self.next_log_odds(self.own[k], alike[k], rules) > 0
        )


class Evidence:
    """Decides which movements of one source count, deterministically."""

    def __init__(self, rules: EvidenceRules, alike: Callable[[Movement, Sequence[Movement]], float]) -> None:
        """Log likelihood ratio that a movement and those before it are reps of one set."""
        self.rules, self._alike = rules, alike
        self._runs: list[Run] = []  # the run with the latest movement is the last
        self._counted_s = float("-inf")  # beginning of the last rep that counts

    def step(self, item: Movement, own: float) -> tuple[Movement, ...]:
        """Return the movements that count now, this one the last. own: log likelihood ratio from its features."""
        near = [run for run in self._runs if item.times.start_s - run.items[-1].times.end_s <= _memory_s(run)]
        self._runs = [run for n, run in enumerate(near) if run.is_set or n >= len(near) - RUNS]
        run = self._joined(item, own)
        self._runs.remove(run)
        self._runs.append(run)
        if not run.is_set and run.log_odds(self.rules) <= 0:
            return ()
        run.is_set = True
        counts = tuple(one for one in run.reps(self.rules) if one.times.start_s > self._counted_s)
        run.reported = len(run.items)
        self._counted_s = item.times.start_s
        return counts

    def discard_before(self, until_s: float) -> None:
        """A rep that counts came after the movements that began before this time."""
        self._counted_s = max(self._counted_s, until_s)

    def _joined(self, item: Movement, own: float) -> Run:
        """The run that the movement joins: a set under way, a doubtful run that it is like, or a new one."""
        likeness = [(self._alike(item, run.items[-COMPARED:]), run) for run in self._runs]
        sets = [
            (run.next_log_odds(own, alike, self.rules), alike, run)
            for alike, run in likeness
            if run.is_set and (alike > 0 or item.times.start_s - run.items[-1].times.end_s <= FORGOTTEN_S)
        ]
        best = max(sets, key=lambda one: one[0], default=None)
        if best is not None and best[0] > 0:
            best[2].add(item, own, best[1])
            return best[2]
        doubtful = [(alike, run) for alike, run in likeness if not run.is_set and alike > LEAST_ALIKE]
        nearest = max(doubtful, key=lambda one: one[0], default=None)
        certain = self.rules.prior + own > 0
        if nearest is not None:
            alike, run = nearest
            # A movement that is certain by itself counts at once, and does not wait with doubtful ones. It turns them
            # into reps only if it is like them.
            if not certain or (alike > 0 and run.joined(item, own, alike).log_odds(self.rules) > 0):
                run.add(item, own, alike)
                return run
        run = Run()
        run.add(item, own, None)
        self._runs.append(run)
        return run


def _memory_s(run: Run) -> float:
    return SET_REMEMBERED_S if run.is_set else FORGOTTEN_S


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0
