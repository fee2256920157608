"""The dissertation's rep image: 45 rows of joints, 100 columns of time, and one colour for three angles.

The dissertation's code and images define it: angles are converted to bytes, resized in time, combined to one byte by
the weights of a grey picture, and drawn with OpenCV's HSV colour map. The colour map is invertible; the sum of the
three angles is not.
"""

import cv2
import numpy as np

from livecoach import landmark

SEED_TRAVERSAL = (
    *(0, 12, 14, 16, 22, 16, 20, 18, 20, 16, 14, 12, 24, 26, 28, 32, 28, 30, 28, 26, 24, 12),
    *(0, 11, 13, 15, 21, 15, 19, 17, 19, 15, 13, 11, 23, 25, 27, 29, 27, 31, 27, 25, 23, 11),
    0,
)
"""Landmarks of the rows of the dissertation's image: the right half of the body from the nose, then the left."""
SEED_FRAMES = 10
"""Frames between the two places whose difference is a displacement."""
SEED_STILL = 0.04
"""Length of a displacement, in the units of the landmarks, under which the dissertation takes a joint to rest."""
SEED_RESTS = 1.1
"""Value for no angle: of a joint that rests, and of the last frames, which have no later frame."""
COLUMNS = 100
SHAPE = (len(SEED_TRAVERSAL), COLUMNS)
"""Height and width of an image."""
STILL = 24
"""Grey value of a resting joint: 1.1 * 255 as a byte with wrap-around."""
COLOURS: np.ndarray = cv2.applyColorMap(np.arange(256, dtype=np.uint8)[:, None], cv2.COLORMAP_HSV)[:, 0]
"""(256, 3) uint8, BGR colour of each grey value; the first and the last are the same red."""


def rep_image(landmarks: np.ndarray) -> np.ndarray:
    """Draw the image of a rep, (*SHAPE, 3) uint8, BGR.

    landmarks: (n, 33, 3) x, y, z of BlazePose in the picture, one per frame. Raises ValueError for another shape.
    """
    return COLOURS[grey_image(landmarks)]


def grey_image(landmarks: np.ndarray) -> np.ndarray:
    """Return the image of a rep before colouring, SHAPE uint8. Arguments and errors are those of `rep_image`."""
    as_bytes = ((seed_angles(landmarks) * 255).astype(np.int64) % 256).astype(np.uint8)
    resized = cv2.resize(as_bytes, SHAPE[::-1], interpolation=cv2.INTER_LINEAR)
    grey: np.ndarray = cv2.cvtColor(resized, cv2.COLOR_BGR2GRAY)
    return grey


def seed_angles(landmarks: np.ndarray) -> np.ndarray:
    """Return the dissertation's angles of a rep: (len(SEED_TRAVERSAL), n, 3) float64, 0…1, or SEED_RESTS.

    landmarks: (n, 33, 3) x, y, z as BlazePose gives them in the picture; at least one frame, else ValueError. The
    displacement points from where a joint will be to where it is, d = p(t) - p(t + 10). The three angles are atan2 of
    (y, x), (y, z) and (z, x), as shares of a turn from -180 degrees on. A frame with NaN counts as resting.

    Sign and order of the arguments are measured: of all 96 (sign, either order in each angle, weights exchanged) these
    are the ones with which 73 real pulls and lowerings (the dissertation's annotated frames) come out with the grey
    values of its 199 training images: 185 and 134 at the shoulder, seen 182 and 134; with atan2(x, z) 167 and 115.
    """
    if landmarks.ndim != 3 or landmarks.shape[1:] != (landmark.COUNT, 3) or not len(landmarks):
        raise ValueError(f"landmarks: expected (frames, {landmark.COUNT}, 3), got {landmarks.shape}")
    points = landmarks[:, list(SEED_TRAVERSAL)].astype(np.float64).transpose(1, 0, 2)  # rows, frames, axes
    angles = np.full(points.shape, SEED_RESTS)
    moved = points[:, :-SEED_FRAMES] - points[:, SEED_FRAMES:]
    x, y, z = np.moveaxis(moved, -1, 0)
    turned = np.stack([np.arctan2(y, x), np.arctan2(y, z), np.arctan2(z, x)], -1)
    moves = np.linalg.norm(moved, axis=-1, keepdims=True) >= SEED_STILL
    angles[:, : moved.shape[1]] = np.where(moves, (np.degrees(turned) + 180) / 360, SEED_RESTS)
    return angles
