"""Differences of a movement from those before it, by which a model decides whether they are reps of one set.

Reps of one set have the same trajectory and duration, and are done on one spot. The unit of all differences is the
spread: how much the reps of one set usually differ.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from livecoach.counting import features, trajectory
from livecoach.counting.features import MovementFeatures
from livecoach.counting.outcome import Candidate
from livecoach.frame.quantiles import median, percentile

FARTHEST = 8.0
"""Differences are clipped at this number of spreads."""
SEGMENTS = {"out": slice(0, 5), "turn": slice(5, 8), "back": slice(8, trajectory.TIMES)}
"""Moments of a trajectory, by segment."""
LEAST_OFF = 0.1
LEAST_SHIFT = 0.02
LEAST_REST_S = 0.2
"""Constants that are added before taking a logarithm."""
NAMES = (
    *(f"{part}_{channel}" for part in SEGMENTS for channel in range(trajectory.CHANNELS)),
    *(f"log_{part}" for part in SEGMENTS),
    "log_worst",
    "log_change",
    *(f"change_{name}" for name in features.OWN),
    "log_feet_shift",
    "log_scale",
    "log_rest_s",
    "before",
)
"""Differences of the trajectories, by channel and as a whole; differences of the movements' own features; changes of
the feet's position and of the scale; the rest between the two movements; and the number of movements compared with."""
FREE = frozenset({"log_rest_s", "before"})
"""Names of the differences that do not grow as movements become less alike."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Spread:
    """How much the reps of one set differ from their median: 68 % of them differ by no more."""

    own: np.ndarray
    """(len(features.OWN),)."""
    joints: np.ndarray
    """(trajectory.TIMES, trajectory.CHANNELS)."""


def differences(one: Candidate, before: Sequence[Candidate], spread: Spread) -> np.ndarray:
    """Return (len(NAMES),): the differences of a movement from the median of those before it.

    before: one or more movements, the latest last.
    """
    this, others = features_of(one), [features_of(other) for other in before]
    usual = median(np.array([other.joints for other in others]))
    off = np.minimum(np.abs(this.joints - usual) / spread.joints, FARTHEST)
    own = median(np.array([other.own for other in others]))
    change = np.minimum(np.abs(this.own - own) / spread.own, FARTHEST)
    last = before[-1]
    shift = float(np.hypot(*(one.feet_px - last.feet_px))) / max(one.size_px, last.size_px, 1.0)
    whole = [off[moments].mean() for moments in SEGMENTS.values()]
    logs = np.log(np.array([*whole, percentile(off.mean(0), 90), change.mean()]) + LEAST_OFF)
    ends = [
        np.log(shift + LEAST_SHIFT),
        abs(np.log(max(one.size_px, 1.0) / max(last.size_px, 1.0))),
        np.log(max(one.start_s - last.end_s, 0.0) + LEAST_REST_S),
        len(before),
    ]
    return np.concatenate([*(off[moments].mean(0) for moments in SEGMENTS.values()), logs, change, ends])


def features_of(candidate: Candidate) -> MovementFeatures:
    """Return a candidate's features. Raises ValueError where it has none."""
    if candidate.features is None:
        raise ValueError("a candidate that is compared needs its features")
    return candidate.features
