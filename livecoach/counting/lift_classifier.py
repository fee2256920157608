"""Distinguish lifts from other movements by boosted trees on a movement's features and on its likeness to others.

livecoach.lab.train.lift trains the trees. `counting.evidence` combines their results.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

import numpy as np

from livecoach.counting import features, likeness, trajectory
from livecoach.counting.evidence import EvidenceRules
from livecoach.counting.likeness import Spread
from livecoach.counting.outcome import Candidate
from livecoach.model_files.model_folder import Numbers, read_model

FEATURES = {"own": features.OWN, "alike": likeness.NAMES}
LEAST_OF_NAMED = -3.0
"""Least log likelihood ratio of a movement's own features where the exercise is named: one to twenty. A lifter whom the
forest has not seen the like of then needs movements that are alike, and is not refused for good (docs/design.md)."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Forest:
    """A sum of n decision trees of depth d, as plain arrays. Nodes are numbered as in a heap: the children of i are 2i
    + 1 and 2i + 2. A tree that ends early repeats its leaf."""

    feature: Annotated[np.ndarray, Numbers(ndim=2, whole=True)]
    """(n, 2**d - 1) index of the feature that a node tests."""
    threshold: Annotated[np.ndarray, Numbers(ndim=2)]
    """(n, 2**d - 1): a value up to the threshold goes to 2i + 1."""
    leaf: Annotated[np.ndarray, Numbers(ndim=2)]  # (n, 2**d) log odds

    def log_odds(self, values: np.ndarray) -> float:
        """values: (features,) in the order of the forest's features."""
        trees = np.arange(len(self.leaf))
        node = np.zeros(len(trees), np.int64)
        inner = self.feature.shape[1]
        while node[0] < inner:
            right = values[self.feature[trees, node]] > self.threshold[trees, node]
            node = 2 * node + 1 + right
        return float(self.leaf[trees, node - inner].sum())


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LiftModel:
    forest: Forest  # on the features of a single movement (features.OWN)
    alike_forest: Forest  # on the differences from the movements before (likeness.NAMES)
    spread: Spread
    rules: EvidenceRules
    least: float = -math.inf  # least log likelihood ratio of a single movement

    def named(self, log_odds: float) -> "LiftModel":
        """The model for a lifter who has named the exercise, which raises the log odds of a rep by this much."""
        rules = replace(self.rules, prior=self.rules.prior + log_odds)
        return replace(self, rules=rules, least=LEAST_OF_NAMED)

    def own(self, candidate: Candidate) -> float:
        """Log likelihood ratio of a lift against any other movement. candidate: with its features."""
        return max(self.forest.log_odds(likeness.features_of(candidate).own), self.least)

    def alike(self, candidate: Candidate, before: Sequence[Candidate]) -> float:
        """Log likelihood ratio of reps of one set against other movements. before: one or more, the latest last."""
        return self.alike_forest.log_odds(likeness.differences(candidate, before, self.spread))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ForestFile(Forest):
    features: tuple[str, ...]

    def __post_init__(self) -> None:
        trees, leaves = self.leaf.shape
        if leaves.bit_count() != 1:
            raise ValueError(f"leaf: expected whole trees, with 1, 2, 4, 8 … leaves each, got {leaves}")
        for name in ("feature", "threshold"):
            shape, expected = getattr(self, name).shape, (trees, leaves - 1)
            if shape != expected:
                raise ValueError(f"{name}: expected shape {expected}, that of whole trees, got {shape}")
        if not 0 <= self.feature.min() <= self.feature.max() < len(self.features):
            raise ValueError(f"feature: expected numbers from 0 to {len(self.features) - 1}")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LiftFile:
    own: ForestFile
    alike: ForestFile
    spread_own: Annotated[np.ndarray, Numbers(ndim=1, positive=True)]
    spread_course: Annotated[np.ndarray, Numbers(ndim=2, positive=True)]
    evidence: EvidenceRules

    def __post_init__(self) -> None:
        for name, names in FEATURES.items():
            if getattr(self, name).features != names:
                raise ValueError(f"{name}.features: expected the {len(names)} features of this livecoach")
        shapes = {
            "spread_own": (len(features.OWN),),
            "spread_course": (trajectory.TIMES, trajectory.CHANNELS),
        }
        for name, expected in shapes.items():
            shape = getattr(self, name).shape
            if shape != expected:
                raise ValueError(f"{name}: expected shape {expected}, got {shape}")


def load(path: Path) -> LiftModel:
    """Raises ModelError where the file is missing or wrong."""
    content = read_model(path, LiftFile)
    return LiftModel(
        forest=content.own,
        alike_forest=content.alike,
        spread=Spread(own=content.spread_own, joints=content.spread_course),
        rules=content.evidence,
    )
