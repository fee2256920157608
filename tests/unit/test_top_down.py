"""A person is searched, followed in a crop, lost, and searched again."""

import numpy as np
import pytest
from builders.onnx_networks import STANDING

from livecoach.pose.pose_lifter import Keypoints, keypoints
from livecoach.pose.top_down import ABSENT_S, LOST_S, Crop, TopDown

PICTURE = np.zeros((400, 300, 3), np.uint8)
PERSON = np.array(STANDING[:17]) * (300, 400)


class FakeNetwork:
    """Sees the person, with a score that the test sets."""

    name, sha256, aspect = "fake", "0" * 64, 0.75

    def __init__(self) -> None:
        self.score, self.crops = 0.9, list[Crop]()

    def keypoints(self, _picture: np.ndarray, crop: Crop) -> Keypoints:
        self.crops.append(crop)
        return keypoints(PERSON, np.full(17, self.score))


class FakeSearch:
    """Finds the person while it is there; counts how often it is asked."""

    def __init__(self, confirms_every_s: float | None = None) -> None:
        self.confirms_every_s, self.there, self.asked = confirms_every_s, True, 0

    def find(self, _picture: np.ndarray) -> np.ndarray | None:
        self.asked += 1
        return PERSON if self.there else None

    def close(self) -> None:
        pass


def a_follower(confirms_every_s: float | None = None) -> tuple[TopDown, FakeNetwork, FakeSearch]:
    network, search = FakeNetwork(), FakeSearch(confirms_every_s)
    return TopDown(network, search), network, search


def seconds_seen(follower: TopDown, from_s: float, to_s: float) -> float:
    """For how long a pose comes out, at ten pictures a second."""
    return sum(follower.estimate(PICTURE, t_s) is not None for t_s in np.arange(from_s, to_s, 0.1)) / 10


def test_a_person_is_searched_once_and_then_followed():
    """The search looks at the whole picture; it costs more."""
    follower, network, search = a_follower()
    assert seconds_seen(follower, 0, 2) == pytest.approx(2.0)
    assert search.asked == 1
    assert len({round(crop.height) for crop in network.crops}) == 1


def test_low_scores_are_nobody_and_end_the_crop_after_a_moment():
    """A frame or two without a person do not; after half a second the search begins again."""
    follower, network, search = a_follower()
    follower.estimate(PICTURE, 0.0)
    network.score = 0.1
    assert follower.estimate(PICTURE, 0.1) is None
    assert follower.people == 0
    assert search.asked == 1
    network.score = 0.9
    assert follower.estimate(PICTURE, 0.2) is not None
    network.score = 0.1
    assert seconds_seen(follower, 0.3, 0.3 + 2 * LOST_S) == 0
    assert search.asked > 1


def test_nobody_is_searched_ten_times_a_second_at_most():
    follower, _, search = a_follower()
    search.there = False
    for t_s in np.arange(0, 1, 1 / 60):
        assert follower.estimate(PICTURE, float(t_s)) is None
    assert search.asked <= 11


def test_a_network_that_sees_people_everywhere_is_checked():
    """It goes on for the seconds in which a detector may miss a lifter, and no longer."""
    follower, _, search = a_follower(confirms_every_s=1.0)
    assert seconds_seen(follower, 0, 3) == pytest.approx(3.0)
    search.there = False
    assert ABSENT_S - 1.2 <= seconds_seen(follower, 3, 20) <= ABSENT_S + 0.2
    search.there = True
    assert seconds_seen(follower, 20, 21) > 0.8
