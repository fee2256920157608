"""Others painted over: MediaPipe follows the more prominent one of two who stand near each other, and may take both for
one person, so it does not get to see who is known not to be the lifter."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from livecoach import landmark
from livecoach.pose import Pose
from livecoach.tracking.person import Person, unlike

WIDE = 0.4
"""Width of what is painted over along a limb, of the trunk's length."""
KEPT_S, KEPT_WALKING_S = 6.0, 0.7
"""For how long somebody who is not found any more is painted over: who stands may be hidden by the lifter, who walks is
elsewhere."""
WALKS_M_S = 0.4
FASTEST_M_S = 2.0
SAME = (0.5, 0.6, 0.4)
"""Limits (metres sideways and up, logarithm of the scale) for somebody who was looked at a moment ago, moved along."""
NEARER = 0.1
"""Logarithm of the scale by which somebody who walks is in front of the lifter."""
HIDDEN = 0.5
"""Share of the lifter's joints from which he counts as hidden by who passes in front."""
_LIMBS = (*landmark.BONES, (0, 11), (0, 12), (11, 24), (12, 23))
_JOINTS = [*landmark.SHOULDERS, *landmark.HIPS, *landmark.KNEES, *landmark.ANKLES]


@dataclass(slots=True, eq=False)
class _Other:
    """Somebody, as last looked at."""

    t_s: float
    landmarks: np.ndarray
    """(33, 2), 0…1."""
    seen: Person
    speed: np.ndarray
    """(2,) shares of the picture's width and height a second."""
    walks: bool = False

    def at(self, t_s: float) -> np.ndarray:
        """Landmarks, moved along, (33, 2)."""
        return self.landmarks + self.speed * (t_s - self.t_s) if self.walks else self.landmarks


class Cover:
    """Who else is there, and the picture without them."""

    def __init__(self) -> None:
        self._others: list[_Other] = []

    def know(self, t_s: float, found: Sequence[tuple[Pose, Person]]) -> None:
        """Take the others that a look at the picture found."""
        known = [o for o in self._others if t_s - o.t_s < (KEPT_WALKING_S if o.walks else KEPT_S)]
        for pose, seen in found:
            new = _Other(t_s, pose.landmarks[:, :2].copy(), seen, np.zeros(2))
            before = min(known, key=lambda o: unlike(o.seen, seen, SAME), default=None)
            if before is not None and unlike(before.seen, seen, SAME) < 1:
                _moved(before, new)
                known.remove(before)
            known.append(new)
        self._others = known

    def others(self, t_s: float) -> list[np.ndarray]:
        """Landmarks of those who are known to be there, moved along, (33, 2) each."""
        return [other.at(t_s) for other in self._others]

    def hides(self, t_s: float, lifter: np.ndarray | None, scale: float) -> bool:
        """Whether somebody who passes in front hides the lifter.

        lifter: (33, 5) landmarks as last seen. scale: heights of the picture that a metre takes there.
        """
        if lifter is None:
            return False
        joints = lifter[_JOINTS, :2]
        for other in self._others:
            if other.walks and other.seen.scale > scale * np.exp(NEARER):
                low, high = _box(other.at(t_s))
                if ((joints > low) & (joints < high)).all(1).mean() > HIDDEN:
                    return True
        return False

    def painted(self, picture: np.ndarray, t_s: float, lifter: np.ndarray | None) -> np.ndarray:
        """The picture without the others; where the lifter was seen last it stays."""
        if not self._others:
            return picture
        return without(picture, self.others(t_s), [] if lifter is None else [lifter])


def _moved(before: _Other, now: _Other) -> None:
    """Tell how fast somebody walks from two looks."""
    since_s = now.t_s - before.t_s
    if since_s <= 0:
        return
    speed = (now.landmarks[_JOINTS] - before.landmarks[_JOINTS]).mean(0) / since_s
    aside_m_s = (now.seen.x - before.seen.x) / since_s / now.seen.scale
    now.walks = WALKS_M_S < abs(aside_m_s) < FASTEST_M_S
    now.speed = np.array([speed[0], 0.0])


def _box(points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Corners around a person's landmarks."""
    low, high = points.min(0), points.max(0)
    margin = 0.1 * (high - low)
    return low - margin, high + margin


def without(picture: np.ndarray, people: Sequence[np.ndarray], kept: Sequence[np.ndarray] = ()) -> np.ndarray:
    """A copy of the picture in which people are painted over, but not where those are who are kept.

    people, kept: of each the landmarks, (33, 2) or more columns, 0…1 of the picture.
    """
    over = np.zeros(picture.shape[:2], np.uint8)
    for landmarks in people:
        _draw(over, landmarks, 255)
    for landmarks in kept:
        _draw(over, landmarks, 0)
    colour = picture[::16, ::16].reshape(-1, picture.shape[2]).mean(0)
    out = picture.copy()
    out[over > 0] = colour.astype(picture.dtype)
    return out


def _draw(over: np.ndarray, landmarks: np.ndarray, value: int) -> None:
    size = np.array(over.shape[::-1])
    points = landmarks[:, :2] * size
    trunk = points[list(landmark.SHOULDERS)].mean(0) - points[list(landmark.HIPS)].mean(0)
    legs = points[list(landmark.HIPS)].mean(0) - points[list(landmark.ANKLES)].mean(0)
    wide = max(1, round(WIDE * max(float(np.linalg.norm(trunk)), float(np.linalg.norm(legs)) / 2)))
    corners = np.clip(points, -size, 2 * size).round().astype(int).tolist()
    for one, other in _LIMBS:
        cv2.line(over, corners[one], corners[other], value, wide)
