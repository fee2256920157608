"""Differences of a movement from those before it, by which a model decides whether they are reps of one set.

Their unit is the spread: how much the reps of one set usually differ.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from livecoach.counting import features, trajectory
from livecoach.counting.features import MovementFeatures
from livecoach.counting.outcome import Candidate
from livecoach.frame.quantiles import median, percentile

FARTHEST = 8.0  # in spreads
SEGMENTS = {"out": slice(0, 5), "turn": slice(5, 8), "back": slice(8, trajectory.TIMES)}
LEAST_OFF = 0.1
LEAST_SHIFT = 0.02
LEAST_REST_S = 0.2
"""Added before taking a logarithm."""
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
"""Differences of the trajectories and of the movements' own features; changes of feet and scale; the rest between the
two movements; and the number of movements compared with."""
FREE = frozenset({"log_rest_s", "before"})  # those that do not grow as movements become less alike


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Spread:
    """By how much 68 % of a set's reps differ from their median at most."""

    own: np.ndarray  # (len(features.OWN),)
    joints: np.ndarray  # (trajectory.TIMES, trajectory.CHANNELS)


def differences(one: Candidate, before: Sequence[Candidate], spread: Spread) -> np.ndarray:
    """Return (len(NAMES),): the differences of a movement from the median of those before it, the latest last."""
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
    """Raises ValueError where it has none."""
    if candidate.features is None:
        raise ValueError("a candidate that is compared needs its features")
    return candidate.features
