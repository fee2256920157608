"""How unlike two movements are: the numbers from which a model tells whether they are reps of one set.

Reps of one set have the same course, take as long, and are done on one spot. All differences are in spreads: how much
the reps of one set usually differ.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from livecoach.counting import feature_names, trajectory
from livecoach.counting.candidate import Candidate
from livecoach.counting.features import Described

FARTHEST = 8.0
"""A difference of more spreads than this is as good as this."""
PARTS = {"out": slice(0, 5), "turn": slice(5, 8), "back": slice(8, trajectory.TIMES)}
"""Moments of a course."""
LEAST_OFF = 0.1
LEAST_SHIFT = 0.02
LEAST_REST_S = 0.2
"""What is less is as good as this, before its logarithm is taken."""
NAMES = (
    *(f"{part}_{channel}" for part in PARTS for channel in range(trajectory.CHANNELS)),
    *(f"log_{part}" for part in PARTS),
    "log_worst",
    "log_change",
    *(f"change_{name}" for name in feature_names.OWN),
    "log_feet_shift",
    "log_scale",
    "log_rest_s",
    "before",
)
"""How unlike the courses are, channel by channel and as a whole; the same of the movements' own numbers; how far the
feet and the scale are from where they were; the rest between the two; and how many movements are compared with."""
FREE = frozenset({"log_rest_s", "before"})
"""Names of which more does not mean less alike."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Spread:
    """How much the reps of one set differ from their median: 68 % differ by no more."""

    own: np.ndarray
    """(len(numbers.OWN),)."""
    joints: np.ndarray
    """(course.TIMES, course.CHANNELS)."""


def unlike(one: Candidate, before: Sequence[Candidate], spread: Spread) -> np.ndarray:
    """(len(NAMES),) a movement against the median of those before it, of which there is one at least; the last of them
    is the one just before it."""
    this, others = described(one), [described(other) for other in before]
    usual = np.median([other.joints for other in others], axis=0)
    off = np.minimum(np.abs(this.joints - usual) / spread.joints, FARTHEST)
    own = np.median([other.own for other in others], axis=0)
    change = np.minimum(np.abs(this.own - own) / spread.own, FARTHEST)
    last = before[-1]
    shift = float(np.hypot(*(one.feet_px - last.feet_px))) / max(one.size_px, last.size_px, 1.0)
    whole = [off[moments].mean() for moments in PARTS.values()]
    logs = np.log(np.array([*whole, np.percentile(off.mean(0), 90), change.mean()]) + LEAST_OFF)
    ends = [
        np.log(shift + LEAST_SHIFT),
        abs(np.log(max(one.size_px, 1.0) / max(last.size_px, 1.0))),
        np.log(max(one.start_s - last.end_s, 0.0) + LEAST_REST_S),
        len(before),
    ]
    return np.concatenate([*(off[moments].mean(0) for moments in PARTS.values()), logs, change, ends])


def described(candidate: Candidate) -> Described:
    """What a candidate is compared by. Raises ValueError where it has no description."""
    if candidate.described is None:
        raise ValueError("a candidate that is compared needs its description")
    return candidate.described
