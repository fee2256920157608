"""Steering BlazePose to a place: whoever bends over a bar is followed, though not found."""

from collections.abc import Iterator

import numpy as np
import pytest

from livecoach.capture.opencv import cv2
from livecoach.core.config.paths import assets_dir
from livecoach.core.config.pose_models import MEDIAPIPE
from livecoach.perception.pose import Pose
from livecoach.perception.pose.blazepose import open_tracker
from livecoach.perception.pose.following import GUIDE, Tracker
from livecoach.perception.tracking.person import Person, person


@pytest.fixture(params=["lite", f"{MEDIAPIPE}lite"])
def tracker(request) -> Iterator[Tracker]:
    if request.param.startswith(MEDIAPIPE):
        pytest.importorskip("mediapipe", reason="there is no MediaPipe for this machine")
    tracker = open_tracker(request.param)
    yield tracker
    tracker.close()


@pytest.fixture(scope="module")
def two() -> np.ndarray:
    """The (rendered) person twice, side by side; (240, 640, 3)."""
    picture = cv2.imread(str(assets_dir() / "person.png"))
    assert picture is not None
    return np.ascontiguousarray(np.hstack([picture, picture]))


def at(pose: Pose | None, picture: np.ndarray) -> Person:
    assert pose is not None
    return person(pose.landmarks, pose.world, picture.shape[1] / picture.shape[0])


def test_who_is_at_the_place_is_followed(tracker, two) -> None:
    """Each of two who look the same, and in the next pictures too; it lets go of whoever was followed."""
    for number, x in enumerate((GUIDE.x, GUIDE.x + 4 / 3, GUIDE.x)):
        place = Person(x=x, y=GUIDE.y, scale=GUIDE.scale, inside=0.5)
        assert abs(at(tracker.steer_to(two, 0.2 * number, place), two).x - x) < 0.05
        assert abs(at(tracker.follow(two, 0.2 * number + 0.1), two).x - x) < 0.05


def test_where_nobody_is_nobody_is_followed(tracker, two) -> None:
    place = Person(x=GUIDE.x, y=GUIDE.y, scale=GUIDE.scale, inside=0.5)
    assert tracker.steer_to(np.full_like(two, 127), 0.0, place) is None


def test_the_guide_is_where_it_is_said_to_be(tracker) -> None:
    """In the shipped picture, to a fiftieth of its height."""
    picture = cv2.imread(str(assets_dir() / "person.png"))
    assert picture is not None
    seen = at(tracker.follow(picture, 0.0), picture)
    assert np.allclose((seen.x, seen.y, seen.scale), (GUIDE.x, GUIDE.y, GUIDE.scale), atol=0.02)
