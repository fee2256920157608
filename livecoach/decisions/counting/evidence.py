"""Decides which movements are reps of a set: a sequential likelihood ratio over movements that are alike.

Each movement has two log likelihood ratios: of a rep against anything else from its own features (`own`), and of two
reps of one set against two other movements from its similarity to those before it (`alike`). Similar movements form a
streak. The log odds that a streak is a set are

    prior + n' · mean(own) + m' · mean(alike),    n' = n / (1 + (n - 1) · r),  m' likewise of n - 1 comparisons,

where r is the intraclass correlation of the evidence (Kish, Survey Sampling, 1965: the design effect), because lifter,
camera and room affect all movements of a streak in the same way. docs/design.md describes the consequences. If a whole
streak lacks evidence, the lifter or the camera is the cause, and that does not count against later movements.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from statistics import median

from livecoach.core.config.exercise import RepRules
from livecoach.core.types import Times
from livecoach.decisions.counting.lifts import EvidenceRules, LiftScorer
from livecoach.decisions.counting.movement import Movement

COMPARED = 5  # Number of a streak's latest movements with which the next movement is compared
STREAKS = 4  # Most streaks that are kept, for a person who does several things in turn
FORGOTTEN_S = 75.0  # Seconds after its last movement until a streak ends: the longest pause between singles of a set
SET_REMEMBERED_S = 600.0  # Seconds for which movements that are clearly alike may continue a set. Our choice.
AT_TURN_LOG_ODDS = 1.0
"""Log odds that are added to those of a rep that the source ends at its turn, if the exercise is named. They raise the
synthetic pulls that count from 77 to 90 %, and the other ways up from 3 to 7 of 34."""
HELD_LOG_ODDS = 2.0
"""Log odds from which a movement is certain that is a lift only if its long pauses are shortened: people who sit down
or tie a shoe pause, too. Two of 83 such movements of synthetic people exceed it, and 19 of 25 real squats that are
held."""
DOUBTFUL_REPS = 3  # Least doubtful movements that make a set
AS_LARGE, NEAR_S = 0.7, 20.0
"""Least span of a movement that may be a lost rep, as a share of the reps' median, and its longest distance in seconds
from a set. Of 120 synthetic sets crowded with other movements, 29 have such a movement; if reps are held, it finds 43
of the 78 lost or cut reps."""
LEAST_ALIKE = -1.5  # Least log likelihood ratio of a movement in a doubtful streak; few reps have less


def effective_count(count: int, correlation: float) -> float:
    """Return how many independent observations `count` correlated observations are worth."""
    return count / (1.0 + (count - 1) * correlation) if count else 0.0


@dataclass(slots=True)
class Streak:
    """Similar movements, in order."""

    items: list[Movement] = field(default_factory=list)
    own: list[float] = field(default_factory=list)
    alike: list[float] = field(default_factory=list)  # for all items except the first
    is_sure: bool = False
    """Whether one of its movements is certain by itself, without shortened pauses."""
    is_set: bool = False
    reported: int = 0  # number of leading items that were counted or no longer can be

    def add(self, item: Movement, own: float, alike: float | None) -> None:
        """Add a movement with its log likelihood ratios."""
        self.items.append(item)
        self.own.append(own)
        if alike is not None:
            self.alike.append(alike)

    def log_odds(self, rules: EvidenceRules) -> float:
        """Return the log odds that the streak is a set."""
        own = effective_count(len(self.own), rules.own_correlation) * _mean(self.own)
        alike = effective_count(len(self.alike), rules.alike_correlation) * _mean(self.alike)
        return rules.prior + own + alike

    def joined(self, item: Movement, own: float, alike: float) -> "Streak":
        """Return a copy with a further movement."""
        return replace(self, items=[*self.items, item], own=[*self.own, own], alike=[*self.alike, alike])

    def becomes_set(self, rules: EvidenceRules) -> bool:
        """Return whether the streak is a set. At least three doubtful movements are needed: people often repeat one."""
        return self.log_odds(rules) > 0 and (self.is_sure or len(self.items) >= DOUBTFUL_REPS)

    def next_log_odds(self, own: float, alike: float, rules: EvidenceRules) -> float:
        """Return the log odds that a further movement is a rep, if the streak is a set."""
        return rules.in_set + own - min(_mean(self.own), 0.0) + alike

    def reps(self, rules: EvidenceRules) -> tuple[Movement, ...]:
        """Return the unreported items that are reps, if the streak is a set; the last item always is."""
        alike = [self.alike[0], *self.alike] if self.alike else [0.0]
        last = len(self.items) - 1
        return tuple(
            self.items[k]
            for k in range(self.reported, len(self.items))
            if k == last or self.next_log_odds(self.own[k], alike[k], rules) > 0
        )


class Evidence:
    """Decides which movements of a source count: by a model, or else by simple limits on feet, scale and hands."""

    def __init__(self, limits: RepRules, model: LiftScorer | None) -> None:
        """Start a source, with the model of the exercise's lifts, or None if it has none."""
        self._limits, self._model = limits, model
        self._named = False
        self._streaks: list[Streak] = []  # the streak with the latest movement is the last
        self._closed_until_s = -math.inf  # time until which movements begin that can no longer count
        self.refused: dict[float, float] = {}
        """Start of each movement that has not counted so far → its span. A doubtful movement may still count."""
        self._spans: list[float] = []  # spans of the movements that count
        self.support = 0.0
        """Mean log likelihood ratio of the latest set's movements by themselves; 0 without a set or a model."""

    def name(self, log_odds: float) -> None:
        """Note that the lifter has named the exercise, which adds to the log odds of a rep."""
        if self._model is not None and not self._named:
            self._named = True
            self._model = self._model.named(log_odds)

    def accept(self, movement: Movement) -> tuple[Movement, ...]:
        """Return the movements that count now, of which this movement is the last; empty if it is in doubt."""
        closed_s = self._closed_until_s
        if self._model is None:
            counted: tuple[Movement, ...] = (movement,) if movement.is_within(self._limits) else ()
        else:
            counted = self._weighed(movement, self._model)
        if movement.times.start_s > closed_s:
            self.refused[movement.times.start_s] = movement.span
        for rep in counted:
            self.refused.pop(rep.times.start_s, None)
            self._spans.append(rep.span)
        return counted

    def refused_near(self, first_s: float, last_s: float) -> int:
        """Return how many movements as large as reps did not count around a set.

        Args:
            first_s: Start of the set's first rep.
            last_s: End of its last rep.
        """
        least = AS_LARGE * median(self._spans) if self._spans else math.inf
        near = (span for start_s, span in self.refused.items() if first_s - NEAR_S <= start_s <= last_s + NEAR_S)
        return sum(span >= least for span in near)

    def is_like_a_lift(self, movement: Movement) -> bool:
        """Return whether a movement would count by itself, without adding it."""
        return movement.is_within(self._limits) if self._model is None else self._log_odds(movement, self._model) > 0

    def counts_at_turn(self, movement: Movement) -> bool:
        """Return whether a movement is a rep that is held at its turn, or that the source ends there.

        Without a model, no such movement is a rep: lifters also stand up without the bar, nearly always after a set of
        deadlifts.
        """
        if self._model is None:
            return False
        own, rules = self._own(movement, self._model), self._model.rules
        since_s = movement.times.start_s - FORGOTTEN_S
        under_way = [
            streak
            for streak in self._streaks
            if self._limits.counts_held and streak.is_set and streak.items[-1].times.end_s >= since_s
        ]
        by_itself = self._log_odds(movement, self._model) + (AT_TURN_LOG_ODDS if self._named else 0.0)
        # It cannot be compared with whole movements.
        counts = max([by_itself, *(streak.next_log_odds(own, 0.0, rules) for streak in under_way)]) > 0
        self.support = own if counts and not under_way else self.support
        return counts

    def _log_odds(self, movement: Movement, model: LiftScorer) -> float:
        """Return the log odds that a movement is a rep, by itself and without shortened pauses."""
        return model.rules.prior + self._own(movement, model) + movement.by_posture(self._limits)

    def close(self, times: Times) -> None:
        """Note a rep that counted at its turn or by the plate: doubtful movements before it no longer count."""
        self._closed_until_s = max(self._closed_until_s, times.end_s)

    def _own(self, movement: Movement, model: LiftScorer) -> float:
        """Return the log likelihood ratio from a movement's own features and the bar."""
        return model.own(movement) + movement.by_bar(self._limits)

    def _weighed(self, movement: Movement, model: LiftScorer) -> tuple[Movement, ...]:
        item, own = movement.compact(), self._own(movement, model)
        prior = model.rules.prior + item.by_posture(self._limits)
        sure = prior + own > 0
        if movement.shortened is not movement:
            held = self._own(movement.shortened, model)
            sure, own = sure or prior + held > HELD_LOG_ODDS, max(own, held)
        near = [
            streak for streak in self._streaks if item.times.start_s - streak.items[-1].times.end_s <= _memory_s(streak)
        ]
        self._streaks = [streak for n, streak in enumerate(near) if streak.is_set or n >= len(near) - STREAKS]
        streak = self._joined(item, own, sure, model)
        self._streaks.remove(streak)
        self._streaks.append(streak)
        if not (streak.is_set or streak.becomes_set(model.rules)):
            self.support = 0.0
            return ()
        streak.is_set = True
        self.support = _mean(streak.own)
        counts = tuple(rep for rep in streak.reps(model.rules) if rep.times.start_s > self._closed_until_s)
        streak.reported = len(streak.items)
        self._closed_until_s = max(self._closed_until_s, item.times.start_s)
        return counts

    def _joined(self, item: Movement, own: float, sure: bool, model: LiftScorer) -> Streak:
        """Return the streak that the movement joins: a set under way, a similar doubtful streak, or a new streak."""
        rules = model.rules
        likeness = [(_alike(model, item, streak.items[-COMPARED:]), streak) for streak in self._streaks]
        sets = [
            (streak.next_log_odds(own, alike, rules), alike, streak)
            for alike, streak in likeness
            if streak.is_set and (alike > 0 or item.times.start_s - streak.items[-1].times.end_s <= FORGOTTEN_S)
        ]
        best = max(sets, key=lambda candidate: candidate[0], default=None)
        if best is not None and best[0] > 0:
            best[2].add(item, own, best[1])
            return best[2]
        own += item.by_posture(self._limits)  # within a set another posture is a fault of form
        doubtful = [(alike, streak) for alike, streak in likeness if not streak.is_set and alike > LEAST_ALIKE]
        nearest = max(doubtful, key=lambda candidate: candidate[0], default=None)
        if nearest is not None:
            alike, streak = nearest
            # A movement that is certain by itself counts at once, and does not wait with doubtful movements. It turns
            # them into reps only if it is like them.
            if not sure or (alike > 0 and streak.joined(item, own, alike).log_odds(rules) > 0):
                streak.add(item, own, alike)
                streak.is_sure |= sure
                return streak
        streak = Streak(is_sure=sure)
        streak.add(item, own, None)
        self._streaks.append(streak)
        return streak


def _alike(model: LiftScorer, item: Movement, before: Sequence[Movement]) -> float:
    """Return the log likelihood ratio of reps of a set, with or without long pauses shortened, whichever is higher.

    Some reps of a set may be held longer than others.
    """
    as_is = model.alike(item, before)
    if all(movement.shortened is movement for movement in (item, *before)):
        return as_is
    return max(as_is, model.alike(item.shortened, [movement.shortened for movement in before]))


def _memory_s(streak: Streak) -> float:
    return SET_REMEMBERED_S if streak.is_set else FORGOTTEN_S


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0
