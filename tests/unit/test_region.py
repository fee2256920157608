"""The square that BlazePose looks at: where it is, how it is cut, and how points and pixels go there and back."""

import numpy as np
import pytest

from livecoach.pose.landmark_network import Region, around_person, around_picture
from livecoach.source.opencv import cv2

TURNED = Region(x=30.0, y=40.0, side=20.0, angle=np.pi / 2)


def ramp(height: int = 80, width: int = 60) -> np.ndarray:
    """A picture whose blue is x and whose green is y."""
    y, x = np.mgrid[0:height, 0:width]
    return np.stack([x, y, np.zeros_like(x)], -1).astype(np.uint8)


def test_who_stands_upright_is_in_an_upright_square() -> None:
    """A quarter larger than the circle around the person, whose middle are the hips."""
    region = around_person(np.array([100.0, 200.0]), np.array([100.0, 120.0]))
    assert region is not None
    assert (region.x, region.y, region.side) == (100.0, 200.0, 200.0)
    assert region.angle == pytest.approx(0.0)


def test_who_lies_with_the_head_to_the_right_is_turned_clockwise() -> None:
    """By a quarter."""
    region = around_person(np.array([100.0, 200.0]), np.array([180.0, 200.0]))
    assert region is not None
    assert region.angle == pytest.approx(np.pi / 2)


@pytest.mark.parametrize("edge", [(100.0, 200.0), (np.nan, 100.0), (1e9, 0.0)], ids=["a point", "unknown", "far away"])
def test_what_is_no_square_is_none(edge) -> None:
    """The network fails like this where nobody is there."""
    assert around_person(np.array([100.0, 200.0]), np.array(edge)) is None


def test_points_of_the_square_are_turned_into_the_picture() -> None:
    """Its middle is its middle; what is above the middle in it is at the right of that in the picture."""
    middle, above = TURNED.to_picture(np.array([[0.5, 0.5], [0.5, 0.25]]))
    assert middle == pytest.approx((30.0, 40.0))
    assert above == pytest.approx((35.0, 40.0))


def test_a_pixel_comes_from_where_its_place_says() -> None:
    """To a 32nd of the picture's pixels, and to the rounding of a colour."""
    region = Region(x=30.0, y=40.0, side=32.0, angle=0.3)
    cut = region.cut(ramp(), 16, border=cv2.BORDER_REPLICATE)
    y, x = np.mgrid[0:16, 0:16]
    places = region.to_picture(np.stack([x.ravel(), y.ravel()], 1) / 16)
    assert np.abs(cut[..., :2].reshape(-1, 2) - places).max() <= 0.5 + 1 / 32


def test_the_way_back_is_that_of_the_pixels() -> None:
    """A pixel of the square, placed in the picture, comes back as itself."""
    at = np.array([[0.0, 0.0], [5.0, 11.0]])
    back = TURNED.from_picture(16)
    assert TURNED.to_picture(at / 16) @ back[:, :2].T + back[:, 2] == pytest.approx(at)


def test_outside_the_picture_it_is_black_or_goes_on() -> None:
    """As it is asked for."""
    region = Region(x=0.0, y=40.0, side=32.0, angle=0.0)
    picture = np.full((80, 60, 3), 200, np.uint8)
    assert region.cut(picture, 16, border=cv2.BORDER_CONSTANT)[:, 0].max() == 0
    assert region.cut(picture, 16, border=cv2.BORDER_REPLICATE)[:, 0].min() == 200


def test_a_whole_picture_is_in_the_middle_of_its_square() -> None:
    """As wide as its longer side."""
    assert around_picture(ramp()) == Region(x=30.0, y=40.0, side=80.0, angle=0.0)
