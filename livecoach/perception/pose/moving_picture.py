"""Detects that pictures show movement badly, because of a long exposure or of strong compression.

Both show in the squares around a lifter who moves fast. A pixel over which a sharp edge passes changes within two or
three pictures; with a long exposure, it changes for as long as the exposure lasts. Strong compression copies squares of
16 pixels from the picture before though the lifter has moved on, and makes the borders of squares visible.
"""

from collections import deque

import cv2
import numpy as np

from livecoach.core import landmark
from livecoach.core.quantiles import percentile

STEP, SQUARE = 4, 16  # Distance of samples, and side of a square, in pixels
PER_SIDE = SQUARE // STEP  # Number of samples along the side of a square
LEAST_S, EVERY = 0.03, 3  # Least time between examined pictures; every third of them is measured
BACK = (EVERY * 2, EVERY * 4)  # Ages of the earlier pictures that show the total change of a pixel, in pictures
FAST = 0.012  # Mean way of the joints since the last picture from which the lifter is fast, in heights of the body
CHANGED, LEAST_CHANGE = 12, 20  # Mean change from which a square has moved, and least total change, in grey levels
INSIDE = (5, 13)  # Columns and rows of a square with usual steps to the next pixel: no border of a block of 4 pixels
LEAST_MOVED = 6  # Fewest pairs of neighbouring squares that moved
FEWEST, MOST = 18, 40  # Fewest and most measured pictures that decide: a slow beginning alone would seem blurred
QUICK_PERCENT, SLOW = 70, 0.26
"""Percentile of the shares of a change that happen from one picture to the next, and its value below which pictures are
blurred. Of 66 sharp films two fall below .33, to .283 and .298. With a blur of three pictures it is .31 or more, with
five .2 to .25."""
COPIED = 0.1
"""Share of copied squares times the excess of visible borders, above which pictures are compressed strongly. With crf
45 it is .12 to .22, with 38 up to .06; in sharp films up to .03, and .08 in one of them."""
_BODY = np.ravel(landmark.JOINTS)


class UnclearMotionDetector:
    """Detects that the pictures of a source show fast motion badly: blurred, or damaged by compression."""

    def __init__(self) -> None:
        """Start before the first picture."""
        self._samples = deque[np.ndarray](maxlen=BACK[-1] + 1)
        self._measured = deque[tuple[float, float, float]](maxlen=MOST)
        """For each measured picture: the share of the change since the last picture, the share of copied squares, and
        the change at the borders of squares over the change within squares."""
        self._joints: np.ndarray | None = None  # in the latest picture, in pixels
        self._t_s, self._count, self._is_bad = -np.inf, 0, False

    def step(self, picture: np.ndarray, landmarks: np.ndarray | None, t_s: float) -> bool:
        """Add the next picture; return whether the latest pictures show movement badly (False if too few are measured).

        Args:
            picture: (height, width, 3) uint8, of the same size as all pictures before.
            landmarks: (33, 5) landmarks of the lifter, x and y 0…1; None if nobody is in view.
        """
        samples = np.ascontiguousarray(picture[::STEP, ::STEP, 1]) if t_s - self._t_s >= LEAST_S else None
        # Some films and cameras give a picture several times. Nothing changes between these.
        if samples is not None and not (self._samples and np.array_equal(samples, self._samples[-1])):
            self._t_s, before = t_s, self._joints
            self._samples.append(samples)
            self._joints = None if landmarks is None else landmarks[_BODY, :2] * picture.shape[1::-1]
            self._count += 1
            is_due = self._count % EVERY == 0 and len(self._samples) > BACK[-1]
            if is_due and before is not None and self._joints is not None:
                self._measure(picture, before, self._joints)
        return self._is_bad

    def _measure(self, picture: np.ndarray, before: np.ndarray, joints: np.ndarray) -> None:
        """Measure a picture if the lifter moves fast in it."""
        low, high = joints.min(0), joints.max(0)
        tall = float((high - low).max())
        if not np.hypot(*(joints - before).T).mean() >= FAST * tall:
            return
        last = np.array(picture.shape[1::-1]) // SQUARE  # squares that are complete
        (left, top), (right, bottom) = (
            np.clip((corner + margin) // SQUARE, 0, last).astype(int).tolist()
            for corner, margin in ((low, -0.05 * tall), (high, 0.05 * tall))
        )
        part = slice(top * PER_SIDE, bottom * PER_SIDE), slice(left * PER_SIDE, right * PER_SIDE)
        if min(right - left, bottom - top) < 2:
            return
        now = self._samples[-1][part]
        change, *in_all = (cv2.absdiff(now, self._samples[-1 - back][part]) for back in (1, *BACK))
        moved = _per_square(in_all[-1]) > CHANGED
        pairs = moved[:, 1:] & moved[:, :-1], (moved[1:] & moved[:-1]).T
        most = max(map(_large, in_all))
        if most < LEAST_CHANGE or sum(map(np.count_nonzero, pairs)) < LEAST_MOVED:
            return
        copied = (_per_square(cv2.threshold(change, 0, 255, cv2.THRESH_BINARY)[1]) == 0)[moved].mean()
        grey = np.ascontiguousarray(picture[top * SQUARE : bottom * SQUARE, left * SQUARE : right * SQUARE, 1])
        at, within = np.sum([_steps(*side) for side in zip((grey, grey.T), pairs, strict=True)], axis=0)
        self._measured.append((_large(change) / most, float(copied), float(at / max(within, 1.0))))
        measured = np.array(self._measured)
        _, copied, borders = measured.mean(0)
        is_blurred = percentile(measured[:, 0], QUICK_PERCENT) < SLOW
        self._is_bad = len(measured) >= FEWEST and bool(is_blurred or copied * (borders - 1) > COPIED)


def _large(change: np.ndarray) -> float:
    """Return the grey levels that one sample in fifty exceeds."""
    return float(np.partition(change.ravel(), at := int(0.98 * change.size))[at])


def _per_square(samples: np.ndarray) -> np.ndarray:
    """Return the mean of the samples of each square."""
    height, width = samples.shape
    return cv2.resize(samples, (width // PER_SIDE, height // PER_SIDE), interpolation=cv2.INTER_AREA)


def _steps(grey: np.ndarray, pairs: np.ndarray) -> tuple[float, float]:
    """Return the sums of the steps at borders between squares, and of usual steps within these squares.

    Args:
        grey: Picture of whole squares.
        pairs: Whether each square and the square right of it count.
    """

    def steps(left: np.ndarray, right: np.ndarray) -> np.ndarray:
        change = cv2.absdiff(np.ascontiguousarray(left), np.ascontiguousarray(right))
        return change.reshape(-1, SQUARE, change.shape[1]).mean(1)

    at = steps(grey[:, SQUARE - 1 : -1 : SQUARE], grey[:, SQUARE::SQUARE])
    within = np.mean([steps(grey[:, x::SQUARE], grey[:, x + 1 :: SQUARE]) for x in INSIDE], axis=0)
    return float(at[pairs].sum()), float((within[:, 1:] + within[:, :-1])[pairs].sum() / 2)
