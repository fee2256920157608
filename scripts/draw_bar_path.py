"""Draws the measured way of the bar of rendered reps with full plates beside the true one: docs/bar_path.png.

python scripts/draw_bar_path.py --seed 51 --cache DIR --out docs/bar_path.png
"""

import argparse
import sys
from pathlib import Path

import cv2
import numpy as np
from bar_sets import bar_set
from measure_bar import FULL_M, Measured, counted, followed, measured

from livecoach.bar.detector import Detector
from livecoach.charts import ticks

CELL_PX = (330, 420)
LEFT, TOP, BOTTOM, RIGHT = 52, 66, 380, 316
PER_CM = 4.6
"""Pixels a centimetre."""
BACKGROUND, FRAME, INK = (255, 255, 255), (190, 190, 190), (40, 40, 40)
TRUE, MEASURED = (170, 170, 170), (190, 90, 20)
"""Colours, BGR."""
REPS = 4


def cell(title: str, one: Measured) -> np.ndarray:
    """(420, 330, 3) one rep: forward to the right, up upwards, centimetres."""
    width, height = CELL_PX
    picture = np.full((height, width, 3), BACKGROUND, np.uint8)
    within = slice(one.path.start, one.path.stop)
    lines = []
    for path in (one.truth, one.path):
        assert path.forward_m is not None
        line = np.stack([path.forward_m, path.up_m], 1)[within] * 100
        lines.append(line - line.mean(0))
    middle = (np.max(np.vstack(lines), 0) + np.min(np.vstack(lines), 0)) / 2
    reach = np.array([RIGHT - LEFT, BOTTOM - TOP]) / 2 / PER_CM
    centre = np.array([(LEFT + RIGHT) / 2, (TOP + BOTTOM) / 2])

    def place(points: np.ndarray) -> np.ndarray:
        return np.rint((centre + (points - middle) * (PER_CM, -PER_CM)) * 16).astype(np.int32)

    cv2.rectangle(picture, (LEFT, TOP), (RIGHT, BOTTOM), FRAME, 1, cv2.LINE_AA)
    low = lines[0].min(0)
    for axis in (0, 1):
        zero = low[axis]
        for at, text in ticks.between(middle[axis] - reach[axis] - zero, middle[axis] + reach[axis] - zero, 6):
            x, y = (place(np.array([at + zero] * 2)) / 16).tolist()
            spot = (round(x) - 8, BOTTOM + 18) if axis == 0 else (LEFT - 34, round(y) + 4)
            cv2.putText(picture, text, spot, cv2.FONT_HERSHEY_SIMPLEX, 0.42, INK, 1, cv2.LINE_AA)
    for line, colour, thick in zip(lines, (TRUE, MEASURED), (6, 2), strict=True):
        cv2.polylines(picture, [place(line)], False, colour, thick, cv2.LINE_AA, 4)
    off_cm = float(np.sqrt((one.off_cm**2).mean()))
    speeds = f"{one.speed:.2f} m/s (true {one.true_speed:.2f}), path off {off_cm:.1f} cm"
    for text, y in ((title, 24), (speeds, 46)):
        cv2.putText(picture, text, (14, y), cv2.FONT_HERSHEY_SIMPLEX, 0.45, INK, 1, cv2.LINE_AA)
    cv2.putText(picture, "cm forward", (130, BOTTOM + 36), cv2.FONT_HERSHEY_SIMPLEX, 0.42, INK, 1, cv2.LINE_AA)
    return picture


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=51)
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    asked = parser.parse_args()
    detector, cells, number = Detector(), [], 0
    while len(cells) < REPS:
        one = bar_set(asked.seed, number, asked.cache)
        number += 1
        if one.radius_m < FULL_M:
            continue
        seen, _ = followed(one, detector)
        for rep, view in counted(one.exercise, seen)[:1]:
            travel = {"deadlift": "bar", "squat": "hips"}[one.exercise]
            found = None if view is None else measured(one, seen, rep, view, travel)
            if found is not None and found.path.forward_m is not None:
                cells.append(cell(f"{one.exercise}, seen from {abs(one.view_deg):.0f} degrees", found))
    key = np.full((34, CELL_PX[0] * REPS, 3), BACKGROUND, np.uint8)
    for x, text, colour in ((14, "grey: true", TRUE), (140, "blue: measured by the plate", MEASURED)):
        cv2.putText(key, text, (x, 20), cv2.FONT_HERSHEY_SIMPLEX, 0.5, colour, 1, cv2.LINE_AA)
    cv2.imwrite(str(asked.out), np.vstack([np.hstack(cells), key]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
