"""Pose by a top-down network: one person in a crop that is held steady, lifted to world landmarks."""

from dataclasses import replace
from typing import Protocol

import numpy as np

from livecoach import landmark
from livecoach.pose import Pose
from livecoach.pose.crop import Crop, SteadyCrop
from livecoach.pose.keypoints import BODY, Keypoints
from livecoach.pose.pose_lifter import LIFTED, PoseLifter
from livecoach.pose.smoothing import KeypointSmoother

LEAST_SURE = 0.3  # mean score of the body below which nobody is there
KNOWN = 0.2  # score from which a point of the face or the feet is used
CERTAIN = 0.6
"""Score that counts as a visibility of 1: these networks rarely give a clearly visible joint more."""
SEARCH_EVERY_S = 0.1  # pictures between searches are skipped
LOST_S = 0.5  # how long the crop stays after the person was last detected


ABSENT_S = 6.0
"""How long a person is followed without confirmation by the search: detectors miss people who bend over a bar."""


class Network(Protocol):
    name: str
    sha256: str
    aspect: float  # of its input, width over height

    def keypoints(self, picture: np.ndarray, crop: Crop) -> Keypoints:
        """Of the most prominent person in a crop of a picture (height, width, 3) uint8 BGR."""
        ...


class Search(Protocol):
    confirms_every_s: float | None
    """Interval at which it confirms that the followed person is still there: a network trained on crops of people
    detects one in every crop. None where the network's scores show it."""

    def find(self, picture: np.ndarray) -> np.ndarray | None:
        """Return points (n, 2) of the most prominent person, pixels; None where there is nobody."""
        ...

    def close(self) -> None: ...


class TopDown:
    """Follows one person with a top-down network. Used from one thread."""

    def __init__(self, network: Network, search: Search) -> None:
        """Raises ModelError where the lifting network can't be used."""
        self.name, self.sha256 = network.name, network.sha256
        self._network, self._search = network, search
        self._lifting = PoseLifter()
        self._crop: SteadyCrop | None = None
        self._smoothed = KeypointSmoother()
        self._detected_s = self._searched_s = self._confirmed_s = -np.inf
        self._people = 0

    @property
    def people(self) -> int:
        """0 or 1, because others are not searched for."""
        return self._people

    def estimate(self, picture: np.ndarray, t_s: float) -> Pose | None:
        keypoints = self._keypoints(picture, t_s) if picture.size else None
        self._people = int(keypoints is not None)
        return None if keypoints is None else self._pose(keypoints, picture)

    def _keypoints(self, picture: np.ndarray, t_s: float) -> Keypoints | None:
        if self._crop is not None and (t_s - self._detected_s > LOST_S or not self._confirmed(picture, t_s)):
            self._crop = None
        if self._crop is None:
            self._crop = self._start_crop(picture, t_s)
        if self._crop is None:
            return None
        crop = self._crop.at(self._network.aspect)
        keypoints = self._network.keypoints(picture, crop)
        if keypoints.sureness < LEAST_SURE:
            return None
        self._crop.follow(crop_points(keypoints), t_s)
        self._detected_s = t_s
        return replace(keypoints, xy_px=self._smoothed.step(keypoints.xy_px, crop.height, t_s))

    def _start_crop(self, picture: np.ndarray, t_s: float) -> SteadyCrop | None:
        """None where the picture was searched just before, or shows nobody."""
        if 0 <= t_s - self._searched_s < SEARCH_EVERY_S:
            return None
        self._searched_s = t_s
        points = self._search.find(picture)
        if points is None:
            return None
        self._detected_s = self._confirmed_s = t_s
        self._smoothed = KeypointSmoother()
        return SteadyCrop(points.min(0), points.max(0), t_s)

    def _confirmed(self, picture: np.ndarray, t_s: float) -> bool:
        every_s = self._search.confirms_every_s
        if every_s is None:
            return True
        if t_s - self._searched_s >= every_s:
            self._searched_s = t_s
            if self._search.find(picture) is not None:
                self._confirmed_s = t_s
        return t_s - self._confirmed_s <= ABSENT_S

    def _pose(self, keypoints: Keypoints, picture: np.ndarray) -> Pose:
        height, width = picture.shape[:2]
        known = np.isfinite(keypoints.xy_px).all(1) & (keypoints.scores >= KNOWN)
        known[list(BODY)] = True
        world = self._lifting.lift(keypoints.xy_px, known)
        landmarks = np.full((landmark.COUNT, 5), np.nan)
        landmarks[:, :2] = keypoints.xy_px / (width, height)
        landmarks[list(LIFTED), 2] = world[list(LIFTED), 2] * _pixels_a_metre(keypoints.xy_px, world) / width
        landmarks[:, 3:] = np.minimum(keypoints.scores / CERTAIN, 1.0)[:, None]
        return Pose(landmarks=landmarks.astype(np.float32), world=world)

    def close(self) -> None:
        self._search.close()


def crop_points(keypoints: Keypoints) -> np.ndarray:
    """(n, 2) that the crop must hold: the body's, and the known ones of face and feet."""
    known = keypoints.scores >= KNOWN
    known[list(BODY)] = True
    return keypoints.xy_px[known]


def _pixels_a_metre(points_px: np.ndarray, world: np.ndarray) -> float:
    """Pixels per metre, by the body's spread in the picture and in the world."""
    picture, metres = points_px[list(BODY)], world[list(BODY), :2]
    spreads = [float(((points - points.mean(0)) ** 2).sum()) for points in (picture, metres)]
    return float(np.sqrt(spreads[0] / max(spreads[1], 1e-9)))
