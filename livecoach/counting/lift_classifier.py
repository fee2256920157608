"""Is a movement out and back a lift? Boosted trees, trained by scripts/train_lift.py, on what `form.movement` says of
it, and on how unlike it is to those before it (`form.likeness`). What both mean together says `form.evidence`.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from livecoach.counting import feature_names, likeness, trajectory
from livecoach.counting.candidate import Candidate
from livecoach.counting.evidence import EvidenceRules
from livecoach.counting.likeness import Spread
from livecoach.errors import ModelError

NAMES = {"own": feature_names.OWN, "alike": likeness.NAMES}
"""What each of the forests looks at."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Forest:
    """A sum of n decision trees of depth d, as plain arrays. Nodes are numbered as in a heap: below i lie 2i + 1 and
    2i + 2; a tree that ends early repeats its leaf."""

    feature: np.ndarray
    """(n, 2**d - 1) integers: which of the numbers a node looks at."""
    threshold: np.ndarray
    """(n, 2**d - 1): what is no more than it goes to 2i + 1."""
    leaf: np.ndarray
    """(n, 2**d) log odds."""

    def log_odds(self, values: np.ndarray) -> float:
        """Sum of the leaves. values: (numbers,) in the order of the forest's names."""
        trees = np.arange(len(self.leaf))
        node = np.zeros(len(trees), np.int64)
        inner = self.feature.shape[1]
        while node[0] < inner:
            right = values[self.feature[trees, node]] > self.threshold[trees, node]
            node = 2 * node + 1 + right
        return float(self.leaf[trees, node - inner].sum())


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LiftModel:
    """What tells the lifts of one exercise."""

    forest: Forest
    """On numbers.OWN."""
    alike_forest: Forest
    """On likeness.NAMES."""
    spread: Spread
    rules: EvidenceRules

    def own(self, candidate: Candidate) -> float:
        """Log likelihood ratio of a lift against any other movement. candidate: with its description."""
        return self.forest.log_odds(likeness.described(candidate).own)

    def alike(self, candidate: Candidate, before: Sequence[Candidate]) -> float:
        """Log likelihood ratio of reps of one set against other movements. before: one or more, the latest last."""
        return self.alike_forest.log_odds(likeness.unlike(candidate, before, self.spread))


def load(path: Path) -> LiftModel:
    """Read a `lift.json`.

    Raises ModelError where it is missing, not JSON, or does not hold what it should.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except OSError as err:
        raise ModelError(f"{path}: can't be read ({err.strerror}). Is the model folder complete?") from err
    except ValueError as err:
        raise ModelError(f"{path}: is no JSON ({err}). Restore the file.") from err
    try:
        forests = {name: _forest(path, name, content[name]) for name in NAMES}
        model = LiftModel(
            forest=forests["own"],
            alike_forest=forests["alike"],
            spread=Spread(
                own=np.array(content["spread_own"], np.float64), joints=np.array(content["spread_course"], np.float64)
            ),
            rules=EvidenceRules(**{name: float(value) for name, value in content["evidence"].items()}),
        )
    except (AttributeError, KeyError, TypeError, ValueError) as err:
        raise ModelError(f"{path}: {err!r} is missing or wrong. Train it again with scripts/train_lift.py.") from err
    _check(path, model)
    return model


def _forest(path: Path, name: str, content: dict[str, Any]) -> Forest:
    """One of NAMES, whole."""
    if tuple(content["features"]) != NAMES[name]:
        raise ModelError(
            f"{path}: the features of {name!r} are not this livecoach's. Train it again with scripts/train_lift.py."
        )
    forest = Forest(
        feature=np.array(content["feature"], np.int64),
        threshold=np.array(content["threshold"], np.float64),
        leaf=np.array(content["leaf"], np.float64),
    )
    leaf = forest.leaf
    depth = int(leaf.shape[-1]).bit_length() - 1 if leaf.ndim else 0
    nodes = (len(leaf), 2**depth - 1) if leaf.ndim == 2 else None
    if nodes is None or leaf.shape[1] != 2**depth or forest.feature.shape != nodes or forest.threshold.shape != nodes:
        raise ModelError(f"{path}: feature, threshold and leaf of {name!r} must be whole trees of one depth.")
    if not 0 <= forest.feature.min() <= forest.feature.max() < len(NAMES[name]):
        raise ModelError(f"{path}: feature of {name!r} must be 0…{len(NAMES[name]) - 1}.")
    if not (np.isfinite(forest.threshold).all() and np.isfinite(leaf).all()):
        raise ModelError(f"{path}: threshold and leaf of {name!r} must be finite.")
    return forest


def _check(path: Path, model: LiftModel) -> None:
    spread, rules = model.spread, model.rules
    shapes = spread.own.shape == (len(feature_names.OWN),) and spread.joints.shape == (
        trajectory.TIMES,
        trajectory.CHANNELS,
    )
    if not shapes or not (spread.own > 0).all() or not (spread.joints > 0).all():
        raise ModelError(f"{path}: spread_own and spread_course must be positive, one number each of own and course.")
    if not np.isfinite([rules.prior, rules.in_set]).all():
        raise ModelError(f"{path}: prior and in_set of 'evidence' must be finite.")
    if not all(0 <= correlation <= 1 for correlation in (rules.own_correlation, rules.alike_correlation)):
        raise ModelError(f"{path}: the correlations of 'evidence' must be 0…1.")
