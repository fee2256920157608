"""Measures how the camera has moved since the first picture, by corners of the background in small grey pictures.

Optical flow follows the corners of a key picture into each picture. If too few corners are found, a new picture becomes
the key picture, from which the motion is measured until the first key picture is found again.
"""

import math
from dataclasses import dataclass

import cv2
import numpy as np

from livecoach.core import landmark
from livecoach.core.quantiles import median

LONG_PX = 160  # longer side of the small picture. With 40 corners a picture takes .3 ms.
LEAST_PX = 16  # shortest side of a small picture in which corners can be followed
CORNERS, APART_PX, QUALITY = 40, 5, 0.01  # most corners, their least distance, and their least relative quality
FEWEST, SHARE = 8, 0.4  # fewest corners that must agree on a motion, and least share of the key picture's corners
OFF_PX = 0.7  # distance from its predicted place up to which a corner agrees with a motion
STILL_PX = 0.2  # median way of the corners below which the camera has not moved since the key picture
MARGIN = 0.15
"""Margin left and right of the lifter's landmarks, as a share of their longer side, because a plate goes up with the
lifter. No corner is taken above, below or between, and corners on both sides must agree: otherwise the plate of a near
lifter before a dark wall would seem to move the camera."""
JUMP_PX = 5.0  # shift from frame to frame above which the camera has jumped
ZOOMS = 2.0  # largest factor by which a picture grows or shrinks until the next key picture
FIRST_SOUGHT_EVERY = 30  # pictures between two searches for the first key picture, while a later one is in use
ON_A_SIDE = 3  # fewest corners that must agree on each side of the lifter
STOOD_PX, FALSE_PX = 3.0, 9.0
"""Largest shift of feet that stay in place in the picture, and vertical shift by the camera's motion from which that
motion is false, in small pixels. Then the corners are on something that goes up with the lifter, such as two plates
seen from the front, and the camera's motion is no longer measured. Our choice."""
NEVER_STOOD = np.eye(3), (math.inf, math.inf, 1.0)  # value of `CameraMotion._stood` before any feet were seen
BODY = [*landmark.CORE, *landmark.WRISTS]


@dataclass(frozen=True, slots=True)
class _KeyPicture:
    """A small grey picture, with corners of the background that are followed into later pictures."""

    small: np.ndarray  # (height, width) uint8, whose longer side has LONG_PX
    corners: np.ndarray  # (n, 1, 2) float32, small pixels
    is_left: np.ndarray  # (n,) bool, whether a corner is left of the lifter

    def motion_to(self, small: np.ndarray, guess: np.ndarray) -> np.ndarray | None:
        """Measure the motion (3, 3) to another small picture, near `guess`, in pixels; None if that fails."""
        if len(self.corners) < FEWEST:
            return None
        at = self.corners[:, 0]
        expected = np.ascontiguousarray((at @ guess[:2, :2].T + guess[:2, 2])[:, None], np.float32)
        to, found, _ = cv2.calcOpticalFlowPyrLK(
            self.small,
            small,
            self.corners,
            expected,
            winSize=(11, 11),
            maxLevel=2,
            criteria=(cv2.TERM_CRITERIA_COUNT | cv2.TERM_CRITERIA_EPS, 10, 0.03),
            flags=cv2.OPTFLOW_USE_INITIAL_FLOW,
        )
        found = found.ravel() == 1
        at, to, is_left = at[found], to[found, 0], self.is_left[found]
        least = max(FEWEST, SHARE * len(self.corners))
        if len(at) < least:
            return None
        if median(np.abs(to - at).max(1)) < STILL_PX:
            return np.eye(3)
        matrix, agree = cv2.estimateAffinePartial2D(at, to, ransacReprojThreshold=OFF_PX, maxIters=50)
        if matrix is None or not 1 / ZOOMS < np.hypot(*matrix[:, 0]) < ZOOMS:
            return None
        agree = agree.ravel() == 1
        sides = np.count_nonzero(agree & is_left), np.count_nonzero(agree & ~is_left)
        return None if sum(sides) < least or min(sides) < ON_A_SIDE else np.vstack([matrix, (0.0, 0.0, 1.0)])


