"""MediaPipe BlazePose through the Tasks API, offline."""

import hashlib
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from livecoach.errors import ModelError
from livecoach.paths import assets_dir, models_dir
from livecoach.pose import Pose

SHIPPED = ("lite", "full")


def model_path(name: str) -> Path:
    """Path of a shipped model by name, or of the user's own `.task` file. Raises ModelError where there is none."""
    if name in SHIPPED:
        return models_dir() / "pose" / f"pose_landmarker_{name}.task"
    path = Path(name).expanduser()
    if path.suffix != ".task":
        raise ModelError(f"pose model {name!r}: choose {' or '.join(SHIPPED)}, or give the path of a .task file.")
    return path


@contextmanager
def _silenced() -> Iterator[None]:
    """Keep what C++ writes to file descriptor 2 off the terminal: MediaPipe's log can't be turned off otherwise."""
    sys.stderr.flush()
    saved, null = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(null, 2)
        yield
    finally:
        os.dup2(saved, 2)
        os.close(saved)
        os.close(null)


def _image(picture: np.ndarray) -> Any:
    """A BGR picture as MediaPipe wants it; it misreads arrays that are not contiguous, without an error."""
    import mediapipe

    return mediapipe.Image(mediapipe.ImageFormat.SRGB, np.ascontiguousarray(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB)))


def _somebody() -> np.ndarray:
    """A small picture of a (rendered) person."""
    path = assets_dir() / "person.png"
    picture = cv2.imread(str(path))
    if picture is None:
        raise ModelError(f"{path}: can't be read. Reinstall livecoach.")
    return picture


class BlazePose:
    """One MediaPipe pose landmarker in VIDEO mode, for one person. Used from one thread."""

    def __init__(self, model: str) -> None:
        """model: `lite`, `full`, or the path of a .task file. Raises ModelError where it can't be used."""
        path = model_path(model)
        try:
            self._content = path.read_bytes()
        except OSError as err:
            raise ModelError(f"{path}: can't be read ({err.strerror}). Reinstall livecoach, or check --pose.") from err
        self.name = path.stem.removeprefix("pose_landmarker_")
        self.sha256 = hashlib.sha256(self._content).hexdigest()
        self._path = path
        self._last_ms = -1
        self._landmarker = self._create()

    def _create(self) -> Any:
        """A landmarker that has seen somebody (its first inferences log, and take longer) and lost them again."""
        with _silenced():
            try:
                from mediapipe.tasks.python import BaseOptions, vision  # its import logs and takes 0.3 s

                options = vision.PoseLandmarkerOptions(
                    base_options=BaseOptions(model_asset_buffer=self._content),
                    running_mode=vision.RunningMode.VIDEO,
                    num_poses=1,
                )
                landmarker = vision.PoseLandmarker.create_from_options(options)
                for picture in (_somebody(), np.zeros((240, 320, 3), np.uint8)):
                    self._last_ms += 1
                    landmarker.detect_for_video(_image(picture), self._last_ms)
                return landmarker
            except (RuntimeError, ValueError) as err:
                raise ModelError(f"{self._path}: is no pose model that MediaPipe can use. Check --pose.") from err

    def estimate(self, picture: np.ndarray, t_s: float) -> Pose | None:
        """The person in a picture; see PoseEstimator."""
        if not picture.size:
            return None  # an empty picture would end MediaPipe's graph for good
        # MediaPipe wants whole milliseconds that rise.
        self._last_ms = max(self._last_ms + 1, round(t_s * 1000))
        found = self._detect(_image(picture))
        if not found.pose_landmarks:
            return None
        landmarks = np.array(
            [(p.x, p.y, p.z, p.visibility, p.presence) for p in found.pose_landmarks[0]], dtype=np.float32
        )
        world = np.array([(p.x, p.y, p.z) for p in found.pose_world_landmarks[0]], dtype=np.float32)
        if not (np.isfinite(landmarks).all() and np.isfinite(world).all()):
            return None
        return Pose(landmarks=landmarks, world=world)

    def _detect(self, image: Any) -> Any:
        try:
            return self._landmarker.detect_for_video(image, self._last_ms)
        except RuntimeError:
            # A graph that failed once refuses everything after; a new one takes 0.1 s and picks the lifter up again.
            with suppress(RuntimeError):  # closing it may tell of the same failure once more
                self._landmarker.close()
            self._landmarker = self._create()
            self._last_ms += 1  # after those of the pictures that the new one has seen
            return self._landmarker.detect_for_video(image, self._last_ms)

    def close(self) -> None:
        """Free the landmarker."""
        self._landmarker.close()
