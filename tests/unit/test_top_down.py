"""A person is searched, followed in a crop that is held steady, lost, and searched again."""

import numpy as np
import pytest
from builders.onnx_networks import STANDING

from livecoach.core import landmark
from livecoach.perception.pose.pose_lifter import Keypoints, order_keypoints
from livecoach.perception.pose.top_down import ABSENT_S, LOST_S, MARGIN, Crop, SteadyCrop, TopDownEstimator, crop_around

PICTURE = np.zeros((400, 300, 3), np.uint8)
PERSON = np.array(STANDING[:17]) * (300, 400)


class FakeNetwork:
    """Sees the person, with a score that the test sets, and finds it while it is there; counts its searches."""

    name, sha256, aspect = "fake", "0" * 64, 0.75

    def __init__(self, confirms_every_s: float | None = None) -> None:
        self.score, self.crops = 0.9, list[Crop]()
        self.confirms_every_s, self.there, self.asked = confirms_every_s, True, 0

    def find_keypoints(self, _picture: np.ndarray, crop: Crop) -> Keypoints:
        self.crops.append(crop)
        return order_keypoints(PERSON, np.full(17, self.score))

    def find_person(self, _picture: np.ndarray) -> np.ndarray | None:
        self.asked += 1
        return PERSON if self.there else None


def a_follower(confirms_every_s: float | None = None) -> tuple[TopDownEstimator, FakeNetwork]:
    network = FakeNetwork(confirms_every_s)
    return TopDownEstimator(network), network


def seconds_seen(follower: TopDownEstimator, from_s: float, to_s: float) -> float:
    """For how long a pose comes out, at ten pictures a second."""
    return sum(follower.estimate(PICTURE, t_s) is not None for t_s in np.arange(from_s, to_s, 0.1)) / 10


def test_a_person_is_searched_once_and_then_followed():
    follower, network = a_follower()
    assert seconds_seen(follower, 0, 2) == pytest.approx(2.0)
    assert network.asked == 1
    assert len({round(crop.height) for crop in network.crops}) == 1


def test_a_score_of_three_fifths_is_seen_for_certain():
    follower, network = a_follower()
    for network.score, visible in ((0.3, 0.5), (0.6, 1.0), (0.9, 1.0)):
        assert follower.estimate(PICTURE, 0.0).landmarks[list(landmark.HIPS), 3:] == pytest.approx(visible)


def test_low_scores_are_nobody_and_end_the_crop_after_a_moment():
    follower, network = a_follower()
    follower.estimate(PICTURE, 0.0)
    network.score = 0.1
    assert follower.estimate(PICTURE, 0.1) is None
    assert follower.people_count == 0
    assert network.asked == 1
    network.score = 0.9
    assert follower.estimate(PICTURE, 0.2) is not None
    network.score = 0.1
    assert seconds_seen(follower, 0.3, 0.3 + 2 * LOST_S) == 0
    assert network.asked > 1


def test_an_absent_person_is_searched_ten_times_a_second_at_most():
    follower, network = a_follower()
    network.there = False
    for t_s in np.arange(0, 1, 1 / 60):
        assert follower.estimate(PICTURE, float(t_s)) is None
    assert network.asked <= 11


def test_a_network_that_sees_people_everywhere_is_checked_by_the_detector():
    """It goes on for the seconds in which a detector may miss a lifter, and no longer."""
    follower, network = a_follower(confirms_every_s=1.0)
    assert seconds_seen(follower, 0, 3) == pytest.approx(3.0)
    network.there = False
    assert ABSENT_S - 1.2 <= seconds_seen(follower, 3, 20) <= ABSENT_S + 0.2
    network.there = True
    assert seconds_seen(follower, 20, 21) > 0.8


UPRIGHT = np.array([(300.0, 100.0), (340.0, 400.0)])
BENT = np.array([(280.0, 260.0), (380.0, 400.0)])


def a_steady_crop() -> SteadyCrop:
    return SteadyCrop(UPRIGHT[0], UPRIGHT[1], 0.0)


def followed(points: np.ndarray, seconds: float, fps: float) -> Crop:
    """The crop after somebody who stood is somewhere else for a time."""
    crop = a_steady_crop()
    for frame in range(1, round(seconds * fps) + 1):
        crop.follow(points, frame / fps)
    return crop.crop_with_aspect(1.0)


def test_a_crop_holds_the_person_with_a_margin():
    for aspect in (1.0, 0.75):
        crop = a_steady_crop().crop_with_aspect(aspect)
        assert crop.width / crop.height == pytest.approx(aspect)
        assert crop.height == pytest.approx(300 * (1 + 2 * MARGIN))
        assert crop.top + crop.height / 2 == pytest.approx(250)


def test_a_crop_holds_a_wide_person_too():
    crop = crop_around(np.array([100.0, 300.0]), np.array([400.0, 360.0]), 0.75)
    assert crop.width >= 300 * (1 + 2 * MARGIN) - 1e-6


@pytest.mark.parametrize("fps", [12, 24, 60])
def test_a_person_who_bends_for_a_second_keeps_most_of_the_crop(fps):
    """The feet stay in it, wherever the keypoints of the legs are meanwhile, and alike at every frame rate. Who stands
    up is held at once: an edge moves outwards within a few frames."""
    top = followed(BENT, 1.0, fps).top
    assert top < 180
    assert top == pytest.approx(followed(BENT, 1.0, 30).top, abs=0.5)
    crop = SteadyCrop(BENT[0], BENT[1], 0.0)
    for frame in range(1, 10):
        crop.follow(UPRIGHT, frame / 30)
    assert crop.crop_with_aspect(1.0).top < 100


def test_a_time_that_comes_twice_leaves_the_crop_where_it_is():
    crop = a_steady_crop()
    crop.follow(BENT, 0.0)
    assert crop.crop_with_aspect(1.0) == a_steady_crop().crop_with_aspect(1.0)
