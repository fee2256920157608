"""Follows one person from picture to picture, and can be steered to another person."""

from functools import cache, lru_cache, partial

import cv2
import numpy as np

from livecoach.core.config.paths import assets_dir
from livecoach.core.errors import ModelError
from livecoach.perception.pose import Pose
from livecoach.perception.pose.coarse_picture import CoarsePicture
from livecoach.perception.pose.dorsal import trunk_leans
from livecoach.perception.pose.landmark_network import Region, RegionPose, part_region
from livecoach.perception.pose.litert import BlazePoseNetworks, picture_landmarks
from livecoach.perception.pose.smoothing import LandmarkSmoother
from livecoach.perception.tracking.person import Person

GUIDE = Person(x=0.669, y=0.532, scale=0.42, margin=0.664)
"""The person in assets/person.png: `lite` and `full` agree on this place to within a hundredth."""
NOBODY_MS, PART_EVERY_MS = 2000, 1000
"""Time without a person from which the part of the picture that has changed is searched, enlarged, and least time
between two such searches. They take up to 3 % of a core while something moves, and nothing in a still room. The
detector sees a picture with 224 pixels a side, and hardly detects people of less than 50 of these pixels. Our choice.
"""
LEAST_PART, LARGEST_PART = 0.25, 0.5
"""Least side of that part as a share of the picture's longer side, and largest change of which it is made, as a share
of the picture: people who fill more of the picture are detected without it. Our choice."""
MARGIN = 0.15  # margin as a share of the longer side of a person's landmarks, because the head is above them
GUIDE_MS = 2 - 33
"""Time of the warm-up picture, which shows a person; the lifter's pictures follow from 2 ms on. MediaPipe's filters get
the warm-up picture at time 0, which they treat as no time, and treat the lifter's picture as the next at 30 pictures a
second."""


class Tracker:
    """Follows one person from picture to picture, and runs the detector only when the person is lost.

    The followed person's poses have masks if the trunk leans.
    """

    def __init__(self, networks: BlazePoseNetworks) -> None:
        """Start before the first picture. Trackers of one thread may share the networks."""
        self.networks = networks
        # A lifter is sought at one place for long. The rendered person is upright, so that no mask is made later.
        self._find_guide = lru_cache(maxsize=16)(partial(_look_at_guide, networks))
        self.reset()

    def reset(self) -> None:
        """Forget the person, because the next picture has another size or is turned."""
        self._region: Region | None = None
        self._detected: tuple[np.ndarray, list[Region]] | None = None
        """The last picture and the regions of its people; None if the followed person was not detected anew in it."""
        self._empty = CoarsePicture()  # the last picture in which nobody was detected
        self._part_due_ms: int | None = None  # time from which the next part is searched; None until nobody is detected
        self._smoother = LandmarkSmoother()
        # The first run of a network takes longer, so warm it up. MediaPipe's landmarker is warmed up with the same
        # picture (tests/builders/mediapipe_reference.py), and continues from that person's posture and visibilities.
        self._last_ms = GUIDE_MS  # time of the last picture in whole milliseconds, which rise as MediaPipe demands
        self._follow_person(guide_picture())
        self._region = None
        self._last_ms = 1

    def _follow_person(self, picture: np.ndarray) -> Pose | None:
        """Follow the person into a picture at the time `_last_ms`; None if nobody is found."""
        self._detected = None
        if self._region is None:
            self._detected = picture, self._detect(picture)
            self._region = next(iter(self._detected[1]), None)
            self._smoother.reset()
        body = None if self._region is None else self.networks.landmarks.estimate_region(picture, self._region)
        self._region = None if body is None else body.next_region
        if body is None:
            return None
        self._part_due_ms = None
        return self._smooth(body, picture)

    def _smooth(self, body: RegionPose, picture: np.ndarray) -> Pose:
        t_s = self._last_ms / 1000
        points = self._smoother.points.step(body.points_px, body.next_region.side, t_s)
        visibility = self._smoother.smooth_visibility(body.confidences[:, 0])
        landmarks = picture_landmarks(points, np.column_stack([visibility, body.confidences[:, 1]]), picture)
        world = self._smoother.world.step(body.world, 1.0, t_s).astype(np.float32)
        mask = body.mask() if trunk_leans(points) else None
        return Pose(landmarks=landmarks, world=world, clarity=body.clarity, mask=mask)

    def find_people(self, picture: np.ndarray) -> list[Pose]:
        """Return up to MOST_PEOPLE poses in a BGR picture, without masks. The followed person stays the same."""
        detected = self._detected
        return self.networks.find_people(picture, detected[1] if detected and detected[0] is picture else None)

    def _detect(self, picture: np.ndarray) -> list[Region]:
        """Return the regions of the people in a picture; empty if it looks like the last picture without people."""
        if self._empty.resembles(picture):
            return []
        regions = self.networks.detector.find_regions(picture) or self._detect_far(picture)
        if not regions:
            self._empty.keep(picture)
        return regions

    def _detect_far(self, picture: np.ndarray) -> list[Region]:
        """Return the regions of people in the part of the picture that has changed; empty while no part is due."""
        if self._part_due_ms is None:
            self._part_due_ms = self._last_ms + NOBODY_MS
        changed = self._empty.find_change(picture) if self._last_ms >= self._part_due_ms else None
        if changed is None or np.ptp(changed, axis=0).max() > LARGEST_PART:
            return []
        self._part_due_ms = self._last_ms + PART_EVERY_MS
        return self.networks.detector.find_regions(picture, part_region(picture, changed, LEAST_PART))

    def follow(self, picture: np.ndarray, t_s: float) -> Pose | None:
        """Return the followed person's pose in the next picture; None if the person is lost, or nobody is detected.

        If nobody is followed, the person who is detected with the highest confidence is followed from now on.

        Args:
            picture: (height, width, 3) uint8, BGR, not empty.
            t_s: Time of the picture. Each picture counts as at least 1 ms later than the picture before.
        """
        self._last_ms = max(self._last_ms + 1, round(t_s * 1000))
        return self._follow_person(picture)

    def follow_in_part(self, picture: np.ndarray, t_s: float, part: tuple[slice, slice]) -> Pose | None:
        """Detect and follow the person in a part of a picture, and return the person's pose; None if nobody is there.

        The rest of the picture is blacked out, so nobody outside the part (rows and columns) is detected.
        """
        self._region = None
        black = np.zeros_like(picture)
        black[part] = picture[part]
        return self.follow(black, t_s)

    def steer_to(self, picture: np.ndarray, t_s: float, place: Person) -> Pose | None:
        """Follow the person at a place, and return the person's pose; None if nobody is found.

        The pose may be of somebody nearby, so check its place. BlazePose hardly detects people who bend over a bar, but
        can follow them. BlazePose therefore first gets a picture of a rendered person who stands at the place, and then
        the real picture.
        """
        self._last_ms = max(self._last_ms, round(t_s * 1000) - 2) + 1
        body = self._find_guide(picture.shape[:2], place.x, place.y, place.scale)
        self._detected, self._region = None, None if body is None else body.next_region
        self._smoother.reset()
        if body is None:
            return None
        self._smooth(body, picture)
        return self.follow(picture, t_s)


