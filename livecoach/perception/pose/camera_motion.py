"""How the camera has moved since the first picture, by corners of the background in small grey pictures.

Corners of a key picture are followed into each picture by optical flow. A new key picture is taken where too few of
them are found again, and the motion since the first picture goes on from there.
"""

import cv2
import numpy as np

from livecoach.core import landmark

LONG_PX = 160  # longer side of the small picture: with 40 corners a picture takes .3 ms
CORNERS, APART_PX, QUALITY = 40, 6, 0.02
FEWEST, SHARE = 8, 0.4  # least number of corners that agree on a motion, and least share of those of the key picture
OFF_PX = 0.7  # farthest from where the motion puts it that a corner agrees with it
STILL_PX = 0.2  # median way of the corners below which the camera stands where it stood in the key picture
MARGIN = 0.15  # around the lifter's landmarks, of their height, where no corner is taken


class CameraMotion:
    """Follows the background of a source."""

    def __init__(self) -> None:
        self._latest: np.ndarray | None = None  # small grey picture
        self._key: np.ndarray | None = None
        self._corners: np.ndarray = np.zeros((0, 1, 2), np.float32)  # in the key picture
        self._before_key = np.eye(3)  # motion from the first picture to the key picture, small pixels
        self._since_key = np.eye(3)

    def step(self, picture: np.ndarray, landmarks: np.ndarray | None) -> np.ndarray | None:
        """Follow the background into the next picture.

        Args:
            picture: (height, width, 3) uint8, of the same size as those before.
            landmarks: (33, 5) of the lifter in the picture before, x and y 0…1; None without one.

        Returns:
            As `Observation.camera`: None where the camera stands where it stood at first.
        """
        small, lifter = _small(picture), None if landmarks is None else landmarks[landmark.CORE, :2]
        found = self._motion(small)
        if found is None and self._latest is not None:
            self._take_key(self._latest, lifter)
            found = self._motion(small)
        if found is None:  # nothing to follow, or another scene: the motion so far stays
            self._take_key(small, lifter)
        else:
            self._since_key = found
        self._latest = small
        moved = self._since_key @ self._before_key
        return None if np.array_equal(moved, np.eye(3)) else _undone(moved, small.shape[0])

    def _take_key(self, small: np.ndarray, lifter: np.ndarray | None) -> None:
        background = np.full_like(small, 255)
        if lifter is not None:
            low, high = lifter.min(0), lifter.max(0)
            margin = MARGIN * (high[1] - low[1]) * np.array([small.shape[0] / small.shape[1], 1.0])
            size = np.array(small.shape[::-1])
            (left, top), (right, bottom) = (
                (at * size).clip(0, size).astype(int) for at in (low - margin, high + margin)
            )
            background[top:bottom, left:right] = 0
        corners = cv2.goodFeaturesToTrack(small, CORNERS, QUALITY, APART_PX, mask=background)
        self._corners = np.zeros((0, 1, 2), np.float32) if corners is None else corners
        self._before_key = self._since_key @ self._before_key
        self._key, self._since_key = small, np.eye(3)

    def _motion(self, small: np.ndarray) -> np.ndarray | None:
        """Return the motion (3, 3) from the key picture to this one; None where too few corners agree."""
        if self._key is None or len(self._corners) < FEWEST:
            return None
        at = self._corners[:, 0]
        guess = np.ascontiguousarray((at @ self._since_key[:2, :2].T + self._since_key[:2, 2])[:, None], np.float32)
        to, found, _ = cv2.calcOpticalFlowPyrLK(
            self._key,
            small,
            self._corners,
            guess,
            winSize=(11, 11),
            maxLevel=2,
            criteria=(cv2.TERM_CRITERIA_COUNT | cv2.TERM_CRITERIA_EPS, 10, 0.03),
            flags=cv2.OPTFLOW_USE_INITIAL_FLOW,
        )
        found = found.ravel() == 1
        at, to = at[found], to[found, 0]
        least = max(FEWEST, SHARE * len(self._corners))
        if len(at) < least:
            return None
        if np.median(np.abs(to - at).max(1)) < STILL_PX:
            return np.eye(3)
        matrix, agree = cv2.estimateAffinePartial2D(at, to, ransacReprojThreshold=OFF_PX, maxIters=50)
        return None if matrix is None or np.count_nonzero(agree) < least else np.vstack([matrix, (0.0, 0.0, 1.0)])


def _small(picture: np.ndarray) -> np.ndarray:
    scale = LONG_PX / max(picture.shape[:2])
    size = round(picture.shape[1] * scale), round(picture.shape[0] * scale)
    # Two steps, of which the first one skips pixels, take a fifth of the time of one that does not.
    larger = cv2.resize(picture, (2 * size[0], 2 * size[1]), interpolation=cv2.INTER_LINEAR)
    return cv2.cvtColor(cv2.resize(larger, size, interpolation=cv2.INTER_AREA), cv2.COLOR_BGR2GRAY)


def _undone(moved: np.ndarray, height: int) -> np.ndarray:
    back = np.linalg.inv(moved)
    return np.array([back[0, 0], back[1, 0], back[0, 2] / height, back[1, 2] / height], np.float32)
