"""Estimates the pose by a top-down network: one person's keypoints in a steady crop, lifted to world landmarks."""

import math
from dataclasses import dataclass, replace
from functools import cache, partial
from typing import Protocol

import cv2
import numpy as np

from livecoach.core import landmark
from livecoach.core.config.pose_models import model_file
from livecoach.perception.pose import Pose
from livecoach.perception.pose.litert import BlazePoseNetworks, visible_landmarks
from livecoach.perception.pose.pose_lifter import BODY, LIFTED, Keypoints, WorldLandmarkNetwork
from livecoach.perception.pose.smoothing import KeypointSmoother
from livecoach.perception.pose.upright import TurnFinder

GROWS_S, SHRINKS_S = 0.1, 2.0
"""Time constants of the crop's edges that move outwards and inwards. The crop then holds the whole lift, and shows
standing and bent bodies at one scale. A crop around a single frame's keypoints would lose the legs when plates hide the
feet."""
MARGIN = 0.2  # margin on every side, as a share of the longer side of the person's box
LEAST_PX = 16.0  # least height of a crop


@dataclass(frozen=True, slots=True, kw_only=True)
class Crop:
    """A rectangle of the picture in pixels, which may extend beyond the picture."""

    left: float
    top: float
    width: float
    height: float

    def cut(self, picture: np.ndarray, size_px: tuple[int, int]) -> np.ndarray:
        """Cut the rectangle out of a picture, and scale it to a width and height, with black outside the picture."""
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
        """Convert points (K, 2) from shares 0…1 of the rectangle to pixels of the picture."""
        return shares * (self.width, self.height) + (self.left, self.top)


def crop_around(low: np.ndarray, high: np.ndarray, aspect: float, margin: float = MARGIN) -> Crop:
    """Return the crop around a box, with a margin, at least LEAST_PX high.

    Args:
        low: (2,) upper left corner of the box, pixels.
        high: (2,) lower right corner.
        aspect: Width over height of the crop.
        margin: Margin on every side, as a share of the box's longer side.
    """
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
    """The crop around one person, which is smoothed over time."""

    def __init__(self, low: np.ndarray, high: np.ndarray, t_s: float) -> None:
        """Start with a box around the person, from its upper left to its lower right corner (2,), pixels."""
        self._edges = np.concatenate([low, -high])  # all four fall as the box grows
        self._t_s = t_s

    def crop_with_aspect(self, aspect: float) -> Crop:
        """Return the present crop, with an aspect ratio (width over height)."""
        return crop_around(self._edges[:2], -self._edges[2:], aspect)

    def follow(self, points_px: np.ndarray, t_s: float) -> None:
        """Move the crop towards the box around points (n, 2); n is at least 1."""
        now = np.concatenate([points_px.min(0), -points_px.max(0)])
        dt_s = max(t_s - self._t_s, 0.0)
        grows, shrinks = (1 - math.exp(-dt_s / constant_s) for constant_s in (GROWS_S, SHRINKS_S))
        self._edges = self._edges + np.where(now < self._edges, grows, shrinks) * (now - self._edges)
        self._t_s = t_s


LEAST_SURE = 0.3  # mean score of the body below which nobody is there
CERTAIN = 0.6  # score that counts as a visibility of 1. These networks rarely give a visible joint a higher score.
SEARCH_EVERY_S = 0.1  # time between two searches; pictures between them are skipped
LOST_S = 0.5  # time for which the crop stays after the person was last detected
ABSENT_S = 6.0  # time for which a person is followed unconfirmed, because detectors miss people who bend over a bar


class KeypointNetwork(Protocol):
    """A network that finds a person's keypoints in a crop of a picture, and a person in the whole picture."""

    name: str  # name of the model
    sha256: str  # digest of the model's file
    aspect: float  # width over height of the network's input
    confirms_every_s: float | None
    """Interval at which `find_person` must confirm that the followed person is still there: a network trained on crops
    of people sees a person in every crop. None if the network's scores show whether the person is still there."""

    def find_keypoints(self, picture: np.ndarray, crop: Crop) -> Keypoints:
        """Return the keypoints of a person in a crop of a picture, in pixels of the picture."""

    def find_person(self, picture: np.ndarray) -> np.ndarray | None:
        """Return points (n, 2), in pixels, of a person chosen in the whole picture; None without a person."""


