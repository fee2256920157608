"""BlazePose by LiteRT: the networks of a .task file, each run only when it is needed."""

import zipfile
import zlib
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import numpy as np

from livecoach.model_files.tflite import PictureNetwork, no_pose_model
from livecoach.pose import Pose, detector
from livecoach.pose.detector import DetectorNetwork
from livecoach.pose.dorsal import trunk_leans
from livecoach.pose.following import MOST_PEOPLE, Tracker, guide_picture
from livecoach.pose.landmark_network import LandmarkNetwork, RegionPose
from livecoach.pose.region import Region
from livecoach.pose.smoothing import LandmarkSmoother

DETECTOR, LANDMARKS = "pose_detector.tflite", "pose_landmarks_detector.tflite"
"""In a .task file, which is a zip."""
GUIDE_MS = 2 - 33
"""Timestamp of the warm-up picture, which shows a person; the lifter follows from 2 ms on. MediaPipe's filters get that
picture at time 0, which they treat as no time, and treat the lifter's as the next one at 30 pictures a second."""


@dataclass(frozen=True, slots=True)
class Networks:
    """BlazePose's two networks. Used from one thread."""

    detector: DetectorNetwork
    landmarks: LandmarkNetwork


def networks(content: bytes, path: Path, threads: int = 1) -> Networks:
    """threads: the mask's part always runs on one. Raises ModelError where the file holds no BlazePose."""
    try:
        with zipfile.ZipFile(BytesIO(content)) as bundle:
            files = bundle.read(DETECTOR), bundle.read(LANDMARKS)
    except (zipfile.BadZipFile, zlib.error, KeyError, NotImplementedError, RuntimeError, EOFError, OSError) as err:
        raise no_pose_model(path) from err
    sees = PictureNetwork(files[0], path, detector.SIDE_PX, detector.OUTPUTS, threads=threads)
    return Networks(DetectorNetwork(sees), LandmarkNetwork(files[1], path, threads))


class LitertTracker(Tracker):
    """Detects people only where nobody is followed."""

    def __init__(self, networks: Networks) -> None:
        super().__init__()
        self._networks = networks
        self._region: Region | None = None
        self._smoother = LandmarkSmoother()
        # The first run of a network takes longer. MediaPipe's landmarker is warmed up with this person, too, and then
        # with nobody (livecoach.pose.graph); it continues from that person's posture and visibilities.
        self._last_ms = GUIDE_MS
        self._next(guide_picture())
        self._lose()
        self._last_ms = 1

    def _lose(self) -> None:
        self._region = None

    def _next(self, picture: np.ndarray) -> Pose | None:
        if self._region is None:
            self._region = next(iter(self._networks.detector.find(picture)), None)
            self._smoother.reset()
        body = None if self._region is None else self._networks.landmarks.estimate_region(picture, self._region)
        self._region = None if body is None else body.following
        return None if body is None else self._smooth(body, picture)

    def _smooth(self, body: RegionPose, picture: np.ndarray) -> Pose:
        t_s = self._last_ms / 1000
        points = self._smoother.points(body.points_px, body.following.side, t_s)
        visibility = self._smoother.visibility(body.sureness[:, 0])
        landmarks = _landmarks(points, np.column_stack([visibility, body.sureness[:, 1]]), picture)
        world = self._smoother.world(body.world, t_s).astype(np.float32)
        return Pose(landmarks=landmarks, world=world, mask=body.mask() if trunk_leans(points) else None)

    def close(self) -> None:
        """The networks hold no resources but memory."""


class LitertPersonDetector:
    """A `PersonDetector`."""

    def __init__(self, networks: Networks) -> None:
        self._networks = networks

    def find(self, picture: np.ndarray) -> list[Pose]:
        regions = self._networks.detector.find(picture)[:MOST_PEOPLE]
        looks = [self._networks.landmarks.estimate_region(picture, region) for region in regions]
        return [
            Pose(landmarks=_landmarks(body.points_px, body.sureness, picture), world=body.world.astype(np.float32))
            for body in looks
            if body is not None
        ]

    def close(self) -> None:
        """The networks hold no resources but memory."""


def _landmarks(points_px: np.ndarray, sureness: np.ndarray, picture: np.ndarray) -> np.ndarray:
    """(33, 5) float32, as livecoach.pose.Pose has them."""
    height, width = picture.shape[:2]
    return np.column_stack([points_px / (width, height, width), sureness]).astype(np.float32)
