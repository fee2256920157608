"""How much lifters who are in both parts flatter: the same squats split by picture, by squat and by lifter."""

from typing import Literal

import numpy as np

from livecoach.lab.intervals import auroc
from livecoach.lab.measure.table import Cell, Progress, Rounded, Share, Table
from livecoach.lab.squat_picture.frames import FRAMES, SquatFrames
from livecoach.lab.squat_picture.network import log_odds
from livecoach.lab.squat_picture.training import Training, drawable, picture_of, train

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
    """Train a network for each split of the squats, and judge it by the pictures that are held out."""
    rows = tuple(_row(squats, by, training, progress) for by in SPLITS)
    lifters = len(np.unique(squats.lifters))
    return Table(
        title=f"Split of {len(squats)} synthetic squats of {lifters} lifters, {training.pictures} pictures trained on",
        columns=("split by", "held out: squats", "pictures right", "AUROC of pictures"),
        rows=rows,
    )


def _row(squats: SquatFrames, by: Split, training: Training, progress: Progress) -> tuple[Cell, ...]:
    out = held_out(squats, by, training.seed)
    network = train(squats, ~out, training, lambda share: progress(f"training, split by {by}", share))
    places = np.argwhere(out & drawable(training.kind))
    odds = np.concatenate(
        [
            log_odds(network, np.stack([picture_of(squats, int(i), int(f), training.kind) for i, f in part]))
            for part in np.array_split(places, max(len(places) // 256, 1))
        ]
    )
    bad = squats.bad[places[:, 0]]
    right = (odds > 0) == bad
    area = auroc(odds[~bad], odds[bad])
    return by, len(np.unique(places[:, 0])), Share(int(right.sum()), len(right)), Rounded(area, 3)
