"""How much lifters who are in both parts flatter: the same squats split by picture, by squat and by lifter."""

from collections.abc import Iterator
from typing import Literal

import numpy as np

from livecoach.lab.intervals import auroc
from livecoach.lab.measure.table import Cell, Progress, Rounded, Share, Table
from livecoach.lab.squat_picture.frames import FRAMES, SquatFrames
from livecoach.lab.squat_picture.network import log_odds
from livecoach.lab.squat_picture.pictures import drawable, picture_of
from livecoach.lab.squat_picture.rivals import poses_of, shares_bad
from livecoach.lab.squat_picture.training import Training, train

Split = Literal["picture", "squat", "lifter"]
SPLITS: tuple[Split, ...] = ("picture", "squat", "lifter")
HELD_OUT = 0.25


def held_out(squats: SquatFrames, by: Split, seed: int) -> np.ndarray:
    """Return (n, FRAMES) which pictures are held out: about a quarter of them, by picture, by squat or by lifter."""
    rng = np.random.default_rng(seed)
    if by == "picture":
        return np.asarray(rng.random((len(squats), FRAMES)) < HELD_OUT)
    groups = np.arange(len(squats)) if by == "squat" else squats.lifters
    names = np.unique(groups)
    out = rng.permutation(names)[: max(round(HELD_OUT * len(names)), 1)]
    return np.repeat(np.isin(groups, out)[:, None], FRAMES, 1)


def measure(squats: SquatFrames, training: Training, progress: Progress) -> Table:
    """Train on each split of the squats, and judge by the pictures that are held out.

    The landmarks as numbers stand beside the network of pictures: they learn faster, and so leak more.
    """
    rows = tuple(row for by in SPLITS for row in _rows(squats, by, training, progress))
    lifters = len(np.unique(squats.lifters))
    return Table(
        title=f"Split of {len(squats)} synthetic squats of {lifters} lifters, {training.pictures} pictures trained on",
        columns=("learned from", "split by", "squats held out, all or in part", "pictures right", "AUROC of pictures"),
        rows=rows,
    )


def _rows(squats: SquatFrames, by: Split, training: Training, progress: Progress) -> Iterator[tuple[Cell, ...]]:
    out = held_out(squats, by, training.seed)
    network = train(squats, ~out, training, lambda share: progress(f"training, split by {by}", share))
    places = np.argwhere(out & drawable(training.kind))
    odds = np.concatenate(
        [
            log_odds(network, np.stack([picture_of(squats, int(i), int(f), training.kind) for i, f in part]))
            for part in np.array_split(places, max(len(places) // 256, 1))
        ]
    )
    poses, bad = poses_of(squats).reshape(len(squats), FRAMES, -1), np.repeat(squats.bad[:, None], FRAMES, 1)
    shares = shares_bad(poses[~out], bad[~out], poses[tuple(places.T)], training.seed)
    for name, values in (("pictures", odds), ("landmarks as numbers", shares - 0.5)):
        truth = bad[tuple(places.T)]
        right = (values > 0) == truth
        area = auroc(values[~truth], values[truth])
        yield name, by, len(np.unique(places[:, 0])), Share(int(right.sum()), len(right)), Rounded(area, 3)
