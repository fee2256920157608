"""Rep images: how they are drawn, and folders of them."""

import math

import cv2
import numpy as np
import pytest
from builders.rep_images import a_folder, a_lift

from livecoach.core.errors import SourceError
from livecoach.lab.images import rep_image_files
from livecoach.lab.images.rep_image_files import COLOURS, DISSERTATION_RESTS, SHAPE, dissertation_angles, draw_greys

TRAVERSAL = [
    *[0, 12, 14, 16, 22, 16, 20, 18, 20, 16, 14, 12, 24, 26, 28, 32, 28, 30, 28, 26, 24, 12, 0, 11, 13, 15, 21, 15, 19],
    *[17, 19, 15, 13, 11, 23, 25, 27, 29, 27, 31, 27, 25, 23, 11, 0],
]


def slow_image(landmarks: np.ndarray) -> np.ndarray:
    """Point by point; only the size and the colours are OpenCV's."""
    frames = len(landmarks)
    angles = np.full((len(TRAVERSAL), frames, 3), 1.1)
    for row, joint in enumerate(TRAVERSAL):
        for t in range(frames - 10):
            x, y, z = (float(landmarks[t, joint, k]) - float(landmarks[t + 10, joint, k]) for k in range(3))
            if math.sqrt(x * x + y * y + z * z) >= 0.04:
                turned = (math.atan2(y, x), math.atan2(y, z), math.atan2(z, x))
                angles[row, t] = [(math.degrees(angle) + 180) / 360 for angle in turned]
    as_bytes = np.array([int(angle * 255) % 256 for angle in angles.ravel()], np.uint8).reshape(angles.shape)
    grey = cv2.cvtColor(cv2.resize(as_bytes, (100, len(TRAVERSAL))), cv2.COLOR_BGR2GRAY)
    return cv2.applyColorMap(grey, cv2.COLORMAP_HSV)


@pytest.mark.parametrize("frames", [1, 10, 11, 47, 163])
@pytest.mark.parametrize("backwards", [False, True])
def test_image_of_a_motion_is_the_slow_ones(frames, backwards):
    landmarks = a_lift(frames=frames, seed=frames, backwards=backwards)
    assert np.array_equal(COLOURS[draw_greys(landmarks)], slow_image(landmarks))


def test_a_landmark_that_is_not_known_rests():
    landmarks = a_lift()
    landmarks[:, 15] = np.nan
    assert (dissertation_angles(landmarks)[TRAVERSAL.index(15)] == DISSERTATION_RESTS).all()


@pytest.mark.parametrize("shape", [(0, 33, 3), (20, 33, 4), (20, 32, 3), (33, 3)])
def test_what_is_no_motion_is_refused(shape):
    with pytest.raises(ValueError, match=r"expected \(frames, 33, 3\)"):
        dissertation_angles(np.zeros(shape))


def test_what_was_drawn_is_read_back_in_the_order_of_its_numbers(tmp_path):
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
def test_what_is_no_folder_of_rep_images_is_named(tmp_path, name, picture, message):
    if name is not None:
        (tmp_path / "nowhere").mkdir()
        (tmp_path / "nowhere" / name).write_bytes(cv2.imencode(".png", picture)[1].tobytes())
    with pytest.raises(SourceError, match=message):
        rep_image_files.read_images(tmp_path / "nowhere").video_names()
