"""Folders of rep images."""

import cv2
import numpy as np
import pytest
from builders.rep_images import a_folder, a_lift, draw_greys

from livecoach.core.errors import SourceError
from livecoach.lab.images import rep_image_files
from livecoach.lab.images.rep_image_files import COLOURS, SHAPE


def test_rep_images_are_read_back_in_the_order_of_their_numbers(tmp_path):
    """As text, rep 10 would come before rep 2."""
    images = rep_image_files.read_images(a_folder(tmp_path / "good", videos=1, reps=12))
    assert [name.split("_")[2] for name in images.names] == [str(number) for number in range(12)]
    assert np.array_equal(images.greys[11], draw_greys(a_lift(seed=11)))


BLACK = COLOURS[np.zeros(SHAPE, np.uint8)]
ELSEWHERE = BLACK.copy()
ELSEWHERE[3, 7] = (1, 2, 3)


@pytest.mark.parametrize(
    ("name", "picture", "message"),
    [
        (None, BLACK, "nowhere: can't be read"),
        ("notes.txt", BLACK, "holds no PNG files"),
        ("a_rep_1.png", BLACK[:, :90], r"a_rep_1.png: 90 x 45 pixels; rep images are 100 x 45"),
        ("a_rep_1.png", ELSEWHERE, r"a_rep_1.png: the colour 3,2,1 at row 3, column 7"),
        ("lift7.png", BLACK, r"lift7.png: the name contains no video"),
        ("a_rep_1.png", BLACK, "all reps are from one video, a"),
    ],
)
def test_the_error_about_a_folder_without_usable_rep_images_says_what_is_wrong(tmp_path, name, picture, message):
    if name is not None:
        (tmp_path / "nowhere").mkdir()
        (tmp_path / "nowhere" / name).write_bytes(cv2.imencode(".png", picture)[1].tobytes())
    with pytest.raises(SourceError, match=message):
        rep_image_files.read_images(tmp_path / "nowhere").video_names()
