"""The crop that a top-down network sees is held steady, by the frames' own times."""

import numpy as np
import pytest

from livecoach.pose.top_down import MARGIN, Crop, SteadyCrop, crop_around

STANDING = np.array([(300.0, 100.0), (340.0, 400.0)])
BENT = np.array([(280.0, 260.0), (380.0, 400.0)])


def a_steady_crop() -> SteadyCrop:
    return SteadyCrop(STANDING[0], STANDING[1], 0.0)


def followed(points: np.ndarray, seconds: float, fps: float) -> Crop:
    """The crop after somebody who stood is somewhere else for a time."""
    crop = a_steady_crop()
    for frame in range(1, round(seconds * fps) + 1):
        crop.follow(points, frame / fps)
    return crop.at(1.0)


def test_it_holds_the_person_with_a_margin():
    """The longer side decides, whatever the aspect of the network's picture."""
    for aspect in (1.0, 0.75):
        crop = a_steady_crop().at(aspect)
        assert crop.width / crop.height == pytest.approx(aspect)
        assert crop.height == pytest.approx(300 * (1 + 2 * MARGIN))
        assert crop.top + crop.height / 2 == pytest.approx(250)


def test_a_wide_person_is_held_too():
    crop = crop_around(np.array([100.0, 300.0]), np.array([400.0, 360.0]), 0.75)
    assert crop.width >= 300 * (1 + 2 * MARGIN) - 1e-6


def test_who_bends_for_a_second_keeps_most_of_the_crop():
    """The feet stay in it, wherever the keypoints of the legs are meanwhile."""
    crop = followed(BENT, 1.0, 30)
    assert crop.top < 180


def test_who_stands_up_is_held_at_once():
    """An edge moves outwards within a few frames."""
    crop = SteadyCrop(BENT[0], BENT[1], 0.0)
    for frame in range(1, 10):
        crop.follow(STANDING, frame / 30)
    assert crop.at(1.0).top < 100


@pytest.mark.parametrize("fps", [12, 24, 60])
def test_it_moves_alike_at_every_frame_rate(fps):
    reference = followed(BENT, 1.0, 30)
    assert followed(BENT, 1.0, fps).top == pytest.approx(reference.top, abs=0.5)


def test_a_time_that_comes_twice_moves_nothing():
    """As in files with two frames of one stamp."""
    crop = a_steady_crop()
    crop.follow(BENT, 0.0)
    assert crop.at(1.0) == a_steady_crop().at(1.0)


def test_the_cut_shows_the_rectangle_and_leads_back():
    """Black outside the picture; a place in the cut is a place in the picture."""
    picture = np.full((100, 200, 3), 200, np.uint8)
    picture[40:44, 120:124] = 0
    crop = Crop(left=60.0, top=-20.0, width=120.0, height=120.0)
    cut = crop.cut(picture, (60, 60))
    assert cut.shape == (60, 60, 3)
    assert (cut[:9] == 0).all()
    dark = np.argwhere(cut[12:58, :, 0] < 120) + np.array([12, 0])
    there = crop.to_picture(((dark.mean(0) + 0.5) / 60)[::-1][None])[0]
    assert there == pytest.approx([122, 42], abs=1.0)
