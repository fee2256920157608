"""Paints over bystanders, because BlazePose may follow them, or merge them with the lifter."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from livecoach.core import landmark
from livecoach.perception.pose import Pose
from livecoach.perception.tracking.person import Person, normalised_distance

WIDE = 0.4  # width of a painted limb, as a share of the trunk's length
KEPT_S, KEPT_WALKING_S = 6.0, 0.7
"""Time for which a bystander is remembered after the last detection, standing or walking. The lifter may hide somebody
who stands; somebody who walks has moved on."""
WALKS_M_S = 0.4  # least sideways speed of a bystander who walks
FASTEST_M_S = 2.0  # sideways speed above which two people have been confused
SAME = (0.5, 0.6, 0.4)
"""Limits (metres sideways and vertically, log scale) within which two detections in a row are the same bystander."""
NEARER = 0.1  # difference in log scale from which a bystander is in front of the lifter
HIDDEN = 0.5  # share of hidden joints above which the lifter is hidden
_LIMBS = (*landmark.BONES, (0, 11), (0, 12), (11, 24), (12, 23))


@dataclass(frozen=True, slots=True, eq=False)
class _Bystander:
    t_s: float
    landmarks: np.ndarray  # (33, 2), 0…1 of the picture
    person: Person
    speed: float  # sideways speed, picture widths a second; 0 unless the bystander walks

    def at(self, t_s: float) -> np.ndarray:
        return self.landmarks + np.array([self.speed * (t_s - self.t_s), 0.0])


class BystanderMask:
    """Remembers the bystanders of the latest pictures, and paints over them."""

    def __init__(self) -> None:
        self._bystanders: list[_Bystander] = []

    def update(self, t_s: float, detected: Sequence[tuple[Pose, Person]]) -> None:
        """Update the bystanders with the people in the next picture, except for the lifter.

        A bystander who was not detected for KEPT_S (KEPT_WALKING_S while walking) is forgotten.
        """
        known = [o for o in self._bystanders if t_s - o.t_s < (KEPT_WALKING_S if o.speed else KEPT_S)]
        for pose, person in detected:
            landmarks, speed = pose.landmarks[:, :2].copy(), 0.0
            before = min(known, key=lambda o: normalised_distance(o.person, person, SAME), default=None)
            if before is not None and normalised_distance(before.person, person, SAME) < 1:
                speed = _walking_speed(before, t_s, landmarks, person)
                known.remove(before)
            known.append(_Bystander(t_s, landmarks, person, speed))
        self._bystanders = known

    def landmarks_at(self, t_s: float) -> list[np.ndarray]:
        """Return the expected landmarks (33, 2), 0…1 of the picture, of each remembered bystander at time `t_s`."""
        return [other.at(t_s) for other in self._bystanders]

    def hides_lifter(self, t_s: float, lifter: np.ndarray | None, scale: float) -> bool:
        """Return whether a bystander who walks in front hides the lifter.

        Args:
            lifter: (33, 5) latest landmarks of the lifter; None if the lifter has not been seen yet.
            scale: Picture heights per metre at the lifter's distance.
        """
        if lifter is None:
            return False
        joints = lifter[landmark.CORE, :2]
        for other in self._bystanders:
            if other.speed and other.person.scale > scale * np.exp(NEARER):
                points = other.at(t_s)
                low, high = points.min(0), points.max(0)
                margin = 0.1 * (high - low)
                if ((joints > low - margin) & (joints < high + margin)).all(1).mean() > HIDDEN:
                    return True
        return False

    def without_bystanders(self, picture: np.ndarray, t_s: float, lifter: np.ndarray | None) -> np.ndarray:
        """Return a copy of the picture with the bystanders painted over, except where the lifter is.

        The picture itself is returned if no bystander is remembered.

        Args:
            lifter: (33, 5) landmarks of the lifter; None if unknown.
        """
        if not self._bystanders:
            return picture
        return paint_over(picture, self.landmarks_at(t_s), [] if lifter is None else [lifter])


def _walking_speed(before: _Bystander, t_s: float, landmarks: np.ndarray, person: Person) -> float:
    """Return a bystander's sideways speed between two detections; 0 if too slow or too fast for walking."""
    since_s = t_s - before.t_s
    if since_s <= 0 or not WALKS_M_S < abs(person.x - before.person.x) / since_s / person.scale < FASTEST_M_S:
        return 0.0
    return float((landmarks[landmark.CORE] - before.landmarks[landmark.CORE]).mean(0)[0] / since_s)


def paint_over(picture: np.ndarray, people: Sequence[np.ndarray], kept: Sequence[np.ndarray] = ()) -> np.ndarray:
    """Return a copy of a picture with people painted over.

    Args:
        people: Landmarks of the people to paint over: (33, 2) or more columns each, 0…1 of the picture.
        kept: Landmarks of the people who stay visible.
    """
    over = np.zeros(picture.shape[:2], np.uint8)
    for landmarks in people:
        _draw(over, landmarks, 255)
    for landmarks in kept:
        _draw(over, landmarks, 0)
    colour = picture[::16, ::16].reshape(-1, picture.shape[2]).mean(0)
    out = np.empty_like(picture)
    # OpenCV fills and copies in a third of NumPy's time.
    cv2.rectangle(out, (0, 0), (picture.shape[1], picture.shape[0]), colour.astype(picture.dtype).tolist(), -1)
    cv2.copyTo(picture, cv2.bitwise_not(over), out)
    return out


def _draw(over: np.ndarray, landmarks: np.ndarray, value: int) -> None:
    size = np.array(over.shape[::-1])
    points = landmarks[:, :2] * size
    trunk = points[list(landmark.SHOULDERS)].mean(0) - points[list(landmark.HIPS)].mean(0)
    legs = points[list(landmark.HIPS)].mean(0) - points[list(landmark.ANKLES)].mean(0)
    wide = max(1, round(WIDE * max(float(np.linalg.norm(trunk)), float(np.linalg.norm(legs)) / 2)))
    corners = np.clip(points, -size, 2 * size).round().astype(int).tolist()
    for start, end in _LIMBS:
        cv2.line(over, corners[start], corners[end], value, wide)
