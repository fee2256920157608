"""BlazePose by LiteRT: its threads, and files that hold another model. test_pose_reference holds what it decodes."""

import gc
import weakref
import zipfile
from io import BytesIO
from pathlib import Path

import cv2
import numpy as np
import pytest

from livecoach.core.config.pose_models import model_file
from livecoach.core.errors import ModelError
from livecoach.perception.pose.coarse_picture import MOST_SAME
from livecoach.perception.pose.estimators import open_estimator
from livecoach.perception.pose.following import Tracker, guide_picture
from livecoach.perception.pose.landmark_network import Region
from livecoach.perception.pose.litert import DETECTOR, HEAD, LANDMARKS, BlazePoseNetworks, DetectorNetwork


def test_two_threads_estimate_the_same_landmarks_as_one() -> None:
    found = []
    for threads in (1, 2):
        pose = Tracker(BlazePoseNetworks(model_file("lite"), threads)).follow(guide_picture(), 0.0)
        assert pose is not None
        found.append(pose.landmarks)
    assert np.array_equal(*found)


@pytest.mark.parametrize("model", ["lite", "movenet"])
def test_an_estimator_that_nobody_holds_is_freed_at_once(model: str) -> None:
    """A run freezes what the start screen left to the garbage collector: its networks would stay for good."""
    gc.disable()
    try:
        estimator = open_estimator(model)
        estimator.estimate(guide_picture(), 0.0)
        estimator.turn_finder.step(guide_picture(), None, 0.0)
        freed = weakref.ref(estimator), weakref.ref(estimator.turn_finder)
        del estimator
        assert [seen() for seen in freed] == [None, None]
    finally:
        gc.enable()


class CountingDetector:
    """Counts the pictures in which people are sought."""

    def __init__(self, detector: DetectorNetwork) -> None:
        self.inner, self.looks = detector, 0

    def find_regions(self, picture: np.ndarray, square: Region | None = None) -> list[Region]:
        self.looks += 1
        return self.inner.find_regions(picture, square)


def test_each_picture_is_searched_for_people_once() -> None:
    """In an empty place, the follower and the search for the way up ask for the same picture. The camera may fill the
    same array again for the next picture."""
    networks = BlazePoseNetworks(model_file("lite"))
    networks.detector = counting = CountingDetector(networks.detector)
    tracker = Tracker(networks)
    place, counting.looks = np.zeros((48, 64, 3), np.uint8), 0
    assert tracker.follow(place, 1.0) is None
    assert tracker.find_people(place) == []
    assert counting.looks == 1
    place[:] = cv2.resize(guide_picture(), (64, 48))
    assert tracker.follow(place, 2.0) is not None
    assert len(tracker.find_people(place)) == len(tracker.find_people(place.copy())) == 1
    assert counting.looks == 3


def test_nobody_is_sought_again_in_the_same_picture_for_a_while() -> None:
    """A webcam's noise leaves the picture the same, and whoever steps in changes it."""
    networks = BlazePoseNetworks(model_file("lite"))
    networks.detector = counting = CountingDetector(networks.detector)
    tracker = Tracker(networks)
    noise = np.random.default_rng(0)
    for number in range(MOST_SAME + 2):
        place = noise.normal(100, 2, (480, 640, 3)).round().astype(np.uint8)
        assert tracker.follow(place, float(number)) is None
    assert counting.looks == 3  # at the start, with another picture, and after MOST_SAME times
    assert tracker.follow(cv2.resize(guide_picture(), (640, 480)), 100.0) is not None


def walking(t_s: float, width_px: int) -> np.ndarray:
    """A dark place of 1,280 × 720 pixels, in which somebody walks to the right.

    `width_px` is the width of a picture of this person, who is half as tall.
    """
    place = np.zeros((720, 1280, 3), np.uint8)
    person = cv2.resize(guide_picture(), (width_px, width_px * 3 // 4), interpolation=cv2.INTER_AREA)
    left = 300 + round(40 * t_s)
    place[300 : 300 + len(person), left : left + width_px] = person
    return place


def test_somebody_far_away_who_moves_is_found_after_two_seconds() -> None:
    """So livecoach says "come closer", and not that nobody is in the picture."""
    tracker = Tracker(BlazePoseNetworks(model_file("lite")))
    found_s = [t_s for t_s in np.arange(0, 4, 1 / 15) if tracker.follow(walking(t_s, 160), t_s) is not None]
    assert found_s
    assert 2.0 <= found_s[0] <= 3.0


def test_a_part_is_searched_only_while_something_moves_and_nobody_is_found() -> None:
    networks = BlazePoseNetworks(model_file("lite"))
    networks.detector = counting = CountingDetector(networks.detector)
    tracker, counting.looks = Tracker(networks), 0
    changing = [np.zeros((720, 1280, 3), np.uint8) for _ in range(2)]
    changing[1][300:400, 600:650] = 90
    for number in range(60):
        tracker.follow(changing[number % 2], number / 15)
    assert counting.looks == 60 + 2  # every second after 2 s
    counting.looks = 0
    for number in range(60, 120):
        tracker.follow(changing[0], number / 15)
    assert counting.looks <= 60 // MOST_SAME + 2


def a_bundle(compression: int = zipfile.ZIP_STORED, **files: bytes) -> bytes:
    with BytesIO() as content:
        with zipfile.ZipFile(content, "w", compression) as bundle:
            for name, file in files.items():
                bundle.writestr(f"{name}.tflite", file)
        return content.getvalue()


def with_damaged_zeros() -> bytes:
    """One whose compressed content can't be read."""
    content = bytearray(a_bundle(zipfile.ZIP_DEFLATED, pose_detector=bytes(1000)))
    content[30 + len(DETECTOR) : 34 + len(DETECTOR)] = b"\xff" * 4
    return bytes(content)


with zipfile.ZipFile(model_file("lite")) as _shipped:
    SEES, MARKS, MASK = (_shipped.read(name) for name in (DETECTOR, LANDMARKS, HEAD))


@pytest.mark.parametrize(
    "content",
    [
        a_bundle(pose_detector=SEES),
        a_bundle(pose_landmarks_detector=MARKS),
        a_bundle(pose_detector=SEES, pose_landmarks_detector=SEES),
        a_bundle(pose_detector=SEES, pose_landmarks_detector=b"nothing"),
        a_bundle(pose_detector=SEES, pose_landmarks_detector=MARKS),
        a_bundle(pose_detector=SEES, pose_landmarks_detector=MARKS, pose_mask=SEES),
        a_bundle(
            pose_detector=SEES.replace(b"Identity", b"Ident\xf4ty"), pose_landmarks_detector=MARKS, pose_mask=MASK
        ),
        with_damaged_zeros(),
    ],
    ids=[
        "no landmarks",
        "no detector",
        "another network",
        "no network",
        "no mask",
        "another mask",
        "a damaged name",
        "damaged",
    ],
)
def test_a_bundle_that_holds_no_blazepose_is_named(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "mine.task"
    path.write_bytes(content)
    with pytest.raises(ModelError, match=r"mine\.task: is no pose model that LiteRT can use\. Check --pose\."):
        BlazePoseNetworks(path)
