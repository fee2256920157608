"""What moves at the sides of the picture: somebody who walks in comes from there."""

from collections import deque

import cv2
import numpy as np

SIDE = 1 / 8
"""Of the picture's width, at the left and at the right."""
CELLS = (4, 48)
"""Columns and rows of cells of a side; a cell's mean is all but free of a camera's noise."""
CHANGED = 18.0
"""Of 255, in one of the colours of a cell: clothes and skin differ by more from most of what is behind them."""
BEFORE_S = 0.2


class Sides:
    """Compares the sides of a picture with those of a moment ago."""

    def __init__(self) -> None:
        self._seen: deque[tuple[float, np.ndarray]] = deque()

    def moving(self, picture: np.ndarray, t_s: float) -> float:
        """Height of what moves at one side, share of the picture's; 0 in the first picture.

        picture: (height, width, 3) uint8, not empty. t_s: seconds, not falling from call to call.
        """
        wide = max(1, round(SIDE * picture.shape[1]))
        sides = (picture[:, :wide], picture[:, -wide:])
        now = np.stack([cv2.resize(side, CELLS, interpolation=cv2.INTER_AREA) for side in sides]).astype(np.float32)
        while len(self._seen) > 1 and t_s - self._seen[1][0] >= BEFORE_S:
            self._seen.popleft()
        before = self._seen[0][1] if self._seen else now
        self._seen.append((t_s, now))
        changed = (np.abs(now - before).max(3) > CHANGED).any(2)
        return float(changed.mean(1).max())
