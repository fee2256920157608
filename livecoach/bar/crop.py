"""Cut the networks' squares from a picture."""

import cv2
import numpy as np

from livecoach import landmark

FINDER_PX, REFINER_PX = 96, 64
FINDER_SIDE = 1.35
"""Square that is searched for a plate, in statures: 2.4 m, more than a bar's length."""
REFINER_SIDE = 1.6  # square around a plate, in diameters
CELLS = 12  # along each side of the finder's output grid
USUAL = 0.45 / 1.75
"""A full plate's diameter in statures, to which the finder's are relative."""
_SEGMENTS = ((landmark.SHOULDERS, landmark.HIPS, 0.27), (landmark.HIPS, landmark.KNEES, 0.235))
_SHIN = 0.235
"""Shares of the stature: the torso as in livecoach.rep.tempo, thigh and shin between BlazePose's joints."""


def stature_px(points: np.ndarray) -> float:
    """Return the lifter's stature, from the longest segment: when a lifter bends over, the shins stay long. points:
    (33, 2)."""
    lengths = [
        float(np.linalg.norm(points[list(a)].mean(0) - points[list(b)].mean(0))) / share for a, b, share in _SEGMENTS
    ]
    knees, ankles = points[list(landmark.KNEES)], points[list(landmark.ANKLES)]
    lengths.append(float(np.linalg.norm(knees - ankles, axis=1).max()) / _SHIN)
    return max(lengths)


def square(picture: np.ndarray, centre: np.ndarray, side_px: float, out_px: int) -> np.ndarray:
    """Return (out_px, out_px, 3) uint8: the square around `centre` (x, y), the border repeated outside."""
    left, top = (centre - side_px / 2).tolist()
    if side_px > 2 * out_px:  # Average over all pixels when shrinking.
        side = max(1, round(side_px))
        x, y = round(left), round(top)
        height, width = picture.shape[:2]
        inside = picture[max(y, 0) : max(y + side, 0), max(x, 0) : max(x + side, 0)]
        if not inside.size:
            return np.zeros((out_px, out_px, 3), np.uint8)
        if inside.shape[:2] != (side, side):
            above, before = max(-y, 0), max(-x, 0)
            below, behind = max(y + side - height, 0), max(x + side - width, 0)
            inside = cv2.copyMakeBorder(inside, above, below, before, behind, cv2.BORDER_REPLICATE)
        return np.asarray(cv2.resize(inside, (out_px, out_px), interpolation=cv2.INTER_AREA))
    scale = side_px / out_px
    # A pixel's value belongs to its centre.
    turn = np.array([[scale, 0, left + scale / 2 - 0.5], [0, scale, top + scale / 2 - 0.5]])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return np.asarray(cv2.warpAffine(picture, turn, (out_px, out_px), flags=flags, borderMode=cv2.BORDER_REPLICATE))
