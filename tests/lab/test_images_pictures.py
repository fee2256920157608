"""Rep images: how they are drawn, and folders of them."""

import math

import cv2
import numpy as np
import pytest
from builders.rep_images import a_folder, a_lift
from hypothesis import given, settings
from hypothesis import strategies as st

from livecoach.core.errors import SourceError
from livecoach.lab.images import pictures
from livecoach.lab.images.pictures import COLOURS, SEED_RESTS, SHAPE, grey_image, seed_angles

TRAVERSAL = [
    *[0, 12, 14, 16, 22, 16, 20, 18, 20, 16, 14, 12, 24, 26, 28, 32, 28, 30, 28, 26, 24, 12, 0, 11, 13, 15, 21, 15, 19],
    *[17, 19, 15, 13, 11, 23, 25, 27, 29, 27, 31, 27, 25, 23, 11, 0],
]


def slow_image(landmarks: np.ndarray) -> np.ndarray:
    """Point by point, byte by byte; only the colours are OpenCV's."""
    frames = len(landmarks)
    columns = [[[0, 0, 0] for _ in range(frames)] for _ in TRAVERSAL]
    for row, joint in enumerate(TRAVERSAL):
        for t in range(frames):
            angles = [1.1, 1.1, 1.1]
            if t + 10 < frames:
                x, y, z = (float(landmarks[t, joint, k]) - float(landmarks[t + 10, joint, k]) for k in range(3))
                if math.sqrt(x * x + y * y + z * z) >= 0.04:
                    turned = (math.atan2(y, x), math.atan2(y, z), math.atan2(z, x))
                    angles = [(math.degrees(angle) + 180) / 360 for angle in turned]
            columns[row][t] = [int(angle * 255) % 256 for angle in angles]
    grey = [[slow_grey(slow_resized(row, column, frames)) for column in range(100)] for row in columns]
    return cv2.applyColorMap(np.array(grey, np.uint8), cv2.COLORMAP_HSV)


def slow_resized(row: list[list[int]], column: int, frames: int) -> list[int]:
    """Linear between the middles of frames, constant beyond the ends; weights of 1/2048 as OpenCV's for bytes."""
    at = (column + 0.5) * frames / 100 - 0.5
    left = math.floor(at)
    weight = round((at - left) * 2048)
    if left < 0:
        left, weight = 0, 0
    if left >= frames - 1:
        left, weight = frames - 1, 0
    right = min(left + 1, frames - 1)
    return [(a * (2048 - weight) + b * weight + 1024) // 2048 for a, b in zip(row[left], row[right], strict=True)]


def slow_grey(blue_green_red: list[int]) -> int:
    """OpenCV's weights of a grey picture, in 1/32768."""
    blue, green, red = blue_green_red
    return (blue * 3735 + green * 19235 + red * 9798 + (1 << 14)) >> 15


@pytest.mark.parametrize("frames", [1, 10, 11, 12, 47, 90, 100, 101, 163, 250])
@pytest.mark.parametrize("backwards", [False, True])
def test_image_of_a_motion_is_the_slow_ones(frames, backwards):
    """Every pixel is that of the rules read literally, of short, usual and long reps."""
    landmarks = a_lift(frames=frames, seed=frames, backwards=backwards)
    assert np.array_equal(COLOURS[grey_image(landmarks)], slow_image(landmarks))


def test_a_landmark_that_is_not_known_rests():
    landmarks = a_lift()
    landmarks[:, 15] = np.nan
    assert (seed_angles(landmarks)[TRAVERSAL.index(15)] == SEED_RESTS).all()


@pytest.mark.parametrize("shape", [(0, 33, 3), (20, 33, 4), (20, 32, 3), (33, 3)])
def test_what_is_no_motion_is_refused(shape):
    with pytest.raises(ValueError, match=r"expected \(frames, 33, 3\)"):
        seed_angles(np.zeros(shape))


def test_what_was_drawn_is_read_back_in_the_order_of_its_numbers(tmp_path):
    """As text, rep 10 would come before rep 2."""
    images = pictures.read_images(a_folder(tmp_path / "good", videos=1, reps=12))
    assert [name.split("_")[2] for name in images.names] == [str(number) for number in range(12)]
    assert np.array_equal(images.greys[11], grey_image(a_lift(seed=11)))


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
    """No folder, no image, another size, a photograph; without a video nothing could be left out by video."""
    if name is not None:
        (tmp_path / "nowhere").mkdir()
        (tmp_path / "nowhere" / name).write_bytes(cv2.imencode(".png", picture)[1].tobytes())
    with pytest.raises(SourceError, match=message):
        pictures.read_images(tmp_path / "nowhere").videos()


@settings(max_examples=40)
@given(share=st.floats(0, 0.999))
def test_truncated_image(tmp_path_factory, share):
    place = a_folder(tmp_path_factory.mktemp("cut") / "good", videos=1, reps=1)
    path = next(place.iterdir())
    content = path.read_bytes()
    path.write_bytes(content[: int(share * len(content))])
    with pytest.raises(SourceError, match="not a PNG file, or a damaged one"):
        pictures.read_images(place)
