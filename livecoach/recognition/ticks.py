"""Observations at any frame rate as samples of the joints at a fixed rate, by the frames' own times.

A sample is the mean over a tick. A tick without an observation is interpolated; where nobody was in view for longer
than LONGEST_GAP_S the samples begin anew.
"""

from dataclasses import dataclass, field

import numpy as np

from livecoach import landmark
from livecoach.frame.body import Body

TICK_S = 0.1
LONGEST_GAP_S = 0.5
JOINTS = len(landmark.JOINTS)
WORLD, PICTURE = JOINTS * 2 * 3, JOINTS * 2 * 2
SIZE = WORLD + PICTURE + JOINTS * 2
"""World coordinates in metres, picture coordinates in pixels, and which joints lie inside the picture (1 or 0), of
shoulders, elbows, wrists, hips, knees, ankles, left and right."""


def sample_of(body: Body, width_px: int, height_px: int) -> np.ndarray:
    """Return (SIZE,)."""
    return sample(body.world, body.points_px, width_px, height_px)


def sample(world: np.ndarray, points_px: np.ndarray, width_px: int, height_px: int) -> np.ndarray:
    """Return (..., SIZE) of world joints (..., 6, 2, 3), metres, and picture joints (..., 6, 2, 2), pixels."""
    inside = ((points_px >= 0) & (points_px <= (width_px, height_px))).all(-1)
    parts = [part.reshape(*world.shape[:-3], -1) for part in (world, points_px, inside)]
    return np.concatenate(parts, -1, dtype=np.float64)


@dataclass(slots=True)
class Ticks:
    _sum: np.ndarray = field(default_factory=lambda: np.zeros(SIZE))
    _count: int = 0
    _number: int = 0  # of the tick whose observations are being averaged
    _last: np.ndarray | None = None  # the tick before it
    _last_number: int = 0
    began: bool = False  # whether the latest ticks are the first after nobody was in view

    def step(self, t_s: float, one: np.ndarray) -> list[np.ndarray]:
        """Return the ticks (SIZE,) that became complete; usually none or one."""
        number = int(np.floor(t_s / TICK_S + 1e-6))
        done: list[np.ndarray] = []
        self.began = False
        if self._count and number != self._number:
            done = self._complete()
        if not self._count:
            self._number = number
        self._sum = self._sum + one
        self._count += 1
        return done

    def _complete(self) -> list[np.ndarray]:
        now = self._sum / self._count
        self._sum, self._count = np.zeros(SIZE), 0
        missing = self._number - self._last_number - 1
        if self._last is None or not 0 <= missing <= LONGEST_GAP_S / TICK_S:
            self.began, missing = True, 0
        shares = (np.arange(missing) + 1) / (missing + 1)
        between = [] if self._last is None else [self._last + share * (now - self._last) for share in shares]
        self._last, self._last_number = now, self._number
        return [*between, now]
