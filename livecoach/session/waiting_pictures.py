"""The pictures that wait for the encoder, bounded in number and in memory. Not thread-safe."""

from collections import deque

import numpy as np

PICTURES_WAITING = 15
"""Half a second of pictures, 14 MB at 640×480. Pictures beyond that are left out of the video. Our choice."""
MOST_WAITING_BYTES = 64_000_000
"""Memory that they take at most: fewer wait where they are large, and one at least. Our choice."""


class WaitingPictures:
    """Pictures with their times, first in, first out."""

    def __init__(self) -> None:
        self._pictures: deque[tuple[np.ndarray, float]] = deque()
        self._bytes = 0

    def __len__(self) -> int:
        """Return how many wait."""
        return len(self._pictures)

    def offer(self, picture: np.ndarray, t_s: float) -> bool:
        """Take a picture, which must not be changed afterwards; return False where there is no room for it."""
        is_large = bool(self._pictures) and self._bytes + picture.nbytes > MOST_WAITING_BYTES
        if is_large or len(self._pictures) >= PICTURES_WAITING:
            return False
        self._pictures.append((picture, t_s))
        self._bytes += picture.nbytes
        return True

    def take(self) -> tuple[np.ndarray, float] | None:
        """Return the oldest picture with its time; None where none waits."""
        if not self._pictures:
            return None
        picture, t_s = self._pictures.popleft()
        self._bytes -= picture.nbytes
        return picture, t_s
