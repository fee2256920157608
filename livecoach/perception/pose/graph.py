"""Runs BlazePose by MediaPipe, an optional package, for comparison with livecoach's own arithmetic."""

import sys
from contextlib import suppress
from pathlib import Path
from types import ModuleType
from typing import Any

import cv2
import numpy as np

from livecoach.core.config.paths import install_command
from livecoach.core.config.pose_models import BLAZEPOSE, list_in_words
from livecoach.core.errors import ModelError
from livecoach.perception.pose import Pose
from livecoach.perception.pose.dorsal import trunk_leans, whole_picture_mask
from livecoach.perception.pose.following import MOST_PEOPLE, Tracker, guide_picture


def load_mediapipe() -> ModuleType:
    """Import MediaPipe without its dependency sounddevice.

    MediaPipe works without sounddevice. Importing sounddevice asks the sound server for its devices, and if the server
    hangs, livecoach would wait for two minutes.

    Raises:
        ModelError: MediaPipe is not installed.
    """
    hidden = "sounddevice" not in sys.modules
    if hidden:
        sys.modules["sounddevice"] = None  # type: ignore[assignment]
    try:
        import mediapipe
        import mediapipe.tasks.python.vision
    except ImportError as err:
        raise ModelError(
            f"MediaPipe is not installed. Use --pose {list_in_words(BLAZEPOSE)}, which are the same models by LiteRT, "
            f"or install it where it exists: {install_command('mediapipe')}"
        ) from err
    finally:
        if hidden:
            del sys.modules["sounddevice"]
    return mediapipe


def _image(mediapipe: ModuleType, picture: np.ndarray) -> Any:
    """Return a picture as MediaPipe's image.

    The array is made contiguous, because MediaPipe misreads any other array without an error. Black columns at the
    right make the width a multiple of 4: MediaPipe aligns the rows of a mask to 16 bytes, and reading a mask with gaps
    between its rows ends the process (0.10.32, numpy_view).
    """
    rgb = cv2.cvtColor(picture, cv2.COLOR_BGR2RGB)
    if missing := -picture.shape[1] % 4:
        rgb = cv2.copyMakeBorder(rgb, 0, 0, 0, missing, cv2.BORDER_CONSTANT)
    return mediapipe.Image(mediapipe.ImageFormat.SRGB, np.ascontiguousarray(rgb))


def _poses(result: Any, image_width_px: int, picture: np.ndarray) -> list[Pose]:
    """Return the poses in MediaPipe's result.

    Args:
        image_width_px: Width of MediaPipe's image, which may be larger than the picture's.
    """
    height, width = picture.shape[:2]
    poses = []
    for number, points in enumerate(result.pose_landmarks):
        landmarks = np.array([(p.x, p.y, p.z, p.visibility, p.presence) for p in points], np.float32)
        world = np.array([(p.x, p.y, p.z) for p in result.pose_world_landmarks[number]], np.float32)
        if not (np.isfinite(landmarks).all() and np.isfinite(world).all()):
            continue
        landmarks[:, [0, 2]] *= np.float32(image_width_px / width)
        mask = None
        if result.segmentation_masks and trunk_leans(landmarks[:, :2] * (width, height)):
            mask = whole_picture_mask(np.array(result.segmentation_masks[number].numpy_view()[:, :width, 0]))
        poses.append(Pose(landmarks=landmarks, world=world, mask=mask))
    return poses


class _Graph:
    """A landmarker of MediaPipe, which is created again after a failure."""

    def __init__(self, content: bytes, path: Path, mode: str, **options: Any) -> None:
        """Create the landmarker.

        Args:
            content: Content of the .task file.
            path: Path of the file, for errors.
            mode: VIDEO to follow a person through pictures, or IMAGE.

        Raises:
            ModelError: MediaPipe can't use the file, or is not installed.
        """
        self._content, self._path, self._mode, self._options = content, path, mode, options
        self._last_ms = -1
        self._landmarker = self._create()

    def _create(self) -> Any:
        """Create a landmarker and warm it up with a person and nobody: its first runs take longer, and write a log."""
        self._mediapipe = load_mediapipe()
        tasks = self._mediapipe.tasks
        vision = tasks.vision
        try:
            base, mode = tasks.BaseOptions(model_asset_buffer=self._content), vision.RunningMode[self._mode]
            options = vision.PoseLandmarkerOptions(base_options=base, running_mode=mode, **self._options)
            landmarker = vision.PoseLandmarker.create_from_options(options)
            for picture in (guide_picture(), np.zeros((240, 320, 3), np.uint8)):
                self._ask(landmarker, _image(self._mediapipe, picture), 0)
            return landmarker
        except (RuntimeError, ValueError) as err:
            raise ModelError(f"{self._path}: is no pose model that MediaPipe can use. Check --pose.") from err

    def _ask(self, landmarker: Any, image: Any, t_ms: int) -> Any:
        if self._mode == "IMAGE":
            return landmarker.detect(image)
        self._last_ms = max(self._last_ms + 1, t_ms)
        return landmarker.detect_for_video(image, self._last_ms)

    def detect(self, picture: np.ndarray, t_ms: int = 0) -> list[Pose]:
        """Return the poses in a picture."""
        image = _image(self._mediapipe, picture)
        try:
            result = self._ask(self._landmarker, image, t_ms)
        except RuntimeError:
            # A graph that has failed rejects all further pictures. A new graph takes .1 s and detects the lifter again.
            with suppress(RuntimeError):  # closing the graph may raise the same error
                self._landmarker.close()
            self._landmarker = self._create()
            result = self._ask(self._landmarker, image, t_ms)
        return _poses(result, image.width, picture)

    def close(self) -> None:
        """Close the landmarker."""
        self._landmarker.close()


class MediapipeTracker(Tracker):
    """A tracker that runs BlazePose by MediaPipe."""

    def __init__(self, content: bytes, path: Path) -> None:
        """Create the landmarkers.

        Args:
            content: Content of the .task file.
            path: Path of the file, for errors.

        Raises:
            ModelError: MediaPipe can't use the file, or is not installed.
        """
        super().__init__()
        self._file = content, path
        self._followed: np.ndarray | None = None  # the last picture; None if nobody is followed
        self._graph = _Graph(content, path, "VIDEO", num_poses=1, output_segmentation_masks=True)
        self._of_all = _Graph(content, path, "IMAGE", num_poses=MOST_PEOPLE)

    def _lose(self) -> None:
        """Show a black picture, since MediaPipe has no other way to stop following a person."""
        if self._followed is not None:
            self._last_ms += 1
            self._next(np.zeros_like(self._followed))

    def _next(self, picture: np.ndarray) -> Pose | None:
        pose = next(iter(self._graph.detect(picture, self._last_ms)), None)
        self._followed = None if pose is None else picture
        return pose

    def find(self, picture: np.ndarray) -> list[Pose]:
        """Detect up to MOST_PEOPLE people in a picture, without masks."""
        return self._of_all.detect(picture)

    def new_tracker(self) -> "MediapipeTracker":
        """Return a tracker by the same file that has not seen a picture yet."""
        return MediapipeTracker(*self._file)

    def close(self) -> None:
        """Close the landmarkers."""
        self._graph.close()
        self._of_all.close()
