"""BlazePose's landmark network: the square that it looks at, and the mask, made in windows where it is looked at."""

import platform
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from ai_edge_litert.interpreter import Interpreter
from builders.pose_bundles import whole_bundle, whole_network

from livecoach.capture.opencv import cv2
from livecoach.core import landmark
from livecoach.core.config.pose_models import model_file
from livecoach.perception.pose import landmark_network
from livecoach.perception.pose.dorsal import PersonMask, measure_back_edge
from livecoach.perception.pose.following import guide_picture
from livecoach.perception.pose.landmark_network import SIDE_PX, MaskNetwork, Region, _windows, picture_region, sigmoid
from livecoach.perception.pose.litert import BlazePoseNetworks

ROUNDING = 0.0 if platform.machine() in ("x86_64", "AMD64") else 0.001


def leaning_person() -> tuple[np.ndarray, Region]:
    """A picture of a person who leans to the right, and the region around it."""
    picture = guide_picture()
    height, width = picture.shape[:2]
    turned = cv2.warpAffine(picture, cv2.getRotationMatrix2D((width / 2, height / 2), -25, 1.0), (width, height))
    return turned, picture_region(turned)


@pytest.fixture(scope="module", params=["lite", "full"])
def model(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def whole_mask(model: str) -> np.ndarray:
    """The mask that LiteRT makes with the whole network."""
    picture, region = leaning_person()
    cut = region.cut_square(picture, SIDE_PX, border=cv2.BORDER_REPLICATE)[None, :, :, ::-1]
    interpreter: Any = Interpreter(model_content=whole_network(model), num_threads=1)
    interpreter.allocate_tensors()
    (shown,) = interpreter.get_input_details()
    interpreter.set_tensor(shown["index"], np.multiply(cut, np.float32(1 / 255)))
    interpreter.invoke()
    mask = interpreter.get_output_details()[landmark_network.MASK]
    return sigmoid(interpreter.get_tensor(mask["index"])[0, :, :, 0])


def test_a_part_of_the_mask_is_that_of_the_whole_network(model: str) -> None:
    """In the middle, in corners and over the whole mask, though the network has seen another picture meanwhile: to the
    bit on x86-64. XNNPACK's sums on other processors depend on where a window begins; there, far below a grey level."""
    picture, region = leaning_person()
    looks = BlazePoseNetworks(model_file(model)).landmarks
    body = looks.estimate_region(picture, region)
    assert body is not None
    mask = body.mask()
    looks.estimate_region(np.zeros_like(picture), region)
    whole = whole_mask(model)
    assert whole.max() > 0.9  # somebody is there
    for rows, columns in (
        (slice(90, 166), slice(91, 165)),
        (slice(0, 40), slice(200, 256)),
        (slice(131, 190), slice(0, 76)),
        (slice(0, 256), slice(0, 256)),
        (slice(0, 300), slice(0, 300)),
    ):
        assert np.abs(mask.values(rows, columns)[rows, columns] - whole[rows, columns]).max() <= ROUNDING


def test_a_mask_is_empty_outside_the_crop() -> None:
    """Nor does a network run there: this mask has none."""
    beside = replace(leaning_person()[1], x=1e4)
    values = partial(MaskNetwork(None).compute_mask, [])
    mask = PersonMask(values=values, picture_to_mask=beside.picture_to_square(SIDE_PX), size_px=(9999, 9999))
    assert mask.values_at(np.array([[5.0, 9.0]]), np.array([[5.0, 9.0]])).tolist() == [[0.0, 0.0]]
    with pytest.raises(AttributeError):
        values(slice(0, 1), slice(0, 1))


@pytest.mark.parametrize("lean_deg", [20, 60, 90])
def test_the_edge_of_a_back_needs_one_window(lean_deg: int) -> None:
    """Of a body as BlazePose's square shows it: trunk and thighs take a quarter of its side each."""
    asked: list[tuple[slice, slice]] = []

    def values(*window: slice) -> np.ndarray:
        asked.append(window)
        return np.zeros((SIDE_PX, SIDE_PX), np.float32)

    hips, limb = np.array([128.0, 128.0]), SIDE_PX / 4
    lean = np.radians(lean_deg)
    points = np.zeros((landmark.COUNT, 5), np.float32)
    for pair, place in (
        (landmark.HIPS, hips),
        (landmark.SHOULDERS, hips + limb * np.array([np.sin(lean), -np.cos(lean)])),
        (landmark.KNEES, hips + limb * np.array([0.3, 0.95])),
    ):
        points[list(pair), :2] = place / SIDE_PX
    measure_back_edge(PersonMask(values=values, picture_to_mask=np.eye(2, 3), size_px=(SIDE_PX, SIDE_PX)), points)
    assert [len(list(_windows(side))) for side in asked[0]] == [1, 1]


def test_an_uncut_network_gives_the_same_landmarks_and_mask(model: str, tmp_path: Path) -> None:
    """One that somebody has from MediaPipe: landmarks and mask are the same, to the bit on x86-64."""
    path = tmp_path / "mine.task"
    path.write_bytes(whole_bundle(model))
    picture, region = leaning_person()
    bodies = [BlazePoseNetworks(file).landmarks.estimate_region(picture, region) for file in (model_file(model), path)]
    cut, whole = [
        (body.points_px, body.confidences, body.world, body.clarity, body.mask().values(slice(0, 256), slice(0, 256)))
        for body in bodies
        if body is not None
    ]
    assert all(np.abs(one - other).max() <= ROUNDING for one, other in zip(cut, whole, strict=True))


def test_a_crop_beyond_the_picture_is_black_or_repeats_the_edge() -> None:
    """As it is asked for."""
    region = Region(x=0.0, y=40.0, side=32.0, angle=0.0)
    picture = np.full((80, 60, 3), 200, np.uint8)
    assert region.cut_square(picture, 16, border=cv2.BORDER_CONSTANT)[:, 0].max() == 0
    assert region.cut_square(picture, 16, border=cv2.BORDER_REPLICATE)[:, 0].min() == 200
