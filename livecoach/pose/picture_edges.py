"""Movement at the sides of the picture, where a person who walks in appears first."""

from collections import deque

import cv2
import numpy as np

SIDE = 1 / 8
"""Width of each side, as a share of the picture's width."""
CELLS = (4, 48)
"""Columns and rows of cells of a side; the mean of a cell is almost free of camera noise."""
CHANGED = 18.0
"""Change (of 255) in a colour of a cell that counts as movement. Clothes and skin differ by more from most
backgrounds."""
BEFORE_S = 0.2
"""Time between the two pictures that are compared."""


class EdgeMotion:
    """Compares the sides of a picture with those of BEFORE_S ago."""

    def __init__(self) -> None:
        self._seen: deque[tuple[float, np.ndarray]] = deque()

    def moving(self, picture: np.ndarray, t_s: float) -> float:
        """Return the height of the movement at one side, as a share of the picture's; 0 in the first picture.

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
