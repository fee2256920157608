"""Is another exercise done than the one that was asked for?

The reps of each exercise are counted beside each other. A lift model takes the reps of other exercises for none, so the
same stretch of time is evidence for one exercise and against the other: what is compared is the log likelihood ratio of
a lift by what a movement is itself (`form.evidence`).
"""

import math
from collections import deque
from collections.abc import Mapping
from itertools import pairwise
from typing import NamedTuple

REPS = 2
"""So many reps of another exercise in a row, and it is said; so many of the one that was asked for, and it is over."""
SURER = 2.0
"""By how much the other exercise's log likelihood ratio has to be larger: seven times as likely. Our choice."""
APART_S = 20.0
"""Two reps that are further apart are not in a row: a set is over by then (livecoach.counting.sets)."""
REMEMBERED = 8
"""Latest movements of each exercise."""
SHARED = 0.25
"""Share of a rep that a movement has to have in common with it to be the same: a squat begins standing, a deadlift bent
over, so of each other's reps they see halves."""


class Looked(NamedTuple):
    """A movement out and back that was looked at as a rep of one exercise."""

    start_s: float
    end_s: float
    own: float
    """Log likelihood ratio of a lift."""
    counts: bool


class Mistaken:
    """Follows one source. Deterministic: the same movements give the same."""

    def __init__(self) -> None:
        self._own: deque[Looked] = deque(maxlen=REMEMBERED)
        self._others: dict[str, deque[Looked]] = {}
        self.like: str | None = None
        """The exercise that the latest reps look like, where it is another one."""
        self._like_s = 0.0  # until when they did

    def step(self, own: Looked | None, others: Mapping[str, Looked | None]) -> None:
        """Take the latest movement of the exercise that was asked for, and of the others; None: none so far."""
        news = _added(self._own, own)
        for name, latest in others.items():
            news |= _added(self._others.setdefault(name, deque(maxlen=REMEMBERED)), latest)
        if news:
            like = next((name for name in self._others if self._looks_like(name)), None)
            if like is not None:
                self.like, self._like_s = like, self._others[like][-1].end_s
            elif self._as_asked():
                self.like = None

    def of(self, start_s: float, end_s: float, own: float) -> str | None:
        """The exercise that a rep looks more like than the one that was asked for; None where there is none.

        own: its log likelihood ratio as a rep of that. While another exercise is being done every rep is one of it.
        """
        return self.like or self._likelier(start_s, end_s, own)

    def _likelier(self, start_s: float, end_s: float, own: float) -> str | None:
        return next((name for name in self._others if self._best_of(name, start_s, end_s) > own + SURER), None)

    def _best_of(self, name: str, start_s: float, end_s: float) -> float:
        """Of the exercise's reps that share the time: the largest log likelihood ratio; -inf where there is none."""
        least_s = SHARED * (end_s - start_s)
        near = (one.own for one in self._others[name] if one.counts and _shared_s(one, start_s, end_s) > least_s)
        return max(near, default=-math.inf)

    def _as_asked(self) -> bool:
        """The latest reps since then are as sure to be of the exercise that was asked for."""
        latest = [one for one in self._own if one.counts and one.end_s > self._like_s][-REPS:]
        return len(latest) == REPS and all(
            one.own > self._best_of(name, one.start_s, one.end_s) + SURER for one in latest for name in self._others
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
        return not since and min(one.own for one in latest) > max(against, default=-SURER) + SURER


def _added(known: deque[Looked], latest: Looked | None) -> bool:
    if latest is None or (known and known[-1] == latest):
        return False
    known.append(latest)
    return True


def _shared_s(one: Looked, start_s: float, end_s: float) -> float:
    return min(one.end_s, end_s) - max(one.start_s, start_s)
