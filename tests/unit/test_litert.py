"""BlazePose by LiteRT: its decoding, its threads, and files that hold another model."""

import zipfile
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest

from livecoach.core.config.pose_models import file_of
from livecoach.core.errors import ModelError
from livecoach.perception.pose import landmark_network, litert
from livecoach.perception.pose.blazepose import open_tracker
from livecoach.perception.pose.following import guide_picture
from livecoach.perception.pose.litert import DETECTOR, LANDMARKS, Networks


def one_peak(x: int, y: int, height: float = 9.0) -> np.ndarray:
    """A heat map (64, 64, 1) of logits that has one cell."""
    maps = np.full((64, 64, 1), -30.0, np.float32)
    maps[y, x] = height
    return maps


def refined(x: float, y: float, maps: np.ndarray) -> tuple[float, float]:
    found = landmark_network._refined(np.array([[x, y]]) / 64, maps)[0] * 64
    return float(found[0]), float(found[1])


def test_a_landmark_goes_to_the_peak_near_it() -> None:
    """Three cells away at the most."""
    assert refined(20.4, 30.6, one_peak(22, 31)) == pytest.approx((22, 31))
    assert refined(20.4, 30.6, one_peak(24, 31)) == (20.4, 30.6)


def test_a_landmark_stays_where_the_map_is_flat_or_it_is_beside_it() -> None:
    """Out of the crop, the network's own estimate is all there is."""
    assert refined(20.4, 30.6, one_peak(22, 31, height=-1.0)) == (20.4, 30.6)
    assert refined(-2.0, 31.0, one_peak(0, 31)) == (-2.0, 31.0)


def test_boxes_of_one_person_become_one() -> None:
    """The mean by sureness of those that overlap; another person stays another."""
    low = np.array([[0.0, 0.0], [0.1, 0.0], [5.0, 5.0]])
    points = np.array([[[1.0, 1.0]] * 2, [[2.0, 2.0]] * 2, [[7.0, 7.0]] * 2])
    one, other = litert._merged(low, low + 1, points, np.array([0.9, 0.6, 0.5]))
    assert one == pytest.approx(np.full((2, 2), 1.4))
    assert other == pytest.approx(np.full((2, 2), 7.0))


def test_every_box_has_its_cell() -> None:
    """In the order in which the network puts them out."""
    cells = litert._cells()
    assert cells.shape == (litert.BOXES, 2)
    assert cells[2] == pytest.approx((1.5 / 28, 0.5 / 28))
    assert cells[-1] == pytest.approx((6.5 / 7, 6.5 / 7))


def test_more_threads_see_the_same() -> None:
    found = []
    for threads in (1, 2):
        pose = open_tracker("lite", threads).follow(guide_picture(), 0.0)
        assert pose is not None
        found.append(pose.landmarks)
    assert np.array_equal(*found)


def a_bundle(**files: bytes) -> bytes:
    with BytesIO() as content:
        with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as bundle:
            for name, file in files.items():
                bundle.writestr(f"{name}.tflite", file)
        return content.getvalue()


def with_damaged_zeros() -> bytes:
    """One whose compressed content can't be read."""
    content = bytearray(a_bundle(pose_detector=bytes(1000)))
    content[30 + len(DETECTOR) : 34 + len(DETECTOR)] = b"\xff" * 4
    return bytes(content)


with zipfile.ZipFile(file_of("lite")) as _shipped:
    SEES, MARKS = _shipped.read(DETECTOR), _shipped.read(LANDMARKS)


@pytest.mark.parametrize(
    "content",
    [
        a_bundle(pose_detector=SEES),
        a_bundle(pose_landmarks_detector=MARKS),
        a_bundle(pose_detector=SEES, pose_landmarks_detector=SEES),
        a_bundle(pose_detector=SEES, pose_landmarks_detector=b"nothing"),
        a_bundle(pose_detector=SEES.replace(b"Identity", b"Ident\xf4ty"), pose_landmarks_detector=MARKS),
        with_damaged_zeros(),
    ],
    ids=["no landmarks", "no detector", "another network", "no network", "a damaged name", "damaged"],
)
def test_a_bundle_that_holds_no_blazepose_is_named(content: bytes) -> None:
    with pytest.raises(ModelError, match=r"mine\.task: is no pose model that LiteRT can use\. Check --pose\."):
        Networks(content, Path("mine.task"))
