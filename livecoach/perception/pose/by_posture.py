"""Chooses the pose network by the lifter's posture: MoveNet while the lifter lies, BlazePose otherwise.

BlazePose loses people who lie on a bench, or turns them upright, but shows them in glimpses. MoveNet follows them, but
has no toes, no mask and no other people.
"""

from collections import deque
from collections.abc import Callable, Iterable
from functools import cache

import numpy as np

from livecoach.perception.pose import Pose
from livecoach.perception.pose.blazepose import BlazePose
from livecoach.perception.pose.top_down import TopDown

LIES, STANDS = 0.9, 1.7  # Heights (`Pose.tall`) below which a pose lies, and above which it stands
WITHIN_S, SHARE, LEAST_S = 1.0, 0.6, 0.5
"""Time within which a share of the poses must lie, and least time between the first and the last of them. BlazePose
`lite` shows seven of eight real bench presses in this way, and for a moment four of 134 other real lifts."""
LOOK_S, LOOKS = 0.5, 3  # Time between two looks for people who stand, and number of looks in a row that must find them


class PosturePoseEstimator:
    """A pose estimator that uses MoveNet while the lifter lies, and BlazePose otherwise. Use it from one thread."""

    def __init__(self, blazepose: BlazePose, open_movenet: Callable[[], TopDown]) -> None:
        """Begin with BlazePose. MoveNet is opened when somebody lies for the first time."""
        self._blazepose, self._open_movenet = blazepose, cache(open_movenet)
        self.name, self.sha256, self.upright = blazepose.name, blazepose.sha256, blazepose.upright
        self._stand_up()

    def reset(self) -> None:
        """Forget all people, because the next picture has another size or is turned."""
        self._blazepose.reset()
        self._stand_up()

    def _stand_up(self) -> None:
        self._lying: TopDown | None = None
        self._seen: deque[tuple[float, bool]] = deque()  # times of the latest poses, and whether they lie
        self._looked_s, self._upright = -np.inf, 0

    @property
    def people(self) -> int:
        """The number of people known to be in the last picture, even if the lifter is not visible."""
        return (self._lying or self._blazepose).people

    def look_ahead(self, pictures: Iterable[tuple[float, np.ndarray]]) -> None:
        """Find the lifter in the first seconds of a recording, and find out whether somebody lies.

        Args:
            pictures: Times and pictures, which are read no further than needed.
        """
        for t_s, pose in self._blazepose.look_ahead(pictures):
            self._see(t_s, pose)
        self._seen.clear()

    def estimate(self, picture: np.ndarray, t_s: float) -> Pose | None:
        """Return the lifter's pose in the next picture; None if the lifter is not detected."""
        if self._lying is None:
            pose = self._blazepose.estimate(picture, t_s)
            if pose is not None:
                self._see(t_s, pose)
            return pose
        pose = self._lying.estimate(picture, t_s)
        if pose is not None and pose.standing_height < STANDS:
            self._upright = 0
        elif picture.size and t_s - self._looked_s >= LOOK_S:
            found, self._looked_s = self._blazepose.find(picture), t_s
            is_up = all(other.standing_height > STANDS for other in found) and (pose is None or len(found) > 0)
            self._upright = self._upright + 1 if is_up else 0
            if self._upright >= LOOKS:
                self._stand_up()
        return pose

    def _see(self, t_s: float, pose: Pose) -> None:
        """Have MoveNet follow the lifter if enough of the latest poses lie."""
        self._seen.append((t_s, pose.standing_height < LIES))
        while self._seen[0][0] < t_s - WITHIN_S:
            self._seen.popleft()
        lying_s = [at_s for at_s, lies in self._seen if lies]
        if self._lying is None and len(lying_s) >= SHARE * len(self._seen) and lying_s[-1] - lying_s[0] >= LEAST_S:
            self._lying = self._open_movenet()
            self._lying.reset()
