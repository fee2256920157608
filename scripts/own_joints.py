"""The scorers on a depth camera's lifts in their own joints: a test of the method, without a pose estimator.

By their bones all good lifts are one lifter's, so how well bad ones are told from them also says how well other people
and other days are: the lengths of the bones alone, and how they stand before the lift, are judged beside, as controls.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from livecoach.errors import LivecoachError
from livecoach.lab.intervals import auroc_interval, wilson
from livecoach.lab.scorers.compare import ALARMS
from livecoach.lab.scorers.kinds import Kind, Mahalanobis, NearestNeighbours, PcaResidual
from livecoach.rep.trajectory_vector import MOMENTS
from livecoach.synth.retarget import RecordedLift, recorded_lifts

FOLDS = 10
BONES = (
    ("neck", "head"),
    ("spine", "neck"),
    ("hip_centre", "spine"),
    ("neck", "left_shoulder"),
    ("neck", "right_shoulder"),
    ("left_shoulder", "left_hand"),
    ("right_shoulder", "right_hand"),
    ("hip_centre", "left_hip"),
    ("hip_centre", "right_hip"),
    ("left_hip", "left_knee"),
    ("right_hip", "right_knee"),
    ("left_knee", "left_ankle"),
    ("right_knee", "right_ankle"),
    ("left_ankle", "left_foot"),
    ("right_ankle", "right_foot"),
)
"""Of its 16 joints; hands hang on shoulders, since there are no elbows."""
RIGID = tuple(bone for bone in BONES if not bone[1].endswith(("hand", "foot")))
"""Bones proper: their lengths are a lifter's, not a movement's."""
KINDS: tuple[type[Kind], ...] = (PcaResidual, Mahalanobis, NearestNeighbours)
"""Directions between lifters need lifters, and the networks are made for 33 landmarks."""


def at_moments(lift: RecordedLift) -> dict[str, np.ndarray]:
    """Joint → (2 MOMENTS, 3) m, evenly in time to the lowest point and back, from where the ankles are."""
    out = np.linspace(lift.start, lift.turn, MOMENTS)
    moments = np.concatenate([out, np.linspace(lift.turn, lift.end, MOMENTS + 1)[1:]])
    inside = slice(lift.start, lift.end + 1)
    ankles = np.median(((lift.joints["left_ankle"] + lift.joints["right_ankle"]) / 2)[inside], axis=0)
    frames = np.arange(len(lift.joints["neck"]))
    return {
        joint: np.stack([np.interp(moments, frames, axis) for axis in (points - ankles).T], 1)
        for joint, points in lift.joints.items()
    }


def way(lift: RecordedLift) -> np.ndarray:
    """The way of all joints, in torso lengths."""
    torso = lift.joints["neck"] - lift.joints["hip_centre"]
    torso_m = np.median(np.linalg.norm(torso[lift.start : lift.end + 1], axis=1))
    return np.stack(list(at_moments(lift).values())).ravel() / float(torso_m)


def directions(lift: RecordedLift) -> np.ndarray:
    """The bones' directions: nothing of their lengths is left."""
    joints = at_moments(lift)
    bones = np.stack([joints[end] - joints[start] for start, end in BONES])
    unit: np.ndarray = bones / np.maximum(np.linalg.norm(bones, axis=-1, keepdims=True), 1e-6)
    return unit.ravel()


def changes(lift: RecordedLift) -> np.ndarray:
    """The bones' directions less those before the lift: how somebody stands is taken out too."""
    ways = directions(lift).reshape(len(BONES), -1, 3)
    return (ways - ways[:, :1]).ravel()


def lengths(lift: RecordedLift) -> np.ndarray:
    """The bones' lengths (m): nothing of the movement is left, but for what the depth camera mistakes."""
    return np.array([np.median(np.linalg.norm(lift.joints[end] - lift.joints[start], axis=1)) for start, end in RIGID])


def standing(lift: RecordedLift) -> np.ndarray:
    """The bones' directions before the lift alone: nothing of it is to be seen yet."""
    found: np.ndarray = directions(lift).reshape(len(BONES), -1, 3)[:, 0]
    return found.ravel()


VALUES: dict[str, Callable[[RecordedLift], np.ndarray]] = {
    "way of the joints": way,
    "directions of the bones": directions,
    "directions, less standing": changes,
    "control: lengths of the bones": lengths,
    "control: directions while standing": standing,
}


def cross_validated(kind: type[Kind], good: np.ndarray, bad: np.ndarray, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Scores (n,), (m,): a good one's by the models that it did not make, a bad one's the mean of all."""
    fold = np.random.default_rng(seed).permutation(len(good)) % FOLDS
    of_good, of_bad = np.zeros(len(good)), []
    for number in range(FOLDS):
        model, left_out = kind(), fold == number
        made_from = good[~left_out]
        model.fit(made_from, made_from)
        of_good[left_out] = model.scores(good[left_out])
        of_bad.append(model.scores(bad))
    return of_good, np.mean(of_bad, axis=0)


def limit_of(good: np.ndarray) -> float:
    """The least score past which a share ALARMS of the good ones or less is."""
    return float(np.sort(good)[len(good) - 1 - int(ALARMS * len(good))])


def show_own_joints(path: Path, seed: int) -> None:
    """Measure and print. Raises LivecoachError where the file can't be used."""
    lifts = list(recorded_lifts(path))
    faults = np.array([lift.fault for lift in lifts])
    good = faults == 0
    if good.sum() < FOLDS or good.all():
        raise LivecoachError(f"{path}: {int(good.sum())} good lifts and {int((~good).sum())} bad; too few of a kind.")
    print(f"# Depth camera, own joints: {int(good.sum())} good and {int((~good).sum())} bad lifts, {FOLDS} folds\n")
    print("By their bones all good lifts are one lifter's; the controls tell how far that alone separates.")
    print(f"The limit leaves {int(ALARMS * good.sum())} of the good ones past it, and is set on those that judge.\n")
    names = np.unique(faults[~good]).tolist()
    heads = ["taken as", "scorer", "AUROC (95 %)", "alarms", "hits (95 %)", *(f"bad form {name}" for name in names)]
    print(f"| {' | '.join(heads)} |\n|{' --- |' * len(heads)}")
    for title, taken in VALUES.items():
        vectors = np.stack([taken(lift) for lift in lifts])
        for kind in KINDS:
            scores = cross_validated(kind, vectors[good], vectors[~good], seed)
            print(f"| {title} | {kind.name} | {' | '.join(_cells(*scores, faults[~good], names, seed))} |")


def _cells(good: np.ndarray, bad: np.ndarray, faults: np.ndarray, names: Sequence[int], seed: int) -> list[str]:
    area, limit = auroc_interval(good, bad, seed), limit_of(good)
    past = bad > limit
    low, high = wilson(int(past.sum()), len(past))
    return [
        f"{area['value']:.3f} ({area['low']:.3f}–{area['high']:.3f})",
        f"{int((good > limit).sum())}/{len(good)}",
        f"{int(past.sum())}/{len(past)} ({low:.0%}–{high:.0%})",
        *(f"{int(past[faults == name].sum())}/{int((faults == name).sum())}" for name in names),
    ]
