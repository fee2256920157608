"""Detects the barbell's plate nearer to the camera: one network finds the plate, and another measures it exactly."""

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from livecoach.core import landmark
from livecoach.core.config.paths import models_dir
from livecoach.core.model_files import model_folder
from livecoach.core.model_files.model_folder import NetworkCard, read_model_json
from livecoach.core.model_files.tflite import TfliteNetwork

FINDER_PX, REFINER_PX = 96, 64  # sides of the networks' square inputs
FINDER_SIDE = 1.35  # side of the square that is searched for a plate, in statures: 2.4 m, more than a bar's length
REFINER_SIDE = 1.6  # side of the square around a plate, in diameters
CELLS = 12  # number of cells along each side of the finder's output
USUAL_DIAMETER = 0.45 / 1.75  # diameter of a full plate in statures; the finder's diameters are relative to it
_SEGMENTS = ((landmark.SHOULDERS, landmark.HIPS, 0.27), (landmark.HIPS, landmark.KNEES, 0.235))
"""Ends and lengths of torso (as in decisions.rep.tempo) and thigh (between the joints), as shares of the stature."""
_SHIN = 0.235  # length of the shin between BlazePose's joints, as a share of the stature
CARD, NETWORKS = "bar.json", ("finder.tflite", "refiner.tflite")  # names of the files in the networks' folder
LEAST_STATURE_PX = 60.0  # least stature of a lifter whose plate is searched for; a full plate then has 15 pixels


@dataclass(frozen=True, slots=True, kw_only=True)
class Plate:
    """The place and the size of a plate in a picture, in pixels."""

    x_px: float
    y_px: float  # x and y: centre of the plate's outer face, from the picture's upper left corner
    diameter_px: float  # from the highest to the lowest point, which stays the same when the bar turns away
    probability: float  # that a plate is at this place, 0…1


class PlateDetector:
    """Detects the barbell's plate nearer to the camera, with two networks. Use it from one thread."""

    def __init__(self, folder: Path | None = None) -> None:
        """Load a folder's networks; None for the shipped networks. Raises ModelError for a missing or wrong file."""
        folder = models_dir() / "bar" if folder is None else folder
        card = read_model_json(folder / CARD, NetworkCard)
        for name in NETWORKS:
            model_folder.check_digest(folder / name, card.files.get(name), CARD)
        finder, refiner = (folder / name for name in NETWORKS)
        self._finder = TfliteNetwork(finder, (1, FINDER_PX, FINDER_PX, 5), (1, CELLS, CELLS, 4), optimised=True)
        self._refiner = TfliteNetwork(refiner, (1, REFINER_PX, REFINER_PX, 3), (1, 4), optimised=True)
        self._square = np.empty((1, FINDER_PX, FINDER_PX, 5), np.float32)
        along = (np.arange(FINDER_PX) + 0.5) / FINDER_PX * 2 - 1
        self._square[0, ..., 3], self._square[0, ..., 4] = np.meshgrid(along, along)

    def find_plate(self, picture: np.ndarray, points: np.ndarray) -> Plate | None:
        """Find the place in a picture where the plate of the lifter's bar is most probable.

        Args:
            picture: (height, width, 3) uint8, BGR.
            points: (33, 2) landmarks of the lifter, pixels.

        Returns:
            The place, whose probability may be low; None if the lifter is smaller than LEAST_STATURE_PX, or the wrists
            are not known.
        """
        stature = stature_px(points)
        centre = points[list(landmark.WRISTS)].mean(0)
        if not (stature >= LEAST_STATURE_PX and np.isfinite(centre).all() and np.abs(centre).max() < 1e5):
            return None
        side = FINDER_SIDE * stature
        self._square[0, ..., :3] = _scaled(cut_square(picture, centre, side, FINDER_PX))
        cells = self._finder(self._square)[0]
        row, column = divmod(int(cells[..., 0].argmax()), CELLS)
        odds, off_x, off_y, log_diameter = cells[row, column].tolist()
        at = centre - side / 2 + (np.array([column, row]) + 0.5 + [off_x, off_y]) * side / CELLS
        return Plate(
            x_px=float(at[0]),
            y_px=float(at[1]),
            diameter_px=USUAL_DIAMETER * stature * float(np.exp(np.clip(log_diameter, -2, 1.5))),
            probability=_probability(odds),
        )

    def refine(self, picture: np.ndarray, near: Plate) -> Plate:
        """Refine the place and the size of a plate, and estimate the probability that a plate is there.

        The result is the mean of the network's results for the plate and for its mirror image. The diameter changes by
        at most a factor of 1.65.

        Args:
            picture: (height, width, 3) uint8, BGR.
            near: Approximate place and size. The place may be off by a quarter of the diameter.
        """
        at = np.array([near.x_px, near.y_px])
        cut = cut_square(picture, at, REFINER_SIDE * near.diameter_px, REFINER_PX)
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


def stature_px(points: np.ndarray) -> float:
    """Estimate a lifter's stature in the picture, in pixels, from landmarks (33, 2) in pixels.

    Torso, thigh and shin, each divided by its usual share of the stature, give three statures. The largest counts,
    because the picture may foreshorten some of the three. While a lifter bends over, the shins stay long.
    """
    lengths = [
        float(np.linalg.norm(points[list(a)].mean(0) - points[list(b)].mean(0))) / share for a, b, share in _SEGMENTS
    ]
    knees, ankles = points[list(landmark.KNEES)], points[list(landmark.ANKLES)]
    lengths.append(float(np.linalg.norm(knees - ankles, axis=1).max()) / _SHIN)
    return max(lengths)


def cut_square(picture: np.ndarray, centre: np.ndarray, side_px: float, out_px: int) -> np.ndarray:
    """Cut a square out of a picture, and scale it to (out_px, out_px, 3) uint8.

    Outside the picture, the picture's border is repeated. A square that lies wholly outside, and is shrunk to less than
    half, becomes black.

    Args:
        picture: (height, width, 3) uint8.
        centre: (2,) x and y of the square's centre, pixels.
        side_px: Side of the square in the picture.
    """
    left, top = (centre - side_px / 2).tolist()
    if side_px > 2 * out_px:  # when shrinking much, average over all pixels
        side = max(1, round(side_px))
        x, y = round(left), round(top)
        height, width = picture.shape[:2]
        inside = picture[max(y, 0) : max(y + side, 0), max(x, 0) : max(x + side, 0)]
        if not inside.size:
            return np.zeros((out_px, out_px, 3), np.uint8)
        if inside.shape[:2] != (side, side):
            above, before = max(-y, 0), max(-x, 0)
            below, behind = max(y + side - height, 0), max(x + side - width, 0)
            inside = cv2.copyMakeBorder(inside, above, below, before, behind, cv2.BORDER_REPLICATE)
        return np.asarray(cv2.resize(inside, (out_px, out_px), interpolation=cv2.INTER_AREA))
    scale = side_px / out_px
    # A pixel's value belongs to its centre.
    turn = np.array([[scale, 0, left + scale / 2 - 0.5], [0, scale, top + scale / 2 - 0.5]])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return np.asarray(cv2.warpAffine(picture, turn, (out_px, out_px), flags=flags, borderMode=cv2.BORDER_REPLICATE))


def _scaled(cut: np.ndarray) -> np.ndarray:
    return cut.astype(np.float32) / np.float32(127.5) - np.float32(1)


def _probability(odds: float) -> float:
    return float(1 / (1 + np.exp(-np.clip(odds, -30, 30))))
