"""Every model folder that ships loads and judges; a damaged copy of one is an error of one line that names the file."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from livecoach.core import landmark
from livecoach.core.config import exercise
from livecoach.core.config.paths import models_dir
from livecoach.core.errors import ModelError
from livecoach.core.model_files import model_folder
from livecoach.core.model_files.model_folder import read_model_json
from livecoach.decisions.counting.body_reader import StageModel
from livecoach.decisions.judging.fault_model import CENTRES_DEG
from livecoach.decisions.judging.scorer import DIGESTED, Scorer, load_scorer
from livecoach.decisions.rep.measures import load_faults
from livecoach.decisions.rep.view_normalised import TRAJECTORY_SHAPE
from livecoach.perception.bar.detector import PlateDetector
from livecoach.perception.bar.follower import DETECTED

FOLDERS = sorted(path.parent for path in models_dir().glob("*/model.json"))
DAMAGED = models_dir() / "deadlift"
"""The folder of which copies are damaged."""
MAX_BYTES = 2_000_000
"""Of the files of one exercise, without what counts."""


def load(folder: Path) -> Scorer:
    """Load a folder as the pipeline does: the scorer with its own digests, then the card with all of them."""
    scorer = load_scorer(folder, load_faults(DAMAGED.name if folder.name == "model" else folder.name))
    model_folder.read_model_card(folder)
    return scorer


@pytest.fixture(params=FOLDERS, ids=lambda path: path.name)
def shipped(request):
    return request.param


@pytest.fixture
def copied(tmp_path):
    return shutil.copytree(DAMAGED, tmp_path / "model")


def assert_error_names(folder, name):
    """Loading says in one line which file is at fault, and what to do."""
    with pytest.raises(ModelError) as caught:
        load(folder)
    message = str(caught.value)
    assert message.startswith(str(folder / name))
    assert "\n" not in message
    assert message.endswith((".", "?"))


def test_every_exercise_has_a_model():
    assert {exercise.load(name).model for name in exercise.names()} <= {folder.name for folder in FOLDERS}


def test_a_shipped_model_encodes_what_a_human_does(shipped):
    scorer = load(shipped)
    everybody = scorer.population.mean
    noise = 3 * np.random.default_rng(0).normal(size=TRAJECTORY_SHAPE)
    usual, strange = (scorer.encoder.decoding_error(points) for points in (everybody, noise))
    assert usual < scorer.decoder_error < strange
    read_model_json(shipped / "stage.json", StageModel)


def test_a_rep_without_a_change_is_under_every_fault_limit(shipped):
    model = load(shipped).faults
    latent, readings = (
        np.zeros(len(model.function.scale) - 2 - 2 * len(model.measures)),
        np.zeros(2 + 2 * len(model.measures)),
    )
    for azimuth_deg in CENTRES_DEG:
        assert (model.amounts(latent, readings, azimuth_deg) < model.limits).all()


def test_each_shipped_limit_tightens_with_more_false_alarms(shipped):
    table = load_faults(shipped.name)
    strict, usual, loose = (load_scorer(shipped, table, share) for share in (0.005, 0.02, 0.1))
    assert strict.limits["set"] > usual.limits["set"] > loose.limits["set"]
    assert usual.limits["session"] > usual.limits["set"]
    assert (strict.faults.limits >= loose.faults.limits).all()


def test_a_shipped_model_encodes_the_same_twice(shipped):
    first, second = (load(shipped).encoder for _ in range(2))
    points = np.random.default_rng(1).normal(size=(3, *TRAJECTORY_SHAPE))
    once = [first.encode(one) for one in points]
    again = [second.encode(one) for one in points[::-1]][::-1]
    assert all(np.array_equal(one, other) for one, other in zip(once, again, strict=True))


def test_a_shipped_model_says_what_it_is(shipped):
    card = model_folder.read_model_card(shipped)
    text = (shipped / "README.md").read_text()
    assert ("synthetic motion only" in text) == card.synthetic
    assert ("UI-PRMD" in text) == (not card.synthetic)
    assert card.made["scorer.json"].command in text
    assert set(card.made) == {"stage.json", "lift.json", "boundaries.json", "scorer.json"}
    assert sum((shipped / name).stat().st_size for name in DIGESTED) <= MAX_BYTES


@pytest.mark.parametrize("name", ["model.json", "scorer.json", *DIGESTED, "README.md"])
def test_the_error_names_a_missing_file_of_a_model(copied, name):
    (copied / name).unlink()
    assert_error_names(copied, name)


@pytest.mark.parametrize("name", [*DIGESTED, "stage.json", "README.md"])
def test_the_error_names_a_changed_file_of_a_model(copied, name):
    content = bytearray((copied / name).read_bytes())
    content[len(content) // 2] ^= 1
    (copied / name).write_bytes(content)
    assert_error_names(copied, name)


def test_the_error_for_a_missing_model_folder_names_its_scorer(tmp_path):
    assert_error_names(tmp_path / "model", "scorer.json")


def test_the_shipped_bar_networks_load_and_a_damaged_one_is_named(tmp_path):
    folder = shutil.copytree(models_dir() / "bar", tmp_path / "bar")
    PlateDetector(folder)
    (folder / "finder.tflite").write_bytes(b"x")
    with pytest.raises(ModelError, match=r"finder\.tflite: differs from the digest in bar\.json\. Restore") as caught:
        PlateDetector(folder)
    assert "\n" not in str(caught.value)
    (folder / "bar.json").unlink()
    with pytest.raises(ModelError, match=r"bar\.json: can't be read"):
        PlateDetector(folder)


def test_the_bar_networks_see_no_plate_in_an_empty_picture():
    points = np.full((landmark.COUNT, 2), 240.0)
    points[list(landmark.ANKLES), 1] = 400.0
    points[list(landmark.SHOULDERS), 1] = 100.0
    detector, picture = PlateDetector(), np.full((480, 640, 3), 120, np.uint8)
    found = detector.find_plate(picture, points)
    assert found is not None
    assert detector.refine(picture, found).probability < DETECTED
    assert detector.find_plate(picture, points / 40) is None, "so small a lifter has no plate that can be seen"