class CameraMotion:
    """Measures how the camera has moved since the first picture, from the background of a source's pictures."""

    def __init__(self) -> None:
        self._latest: np.ndarray | None = None  # the latest picture, small and grey
        self._first: _KeyPicture | None = None
        self._key: _KeyPicture | None = None
        self._before_key = np.eye(3)  # motion from the first picture to the key picture, small pixels
        self._since_key = np.eye(3)
        self._unsought = 0  # number of pictures since the last search for the first key picture
        self._stood = NEVER_STOOD  # motion when the feet came to their place, and this place, small pixels
        self._is_false = False  # whether the corners are on something that goes up with the lifter

    def step(self, picture: np.ndarray, landmarks: np.ndarray | None) -> np.ndarray | None:
        """Follow the background into the next picture, and return the camera's motion.

        Args:
            picture: (height, width, 3) uint8, of the same size as all pictures before.
            landmarks: (33, 5) landmarks of the lifter, x and y 0…1; None if nobody is in view.

        Returns:
            The camera's motion, as in `Observation.camera`. None if the camera is where it was at first, if the picture
            is too small, or if the lifter's motion has ever been mistaken for the camera's.
        """
        small = _small(picture)
        if min(small.shape) < LEAST_PX or self._is_false:
            return None
        column_px = _column(landmarks, small)
        self._look_for_first(small)
        found = None if self._key is None else self._key.motion_to(small, self._since_key)
        if found is None:
            found = self._motion_of_frame(small, column_px)
        self._since_key, self._latest = found, small
        moved = found @ self._before_key
        self._is_false = landmarks is not None and self._attribute_to_lifter(moved, landmarks, small)
        return None if self._is_false or np.array_equal(moved, np.eye(3)) else _undone(moved, small.shape[0])

    def _attribute_to_lifter(self, moved: np.ndarray, landmarks: np.ndarray, small: np.ndarray) -> bool:
        """Note where the feet stand; return whether a motion is the lifter's, because the feet stay in their place."""
        left, right = landmark.ANKLES
        x_px, y_px = ((landmarks[left, :2] + landmarks[right, :2]) / 2 * small.shape[::-1]).tolist()
        before, stood_px = self._stood
        if math.hypot(x_px - stood_px[0], y_px - stood_px[1]) > STOOD_PX:
            self._stood = moved, (x_px, y_px, 1.0)
            return False
        return abs(float((moved - before)[1] @ stood_px)) > FALSE_PX

    def _look_for_first(self, small: np.ndarray) -> None:
        """Return to the first key picture, from time to time, if the camera is back: otherwise errors would add up."""
        self._unsought += 1
        if self._first is None or self._key is self._first or self._unsought < FIRST_SOUGHT_EVERY:
            return
        self._unsought = 0
        found = self._first.motion_to(small, np.eye(3))
        if found is not None and np.array_equal(found, np.eye(3)):
            self._key, self._stood = self._first, NEVER_STOOD
            self._before_key, self._since_key = np.eye(3), np.eye(3)

    def _motion_of_frame(self, small: np.ndarray, column_px: tuple[float, float]) -> np.ndarray:
        """Return the motion from a new key picture: the latest picture or, if that fails, this picture itself."""
        if self._latest is not None:
            shift_px = np.nan_to_num(cv2.phaseCorrelate(self._latest.astype(np.float32), small.astype(np.float32))[0])
            # Nobody moves so far in a single frame, so corners on the lifter show the camera's motion too.
            is_jump = np.hypot(*shift_px) > JUMP_PX
            key = self._take_key(self._latest, _column(None, small) if is_jump else column_px)
            self._since_key[:2, 2] = shift_px
            found = key.motion_to(small, self._since_key)
            if found is not None and not is_jump:
                return found
            # If nothing can be followed, as in another scene, the motion so far is kept.
            self._since_key = np.eye(3) if found is None else found
        self._take_key(small, column_px)
        return np.eye(3)

    def _take_key(self, small: np.ndarray, column_px: tuple[float, float]) -> _KeyPicture:
        background = np.full_like(small, 255)
        background[:, max(round(column_px[0]), 0) : max(round(column_px[1]), 0)] = 0
        corners = cv2.goodFeaturesToTrack(small, CORNERS, QUALITY, APART_PX, mask=background)
        corners = np.zeros((0, 1, 2), np.float32) if corners is None else corners
        self._before_key = self._since_key @ self._before_key
        self._since_key = np.eye(3)
        self._key = _KeyPicture(small, corners, corners[:, 0, 0] < np.mean(column_px))
        self._first = self._key if self._first is None else self._first
        return self._key


def _column(landmarks: np.ndarray | None, small: np.ndarray) -> tuple[float, float]:
    """Return the left and right edge of the lifter with a margin, in small pixels; twice the middle for nobody."""
    height, width = small.shape
    if landmarks is None:
        return width / 2, width / 2
    points = landmarks[BODY, :2] * (width, height)
    low, high = points.min(0), points.max(0)
    margin = MARGIN * float((high - low).max())
    return float(low[0]) - margin, float(high[0]) + margin


def _small(picture: np.ndarray) -> np.ndarray:
    scale = LONG_PX / max(picture.shape[:2])
    size = max(round(picture.shape[1] * scale), 1), max(round(picture.shape[0] * scale), 1)
    # Two steps, of which the first skips pixels, take a fifth of the time of a single step that skips none.
    larger = cv2.resize(picture, (2 * size[0], 2 * size[1]), interpolation=cv2.INTER_LINEAR)
    return cv2.cvtColor(cv2.resize(larger, size, interpolation=cv2.INTER_AREA), cv2.COLOR_BGR2GRAY)


def _undone(moved: np.ndarray, height: int) -> np.ndarray:
    back = np.linalg.inv(moved)
    return np.array([back[0, 0], back[1, 0], back[0, 2] / height, back[1, 2] / height], np.float32)
