"""A lifter's earlier sessions as evidence of the next exercise: whoever always begins with squats will probably do so.

The kept reps give the exercises of earlier sets in their order; a recording holds them, so a replay believes the same.
Half of a prior is even: a habit outweighs a movement by less than one second of the movement does.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from types import MappingProxyType

import numpy as np

from livecoach.types import RepWindow

AGAIN = 0.5
"""Probability that a set is followed by one of the same exercise, whatever the habits. Our choice."""
EVEN_SHARE = 0.5
"""Share of a prior that is the same for every exercise. Our choice, like the next one."""
PSEUDO_SESSIONS = 2.0  # pseudo-count of each exercise: a single session is weak evidence


@dataclass(frozen=True, slots=True, kw_only=True)
class Habits:
    """How often each exercise was the first of a session, and how often it came after another one."""

    first: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    after: Mapping[tuple[str, str], int] = field(default_factory=lambda: MappingProxyType({}))
    """(Exercise of a set, exercise of the next set) → how often."""

    def prior(self, exercises: Sequence[str], before: str | None) -> np.ndarray:
        """Return (exercises,): probabilities, given that it is one of them. before: exercise of the set before; None at
        the beginning of a session."""
        counts = [
            self.first.get(name, 0) if before is None else self.after.get((before, name), 0) for name in exercises
        ]
        pretended = np.array(counts) + PSEUDO_SESSIONS
        prior: np.ndarray = EVEN_SHARE / len(exercises) + (1 - EVEN_SHARE) * pretended / pretended.sum()
        again = np.array([name == before for name in exercises])
        return AGAIN * again + (1 - AGAIN) * prior if again.any() else prior


NO_HABITS = Habits()  # of a new lifter: every exercise is as likely as any other


def habits_of(kept: Sequence[RepWindow]) -> Habits:
    """Sets without a kept rep are unknown, and are skipped."""
    sessions: dict[str, dict[int, str]] = {}
    for rep in kept:
        session, _, number = rep.set_name.rpartition(" ")
        if session and number.isdecimal() and rep.exercise:
            sessions.setdefault(session, {})[int(number)] = rep.exercise
    in_order = [[sets[number] for number in sorted(sets)] for sets in sessions.values()]
    return Habits(
        first=Counter(sets[0] for sets in in_order),
        after=Counter(pair for sets in in_order for pair in pairwise(sets)),
    )
