"""BlazePose by MediaPipe, with which BlazePose by LiteRT is compared."""

from typing import Any

import cv2
import numpy as np
import pytest

from builders.pose_bundles import whole_bundle
from livecoach.perception.pose import Pose
from livecoach.perception.pose.dorsal import PersonMask, trunk_leans
from livecoach.perception.pose.following import guide_picture
from livecoach.perception.pose.litert import MOST_PEOPLE


def whole_picture_mask(values: np.ndarray) -> PersonMask:
    """The mask of a whole picture, with a value for each pixel, (height, width) float32."""
    height, width = values.shape
    return PersonMask(values=lambda *_: values, picture_to_mask=np.eye(2, 3), size_px=(width, height))


class MediapipeReference:
    """MediaPipe's own landmarkers: one that follows a person from picture to picture, and one that finds everybody."""

    def __init__(self, model: str) -> None:
        mediapipe = pytest.importorskip("mediapipe", reason="there is no MediaPipe for this machine")
        self._image, content = mediapipe.Image, whole_bundle(model)
        self._format, tasks = mediapipe.ImageFormat.SRGB, mediapipe.tasks
        self._last_ms = -1

        def landmarker(mode: str, **options: Any) -> Any:
            base, kind = tasks.BaseOptions(model_asset_buffer=content), tasks.vision.RunningMode[mode]
            made = tasks.vision.PoseLandmarkerOptions(base_options=base, running_mode=kind, **options)
            return tasks.vision.PoseLandmarker.create_from_options(made)

        self._follower = landmarker("VIDEO", num_poses=1, output_segmentation_masks=True)
        self._finder = landmarker("IMAGE", num_poses=MOST_PEOPLE)
        for picture in (guide_picture(), np.zeros((240, 320, 3), np.uint8)):  # as `Tracker` warms its networks up
            self._next(picture, 0)

    def _next(self, picture: np.ndarray, t_ms: int) -> list[Pose]:
        self._last_ms = max(self._last_ms + 1, t_ms)
        return self._poses(self._follower.detect_for_video(self._made(picture), self._last_ms), picture)

    def _made(self, picture: np.ndarray) -> Any:
        return self._image(self._format, np.ascontiguousarray(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB)))

    def _poses(self, result: Any, picture: np.ndarray) -> list[Pose]:
        size, poses = picture.shape[1::-1], []
        for number, points in enumerate(result.pose_landmarks):
            landmarks = np.array([(p.x, p.y, p.z, p.visibility, p.presence) for p in points], np.float32)
            world = np.array([(p.x, p.y, p.z) for p in result.pose_world_landmarks[number]], np.float32)
            mask = None
            if result.segmentation_masks and trunk_leans(landmarks[:, :2] * size):
                mask = whole_picture_mask(np.array(result.segmentation_masks[number].numpy_view()[..., 0]))
            poses.append(Pose(landmarks=landmarks, world=world, mask=mask))
        return poses

    def follow(self, picture: np.ndarray, t_s: float) -> Pose | None:
        """The pose of the followed person; the picture's width is a multiple of 4, for MediaPipe's masks."""
        return next(iter(self._next(picture, round(t_s * 1000))), None)

    def find_people(self, picture: np.ndarray) -> list[Pose]:
        return self._poses(self._finder.detect(self._made(picture)), picture)

    def close(self) -> None:
        self._follower.close()
        self._finder.close()
