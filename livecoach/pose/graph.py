"""MediaPipe's pose landmarkers: one that follows a person, and one that detects everybody."""

from contextlib import suppress
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from livecoach import landmark
from livecoach.config.paths import assets_dir
from livecoach.errors import ModelError
from livecoach.model_files.silence import silenced
from livecoach.pose import Pose
from livecoach.pose.dorsal import LEAST_LEAN_DEG
from livecoach.tracking.person import Person

LEAN = float(np.tan(np.radians(LEAST_LEAN_DEG)))
"""Least lean of the trunk, as a tangent, for which a mask is copied (0.2 ms at 640×480)."""
GUIDE = Person(x=0.669, y=0.532, scale=0.42, inside=0.664)
"""The person in assets/person.png, as `lite` and `full` both locate it to within a hundredth."""
MOST_PEOPLE = 3
"""Largest number of people that are detected in a picture."""
MARGIN = 0.15
"""Margin around a person's landmarks, as a share of their longer side: the head is higher than its landmarks."""


def _image(picture: np.ndarray) -> Any:
    """Return a BGR picture as a MediaPipe image. MediaPipe misreads arrays that are not contiguous, without an error.

    Black columns at the right make the width a multiple of 4: MediaPipe aligns the rows of a mask to 16 bytes, and
    reading a mask with gaps between its rows ends the process (0.10.32, numpy_view).
    """
    import mediapipe

    rgb = cv2.cvtColor(picture, cv2.COLOR_BGR2RGB)
    if missing := -picture.shape[1] % 4:
        rgb = cv2.copyMakeBorder(rgb, 0, 0, 0, missing, cv2.BORDER_CONSTANT)
    return mediapipe.Image(mediapipe.ImageFormat.SRGB, np.ascontiguousarray(rgb))


def _poses(found: Any, image_width_px: int, picture: np.ndarray) -> list[Pose]:
    """Return the poses of a result. image_width_px: width of MediaPipe's image, which may exceed the picture's."""
    height, width = picture.shape[:2]
    poses = []
    for number, points in enumerate(found.pose_landmarks):
        landmarks = np.array([(p.x, p.y, p.z, p.visibility, p.presence) for p in points], np.float32)
        world = np.array([(p.x, p.y, p.z) for p in found.pose_world_landmarks[number]], np.float32)
        if not (np.isfinite(landmarks).all() and np.isfinite(world).all()):
            continue
        landmarks[:, [0, 2]] *= np.float32(image_width_px / width)
        mask = None
        if found.segmentation_masks and _trunk_leans(landmarks[:, :2] * (width, height)):
            mask = np.array(found.segmentation_masks[number].numpy_view()[:, :width, 0])
        poses.append(Pose(landmarks=landmarks, world=world, mask=mask))
    return poses


def _trunk_leans(points_px: np.ndarray) -> bool:
    """Return whether the trunk leans far enough for its mask to be used.

    points_px: (33, 2).
    """
    trunk = points_px[list(landmark.SHOULDERS)].sum(0) - points_px[list(landmark.HIPS)].sum(0)
    return bool(abs(trunk[0]) > LEAN * -trunk[1])


def _somebody() -> np.ndarray:
    """Read a small picture of a rendered person."""
    path = assets_dir() / "person.png"
    picture = cv2.imread(str(path))
    if picture is None:
        raise ModelError(f"{path}: can't be read. Reinstall livecoach.")
    return picture


def _guided(picture: np.ndarray, place: Person) -> np.ndarray:
    """Return a black picture of the same size in which a rendered person stands at the place."""
    height, width = picture.shape[:2]
    guide = _somebody()
    larger = height * place.scale / (guide.shape[0] * GUIDE.scale)
    left = height * place.x - larger * guide.shape[0] * GUIDE.x
    top = height * place.y - larger * guide.shape[0] * GUIDE.y
    return cv2.warpAffine(guide, np.array([[larger, 0.0, left], [0.0, larger, top]]), (width, height))


