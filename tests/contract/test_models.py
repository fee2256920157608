"""Every model folder that ships loads and scores; a damaged copy of one is an error of one line that names the file."""

import hashlib
import json
import math
import shutil

import numpy as np
import pytest

from livecoach import landmark
from livecoach.anomaly import scoring
from livecoach.anomaly.skelemotion import JOINTS, SHAPE
from livecoach.bar.detector import Detector
from livecoach.bar.follower import DETECTED
from livecoach.config import exercise
from livecoach.config.paths import models_dir
from livecoach.counting import stage
from livecoach.errors import ModelError
from livecoach.model_files import model_folder

FOLDERS = sorted(path.parent for path in models_dir().glob("*/model.json"))
MAX_ENCODER = 1_000_000
"""Bytes."""


@pytest.fixture(params=FOLDERS, ids=lambda path: path.name)
def shipped(request):
    return request.param


@pytest.fixture
def copied(tmp_path):
    """A copy of a shipped folder, to damage."""
    return shutil.copytree(FOLDERS[0], tmp_path / "model")


def sealed(folder, name, content):
    """Put other content in a file of the folder, and its digest in model.json: only the content can be at fault."""
    (folder / name).write_bytes(content)
    card = json.loads((folder / "model.json").read_text())
    card["files"][name] = hashlib.sha256(content).hexdigest()
    (folder / "model.json").write_text(json.dumps(card))


def changed_card(folder, **changes):
    card = json.loads((folder / "model.json").read_text())
    (folder / "model.json").write_text(json.dumps({**card, **changes}))


def assert_error_names(folder, name):
    """Loading says in one line which file is at fault, and what to do."""
    with pytest.raises(ModelError) as caught:
        scoring.load(folder)
    message = str(caught.value)
    assert message.startswith(str(folder / name))
    assert "\n" not in message
    assert message.endswith((".", "?"))


def test_every_exercise_has_a_model():
    """What `configs/exercises` names is in `models`."""
    assert {exercise.load(name).model for name in exercise.names()} <= {folder.name for folder in FOLDERS}


