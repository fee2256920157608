"""Turns frames into observations, so that decisions need no pixels."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import cv2
import numpy as np

from livecoach.core.documents import codec
from livecoach.core.types import Frame, Observation
from livecoach.perception.bar.detector import PlateDetector
from livecoach.perception.bar.follower import PlateFollower
from livecoach.perception.pose import PoseEstimator
from livecoach.perception.pose.camera_motion import CameraMotion
from livecoach.perception.pose.dorsal import measure_back_edge
from livecoach.perception.pose.heel import HeelFollower
from livecoach.perception.pose.moving_picture import UnclearMotionDetector
from livecoach.perception.pose.upright import turn_picture

BLACK = 16  # Largest grey value in a bar beside the picture: black in the studio range. 32 real films have 0 or 1.


def upright_picture(frame: Frame, observation: Observation) -> np.ndarray | None:
    """Return a frame's picture turned upright, as in a session's video; None for a frame without a picture."""
    if frame.picture is None or frame.observation is not None:
        return frame.picture
    return turn_picture(frame.picture, observation.turn_deg)


def measure_brightness(picture: np.ndarray) -> float:
    """Return the mean grey value, 0…1, of a picture without black bars, (h, w, 3) uint8.

    Upright films often have bars at their sides, with which they would seem dark: 25 of 174 real clips.
    """
    # Every eighth pixel in both directions is enough: .05 ms at 640 × 480.
    grey = cv2.cvtColor(picture[::8, ::8], cv2.COLOR_BGR2GRAY)
    shown = grey[grey.max(axis=1) > BLACK][:, grey.max(axis=0) > BLACK]
    return float(shown.mean() if shown.size else grey.mean()) / 255


class Observer:
    """Turns frames into observations, one after the other; a stored observation is passed on."""

    def __init__(self, estimator: PoseEstimator | None, plates: PlateDetector | None = None) -> None:
        """Start before the first frame.

        Args:
            estimator: The pose estimator; None if all frames have stored observations.
            plates: The detector of plates; None if the bar is not tracked.
        """
        self._estimator, self._plates = estimator, plates
        self._bar = None if plates is None else PlateFollower(plates)
        self._camera, self._moving, self._heel = CameraMotion(), UnclearMotionDetector(), HeelFollower()
        self._framing: tuple[int, int, int] | None = None  # `Observation.framing` of the last picture
        self._bar_thread = ThreadPoolExecutor(1, "bar")  # the thread starts with the first picture

    def close(self) -> None:
        """End the observer's thread. The estimator stays open."""
        self._bar_thread.shutdown()

    def observe(self, frame: Frame, dropped: int = 0) -> Observation:
        """Turn a frame into an observation, rounded as in a recording.

        A stored observation stays the same, except that `dropped` is added to its number of dropped frames.

        Args:
            dropped: Number of frames that were skipped since the last frame.

        Raises:
            ValueError: The frame has no observation, and either no picture or no estimator to look at the picture.
        """
        if frame.observation is not None:
            return replace(frame.observation, dropped=frame.observation.dropped + dropped)
        if frame.picture is None or self._estimator is None:
            raise ValueError("a frame needs a picture and an estimator, or an observation")
        turn_finder = self._estimator.turn_finder
        turn_deg, picture = turn_finder.turn_deg, turn_picture(frame.picture, turn_finder.turn_deg)
        height_px, width_px = picture.shape[:2]
        self._reset_after_cut((width_px, height_px, turn_deg))
        advancing = None
        if self._bar is not None and self._bar.has_plate:
            advancing = self._bar_thread.submit(self._bar.advance, picture, frame.t_s)
        elif self._bar is not None:
            self._bar.advance(picture, frame.t_s)  # takes less time than to wake the thread
        pose = self._estimator.estimate(picture, frame.t_s)
        measuring = None
        if pose is not None and pose.mask is not None:
            measuring = self._bar_thread.submit(measure_back_edge, pose.mask, pose.landmarks)
        if advancing is not None:
            advancing.result()
        landmarks, world = (None, None) if pose is None else (pose.landmarks, pose.world)
        turn_finder.step(picture, landmarks, frame.t_s)
        camera = self._camera.step(picture, landmarks)
        shows_motion_badly = self._moving.step(picture, landmarks, frame.t_s)
        heel = self._heel.step(picture, landmarks, camera, frame.t_s)
        bar = None if self._bar is None else self._bar.locate(picture, landmarks)
        return codec.round_observation(
            Observation(
                index=frame.index,
                t_s=frame.t_s,
                landmarks=landmarks,
                world=world,
                people=self._estimator.people_count,
                brightness=measure_brightness(picture),
                width_px=width_px,
                height_px=height_px,
                dropped=dropped,
                turn_deg=turn_deg,
                back=None if measuring is None else measuring.result(),
                clarity=None if pose is None else pose.clarity,
                bar=bar,
                camera=camera,
                shows_motion_badly=shows_motion_badly,
                heel=heel,
            )
        )

    def _reset_after_cut(self, framing: tuple[int, int, int]) -> None:
        before, self._framing = self._framing, framing
        if self._estimator is not None and before not in (None, framing):
            self._estimator.reset()
            self._camera, self._moving, self._heel = CameraMotion(), UnclearMotionDetector(), HeelFollower()
            self._bar = None if self._plates is None else PlateFollower(self._plates)
