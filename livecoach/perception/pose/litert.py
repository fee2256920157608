"""Runs BlazePose by LiteRT: the networks of a .task file, each only when it is needed."""

import zipfile
import zlib
from collections.abc import Iterable, Sequence
from io import BytesIO
from pathlib import Path

import cv2
import numpy as np

from livecoach.core.errors import ModelError
from livecoach.core.model_files.tflite import PictureNetwork, make_interpreter, read_network
from livecoach.perception.pose import Pose
from livecoach.perception.pose.landmark_network import LandmarkNetwork, Region, person_region, picture_region, sigmoid

DETECTOR_SIDE_PX = 224  # side of the detector's input
BOXES = 2254  # number of boxes in the detector's output
DETECTOR_OUTPUTS = ((1, BOXES, 12), (1, BOXES, 1))  # boxes (middle, size and four points), and their confidences
CELLS = ((28, 2), (14, 2), (7, 6))  # cells along each side of the picture, and boxes per cell, in the network's order
LEAST_SURE = 0.5  # least confidence of a person. This and the next value are MediaPipe's.
SAME = 0.5  # overlap (intersection over union) above which two boxes are the same person


class DetectorNetwork:
    """BlazePose's network that detects people in a whole picture."""

    def __init__(self, content: bytes, threads: int = 1) -> None:
        """Load the network from its file's content. Raises ValueError if the content is another network."""
        picture = [(1, DETECTOR_SIDE_PX, DETECTOR_SIDE_PX, 3)]
        self._network = PictureNetwork(make_interpreter(content, picture, DETECTOR_OUTPUTS, threads=threads))
        self._cells = _cells()

    def find_regions(self, picture: np.ndarray, square: Region | None = None) -> list[Region]:
        """Return the regions of the people in a picture (height, width, 3) uint8 BGR, the surest first.

        Args:
            square: The part of the picture in which people are sought; None for the whole picture.
        """
        square = picture_region(picture) if square is None else square
        cut = cv2.cvtColor(square.cut_square(picture, DETECTOR_SIDE_PX, border=cv2.BORDER_CONSTANT), cv2.COLOR_BGR2RGB)
        self._network.run_on_picture(cut, black=-1.0)
        sure = sigmoid(self._network.output(1)[0, :, 0])
        some = np.flatnonzero(sure >= LEAST_SURE)
        if not some.size:
            return []
        some = some[np.argsort(-sure[some], kind="stable")]
        boxes, cells = self._network.output(0)[0, some].astype(np.float64) / DETECTOR_SIDE_PX, self._cells[some]
        middles, sizes = boxes[:, :2] + cells, boxes[:, 2:4]
        # The first two points make the region: the middle of the hips, and a point on the circle around the person.
        points = boxes[:, 4:8].reshape(-1, 2, 2) + cells[:, None]
        means = _merged(middles - sizes / 2, middles + sizes / 2, points, sure[some].astype(np.float64))
        regions = (person_region(*square.to_picture(mean)) for mean in means)
        return [region for region in regions if region is not None]


def _merged(low: np.ndarray, high: np.ndarray, points: np.ndarray, sure: np.ndarray) -> list[np.ndarray]:
    """Return the points (2, 2) of each person: means over overlapping boxes, the surest first, by confidence."""
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
    """Return the middle (x, y) of each box's cell, (BOXES, 2) shares 0…1 of the picture."""
    parts = []
    for count, boxes in CELLS:
        along = (np.arange(count) + 0.5) / count
        y, x = np.meshgrid(along, along, indexing="ij")
        parts.append(np.repeat(np.stack([x.ravel(), y.ravel()], 1), boxes, axis=0))
    return np.concatenate(parts)


DETECTOR, LANDMARKS, HEAD = "pose_detector.tflite", "pose_landmarks_detector.tflite", "pose_mask.tflite"
"""Names in a .task file, which is a zip. MediaPipe's own files have no HEAD, but a whole landmark network."""
MOST_PEOPLE = 3  # most people that are detected in a picture
DAMAGED = (zipfile.BadZipFile, zlib.error, LookupError, RuntimeError, EOFError, OSError, ValueError)
"""Errors of a .task file that is damaged, or holds other networks."""


class BlazePoseNetworks:
    """BlazePose's detector and landmark network. Use them from one thread."""

    def __init__(self, path: Path, threads: int = 1) -> None:
        """Load the networks of a .task file. Raises ModelError if the file can't be read, or is not BlazePose's."""
        content = read_network(path, "Reinstall livecoach, or check --pose.")
        try:
            with zipfile.ZipFile(BytesIO(content)) as bundle:
                detector, landmarks = bundle.read(DETECTOR), bundle.read(LANDMARKS)
                head = bundle.read(HEAD) if HEAD in bundle.namelist() else None
            self.detector = DetectorNetwork(detector, threads)
            self.landmarks = LandmarkNetwork(landmarks, head, threads)
        except DAMAGED as err:
            raise ModelError(f"{path}: is no pose model that LiteRT can use. Check --pose.") from err

    def find_people(self, picture: np.ndarray, regions: Sequence[Region] | None = None) -> list[Pose]:
        """Estimate the poses of up to MOST_PEOPLE people in a BGR picture, without masks, the surest detection first.

        A detected person without a pose is left out.

        Args:
            regions: Regions of the people that were detected already; None to run the detector.
        """
        regions = self.detector.find_regions(picture) if regions is None else regions
        looks = [self.landmarks.estimate_region(picture, region) for region in regions[:MOST_PEOPLE]]
        return [
            Pose(
                landmarks=picture_landmarks(body.points_px, body.confidences, picture),
                world=body.world.astype(np.float32),
            )
            for body in looks
            if body is not None
        ]


def visible_landmarks(poses: Iterable[Pose]) -> list[np.ndarray]:
    """Return the landmarks, (33, 5), of each visible pose."""
    return [pose.landmarks for pose in poses if pose.is_visible]


def picture_landmarks(points_px: np.ndarray, confidences: np.ndarray, picture: np.ndarray) -> np.ndarray:
    """Convert points in pixels to the landmarks of a `Pose`, (33, 5) float32, in shares of the picture.

    Args:
        points_px: (33, 3) x, y and z (on the scale of x), pixels.
        confidences: (33, 2) visibility and presence, 0…1.
        picture: The picture, of which only the size is used.
    """
    height, width = picture.shape[:2]
    return np.column_stack([points_px / (width, height, width), confidences]).astype(np.float32)
