"""How sure it is that movements are a set: a sequential likelihood ratio over movements that are like each other.

Each movement brings two log likelihood ratios: of a rep against anything else by what it is itself (`own`), and of two
reps of one set against two other movements by how like the ones before it is (`alike`). Movements that are like each
other form a run. The log odds that a run is a set are

    prior + n' · mean(own) + m' · mean(alike),    n' = n / (1 + (n - 1) · r),  m' likewise of n - 1 comparisons:

what a lifter, a camera and a room do to one movement of a run they do to all of them, so n movements whose evidence has
the intraclass correlation r say as much as n' independent ones (Kish, Survey Sampling, 1965: the design effect). So a
movement that is sure by itself counts at once; doubtful ones count together as soon as enough of them are alike; and
what is no lift at all does not become one by being done again.

Once a run is a set, the next movement needs less. What the run's own evidence lacks on average is its lifter's or its
camera's, and is not held against the movements to come.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Annotated, Generic, Protocol, TypeVar

from pydantic import Field

COMPARED = 5
"""Latest movements of a run that the next one is compared with."""
RUNS = 4
"""Runs that are remembered: somebody who does several things in turn."""
FORGOTTEN_S = 75.0
"""A run is over so long after its last movement: as long as singles of one set are apart (livecoach.counting.sets)."""
JOINS = -1.5
"""Log likelihood ratio above which a movement may belong to a run that is in doubt. Of synthetic pairs of reps of one
set 2 % have less."""


class Movement(Protocol):
    """A movement, as far as it is looked at here."""

    @property
    def start_s(self) -> float:
        """When it begins."""
        ...

    @property
    def end_s(self) -> float:
        """When it is over."""
        ...


Item = TypeVar("Item", bound=Movement)


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceRules:
    """Constants of the model, trained with the ratios that they weigh."""

    prior: float
    """Log odds that a movement is a rep, before it is looked at."""
    in_set: float
    """The same of a movement while a set is under way."""
    own_correlation: Annotated[float, Field(ge=0, le=1)]
    """Intraclass correlation of the reps' own evidence within a set."""
    alike_correlation: Annotated[float, Field(ge=0, le=1)]
    """Intraclass correlation of the evidence from comparing them."""


def effective(count: int, correlation: float) -> float:
    """Number of independent observations that say as much as `count` correlated ones."""
    return count / (1.0 + (count - 1) * correlation) if count else 0.0


@dataclass(slots=True)
class Run(Generic[Item]):
    """Movements that are like each other, in order."""

    items: list[Item] = field(default_factory=list)
    own: list[float] = field(default_factory=list)
    alike: list[float] = field(default_factory=list)
    """Of all but the first item."""
    is_set: bool = False
    told: int = 0
    """Items that were counted, or can't be any more; they come first."""

    def add(self, item: Item, own: float, alike: float | None) -> None:
        """One more movement. alike: None for the first one."""
        self.items.append(item)
        self.own.append(own)
        if alike is not None:
            self.alike.append(alike)

    @property
    def latest(self) -> Sequence[Item]:
        """What the next movement is compared with."""
        return self.items[-COMPARED:]

    def log_odds(self, rules: EvidenceRules) -> float:
        """That the run is a set."""
        own = effective(len(self.own), rules.own_correlation) * _mean(self.own)
        alike = effective(len(self.alike), rules.alike_correlation) * _mean(self.alike)
        return rules.prior + own + alike

    def joined(self, item: Item, own: float, alike: float) -> "Run[Item]":
        """The run with one more movement."""
        return replace(self, items=[*self.items, item], own=[*self.own, own], alike=[*self.alike, alike])

    def next_log_odds(self, own: float, alike: float, rules: EvidenceRules) -> float:
        """That one more movement is a rep, where the run is a set."""
        return rules.in_set + own - min(_mean(self.own), 0.0) + alike

    def reps(self, rules: EvidenceRules) -> tuple[Item, ...]:
        """Those of the items not told yet that are reps, where the run is a set: the last one in any case."""
        alike = [self.alike[0], *self.alike] if self.alike else [0.0]
        last = len(self.items) - 1
        return tuple(
            self.items[k]
            for k in range(self.told, len(self.items))
            if k == last or self.next_log_odds(self.own[k], alike[k], rules) > 0
        )


class Evidence(Generic[Item]):
    """Tells which movements of one source count. Deterministic: the same movements give the same."""

    def __init__(self, rules: EvidenceRules, alike: Callable[[Item, Sequence[Item]], float]) -> None:
        """alike: log likelihood ratio that a movement and those before it are reps of one set."""
        self._rules, self._alike = rules, alike
        self._runs: list[Run[Item]] = []  # the one with the latest movement last
        self._counted_s = float("-inf")  # when the last rep that counts began

    def step(self, item: Item, own: float) -> tuple[Item, ...]:
        """Take the next movement, in order of time; the movements that count with it, in order, itself the last.

        own: log likelihood ratio of a rep by what the movement is itself.
        """
        self._runs = [run for run in self._runs if item.start_s - run.items[-1].end_s <= FORGOTTEN_S][-RUNS:]
        run = self._joined(item, own)
        self._runs.remove(run)
        self._runs.append(run)
        if not run.is_set and run.log_odds(self._rules) <= 0:
            return ()
        run.is_set = True
        counts = tuple(one for one in run.reps(self._rules) if one.start_s > self._counted_s)
        run.told = len(run.items)
        self._counted_s = item.start_s
        return counts

    def _joined(self, item: Item, own: float) -> Run[Item]:
        """The run that the movement belongs to now: a set under way, doubtful ones that it is like, or a new one."""
        likeness = [(self._alike(item, run.latest), run) for run in self._runs]
        sets = [(run.next_log_odds(own, alike, self._rules), alike, run) for alike, run in likeness if run.is_set]
        best = max(sets, key=lambda one: one[0], default=None)
        if best is not None and best[0] > 0:
            best[2].add(item, own, best[1])
            return best[2]
        doubtful = [(alike, run) for alike, run in likeness if not run.is_set and alike > JOINS]
        nearest = max(doubtful, key=lambda one: one[0], default=None)
        sure = self._rules.prior + own > 0
        if nearest is not None:
            alike, run = nearest
            # What is sure by itself counts at once, and does not wait with what is not.
            if not sure or run.joined(item, own, alike).log_odds(self._rules) > 0:
                run.add(item, own, alike)
                return run
        run = Run()
        run.add(item, own, None)
        self._runs.append(run)
        return run


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0
