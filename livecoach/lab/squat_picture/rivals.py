"""What the landmarks say where no picture is drawn of them: a small network that takes them as numbers.

It tells what a picture could show at best: the landmarks of the deepest frame, with the azimuth, of all frames,
and beside the lifter's own good squats, which nobody has of a lifter of whom nothing is known.
"""

import warnings
from collections.abc import Callable, Mapping

import numpy as np

from livecoach.lab.intervals import auroc
from livecoach.lab.measure.table import Cell, Progress, Rounded, Share, Table
from livecoach.lab.squat_picture.drawing import DRAWN, flipped
from livecoach.lab.squat_picture.frames import AROUND, SquatFrames

LAYERS = (128, 64)
EPOCHS = 12
OTHERS = 2
"""Good squats of a lifter, beside the judged one, that are needed to compare with."""
Numbers = Callable[[SquatFrames], np.ndarray]
"""Returns (n, numbers); rows with NaN are left out."""


def measure(training: SquatFrames, judging: SquatFrames, seed: int, progress: Progress) -> Table:
    """Fit a network to each kind of numbers of the training squats, and judge the others by it."""
    mirrored = _mirrored(training)
    rows: list[tuple[Cell, ...]] = []
    for number, (name, numbers_of) in enumerate(RIVALS.items()):
        progress(name, number / len(RIVALS))
        seen = np.concatenate([numbers_of(training), numbers_of(mirrored)])
        rows.append((name, *_row(seen, np.tile(training.bad, 2), numbers_of(judging), judging.bad, seed)))
    return Table(
        title=f"Landmarks as numbers: {len(training)} squats learned from, {len(judging)} judged",
        columns=("landmarks", "squats", "right", "hits at 2% alarms", "AUROC"),
        rows=tuple(rows),
    )


def _row(seen: np.ndarray, bad: np.ndarray, unseen: np.ndarray, truth: np.ndarray, seed: int) -> tuple[Cell, ...]:
    known, told = np.isfinite(seen).all(1), np.isfinite(unseen).all(1)
    shares, truth = shares_bad(seen[known], bad[known], unseen[told], seed), truth[told]
    right = (shares > 0.5) == truth
    hits = shares[truth] > np.quantile(shares[~truth], 0.98)
    area = auroc(shares[~truth], shares[truth])
    return (
        len(truth),
        Share(int(right.sum()), len(right)),
        Share(int(hits.sum()), len(hits)),
        Rounded(area, 3),
    )


def shares_bad(seen: np.ndarray, bad: np.ndarray, unseen: np.ndarray, seed: int) -> np.ndarray:
    """Learn from rows of numbers which are bad, and return how likely others are, 0…1."""
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.neural_network import MLPClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    network = make_pipeline(
        StandardScaler(),
        MLPClassifier(
            LAYERS,
            alpha=1e-2,
            batch_size=min(256, len(seen) // 2),
            max_iter=EPOCHS,
            early_stopping=True,
            random_state=seed,
        ),
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # so many epochs are meant
        network.fit(seen, bad)
    shares: np.ndarray = network.predict_proba(unseen)[:, 1]
    return shares


def poses_of(squats: SquatFrames) -> np.ndarray:
    """Return all frames (n, FRAMES, landmarks drawn, 2) around the middle of the deepest one, in lengths of it."""
    joints = squats.joints[:, :, list(DRAWN)]
    deepest = joints[:, AROUND]
    low, high = deepest.min(1), deepest.max(1)
    size = (high - low).max(1)[:, None, None, None]
    poses: np.ndarray = (joints - ((low + high) / 2)[:, None, None]) / size
    return poses


def _deepest(squats: SquatFrames) -> np.ndarray:
    return poses_of(squats)[:, AROUND].reshape(len(squats), -1)


def _with_azimuth(squats: SquatFrames) -> np.ndarray:
    return np.column_stack([_deepest(squats), np.sin(np.radians(squats.azimuths_deg)), squats.azimuths_deg / 90])


def _all_frames(squats: SquatFrames) -> np.ndarray:
    return poses_of(squats).reshape(len(squats), -1)


def _beside_own(squats: SquatFrames) -> np.ndarray:
    """Return the deepest pose less the mean of the lifter's other good ones; NaN where there are too few."""
    poses = _deepest(squats)
    changes = np.full_like(poses, np.nan)
    for row, lifter in enumerate(squats.lifters):
        own = (squats.lifters == lifter) & ~squats.bad
        own[row] = False
        if own.sum() >= OTHERS:
            changes[row] = poses[row] - poses[own].mean(0)
    return changes


RIVALS: Mapping[str, Numbers] = {
    "deepest frame": _deepest,
    "deepest frame and azimuth": _with_azimuth,
    "all eleven frames": _all_frames,
    "deepest frame, less the lifter's other good ones": _beside_own,
}


def _mirrored(squats: SquatFrames) -> SquatFrames:
    joints = np.stack([flipped(poses) for poses in squats.joints])
    return SquatFrames(joints=joints, labels=squats.labels, lifters=squats.lifters, azimuths_deg=squats.azimuths_deg)
