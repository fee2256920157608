"""Keypoints of other networks at their places among BlazePose's landmarks, and lifted to the world."""

import numpy as np
import pytest
from builders.onnx_networks import STANDING

from livecoach.core import landmark
from livecoach.perception.pose.pose_lifter import (
    BODY,
    COCO,
    HALPE26,
    LIFTED,
    WorldLandmarkNetwork,
    lifting_inputs,
    order_keypoints,
)

LEFT_HIP, RIGHT_HIP = landmark.HIPS


@pytest.fixture(scope="module")
def lifting() -> WorldLandmarkNetwork:
    return WorldLandmarkNetwork()


def a_body(count: int) -> tuple[np.ndarray, np.ndarray]:
    """The points of somebody who stands and faces the camera, and which of them are known."""
    found = order_keypoints(np.array(STANDING[:count]) * (300, 400), np.full(count, 0.9))
    return found.xy_px, found.scores > 0


@pytest.mark.parametrize("order", [COCO, HALPE26], ids=["COCO", "Halpe"])
def test_every_keypoint_has_its_landmark(order):
    given = [place for place in order if place is not None]
    assert len(set(given)) == len(given)
    assert set(BODY) <= set(given)
    names = [landmark.NAMES[place] for place in order[5:17]]
    assert [name.partition("_")[0] for name in names] == ["left", "right"] * 6


@pytest.mark.parametrize(("count", "missing"), [(17, 16), (26, 12)])
def test_landmarks_that_a_network_does_not_give_are_unknown(count, missing):
    """No place, and a score of 0. Mouth, hands and inner and outer eyes are in neither order."""
    xy, known = a_body(count)
    assert (~known).sum() == missing
    assert np.isnan(xy[~known]).all()
    assert np.isfinite(xy[known]).all()


def test_scores_of_keypoints_are_clipped_to_shares():
    """SimCC's are not bounded."""
    found = order_keypoints(np.zeros((17, 2)), np.linspace(-1, 3, 17))
    assert found.scores.min() == 0
    assert found.scores.max() == 1


@pytest.mark.parametrize("count", [17, 26])
def test_a_standing_person_is_lifted_to_3d_standing(lifting, count):
    """In metres around the hips: a torso of half a metre, head above, feet below; the left is on the right, as the
    lifter faces the camera. Heels and toes are there where they are given."""
    world = lifting.estimate_world(*a_body(count))
    shoulders, ankles = (world[list(pair)].mean(0) for pair in (landmark.SHOULDERS, landmark.ANKLES))
    assert 0.35 < -shoulders[1] < 0.6
    assert 0.6 < ankles[1] < 1.0
    assert world[landmark.SHOULDERS[0], 0] - world[landmark.SHOULDERS[1], 0] > 0.15
    assert world[[LEFT_HIP, RIGHT_HIP]].mean(0) == pytest.approx([0, 0, 0], abs=1e-6)
    assert np.isfinite(world[list(landmark.TOES)]).all() == (count == 26)
    assert np.isnan(world[[i for i in range(landmark.COUNT) if i not in LIFTED]]).all()


def test_the_input_of_the_lifter_does_not_depend_on_place_and_size_in_the_picture():
    """The network sees proportions alone; of a point that is not known, nothing, whatever stands in its place."""
    xy, known = a_body(26)
    known[landmark.TOES[0]] = False
    moved = 3 * xy + (50, -20)
    moved[landmark.TOES[0]] = np.nan
    assert lifting_inputs(xy[None], known[None]) == pytest.approx(lifting_inputs(moved[None], known[None]), abs=1e-5)
