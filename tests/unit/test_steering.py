"""Steering BlazePose to a place: whoever bends over a bar is followed, though not found."""

from functools import partial
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from livecoach.capture.opencv import cv2
from livecoach.core.config.paths import assets_dir
from livecoach.core.config.pose_models import model_file
from livecoach.perception.pose import Pose
from livecoach.perception.pose.following import GUIDE, Tracker, _look_at_guide, person_slices
from livecoach.perception.pose.landmark_network import Region, picture_region
from livecoach.perception.pose.litert import BlazePoseNetworks
from livecoach.perception.pose.smoothing import LandmarkSmoother
from livecoach.perception.tracking.person import Person, locate_person


@pytest.fixture
def tracker() -> Tracker:
    return Tracker(BlazePoseNetworks(model_file("lite")))


@pytest.fixture(scope="module")
def two() -> np.ndarray:
    """The (rendered) person twice, side by side; (240, 640, 3)."""
    picture = cv2.imread(str(assets_dir() / "person.png"))
    assert picture is not None
    return np.ascontiguousarray(np.hstack([picture, picture]))


def at(pose: Pose | None, picture: np.ndarray) -> Person:
    assert pose is not None
    return locate_person(pose.landmarks, pose.world, picture.shape[1] / picture.shape[0])


def test_a_person_at_the_given_place_is_followed(tracker, two) -> None:
    for number, x in enumerate((GUIDE.x, GUIDE.x + 4 / 3, GUIDE.x)):
        place = Person(x=x, y=GUIDE.y, scale=GUIDE.scale, margin=0.5)
        assert abs(at(tracker.steer_to(two, 0.2 * number, place), two).x - x) < 0.05
        assert abs(at(tracker.follow(two, 0.2 * number + 0.1), two).x - x) < 0.05


def test_nobody_is_followed_at_an_empty_place(tracker, two) -> None:
    place = Person(x=GUIDE.x, y=GUIDE.y, scale=GUIDE.scale, margin=0.5)
    assert tracker.steer_to(np.full_like(two, 127), 0.0, place) is None


def test_the_guide_person_stands_at_its_stated_place(tracker) -> None:
    picture = cv2.imread(str(assets_dir() / "person.png"))
    assert picture is not None
    seen = at(tracker.follow(picture, 0.0), picture)
    assert np.allclose((seen.x, seen.y, seen.scale), (GUIDE.x, GUIDE.y, GUIDE.scale), atol=0.02)


class NotedTracker(Tracker):
    """Notes the time of each picture and what is not black in it. It finds nobody in the pictures in `nobody_in`."""

    def __init__(self, *nobody_in: int) -> None:
        self._last_ms, self._region = -1, picture_region(WHITE)
        self.seen, self.nobody_in = list[tuple[int | str, tuple[int, ...]]](), nobody_in
        self._smoother = LandmarkSmoother()
        follows = SimpleNamespace(estimate_region=lambda _, region: SimpleNamespace(next_region=region))
        networks: Any = SimpleNamespace(detector=SimpleNamespace(find_regions=self._noted), landmarks=follows)
        self.networks = networks
        self._find_guide = partial(_look_at_guide, networks)  # type: ignore[assignment] # unkept

    def _follow_person(self, picture: np.ndarray) -> Pose | None:
        if self._region is None:
            self.seen.append(("lost", ()))
        self._region = next(iter(self._noted(picture)), None)
        return None if self._region is None else self._smooth()

    def _noted(self, picture: np.ndarray) -> list[Region]:
        self.seen.append((self._last_ms, cv2.boundingRect(picture[..., 0])))
        return [] if len(self.seen) in self.nobody_in else [picture_region(picture)]

    def _smooth(self, *_: object) -> Pose:
        return Pose(landmarks=np.zeros((33, 5), np.float32), world=np.zeros((33, 3), np.float32))


WHITE = np.full((240, 320, 3), 255, np.uint8)
WHOLE = (0, 0, 320, 240)


def test_each_picture_is_later_than_the_one_before_by_whole_milliseconds() -> None:
    noted = NotedTracker()
    for t_s in (0.1, 0.1, 0.05, 0.2):
        noted.follow(WHITE, t_s)
    assert noted.seen == [(100, WHOLE), (101, WHOLE), (102, WHOLE), (200, WHOLE)]


@pytest.mark.parametrize(("t_s", "last_ms"), [(0.3, 300), (0.1, 101)])
def test_a_person_in_a_part_of_the_picture_is_sought_with_the_rest_black(t_s: float, last_ms: int) -> None:
    noted = NotedTracker()
    noted.follow(WHITE, 0.1)
    noted.follow_in_part(WHITE, t_s, (slice(20, 50), slice(100, 160)))
    assert noted.seen[1:] == [("lost", ()), (last_ms, (100, 20, 60, 30))]


@pytest.mark.parametrize(("t_s", "last_ms"), [(0.3, 300), (0.1, 102)])
def test_a_rendered_person_stands_at_the_place_a_millisecond_before_the_picture(t_s: float, last_ms: int) -> None:
    noted, place = NotedTracker(), Person(x=0.8, y=0.5, scale=GUIDE.scale / 2, margin=0.5)
    noted.follow(WHITE, 0.1)
    assert noted.steer_to(WHITE, t_s, place) is not None
    (guided_ms, shown), last = noted.seen[1:]
    assert (guided_ms, last) == (last_ms - 1, (last_ms, WHOLE))
    picture = cv2.imread(str(assets_dir() / "person.png"))
    assert picture is not None
    height = picture.shape[0]
    x, y, wide, tall = np.array(cv2.boundingRect(picture[..., 0])) / height
    expected = [0.8 + (x - GUIDE.x) / 2, 0.5 + (y - GUIDE.y) / 2, wide / 2, tall / 2]
    assert np.array(shown) / 240 == pytest.approx(expected, abs=0.02)


def test_without_anybody_at_the_place_the_picture_is_not_looked_at() -> None:
    noted = NotedTracker(1)
    assert noted.steer_to(WHITE, 0.1, GUIDE) is None
    assert len(noted.seen) == 1


def test_the_part_around_a_person_has_a_margin_within_the_picture() -> None:
    """Of .15 of the longer side on each side: here 15 pixels of a person of 40 by 100."""
    landmarks = np.zeros((33, 5))
    landmarks[:, :2] = np.linspace((0.5, 0.25), (0.625, 0.25 + 100 / 240), 33)
    assert person_slices(landmarks, WHITE) == (slice(45, 175), slice(145, 215))
    landmarks[:, :2] -= (0.48, 0.2)
    assert person_slices(landmarks, WHITE) == (slice(0, 127), slice(0, 61))
