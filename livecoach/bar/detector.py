"""Detect the barbell's plate nearer to the camera: one network locates it, another one measures it exactly."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from livecoach import landmark
from livecoach.bar.crop import CELLS, FINDER_PX, FINDER_SIDE, REFINER_PX, REFINER_SIDE, USUAL, square, stature_px
from livecoach.config.paths import models_dir
from livecoach.model_files import model_folder
from livecoach.model_files.model_folder import NetworkCard, read_model
from livecoach.model_files.tflite import TfliteNetwork

CARD, NETWORKS = "bar.json", ("finder.tflite", "refiner.tflite")
LEAST_STATURE_PX = 60.0
"""A plate has 15 pixels then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plate:
    x_px: float
    y_px: float  # centre of its outer face, from the picture's upper left corner
    diameter_px: float
    """From its highest to its lowest point, which does not shrink when the bar turns away."""
    probability: float


class Detector:
    """Runs both networks. Used from one thread."""

    def __init__(self, folder: Path | None = None) -> None:
        """folder: None for the shipped one. Raises ModelError that names the file at fault."""
        folder = models_dir() / "bar" if folder is None else folder
        card = read_model(folder / CARD, NetworkCard)
        for name in NETWORKS:
            model_folder.check(folder / name, card.files.get(name), CARD)
        finder, refiner = (folder / name for name in NETWORKS)
        self._finder = TfliteNetwork(finder, (1, FINDER_PX, FINDER_PX, 5), (1, CELLS, CELLS, 4), optimised=True)
        self._refiner = TfliteNetwork(refiner, (1, REFINER_PX, REFINER_PX, 3), (1, 4), optimised=True)
        self._square = np.empty((1, FINDER_PX, FINDER_PX, 5), np.float32)
        along = (np.arange(FINDER_PX) + 0.5) / FINDER_PX * 2 - 1
        self._square[0, ..., 3], self._square[0, ..., 4] = np.meshgrid(along, along)

    def find(self, picture: np.ndarray, points: np.ndarray) -> Plate | None:
        """Return the most probable plate of the bar that the lifter holds; None where the lifter is too small. picture:
        (height, width, 3) uint8 BGR; points: (33, 2) the lifter's landmarks, px."""
        stature = stature_px(points)
        centre = points[list(landmark.WRISTS)].mean(0)
        if not (stature >= LEAST_STATURE_PX and np.isfinite(centre).all() and np.abs(centre).max() < 1e5):
            return None
        side = FINDER_SIDE * stature
        self._square[0, ..., :3] = _scaled(square(picture, centre, side, FINDER_PX))
        cells = self._finder(self._square)[0]
        row, column = divmod(int(cells[..., 0].argmax()), CELLS)
        odds, off_x, off_y, log_diameter = cells[row, column].tolist()
        at = centre - side / 2 + (np.array([column, row]) + 0.5 + [off_x, off_y]) * side / CELLS
        return Plate(
            x_px=float(at[0]),
            y_px=float(at[1]),
            diameter_px=USUAL * stature * float(np.exp(np.clip(log_diameter, -2, 1.5))),
            probability=_probability(odds),
        )

    def refine(self, picture: np.ndarray, near: Plate) -> Plate:
        """Return the plate within a quarter of its diameter of `near`. The network sees it plain and mirrored, which is
        more exact."""
        at = np.array([near.x_px, near.y_px])
        cut = square(picture, at, REFINER_SIDE * near.diameter_px, REFINER_PX)
        scaled = _scaled(cut)[None]
        plain = self._refiner(scaled)[0].copy()
        mirrored = self._refiner(np.ascontiguousarray(scaled[:, :, ::-1]))[0] * (1, -1, 1, 1)
        odds, x, y, log_diameter = ((plain + mirrored) / 2).tolist()
        return Plate(
            x_px=near.x_px + x * near.diameter_px,
            y_px=near.y_px + y * near.diameter_px,
            diameter_px=near.diameter_px * float(np.exp(np.clip(log_diameter, -0.5, 0.5))),
            probability=_probability(odds),
        )


def _scaled(cut: np.ndarray) -> np.ndarray:
    return cut.astype(np.float32) / np.float32(127.5) - np.float32(1)


def _probability(odds: float) -> float:
    return float(1 / (1 + np.exp(-np.clip(odds, -30, 30))))
