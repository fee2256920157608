"""How often a live run looks at its camera: at each picture in a set, at few while nothing happens.

Three quarters of a workout are rest, and pose estimation takes most of the processor's time. Little is lost by a low
rate until the lifter moves (docs/figures.md).
"""

from collections import deque
from dataclasses import dataclass, field

import numpy as np

from livecoach import landmark
from livecoach.types import Observation, Step

STILL, NOBODY = 6 / 8, 3 / 8
"""Shares of the pictures at rest that a run looks at while nobody moves up or down, and while nobody is in view: six
and three a second of eight. With fewer than six, the lifter lock would not notice that the landmarks jump to somebody
else (`tracking.lock.STEP_S`). Whoever steps in has to stand before a rep begins. Our choice."""
STILL_TORSO = 0.1
"""Vertical travel of shoulders, wrists and hips, in torso lengths, below which nobody moves. Breathing stays below
it."""
AWAKE_S = 2.0  # time at the full rate after a movement: most lifters pause for less before a rep
MOVES_TORSO = 0.25  # vertical travel of the same points that is a movement. Every lift begins with more
WITHIN_S = 0.6  # time in which they travel so far
EARLY_S = 0.01  # a picture may come this much before it is due: a camera's pictures come unevenly
_POINTS = [*landmark.SHOULDERS, *landmark.WRISTS, *landmark.HIPS]


@dataclass(slots=True, kw_only=True)
class RestingRate:
    """Decides which pictures a run looks at. Pure: times are the pictures' own."""

    fps: float  # pictures a second at rest, while somebody moves
    awake_until_s: float = AWAKE_S  # time until which a run looks at each picture, whatever it shows
    _looked_s: float | None = None
    _share: float = 1.0  # share of them for what the last picture showed
    _heights: deque[tuple[float, np.ndarray]] = field(default_factory=deque)
    """(6,) heights of `_POINTS` in pixels at each time of the last WITHIN_S."""

    def is_resting(self, t_s: float) -> bool:
        return t_s > self.awake_until_s

    def looks(self, t_s: float) -> bool:
        if self._looked_s is None or not self.is_resting(t_s):
            return True
        return t_s - self._looked_s >= self._pause_s

    @property
    def skip_until_s(self) -> float:
        """Time before which it looks at no picture; 0 while it looks at each."""
        if self._looked_s is None or not self.is_resting(self._looked_s):
            return 0.0
        return self._looked_s + self._pause_s

    @property
    def _pause_s(self) -> float:
        """Least time from one picture to the next at rest."""
        return 1 / (self._share * self.fps) - EARLY_S

    def step(self, step: Step) -> None:
        t_s = self._looked_s = step.observation.t_s
        travel = self._travel(step.observation)
        self._share = NOBODY if travel is None else STILL if travel < STILL_TORSO else 1.0
        if step.in_set or step.progress is not None or (travel is not None and travel > MOVES_TORSO):
            self.awake_until_s = t_s + AWAKE_S

    def _travel(self, observation: Observation) -> float | None:
        """Return how far the points have travelled within WITHIN_S, in torso lengths; None where nobody is in view."""
        if observation.landmarks is None:
            self._heights.clear()
            return None
        points_px = observation.landmarks[:, :2] * (observation.width_px, observation.height_px)
        middle_px = points_px[list(landmark.SHOULDERS)].mean(0) - points_px[list(landmark.HIPS)].mean(0)
        torso_px = max(float(np.linalg.norm(middle_px)), 0.05 * observation.height_px)
        while self._heights and observation.t_s - self._heights[0][0] > WITHIN_S:
            self._heights.popleft()
        self._heights.append((observation.t_s, points_px[_POINTS, 1]))
        return float(np.ptp([heights for _, heights in self._heights], axis=0).max() / torso_px)
