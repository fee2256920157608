"""The dissertation's rep image: 45 rows of joints, 100 columns of time, one colour for three angles.

Its rules are known from the dissertation's code and images: angles to bytes, bytes resized in time, three
bytes to one by the weights of a grey picture, that one drawn with OpenCV's HSV map. The map can be read backwards, the
sum of three angles can't.
"""

import cv2
import numpy as np

from livecoach.anomaly.skelemotion import SEED_TRAVERSAL, seed_angles

COLUMNS = 100
SHAPE = (len(SEED_TRAVERSAL), COLUMNS)
"""Height and width of an image."""
STILL = 24
"""Grey value of a joint that rests: 1.1 * 255 as a byte that wraps."""
COLOURS: np.ndarray = cv2.applyColorMap(np.arange(256, dtype=np.uint8)[:, None], cv2.COLORMAP_HSV)[:, 0]
"""(256, 3) uint8, BGR, of each grey value. The first and the last are the same red."""


def rep_image(landmarks: np.ndarray) -> np.ndarray:
    """A rep's image: (*SHAPE, 3) uint8, BGR.

    landmarks: (n, 33, 3) x, y, z of BlazePose in the picture, one a frame. Raises ValueError where they are not.
    """
    return COLOURS[grey_image(landmarks)]


def grey_image(landmarks: np.ndarray) -> np.ndarray:
    """A rep's image before it is coloured: SHAPE uint8. Arguments and errors as of `rep_image`."""
    as_bytes = ((seed_angles(landmarks) * 255).astype(np.int64) % 256).astype(np.uint8)
    resized = cv2.resize(as_bytes, SHAPE[::-1], interpolation=cv2.INTER_LINEAR)
    grey: np.ndarray = cv2.cvtColor(resized, cv2.COLOR_BGR2GRAY)
    return grey