class _Graph:
    """A MediaPipe landmarker that is created anew after a failure."""

    def __init__(self, content: bytes, path: Path, **options: Any) -> None:
        """content: bytes of the .task file at `path`. Raises ModelError where MediaPipe can't use it."""
        self._content, self._path, self._options = content, path, options
        self._last_ms = -1
        self._landmarker = self._create()

    def _create(self) -> Any:
        """Create a landmarker, and let it see and lose a person: its first inferences log, and take longer."""
        with silenced():
            try:
                from mediapipe.tasks.python import BaseOptions, vision  # importing it logs and takes 0.3 s

                base = BaseOptions(model_asset_buffer=self._content)
                options = vision.PoseLandmarkerOptions(base_options=base, **self._options)
                landmarker = vision.PoseLandmarker.create_from_options(options)
                for picture in (_somebody(), np.zeros((240, 320, 3), np.uint8)):
                    self._last_ms += 1
                    self._ask(landmarker, _image(picture))
                return landmarker
            except (RuntimeError, ValueError) as err:
                raise ModelError(f"{self._path}: is no pose model that MediaPipe can use. Check --pose.") from err

    def _ask(self, landmarker: Any, image: Any) -> Any:
        """Return MediaPipe's result for an image."""
        raise NotImplementedError

    def _detect(self, picture: np.ndarray) -> list[Pose]:
        image = _image(picture)
        try:
            found = self._ask(self._landmarker, image)
        except RuntimeError:
            # A graph that failed once rejects everything after; a new one takes 0.1 s and detects the lifter again.
            with suppress(RuntimeError):  # closing it may raise the same failure again
                self._landmarker.close()
            self._landmarker = self._create()
            self._last_ms += 1  # after the timestamps that _create has used
            found = self._ask(self._landmarker, image)
        return _poses(found, image.width, picture)

    def close(self) -> None:
        """Free the landmarker."""
        self._landmarker.close()


class Tracker(_Graph):
    """Follows one person from picture to picture, with masks where the trunk leans."""

    def __init__(self, content: bytes, path: Path) -> None:
        super().__init__(content, path, running_mode=_mode("VIDEO"), num_poses=1, output_segmentation_masks=True)
        self._following = False

    def _ask(self, landmarker: Any, image: Any) -> Any:
        return landmarker.detect_for_video(image, self._last_ms)

    def follow(self, picture: np.ndarray, t_s: float) -> Pose | None:
        """Return the person in the next picture, which is not empty; None where nobody is detected."""
        # MediaPipe demands rising timestamps in whole milliseconds.
        self._last_ms = max(self._last_ms + 1, round(t_s * 1000))
        return self._next(picture)

    def go_to(self, picture: np.ndarray, t_s: float, part: tuple[slice, slice]) -> Pose | None:
        """Stop following, and follow the person in this part (rows, columns) of the picture.

        MediaPipe has no way to choose a person: it loses everybody in a black picture, and then detects the person in a
        picture that is black outside the part.
        """
        self._last_ms = max(self._last_ms, round(t_s * 1000) - 1)
        black = np.zeros_like(picture)
        if self._following:
            self._last_ms += 1
            self._next(black)
        black[part] = picture[part]
        self._last_ms += 1
        return self._next(black)

    def steer_to(self, picture: np.ndarray, t_s: float, place: Person) -> Pose | None:
        """Stop following, and follow the person at this place, even one whom MediaPipe would not detect.

        MediaPipe detects few people who bend over a bar, but follows them from where it saw a person before. So it sees
        first a rendered person who stands alone at the place, and then the picture.
        """
        self._last_ms = max(self._last_ms, round(t_s * 1000) - 2)
        if self._following:
            self._last_ms += 1
            self._next(np.zeros_like(picture))
        self._last_ms += 1
        if self._next(_guided(picture, place)) is None:
            return None
        self._last_ms += 1
        return self._next(picture)

    def _next(self, picture: np.ndarray) -> Pose | None:
        pose = next(iter(self._detect(picture)), None)
        self._following = pose is not None
        return pose


class Finder(_Graph):
    """Detects all people (up to MOST_PEOPLE) in a single picture."""

    def __init__(self, content: bytes, path: Path) -> None:
        super().__init__(content, path, running_mode=_mode("IMAGE"), num_poses=MOST_PEOPLE)

    def _ask(self, landmarker: Any, image: Any) -> Any:
        return landmarker.detect(image)

    def find(self, picture: np.ndarray) -> list[Pose]:
        """Return the poses of all people in the picture."""
        return self._detect(picture)


def _mode(name: str) -> Any:
    from mediapipe.tasks.python import vision

    return vision.RunningMode[name]


def around(landmarks: np.ndarray, picture: np.ndarray) -> tuple[slice, slice]:
    """Return the rows and columns of the picture around a person."""
    size = np.array(picture.shape[1::-1])
    points = landmarks[:, :2] * size
    low, high = points.min(0), points.max(0)
    margin = MARGIN * (high - low).max()
    left, top = np.clip(low - margin, 0, size - 1).astype(int)
    right, bottom = np.clip(high + margin, 1, size).astype(int)
    return slice(top, bottom), slice(left, right)