def _look_at_guide(
    networks: BlazePoseNetworks, size_px: tuple[int, int], x: float, y: float, scale: float
) -> RegionPose | None:
    guided = _guided(size_px, x, y, scale)
    region = next(iter(networks.detector.find_regions(guided)), None)
    return None if region is None else networks.landmarks.estimate_region(guided, region)


@cache
def guide_picture() -> np.ndarray:
    """Return a rendered picture of a standing person, (height, width, 3) BGR. Raises ModelError if it can't be read."""
    path = assets_dir() / "person.png"
    picture = cv2.imread(str(path))
    if picture is None:
        raise ModelError(f"{path}: can't be read. Reinstall livecoach.")
    return picture


def _guided(size_px: tuple[int, int], x: float, y: float, scale: float) -> np.ndarray:
    """Return a black picture, (height, width), in which a rendered person stands at a place, as in `Person`."""
    height, width = size_px
    guide = guide_picture()
    larger = height * scale / (guide.shape[0] * GUIDE.scale)
    left = height * x - larger * guide.shape[0] * GUIDE.x
    top = height * y - larger * guide.shape[0] * GUIDE.y
    return cv2.warpAffine(guide, np.array([[larger, 0.0, left], [0.0, larger, top]]), (width, height))


def person_slices(landmarks: np.ndarray, picture: np.ndarray) -> tuple[slice, slice]:
    """Return rows and columns of a box around landmarks (33, 5), with a margin of MARGIN times its longer side."""
    size = np.array(picture.shape[1::-1])
    points = landmarks[:, :2] * size
    low, high = points.min(0), points.max(0)
    margin = MARGIN * (high - low).max()
    left, top = np.clip(low - margin, 0, size - 1).astype(int)
    right, bottom = np.clip(high + margin, 1, size).astype(int)
    return slice(top, bottom), slice(left, right)
