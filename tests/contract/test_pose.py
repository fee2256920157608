"""What every pose estimator keeps to. A new one is found by listing, and fails here until it has a builder."""

import importlib
import inspect
import pkgutil
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from builders import onnx_networks
from builders.command import CLIPS

import livecoach.perception.pose
from livecoach.capture.opencv import cv2
from livecoach.core import landmark
from livecoach.core.config.paths import assets_dir
from livecoach.core.config.pose_models import BLAZEPOSE, CHOICE, MOVENET, ONNX
from livecoach.core.config.pose_models import NAMES as SHIPPED
from livecoach.core.errors import ModelError
from livecoach.perception.pose import Pose, PoseEstimator
from livecoach.perception.pose.blazepose import BlazePose
from livecoach.perception.pose.estimators import open_estimator
from livecoach.perception.pose.pose_lifter import BODY
from livecoach.perception.pose.top_down import Crop
from livecoach.perception.pose.top_down_networks import OnnxNetwork
from livecoach.perception.tracking.person import locate_person as located

BUILDERS: dict[str, dict[str, Callable[[Path], PoseEstimator]]] = {
    "BlazePose": {name: lambda _, name=name: BlazePose(name) for name in BLAZEPOSE},
    "PosturePoseEstimator": {"by_posture": lambda _: open_estimator("lite")},
    "TopDownEstimator": {
        MOVENET: lambda _: open_estimator(MOVENET),
        f"{ONNX}heat_maps_17": lambda folder: open_estimator(f"{ONNX}{onnx_networks.vit_like(folder)}"),
        f"{ONNX}simcc_26": lambda folder: open_estimator(f"{ONNX}{onnx_networks.simcc_like(folder)}"),
    },
}
"""Class → its models by name, each with a way to make it, given a folder for files."""
NAMES = [name for models in BUILDERS.values() for name in models]


def estimators() -> list[str]:
    """Every public class in `livecoach.perception.pose` that estimates and is no protocol."""
    names = set()
    for module in pkgutil.walk_packages(livecoach.perception.pose.__path__, "livecoach.perception.pose."):
        for name, found in inspect.getmembers(importlib.import_module(module.name), inspect.isclass):
            able = hasattr(found, "estimate") and not getattr(found, "_is_protocol", False)
            if able and found.__module__.startswith("livecoach.perception.pose"):
                names.add(name)
    return sorted(names)


def test_every_estimator_has_a_builder() -> None:
    assert estimators() == sorted(BUILDERS)


def test_every_model_that_ships_has_a_builder() -> None:
    """Those of the table in livecoach/core/config/pose_models.py."""
    assert [name for name in SHIPPED if name not in NAMES] == []


@pytest.mark.parametrize("name", SHIPPED)
def test_a_model_that_ships_opens_by_its_name(name) -> None:
    assert open_estimator(name).name == name


@pytest.fixture(
    scope="module",
    params=[make for models in BUILDERS.values() for make in models.values()],
    ids=[f"{name}-{model}" for name, models in BUILDERS.items() for model in models],
)
def make(request, tmp_path_factory) -> Callable[[], PoseEstimator]:
    folder = tmp_path_factory.mktemp("models")
    return lambda: request.param(folder)


@pytest.fixture
def estimator(make) -> PoseEstimator:
    return make()


@pytest.fixture(scope="module")
def person() -> np.ndarray:
    picture = cv2.imread(str(assets_dir() / "person.png"))
    assert picture is not None
    return picture


@pytest.fixture(scope="module")
def pose(make, person) -> Pose:
    """The person as a model sees it in the first picture. It says which model it is."""
    estimator = make()
    assert estimator.name in NAMES
    assert re.fullmatch(r"[0-9a-f]{64}", estimator.sha256)
    found = estimator.estimate(person, 0.0)
    assert found is not None
    return found


def test_a_person_has_33_landmarks(pose) -> None:
    for array, width in ((pose.landmarks, 5), (pose.world, 3)):
        assert (array.shape, array.dtype) == ((landmark.COUNT, width), np.float32)
        assert np.isfinite(array[list(BODY)]).all()
        assert not np.isinf(array).any()
    heights = [pose.landmarks[landmark.NAMES.index(name), 1] for name in ("nose", "left_hip", "left_ankle")]
    assert heights == sorted(heights)
    assert ((pose.landmarks[:, 3:] >= 0) & (pose.landmarks[:, 3:] <= 1)).all()


