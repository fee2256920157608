"""Tells lifts from other movements out and back by two log likelihood ratios, which boosted trees compute.

`own` compares a rep with any other movement by a movement's features. `likeness` compares reps of one set with other
movements by the differences from the movements before. The unit of a difference is its spread, the usual difference
between reps of a set. lab.train.lift_training trains the trees.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Protocol

import numpy as np
from pydantic import Field

from livecoach.core.model_files.model_folder import Numbers, check_shapes
from livecoach.core.quantiles import median, percentile
from livecoach.decisions.counting import tuning
from livecoach.decisions.counting.movement import CHANNELS, MOMENTS, OWN, Movement, MovementFeatures

FARTHEST = 8.0  # Largest difference, in spreads; a larger difference counts as this
SEGMENTS = {"out": slice(0, 5), "turn": slice(5, 8), "back": slice(8, MOMENTS)}
"""Part of a movement → its moments among the MOMENTS moments of a trajectory."""
LEAST_OFF, LEAST_SHIFT, LEAST_REST_S = 0.1, 0.02, 0.2
"""Numbers that are added to differences, shifts and rests before their logarithms are taken."""
DIFFERENCES = (
    *(f"{part}_{channel}" for part in SEGMENTS for channel in range(CHANNELS)),
    *(f"log_{part}" for part in SEGMENTS),
    "log_worst",
    "log_change",
    *(f"change_{name}" for name in OWN),
    "log_feet_shift",
    "log_scale",
    "log_rest_s",
    "before",
)
"""Names of the differences of a movement from earlier movements: of trajectory and own features; of place and scale;
the rest since the latest movement; and the number of earlier movements."""
FREE = frozenset({"log_rest_s", "before"})  # Differences that do not grow as movements become less alike


def compare_movement(movement: Movement, before: Sequence[Movement], spread: MovementFeatures) -> np.ndarray:
    """Compute the (len(DIFFERENCES),) differences of a movement from earlier movements.

    Trajectory and own features are compared with the medians of the earlier movements, place and time with the latest.

    Args:
        before: At least one earlier movement, the latest last.
        spread: Unit of the differences: 68 % of reps are at most this far from the median of their set.
    """
    this, others = movement.features, [other.features for other in before]
    usual = median(np.array([other.trajectory for other in others]))
    off = np.minimum(np.abs(this.trajectory - usual) / spread.trajectory, FARTHEST)
    own = median(np.array([other.own for other in others]))
    change = np.minimum(np.abs(this.own - own) / spread.own, FARTHEST)
    last = before[-1]
    shift, scale = _apart(movement, last)
    segments = [off[moments] for moments in SEGMENTS.values()]
    whole = [part.mean() for part in segments]
    logs = np.log(np.array([*whole, percentile(off.mean(0), 90), change.mean()]) + LEAST_OFF)
    ends = [
        np.log(shift + LEAST_SHIFT),
        scale,
        np.log(max(movement.times.start_s - last.times.end_s, 0.0) + LEAST_REST_S),
        len(before),
    ]
    return np.concatenate([*[part.mean(0) for part in segments], logs, change, ends])


def _apart(movement: Movement, last: Movement) -> tuple[float, float]:
    """Return the distance of two movements' feet, in lengths of torso and legs, and the logarithm of their size ratio.

    Each is the lesser of two values: between the movements, and from the end of the last movement to the start of this
    movement, where a walking lunge begins.
    """
    (begins, within, _), (_, within_last, ended) = movement.places, last.places
    pairs = [(within, within_last), (begins, ended)]
    shifts = [float(np.hypot(*(a.feet_px - b.feet_px))) / max(a.size_px, b.size_px, 1.0) for a, b in pairs]
    return min(shifts), min(abs(float(np.log(max(a.size_px, 1.0) / max(b.size_px, 1.0)))) for a, b in pairs)


FEATURES = {"own": OWN, "alike": DIFFERENCES}  # Forest, as named in the file → names of its features


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceRules:
    """The constants by which a lift model turns evidence into log odds, trained together with the model."""

    prior: float  # Log odds that a movement is a rep
    in_set: float  # Log odds that a movement is a rep while a set is under way
    own_correlation: Annotated[float, Field(ge=0, le=1)]  # Intraclass correlation of the evidence of a set's reps
    alike_correlation: Annotated[float, Field(ge=0, le=1)]  # Intraclass correlation of the evidence from comparing reps


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Forest:
    """A sum of n decision trees of depth d, as plain arrays.

    Nodes are numbered as in a heap: the children of i are 2i + 1 and 2i + 2. A tree that ends early repeats its leaf.
    """

    feature: Annotated[np.ndarray, Numbers(ndim=2, whole=True)]  # (n, 2**d - 1) index of the feature that a node tests
    threshold: Annotated[np.ndarray, Numbers(ndim=2)]  # (n, 2**d - 1): a value up to the threshold goes to 2i + 1
    leaf: Annotated[np.ndarray, Numbers(ndim=2)]  # (n, 2**d) log odds
    features: tuple[str, ...]  # Names of the features, in the order of their indices

    def __post_init__(self) -> None:
        trees, leaves = self.leaf.shape
        if leaves.bit_count() != 1:
            raise ValueError(f"leaf: expected whole trees, with 1, 2, 4, 8 … leaves each, got {leaves}")
        check_shapes(self, dict.fromkeys(("feature", "threshold"), (trees, leaves - 1)))
        if not 0 <= self.feature.min() <= self.feature.max() < len(self.features):
            raise ValueError(f"feature: expected numbers from 0 to {len(self.features) - 1}")

    def log_odds(self, values: np.ndarray) -> float:
        """Return the sum of the trees' log odds for the (features,) values of a movement."""
        trees = np.arange(len(self.leaf))
        node = np.zeros(len(trees), np.int64)
        inner = self.feature.shape[1]
        while node[0] < inner:
            right = values[self.feature[trees, node]] > self.threshold[trees, node]
            node = 2 * node + 1 + right
        return float(self.leaf[trees, node - inner].sum())


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LiftModel:
    """The content of `lift.json`: forests that tell lifts from other movements, and the constants trained with them."""

    forest: Annotated[Forest, Field(alias="own")]  # on the features of a single movement (OWN)
    alike_forest: Annotated[Forest, Field(alias="alike")]  # on the differences from the movements before (DIFFERENCES)
    spread_own: Annotated[np.ndarray, Numbers(ndim=1, positive=True)]  # (len(OWN),) spreads of the features
    spread_course: Annotated[np.ndarray, Numbers(ndim=2, positive=True)]  # (MOMENTS, CHANNELS) of the trajectory
    rules: Annotated[EvidenceRules, Field(alias="evidence")]
    least: float = -math.inf  # least log likelihood ratio of a single movement

    def __post_init__(self) -> None:
        for name, forest in (("own", self.forest), ("alike", self.alike_forest)):
            if forest.features != FEATURES[name]:
                raise ValueError(f"{name}.features: expected the {len(FEATURES[name])} features of this livecoach")
        check_shapes(self, {"spread_own": (len(OWN),), "spread_course": (MOMENTS, CHANNELS)})

    def for_named_exercise(self, log_odds: float) -> "LiftModel":
        """Return the model for a lifter who has named the exercise: the prior is higher by `log_odds`.

        The model's log likelihood ratio of a single movement is at least NAMED_LEAST_LOG_RATIO.
        """
        rules = replace(self.rules, prior=self.rules.prior + log_odds)
        return replace(self, rules=rules, least=tuning.NAMED_LEAST_LOG_RATIO)

    def lift_log_ratio(self, movement: Movement) -> float:
        """Return the log likelihood ratio that a movement is a lift, from its own features, at least `self.least`."""
        return max(self.forest.log_odds(movement.features.own), self.least)

    def likeness_log_ratio(self, movement: Movement, before: Sequence[Movement]) -> float:
        """Return the log likelihood ratio that a movement is a rep like the movements before (at least one)."""
        spread = MovementFeatures(own=self.spread_own, trajectory=self.spread_course)
        return self.alike_forest.log_odds(compare_movement(movement, before, spread))


class LiftEvidence(Protocol):
    """The interface of a lift model for counting. Training and tests also use models that accept every movement."""

    @property
    def rules(self) -> EvidenceRules: ...
    def lift_log_ratio(self, movement: Movement) -> float: ...
    def likeness_log_ratio(self, movement: Movement, before: Sequence[Movement]) -> float: ...
    def for_named_exercise(self, log_odds: float) -> "LiftEvidence": ...
