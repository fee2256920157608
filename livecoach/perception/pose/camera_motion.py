"""How the camera has moved since the first picture, by corners of the background in small grey pictures.

Corners of a key picture are followed into each picture by optical flow. A new key picture is taken where too few of
them are found again, and the motion since the first picture goes on from there, until the first key picture is found
again.
"""

import math
from dataclasses import dataclass

import cv2
import numpy as np

from livecoach.core import landmark

LONG_PX = 160  # longer side of the small picture: with 40 corners a picture takes .3 ms
LEAST_PX = 16  # shorter side of a small picture in which nothing can be followed
CORNERS, APART_PX, QUALITY = 40, 5, 0.01
FEWEST, SHARE = 8, 0.4  # least number of corners that agree on a motion, and least share of those of the key picture
OFF_PX = 0.7  # farthest from where the motion puts it that a corner agrees with it
STILL_PX = 0.2  # median way of the corners below which the camera stands where it stood in the key picture
MARGIN = 0.15
"""Beside the lifter's landmarks, of their longer side: a plate goes up with the lifter. No corner is taken above, below
or within, and corners on both sides have to agree: else the plate of a near lifter before a dark wall moves the camera.
"""
JUMP_PX = 5.0  # from frame to frame
ZOOMS = 2.0  # most by which a picture grows or shrinks until the next key picture
FIRST_SOUGHT_EVERY = 30  # pictures, in another key picture than the first one
ON_A_SIDE = 3  # fewest corners that agree on each side
STOOD_PX, FALSE_PX = 3.0, 9.0
"""Where feet stay within so many small pixels in the picture, though the camera would have moved them up or down by so
many, what moves goes up with the lifter: two plates, seen from the front. It is followed no more. Our choice."""
NEVER_STOOD = np.eye(3), (math.inf, math.inf, 1.0)
BODY = [*landmark.CORE, *landmark.WRISTS]


@dataclass(frozen=True, slots=True)
class KeyPicture:
    """A small grey picture whose corners are sought in later ones."""

    small: np.ndarray
    corners: np.ndarray  # (n, 1, 2) float32
    is_left: np.ndarray  # (n,) of the lifter

    def motion_to(self, small: np.ndarray, guess: np.ndarray) -> np.ndarray | None:
        """Return the motion (3, 3) from this picture to another one; None where too few corners agree.

        Args:
            small: the other picture, grey.
            guess: (3, 3) motion near which the corners are sought.
        """
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
        if np.median(np.abs(to - at).max(1)) < STILL_PX:
            return np.eye(3)
        matrix, agree = cv2.estimateAffinePartial2D(at, to, ransacReprojThreshold=OFF_PX, maxIters=50)
        if matrix is None or not 1 / ZOOMS < np.hypot(*matrix[:, 0]) < ZOOMS:
            return None
        agree = agree.ravel() == 1
        sides = np.count_nonzero(agree & is_left), np.count_nonzero(agree & ~is_left)
        if sum(sides) < least or min(sides) < ON_A_SIDE:
            return None
        return np.vstack([matrix, (0.0, 0.0, 1.0)])