class TopDownEstimator:
    """A pose estimator that follows one person by a top-down network. Use it from one thread."""

    def __init__(self, network: KeypointNetwork, turn_deg: int | None = None) -> None:
        """Start before the first picture.

        Args:
            turn_deg: Angle by which the pictures are turned clockwise; None to find the angle from the pictures.

        Raises:
            ModelError: The network that estimates world landmarks from keypoints can't be used.
        """
        self.name, self.sha256 = network.name, network.sha256
        # Other networks hardly see people who are not upright. BlazePose is loaded when somebody may stand sideways.
        networks = cache(partial(BlazePoseNetworks, model_file("lite")))
        self.turn_finder = TurnFinder(lambda picture: visible_landmarks(networks().find_people(picture)), turn_deg)
        self._network = network
        self._world = WorldLandmarkNetwork()
        self.reset()

    def reset(self) -> None:
        """Forget the person. Call this before a picture of another size or another turn."""
        self._crop: SteadyCrop | None = None
        self._smoothed = KeypointSmoother()
        self._detected_s = self._searched_s = self._confirmed_s = -np.inf
        self.people_count = 0  # number of people: 0 or 1, because nobody else is looked for

    def estimate(self, picture: np.ndarray, t_s: float) -> Pose | None:
        """Return the person's pose in the next picture; None if the picture is empty, skipped, or shows nobody."""
        keypoints = self._keypoints(picture, t_s) if picture.size else None
        self.people_count = int(keypoints is not None)
        if keypoints is None:
            return None
        return make_pose(keypoints, self._world.estimate_world(keypoints.xy_px, keypoints.known), picture.shape[1::-1])

    def _keypoints(self, picture: np.ndarray, t_s: float) -> Keypoints | None:
        if self._crop is not None and (t_s - self._detected_s > LOST_S or not self._confirmed(picture, t_s)):
            self._crop = None
        if self._crop is None:
            self._crop = self._start_crop(picture, t_s)
        if self._crop is None:
            return None
        crop = self._crop.crop_with_aspect(self._network.aspect)
        keypoints = self._network.find_keypoints(picture, crop)
        if keypoints.confidence < LEAST_SURE:
            return None
        self._crop.follow(keypoints.xy_px[keypoints.known], t_s)  # Body, and the known points of face and feet
        self._detected_s = t_s
        return replace(keypoints, xy_px=self._smoothed.step(keypoints.xy_px, crop.height, t_s))

    def _start_crop(self, picture: np.ndarray, t_s: float) -> SteadyCrop | None:
        """Search for a person and start a crop. Return None if nobody is found, or the last search was just before."""
        if 0 <= t_s - self._searched_s < SEARCH_EVERY_S:
            return None
        self._searched_s = t_s
        points = self._network.find_person(picture)
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
            if self._network.find_person(picture) is not None:
                self._confirmed_s = t_s
        return t_s - self._confirmed_s <= ABSENT_S


def make_pose(keypoints: Keypoints, world: np.ndarray, size_px: tuple[int, ...], certain: float = CERTAIN) -> Pose:
    """Make a pose from a person's keypoints and world landmarks.

    Args:
        keypoints: The keypoints; the coordinates of BODY are finite.
        world: (33, 3) float32 world landmarks, as in `Pose`.
        certain: Score that counts as a visibility of 1.
    """
    landmarks = np.full((landmark.COUNT, 5), np.nan)
    landmarks[:, :2] = keypoints.xy_px / size_px
    # The body's spread in the picture and in the world gives the pixels per metre.
    seen, metres = keypoints.xy_px[list(BODY)], world[list(BODY), :2]
    spreads = [float(((points - points.mean(0)) ** 2).sum()) for points in (seen, metres)]
    pixels_a_metre = float(np.sqrt(spreads[0] / max(spreads[1], 1e-9)))
    landmarks[list(LIFTED), 2] = world[list(LIFTED), 2] * pixels_a_metre / size_px[0]
    landmarks[:, 3:] = np.minimum(keypoints.scores / certain, 1.0)[:, None]
    return Pose(landmarks=landmarks.astype(np.float32), world=world)
