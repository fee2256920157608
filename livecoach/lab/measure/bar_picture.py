"""Draws the measured path of the bar of rendered reps with full plates beside the true one: docs/bar_path.png."""

from pathlib import Path

import cv2
import numpy as np

from livecoach import charts
from livecoach.bar.detector import Detector
from livecoach.errors import OutputError
from livecoach.lab.measure.bar_reps import FULL_M, BarRep, followed, judged_reps, measured_rep
from livecoach.lab.measure.bar_sets import bar_set
from livecoach.lab.measure.cache import Cache

CELL_PX = (330, 420)
LEFT, TOP, BOTTOM, RIGHT = 52, 66, 380, 316
PX_PER_CM = 4.6
BACKGROUND, FRAME, INK = (255, 255, 255), (190, 190, 190), (40, 40, 40)
TRUE, MEASURED = (170, 170, 170), (190, 90, 20)
"""Colours, BGR."""
REPS = 4


def draw(seed: int, cache: Cache, path: Path) -> None:
    """Draw the first rep of the first sets with full plates, REPS of them. Raises OutputError."""
    detector, number = Detector(), 0
    cells: list[np.ndarray] = []
    while len(cells) < REPS:
        made = bar_set(seed, number, cache)
        number += 1
        if made.radius_m < FULL_M:
            continue
        observations, _ = followed(made, detector)
        for rep, view in judged_reps(made.exercise, observations)[:1]:
            measured = measured_rep(made, observations, rep, view)
            if measured is not None and measured.path.forward_m is not None:
                cells.append(_cell(f"{made.exercise}, seen from {abs(made.view_deg):.0f} degrees", measured))
    key = np.full((34, CELL_PX[0] * REPS, 3), BACKGROUND, np.uint8)
    for x, text, colour in ((14, "grey: true", TRUE), (140, "blue: measured by the plate", MEASURED)):
        cv2.putText(key, text, (x, 20), cv2.FONT_HERSHEY_SIMPLEX, 0.5, colour, 1, cv2.LINE_AA)
    if not cv2.imwrite(str(path), np.vstack([np.hstack(cells), key])):
        raise OutputError(f"{path}: can't be written. Choose another place with --picture.")


def _cell(title: str, rep: BarRep) -> np.ndarray:
    """Return a picture (420, 330, 3) of one rep: forward to the right, up upwards, centimetres."""
    width, height = CELL_PX
    picture = np.full((height, width, 3), BACKGROUND, np.uint8)
    lines = _lines_cm(rep)
    every = np.vstack(lines)
    middle = (every.max(0) + every.min(0)) / 2
    cv2.rectangle(picture, (LEFT, TOP), (RIGHT, BOTTOM), FRAME, 1, cv2.LINE_AA)
    _draw_ticks(picture, lines[0].min(0), middle)
    for line, colour, thick in zip(lines, (TRUE, MEASURED), (6, 2), strict=True):
        cv2.polylines(picture, [_place(line, middle)], False, colour, thick, cv2.LINE_AA, 4)
    off_cm = float(np.sqrt((rep.off_cm**2).mean()))
    speeds = f"{rep.speed:.2f} m/s (true {rep.true_speed:.2f}), path off {off_cm:.1f} cm"
    for text, y in ((title, 24), (speeds, 46)):
        cv2.putText(picture, text, (14, y), cv2.FONT_HERSHEY_SIMPLEX, 0.45, INK, 1, cv2.LINE_AA)
    cv2.putText(picture, "cm forward", (130, BOTTOM + 36), cv2.FONT_HERSHEY_SIMPLEX, 0.42, INK, 1, cv2.LINE_AA)
    return picture


def _lines_cm(rep: BarRep) -> list[np.ndarray]:
    """Return the true and the measured line, (n, 2) each, around their means."""
    within = slice(rep.path.start, rep.path.stop)
    lines = []
    for path in (rep.truth, rep.path):
        assert path.forward_m is not None
        line = np.stack([path.forward_m, path.up_m], 1)[within] * 100
        lines.append(line - line.mean(0))
    return lines


def _draw_ticks(picture: np.ndarray, zero: np.ndarray, middle: np.ndarray) -> None:
    reach = np.array([RIGHT - LEFT, BOTTOM - TOP]) / 2 / PX_PER_CM
    for axis in (0, 1):
        low, high = (middle[axis] + sign * reach[axis] - zero[axis] for sign in (-1, 1))
        for at, text in charts.ticks_between(low, high, 6):
            x, y = (_place(np.array([at + zero[axis]] * 2), middle) / 16).tolist()
            spot = (round(x) - 8, BOTTOM + 18) if axis == 0 else (LEFT - 34, round(y) + 4)
            cv2.putText(picture, text, spot, cv2.FONT_HERSHEY_SIMPLEX, 0.42, INK, 1, cv2.LINE_AA)


def _place(points: np.ndarray, middle: np.ndarray) -> np.ndarray:
    """Return where points in cm lie, in sixteenths of a pixel."""
    centre = np.array([(LEFT + RIGHT) / 2, (TOP + BOTTOM) / 2])
    return np.rint((centre + (points - middle) * (PX_PER_CM, -PX_PER_CM)) * 16).astype(np.int32)