class CameraMotion:
    """Follows the background of a source."""

    def __init__(self) -> None:
        self._latest: np.ndarray | None = None  # small grey picture
        self._first: KeyPicture | None = None
        self._key: KeyPicture | None = None
        self._before_key = np.eye(3)  # motion from the first picture to the key picture, small pixels
        self._since_key = np.eye(3)
        self._unsought = 0  # pictures since the first key picture was last sought
        self._stood = NEVER_STOOD  # motion when the feet came to where they are, and where, small pixels
        self._is_false = False

    def step(self, picture: np.ndarray, landmarks: np.ndarray | None) -> np.ndarray | None:
        """Follow the background into the next picture.

        Args:
            picture: (height, width, 3) uint8, of the same size as those before.
            landmarks: (33, 5) of the lifter in the picture before, x and y 0…1; None without one.

        Returns:
            As `Observation.camera`: None where the camera stands where it stood at first.
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
        self._is_false = landmarks is not None and self._is_of_lifter(moved, landmarks, small)
        return None if self._is_false or np.array_equal(moved, np.eye(3)) else _undone(moved, small.shape[0])

    def _is_of_lifter(self, moved: np.ndarray, landmarks: np.ndarray, small: np.ndarray) -> bool:
        left, right = landmark.ANKLES
        x_px, y_px = ((landmarks[left, :2] + landmarks[right, :2]) / 2 * small.shape[::-1]).tolist()
        before, stood_px = self._stood
        if math.hypot(x_px - stood_px[0], y_px - stood_px[1]) > STOOD_PX:
            self._stood = moved, (x_px, y_px, 1.0)
            return False
        return abs(float((moved - before)[1] @ stood_px)) > FALSE_PX

    def _look_for_first(self, small: np.ndarray) -> None:
        """Go back to the first key picture, from time to time, where the camera stands as it stood then: somebody who
        walked through, and hid the background, has moved it, and small motions add up."""
        self._unsought += 1
        if self._first is None or self._key is self._first or self._unsought < FIRST_SOUGHT_EVERY:
            return
        self._unsought = 0
        found = self._first.motion_to(small, np.eye(3))
        if found is not None and np.array_equal(found, np.eye(3)):
            self._key, self._stood = self._first, NEVER_STOOD
            self._before_key, self._since_key = np.eye(3), np.eye(3)

    def _motion_of_frame(self, small: np.ndarray, column_px: tuple[float, float]) -> np.ndarray:
        """Return the motion from a new key picture, the latest picture or else this one, to this one."""
        if self._latest is not None:
            shift_px = np.nan_to_num(cv2.phaseCorrelate(self._latest.astype(np.float32), small.astype(np.float32))[0])
            # In a single frame nobody moves so far, so that corners on the lifter tell of the camera too.
            is_jump = np.hypot(*shift_px) > JUMP_PX
            key = self._take_key(self._latest, _column(None, small) if is_jump else column_px)
            self._since_key[:2, 2] = shift_px
            found = key.motion_to(small, self._since_key)
            if found is not None and not is_jump:
                return found
            # Where nothing can be followed, or in another scene, the motion so far stays.
            self._since_key = np.eye(3) if found is None else found
        self._take_key(small, column_px)
        return np.eye(3)

    def _take_key(self, small: np.ndarray, column_px: tuple[float, float]) -> KeyPicture:
        background = np.full_like(small, 255)
        background[:, max(round(column_px[0]), 0) : max(round(column_px[1]), 0)] = 0
        corners = cv2.goodFeaturesToTrack(small, CORNERS, QUALITY, APART_PX, mask=background)
        corners = np.zeros((0, 1, 2), np.float32) if corners is None else corners
        self._before_key = self._since_key @ self._before_key
        self._since_key = np.eye(3)
        self._key = KeyPicture(small, corners, corners[:, 0, 0] < np.mean(column_px))
        self._first = self._key if self._first is None else self._first
        return self._key


def _column(landmarks: np.ndarray | None, small: np.ndarray) -> tuple[float, float]:
    """Return the left and the right edge of what is around a lifter, in small pixels; twice the middle without one."""
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
    # Two steps, of which the first one skips pixels, take a fifth of the time of one that does not.
    larger = cv2.resize(picture, (2 * size[0], 2 * size[1]), interpolation=cv2.INTER_LINEAR)
    return cv2.cvtColor(cv2.resize(larger, size, interpolation=cv2.INTER_AREA), cv2.COLOR_BGR2GRAY)


def _undone(moved: np.ndarray, height: int) -> np.ndarray:
    back = np.linalg.inv(moved)
    return np.array([back[0, 0], back[1, 0], back[0, 2] / height, back[1, 2] / height], np.float32)
