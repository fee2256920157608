"""Detect that the lifter does an exercise other than the chosen one.

All exercises are counted at the same time, each by a counter of its own. A lift model rejects the reps of other
exercises, so one stretch of time is evidence for one exercise and against another. The log likelihood ratios of a lift
from the movements' own features (`counting.evidence`) are compared.
"""

import math
from collections import deque
from collections.abc import Mapping
from itertools import pairwise

from livecoach.counting.counter import Counter
from livecoach.counting.lift_filter import ScoredMovement
from livecoach.frame.body import Body
from livecoach.types import Notice
from livecoach.types.message import Message, in_words

REPS = 2
"""Number of reps of another exercise in a row that begins the warning, and of the chosen one that ends it."""
LEAST_ADVANTAGE = 2.0
"""Least excess of the other exercise's log likelihood ratio: seven times as likely. Our choice."""
APART_S = 20.0
"""Two reps further apart than this are not in a row: a set is over by then (livecoach.counting.sets)."""
REMEMBERED = 8
"""Number of latest movements of each exercise that are kept."""
LEAST_OVERLAP = 0.25
"""Least share of a rep that the same movement of another counter overlaps: a squat begins standing and a deadlift bent
over, so each counter takes up half of the other's reps."""


class ExerciseMismatch:
    """Follows one source. It is deterministic: the same movements give the same result."""

    def __init__(self) -> None:
        self._own: deque[ScoredMovement] = deque(maxlen=REMEMBERED)
        self._others: dict[str, deque[ScoredMovement]] = {}
        self.like: str | None = None
        """The exercise that the latest reps look like; None where it is the chosen one."""
        self._like_s = 0.0  # end of the latest such rep

    def step(self, own: ScoredMovement | None, others: Mapping[str, ScoredMovement | None]) -> None:
        """Add the latest movement of the chosen exercise, and those of the others; None where there is none so far."""
        news = _added(self._own, own)
        for name, latest in others.items():
            news |= _added(self._others.setdefault(name, deque(maxlen=REMEMBERED)), latest)
        if news:
            like = next((name for name in self._others if self._looks_like(name)), None)
            if like is not None:
                self.like, self._like_s = like, self._others[like][-1].end_s
            elif self._as_asked():
                self.like = None

    def _best_of(self, name: str, start_s: float, end_s: float) -> float:
        """Return the largest log likelihood ratio of the exercise's reps in this time; -inf where there is none."""
        least_s = LEAST_OVERLAP * (end_s - start_s)
        near = (one.own for one in self._others[name] if one.counts and _shared_s(one, start_s, end_s) > least_s)
        return max(near, default=-math.inf)

    def _as_asked(self) -> bool:
        """Return whether the latest reps since then are clearly reps of the chosen exercise."""
        latest = [one for one in self._own if one.counts and one.end_s > self._like_s][-REPS:]
        return len(latest) == REPS and all(
            one.own > self._best_of(name, one.start_s, one.end_s) + LEAST_ADVANTAGE
            for one in latest
            for name in self._others
        )

    def _looks_like(self, name: str) -> bool:
        latest = list(self._others[name])[-REPS:]
        if len(latest) < REPS or not all(one.counts for one in latest):
            return False
        if any(later.start_s - before.end_s > APART_S for before, later in pairwise(latest)):
            return False
        start_s, end_s = latest[0].start_s, latest[-1].end_s
        since = [one for one in self._own if one.start_s > end_s and one.counts]
        against = [one.own for one in self._own if _shared_s(one, start_s, end_s) > 0]
        return not since and min(one.own for one in latest) > max(against, default=-LEAST_ADVANTAGE) + LEAST_ADVANTAGE


def _added(known: deque[ScoredMovement], latest: ScoredMovement | None) -> bool:
    if latest is None or (known and known[-1] == latest):
        return False
    known.append(latest)
    return True


def _shared_s(one: ScoredMovement, start_s: float, end_s: float) -> float:
    return min(one.end_s, end_s) - max(one.start_s, start_s)


class OtherExercises:
    """Follows one source. It is deterministic: the same bodies give the same result."""

    def __init__(self, counters: Mapping[str, Counter]) -> None:
        """counters: counters of the other exercises by name."""
        self._counters, self._mismatch = dict(counters), ExerciseMismatch()

    @property
    def like(self) -> str | None:
        """The exercise that the latest reps look like; None where it is the chosen one."""
        return self._mismatch.like

    @property
    def warning(self) -> str | None:
        """Text of the warning; None where there is nothing to warn of."""
        return None if self.like is None else advice(self.like)

    def step(self, t_s: float, body: Body | None, latest: ScoredMovement | None) -> tuple[Notice, ...]:
        """Add the body at a time and the latest movement of the chosen exercise, and return the notices."""
        before = self.warning
        for counter in self._counters.values():
            counter.step(t_s, body)
        self._mismatch.step(latest, {name: counter.latest for name, counter in self._counters.items()})
        now = self.warning
        text = now or before
        if now == before or text is None:
            return ()
        return (Notice(kind="other_exercise", active=now is not None, text=text),)


def advice(exercise: str) -> str:
    """Return the warning that the reps look like those of `exercise`, which is not the chosen one."""
    return Message("this looks like {text}: press e", text=in_words(exercise))
