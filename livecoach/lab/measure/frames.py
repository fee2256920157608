"""How well single frames of real lifters who were told what to do wrong are told from their good ones.

The tables of landmarks in LIVECOACH_DATA, `landmarks/*_faults.csv`, have one row a frame, in the picture, with what was
done and whether it was at the upper or the lower end. They name no videos: rows that follow each other, of one fault
and with the feet in one place, are a stretch, and stretches of one fault with the feet in the very same place a video;
intervals are over videos. Nothing was fitted to them, and there is no reference of the lifter's own: bad frames are
held against those of other videos.
"""

import csv
import itertools
import math
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from livecoach import landmark
from livecoach.errors import ConfigError
from livecoach.lab.intervals import RESAMPLES, auroc
from livecoach.lab.measure.real_data import data_folder
from livecoach.lab.measure.table import Cell, Estimate, Table

MOVED = 0.06
"""Share of the picture: ankles further than this from where a stretch began belong to another one."""
SAME_PLACE = 0.005
"""Share of the picture: stretches with the feet no further apart are of one video (.001; others: .02)."""
FRONT = 0.9
"""Width of the shoulders over the torso, both as seen, above which the camera is in front: of these stretches those in
front have 1.2 and more, all others .6 and less (deadlifts .9)."""
GOOD = "correct"
COLUMNS = (
    "exercise",
    "what was done",
    "camera",
    "end",
    "bad frames",
    "videos of these",
    "good frames",
    "videos of good ones",
    "AUROC",
)


class Stretch(NamedTuple):
    """Frames in a row of one fault, seen from one place."""

    fault: str
    front: bool
    """Whether the camera is in front."""
    place: tuple[float, float]
    """Middle of the ankles, 0…1 of the picture."""
    low: np.ndarray
    """(T,) bool, the frames at the lower end."""
    points: np.ndarray
    """(T, 33, 2) 0…1 of the picture."""


def knee_width(points: np.ndarray) -> np.ndarray:
    """Return (T,) distance of the knees / distance of the ankles, sideways in the picture.

    It is `knee_width_over_ascent` of one frame, whatever the picture's proportions.
    """
    (left_knee, right_knee), (left, right) = landmark.KNEES, landmark.ANKLES
    apart: np.ndarray = points[:, left, 0] - points[:, right, 0]
    return (points[:, left_knee, 0] - points[:, right_knee, 0]) / apart


MEASURES: dict[str, dict[str, Callable[[np.ndarray], np.ndarray]]] = {
    "deadlift": {},
    "squat": {"caved_in_knees": lambda points: -knee_width(points)},
}
"""Exercise → fault → what is higher where it is. The rest has no measure of one frame: a rounded back (`spine_neutral`)
shows in the mask, which a table of landmarks does not have; where hands and feet are is no fault of configs/."""


def measure(seed: int) -> list[Table]:
    """Measure the tables of both exercises. seed: draws the bootstrap's videos."""
    rows = tuple(row for exercise in MEASURES for row in _rows(exercise, seed))
    note = "A fault without figures has no measure of one frame."
    return [Table(title="Frames of real lifters", columns=COLUMNS, rows=rows, notes=(note,))]


def stretches(path: Path) -> Iterator[Stretch]:
    """Yield the stretches of a table, in its order. Raises ConfigError where it can't be read."""
    try:
        with path.open(newline="", encoding="utf-8") as file:
            rows = list(csv.reader(file))[1:]
    except OSError as err:
        raise ConfigError(f"{path}: can't be read ({err.strerror}). Is the data complete?") from err
    whats = [row[0].split("_", 1)[1].rpartition("_") for row in rows]  # s_caved_in_knees_down
    points = np.array([row[1:] for row in rows], float).reshape(len(rows), landmark.COUNT, 4)[..., :2]
    feet = points[:, landmark.ANKLES].mean(1)
    begin = 0
    for i in range(1, len(rows) + 1):
        if i == len(rows) or whats[i][0] != whats[begin][0] or math.dist(feet[i], feet[begin]) > MOVED:
            yield _stretch(whats[begin][0], np.array([what[2] == "down" for what in whats[begin:i]]), points[begin:i])
            begin = i


def videos(found: Sequence[Stretch], of: str, front: bool | None, low: bool) -> list[np.ndarray]:
    """Return the frames (n, 33, 2) of a fault, or of good squats, at one end, by video. front: None for any camera."""
    by_place: dict[tuple[float, float], list[np.ndarray]] = {}
    for one in found:
        if one.fault == of and front in (None, one.front) and (one.low == low).any():
            place = next((p for p in by_place if math.dist(p, one.place) < SAME_PLACE), one.place)
            by_place.setdefault(place, []).append(one.points[one.low == low])
    return [np.concatenate(points) for points in by_place.values()]


def separated(good: Sequence[np.ndarray], bad: Sequence[np.ndarray], seed: int) -> Estimate:
    """Return the AUROC of frames, with its 95 % bootstrap interval over videos where there are two of either."""
    value = auroc(np.concatenate(good), np.concatenate(bad))
    if min(len(good), len(bad)) < 2:
        return Estimate(value, math.nan, math.nan, 2)
    rng = np.random.default_rng(seed)
    drawn = []
    for _ in range(RESAMPLES):
        some = [[group[i] for i in rng.integers(len(group), size=len(group))] for group in (good, bad)]
        drawn.append(auroc(np.concatenate(some[0]), np.concatenate(some[1])))
    low, high = np.percentile(drawn, [2.5, 97.5])
    return Estimate(value, float(low), float(high), 2)


def _rows(exercise: str, seed: int) -> Iterator[tuple[Cell, ...]]:
    found = list(stretches(data_folder() / "landmarks" / f"{exercise}_frames_faults.csv"))
    for fault in sorted({one.fault for one in found} - {GOOD}):
        of_frame = MEASURES[exercise].get(fault)
        if of_frame is None:
            frames = sum(len(one.low) for one in found if one.fault == fault)
            yield exercise, fault, None, None, frames, None, None, None, None
            continue
        for front, low in itertools.product((True, False, None), (True, False)):
            bad, good = ([of_frame(video) for video in videos(found, of, front, low)] for of in (fault, GOOD))
            counts = [count for group in (bad, good) for count in (sum(map(len, group)), len(group))]
            where = {True: "in front", False: "oblique", None: "all"}[front]
            yield exercise, fault, where, "lower" if low else "upper", *counts, separated(good, bad, seed)


def _stretch(fault: str, low: np.ndarray, points: np.ndarray) -> Stretch:
    shoulders, hips = points[:, landmark.SHOULDERS], points[:, landmark.HIPS]
    torso = np.linalg.norm(shoulders.mean(1) - hips.mean(1), axis=1)
    width = np.abs(shoulders[:, 0, 0] - shoulders[:, 1, 0])
    x, y = np.median(points[:, landmark.ANKLES].mean(1), axis=0)
    front = np.median(width) / np.percentile(torso, 90) > FRONT
    return Stretch(fault, bool(front), (float(x), float(y)), low, points)
