"""Pose by a top-down network: one person in a crop that is held steady, lifted to world landmarks."""

import math
from dataclasses import dataclass, replace
from typing import Protocol

import cv2
import numpy as np

from livecoach.core import landmark
from livecoach.core.config.pose_models import file_of
from livecoach.perception.pose import Pose
from livecoach.perception.pose.litert import Networks, read_task
from livecoach.perception.pose.pose_lifter import BODY, LIFTED, Keypoints, PoseLifter
from livecoach.perception.pose.smoothing import KeypointSmoother
from livecoach.perception.pose.upright import Upright

GROWS_S, SHRINKS_S = 0.1, 2.0
"""Time constants of an edge that moves outwards and inwards. The crop holds the whole lift, and standing and bent
bodies at one scale; one from a single frame's keypoints would lose the legs where plates hide the feet."""
MARGIN = 0.2  # on every side, as a share of the longer side of what it holds
LEAST_PX = 16.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Crop:
    """A rectangle, pixels; it may extend beyond the picture."""

    left: float
    top: float
    width: float
    height: float

    def cut(self, picture: np.ndarray, size_px: tuple[int, int]) -> np.ndarray:
        """Return a picture of that width and height, black outside."""
        across, down = self.width / size_px[0], self.height / size_px[1]
        # A pixel's value belongs to its centre.
        turn = np.array([[across, 0, self.left + across / 2 - 0.5], [0, down, self.top + down / 2 - 0.5]])
        reduced = picture
        if (shrunk := int(min(across, down))) >= 2:  # interpolation alone would skip pixels
            side = shrunk // 2 * 2 + 1
            reduced = cv2.blur(picture, (side, side))
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        return np.asarray(cv2.warpAffine(reduced, turn, size_px, flags=flags, borderMode=cv2.BORDER_CONSTANT))

    def to_picture(self, shares: np.ndarray) -> np.ndarray:
        """Return points (K, 2), shares 0…1 of the rectangle, in pixels from the picture's upper left corner."""
        return shares * (self.width, self.height) + (self.left, self.top)


def crop_around(low: np.ndarray, high: np.ndarray, aspect: float, margin: float = MARGIN) -> Crop:
    """Return the crop of an aspect (width over height) that holds the box from `low` to `high` (x, y), pixels."""
    wide, tall = (high - low + 2 * margin * (high - low).max()).tolist()
    height = max(tall, wide / aspect, LEAST_PX)
    middle = (low + high) / 2
    return Crop(
        left=float(middle[0]) - height * aspect / 2,
        top=float(middle[1]) - height / 2,
        width=height * aspect,
        height=height,
    )


class SteadyCrop:
    """The crop around one person, smoothed by the frames' times."""

    def __init__(self, low: np.ndarray, high: np.ndarray, t_s: float) -> None:
        """(x, y) corners of the person's box, pixels."""
        self._edges = np.concatenate([low, -high])  # all of them fall as the box grows
        self._t_s = t_s

    def at(self, aspect: float) -> Crop:
        """aspect: width over height."""
        return crop_around(self._edges[:2], -self._edges[2:], aspect)

    def follow(self, points_px: np.ndarray, t_s: float) -> None:
        """Move the crop towards a box around points (n, 2), n at least 1."""
        now = np.concatenate([points_px.min(0), -points_px.max(0)])
        dt_s = max(t_s - self._t_s, 0.0)
        grows, shrinks = (1 - math.exp(-dt_s / constant_s) for constant_s in (GROWS_S, SHRINKS_S))
        self._edges = self._edges + np.where(now < self._edges, grows, shrinks) * (now - self._edges)
        self._t_s = t_s


LEAST_SURE = 0.3  # mean score of the body below which nobody is there
KNOWN = 0.2  # score from which a point of the face or the feet is used
CERTAIN = 0.6  # score that counts as a visibility of 1: these networks rarely give a clearly visible joint more
SEARCH_EVERY_S = 0.1  # pictures between searches are skipped
LOST_S = 0.5  # how long the crop stays after the person was last detected


ABSENT_S = 6.0
"""How long a person is followed without confirmation by the search: detectors miss people who bend over a bar."""