def test_a_shipped_model_scores(shipped):
    """Any tensor gets a finite score."""
    scorer, card = scoring.load(shipped)
    tensor = np.random.default_rng(0).uniform(-1, 1, SHAPE).astype(np.float32)
    score = scorer.score(tensor)
    assert math.isfinite(score.value)
    assert score.value > 1  # noise is no rep
    assert len(score.joints) == scoring.TOP_JOINTS
    assert score.shares.shape == (SHAPE[0] // scoring.BLOCK, len(JOINTS))
    assert landmark.NAMES[JOINTS[score.shares.sum(0).argmax()]] == score.joints[0]
    assert card.tensor_shape == SHAPE
    stage.load(shipped / "stage.json")


def test_a_shipped_model_scores_the_same_twice(shipped):
    """To the bit, and in a scorer that was used before."""
    first, second = (scoring.load(shipped)[0] for _ in range(2))
    tensors = np.random.default_rng(1).uniform(-1, 1, (3, *SHAPE)).astype(np.float32)
    once = [first.score(tensor) for tensor in tensors]
    again = [second.score(tensor) for tensor in reversed(tensors)][::-1]
    assert [(score.value, score.joints) for score in again] == [(score.value, score.joints) for score in once]
    assert all(np.array_equal(a.shares, b.shares) for a, b in zip(again, once, strict=True))


def test_a_shipped_model_says_what_it_is(shipped):
    """Synthetic, of which data, by which command; and small."""
    card = model_folder.read(shipped)
    text = (shipped / "README.md").read_text()
    assert card.synthetic
    assert "synthetic motion only" in text
    assert card.training["command"] in text
    assert card.training["data"] in text
    assert (shipped / "encoder.tflite").stat().st_size <= MAX_ENCODER


@pytest.mark.parametrize("name", ["model.json", *model_folder.FILES])
def test_a_missing_file_is_named(copied, name):
    (copied / name).unlink()
    assert_error_names(copied, name)


@pytest.mark.parametrize("name", model_folder.FILES)
def test_a_changed_file_is_named(copied, name):
    content = bytearray((copied / name).read_bytes())
    content[len(content) // 2] ^= 1
    (copied / name).write_bytes(content)
    assert_error_names(copied, name)


@pytest.mark.parametrize("name", ["encoder.tflite", "decoder.tflite"])
@pytest.mark.parametrize("content", [b"", b"no network", bytes(1000)])
def test_what_is_no_network_is_named(copied, name, content):
    sealed(copied, name, content)
    assert_error_names(copied, name)


def test_half_a_network_is_named(copied):
    content = (copied / "encoder.tflite").read_bytes()
    sealed(copied, "encoder.tflite", content[: len(content) // 2])
    assert_error_names(copied, "encoder.tflite")


def test_a_network_of_another_shape_is_named(copied):
    sealed(copied, "encoder.tflite", (copied / "decoder.tflite").read_bytes())
    assert_error_names(copied, "encoder.tflite")


def test_a_card_of_another_shape_names_the_network(copied):
    changed_card(copied, tensor_shape=[10, 23, 3])
    assert_error_names(copied, "model.json")


def density(**changes):
    """Content of a kde.npz."""
    kept = {"points": np.zeros((5, 32)), "mean": np.zeros(32), "whitening": np.eye(32), "bandwidth": np.float64(0.5)}
    return {name: array for name, array in {**kept, **changes}.items() if array is not None}


@pytest.mark.parametrize(
    "changes",
    [
        {"points": None},
        {"points": np.zeros((5, 31))},
        {"points": np.zeros((0, 32))},
        {"mean": np.full(32, np.nan)},
        {"whitening": np.eye(31)},
        {"bandwidth": np.float64(0)},
        {"bandwidth": np.float64(np.nan)},
        {"bandwidth": np.float64(np.inf)},
        {"bandwidth": np.zeros(3)},
        {"points": np.array([[{"a": "pickled object"}]], dtype=object)},
    ],
    ids=lambda changes: f"{next(iter(changes))}-{np.shape(next(iter(changes.values())))}",
)
def test_a_wrong_density_is_named(copied, tmp_path, changes):
    """Missing, of another shape, not finite; and an object array, which loading as pickle could run code from."""
    np.savez(tmp_path / "wrong.npz", **density(**changes))
    sealed(copied, "kde.npz", (tmp_path / "wrong.npz").read_bytes())
    assert_error_names(copied, "kde.npz")


@pytest.mark.parametrize("share", [0.0, 0.3, 0.9])
def test_half_a_density_is_named(copied, share):
    content = (copied / "kde.npz").read_bytes()
    sealed(copied, "kde.npz", content[: int(len(content) * share)])
    assert_error_names(copied, "kde.npz")


def test_a_damaged_density_is_named(copied):
    """The archive's own checksum fails while its numbers are read."""
    content = bytearray((copied / "kde.npz").read_bytes())
    content[len(content) // 2] ^= 1
    sealed(copied, "kde.npz", bytes(content))
    assert_error_names(copied, "kde.npz")


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b"{}", b"\xff", b'{"format": 1}'],
    ids=["empty", "cut", "list", "none", "bytes", "few"],
)
def test_a_wrong_card_is_named(copied, content):
    (copied / "model.json").write_bytes(content)
    assert_error_names(copied, "model.json")


def test_a_newer_card_is_named(copied):
    changed_card(copied, format=2)
    assert_error_names(copied, "model.json")


@pytest.mark.parametrize(
    "changes",
    [
        {"limits": [{"false_alarms": 0.02, "log_density": -99.0, "reconstruction": 0}]},
        {"limits": [{"false_alarms": 0.02, "log_density": 1e9, "reconstruction": 1}]},
        {"limits": [{"false_alarms": share, "log_density": -999.0, "reconstruction": 1} for share in (0.02, 0.01)]},
        {"limits": []},
        {"factor": -1},
        {"origin": None},
    ],
)
def test_impossible_limits_are_named(copied, changes):
    card = json.loads((copied / "model.json").read_text())
    changed_card(copied, thresholds={**card["thresholds"], **changes})
    assert_error_names(copied, "model.json")


def test_no_folder_is_named(tmp_path):
    assert_error_names(tmp_path / "nothing", "model.json")


def test_the_shipped_bar_networks_load_and_a_damaged_one_is_named(tmp_path):
    """In one line, as those of an exercise."""
    folder = shutil.copytree(models_dir() / "bar", tmp_path / "bar")
    Detector(folder)
    (folder / "finder.tflite").write_bytes(b"x")
    with pytest.raises(ModelError, match=r"finder\.tflite: differs from the digest in bar\.json\. Restore") as caught:
        Detector(folder)
    assert "\n" not in str(caught.value)
    (folder / "bar.json").unlink()
    with pytest.raises(ModelError, match=r"bar\.json: can't be read"):
        Detector(folder)


def test_the_bar_networks_see_no_plate_in_an_empty_picture():
    """Of one colour, with somebody's landmarks in it."""
    points = np.full((landmark.COUNT, 2), 240.0)
    points[list(landmark.ANKLES), 1] = 400.0
    points[list(landmark.SHOULDERS), 1] = 100.0
    found = Detector().find(np.full((480, 640, 3), 120, np.uint8), points)
    assert found is not None
    assert found.probability < DETECTED
