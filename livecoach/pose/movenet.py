"""MoveNet Thunder: one person's 17 keypoints from a square of 256 by 256 pixels.

The network is Google's (TensorFlow Hub, movenet/singlepose/thunder, version 4, Apache-2.0); see NOTICE.
"""

import cv2
import numpy as np

from livecoach.config.paths import models_dir
from livecoach.config.pose_models import FILES, MOVENET
from livecoach.model_files.model_folder import sha256
from livecoach.model_files.tflite import TfliteNetwork
from livecoach.pose.crop import Crop, crop_around
from livecoach.pose.keypoints import COCO, Keypoints, keypoints
from livecoach.pose.top_down import LEAST_SURE, crop_points

SIDE_PX = 256


class MoveNet:
    """A `Network` and a `Search` of livecoach.pose.top_down."""

    name = MOVENET
    aspect = 1.0
    confirms_every_s: float | None = None

    def __init__(self) -> None:
        """Raises ModelError where the file can't be used."""
        path = models_dir() / "pose" / FILES[MOVENET]
        self._network = TfliteNetwork(
            path, (1, SIDE_PX, SIDE_PX, 3), (1, 1, len(COCO), 3), input_type=np.int32, optimised=True
        )
        self.sha256 = sha256(path)

    def keypoints(self, picture: np.ndarray, crop: Crop) -> Keypoints:
        """Of the person in the middle of the crop."""
        square = cv2.cvtColor(crop.cut(picture, (SIDE_PX, SIDE_PX)), cv2.COLOR_BGR2RGB)
        output = self._network(square[None].astype(np.int32)).reshape(len(COCO), 3).astype(np.float64)
        return keypoints(crop.to_picture(output[:, 1::-1]), output[:, 2])

    def find(self, picture: np.ndarray) -> np.ndarray | None:
        """Look for a person in the whole picture, and in squares at its left, middle and right (of a tall picture, its
        top, middle and bottom)."""
        looks = [self.keypoints(picture, crop) for crop in _looks(picture.shape[1], picture.shape[0])]
        best = max(looks, key=lambda person: person.sureness)
        return crop_points(best) if best.sureness >= LEAST_SURE else None

    def close(self) -> None:
        """The network holds no resources but memory."""


def _looks(width: int, height: int) -> list[Crop]:
    side = min(width, height)
    corners = {(share * (width - side), share * (height - side)) for share in (0.0, 0.5, 1.0)}
    whole = crop_around(np.zeros(2), np.array([width, height], float), 1.0, margin=0.0)
    return [whole, *(Crop(left=x, top=y, width=side, height=side) for x, y in sorted(corners))]
