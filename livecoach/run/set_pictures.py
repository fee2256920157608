"""Keeps small pictures of the set under way in memory, so that its rest can show reps as they were filmed: the video
itself is still being written. Only for lifters who let the video be kept."""

from bisect import bisect_left
from collections import deque

import cv2
import numpy as np

MOST_BYTES = 32 << 20
"""Most memory: about a minute and a half of pictures. The oldest go first."""
SIDE_PX = 640
"""Longer side of a picture: the figures of a loop are little higher than 400 pixels. Our choice."""
QUALITY = 80
APART_S = 1 / 10
"""Least time between two pictures: a loop shows ten a second. Each costs .7 to 2.4 ms."""
NEAR_S = 0.2
"""Farthest time of a picture from the moment that it shows."""


class SetPictures:
    """The newest pictures of a run, as JPEG, by their times."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most_bytes = most_bytes
        self._times_s: deque[float] = deque()
        self._jpegs: deque[bytes] = deque()
        self._bytes = 0

    def add(self, t_s: float, picture: np.ndarray) -> None:
        """Take a picture, (height, width, 3) uint8 BGR, unless the last one is too near. t_s: rising."""
        if self._times_s and t_s - self._times_s[-1] < APART_S:
            return
        scale = SIDE_PX / max(picture.shape[:2])
        small = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA) if scale < 1 else picture
        done, jpeg = cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
        if not done:
            return
        self._times_s.append(t_s)
        self._jpegs.append(jpeg.tobytes())
        self._bytes += len(self._jpegs[-1])
        while self._bytes > self._most_bytes:
            self._times_s.popleft()
            self._bytes -= len(self._jpegs.popleft())

    def at(self, t_s: float) -> bytes | None:
        """Return the JPEG of the picture that is nearest to a time; None if none is near."""
        after = bisect_left(self._times_s, t_s)
        near = [n for n in (after - 1, after) if 0 <= n < len(self._times_s)]
        best = min(near, key=lambda n: abs(self._times_s[n] - t_s), default=None)
        return None if best is None or abs(self._times_s[best] - t_s) > NEAR_S else self._jpegs[best]
