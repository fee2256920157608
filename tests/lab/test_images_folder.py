"""Folders of rep images: what is read, and what is refused in one line that names the file."""

import cv2
import numpy as np
import pytest
from builders.rep_images import a_folder, a_lift
from hypothesis import given, settings
from hypothesis import strategies as st

from livecoach.errors import SourceError
from livecoach.lab.images import pictures
from livecoach.lab.images.pictures import COLOURS, SHAPE, grey_image


def test_what_was_drawn_is_read_back(tmp_path):
    """Grey values survive colours and PNG."""
    images = pictures.read_images(a_folder(tmp_path / "good", videos=1, reps=2))
    assert np.array_equal(images.greys[1], grey_image(a_lift(seed=1)))


def test_red_at_both_ends_is_read_as_zero(tmp_path):
    """0 and 255 have one colour."""
    cv2.imwrite(str(tmp_path / "a_rep_1.png"), COLOURS[np.full(SHAPE, 255, np.uint8)])
    assert (pictures.read_images(tmp_path).greys == 0).all()


def test_reps_come_in_the_order_of_their_numbers(tmp_path):
    """As text, rep 10 would come before rep 2."""
    images = pictures.read_images(a_folder(tmp_path / "good", videos=1, reps=12))
    assert [name.split("_")[2] for name in images.names] == [str(number) for number in range(12)]


def test_video_is_what_stands_before_rep(tmp_path):
    """Splits are by video."""
    images = pictures.read_images(a_folder(tmp_path / "good", videos=2, reps=2))
    assert images.videos().tolist() == ["deadlift1", "deadlift1", "deadlift2", "deadlift2"]


def test_other_files_are_left_alone(tmp_path):
    """A folder may hold notes."""
    place = a_folder(tmp_path / "good", videos=2, reps=1)
    (place / "notes.txt").write_text("mine")
    assert len(pictures.read_images(place)) == 2


def test_folder_that_is_not_there(tmp_path):
    """It is named."""
    with pytest.raises(SourceError, match="nowhere: can't be read"):
        pictures.read_images(tmp_path / "nowhere")


def test_empty_folder(tmp_path):
    """It says what is missing."""
    with pytest.raises(SourceError, match="holds no PNG files"):
        pictures.read_images(tmp_path)


def test_image_of_another_size(tmp_path):
    """Both sizes are told."""
    cv2.imwrite(str(tmp_path / "a_rep_1.png"), COLOURS[np.zeros((45, 90), np.uint8)])
    with pytest.raises(SourceError, match=r"a_rep_1.png: 90 x 45 pixels; rep images are 100 x 45"):
        pictures.read_images(tmp_path)


def test_colours_that_are_not_of_the_map(tmp_path):
    """A photograph, or an image that was kept as JPEG, is not read as something."""
    picture = COLOURS[np.zeros(SHAPE, np.uint8)]
    picture[3, 7] = (1, 2, 3)
    cv2.imwrite(str(tmp_path / "a_rep_1.png"), picture)
    with pytest.raises(SourceError, match=r"a_rep_1.png: the colour 3,2,1 at row 3, column 7"):
        pictures.read_images(tmp_path)


@settings(max_examples=40)
@given(share=st.floats(0, 0.999))
def test_truncated_image(tmp_path_factory, share):
    """OpenCV would show what there is of it."""
    place = a_folder(tmp_path_factory.mktemp("cut") / "good", videos=1, reps=1)
    path = next(place.iterdir())
    content = path.read_bytes()
    path.write_bytes(content[: int(share * len(content))])
    with pytest.raises(SourceError, match="not a PNG file, or a damaged one"):
        pictures.read_images(place)


@settings(max_examples=40)
@given(at=st.integers(0, 10_000), to=st.integers(0, 255))
def test_damaged_image(tmp_path_factory, at, to):
    """One byte changed: read as it was, or refused; never another picture."""
    place = a_folder(tmp_path_factory.mktemp("hurt") / "good", videos=1, reps=1)
    before = pictures.read_images(place).greys
    path = next(place.iterdir())
    content = bytearray(path.read_bytes())
    content[at % len(content)] = to
    path.write_bytes(bytes(content))
    try:
        after = pictures.read_images(place).greys
    except SourceError:
        return
    assert np.array_equal(before, after)


def test_name_that_tells_no_video(tmp_path):
    """Nothing could be left out by video."""
    cv2.imwrite(str(tmp_path / "lift7.png"), COLOURS[np.zeros(SHAPE, np.uint8)])
    with pytest.raises(SourceError, match=r"lift7.png: the name contains no video"):
        pictures.read_images(tmp_path).videos()


def test_all_reps_of_one_video(tmp_path):
    """A limit needs reps of a video that was left out."""
    images = pictures.read_images(a_folder(tmp_path / "good", videos=1, reps=3))
    with pytest.raises(SourceError, match="all reps are from one video, deadlift1"):
        images.videos()
