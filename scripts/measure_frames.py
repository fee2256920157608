"""How well single frames of real lifters who were told what to do wrong are told from their good ones (Markdown).

    python scripts/measure_frames.py

The tables of landmarks in LIVECOACH_DATA (default ../shared/data), `landmarks/*_faults.csv`: one row a frame, in the
picture, with what was done and whether it was at the upper or the lower end. They name no videos: rows that follow each
other, of one fault and with the feet in one place, are a stretch, and stretches of one fault with the feet in the very
same place a video; intervals are over videos. Nothing was fitted to them, and there is no reference of the lifter's
own: bad frames are held against those of other videos.
"""

import csv
import itertools
import math
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
from real_reps import data_folder, run

from livecoach import landmark
from livecoach.lab.intervals import RESAMPLES, auroc

MOVED = 0.06
"""Of the picture: ankles further than this from where a stretch began belong to another one."""
SAME_PLACE = 0.005
"""Of the picture: stretches with the feet no further apart are of one video: some are at .001, the next at .02."""
FRONT = 0.9
"""Width of the shoulders over the torso, both as seen, above which the camera is in front: of these stretches those in
front have 1.2 and more, all others .6 and less (deadlifts .9)."""
SEED = 1


class Stretch(NamedTuple):
    """Frames in a row of one fault, seen from one place."""

    fault: str
    front: bool
    place: tuple[float, float]
    """Middle of the ankles, 0…1 of the picture."""
    low: np.ndarray
    """(T,) bool: at the lower end."""
    points: np.ndarray
    """(T, 33, 2) 0…1 of the picture."""


def knee_width(points: np.ndarray) -> np.ndarray:
    """(T,) distance of the knees / distance of the ankles, sideways in the picture: `knee_width_over_ascent` of one
    frame, whatever the picture's proportions."""
    (left_knee, right_knee), (left, right) = landmark.KNEES, landmark.ANKLES
    apart: np.ndarray = points[:, left, 0] - points[:, right, 0]
    return (points[:, left_knee, 0] - points[:, right_knee, 0]) / apart


TOLD: dict[str, dict[str, Callable[[np.ndarray], np.ndarray]]] = {
    "deadlift": {},
    "squat": {"caved_in_knees": lambda points: -knee_width(points)},
}
"""Exercise → fault → what is higher where it is. The rest has no measure of one frame: a rounded back (`spine_neutral`)
is told from the mask, which a table of landmarks does not have; where hands and feet are is no fault of configs/."""
GOOD = "correct"


def stretches(path: Path) -> Iterator[Stretch]:
    """Those of a table, in its order."""
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.reader(file))[1:]
    whats = [row[0].split("_", 1)[1].rpartition("_") for row in rows]  # s_caved_in_knees_down
    points = np.array([row[1:] for row in rows], float).reshape(len(rows), landmark.COUNT, 4)[..., :2]
    feet = points[:, landmark.ANKLES].mean(1)
    begin = 0
    for i in range(1, len(rows) + 1):
        if i == len(rows) or whats[i][0] != whats[begin][0] or math.dist(feet[i], feet[begin]) > MOVED:
            yield _stretch(whats[begin][0], np.array([what[2] == "down" for what in whats[begin:i]]), points[begin:i])
            begin = i


def _stretch(fault: str, low: np.ndarray, points: np.ndarray) -> Stretch:
    shoulders, hips = points[:, landmark.SHOULDERS], points[:, landmark.HIPS]
    torso = np.linalg.norm(shoulders.mean(1) - hips.mean(1), axis=1)
    width = np.abs(shoulders[:, 0, 0] - shoulders[:, 1, 0])
    x, y = np.median(points[:, landmark.ANKLES].mean(1), axis=0)
    front = np.median(width) / np.percentile(torso, 90) > FRONT
    return Stretch(fault, bool(front), (float(x), float(y)), low, points)


def videos(found: list[Stretch], of: str, front: bool | None, low: bool) -> list[np.ndarray]:
    """Frames (n, 33, 2) of a fault, or of good squats, at one end, by video. front: None for any camera."""
    by_place: dict[tuple[float, float], list[np.ndarray]] = {}
    for one in found:
        if one.fault == of and front in (None, one.front) and (one.low == low).any():
            place = next((p for p in by_place if math.dist(p, one.place) < SAME_PLACE), one.place)
            by_place.setdefault(place, []).append(one.points[one.low == low])
    return [np.concatenate(points) for points in by_place.values()]


def separated(good: list[np.ndarray], bad: list[np.ndarray]) -> str:
    """AUROC of frames, and its 95 % bootstrap interval over videos where there are two of either."""
    value = auroc(np.concatenate(good), np.concatenate(bad))
    if min(len(good), len(bad)) < 2:
        return f"{value:.2f}"
    rng = np.random.default_rng(SEED)
    drawn = []
    for _ in range(RESAMPLES):
        some = [[group[i] for i in rng.integers(len(group), size=len(group))] for group in (good, bad)]
        drawn.append(auroc(np.concatenate(some[0]), np.concatenate(some[1])))
    low, high = np.percentile(drawn, [2.5, 97.5])
    return f"{value:.2f} ({low:.2f}–{high:.2f})"


def rows(exercise: str) -> Iterator[str]:
    """The table's rows of an exercise."""
    found = list(stretches(data_folder().parent / "landmarks" / f"{exercise}_frames_faults.csv"))
    for fault in sorted({one.fault for one in found} - {GOOD}):
        measure = TOLD[exercise].get(fault)
        if measure is None:
            frames = sum(len(one.low) for one in found if one.fault == fault)
            yield f"| {exercise} | {fault} | – | – | {frames} | – | no measure of one frame |"
            continue
        for front, low in itertools.product((True, False, None), (True, False)):
            bad, good = ([measure(v) for v in videos(found, of, front, low)] for of in (fault, GOOD))
            counts = " | ".join(f"{sum(map(len, group))} in {len(group)}" for group in (bad, good))
            where = {True: "in front", False: "oblique", None: "all"}[front]
            told = separated(good, bad)
            yield f"| {exercise} | {fault} | {where} | {'lower' if low else 'upper'} | {counts} | {told} |"


def main() -> None:
    print("| exercise | what was done | camera | end | bad frames, videos | good ones | AUROC |")
    print("| --- | --- | --- | --- | ---: | ---: | ---: |")
    for exercise in TOLD:
        print("\n".join(rows(exercise)))


if __name__ == "__main__":
    sys.exit(run(main))
