"""What a lift model learns from, as tables: each movement by itself, and each against those before it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from livecoach.counting import features, likeness
from livecoach.counting.evidence import COMPARED, FORGOTTEN_S
from livecoach.lab.train.movements import Example

LEFT_OUT: dict[str, tuple[str, ...]] = {
    "squat": (
        *("start_level", "end_level", "hip_low", "knee_low", "lean_low", "elbow_low", "elbow_mid", "elbow_turn"),
        *("elbow_worst", "hands_low", "wrist_change", "path", "front_turn"),
    )
}
"""Numbers that the first forest does not see: more than a quarter of real squats lie outside the 3rd to 97th
percentile of synthetic ones in them (a straighter stand, straighter elbows, hands anywhere). The deadlift has such, too
(the restlessness of knees and wrists at lockout); left out they cost more in what is no lift than they give."""
COPIES = 3
SCALE = 0.3
"""Standard deviation of the logarithm by which all differences of a set are scaled, in all copies but the first: real
lifters, cameras and pose estimators scatter more, or less, than synthetic ones."""
RENDERED = 8.0
"""Weight of a movement of a rendered set. Of 53 such sets left out in thirds the first forest tells deadlifts with an
area under the curve of .965 where it is 0, .972 where it is 4 and .977 where it is 12, and those of motion as well as
before; squats with .987, .986 and .983, so that they do without."""
UNCLEAR = 0.3
"""Weight of a movement that is a part of a true rep: no rep of its own, but near one."""
SPREAD_FLOOR = 1e-3
Sets = Sequence[Sequence[Example]]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Table:
    """Movements as rows of numbers."""

    rows: np.ndarray
    """(n, numbers)."""
    labels: np.ndarray
    """(n,) 1: reps."""
    weights: np.ndarray
    """(n,)."""
    sets: np.ndarray
    """(n,) number of the set."""


def spread_of(sets: Sets) -> likeness.Spread:
    """Return how much the lifts of a set differ, from the sets that have three or more."""
    own, course = [], []
    for examples in sets:
        lifts = [likeness.features_of(example.candidate) for example in examples if example.is_rep]
        if len(lifts) >= 3:
            own += list(np.abs([one.own - np.median([x.own for x in lifts], 0) for one in lifts]))
            course += list(np.abs([one.joints - np.median([x.joints for x in lifts], 0) for one in lifts]))
    return likeness.Spread(
        own=np.percentile(own, 68, axis=0) + SPREAD_FLOOR, joints=np.percentile(course, 68, axis=0) + SPREAD_FLOOR
    )


def own_table(sets: Sets, motion: str) -> Table:
    """Return the features of each movement by itself."""
    used = np.array([name not in LEFT_OUT.get(motion, ()) for name in features.OWN])
    rows = [
        (
            np.where(used, likeness.features_of(example.candidate).own, 0.0),
            example.is_rep,
            UNCLEAR if example.kind == "part" else 1.0,
            number,
        )
        for number, examples in enumerate(sets)
        for example in examples
    ]
    return _table(rows)


def alike_table(sets: Sets, spread: likeness.Spread, rng: np.random.Generator) -> Table:
    """Return how unlike each movement is to one to COMPARED that came before it.

    Reps are compared with reps, and others with others; and each with those of the other kind, which are no reps of one
    set either.
    """
    rows = []
    for number, examples in enumerate(sets):
        for k, example in enumerate(examples):
            for of_reps in (True, False):
                before = [
                    one.candidate
                    for one in examples[:k]
                    if one.kind != "part"
                    and one.is_rep == of_reps
                    and example.candidate.start_s - one.candidate.end_s <= FORGOTTEN_S
                ]
                if before and example.kind != "part":
                    compared = before[-int(rng.integers(1, COMPARED + 1)) :]
                    both = example.is_rep and of_reps
                    rows.append((likeness.differences(example.candidate, compared, spread), both, 1.0, number))
    return _table(rows)


def _table(rows: Sequence[tuple[np.ndarray, bool, float, int]]) -> Table:
    return Table(
        rows=np.array([row for row, *_ in rows]),
        labels=np.array([int(label) for _, label, _, _ in rows]),
        weights=np.array([weight for *_, weight, _ in rows]),
        sets=np.array([number for *_, number in rows]),
    )


def joined(motion: Table, rendered: Table) -> Table:
    """Join both tables; movements of rendered sets get their weight."""
    return Table(
        rows=np.concatenate([motion.rows, rendered.rows]),
        labels=np.concatenate([motion.labels, rendered.labels]),
        weights=np.concatenate([motion.weights, RENDERED * rendered.weights]),
        sets=np.concatenate([motion.sets, motion.sets.max() + 1 + rendered.sets]),
    )


def scaled(table: Table, rng: np.random.Generator) -> Table:
    """Return the table with copies of it in which the differences of each set are scaled as a whole."""
    logs = np.array([name.startswith("log_") and name not in likeness.FREE for name in likeness.NAMES])
    fixed = np.array([name in {*likeness.FREE, "log_feet_shift", "log_scale"} for name in likeness.NAMES])
    copies = []
    for _ in range(COPIES - 1):
        factor = SCALE * rng.standard_normal(table.sets.max() + 1)[table.sets][:, None]
        grown = np.where(logs, table.rows + factor, np.minimum(table.rows * np.exp(factor), likeness.FARTHEST))
        copies.append(np.where(fixed, table.rows, grown))
    return Table(
        rows=np.concatenate([table.rows, *copies]),
        labels=np.tile(table.labels, COPIES),
        weights=np.tile(table.weights, COPIES),
        sets=np.tile(table.sets, COPIES),
    )
