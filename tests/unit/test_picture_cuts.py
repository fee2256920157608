"""What the networks see of a picture: each pixel of a cut has the value of its place in the picture.

The picture's red is its x and its green is its y, so that a cut shows the place of each of its pixels.
"""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from livecoach.core import landmark
from livecoach.perception.bar.detector import cut_square, stature_px
from livecoach.perception.pose.landmark_network import CROP_SCALE, Region, person_region, picture_region
from livecoach.perception.pose.pose_lifter import LIFTED, Keypoints
from livecoach.perception.pose.top_down import Crop, make_pose

WIDTH_PX, HEIGHT_PX = 240, 160
X, Y = np.meshgrid(np.arange(WIDTH_PX), np.arange(HEIGHT_PX))
PICTURE = np.stack([np.zeros_like(X), Y, X], -1).astype(np.uint8)


def places(left: float, top: float, step: tuple[float, float], columns: int, rows: int) -> np.ndarray:
    """Return (rows, columns, 2) the x and y of the middles of pixels, of which the first begins at left and top."""
    x, y = np.meshgrid(left + (np.arange(columns) + 0.5) * step[0] - 0.5, top + (np.arange(rows) + 0.5) * step[1] - 0.5)
    return np.stack([x, y], -1)


def shown(cut: np.ndarray) -> np.ndarray:
    return cut[..., :0:-1].astype(float)


@pytest.mark.parametrize(
    ("centre", "side_px"),
    [
        ((120.0, 80.0), 50.0),
        ((103.3, 77.7), 31.0),
        ((3.0, 156.0), 40.0),
        ((120.0, 80.0), 120.0),
        ((12.0, 150.0), 120.0),
    ],
    ids=["inside", "between pixels", "over an edge", "shrunk", "shrunk over an edge"],
)
def test_a_square_around_the_hands(centre, side_px):
    """Outside the picture, its border is repeated."""
    cut = cut_square(PICTURE, np.array(centre), side_px, 40)
    left, top = np.array(centre) - side_px / 2
    expected = np.clip(places(left, top, (side_px / 40,) * 2, 40, 40), 0, (WIDTH_PX - 1, HEIGHT_PX - 1))
    np.testing.assert_allclose(shown(cut), expected, atol=1.0)


def test_a_square_beyond_the_picture_is_black():
    assert not cut_square(PICTURE, np.array([900.0, 80.0]), 120.0, 40).any()


@pytest.mark.parametrize("size_px", [(80, 100), (40, 50), (20, 25)])
def test_a_crop_around_a_person(size_px):
    crop = Crop(left=30.0, top=20.0, width=80.0, height=100.0)
    expected = places(30, 20, (80 / size_px[0], 100 / size_px[1]), *size_px)
    np.testing.assert_allclose(shown(crop.cut(PICTURE, size_px)), expected, atol=1.0)
    assert not replace(crop, left=-90.0).cut(PICTURE, size_px).any(), "black outside the picture"
    assert crop.to_picture(np.array([(0, 0), (0.25, 1)])).tolist() == [[30, 20], [50, 120]]


@pytest.mark.parametrize("angle_deg", [0, 30, -90, 180])
def test_a_region_around_a_person_who_may_lie(angle_deg):
    region, side_px = Region(x=110.0, y=85.0, side=64.0, angle=np.radians(angle_deg)), 32
    cut = region.cut_square(PICTURE, side_px, border=cv2.BORDER_CONSTANT)
    column, row = np.meshgrid(np.arange(side_px), np.arange(side_px))
    shares = np.stack([column, row], -1).reshape(-1, 2) / side_px
    cos, sin = np.cos(region.angle), np.sin(region.angle)
    off = (shares - 0.5) * region.side
    expected = np.stack([110 + cos * off[:, 0] - sin * off[:, 1], 85 + sin * off[:, 0] + cos * off[:, 1]], -1)
    np.testing.assert_allclose(shown(cut).reshape(-1, 2), expected, atol=1.0)
    np.testing.assert_allclose(region.to_picture(shares), expected)
    there_and_back = np.column_stack([expected, np.ones(len(expected))]) @ region.picture_to_square(side_px).T
    np.testing.assert_allclose(there_and_back / side_px, shares, atol=1e-9)


def test_a_region_has_a_person_upright_in_a_circle_with_a_margin():
    """From the middle of the hips and a point above the head: here of somebody who lies, with the head to the right."""
    region = person_region(np.array([100.0, 60.0]), np.array([140.0, 60.0]))
    assert region == Region(x=100.0, y=60.0, side=pytest.approx(2 * CROP_SCALE * 40), angle=pytest.approx(np.pi / 2))
    standing = person_region(np.array([100.0, 60.0]), np.array([100.0, 20.0]))
    assert standing is not None
    assert standing.angle == pytest.approx(0)
    assert person_region(np.array([100.0, 60.0]), np.array([100.5, 60.0])) is None
    assert person_region(np.array([np.nan, 60.0]), np.array([140.0, 60.0])) is None
    assert person_region(np.array([1e5, 60.0]), np.array([1e5, 20.0])) is None
    assert picture_region(PICTURE) == Region(x=120.0, y=80.0, side=240.0, angle=0.0)


def test_keypoints_become_a_pose_with_depths_on_the_scale_of_x():
    """The keypoints' spread in the picture and in the world says how many pixels a metre has: here 100."""
    rng = np.random.default_rng(1)
    world = rng.normal(0, 0.5, (landmark.COUNT, 3)).astype(np.float32)
    scores = np.linspace(0, 1.2, landmark.COUNT)
    xy_px = world[:, :2] * 100 + (120, 80)
    pose = make_pose(Keypoints(xy_px=xy_px, scores=scores), world, (240, 160), certain=0.6)
    np.testing.assert_allclose(pose.landmarks[:, :2], xy_px / (240, 160), rtol=1e-5)
    lifted = list(LIFTED)
    np.testing.assert_allclose(pose.landmarks[lifted, 2], world[lifted, 2] * 100 / 240, rtol=1e-4)
    np.testing.assert_allclose(pose.landmarks[:, 3], np.minimum(scores / 0.6, 1), rtol=1e-5)


@pytest.mark.parametrize("part", ["torso", "thighs", "left shin"])
def test_a_stature_is_that_of_the_longest_part_of_the_body(part):
    """Of the torso's middle line, the thighs' and each shin: whoever bends over, sits or is half hidden shows one."""
    lengths_px = dict.fromkeys(("torso", "thighs", "left shin", "right shin"), 10.0) | {part: 40.0}
    points = np.zeros((landmark.COUNT, 2))
    points[list(landmark.HIPS), 0] = lengths_px["torso"]
    points[list(landmark.KNEES)] = points[list(landmark.HIPS)] + (0, lengths_px["thighs"])
    points[landmark.ANKLES[0]] = points[landmark.KNEES[0]] + (lengths_px["left shin"], 0)
    points[landmark.ANKLES[1]] = points[landmark.KNEES[1]] + (lengths_px["right shin"], 0)
    assert stature_px(points) == pytest.approx(40 / (0.27 if part == "torso" else 0.235))
