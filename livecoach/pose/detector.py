"""BlazePose's person detector: locates the people in a whole picture."""

import cv2
import numpy as np

from livecoach.model_files.tflite import PictureNetwork
from livecoach.pose.decoding import sigmoid
from livecoach.pose.region import Region, around_person, around_picture

SIDE_PX = 224
BOXES = 2254
OUTPUTS = ((1, BOXES, 12), (1, BOXES, 1))
"""Boxes (middle, size and four points), and the confidence in each."""
CELLS = ((28, 2), (14, 2), (7, 6))
"""Cells along each side of the picture, and boxes per cell, in the network's order."""
LEAST_SURE = 0.5
SAME = 0.5
"""Overlap (intersection over union) of two boxes of one person. Both as in MediaPipe."""


class DetectorNetwork:
    def __init__(self, network: PictureNetwork) -> None:
        """Of SIDE_PX and OUTPUTS."""
        self._network = network
        self._cells = _cells()

    def find(self, picture: np.ndarray) -> list[Region]:
        """Return the regions of the people in a picture (height, width, 3) uint8 BGR, the surest first."""
        square = around_picture(picture)
        cut = cv2.cvtColor(square.cut(picture, SIDE_PX, border=cv2.BORDER_CONSTANT), cv2.COLOR_BGR2RGB)
        self._network.run_on(cut, low=-1.0)
        sure = sigmoid(self._network.output(1)[0, :, 0])
        some = np.flatnonzero(sure >= LEAST_SURE)
        if not some.size:
            return []
        some = some[np.argsort(-sure[some], kind="stable")]
        boxes, cells = self._network.output(0)[0, some].astype(np.float64) / SIDE_PX, self._cells[some]
        middles, sizes = boxes[:, :2] + cells, boxes[:, 2:4]
        # The first two points make the region: the middle of the hips, and one on the circle around the person.
        points = boxes[:, 4:8].reshape(-1, 2, 2) + cells[:, None]
        regions = []
        for mean in _merged(middles - sizes / 2, middles + sizes / 2, points, sure[some].astype(np.float64)):
            regions.append(around_person(*square.to_picture(mean)))
        return [region for region in regions if region is not None]


def _merged(low: np.ndarray, high: np.ndarray, points: np.ndarray, sure: np.ndarray) -> list[np.ndarray]:
    """Return the points (2, 2) of each person: means, weighted by confidence, over the boxes that overlap the surest.
    low, high: (n, 2) corners of the boxes, the surest first. points: (n, 2, 2). sure: (n,)."""
    area = (high - low).prod(1)
    left = np.arange(len(sure))
    people = []
    while left.size:
        first = left[0]
        shared = np.minimum(high[left], high[first]) - np.maximum(low[left], low[first])
        overlap = np.clip(shared, 0, None).prod(1)
        same = overlap > SAME * (area[left] + area[first] - overlap)
        same[0] = True
        own = left[same]
        people.append(np.average(points[own], axis=0, weights=sure[own]))
        left = left[~same]
    return people


def _cells() -> np.ndarray:
    """(BOXES, 2): middle (x, y) of each box's cell, shares 0…1 of the picture."""
    parts = []
    for count, boxes in CELLS:
        along = (np.arange(count) + 0.5) / count
        y, x = np.meshgrid(along, along, indexing="ij")
        parts.append(np.repeat(np.stack([x.ravel(), y.ravel()], 1), boxes, axis=0))
    return np.concatenate(parts)
