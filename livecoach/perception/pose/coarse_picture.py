"""Compares pictures by coarse copies."""

import cv2
import numpy as np

SAMPLES, CELLS = (160, 120), (40, 30)  # columns and rows of the samples, and of the cells in which they are averaged
CHANGED = 8.0
"""Change (of 255) in a colour of a cell from which a picture has changed. A webcam's noise stays below 2. Of 710
pictures of 14 real clips, .17 s apart, one changed less, and half of them changed by over 50."""
MOST_SAME = 10  # most comparisons with a copy, after which each picture counts as changed. Our choice.


class CoarsePicture:
    """A coarse copy of a picture, with which later pictures are compared."""

    def __init__(self, most: float = MOST_SAME) -> None:
        """Begin without a copy. Each copy can be compared `most` times; after that, each picture counts as changed."""
        self._cells: np.ndarray | None = None
        self._most, self._times = most, 0

    def keep(self, picture: np.ndarray) -> None:
        """Replace the copy by a copy of a picture (height, width, 3) uint8."""
        self._cells, self._times = self._copy(picture), 0

    def resembles(self, picture: np.ndarray) -> bool:
        """Return whether a picture looks like the copy; False without a copy, or if the copy was compared too often."""
        self._times += 1
        if self._cells is None or self._times > self._most:
            return False
        return bool(cv2.norm(self._cells, self._copy(picture), cv2.NORM_INF) < CHANGED)

    def find_change(self, picture: np.ndarray) -> np.ndarray | None:
        """Return the box of all cells that differ from the copy: x and y, 0…1, of two corners; None without any."""
        if self._cells is None:
            return None
        y, x = np.nonzero((cv2.absdiff(self._cells, self._copy(picture)) >= CHANGED).any(2))
        return np.array([(x.min(), y.min()), (x.max() + 1, y.max() + 1)]) / CELLS if x.size else None

    def _copy(self, picture: np.ndarray) -> np.ndarray:
        return cv2.resize(cv2.resize(picture, SAMPLES), CELLS, interpolation=cv2.INTER_AREA)


def cell_means(picture: np.ndarray, columns: int, rows: int) -> np.ndarray:
    """Divide a picture (height, width, 3) into cells, and return the cells' mean colours: (rows, columns, 3) uint8.

    Pixels at the right and lower edge are left out if the cells would not have whole pixels: with 926 lines, OpenCV
    takes five times as long for parts of pixels.
    """
    height, width = picture.shape[:2]
    whole = picture[: height // rows * rows or height, : width // columns * columns or width]
    return cv2.resize(whole, (columns, rows), interpolation=cv2.INTER_AREA)
