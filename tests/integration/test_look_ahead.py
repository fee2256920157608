"""BlazePose looks ahead in a recording for the lifter, beside somebody nearer who stands still."""

from collections.abc import Iterator
from contextlib import closing
from itertools import islice

import numpy as np
import pytest
from builders.command import CLIPS

from livecoach.capture.file import VideoFile
from livecoach.capture.opencv import cv2
from livecoach.core.config.paths import assets_dir
from livecoach.perception.pose import Pose
from livecoach.perception.pose.blazepose import BlazePose

SMALLER = 0.5
"""Size of the lifter's picture, as a share of the bystander's."""


@pytest.fixture(scope="module")
def pictures() -> list[tuple[float, np.ndarray]]:
    """The first squat of a rendered clip; at its left stands somebody who is twice as large."""
    with closing(VideoFile(CLIPS / "squat_2.mp4")) as video:
        frames = islice(iter(video.read, None), 0, 120, 2)
        return [(f.t_s, with_bystander(f.picture)) for f in frames if f.picture is not None]


def with_bystander(picture: np.ndarray) -> np.ndarray:
    """A picture in which somebody stands at the left, and this one, made smaller, is at the right."""
    stands = cv2.imread(str(assets_dir() / "person.png"))
    assert stands is not None
    height = picture.shape[0]
    near = cv2.resize(stands, (height * stands.shape[1] // stands.shape[0], height))
    small = cv2.resize(picture, None, fx=SMALLER, fy=SMALLER)
    far = np.full((height, small.shape[1], 3), 127, np.uint8)
    far[-small.shape[0] :] = small
    return np.ascontiguousarray(np.hstack([near, far]))


def is_lifter(pose: Pose | None) -> bool:
    return pose is not None and float(pose.landmarks[11:29, 0].mean()) > 2 / 3


def followed(estimator: BlazePose, pictures: list[tuple[float, np.ndarray]]) -> list[Pose | None]:
    """The poses of the first twenty pictures."""
    return [estimator.estimate(picture, t_s) for t_s, picture in pictures[:20]]


def test_the_lifter_is_followed_from_the_first_picture(pictures) -> None:
    """Without looking ahead it is the one who stands nearer."""
    ahead = BlazePose("lite")
    ahead.look_ahead(pictures)
    assert sum(map(is_lifter, followed(ahead, pictures))) >= 18
    assert not any(map(is_lifter, followed(BlazePose("lite"), pictures)))


def test_looking_ahead_in_an_empty_room_reads_six_pictures() -> None:
    read = []

    def empty() -> Iterator[tuple[float, np.ndarray]]:
        for second in range(60):
            read.append(second)
            yield float(second), np.zeros((48, 64, 3), np.uint8)

    estimator = BlazePose("lite")
    estimator.look_ahead(empty())
    assert max(read) == 5
    assert estimator.estimate(np.zeros((48, 64, 3), np.uint8), 0.0) is None
