"""Is a movement out and back a lift? Boosted trees on what `form.movement` says of it and of the set's lifts before it,
trained by scripts/train_lift.py.

A movement is looked at by itself and beside the lifter's own lifts of the set: the errors of a camera and of a pose
estimator are much the same in all of a set's reps, and so is a lifter.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from livecoach.errors import ModelError
from livecoach.form import course, numbers
from livecoach.form.movement import Described

FARTHEST = 8.0
"""A difference of more spreads than this is as good as this."""
PARTS = (slice(0, 5), slice(5, 8), slice(8, course.TIMES))
"""Of a course: out, turn, back."""
UNLIKE = tuple(f"{part}_{channel}" for part in ("out", "turn", "back") for channel in range(course.CHANNELS))
NAMES = (*numbers.OWN, *UNLIKE, "unlike", *(f"unlike_{x}" for x in ("out", "turn", "back")))
NAMES = (*NAMES, *(f"change_{name}" for name in numbers.OWN), "lifts_before")
"""What there is to look at: the movement's own numbers; how unlike its course is to that of the lifts before it; what
has changed in its own numbers; and how many lifts there are to compare with."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Spread:
    """How much the lifts of one set differ from their median: 68 % differ by no more."""

    own: np.ndarray
    """(len(numbers.OWN),)."""
    course: np.ndarray
    """(course.TIMES, course.CHANNELS)."""


def compared(described: Described, before: Sequence[Described], spread: Spread) -> np.ndarray:
    """(len(NAMES),) a movement by itself and against the set's lifts before it; zeros where there are none."""
    against = np.zeros(len(NAMES) - len(numbers.OWN) - 1)
    if before:
        usual = np.median([lift.course for lift in before], axis=0)
        off = np.minimum(np.abs(described.course - usual) / spread.course, FARTHEST)
        change = (described.own - np.median([lift.own for lift in before], axis=0)) / spread.own
        against = np.concatenate(
            [
                *(off[part].mean(0) for part in PARTS),
                [off.mean(), *(off[part].mean() for part in PARTS)],
                np.clip(change, -FARTHEST, FARTHEST),
            ]
        )
    return np.concatenate([described.own, against, [len(before)]])


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LiftModel:
    """A sum of n decision trees of depth d, as plain arrays. Nodes are numbered as in a heap: below i lie 2i + 1 and
    2i + 2; a tree that ends early repeats its leaf."""

    feature: np.ndarray
    """(n, 2**d - 1) integers: which of NAMES a node looks at."""
    threshold: np.ndarray
    """(n, 2**d - 1): what is no more than it goes to 2i + 1."""
    leaf: np.ndarray
    """(n, 2**d) log odds."""
    spread: Spread
    limit: float
    """Sum of the leaves above which a movement is a lift."""

    def is_lift(self, described: Described, before: Sequence[Described]) -> bool:
        """before: the set's lifts so far."""
        return self.log_odds(compared(described, before, self.spread)) > self.limit

    def log_odds(self, numbers: np.ndarray) -> float:
        """Of lift against any other movement; the prior is that of the training data. numbers: (len(NAMES),)."""
        trees = np.arange(len(self.leaf))
        node = np.zeros(len(trees), np.int64)
        inner = self.feature.shape[1]
        while node[0] < inner:
            right = numbers[self.feature[trees, node]] > self.threshold[trees, node]
            node = 2 * node + 1 + right
        return float(self.leaf[trees, node - inner].sum())


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
        names = tuple(content["features"])
        model = LiftModel(
            feature=np.array(content["feature"], np.int64),
            threshold=np.array(content["threshold"], np.float64),
            leaf=np.array(content["leaf"], np.float64),
            spread=Spread(own=np.array(content["spread_own"]), course=np.array(content["spread_course"])),
            limit=float(content["limit"]),
        )
    except (KeyError, TypeError, ValueError) as err:
        raise ModelError(f"{path}: {err!r} is missing or wrong. Train it again with scripts/train_lift.py.") from err
    _check(path, names, model)
    return model


def _check(path: Path, names: tuple[str, ...], model: LiftModel) -> None:
    if names != NAMES:
        raise ModelError(f"{path}: its features are not this livecoach's. Train it again with scripts/train_lift.py.")
    shape, depth = model.leaf.shape, int(model.leaf.shape[-1]).bit_length() - 1 if model.leaf.ndim else 0
    nodes = (len(model.leaf), 2**depth - 1) if model.leaf.ndim == 2 else None
    if nodes is None or shape[1] != 2**depth or model.feature.shape != nodes or model.threshold.shape != nodes:
        raise ModelError(f"{path}: feature, threshold and leaf must be whole trees of one depth.")
    if not 0 <= model.feature.min() <= model.feature.max() < len(names):
        raise ModelError(f"{path}: feature must be 0…{len(names) - 1}.")
    spread = model.spread
    shapes = spread.own.shape == (len(numbers.OWN),) and spread.course.shape == (course.TIMES, course.CHANNELS)
    if not shapes or not (spread.own > 0).all() or not (spread.course > 0).all():
        raise ModelError(f"{path}: spread_own and spread_course must be positive, one number each of own and course.")
    if not (np.isfinite(model.threshold).all() and np.isfinite(model.leaf).all() and np.isfinite(model.limit)):
        raise ModelError(f"{path}: threshold, leaf and limit must be finite.")