class Network(Protocol):
    name: str
    sha256: str
    aspect: float  # of its input, width over height
    confirms_every_s: float | None
    """Interval at which `find` confirms that the followed person is still there: a network trained on crops of people
    detects one in every crop. None where its scores show it."""

    def keypoints(self, picture: np.ndarray, crop: Crop) -> Keypoints:
        """Of the most prominent person in a crop of a picture (height, width, 3) uint8 BGR."""
        ...

    def find(self, picture: np.ndarray) -> np.ndarray | None:
        """Return points (n, 2) of the most prominent person in the whole picture, pixels; None where there is
        nobody."""
        ...


class TopDown:
    """Follows one person with a top-down network. Used from one thread."""

    def __init__(self, network: Network, turn_deg: int | None = None) -> None:
        """turn_deg: as BlazePose takes it. Raises ModelError where the lifting network can't be used."""
        self.name, self.sha256 = network.name, network.sha256
        self.upright = Upright(self._find_people, turn_deg)
        self._blazepose: Networks | None = None  # until somebody may stand sideways
        self._network = network
        self._lifting = PoseLifter()
        self.begin_anew()

    def begin_anew(self) -> None:
        """Forget the person, as PoseEstimator.begin_anew says."""
        self._crop: SteadyCrop | None = None
        self._smoothed = KeypointSmoother()
        self._detected_s = self._searched_s = self._confirmed_s = -np.inf
        self.people = 0  # or 1, because others are not searched for

    def _find_people(self, picture: np.ndarray) -> list[np.ndarray]:
        """Networks other than BlazePose see badly who is not upright."""
        if self._blazepose is None:
            path = file_of("lite")
            self._blazepose = Networks(read_task(path), path)
        return [pose.landmarks for pose in self._blazepose.find(picture) if pose.is_visible]

    def estimate(self, picture: np.ndarray, t_s: float) -> Pose | None:
        keypoints = self._keypoints(picture, t_s) if picture.size else None
        self.people = int(keypoints is not None)
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
        points = self._network.find(picture)
        if points is None:
            return None
        self._detected_s = self._confirmed_s = t_s
        self._smoothed = KeypointSmoother()
        return SteadyCrop(points.min(0), points.max(0), t_s)

    def _confirmed(self, picture: np.ndarray, t_s: float) -> bool:
        every_s = self._network.confirms_every_s
        if every_s is None:
            return True
        if t_s - self._searched_s >= every_s:
            self._searched_s = t_s
            if self._network.find(picture) is not None:
                self._confirmed_s = t_s
        return t_s - self._confirmed_s <= ABSENT_S

    def _pose(self, keypoints: Keypoints, picture: np.ndarray) -> Pose:
        height, width = picture.shape[:2]
        known = np.isfinite(keypoints.xy_px).all(1) & (keypoints.scores >= KNOWN)
        known[list(BODY)] = True
        world = self._lifting.lift(keypoints.xy_px, known)
        landmarks = np.full((landmark.COUNT, 5), np.nan)
        landmarks[:, :2] = keypoints.xy_px / (width, height)
        # Pixels per metre are known by the body's spread in the picture and in the world.
        seen, metres = keypoints.xy_px[list(BODY)], world[list(BODY), :2]
        spreads = [float(((points - points.mean(0)) ** 2).sum()) for points in (seen, metres)]
        pixels_a_metre = float(np.sqrt(spreads[0] / max(spreads[1], 1e-9)))
        landmarks[list(LIFTED), 2] = world[list(LIFTED), 2] * pixels_a_metre / width
        landmarks[:, 3:] = np.minimum(keypoints.scores / CERTAIN, 1.0)[:, None]
        return Pose(landmarks=landmarks.astype(np.float32), world=world)

    def close(self) -> None:
        """The networks hold no resources but memory."""


def crop_points(keypoints: Keypoints) -> np.ndarray:
    """(n, 2) that the crop must hold: the body's, and the known ones of face and feet."""
    known = keypoints.scores >= KNOWN
    known[list(BODY)] = True
    return keypoints.xy_px[known]