def test_left_is_the_persons_own_left(pose) -> None:
    left, right = (landmark.NAMES.index(f"{side}_shoulder") for side in ("left", "right"))
    assert pose.landmarks[left, 0] > pose.landmarks[right, 0]
    assert pose.world[left, 0] > pose.world[right, 0]


def test_an_estimator_counts_nobody_or_one_and_leaves_the_picture_as_it_was(estimator, person) -> None:
    for number, size in enumerate([(240, 320), (0, 0)]):
        assert estimator.estimate(np.zeros((*size, 3), np.uint8), number / 30) is None
        assert estimator.people_count == 0
    before = person.copy()
    found = [estimator.estimate(person, number / 30) for number in range(2, 5)]
    assert found[-1] is not None
    assert estimator.people_count == 1
    assert np.array_equal(before, person)


def test_frames_of_one_time_or_of_another_size_are_accepted(estimator, person) -> None:
    """Two frames of one stamp, as files have them; and frames of another size."""
    estimator.estimate(person, 1.0)
    assert estimator.estimate(person, 1.0) is not None
    estimator.estimate(np.ascontiguousarray(person[: person.shape[0] // 2]), 1.0)


def test_a_person_is_found_in_a_picture_of_any_width(estimator, person) -> None:
    for more in range(4):
        wider = np.ascontiguousarray(np.pad(person, ((0, 0), (0, more), (0, 0)), mode="edge"))
        pose = estimator.estimate(wider, more / 30)
        assert pose is not None
        assert pose.mask is None or pose.mask.size_px == wider.shape[1::-1]
        assert 0.2 < pose.landmarks[0, 0] < 0.8


def test_the_same_pictures_give_the_same_landmarks(make, person) -> None:
    """To the bit, from two that were made alike: a recording can be judged again."""
    first, second = make(), make()
    for number in range(3):
        shifted = np.ascontiguousarray(np.roll(person, 3 * number, axis=1))
        one, other = first.estimate(shifted, number / 30), second.estimate(shifted, number / 30)
        assert np.array_equal(one.landmarks, other.landmarks, equal_nan=True)
        assert np.array_equal(one.world, other.world, equal_nan=True)


def test_the_error_about_an_unknown_pose_model_names_the_known_ones() -> None:
    with pytest.raises(ModelError, match=CHOICE):
        open_estimator("medium")


def test_a_landmark_that_is_not_given_is_nan_and_not_visible(pose) -> None:
    """In the picture and in the world alike, but for eyes and ears: the picture alone tells where they are."""
    given = np.isfinite(pose.landmarks[:, :2]).all(1)
    assert (pose.landmarks[~given, 3:] == 0).all()
    assert not np.isfinite(pose.world[~given]).any()


def heights_m(estimator: PoseEstimator, picture: np.ndarray) -> list[float | None]:
    """How high the shoulders are over the ankles in each of four looks at a picture; None where nobody is seen."""
    poses = [estimator.estimate(picture, k / 30) for k in range(4)]
    aspect = picture.shape[1] / picture.shape[0]
    return [None if pose is None else located(pose.landmarks, pose.world, aspect).height_m for pose in poses]


def test_a_standing_lifter_is_not_seen_upside_down(estimator) -> None:
    """BlazePose turns this (rendered) lifter around, who is seen from the side, and stays at it."""
    picture = cv2.imread(str(CLIPS / "from_the_side.jpg"))
    first, *_, last = heights_m(estimator, picture)
    assert first is None or first > 0
    assert last is not None
    assert last > 1.0


def test_an_onnx_network_gets_red_green_and_blue_in_the_order_of_its_training(tmp_path) -> None:
    """By ImageNet's means and deviations. This network sees somebody in a picture of one colour alone."""
    blue, green, red = 40, 90, 200
    seen = (np.array([red, green, blue]) - (123.675, 116.28, 103.53)) / (58.395, 57.12, 57.375)
    path = onnx_networks.write(tmp_path / "n.onnx", {"heatmap": onnx_networks.heat_maps()}, colour=seen)
    network, whole = OnnxNetwork(path), Crop(left=0.0, top=0.0, width=300.0, height=400.0)
    for colour, is_seen in (((blue, green, red), True), ((red, green, blue), False), ((blue, green, red - 2), False)):
        assert (network.find_keypoints(np.full((400, 300, 3), colour, np.uint8), whole).confidence > 0.8) == is_seen
