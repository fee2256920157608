"""The plate is followed by optical flow between the networks' looks; without one nothing is told."""

from dataclasses import replace

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from livecoach.core import landmark
from livecoach.perception.bar.detector import Plate, cut_square, stature_px
from livecoach.perception.bar.follower import LOOK_EVERY, MOST_MISSES, REFINE_EVERY, PlateFollower

SIZE_PX = (640, 480)
DIAMETER_PX = 90.0


def a_picture(x: float, y: float, seed: int = 3) -> np.ndarray:
    """A grey room with a speckled disc in it."""
    rng = np.random.default_rng(seed)
    speckles = cv2.GaussianBlur(rng.integers(20, 235, (120, 120)).astype(np.float32), (0, 0), 1.5)
    room = np.full((SIZE_PX[1], SIZE_PX[0]), 120, np.float32)
    turn = np.array([[1, 0, x - 59.5], [0, 1, y - 59.5]])
    disc = cv2.warpAffine(speckles, turn, SIZE_PX)
    rows, columns = np.mgrid[: SIZE_PX[1], : SIZE_PX[0]]
    on = np.hypot(columns - x, rows - y) < DIAMETER_PX / 2
    return cv2.cvtColor(np.where(on, disc, room).astype(np.uint8), cv2.COLOR_GRAY2BGR)


def landmarks() -> np.ndarray:
    found = np.full((landmark.COUNT, 5), 0.5, np.float32)
    for pair, y in ((landmark.SHOULDERS, 0.25), (landmark.HIPS, 0.5), (landmark.KNEES, 0.7), (landmark.ANKLES, 0.9)):
        found[list(pair), 1] = y
    return found


class Looks:
    """Knows where the plate is: a detector whose answers a test names, and that proposes hesitantly. It counts."""

    def __init__(self, there: Plate | None) -> None:
        self.there, self.proposed, self.found, self.refined = there, 0.3, 0, 0

    def find_plate(self, _picture: np.ndarray, _points: np.ndarray) -> Plate | None:
        self.found += 1
        return None if self.there is None else replace(self.there, probability=self.proposed)

    def refine(self, _picture: np.ndarray, near: Plate) -> Plate:
        self.refined += 1
        return replace(near, probability=0.0) if self.there is None else self.there


def a_plate(x: float = 200.0, y: float = 300.0, probability: float = 0.95) -> Plate:
    return Plate(x_px=x, y_px=y, diameter_px=DIAMETER_PX, probability=probability)


def follow(follower: PlateFollower, picture: np.ndarray, t_s: float, lifter: np.ndarray | None) -> np.ndarray | None:
    follower.advance(picture, t_s)
    return follower.locate(picture, lifter)


def test_a_plate_is_given_in_shares_of_the_picture():
    seen = follow(PlateFollower(Looks(a_plate())), a_picture(200, 300), 0.0, landmarks())
    assert seen == pytest.approx([200 / 640, 300 / 480, 90 / 480, 0.95])
    assert seen.dtype == np.float32


@settings(max_examples=15)
@given(st.floats(-6, 6), st.floats(-6, 6))
def test_between_looks_the_plate_goes_where_its_corners_go(right_px, down_px):
    """A third of a pixel is a millimetre or two."""
    looks = Looks(a_plate())
    follower = PlateFollower(looks)
    follow(follower, a_picture(200, 300), 0.0, landmarks())
    before = looks.refined
    for frame in range(1, REFINE_EVERY):
        seen = follow(follower, a_picture(200 + right_px * frame, 300 + down_px * frame), frame / 30, landmarks())
        assert seen[:2] * SIZE_PX == pytest.approx([200 + right_px * frame, 300 + down_px * frame], abs=0.34)
    assert looks.refined == before


def test_a_slow_camera_s_picture_is_corrected_and_so_is_none_right_after_it():
    """Whatever its number: the time since the last correction counts."""
    looks = Looks(a_plate())
    follower = PlateFollower(looks)
    refined = []
    for t_s in (0.0, 0.1, 0.2, 0.21, 0.22, 0.23):
        follow(follower, a_picture(200, 300), t_s, landmarks())
        refined.append(looks.refined)
    assert np.diff(refined).tolist() == [1, 1, 0, 1, 0]


def test_a_plate_that_is_not_seen_is_looked_for_now_and_then():
    looks = Looks(None)
    follower = PlateFollower(looks)
    assert all(follow(follower, a_picture(200, 300), 0.0, landmarks()) is None for _ in range(2 * LOOK_EVERY + 1))
    assert looks.found == 3


def test_the_refiner_decides_whether_what_the_finder_proposes_is_a_plate():
    """The finder is unsure of most real plates, and the refiner is hardly ever wrong."""
    picture, doubtful = a_picture(200, 300), Looks(a_plate(probability=0.8))
    assert follow(PlateFollower(Looks(a_plate())), picture, 0.0, landmarks()) is not None
    doubtful.proposed = 0.99
    assert follow(PlateFollower(doubtful), picture, 0.0, landmarks()) is None


def test_no_plate_is_looked_for_where_nobody_is():
    unseen = Looks(a_plate())
    assert follow(PlateFollower(unseen), a_picture(200, 300), 0.0, None) is None
    assert unseen.found == 0


def test_a_plate_that_flow_has_lost_is_corrected_and_searched_at_once():
    """A slow camera's plate moves by more than its diameter between two pictures: where the refiner sees it
    elsewhere, or nothing, its place is not the mean of both, and it does not stay where it was."""
    looks = Looks(a_plate())
    follower = PlateFollower(looks)
    follow(follower, a_picture(200, 300), 0.0, landmarks())
    looks.there = a_plate(y=180.0)
    assert follow(follower, a_picture(200, 180), 0.08, landmarks())[1] * SIZE_PX[1] == pytest.approx(180.0)
    looks.there = None
    follow(follower, a_picture(200, 60), 0.16, landmarks())
    looks.there = a_plate(y=60.0)
    assert follow(follower, a_picture(200, 60), 0.24, landmarks())[1] * SIZE_PX[1] == pytest.approx(60.0)
    looks.there, wall = a_plate(y=65.0), np.full((*SIZE_PX[::-1], 3), 120, np.uint8)
    assert follow(follower, wall, 0.32, landmarks())[1] * SIZE_PX[1] == pytest.approx(65.0), "no flow, a short way"


def test_a_plate_that_is_gone_is_lost_after_some_looks():
    looks = Looks(a_plate())
    follower = PlateFollower(looks)
    follow(follower, a_picture(200, 300), 0.0, landmarks())
    looks.there = None
    seen = [follow(follower, a_picture(200, 300), 0.0, landmarks()) for _ in range(MOST_MISSES * REFINE_EVERY)]
    assert seen[0] is not None
    assert seen[-1] is None


def test_a_square_beyond_the_border_is_cut_in_its_full_size():
    picture = a_picture(10, 10)
    for side in (60.0, 400.0):
        assert cut_square(picture, np.array([0.0, 0.0]), side, 64).shape == (64, 64, 3)
        assert cut_square(picture, np.array([-900.0, 0.0]), side, 64).shape == (64, 64, 3)


def test_a_lifter_who_is_bent_over_is_as_tall_by_his_shins():
    """His trunk points at the camera and has no length."""
    upright = landmarks()[:, :2] * SIZE_PX
    bent = upright.copy()
    bent[list(landmark.SHOULDERS)] = bent[list(landmark.HIPS)]
    assert stature_px(bent) == pytest.approx(stature_px(upright), rel=0.15)
