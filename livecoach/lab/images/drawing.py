"""The dissertation's rep image: 45 rows of joints, 100 columns of time, and one colour for three angles.

The dissertation's code and images define it: angles are converted to bytes, resized in time, combined to one byte by
the weights of a grey picture, and drawn with OpenCV's HSV colour map. The colour map is invertible; the sum of the
three angles is not.
"""

import cv2
import numpy as np

from livecoach.anomaly.skelemotion import SEED_TRAVERSAL, seed_angles

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
